package emerge

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/resolver/plan"
)

// A jobsLine is what emerge's line about jobs tells. Portage prints the line when
// complete, failed or running change, and again after each message; how many wait to
// be merged shows with whatever comes next.
type jobsLine struct {
	complete, running, failed, waiting int
}

// text is the line, with the number of all packages.
func (j jobsLine) text(total int) string {
	text := fmt.Sprintf("Jobs: %d of %d complete", j.complete, total)
	for _, part := range []struct {
		n    int
		what string
	}{{j.running, "running"}, {j.failed, "failed"}, {j.waiting, "merge wait"}} {
		if part.n > 0 {
			text += fmt.Sprintf(", %d %s", part.n, part.what)
		}
	}
	load := "unknown"
	if list := loadAverages(); len(list) > 0 {
		load = strings.Join(list, ", ")
	}
	return fmt.Sprintf(">>> %-48sLoad avg: %s", text, load)
}

// printsJobs says if the line about jobs is printed: a terminal has a live line.
func (p *progress) printsJobs() bool {
	l := p.run.line
	return p.background && !p.env.ErrTerminal && (!l.Has("--quiet") || l.Has("--verbose"))
}

// job changes the line about jobs, and prints it.
func (p *progress) job(change func(*jobsLine)) {
	change(&p.jobs)
	if p.printsJobs() {
		p.line(p.jobs.text(p.total()))
		p.displayed = true
	}
}

// total is how many packages are merged, as far as is known.
func (p *progress) total() int {
	if p.counts.Total > 0 {
		return p.counts.Total
	}
	return p.merges
}

// message prints a line about the run. What phases print is set off from it, and the
// line about jobs stays last.
func (p *progress) message(text string) {
	if !p.background {
		text = "\n" + text
	}
	p.line(text)
	if p.displayed {
		p.line(p.jobs.text(p.total()))
	}
}

// tellVerifying tells that the manifests of what is built are verified.
func (r *run) tellVerifying(p *plan.Plan, show *progress) {
	built := slices.ContainsFunc(p.Steps, func(s plan.Step) bool {
		return s.Operation == plan.OpMerge && s.Origin != plan.OriginBinary
	})
	text := ">>> Verifying ebuild manifests"
	switch {
	case !built || !r.feature("strict") || r.line.Has("--fetchonly") || r.line.Has("--fetch-all-uri"):
		r.release()
	case show.background && !r.env.OutTerminal:
		// Portage writes it past the buffer that has the line before it.
		show.line(text)
		r.release()
	default:
		r.release()
		show.message(text)
	}
}

// hold keeps a text back until something is shown: see tellVerifying.
func (r *run) hold(text string) { r.held += text }

// release writes what was kept back.
func (r *run) release() {
	text := r.held
	r.held = ""
	_, _ = io.WriteString(r.env.Out, text) // an error of writing comes when it is flushed
}
