package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cases/corpus"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// width of the screen that a score fits on.
const width = 120

// columns writes short texts side by side.
func columns(w io.Writer, cells []string) {
	widest := 0
	for _, c := range cells {
		widest = max(widest, len(c))
	}
	n := max(1, (width-2)/(widest+2))
	rows := (len(cells) + n - 1) / n
	for r := range rows {
		var b strings.Builder
		for i := r; i < len(cells); i += rows {
			fmt.Fprintf(&b, "  %-*s", widest, cells[i])
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

// showUnit shows the unit vectors; a file that no test has claimed has none.
func showUnit(w io.Writer, h harvest, names []string, count map[string]int) {
	var sum tally
	var cells []string
	whole := 0
	for _, name := range names {
		t := h.vectors[name]
		sum.passed += t.passed
		sum.inapplicable += t.inapplicable
		sum.total += count[name]
		if t.passed+t.inapplicable == count[name] && t.total == count[name] {
			whole++
			continue
		}
		cell := fmt.Sprintf("%s %d/%d", name, t.passed, count[name])
		if t.total != count[name] {
			cell += fmt.Sprintf(" (%d told)", t.total)
		}
		cells = append(cells, cell)
	}
	fmt.Fprintf(w, "Unit vectors: %d/%d passed, %d inapplicable; %d/%d files whole", sum.passed, sum.total, sum.inapplicable, whole, len(names))
	if len(cells) > 0 {
		fmt.Fprint(w, ", the others:")
	}
	fmt.Fprintln(w)
	columns(w, cells)
}

// showTests shows which packages' tests fail, and figures.
func showTests(w io.Writer, h harvest) {
	for _, p := range h.failed {
		fmt.Fprintln(w, "  tests fail in", p)
	}
	for _, f := range h.figures {
		fmt.Fprintln(w, "  "+f)
	}
}

// showVectors shows the resolver cases: by what the cases demand and by all
// that Portage answered.
func showVectors(w io.Writer, r *resolvertest.Report, took time.Duration, verbose bool) {
	total := r.Total()
	fmt.Fprintf(w, "Resolver cases: %v as the tests demand, %v exactly as Portage, in %.1f s", total.Counts[resolvertest.AgainstExpected],
		total.Counts[resolvertest.AgainstActual], took.Seconds())
	var cells []string
	whole, areas := 0, r.Areas()
	for _, a := range areas {
		e, c := a.Counts[resolvertest.AgainstExpected], a.Counts[resolvertest.AgainstActual]
		if e.Passed == e.Total && c.Passed == c.Total {
			whole++
			continue
		}
		cells = append(cells, fmt.Sprintf("%s %v %v", strings.TrimPrefix(a.Area, "test_"), e, c))
	}
	fmt.Fprintf(w, "; %d/%d areas whole", whole, len(areas))
	if len(cells) > 0 {
		fmt.Fprint(w, ", the others (demanded, exact):")
	}
	fmt.Fprintln(w)
	columns(w, shorten(cells))
	cells = nil
	for _, k := range r.Keys() {
		if k.Passed < k.Total {
			cells = append(cells, k.Key+" "+k.String())
		}
	}
	if len(cells) > 0 {
		fmt.Fprintln(w, "  exact by key of the answer:")
		columns(w, cells)
	}
	if verbose {
		for _, o := range r.Failed() {
			fmt.Fprintf(w, "  %s: %s: %s\n", o.ID(), o.Request(), first(o.Differences()))
		}
	}
}

// shorten cuts long names so that three columns fit on the screen.
func shorten(cells []string) []string {
	const most = width/3 - 2
	out := make([]string, len(cells))
	for i, c := range cells {
		name, counts, _ := strings.Cut(c, " ")
		if over := len(c) - most; over > 0 && over < len(name)-1 {
			name = name[:len(name)-over-1] + "~"
		}
		out[i] = name + " " + counts
	}
	return out
}

func first(l []string) string {
	if len(l) == 0 {
		return ""
	}
	text, _, more := strings.Cut(l[0], "\n")
	if more || len(l) > 1 {
		text += " ..."
	}
	return text
}

// showFlatcar shows the recorded answers by aspect.
func showFlatcar(w io.Writer, r *corpus.Report, verbose bool) {
	fmt.Fprintf(w, "Flatcar answers: %v matched in every aspect but text (circular ones: %v), of %d requests", r.Matched(false), r.Matched(true), len(r.Outcomes))
	if n := r.CutOff(); n > 0 {
		fmt.Fprintf(w, ", %d of them cut off", n)
	}
	fmt.Fprintln(w)
	var cells []string
	for _, a := range corpus.Aspects() {
		if c := r.Aspect(a); c.Total > 0 {
			cells = append(cells, fmt.Sprintf("%-12s %v", a, c))
		}
	}
	columns(w, cells)
	var ours, theirs float64
	for _, o := range r.Outcomes {
		if o.Answer != nil && o.Err == nil {
			ours += o.Seconds
			theirs += o.Answer.Seconds.Process
		}
	}
	if ours > 0 {
		fmt.Fprintf(w, "  time of these calls: %.1f s in this process; Portage took %.1f s on the machine that recorded\n", ours, theirs)
	}
	if verbose {
		for _, o := range r.Outcomes {
			if !o.Matched() {
				fmt.Fprintf(w, "  %s: %s\n", o.Request.ID, strings.Join(o.First(3), "; "))
			}
		}
	}
}
