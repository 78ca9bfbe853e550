package sat

import (
	"context"
	"slices"
)

// learn derives a clause from a failed one: the first unique implication
// point of the last decision level, and what it depends on of earlier levels.
// The search goes back to the level at which the clause decides something.
func (s *Solver) learn(failed []Lit) {
	learnt := []Lit{NoLit}
	open := 0
	i := len(s.trail)
	reason := failed
	pivot := NoLit
	for {
		for _, l := range reason {
			v := l.Var()
			if l == pivot || s.seen[v] || s.level[v] == 0 {
				continue
			}
			s.seen[v] = true
			if int(s.level[v]) == len(s.levels) {
				open++
			} else {
				learnt = append(learnt, l)
			}
		}
		for i--; !s.seen[s.trail[i].Var()]; i-- {
		}
		pivot = s.trail[i]
		open--
		if open == 0 {
			break
		}
		s.seen[pivot.Var()] = false
		reason = s.reasonOf(pivot)
	}
	learnt[0] = pivot.Not()
	marked := slices.Clone(learnt)
	learnt = s.shorten(learnt)
	for _, l := range marked {
		s.seen[l.Var()] = false
	}
	s.assert(learnt)
}

// reasonOf returns a clause in which l is the only literal that is not false.
func (s *Solver) reasonOf(l Lit) []Lit {
	switch c := s.causes[l.Var()]; {
	case c.clause != nil:
		return c.clause.lits
	case c.lit != NoLit:
		return []Lit{l, c.lit.Not()}
	default:
		return nil
	}
}

// shorten drops literals that follow from the others of the clause.
func (s *Solver) shorten(learnt []Lit) []Lit {
	return slices.DeleteFunc(learnt, func(l Lit) bool {
		if l == learnt[0] {
			return false
		}
		reason := s.reasonOf(l.Not())
		if reason == nil {
			return false
		}
		return !slices.ContainsFunc(reason, func(m Lit) bool {
			return m != l.Not() && !s.seen[m.Var()] && s.level[m.Var()] > 0
		})
	})
}

// assert goes back and adds a learnt clause, the first literal of which follows.
func (s *Solver) assert(learnt []Lit) {
	if len(learnt) == 1 {
		s.cancel(0)
		s.enqueue(learnt[0], cause{lit: NoLit})
		return
	}
	second := 1
	for i := range learnt {
		if i > 0 && s.level[learnt[i].Var()] > s.level[learnt[second].Var()] {
			second = i
		}
	}
	learnt[1], learnt[second] = learnt[second], learnt[1]
	s.cancel(int(s.level[learnt[1].Var()]))
	c := &clause{learnt}
	s.watch(c)
	s.enqueue(learnt[0], cause{clause: c, lit: NoLit})
}

// failed returns the assumptions that together make the assumption l false.
func (s *Solver) failed(l Lit) []Lit {
	core := []Lit{l}
	open := []Lit{l.Not()}
	var marked []Var
	for len(open) > 0 {
		m := open[len(open)-1]
		open = open[:len(open)-1]
		v := m.Var()
		if s.seen[v] || s.level[v] == 0 {
			continue
		}
		s.seen[v] = true
		marked = append(marked, v)
		reason := s.reasonOf(m)
		if reason == nil && m != l {
			core = append(core, m)
		}
		for _, r := range reason {
			if r != m {
				open = append(open, r.Not())
			}
		}
	}
	for _, v := range marked {
		s.seen[v] = false
	}
	slices.Sort(core)
	return slices.Compact(core)
}

// Minimize returns a core that is minimal: without any of its literals the
// clauses can hold. Literals at the end are dropped first. What cannot be
// decided within the limits of the options stays, and then the second result
// is false.
func (s *Solver) Minimize(ctx context.Context, core []Lit, o Options) ([]Lit, bool) {
	core = slices.Clone(core)
	minimal := true
	for i := len(core) - 1; i >= 0; i-- {
		o.Assumptions = slices.Delete(slices.Clone(core), i, i+1)
		switch s.Solve(ctx, o) {
		case Unsatisfiable:
			smaller := s.Core()
			core = slices.DeleteFunc(o.Assumptions, func(l Lit) bool { return !slices.Contains(smaller, l) })
			i = min(i, len(core))
		case Exhausted:
			minimal = false
		}
	}
	return core, minimal
}
