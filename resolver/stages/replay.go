package stages

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// chosen returns the needs that one dependency of a bootstrap merge comes down
// to: of alternatives, those that are there first.
func (p *planner) chosen(i *instance, c walk.ClassOf, d *atoms.Dep) []walk.Need {
	var list []walk.Need
	switch d.Kind {
	case atoms.KindLeaf:
		if d.Leaf.Blocker != atoms.BlockNone || p.provided(c.Root, d.Leaf) {
			return nil
		}
		n := walk.Need{Class: c.Class, Atom: d.Leaf, Root: c.Root}
		n.Child = p.supplier(i, c, d.Leaf)
		if n.Child != nil && n.Child.Installed() {
			n.Satisfied = n.Child
		}
		return append(list, n)
	case atoms.KindAny, atoms.KindExactlyOne:
		for _, k := range d.Children {
			if p.possible(i, c, k) {
				return p.chosen(i, c, k)
			}
		}
	case atoms.KindAll:
		for _, k := range d.Children {
			list = append(list, p.chosen(i, c, k)...)
		}
	}
	return list
}

func (p *planner) possible(i *instance, c walk.ClassOf, d *atoms.Dep) bool {
	switch d.Kind {
	case atoms.KindLeaf:
		return d.Leaf.Blocker != atoms.BlockNone || p.provided(c.Root, d.Leaf) || p.supplier(i, c, d.Leaf) != nil
	case atoms.KindAny, atoms.KindExactlyOne:
		for _, k := range d.Children {
			if p.possible(i, c, k) {
				return true
			}
		}
		return len(d.Children) == 0
	default:
		for _, k := range d.Children {
			if !p.possible(i, c, k) {
				return false
			}
		}
		return true
	}
}

// supplier returns what meets an atom of a bootstrap merge in time, nil if
// nothing does.
func (p *planner) supplier(i *instance, c walk.ClassOf, a *atoms.Atom) *universe.Pkg {
	if q := p.there(i, c.Root, a); q != nil {
		return q
	}
	deadline := p.merged[i.id]
	if !hard(i.member.pkg, c.Class) {
		deadline = p.usable[i.id]
	}
	ready := func(j *instance) bool { return p.usable[j.id] > 0 && p.usable[j.id] <= deadline }
	var found *universe.Pkg
	for _, y := range p.byName[nameKey{c.Root.ID, a.CP}] {
		t := p.twice[y]
		switch {
		case y.pkg.Matches(a, y.final.flags) && (ready(y.final) || p.back[[2]*member{i.member, y}] && i.changes == nil):
			return y.pkg
		case t != nil && t.pkg.Matches(a, t.inst.flags) && ready(t.inst):
			found = t.pkg
		}
	}
	return found
}

// A scene is what is there at one moment of a replay.
type scene struct {
	*planner
	here map[nameKey][]*universe.Pkg
	runs map[*universe.Pkg]bool // known to be usable
}

// replay carries out an order and says if every package of the cycles, and
// every bootstrap merge, finds what it needs to be built, and if nothing is
// reduced and everything usable at the end. When merges that the cycles do not
// concern are built is Portage's choice and not judged.
func (p *planner) replay(list []order.Item) bool {
	s := newScene(p)
	left := make(map[*universe.Pkg]bool)
	for _, item := range list {
		if item.Task == digraph.None {
			continue
		}
		if q := p.w.Removal(item.Task); q != nil {
			s.remove(q)
			continue
		}
		q := p.w.U.Pkg(universe.ID(item.Task))
		if x := p.byPkg[q]; (x != nil && (x.cyclic || len(p.a.pkgs) == 0) || q.CompletedBy() != nil) && !s.canBuild(q) {
			return false
		}
		s.merge(q)
		delete(left, q)
		if f := q.CompletedBy(); f != nil {
			left[f] = true
		}
	}
	for _, item := range list {
		if item.Task != digraph.None && p.w.Removal(item.Task) == nil && !s.canRun(p.w.U.Pkg(universe.ID(item.Task))) &&
			p.w.U.Pkg(universe.ID(item.Task)).CompletedBy() == nil {
			return false
		}
	}
	return len(left) == 0
}

// at returns what is there of a name: at first what is installed.
func (s *scene) at(k nameKey) []*universe.Pkg {
	if list, ok := s.here[k]; ok {
		return list
	}
	s.here[k] = s.installed(k)
	return s.here[k]
}

