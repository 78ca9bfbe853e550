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
			for _, v := range cut {
				base.add(v.id)
			}
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
