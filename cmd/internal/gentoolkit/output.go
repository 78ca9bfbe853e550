// Package gentoolkit is what the tools of gentoolkit share: how they write and colour
// their text, how they find the packages that a query means, and what they say about
// a package. It refuses to know what any of the tools is for.
//
// Queries are those of equery(1): an atom, a name without category, a shell pattern, a
// regular expression or a set. Packages are found and compared by the text of
// CATEGORY/PF, as those tools do: a package that is installed and has an ebuild is one.
package gentoolkit

import (
	"fmt"
	"io"
	"strings"
)

// chunk is how much text Python's text layer holds back at most, in bytes.
const chunk = 8192

// An Output is the standard output of one tool. The original tools write some lines
// through Python's text layer and others past it, so that without a terminal the
// former come later than their turn: at the end, or when there are too many. Scripts
// see that order, so it is kept. On a terminal everything comes in its turn.
//
// Errors of writing are kept for Close.
type Output struct {
	w        io.Writer
	terminal bool
	held     strings.Builder
	err      error
}

// NewOutput makes an output that writes to w. terminal says if it is one.
func NewOutput(w io.Writer, terminal bool) *Output { return &Output{w: w, terminal: terminal} }

// Line writes a line at once.
func (o *Output) Line(line string) { o.Raw(line + "\n") }

// Raw writes text at once.
func (o *Output) Raw(text string) {
	if o.err == nil {
		_, o.err = io.WriteString(o.w, text)
	}
}

// Print writes a line through the text layer.
func (o *Output) Print(line string) {
	o.hold(line)
	o.hold("\n")
}

// Printf is Print with a format.
func (o *Output) Printf(format string, args ...any) { o.Print(fmt.Sprintf(format, args...)) }

func (o *Output) hold(text string) {
	if o.terminal {
		o.Raw(text)
		return
	}
	if o.held.Len() > 0 && o.held.Len()+len(text) > chunk {
		o.flush()
	}
	o.held.WriteString(text)
	if o.held.Len() >= chunk {
		o.flush()
	}
}

func (o *Output) flush() {
	o.Raw(o.held.String())
	o.held.Reset()
}

// Close writes what is held back, and gives the first error of writing.
func (o *Output) Close() error {
	o.flush()
	return o.err
}

// Version is what the tools say their version is: gentoolkit has it put in when it is
// installed, and the behaviour here is that of one that was not.
const Version = "@VERSION@"
