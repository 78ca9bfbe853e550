package regen

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/refresh"
)

// A reporter tells what becomes of the ebuilds of one repository: errors on
// standard error, lines of JSON on standard output, progress on a terminal.
type reporter struct {
	front      *front
	repository *ebuild.Repository
	bar        *progressbar.ProgressBar
	err        error // of writing
}

func newReporter(f *front, r *ebuild.Repository) *reporter { return &reporter{front: f, repository: r} }

// redraw is the least time between two states of the bar.
const redraw = 100 * time.Millisecond

// progress shows how many ebuilds are done.
func (r *reporter) progress(done, total int) {
	if !r.front.env.ErrTerminal || r.front.options.json {
		return
	}
	if r.bar == nil {
		r.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(r.front.env.Err), progressbar.OptionSetDescription(r.repository.Name),
			progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("ebuilds"),
			progressbar.OptionThrottle(redraw), progressbar.OptionClearOnFinish(), progressbar.OptionFullWidth(),
		)
	}
	_ = r.bar.Set(done) // a terminal that is gone shows nothing
}

// close takes the bar away.
func (r *reporter) close() {
	if r.bar != nil {
		_ = r.bar.Finish() // as above
	}
}

// report tells of one ebuild.
func (r *reporter) report(result *refresh.Result) {
	if r.front.options.json {
		r.err = errors.Join(r.err, writeEbuild(r.front.env.Out, r.repository, result))
	}
	if result.Status != refresh.Failed {
		return
	}
	if r.bar != nil {
		_ = r.bar.Clear() // as above
	}
	cpv := result.Ebuild.CPV
	switch {
	case result.WriteErr != nil:
		r.front.complain("%s writing target: %s", cpv, result.WriteErr)
		if !r.front.options.tolerant {
			r.front.fail(cli.StatusFailure)
		}
	case r.front.options.json:
	default:
		r.front.complain("%s", describe(result).text(cpv.String()))
		if r.front.program == egencache {
			r.front.complain("Error processing %s with returncode 1, continuing...", cpv)
		}
	}
}

// summary tells what was done: a sentence on a terminal, else columns.
func (r *reporter) summary(s *refresh.Summary) error {
	if r.front.options.json {
		return writeRepository(r.front.env.Out, r.repository, s)
	}
	if r.front.options.quiet {
		return nil
	}
	total := 0
	for _, n := range s.Count {
		total += n
	}
	if !r.front.env.OutTerminal {
		columns := []string{r.repository.Name, fmt.Sprint(total)}
		for status := range refresh.Failed + 1 {
			columns = append(columns, fmt.Sprint(s.Count[status]))
		}
		_, err := fmt.Fprintf(r.front.env.Out, "%s\t%d\n", strings.Join(columns, "\t"), len(s.Removed))
		return err
	}
	var parts []string
	for status := range refresh.Failed + 1 {
		if n := s.Count[status]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, status))
		}
	}
	if n := len(s.Removed); n > 0 {
		parts = append(parts, fmt.Sprintf("%d entries removed", n))
	}
	_, err := fmt.Fprintf(r.front.env.Out, "%s: %d ebuilds: %s\n", r.repository.Name, total, strings.Join(parts, ", "))
	return err
}
