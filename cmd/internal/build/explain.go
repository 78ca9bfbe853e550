package build

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/tumpline/tumpline/ebuild/bash"
	"github.com/tumpline/tumpline/merge/course"
	"github.com/tumpline/tumpline/merge/phase"
)

// Explain tells how a build failed: the message, where in the ebuild or eclass that
// was, with the line itself, what was printed last, and where to look further.
func Explain(w io.Writer, err error) {
	var f *course.Failure
	if !errors.As(err, &f) {
		line(w, "!!! %v", err)
		return
	}
	var b strings.Builder
	var p *phase.Error
	if errors.As(f.Err, &p) {
		fmt.Fprintf(&b, "!!! %s: %s phase failed: %s\n", f.CPV, f.Phase, p.Message)
		calls(&b, p)
		for _, h := range p.Undeclared {
			fmt.Fprintf(&b, "!!! not declared: %s owns %s\n", h.Owner, h.Path)
		}
	} else {
		fmt.Fprintf(&b, "!!! %s: %s phase failed: %s\n", f.CPV, f.Phase, strings.TrimPrefix(f.Err.Error(), fmt.Sprintf("%s: %s phase: ", f.CPV, f.Phase)))
	}
	if len(f.Tail) > 0 {
		b.WriteString("!!! last lines of its output:\n")
		for _, l := range f.Tail {
			fmt.Fprintf(&b, "    | %s\n", l)
		}
	}
	if f.Log != "" {
		fmt.Fprintf(&b, "!!! build log: %s\n", f.Log)
	}
	fmt.Fprintf(&b, "!!! build directory: %s\n", f.Dir)
	line(w, "%s", strings.TrimSuffix(b.String(), "\n"))
}

// calls shows the functions under way, innermost first, with the lines that they
// were at.
func calls(b *strings.Builder, p *phase.Error) {
	shown := 0
	for _, c := range p.Calls {
		if c.File == "" || c.File == bash.SourceName {
			continue
		}
		fmt.Fprintf(b, "!!!   %s:%d, in %s\n", c.File, c.Line, c.Function)
		if text := sourceLine(c.File, c.Line); text != "" {
			fmt.Fprintf(b, "        %s\n", text)
		}
		shown++
	}
	if shown == 0 && p.Function != "" {
		fmt.Fprintf(b, "!!!   in the command %s, run in %s\n", p.Function, p.Dir)
	}
}

// maxSourceLine bounds what is shown of a line of an ebuild.
const maxSourceLine = 200

// sourceLine gives a line of a file without its indentation; "" if it has none such.
func sourceLine(file string, number int) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		if n == number {
			text := strings.TrimSpace(lines.Text())
			return text[:min(len(text), maxSourceLine)]
		}
	}
	return ""
}
