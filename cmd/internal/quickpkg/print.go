package quickpkg

import (
	"fmt"
	"io"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/cli"
)

// A printer writes lines as Portage's tools do: results to the output, warnings and
// errors to the error stream.
type printer struct {
	out, err io.Writer
	width    int // of what begin wrote
}

func newPrinter(env *cli.Env) *printer { return &printer{out: env.Out, err: env.Err} }

// columns is where the status of a line ends.
const columns = 80

func (p *printer) line(text string)  { fmt.Fprintln(p.out, text) }
func (p *printer) info(text string)  { fmt.Fprintf(p.out, " * %s\n", text) }
func (p *printer) warn(text string)  { fmt.Fprintf(p.err, " * %s\n", text) }
func (p *printer) error(text string) { fmt.Fprintf(p.err, " * %s\n", text) }

// begin tells what is being done.
func (p *printer) begin(text string) {
	text = " * " + text + " ..."
	p.width = len(text)
	fmt.Fprint(p.out, text)
}

// end tells how it ended.
func (p *printer) end(ok bool) {
	status := "[ ok ]"
	if !ok {
		status = "[ !! ]"
	}
	fmt.Fprintf(p.out, "%s%s\n", strings.Repeat(" ", max(columns-p.width-len(status)-1, 0)), status)
}
