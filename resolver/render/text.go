package render

import (
	"io"
	"strings"
)

// Text writes a report as emerge does: the list to out, problems to err, in
// the order in which they belong together on a terminal. It returns the first
// error of a writer.
func Text(out, err io.Writer, r *Report, o Options) error {
	s := &screen{out: out, err: err, o: o, r: r}
	if r.ShowList {
		s.list()
	}
	s.problems()
	return s.failed
}

// A screen is where a report is written to.
type screen struct {
	out, err io.Writer
	o        Options
	r        *Report
	listed   bool
	failed   error
}

// print writes to standard output, complain to standard error.
func (s *screen) print(text string)    { s.write(s.out, text) }
func (s *screen) complain(text string) { s.write(s.err, text) }

func (s *screen) write(w io.Writer, text string) {
	if s.failed == nil && text != "" {
		_, s.failed = io.WriteString(w, text)
	}
}

// list prints the list unless it was printed or does not exist.
func (s *screen) list() {
	if s.listed || s.r.List == nil {
		return
	}
	s.listed = true
	s.print(s.o.listText(s.r.List, s.r.Graph))
}

// List returns the list with its totals, and nothing else, as emerge prints it.
func List(items []Item, graph *Graph, o Options) string {
	return o.listText(items, graph)
}

// problems writes the blocks in their order (O59).
func (s *screen) problems() {
	p := &s.r.Problems
	if p.Circular != nil {
		s.circular(p.Circular)
	}
	if p.SlotConflicts != nil {
		s.list()
		s.complain(p.SlotConflicts.Text(s.o))
	}
	if p.Blocked != nil {
		s.list()
		s.complain(p.Blocked.Text(s.o))
	}
	if p.Skipped != nil {
		s.skipped(p.Skipped)
	}
	s.print(RebuildsText(p.Rebuilds, s.o))
	if p.IgnoredBinaries != nil && !s.o.Quiet {
		s.list()
		s.complain(p.IgnoredBinaries.Text(s.o))
	}
	s.complain(ChangedDepsText(p.ChangedDeps, s.o))
	if p.Autounmask != nil {
		s.autounmask(p.Autounmask)
	}
	for _, e := range p.SetErrors {
		s.complain(e + "\n")
	}
	s.arguments(p)
	for i := range p.Unsatisfied {
		s.complain(p.Unsatisfied[i].Text(s.o))
	}
	if p.DepsNeeded != nil {
		s.list()
		s.complain(p.DepsNeeded.Text(s.o))
	}
}

// circular writes the list of a circular dependency between its two halves.
// What follows is shown as with --verbose --tree and without --quiet.
func (s *screen) circular(c *Circular) {
	s.o.Quiet, s.o.Verbose, s.o.Tree = false, true, true
	s.complain("\n\n")
	s.print(s.o.listText(c.List, s.r.Graph))
	s.complain(c.Text(s.o))
}

// skipped writes the two sorts of skipped updates.
func (s *screen) skipped(k *Skipped) {
	if s.o.Quiet {
		return
	}
	if len(k.Conflicts) > 0 {
		s.list()
		s.complain(k.conflictText(&s.o))
	}
	if len(k.Unsatisfied)+len(k.Backtracked) > 0 {
		s.list()
		s.complain(k.unsatisfiedText(&s.o))
	}
}

// autounmask writes the changes; the list comes first if there are any.
func (s *screen) autounmask(a *Autounmask) {
	if len(a.Roots) > 0 {
		s.list()
	}
	s.complain(a.Text(s.o))
}

// arguments writes what is to be said about arguments and masked packages.
func (s *screen) arguments(p *Problems) {
	if p.Missing != nil {
		s.complain(p.Missing.Text(s.o))
	}
	s.complain(ProvidedText(p.Provided, s.o))
	s.complain(MaskedUpdatesText(p.MaskedUpdates, s.o))
	s.complain(MaskedInstalledText(p.MaskedInstalled, s.o))
}

// wrap breaks text at blanks into lines of at most width bytes, as far as its
// words allow. Double blanks within a line stay.
func wrap(text string, width int) []string {
	var lines []string
	line, gap := "", ""
	for word := range strings.SplitSeq(text, " ") {
		switch {
		case word == "":
			gap += " "
			continue
		case line == "":
			line = word
		case len(line)+len(gap)+len(word) <= width:
			line += gap + word
		default:
			lines = append(lines, line)
			line = word
		}
		gap = " "
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}
