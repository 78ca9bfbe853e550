package walk

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// settle completes the graph, settles slot conflicts, validates blockers and
// orders what is left, again if the order shows that the graph must be
// complete (Portage: altlist). False means that this cannot be done.
func (w *Pass) settle() bool {
	for w.Order == nil {
		if !w.S.Complete && w.opt.Backtrack && len(w.S.Tracker.Conflicts()) > 0 {
			w.S.Complete = true
		}
		if !w.complete() || w.C.VirtualCycle != nil || !w.settleConflicts() {
			return false
		}
		if !w.serialize() {
			return false
		}
	}
	return true
}

// settleConflicts solves the slot conflicts that can be solved by leaving
// members out, and notes for the others what another pass could do.
func (w *Pass) settleConflicts() bool {
	if !w.solveConflicts() || !w.validateBlockers() {
		return false
	}
	for _, c := range w.S.Tracker.Conflicts() {
		w.noteConflict(c)
	}
	if w.opt.Backtrack {
		w.triggerRebuilds()
	}
	return true
}

// noteConflict finds the members of a conflict that fail a requirement on the
// slot, and what to do about them (D50, D74).
func (w *Pass) noteConflict(c partial.Conflict) {
	all := w.allParents(c.Pkgs)
	var failing []*universe.Pkg
	failed := make([][]*universe.Pkg, len(all)) // by parent atom: members that fail it
	for _, p := range c.Pkgs {
		fails := false
		for i, pa := range all {
			if w.S.HasParent(p, pa) {
				continue
			}
			if w.S.Matches(pa.Atom, p) {
				w.S.AddParent(p, pa)
				continue
			}
			fails = true
			failed[i] = append(failed[i], p)
		}
		if fails {
			failing = append(failing, p)
		}
	}
	if len(failing) == 0 || !w.opt.Backtrack {
		return
	}
	var remaining []*universe.Pkg
	for _, p := range failing {
		if w.settleByRebuild(p, c, all, failed) {
			cfg := w.Facts.config()
			cfg.ConflictABI = partial.AddPkg(cfg.ConflictABI, p)
		} else {
			remaining = append(remaining, p)
		}
	}
	if len(remaining) > 0 {
		w.maskAlternatives(c, all, remaining)
	}
}

// allParents returns the requirements on any of the packages, each once.
func (w *Pass) allParents(pkgs []*universe.Pkg) []partial.ParentAtom {
	type key struct {
		parent digraph.Node
		atom   string
	}
	seen := make(map[key]bool)
	var all []partial.ParentAtom
	for _, p := range pkgs {
		for _, pa := range w.S.Parents(p) {
			k := key{pa.Parent.Node(), pa.Atom.String()}
			if !seen[k] {
				seen[k] = true
				all = append(all, pa)
			}
		}
	}
	return all
}

// settleByRebuild asks for the built parents whose slot operator atoms a
// member fails to be rebuilt against another member, where that is possible.
func (w *Pass) settleByRebuild(p *universe.Pkg, c partial.Conflict, all []partial.ParentAtom, failed [][]*universe.Pkg) bool {
	found := false
	for i, pa := range all {
		parent := pa.Parent.Pkg
		if len(failed[i]) == 0 || parent == nil || !parent.Built() || !bindsBuilt(pa.Atom) {
			continue
		}
		for _, other := range c.Pkgs {
			if contains(failed[i], other) {
				continue
			}
			d := &Dep{Atom: pa.Atom, Child: other, Parent: pa.Parent, Root: p.Root}
			if r := w.conflictProbe(d); r != nil {
				w.replaceForUpdate(d, nil, r)
				found = true
			}
		}
	}
	return found
}

func (w *Pass) conflictProbe(d *Dep) *replacement {
	if r := w.updateProbe(d, probe{conflict: true}); r != nil {
		return r
	}
	for _, level := range w.C.Levels() {
		if r := w.updateProbe(d, probe{conflict: true, level: &level}); r != nil {
			return r
		}
	}
	return nil
}

// maskAlternatives notes which member of a conflict to mask: of those that
// fail a requirement, and the lowest one even if it fails none. The one that
// fails most is to be tried first, of equals the lowest version (D74).
func (w *Pass) maskAlternatives(c partial.Conflict, all []partial.ParentAtom, failing []*universe.Pkg) {
	if lowest := w.S.Tracker.First(c.Pkgs[0]); !contains(failing, lowest) {
		failing = append(failing, lowest)
	}
	slices.SortStableFunc(failing, func(a, b *universe.Pkg) int { return b.Compare(a) })
	var list []MaskAlternative
	for _, p := range failing {
		fails := slices.DeleteFunc(slices.Clone(all), func(pa partial.ParentAtom) bool { return w.S.HasParent(p, pa) })
		alt := w.similarMasks(p, fails, failing)
		list = append(list, append(alt, MaskItem{p, fails}))
	}
	slices.SortStableFunc(list, func(a, b MaskAlternative) int {
		return len(a[len(a)-1].Fails) - len(b[len(b)-1].Fails)
	})
	w.Facts.SlotConflicts = append(w.Facts.SlotConflicts, list)
	w.Facts.Restart = true
}

// similarMasks returns other versions of the slot that fail some of the same
// requirements: masking them in the same step saves passes.
func (w *Pass) similarMasks(p *universe.Pkg, fails []partial.ParentAtom, failing []*universe.Pkg) MaskAlternative {
	var alt MaskAlternative
	if len(fails) == 0 {
		return alt
	}
	for q := range w.C.SimilarWhere(p, p.SlotAtom(), func(q *universe.Pkg) bool { return !contains(failing, q) }) {
		same := slices.DeleteFunc(slices.Clone(fails), func(pa partial.ParentAtom) bool { return q.Matches(pa.Atom, nil) })
		if len(same) > 0 {
			alt = append(alt, MaskItem{q, same})
		}
	}
	return alt
}

// remove takes a package out of the graph, and with orphans everything that
// nothing else requires.
func (w *Pass) remove(p *universe.Pkg, orphans bool) {
	var children []*universe.Pkg
	for _, n := range w.S.Graph.Children(node(p)) {
		if c := w.pkgOf(n); c != nil && c != p {
			children = append(children, c)
		}
	}
	w.S.Graph.Remove(node(p))
	w.S.Tracker.Remove(p)
	w.S.DropParents(p)
	for _, c := range children {
		w.S.DropParent(c, partial.Parent{Pkg: p})
	}
	w.slotOps.forget(p)
	w.blockers.drop(p)
	if orphans {
		for _, c := range children {
			if w.S.InGraph(c) && w.S.Graph.ParentCount(node(c)) == 0 {
				w.remove(c, true)
			}
		}
	}
	w.C.Removed(p)
}

// Missed returns the packages that a solved conflict kept out although they
// are higher, with the requirements that they fail.
func (w *Pass) Missed() ([]*universe.Pkg, map[*universe.Pkg][]partial.ParentAtom) {
	return w.missedOrder, w.missed
}
