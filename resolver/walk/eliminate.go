package walk

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

func ignoreUnlessUnsatisfiedBuild(p digraph.Priority) bool { return order.LevelUnsatHard.Ignores(p) }

// prune asks for one more pass without the scheduled rebuilds where they may
// have cost an update, or where a binary package would fit a proposed USE
// change (D80). True if it does.
func (w *Pass) prune() bool {
	if w.S.Search.Prune {
		return false
	}
	if !w.binaryFitsChange() && !(len(w.S.Search.Replace) > 0 && len(w.MissedUpdates()) > 0) {
		return false
	}
	w.Facts.config().PruneRebuild = true
	w.Facts.Restart = true
	return true
}

// binaryFitsChange says if a binary package was refused for USE that the
// proposed changes ask for by now.
func (w *Pass) binaryFitsChange() bool {
	if !w.opt.Backtrack || len(w.S.Changes.USE) == 0 {
		return false
	}
	for _, b := range w.C.RefusedList {
		if w.betterThanRefused(b) {
			continue
		}
		for _, p := range w.S.Tracker.Added(b.Root, b.SlotAtom()) {
			if w.S.Changes.USE[p] != nil && w.S.InGraph(p) && !b.Less(p) &&
				slices.Equal(w.S.Flags(p).List(), b.Flags().List()) {
				return true
			}
		}
	}
	return false
}

// betterThanRefused says if what fills the slot of a refused binary package
// leaves nothing to be sorry for.
func (w *Pass) betterThanRefused(b *universe.Pkg) bool {
	for _, p := range w.S.Tracker.Match(b.Root, b.SlotAtom()) {
		if b.Less(p) || p.Origin == ebuild.OriginBinary && p.AtLeast(b) ||
			p.Installed() && p.CPV == b.CPV && p.BuildTime() == b.BuildTime() {
			return true
		}
	}
	return false
}

// A MissedUpdate is a package that would have been taken but for a conflict or
// a dependency that cannot be met.
type MissedUpdate struct {
	Pkg     *universe.Pkg
	Parents []partial.ParentAtom // requirements that it fails; empty for a missing dependency
	Missing *atoms.Atom          // its dependency that cannot be met
	Root    *universe.Root       // where Missing was looked for
}

// MissedUpdates returns the highest missed update of each slot.
func (w *Pass) MissedUpdates() []MissedUpdate {
	var list []MissedUpdate
	index := make(map[universe.SlotID]int)
	note := func(m MissedUpdate) {
		if m.Pkg.Installed() || !w.isMissed(m.Pkg) {
			return
		}
		i, ok := index[m.Pkg.Slot]
		switch {
		case !ok:
			index[m.Pkg.Slot] = len(list)
			list = append(list, m)
		case !m.Pkg.Less(list[i].Pkg):
			list[i] = m
		}
	}
	for _, p := range w.S.Search.Masked {
		switch m := w.S.Search.Masks[p]; {
		case len(m.SlotConflict) > 0:
			note(MissedUpdate{Pkg: p, Parents: m.SlotConflict})
		case m.MissingDep:
			note(MissedUpdate{Pkg: p, Missing: m.Missing, Root: m.MissingRoot})
		}
	}
	for _, p := range w.missedOrder {
		note(MissedUpdate{Pkg: p, Parents: w.missed[p]})
	}
	return list
}

// isMissed says if the slot of p is filled, but with nothing as good.
func (w *Pass) isMissed(p *universe.Pkg) bool {
	chosen := w.S.Tracker.Match(p.Root, p.SlotAtom())
	for _, q := range chosen {
		if p.Less(q) || !q.Installed() && q.CPV.Version == p.CPV.Version {
			return false
		}
	}
	return len(chosen) > 0
}

// eliminateRebuilds puts installed packages back where a rebuild that was
// scheduled for a slot operator turned out to change nothing (D97).
func (w *Pass) eliminateRebuilds() bool {
	if w.P.Empty || len(w.S.Tracker.Conflicts()) > 0 {
		return false
	}
	modified := false
	for _, id := range w.S.Search.Replace {
		k := w.U.SlotKey(id)
		for _, p := range slices.Clone(w.S.Tracker.Added(w.U.Roots[k.Root], w.U.SlotAtom(id))) {
			inst := w.U.InSlot(p)
			if inst == nil || p.Installed() || inst.CPV != p.CPV || !w.isUseless(p, inst) {
				continue
			}
			w.putBack(p, inst)
			modified = true
		}
	}
	return modified
}

