package render

import (
	"strings"

	"github.com/tumpline/tumpline/resolver/plan"
)

// totals counts what the list holds (O54).
type totals struct {
	upgrades, downgrades, fresh, newSlots, reinstalls int
	binaries, uninstalls, interactive                 int
	blocks, satisfied                                 int // blockers
	restricted, present                               int // fetch restrictions
	bytes                                             int64
}

// count adds a line; the fillers of trees do not count.
func (t *totals) count(l *line) {
	if !l.ordered {
		return
	}
	t.countStatus(l)
	if l.merging() && l.Origin == plan.OriginBinary {
		t.binaries++
	}
	if l.Operation == Unmerge {
		t.uninstalls++
	}
	if l.restricted() {
		t.restricted++
		if l.Fetch == plan.FetchPresent {
			t.present++
		}
	}
	if l.Interactive && l.Operation == Merge {
		t.interactive++
	}
}

// countStatus counts what the line is compared with what is installed. Only
// reinstallations ask whether there is a merge at all, as in Portage.
func (t *totals) countStatus(l *line) {
	switch l.Status {
	case plan.StatusUpdate:
		t.upgrades++
	case plan.StatusDowngrade:
		t.downgrades++
	case plan.StatusNew:
		t.fresh++
	case plan.StatusNewSlot:
		t.newSlots++
	case plan.StatusReinstall:
		if l.merging() {
			t.reinstalls++
		}
	}
}

// text returns the lines from "Total:" on, without a newline at the end.
func (t *totals) text(o *Options) string {
	n := t.upgrades + t.downgrades + t.newSlots + t.fresh + t.reinstalls
	parts := strings.Join(t.parts(o), ", ")
	if n != 0 {
		parts = " (" + parts + ")"
	}
	s := "Total: " + counted(n, "package", "s") + parts + ", Size of downloads: " + o.size(t.bytes)
	if t.restricted > 0 {
		s += "\nFetch Restriction: " + counted(t.restricted, "package", "s")
	}
	if open := t.restricted - t.present; open > 0 {
		s += o.paint("BAD", " ("+itoa(open)+" unsatisfied)")
	}
	if t.blocks == 0 {
		return s
	}
	s += "\nConflict: " + counted(t.blocks, "block", "s")
	if open := t.blocks - t.satisfied; open > 0 {
		return s + o.paint("BAD", " ("+itoa(open)+" unsatisfied)")
	}
	return s + " (all satisfied)"
}

// parts returns the numbers that are not 0.
func (t *totals) parts(o *Options) []string {
	var parts []string
	add := func(n int, what, plural string) {
		if n > 0 {
			parts = append(parts, counted(n, what, plural))
		}
	}
	add(t.upgrades, "upgrade", "s")
	add(t.downgrades, "downgrade", "s")
	add(t.fresh, "new", "")
	add(t.newSlots, "in new slot", "s")
	add(t.reinstalls, "reinstall", "s")
	if t.binaries > 1 {
		add(t.binaries, "binaries", "")
	} else {
		add(t.binaries, "binary", "")
	}
	add(t.uninstalls, "uninstall", "s")
	add(t.interactive, o.paint("WARN", "interactive"), "")
	return parts
}

// counted returns "1 block" or "2 blocks".
func counted(n int, what, plural string) string {
	if n == 1 {
		plural = ""
	}
	return itoa(n) + " " + what + plural
}