func (s *scene) remove(q *universe.Pkg) {
	var kept []*universe.Pkg
	for _, o := range s.at(keyOf(q)) {
		if o != q {
			kept = append(kept, o)
		}
	}
	s.here[keyOf(q)] = kept
	clear(s.runs)
}

func (s *scene) merge(q *universe.Pkg) {
	for _, o := range s.at(keyOf(q)) {
		if o.Slot == q.Slot || o.CPV == q.CPV {
			s.remove(o)
		}
	}
	s.here[keyOf(q)] = append(s.here[keyOf(q)], q)
}

func (s *scene) canBuild(q *universe.Pkg) bool {
	return s.holds(q, func(c walk.ClassOf) bool { return hard(q, c.Class) }, s.canRun) && (q.CompletedBy() != nil || s.bindsWell(q))
}

// bindsWell says if what a package binds to when it is built here stays: the
// best match of each atom with a slot operator.
func (s *scene) bindsWell(q *universe.Pkg) bool {
	flags := s.w.S.Flags(q)
	for _, c := range s.w.Classes(q) {
		if q.Built() || !hard(q, c.Class) && !soft(c.Class) || c.Priority.Has(digraph.Ignored) {
			continue
		}
		for _, tree := range c.Trees {
			for _, a := range tree.Leaves(flags.Enabled) {
				if a.SlotOp != atoms.SlotOpRebuild || a.Blocker != atoms.BlockNone {
					continue
				}
				a = a.EvaluateUSE(flags.Enabled)
				var best *universe.Pkg
				for _, o := range s.at(nameKey{c.Root.ID, a.CP}) {
					if o.Matches(a, s.w.S.Flags(o)) && (best == nil || best.Compare(o) < 0) {
						best = o
					}
				}
				if best != nil && best.Installed() && !s.bindable(c.Root, a, best) {
					return false
				}
			}
		}
	}
	return true
}

// canRun says if everything that a package needs to run is there, and runs.
// What is installed is taken as it is.
func (s *scene) canRun(q *universe.Pkg) bool {
	if q.Installed() || s.runs[q] {
		return true
	}
	// The greatest set of packages that need nothing outside it: what is being
	// visited counts as usable, until something turns out not to be.
	lame := map[*universe.Pkg]bool{}
	for {
		visited, before := map[*universe.Pkg]bool{}, len(lame)
		var visit func(q *universe.Pkg) bool
		visit = func(q *universe.Pkg) bool {
			if q.Installed() || s.runs[q] {
				return true
			}
			if visited[q] || lame[q] {
				return !lame[q]
			}
			visited[q] = true
			if !s.holds(q, func(c walk.ClassOf) bool { return soft(c.Class) }, visit) {
				lame[q] = true
			}
			return !lame[q]
		}
		ok := visit(q)
		if len(lame) > before {
			continue
		}
		for v := range visited {
			s.runs[v] = true
		}
		return ok
	}
}

func (s *scene) holds(q *universe.Pkg, counts func(walk.ClassOf) bool, usable func(*universe.Pkg) bool) bool {
	flags := s.w.S.Flags(q)
	for _, c := range s.w.Classes(q) {
		if !counts(c) || c.Priority.Has(digraph.Ignored) {
			continue
		}
		for _, tree := range c.Trees {
			reduced := atoms.Reduce(tree, atoms.ReduceOptions{Enabled: flags.Enabled, EAPI: q.Effective().EAPI})
			if !s.met(c.Root, reduced, usable) {
				return false
			}
		}
	}
	return true
}

func (s *scene) met(r *universe.Root, d *atoms.Dep, usable func(*universe.Pkg) bool) bool {
	switch d.Kind {
	case atoms.KindLeaf:
		if d.Leaf.Blocker != atoms.BlockNone || s.provided(r, d.Leaf) {
			return true
		}
		for _, q := range s.at(nameKey{r.ID, d.Leaf.CP}) {
			if q.Matches(d.Leaf, s.w.S.Flags(q)) && usable(q) {
				return true
			}
		}
		return false
	case atoms.KindAny, atoms.KindExactlyOne:
		for _, k := range d.Children {
			if s.met(r, k, usable) {
				return true
			}
		}
		return len(d.Children) == 0
	case atoms.KindAtMostOne:
		return true
	default:
		for _, k := range d.Children {
			if !s.met(r, k, usable) {
				return false
			}
		}
		return true
	}
}
