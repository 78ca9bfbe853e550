package stages

import "slices"

// solve cuts the components one after the other, those first that others need.
// It returns the variants to be merged, and false if some component cannot be
// cut.
func (m *model) solve(a *Answer) ([]*instance, bool) {
	work := 0
	all := m.region(m.members, newSet(len(m.insts)), &work)
	free := all.start()
	all.reach(free, newSet(len(m.insts)))
	left := func(x *member) bool { return !free.usable.has(x.final.id) }
	comps := m.withVariants(left)
	base := grown(free.usable, len(m.insts))
	var chosen []*instance
	solved, spent := true, 0
	for _, list := range comps {
		work = 0
		r := m.region(list, base, &work)
		limit := m.o.Effort
		if spent > 2*limit {
			limit /= 100 // many large components: the later ones get less
		}
		if !list[0].cyclic {
			s := r.start()
			r.reach(s, newSet(len(m.insts)))
			solved = solved && r.done(s)
		} else {
			c, cut := m.cut(r, limit)
			spent += work
			a.Cycles = append(a.Cycles, c)
			solved = solved && c.Solved
			chosen = append(chosen, cut...)
		}
		for _, x := range list {
			base.add(x.final.id)
		}
	}
	if len(comps) == 0 {
		a.Cycles = append(a.Cycles, m.freeCycles()...)
	}
	if len(a.Cycles) == 0 && !solved {
		a.Problem = "dependencies of packages that no cycle contains cannot be met"
	}
	return chosen, solved
}

func grown(s set, n int) set {
	t := newSet(n)
	copy(t, s)
	return t
}

// withVariants finds the components of what is left, and makes variants of
// their members until no variant joins further ones.
func (m *model) withVariants(left func(*member) bool) [][]*member {
	var hopeless map[*member]bool
	for {
		comps := m.components(left)
		if hopeless == nil {
			hopeless = m.hopeless(comps)
			m.proved = hopeless
		}
		more := false
		for _, list := range comps {
			for _, x := range list {
				if x.cyclic && x.madeFor != len(list) && !x.pkg.Built() && !hopeless[x] {
					x.madeFor = len(list)
					m.addVariants(x)
					more = true
				}
			}
		}
		if !more {
			return comps
		}
		for _, x := range m.members {
			if left(x) {
				m.compile(x.final)
				for _, v := range x.variants {
					m.compile(v)
				}
			}
		}
	}
}

// cut finds the best way to cut a component with an effort.
func (m *model) cut(r *region, limit int) (Cycle, []*instance) {
	c := m.describe(r)
	var able []*member
	for _, x := range r.members {
		if slices.ContainsFunc(x.variants, func(v *instance) bool { return !v.dead }) {
			able = append(able, x)
		}
		c.Unproved = c.Unproved || x.capped
	}
	if m.proved[r.members[0]] {
		c.Unproved = false
	}
	s := &search{region: r, able: able, limit: limit}
	if r.rough = !r.suffices(r.variantsOf(able)); r.rough && !r.suffices(r.variantsOf(able)) {
		c.Outside = m.outside(r, able)
		c.Forbidden = m.forbidden(r)
		return c, nil
	}
	best := s.packages()
	if best == nil && !r.rough {
		r.rough = true
		*s = search{region: r, able: able, limit: limit}
		best = s.packages()
	}
	if best == nil {
		c.Unproved = c.Unproved || s.tired()
		c.Outside, c.Forbidden = m.outside(r, able), m.forbidden(r)
		return c, nil
	}
	c.Solved, c.Gap = true, len(best)-s.bound
	sets := [][]*member{best}
	if c.Gap == 0 {
		s.limit = min(s.limit, *s.work+s.limit/8)
		sets = s.others(best)
	}
	cut := s.flags(sets)
	c.FlagGap = s.flagGap || c.Unproved
	c.Unproved = false
	c.Cut = cuts(cut)
	for _, other := range s.alternatives(cut) {
		c.Alternatives = append(c.Alternatives, cuts(other))
	}
	return c, cut
}

func cuts(list []*instance) []Cut {
	var out []Cut
	for _, v := range list {
		out = append(out, Cut{v.member.pkg, v.changes})
	}
	return out
}

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
