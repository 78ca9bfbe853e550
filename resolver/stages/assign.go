package stages

import "slices"

// flags returns the best choice of variants for the sets of packages: the
// fewest flags, then the least penalty, then names.
func (s *search) flags(sets [][]*member) []*instance {
	var best *solution
	for _, list := range sets {
		if found := s.assign(list, best); found != nil {
			s.solutions = append(s.solutions, *found)
			if best == nil || found.cost.compare(best.cost) < 0 {
				best = found
			}
		}
	}
	return best.variants
}

// assign chooses a variant for each package of a set, trying cheap ones first;
// what is not chosen yet may have any. Choices that cost more than the best
// solution of another set are not followed, except to find a first one.
func (s *search) assign(list []*member, best *solution) *solution {
	var found *solution
	least := make([]int, len(list)+1) // flags of the rest at least
	open := s.variantsOf(list)
	for i := len(list) - 1; i >= 0 && !s.tired(); i-- {
		least[i] = least[i+1] + s.leastFlags(list[i], open)
	}
	var rec func(n int, taken []*instance, open set, flags int)
	rec = func(n int, taken []*instance, open set, flags int) {
		if n == len(list) {
			sol := &solution{slices.Clone(taken), total(taken)}
			if found == nil || sol.cost.compare(found.cost) < 0 {
				found = sol
			}
			return
		}
		for _, v := range list[n].variants {
			if v.dead || v.avoided && !s.rough || found != nil && flags+v.cost.flags+least[n+1] > found.cost.flags {
				continue
			}
			if best != nil && flags+v.cost.flags+least[n+1] > best.cost.flags+1 {
				return
			}
			if s.tired() && found != nil {
				s.flagGap = true
				return
			}
			if only := s.fix(open, list[n], v); s.suffices(only) {
				rec(n+1, append(taken, v), only, flags+v.cost.flags)
			}
		}
	}
	rec(0, nil, open, 0)
	return found
}

// fix leaves of the variants of a package only one.
func (s *search) fix(open set, x *member, v *instance) set {
	only := open.clone()
	for _, o := range x.variants {
		only.drop(o.id)
	}
	only.add(v.id)
	return only
}

// leastFlags returns how many flags a package switches at least, if all others
// may have any variant.
func (s *search) leastFlags(x *member, open set) int {
	for _, v := range x.variants {
		if !v.dead && (s.rough || !v.avoided) && s.suffices(s.fix(open, x, v)) {
			return v.cost.flags
		}
	}
	return 0
}

func total(list []*instance) cost {
	var c cost
	for _, v := range list {
		c.flags += v.cost.flags
		c.penalty += v.cost.penalty
		c.text += v.cost.text + "\n"
	}
	return c
}

// maxAlternatives is how many other cuts are told.
const maxAlternatives = 5

// alternatives returns the other solutions that were found, the best first.
func (s *search) alternatives(cut []*instance) [][]*instance {
	slices.SortStableFunc(s.solutions, func(a, b solution) int { return a.cost.compare(b.cost) })
	var out [][]*instance
	for _, sol := range s.solutions {
		if !slices.Equal(sol.variants, cut) && len(out) < maxAlternatives {
			out = append(out, sol.variants)
		}
	}
	return out
}
