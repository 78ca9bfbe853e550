package walk

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// greedy adds to each atom argument the installed slots that lie below what
// the atom selects, so that --update reaches them too (S15). With
// minding blockers, slots that could not stay beside a better one are left out.
func (w *Pass) greedy(args []*partial.Arg, mindBlockers bool) []*partial.Arg {
	var out []*partial.Arg
	for _, arg := range args {
		out = append(out, arg)
		if arg.Kind != partial.ArgAtom {
			continue
		}
		for _, a := range w.greedySlots(arg, mindBlockers) {
			out = append(out, w.identify(&partial.Arg{Kind: partial.ArgAtom, Text: arg.Text, Root: arg.Root, Atom: a}))
		}
	}
	return out
}

func (w *Pass) greedySlots(arg *partial.Arg, mindBlockers bool) []*atoms.Atom {
	best := w.C.Select(choose.Ask{Root: arg.Root, Atom: arg.Atom}).Pkg
	if best == nil {
		return nil
	}
	var lower []*universe.Pkg
	var seen []string
	for _, inst := range w.U.Installed(arg.Root, arg.Atom) {
		slot := inst.Package.Slot
		if slot == best.Package.Slot || contains(seen, slot) {
			continue
		}
		seen = append(seen, slot)
		p := w.C.Select(choose.Ask{Root: arg.Root, Atom: w.U.Atom(string(best.CPV.CP) + ":" + slot)}).Pkg
		if p != nil && p.Less(best) {
			lower = append(lower, p)
		}
	}
	if mindBlockers && len(lower) > 0 {
		lower = w.withoutBlocked(best, lower)
	}
	slotAtoms := make([]*atoms.Atom, len(lower))
	for i, p := range lower {
		slotAtoms[i] = p.SlotAtom()
	}
	return slotAtoms
}

// withoutBlocked drops packages that block the best one or are blocked by it,
// and of two that block each other the lower one.
func (w *Pass) withoutBlocked(best *universe.Pkg, lower []*universe.Pkg) []*universe.Pkg {
	blockers := make(map[*universe.Pkg][]*atoms.Atom)
	for _, p := range append(slices.Clone(lower), best) {
		if list, ok := w.blockersOf(p); ok {
			blockers[p] = list
		}
	}
	if _, ok := blockers[best]; !ok {
		return nil
	}
	conflict := func(p, q *universe.Pkg) bool {
		return w.S.InList(blockers[p], q) || w.S.InList(blockers[q], p)
	}
	var kept []*universe.Pkg
	for _, p := range lower {
		if _, ok := blockers[p]; ok && !conflict(p, best) {
			kept = append(kept, p)
		}
	}
	slices.SortStableFunc(kept, func(a, b *universe.Pkg) int { return b.Compare(a) })
	dropped := make(map[*universe.Pkg]bool)
	for i, p := range kept {
		for _, q := range kept[i+1:] {
			if !dropped[p] && !dropped[q] && conflict(p, q) {
				dropped[q] = true
			}
		}
	}
	return slices.DeleteFunc(kept, func(p *universe.Pkg) bool { return dropped[p] })
}

// blockersOf returns the blocker atoms that the dependencies of p come down to.
func (w *Pass) blockersOf(p *universe.Pkg) ([]*atoms.Atom, bool) {
	var deps []*atoms.Dep
	for _, c := range [...]atoms.DepClass{atoms.BDepend, atoms.Depend, atoms.IDepend, atoms.PDepend, atoms.RDepend} {
		reduced, err := w.reduce(p, c)
		if err != nil {
			return nil, false
		}
		deps = append(deps, reduced...)
	}
	groups, err := w.C.Check(deps, choose.Context{Root: p.Root, Parent: p})
	if err != nil {
		return nil, false
	}
	var list []*atoms.Atom
	for _, g := range groups {
		for _, t := range g.Terms {
			if t.Atom.Blocker != atoms.BlockNone {
				list = append(list, t.Atom.Unblocked())
			}
		}
	}
	return list, true
}

// reduce returns the evaluated dependencies of one class. The caller must not
// change the slice.
func (w *Pass) reduce(p *universe.Pkg, class atoms.DepClass) ([]*atoms.Dep, error) {
	return p.Evaluated(class, w.S.Flags(p))
}
