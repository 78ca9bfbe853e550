package stages

import "slices"

// A search looks for the fewest packages to be merged twice, and then for the
// fewest flags. The first is a minimum hitting set: a set of packages that does
// not suffice is made as large as it can be, and every set that suffices has
// one of the others:
//
//	S suffices  =>  S meets the complement of each set that does not
//
// as more variants never hurt. The constraints are found one by one, each from
// the best set for those before; the first best set that suffices is optimal.
type search struct {
	*region
	able        []*member // those with variants
	constraints []set     // over the indexes of able
	limit       int
	bound       int // no fewer packages suffice
	flagGap     bool
	solutions   []solution
}

// A solution is one variant for each package of a set.
type solution struct {
	variants []*instance
	cost     cost
}

func (s *search) tired() bool { return *s.work > s.limit }

// packages returns a smallest set of packages that suffices, or, when the
// effort is used up, one that suffices and lacks nothing; bound says which. Nil
// stands for none.
func (s *search) packages() []*member {
	for !s.tired() {
		hit := s.leastHit(s.constraints, nil, len(s.able))
		if hit == nil {
			break
		}
		s.bound = max(s.bound, hit.count())
		list := s.pick(hit)
		switch {
		case !s.suffices(s.variantsOf(list)):
			s.constraints = append(s.constraints, s.constraint(hit))
		case s.assign(list, nil) != nil:
			return list
		default:
			// Only with several variants of one package: each is merged twice, not more.
			s.constraints = append(s.constraints, s.without(hit))
		}
	}
	if list := s.irredundant(); s.assign(list, nil) != nil {
		return list
	}
	return nil
}

// without returns all packages but some.
func (s *search) without(hit set) set {
	rest := newSet(len(s.able))
	for i := range s.able {
		if !hit.has(i) {
			rest.add(i)
		}
	}
	return rest
}

func (s *search) pick(hit set) []*member {
	list := []*member{} // nil stands for none that suffices
	for i, x := range s.able {
		if hit.has(i) {
			list = append(list, x)
		}
	}
	return list
}

// constraint makes a set that does not suffice as large as it can be, and
// returns what is not in it.
func (s *search) constraint(hit set) set {
	allowed := s.variantsOf(s.pick(hit))
	reached := s.start()
	s.reach(reached, allowed)
	rest := newSet(len(s.able))
	for i, x := range s.able {
		if hit.has(i) {
			continue
		}
		more := s.variantsOf([]*member{x})
		for w := range more {
			more[w] |= allowed[w]
		}
		next := reached.clone()
		s.reach(next, more)
		if s.done(next) {
			rest.add(i)
		} else {
			allowed, reached = more, next
		}
	}
	return rest
}

// leastHit returns a smallest set that meets every constraint and has at most
// limit elements, nil if there is none or the effort is used up. Members that come
// first, and those of many constraints, are tried first.
func (s *search) leastHit(constraints []set, taken set, limit int) set {
	if taken == nil {
		taken = newSet(len(s.able))
	}
	for size := max(disjoint(constraints, taken), s.bound); size <= limit; size++ {
		if found := s.hit(constraints, taken.clone(), size-taken.count()); found != nil {
			return found
		}
		if s.tired() {
			break
		}
	}
	return nil
}

// disjoint returns how many elements at least are needed for what is not met:
// one for each of some constraints that have nothing in common.
func disjoint(constraints []set, taken set) int {
	used := taken.clone()
	n := 0
	for _, c := range constraints {
		if !c.meets(used) {
			n++
			for w, x := range c {
				used[w] |= x
			}
		}
	}
	return n
}

func (s *search) hit(constraints []set, taken set, left int) set {
	*s.work += len(constraints)
	var smallest set
	for _, c := range constraints {
		if !c.meets(taken) && (smallest == nil || c.count() < smallest.count()) {
			smallest = c
		}
	}
	if smallest == nil {
		return taken
	}
	if left <= 0 || disjoint(constraints, taken) > left || s.tired() {
		return nil
	}
	for i := range s.able {
		if smallest.has(i) {
			next := taken.clone()
			next.add(i)
			if found := s.hit(constraints, next, left-1); found != nil {
				return found
			}
		}
	}
	return nil
}

// irredundant drops packages from the set of all, one after the other, as long
// as the rest suffices.
func (s *search) irredundant() []*member {
	list := slices.Clone(s.able)
	for i := len(list) - 1; i >= 0; i-- {
		fewer := slices.Delete(slices.Clone(list), i, i+1)
		if s.suffices(s.variantsOf(fewer)) {
			list = fewer
		}
	}
	return list
}

// maxSets is how many sets of packages with as few members are compared.
const maxSets = 128

// others returns all smallest sets that suffice, that given first.
func (s *search) others(best []*member) [][]*member {
	sets := [][]*member{best}
	size := len(best)
	var tried []set
	var rec func(taken set, left int) bool
	rec = func(taken set, left int) bool {
		*s.work += len(s.constraints)
		var smallest set
		for _, c := range s.constraints {
			if !c.meets(taken) && (smallest == nil || c.count() < smallest.count()) {
				smallest = c
			}
		}
		if smallest == nil && left == 0 {
			if slices.ContainsFunc(tried, func(t set) bool { return slices.Equal(t, taken) }) {
				return true
			}
			tried = append(tried, taken)
			list := s.pick(taken)
			if slices.Equal(list, best) {
				return true
			}
			if s.suffices(s.variantsOf(list)) {
				sets = append(sets, list)
			} else {
				s.constraints = append(s.constraints, s.constraint(taken))
			}
			return len(sets) < maxSets && !s.tired()
		}
		if left == 0 || disjoint(s.constraints, taken) > left {
			return true
		}
		for i := range s.able {
			if !taken.has(i) && (smallest == nil || smallest.has(i)) {
				next := taken.clone()
				next.add(i)
				if !rec(next, left-1) {
					return false
				}
			}
		}
		return true
	}
	if !rec(newSet(len(s.able)), size) {
		s.flagGap = true
	}
	return sets
}
