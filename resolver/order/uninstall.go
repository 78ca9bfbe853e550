package order

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/digraph"
)

// scheduleUninstall looks for the removal that frees a package at the least
// cost, and turns it round: the blocking packages are merged over the blocked
// one, which is removed after them. It reports whether it found one.
func (s *serializer) scheduleUninstall() bool {
	tasks := s.blocks.tasks()
	if len(tasks) == 0 {
		return false
	}
	sc := &normalScale
	if s.dropSatisfied {
		sc = &satisfiedScale
	}
	within := s.together(s.f.leaf[sc.mediumUnblocked])
	best, cost := digraph.None, 0
	for _, task := range tasks {
		if !s.mayUninstall(task) {
			continue
		}
		c, ok := s.uninstallCost(task, sc, within, cost)
		if !ok {
			continue
		}
		best, cost = task, c
		if cost == 1 {
			break
		}
	}
	if best == digraph.None {
		return false
	}
	s.reverse(best)
	return true
}

// together is the set of selectable nodes among leaf.
func (s *serializer) together(leaf bitset) bitset {
	out := slices.Clone(leaf)
	for i := range out {
		out[i] &= s.eligible[i]
	}
	return out
}

// mayUninstall reports whether nothing forbids to remove the task's package.
func (s *serializer) mayUninstall(task digraph.Node) bool {
	if s.ignored[task] || s.scheduled[task] || !s.g.Contains(task) {
		return false
	}
	t := s.in.task(task)
	if s.installed[packageKey{t.Root, t.CPV.String()}] {
		return false
	}
	if t.Root == s.in.Running && !s.mayUninstallHere(task, t) {
		return false
	}
	o := s.in.Options
	if o.Complete || o.IgnoreWorld || s.in.Facts == nil || !s.in.Facts.LastSelected(task) {
		return true
	}
	if !slices.Contains(s.keptSelected, task) {
		s.keptSelected = append(s.keptSelected, task)
	}
	return false
}

// mayUninstallHere is about the running root. A package blocked with "!!" is
// not removed for it. A blocker of an EAPI that has no other kind may or may
// not be meant so; there the system and Portage's own needs are kept.
func (s *serializer) mayUninstallHere(task digraph.Node, t *Task) bool {
	unclear := false
	for _, id := range s.blocks.blockers(task) {
		b := s.in.Blockers[id]
		switch {
		case !b.Strong:
			unclear = true
		case b.Forbid:
			return false
		}
	}
	if !unclear {
		return true
	}
	if s.in.Facts != nil && s.in.Facts.LastPortageDep(task) {
		return false
	}
	return !(s.in.Options.ImplicitSystemDeps && t.System)
}

// uninstallCost counts the distinct nodes among the task and the children of
// its parents. It gives up (false) as soon as the count reaches limit, unless
// that is 0, and if no parent could be merged once the task is out of the way.
func (s *serializer) uninstallCost(task digraph.Node, sc *scale, within bitset, limit int) (cost int, ok bool) {
	seen := map[digraph.Node]bool{task: true}
	for parent := range s.g.ParentBundles(task) {
		for child, b := range s.g.ChildBundles(parent) {
			if s.masks.of(b).has(sc.last) {
				seen[child] = true
			}
		}
		if limit > 0 && len(seen) >= limit {
			return 0, false
		}
		if !ok {
			held := s.heldBack(sc, within)
			_, ok = s.closure(parent, sc.lastUnblocked, within, held, 0)
		}
	}
	return len(seen), ok
}

// reverse schedules the task: it becomes the parent of the packages that
// wanted it, and of a merge into its own slot, and goes to the end.
func (s *serializer) reverse(task digraph.Node) {
	s.scheduled[task] = true
	parents := s.g.Parents(task)
	s.remove(task)
	for _, p := range parents {
		s.g.Add(p, task, digraph.BlockerEdge)
		s.reversed = append(s.reversed, reversal{task: task, after: p})
	}
	t := s.in.task(task)
	for _, m := range s.slots[slotKey{t.Root, string(t.CPV.CP), t.Slot}].merges {
		if s.g.Contains(m) {
			s.g.Add(m, task, digraph.BlockerEdge)
		}
	}
	s.f.append(task)
	p := s.f.place[task]
	s.eligible.set(p)
	s.tasks.set(p)
	for child := range s.g.ChildBundles(task) {
		s.wanted.set(s.f.place[child])
	}
	s.keeper = nil
}

// dropUninstall gives one task up, so that what waits for it can go on; its
// blocker stays unsolved. It reports whether there was one.
func (s *serializer) dropUninstall() bool {
	for _, task := range s.blocks.tasks() {
		if s.g.Contains(task) {
			s.remove(task)
			s.ignored[task] = true
			return true
		}
	}
	return false
}
