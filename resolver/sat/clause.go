package sat

import (
	"cmp"
	"slices"
)

// Add adds the clause that at least one of the literals holds. Clauses may be
// added at any time, also by a Guide.
func (s *Solver) Add(lits ...Lit) {
	list, ok := s.normalize(lits)
	if !ok || s.broken {
		return
	}
	switch len(list) {
	case 0:
		s.cancel(0)
		s.broken = true
	case 1:
		s.cancel(0)
		s.enqueue(list[0], cause{lit: NoLit})
	default:
		s.attach(list)
	}
}

// normalize drops repeated literals and those that can never hold. It returns
// false for a clause that always holds.
func (s *Solver) normalize(lits []Lit) ([]Lit, bool) {
	list := slices.Clone(lits)
	slices.Sort(list)
	list = slices.Compact(list)
	for i, l := range list {
		if i > 0 && list[i-1] == l.Not() || s.values[l] == True && s.level[l.Var()] == 0 {
			return nil, false
		}
	}
	return slices.DeleteFunc(list, func(l Lit) bool { return s.values[l] == False && s.level[l.Var()] == 0 }), true
}

// attach watches a clause. The watched literals are those that were or will
// be false last; if less than two of them can still hold, the search goes
// back to where they could.
func (s *Solver) attach(list []Lit) {
	slices.SortStableFunc(list, func(a, b Lit) int { return cmp.Compare(s.lateness(b), s.lateness(a)) })
	if a, b := list[0], list[1]; s.values[b] == False {
		if lb := s.level[b.Var()]; s.values[a] != True || s.level[a.Var()] > lb {
			s.cancel(int(lb) - 1)
		}
	}
	s.watch(&clause{list})
}

// lateness orders literals by how long they stay free of false: true and
// unknown ones first, then by falling decision level.
func (s *Solver) lateness(l Lit) int {
	if s.values[l] != False {
		return len(s.levels) + 1
	}
	return int(s.level[l.Var()])
}

func (s *Solver) watch(c *clause) {
	for _, l := range c.lits[:2] {
		s.watches[l.Not()] = append(s.watches[l.Not()], c)
	}
}

// AtMostOne adds the constraint that no two of the literals hold.
func (s *Solver) AtMostOne(lits ...Lit) {
	list := slices.Clone(lits)
	slices.Sort(list)
	list = slices.Compact(list)
	switch len(list) {
	case 0, 1:
		return
	case 2:
		s.Add(list[0].Not(), list[1].Not())
		return
	}
	// What already holds has to be told of the constraint again.
	level := len(s.levels)
	for _, l := range list {
		if s.values[l] == True {
			level = min(level, max(0, int(s.level[l.Var()])-1))
		}
	}
	s.cancel(level)
	id := int32(len(s.members))
	s.members = append(s.members, list)
	for _, l := range list {
		s.groups[l] = append(s.groups[l], id)
		if s.values[l] == True { // of level 0: look at it anew
			s.head = 0
		}
	}
}

// propagate draws the consequences of what was decided. If a clause fails it
// returns the literals of it, all false.
func (s *Solver) propagate() ([]Lit, bool) {
	for s.head < len(s.trail) {
		l := s.trail[s.head]
		s.head++
		if c, conflict := s.propagateGroups(l); conflict {
			return c, true
		}
		if c, conflict := s.propagateClauses(l); conflict {
			return c, true
		}
	}
	return nil, false
}

// propagateGroups makes the other members of the groups of l false.
func (s *Solver) propagateGroups(l Lit) ([]Lit, bool) {
	for _, id := range s.groups[l] {
		for _, m := range s.members[id] {
			switch {
			case m == l || s.values[m] == False:
			case s.values[m] == True:
				return []Lit{l.Not(), m.Not()}, true
			default:
				s.enqueue(m.Not(), cause{lit: l})
			}
		}
	}
	return nil, false
}

// propagateClauses looks at the clauses in which the opposite of l is watched.
func (s *Solver) propagateClauses(l Lit) ([]Lit, bool) {
	list := s.watches[l]
	kept := list[:0]
	for i, c := range list {
		if c.lits[0] == l.Not() {
			c.lits[0], c.lits[1] = c.lits[1], c.lits[0]
		}
		first := c.lits[0]
		if s.values[first] == True || !s.rewatch(c) {
			kept = append(kept, c)
		} else {
			continue
		}
		if s.values[first] == True {
			continue
		}
		if s.values[first] == False {
			kept = append(kept, list[i+1:]...)
			s.setWatches(l, kept)
			return c.lits, true
		}
		s.enqueue(first, cause{clause: c, lit: NoLit})
	}
	s.setWatches(l, kept)
	return nil, false
}

func (s *Solver) setWatches(l Lit, kept []*clause) {
	list := s.watches[l]
	clear(list[len(kept):])
	s.watches[l] = kept
}

// rewatch finds a literal that can still hold to take the place of the second
// one, which has become false.
func (s *Solver) rewatch(c *clause) bool {
	for i := 2; i < len(c.lits); i++ {
		if s.values[c.lits[i]] != False {
			c.lits[1], c.lits[i] = c.lits[i], c.lits[1]
			n := c.lits[1].Not()
			s.watches[n] = append(s.watches[n], c)
			return true
		}
	}
	return false
}
