package walk

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// solver settles slot conflicts by choosing among members that are already
// there (D46). Its graph has the members, the packages that only members need,
// and one node for all other parents; a requirement that several members
// satisfy is an edge to a group of them.
type solver struct {
	*Pass
	conflicts []partial.Conflict
	members   []*universe.Pkg            // of all conflicts, in order
	inConf    map[*universe.Pkg]bool     // members, and what only they need
	edges     map[*universe.Pkg][]target // nil key: all other parents
	forced    map[*universe.Pkg]bool
}

// target is what a requirement leads to: one package, or any of several.
type target struct {
	any []*universe.Pkg
}

// solveConflicts keeps the members that strict parents need, and of the others
// the one that was added first, removes the rest, and expands again what stays.
func (w *Pass) solveConflicts() bool {
	s := &solver{
		Pass: w, inConf: make(map[*universe.Pkg]bool),
		edges:  make(map[*universe.Pkg][]target),
		forced: make(map[*universe.Pkg]bool),
	}
	for _, c := range w.S.Tracker.Conflicts() {
		// Slots that are being merged anew need their conflict.
		if !contains(w.S.Search.Replace, c.Slot) {
			s.conflicts = append(s.conflicts, c)
			s.members = append(s.members, c.Pkgs...)
		}
	}
	if len(s.conflicts) == 0 {
		return true
	}
	indirect := s.findIndirect()
	for _, c := range s.conflicts {
		s.addEdges(c)
	}
	for _, p := range indirect {
		for _, pa := range w.S.Parents(p) {
			s.edge(pa.Parent, []*universe.Pkg{p})
		}
	}
	s.explore()
	s.forceDependencies()
	return s.apply()
}

// findIndirect returns the packages that only members of conflicts require,
// directly or through each other.
func (s *solver) findIndirect() []*universe.Pkg {
	for _, p := range s.members {
		s.inConf[p] = true
	}
	var candidates, indirect []*universe.Pkg
	push := func(p *universe.Pkg) {
		for _, n := range s.S.Graph.Children(node(p)) {
			if c := s.pkgOf(n); c != nil && !s.inConf[c] && !contains(candidates, c) {
				candidates = append(candidates, c)
			}
		}
	}
	for _, p := range s.members {
		push(p)
	}
	for len(candidates) > 0 {
		p := candidates[0]
		candidates = candidates[1:]
		if slices.ContainsFunc(s.S.Parents(p), func(pa partial.ParentAtom) bool { return !s.inConf[pa.Parent.Pkg] }) {
			continue
		}
		s.inConf[p] = true
		indirect = append(indirect, p)
		push(p)
	}
	return indirect
}

func (s *solver) edge(parent partial.Parent, to []*universe.Pkg) {
	from := parent.Pkg
	if !s.inConf[from] {
		from = nil
	}
	s.edges[from] = append(s.edges[from], target{to})
}

// addEdges adds the requirements on the slot of one conflict.
func (s *solver) addEdges(c partial.Conflict) {
	var inst *universe.Pkg
	for _, p := range c.Pkgs {
		if p.Installed() {
			inst = p
		}
	}
	mustReplace := inst != nil && !s.S.WantsInstalled(inst)
	for _, pa := range s.allParents(c.Pkgs) {
		var matched []*universe.Pkg
		for _, p := range c.Pkgs {
			if s.S.Matches(pa.Atom, p) && !(mustReplace && p.Installed()) {
				matched = append(matched, p)
			}
		}
		if len(matched) == 0 {
			// A proposed USE change broke the dependency, or the slot does not
			// match: nothing is to be solved here.
			for _, p := range c.Pkgs {
				s.forced[p] = true
			}
			continue
		}
		s.edge(pa.Parent, matched)
	}
}

// explore forces what is reached from the parents outside. Groups wait until
// everything else is done; one without a forced member gets its first one.
func (s *solver) explore() {
	explored := make(map[*universe.Pkg]bool)
	unexplored := []*universe.Pkg{nil}
	var groups [][]*universe.Pkg
	for len(unexplored) > 0 {
		for len(unexplored) > 0 {
			p := unexplored[len(unexplored)-1]
			unexplored = unexplored[:len(unexplored)-1]
			for _, t := range s.edges[p] {
				if len(t.any) > 1 {
					groups = append(groups, t.any)
					continue
				}
				if c := t.any[0]; !explored[c] {
					explored[c] = true
					s.forced[c] = true
					unexplored = append(unexplored, c)
				}
			}
		}
		for len(groups) > 0 && len(unexplored) == 0 {
			g := groups[0]
			groups = groups[1:]
			if !slices.ContainsFunc(g, func(p *universe.Pkg) bool { return s.forced[p] }) {
				s.forced[g[0]] = true
				unexplored = append(unexplored, g[0])
			}
		}
	}
}

// forceDependencies forces what forced packages need.
func (s *solver) forceDependencies() {
	var stack []*universe.Pkg
	for _, p := range s.members {
		if s.forced[p] {
			stack = append(stack, p)
		}
	}
	done := make(map[*universe.Pkg]bool)
	for len(stack) > 0 {
		p := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		done[p] = true
		for _, t := range s.edges[p] {
			if len(t.any) == 1 && !done[t.any[0]] {
				s.forced[t.any[0]] = true
				stack = append(stack, t.any[0])
			}
		}
	}
}

// apply removes the members that are not forced, expands the others again, so
// that their blockers count, and notes the updates that were lost.
func (s *solver) apply() bool {
	w := s.Pass
	var again []*universe.Pkg
	dropped := make(map[*universe.Pkg]bool)
	for _, p := range s.members {
		dropped[p] = !s.forced[p]
	}
	for _, p := range s.members {
		if !dropped[p] {
			continue
		}
		for _, pa := range w.S.Parents(p) {
			if q := pa.Parent.Pkg; q != nil && !dropped[q] {
				again = partial.AddPkg(again, q)
			}
		}
		w.remove(p, true)
	}
	for _, p := range s.forcedInOrder() {
		again = partial.AddPkg(again, p)
	}
	for _, p := range again {
		if w.S.Tracker.IsAdded(p) {
			w.stack = append(w.stack, work{pkg: p})
		}
	}
	// Dependencies of what stays are satisfied by what stays.
	w.follow(false)
	s.noteMissed(dropped)
	return w.C.VirtualCycle == nil
}

func (s *solver) forcedInOrder() []*universe.Pkg {
	var list []*universe.Pkg
	for id := range s.U.Len() {
		if p := s.U.Pkg(universe.ID(id)); p != nil && s.forced[p] {
			list = append(list, p)
		}
	}
	return list
}

func (s *solver) noteMissed(dropped map[*universe.Pkg]bool) {
	w := s.Pass
	for _, c := range s.conflicts {
		for _, p := range c.Pkgs {
			if !dropped[p] {
				continue
			}
			for _, other := range c.Pkgs {
				if other == p {
					continue
				}
				for _, pa := range w.S.Parents(other) {
					if !w.S.Matches(pa.Atom, p) {
						if w.missed[p] == nil {
							w.missedOrder = append(w.missedOrder, p)
						}
						w.missed[p] = append(w.missed[p], pa)
					}
				}
			}
		}
	}
}
