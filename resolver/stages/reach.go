package stages

// A region is the part of a model that is searched at once: a component.
type region struct {
	members []*member
	insts   []*instance // of the members, those that others need first
	base    set         // usable before
	work    *int        // dependencies looked at so far
	rough   bool        // flags that the policy avoids may be switched
}

func (m *model) region(members []*member, base set, work *int) *region {
	r := &region{members: members, base: base, work: work}
	for _, x := range m.needsFirst(members) {
		r.insts = append(append(r.insts, x.variants...), x.final)
	}
	return r
}

// needsFirst sorts members so that most come after what they need: so that one
// look at them in this order reaches far.
func (m *model) needsFirst(members []*member) []*member {
	in := make(map[*member]bool, len(members))
	for _, x := range members {
		in[x] = true
	}
	var out []*member
	var visit func(x *member)
	visit = func(x *member) {
		delete(in, x)
		for _, list := range [...][]*expr{x.final.build, x.final.run} {
			for _, e := range list {
				e.leaves(func(l *expr) {
					for _, j := range l.insts {
						if y := m.insts[j].member; in[y] {
							visit(y)
						}
					}
				})
			}
		}
		out = append(out, x)
	}
	for _, x := range members {
		if in[x] {
			visit(x)
		}
	}
	return out
}

// A state is what has been merged, and what of it can be used.
type state struct{ merged, usable set }

func (r *region) start() *state {
	return &state{merged: newSet(len(r.base) * 64), usable: r.base.clone()}
}

func (s *state) clone() *state { return &state{s.merged.clone(), s.usable.clone()} }

// reach merges everything that can be merged: the members as they shall be,
// and the variants that are allowed.
func (r *region) reach(s *state, allowed set) {
	for {
		r.use(s)
		added := false
		for _, i := range r.insts {
			if i.dead || s.merged.has(i.id) || i.changes != nil && !allowed.has(i.id) {
				continue
			}
			*r.work += 1 + len(i.build)
			if all(i.build, s.usable) {
				s.merged.add(i.id)
				added = true
				if all(i.run, s.usable) {
					s.usable.add(i.id)
				}
			}
		}
		if !added {
			return
		}
	}
}

// use finds what can be used of what has been merged.
func (r *region) use(s *state) {
	copy(s.usable, r.base)
	for w, x := range s.merged {
		s.usable[w] |= x
	}
	for changed := true; changed; {
		changed = false
		for _, i := range r.insts {
			if !s.usable.has(i.id) || r.base.has(i.id) {
				continue
			}
			*r.work += 1 + len(i.run)
			if !all(i.run, s.usable) {
				s.usable.drop(i.id)
				changed = true
			}
		}
	}
}

func all(list []*expr, s set) bool {
	for _, e := range list {
		if !e.met(s) {
			return false
		}
	}
	return true
}

// done says if every member can be used as it shall be.
func (r *region) done(s *state) bool {
	for _, x := range r.members {
		if !s.usable.has(x.final.id) {
			return false
		}
	}
	return true
}

// suffices says if some variants suffice.
func (r *region) suffices(allowed set) bool {
	s := r.start()
	r.reach(s, allowed)
	return r.done(s)
}

// variantsOf returns the variants of some members.
func (r *region) variantsOf(list []*member) set {
	s := newSet(len(r.base) * 64)
	for _, x := range list {
		for _, v := range x.variants {
			if r.rough || !v.avoided {
				s.add(v.id)
			}
		}
	}
	return s
}
