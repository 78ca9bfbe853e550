package complete

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/sat"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// steady returns a plan in which nothing leans on an installed package that the
// plan breaks and only later replaces. Portage's order takes a dependency that
// something installed satisfies lightly; the model may take away what that
// package itself needs. Such packages are then taken for no satisfaction, in
// another walk of the same model. Where that gives no order, the first is kept.
func (f *formula) steady(pass *walk.Pass, s *partial.Search, merges, removed []*node) *walk.Pass {
	broken := f.broken()
	if len(broken) == 0 || !leans(pass, broken) {
		return pass
	}
	s.Broken = broken
	if again := f.walk(s, merges); f.agrees(again, merges, removed) {
		return again
	}
	return pass
}

// broken returns the installed packages that go and lack something of what they
// need when the model is carried out.
func (f *formula) broken() map[*universe.Pkg]bool {
	var list map[*universe.Pkg]bool
	holds := func(l sat.Lit) bool { return f.solver.Value(l) == sat.True }
	for _, n := range f.stays {
		if holds(n.lit) {
			continue
		}
		lacks := slices.ContainsFunc(n.demands, func(d *demand) bool {
			return !slices.ContainsFunc(d.options, func(o *node) bool { return holds(o.lit) }) && !slices.ContainsFunc(d.waived, holds)
		})
		if lacks {
			if list == nil {
				list = make(map[*universe.Pkg]bool)
			}
			list[n.pkg] = true
		}
	}
	return list
}

// leans says if a package is merged before what it needs to be built or
// installed, in trust of one of the packages of the list.
func leans(pass *walk.Pass, list map[*universe.Pkg]bool) bool {
	at := make(map[digraph.Node]int, len(pass.Order.List))
	for i, item := range pass.Order.List {
		if item.Task != digraph.None {
			at[item.Task] = i
		}
	}
	for _, p := range pass.Packages() {
		mine, merged := at[digraph.Node(p.ID)]
		if !merged || !p.Merges() {
			continue
		}
		for _, n := range pass.Needs(p) {
			runtime := n.Class == atoms.RDepend || n.Class == atoms.PDepend
			if runtime || n.Child == nil || n.Satisfied == nil || !list[n.Satisfied] {
				continue
			}
			if theirs, merged := at[digraph.Node(n.Child.ID)]; merged && theirs > mine {
				return true
			}
		}
	}
	return false
}