// isUseless says if merging p again would give just what is installed.
func (w *Pass) isUseless(p, inst *universe.Pkg) bool {
	if _, forFlags := w.C.Reinstall[p]; forFlags || !inst.SubslotOf(p) {
		return false
	}
	if w.P.ChangedSlot && (w.C.SlotChanged(p) || w.C.SlotChanged(inst)) {
		return false
	}
	for _, pa := range w.S.Parents(p) {
		if !inst.Matches(pa.Atom, nil) {
			return false
		}
		if arg := pa.Parent.Arg; arg != nil && !w.P.Selective && (arg.Kind == partial.ArgAtom || arg.SetName() != "" && arg.SetName() != setReplace) {
			return false
		}
	}
	if p.Built() && (p.Raw("PROVIDES") != inst.Raw("PROVIDES") || p.Raw("REQUIRES") != inst.Raw("REQUIRES")) {
		return false
	}
	return w.sameRecordedDeps(p, inst)
}

// sameRecordedDeps compares what merging p would record as its dependencies
// with what is recorded.
func (w *Pass) sameRecordedDeps(p, inst *universe.Pkg) bool {
	libc := w.U.LibcAtoms(p.Root)
	flags := w.S.Flags(p)
	own := p.Flags()
	for _, c := range universe.Classes() {
		was, err := inst.Package.Deps(c)
		if err != nil {
			return false
		}
		is, err := p.Package.Deps(c)
		if err != nil {
			return false
		}
		recorded := atoms.Reduce(was, atoms.ReduceOptions{Enabled: own.Enabled})
		planned := atoms.Reduce(is, atoms.ReduceOptions{Enabled: flags.Enabled})
		if !p.Built() {
			planned = w.bindSlots(p, c, planned)
		}
		if atoms.StripLibcDeps(recorded, libc).String() != atoms.StripLibcDeps(planned, libc).String() {
			return false
		}
	}
	return true
}

// bindSlots gives := atoms the slot and sub-slot of the best match in the
// planned state, as recording does when a package is merged (D85).
func (w *Pass) bindSlots(p *universe.Pkg, class atoms.DepClass, d *atoms.Dep) *atoms.Dep {
	if d.Kind != atoms.KindLeaf {
		n := *d
		n.Children = make([]*atoms.Dep, len(d.Children))
		for i, x := range d.Children {
			n.Children[i] = w.bindSlots(p, class, x)
		}
		return &n
	}
	if d.Leaf.SlotOp != atoms.SlotOpRebuild {
		return d
	}
	for _, r := range w.recordingRoots(p, class) {
		if list := w.S.Tracker.Match(r, d.Leaf); len(list) > 0 {
			best := list[len(list)-1]
			return &atoms.Dep{Kind: atoms.KindLeaf, Leaf: d.Leaf.WithSlot(best.Package.Slot, best.Subslot, atoms.SlotOpRebuild)}
		}
	}
	return d
}

func (w *Pass) recordingRoots(p *universe.Pkg, class atoms.DepClass) []*universe.Root {
	modern := p.EAPI != nil && p.EAPI.BDEPEND
	switch {
	case class == atoms.BDepend:
		return []*universe.Root{w.U.Running}
	case class == atoms.Depend && !modern && w.U.Running != w.U.Target:
		return []*universe.Root{w.U.Target, w.U.Running}
	default:
		return []*universe.Root{w.U.Target}
	}
}

// putBack replaces a merge in the graph by the installed package.
func (w *Pass) putBack(p, inst *universe.Pkg) {
	type edge struct {
		other digraph.Node
		prios []digraph.Priority
	}
	parents := slices.Clone(w.S.Parents(p))
	var up, down []edge
	for _, n := range w.S.Graph.Parents(node(p)) {
		up = append(up, edge{n, slices.Clone(w.S.Graph.Priorities(node(p), n))})
	}
	childAtoms := make(map[*universe.Pkg][]partial.ParentAtom)
	for _, n := range w.S.Graph.Children(node(p)) {
		down = append(down, edge{n, slices.Clone(w.S.Graph.Priorities(n, node(p)))})
		if c := w.pkgOf(n); c != nil {
			for _, pa := range w.S.Parents(c) {
				if pa.Parent.Pkg == p {
					childAtoms[c] = append(childAtoms[c], pa)
				}
			}
		}
	}
	w.remove(p, false)
	for _, pa := range parents {
		w.S.AddParent(inst, pa)
	}
	for _, e := range up {
		for _, prio := range e.prios {
			w.S.Graph.Add(node(inst), e.other, prio)
		}
	}
	for _, e := range down {
		if c := w.pkgOf(e.other); c != nil {
			for _, pa := range childAtoms[c] {
				w.S.AddParent(c, partial.ParentAtom{Parent: partial.Parent{Pkg: inst}, Atom: pa.Atom, Orig: pa.Orig})
			}
		}
		for _, prio := range e.prios {
			w.S.Graph.Add(e.other, node(inst), prio)
		}
	}
}
