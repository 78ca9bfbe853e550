package order

import "github.com/tumpline/tumpline/resolver/digraph"

// emit puts selected nodes on the list, in that order.
func (s *serializer) emit(selected []digraph.Node) {
	for _, n := range selected {
		s.remove(n)
	}
	for _, n := range selected {
		if t := s.in.task(n); t.Kind != NoMerge {
			s.emitTask(n, t)
		}
	}
}

// emitTask puts a merge or a removal on the list, with the blockers it solves.
// A merge into an occupied slot does the work of the removal task of the
// package there. Blockers that are solved by plain order are not listed: only
// those for which a removal had been scheduled.
func (s *serializer) emitTask(n digraph.Node, t *Task) {
	done := n
	if t.Kind == Uninstall {
		s.uninstalls = true
	} else if done = s.replacedBy(t); done != digraph.None {
		if s.g.Contains(done) {
			s.remove(done)
		}
	}
	var solved []BlockerID
	if done != digraph.None && !s.ignored[done] {
		solved = s.blocks.finish(done)
	}
	s.list = append(s.list, Item{Task: n, Blocker: NoBlocker})
	if t.Kind != Uninstall && (done == digraph.None || !s.scheduled[done]) {
		return
	}
	for _, b := range solved {
		s.list = append(s.list, Item{Task: digraph.None, Blocker: b, Satisfied: true})
	}
}

// replacedBy returns the uninstall task that a merge makes superfluous.
func (s *serializer) replacedBy(t *Task) digraph.Node {
	use := s.slots[slotKey{t.Root, string(t.CPV.CP), t.Slot}]
	if use == nil || len(use.uninstalls) == 0 {
		return digraph.None
	}
	return use.uninstalls[0]
}

// finish completes the result after the last node.
func (s *serializer) finish() *Result {
	r := &Result{List: s.list, KeptSelected: s.keptSelected, reversed: s.reversed}
	r.Unsolved = s.blocks.unsolved()
	if s.uninstalls && !s.in.Options.Complete && len(r.Unsolved) == 0 {
		r.NeedComplete = true
		return r
	}
	for _, b := range r.Unsolved {
		r.List = append(r.List, Item{Task: digraph.None, Blocker: b})
	}
	r.Refused = s.in.refused(r.Unsolved)
	return r
}

// refused returns those of the unsolved blockers that fail the request. Under
// --buildpkgonly the build-time "!!" ones always do.
func (in *Input) refused(unsolved []BlockerID) []BlockerID {
	if in.Options.BuildPkgOnly {
		var hard []BlockerID
		for _, id := range unsolved {
			if b := in.Blockers[id]; b.Buildtime && b.Forbid {
				hard = append(hard, id)
			}
		}
		if len(hard) > 0 {
			return hard
		}
	}
	if in.Options.AcceptConflicts {
		return nil
	}
	return unsolved
}
