package quickpkg

import (
	"fmt"
	"io"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/cli"
)

// A printer writes lines as Portage's tools do: results to the output, warnings and
// errors to the error stream.
// Like them it colours whoever looks, unless NO_COLOR is set.
type printer struct {
	out, err io.Writer
	plain    bool
	width    int // of what begin wrote
}

func newPrinter(env *cli.Env) *printer {
	return &printer{out: env.Out, err: env.Err, plain: env.Vars["NO_COLOR"] != ""}
}

// Colours as a terminal takes them.
const (
	darkGreen = "32"
	green     = "32;01"
	yellow    = "33;01"
	red       = "31;01"
	blue      = "34;01"
)

func (p *printer) paint(code, text string) string {
	if p.plain {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[39;49;00m"
}

// columns is where the status of a line ends.
const columns = 80

func (p *printer) line(text string)  { fmt.Fprintln(p.out, text) }
func (p *printer) info(text string)  { fmt.Fprintf(p.out, "%s%s\n", p.paint(darkGreen, " * "), text) }
func (p *printer) warn(text string)  { fmt.Fprintf(p.err, "%s%s\n", p.paint(yellow, " * "), text) }
func (p *printer) error(text string) { fmt.Fprintf(p.err, "%s%s\n", p.paint(red, " * "), text) }

// begin tells what is being done.
func (p *printer) begin(text string) {
	text += " ..."
	p.width = len(" * " + text)
	fmt.Fprint(p.out, p.paint(darkGreen, " * ")+text)
}

// end tells how it ended.
func (p *printer) end(ok bool) {
	word := p.paint(green, "ok")
	if !ok {
		word = p.paint(red, "!!")
	}
	fmt.Fprintf(p.out, "%s%s%s%s\n", strings.Repeat(" ", max(columns-p.width-len("[ ok ]")-1, 0)), p.paint(blue, "[ "), word, p.paint(blue, " ]"))
}
