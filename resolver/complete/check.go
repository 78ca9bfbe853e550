package complete

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/sat"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// checked is what a walk made of a model: a pass if it is a plan, else
// literals that must not hold together again.
type checked struct {
	pass, failed *walk.Pass
	bad          []sat.Lit
	mended       bool // the formula has become stricter; the model may not hold any more
}

// check walks with choices pinned to the model. What the model merges for
// the sake of packages that the request does not reach is asked for in addition.
func (f *formula) check() checked {
	s := partial.NewSearch()
	s.Prune = true // nothing is left to another pass
	s.Pins = make(map[*universe.Pkg]bool)
	for _, p := range f.spare {
		s.Pins[p] = true
	}
	s.Rebuild, s.Reinstall = slices.Clone(f.rebuild), slices.Clone(f.reinstall)
	var merges, removed []*node
	for _, n := range f.packages {
		switch {
		case f.solver.Value(n.lit) == sat.True:
			s.Pins[n.pkg] = true
			if n.pkg.Merges() {
				merges = append(merges, n)
			}
		case n.removed != sat.NoLit && f.solver.Value(n.removed) == sat.True:
			removed = append(removed, n)
		}
	}
	pass := f.walk(s, merges)
	if f.agrees(pass, merges, removed) {
		return checked{pass: f.steady(pass, s, merges, removed)}
	}
	if f.rebuilds(pass.Facts.Config) {
		return checked{failed: pass, mended: true}
	}
	for _, u := range pass.Facts.Unsatisfied {
		if p := u.Parent.Pkg; p != nil && f.mend(f.byPkg[p]) {
			return checked{failed: pass, mended: true}
		}
	}
	return checked{failed: pass, bad: f.blame(pass, merges, removed)}
}

// rebuilds enters what the options --rebuild-if-* make of a plan:
//
//	not installed       where the slot has to be merged anew
//	not a built one     where it has to be built anew
//
// False if there is nothing new. What follows is no proof any more, since
// another plan might not have asked for it.
func (f *formula) rebuilds(c *walk.Config) bool {
	if c == nil || len(c.Rebuild) == len(f.rebuild) && len(c.Reinstall) == len(f.reinstall) {
		return false
	}
	f.rebuild, f.reinstall, f.learnt = slices.Clone(c.Rebuild), slices.Clone(c.Reinstall), true
	for _, n := range f.packages {
		if slices.Contains(f.rebuild, n.pkg.Slot) && n.pkg.Built() || slices.Contains(f.reinstall, n.pkg.Slot) && n.pkg.Installed() {
			f.solver.Add(n.lit.Not())
		}
	}
	return true
}

// walk makes pinned passes until one has everything in its graph that is to be
// merged, and cycles that a choice avoids are avoided.
func (f *formula) walk(s *partial.Search, merges []*node) *walk.Pass {
	for {
		f.budget.spend(costWalked * len(f.packages))
		pass := walk.Run(f.u, f.p, f.req, s, walk.Options{NoAutounmask: true})
		before := len(s.Replace) + len(s.Circular)
		for _, n := range merges {
			if !pass.S.InGraph(n.pkg) {
				s.Replace = partial.AddSlot(s.Replace, n.pkg.Slot)
			}
		}
		if pass.Order != nil && pass.Order.Circular != nil {
			f.avoid(s, pass.Order.Circular)
		}
		if len(s.Replace)+len(s.Circular) == before || f.budget.exhausted() {
			return pass
		}
	}
}

// avoid tells the next pass which dependencies lead back where there is a choice (D127).
func (f *formula) avoid(s *partial.Search, c *order.Circular) {
	for _, rec := range c.Records {
		child := f.pkgOf(rec.Child)
		if child == nil {
			continue
		}
		for _, n := range rec.Parents {
			if p := f.pkgOf(n); p != nil {
				s.Circular[child] = partial.AddPkg(s.Circular[child], p)
			}
		}
	}
}

func (f *formula) pkgOf(n digraph.Node) *universe.Pkg {
	if int(n) >= f.u.Len() {
		return nil
	}
	return f.u.Pkg(universe.ID(n))
}

// agrees says if a pass is a plan that does what the model says.
func (f *formula) agrees(pass *walk.Pass, merges, removed []*node) bool {
	if !pass.Success || pass.Order == nil {
		return false
	}
	for _, n := range merges {
		if !pass.S.InGraph(n.pkg) {
			return false
		}
	}
	for _, d := range pass.Facts.InitiallyUnsatisfied {
		if p := d.Parent.Pkg; p != nil && p.Merges() {
			return false
		}
	}
	for _, item := range pass.Order.List {
		if item.Task == digraph.None {
			continue
		}
		if gone := pass.Removal(item.Task); gone != nil {
			if f.solver.Value(f.byPkg[gone].lit) == sat.True {
				return false
			}
		} else if p := f.pkgOf(item.Task); p != nil && p.Merges() && !slices.Contains(merges, f.byPkg[p]) {
			return false
		}
	}
	return true
}

// blame returns what a failed walk holds against the model: the packages of the
// cycles that no order solves, or all that the model changes.
func (f *formula) blame(pass *walk.Pass, merges, removed []*node) []sat.Lit {
	var bad []sat.Lit
	if pass.Order != nil && pass.Order.Circular != nil {
		bad = f.cycle(pass.Order.Circular.Shortest)
	}
	if len(bad) == 0 {
		for _, n := range merges {
			bad = append(bad, n.lit)
		}
		for _, n := range removed {
			bad = append(bad, n.lit.Not())
		}
	}
	slices.Sort(bad)
	return slices.Compact(bad)
}

// cycle returns the literals that keep a cycle up: its packages are merged, and
// what else could satisfy the demands in it is not.
func (f *formula) cycle(nodes []digraph.Node) []sat.Lit {
	var list []*node
	for _, n := range nodes {
		if p := f.pkgOf(n); p != nil && f.byPkg[p] != nil && p.Merges() {
			list = append(list, f.byPkg[p])
		}
	}
	var bad []sat.Lit
	for i, n := range list {
		bad = append(bad, n.lit)
		next := list[(i+1)%len(list)]
		for _, d := range n.demands {
			if len(list) > 1 && !slices.Contains(d.options, next) {
				continue
			}
			for _, o := range d.options {
				if f.solver.Value(o.lit) != sat.True && o.open {
					bad = append(bad, o.lit.Not())
				}
			}
		}
	}
	return bad
}

// forbid rules a model out:
//
//	not all of this together
//
// False if there is nothing to rule out. Since order is not part of the
// formula, what follows is no proof any more.
func (f *formula) forbid(c checked) bool {
	if c.mended {
		return true
	}
	if len(c.bad) == 0 {
		return false
	}
	f.learnt = true
	clause := make([]sat.Lit, len(c.bad))
	for i, l := range c.bad {
		clause[i] = l.Not()
	}
	f.solver.Add(clause...)
	return true
}
