package walk

import (
	"iter"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// slotOpDeps remembers the slot operator dependencies by the slot of the
// child, in order of discovery (D88).
type slotOpDeps struct {
	order  []universe.SlotID
	bySlot map[universe.SlotID][]*Dep
}

func (s *slotOpDeps) add(id universe.SlotID, d *Dep) {
	if s.bySlot == nil {
		s.bySlot = make(map[universe.SlotID][]*Dep)
	}
	if len(s.bySlot[id]) == 0 {
		s.order = append(s.order, id)
	}
	s.bySlot[id] = append(s.bySlot[id], d)
}

// forget drops the dependencies on a package that left the graph.
func (s *slotOpDeps) forget(p *universe.Pkg) {
	list, ok := s.bySlot[p.Slot]
	if !ok {
		return
	}
	list = slices.DeleteFunc(slices.Clone(list), func(d *Dep) bool { return d.Child == p })
	s.bySlot[p.Slot] = list
	if len(list) == 0 {
		delete(s.bySlot, p.Slot)
		s.order = slices.DeleteFunc(s.order, func(id universe.SlotID) bool { return id == p.Slot })
	}
}

// triggerRebuilds looks for built packages that are bound to an older slot or
// sub-slot and could be built against what the graph has or could have (D89).
func (w *Pass) triggerRebuilds() {
	newSlots := w.P.RebuildIfNewSlot.Or(true)
	w.inquiries = make(map[inquiryKey]*inquiry)
	defer func() { w.inquiries = nil }()
	for _, id := range w.slotOps.order {
		for _, d := range w.slotOps.bySlot[id] {
			if !bindsBuilt(d.Atom) {
				if c := w.slotChangeProbe(d); c != nil {
					w.replaceChild(d)
				}
				continue
			}
			parent := d.Parent.Pkg
			if parent == nil || !parent.Built() || !d.WantUpdate && parent.Installed() {
				continue
			}
			if newSlots {
				if n := w.updateProbe(d, probe{newSlot: true}); n != nil {
					w.replaceForUpdate(d, n.child, nil)
				}
			}
			if w.updateProbe(d, probe{}) != nil {
				w.replaceForUpdate(d, nil, nil)
			}
		}
	}
}

// slotChangeProbe returns the visible ebuild of a built child's version if it
// has another slot or sub-slot by now, and the parent is to be built.
func (w *Pass) slotChangeProbe(d *Dep) *universe.Pkg {
	parent := d.Parent.Pkg
	if parent == nil || parent.Built() || !d.Child.Built() {
		return nil
	}
	var ebuilds []*universe.Pkg
	if e := w.U.EbuildIn(d.Root, d.Child.CPV, d.Child.Repo); e != nil {
		ebuilds = append(ebuilds, e)
	}
	for _, e := range append(ebuilds, w.U.Ebuilds(d.Child)...) {
		if w.S.Search.Masks[e] != nil || w.S.Excluded(e) || !w.C.Visible(e) {
			continue
		}
		if e.SubslotOf(d.Child) {
			return nil
		}
		return e
	}
	return nil
}

// replaceChild asks for a built child to be merged anew.
func (w *Pass) replaceChild(d *Dep) {
	c := w.Facts.config()
	if d.Child.Installed() {
		w.addReplacement(c, d.Child)
	} else {
		c.MaskBuilt = partial.AddPkg(c.MaskBuilt, d.Child)
	}
	w.Facts.Restart = true
}

// replaceParent asks for a parent to be merged anew whose built slot operator
// dependency cannot be met.
func (w *Pass) replaceParent(d *Dep) {
	c := w.Facts.config()
	if p := d.Parent.Pkg; p.Installed() {
		w.addReplacement(c, p)
	} else {
		c.MaskBuilt = partial.AddPkg(c.MaskBuilt, p)
	}
	w.Facts.Restart = true
}

// replaceForUpdate asks for a parent to be merged anew against another child.
// The child is replaced too, unless the new one lives in a slot of its own.
func (w *Pass) replaceForUpdate(d *Dep, newSlotChild *universe.Pkg, found *replacement) {
	c := w.Facts.config()
	child, parent := d.Child, d.Parent.Pkg
	if newSlotChild == nil && !child.Installed() {
		c.MaskBuilt = partial.AddPkg(c.MaskBuilt, child)
	}
	switch {
	case !parent.Installed():
		c.MaskBuilt = partial.AddPkg(c.MaskBuilt, parent)
	case found != nil:
		c.Replace = partial.AddSlot(c.Replace, found.parent.Slot)
	default:
		w.addReplacement(c, parent)
	}
	if newSlotChild == nil && child.Installed() {
		w.addReplacement(c, child)
	}
	w.Facts.Restart = true
}

func (w *Pass) addReplacement(c *Config, p *universe.Pkg) {
	if r := w.replacementSlot(p); r != nil {
		c.Replace = partial.AddSlot(c.Replace, r.Slot)
	}
}

// replacementSlot returns a package in the slot by which an installed package
// is to be merged anew: that of the ebuild of its version today, else of an
// ebuild in its slot, else of the best binary package (D91). Nil if there is none.
func (w *Pass) replacementSlot(p *universe.Pkg) *universe.Pkg {
	var built []*universe.Pkg
	for _, a := range [...]*atoms.Atom{p.ExactAtom(), p.SlotAtom()} {
		for q := range w.C.SimilarWhere(p, a, nil) {
			if !q.Built() {
				return q
			}
			built = append(built, q)
		}
	}
	var best *universe.Pkg
	for _, q := range built {
		if best == nil || best.Less(q) {
			best = q
		}
	}
	return best
}

// A probe says which kind of update is looked for.
type probe struct {
	newSlot  bool          // in another slot
	conflict bool          // to settle a slot conflict
	level    *choose.Level // with changes of configuration
}

// A replacement is a parent and a child that could be merged in place of those
// of a dependency.
type replacement struct {
	parent, child *universe.Pkg
}

// updateProbe looks for a package to take the parent's place that would use
// another slot or sub-slot of the child's name (D92). Nil if there is none.
func (w *Pass) updateProbe(d *Dep, q probe) *replacement {
	parent := d.Parent.Pkg
	if d.Child.Installed() && w.S.Excluded(d.Child) || parent.Installed() && w.S.Excluded(parent) {
		return nil
	}
	for rp := range w.replacements(parent, q.level) {
		if !w.satisfiesParents(parent, rp, nil) {
			continue
		}
		u := &updateSearch{Pass: w, dep: d, probe: q, parent: rp, inquiry: w.inquiryOf(rp, d.Child.Root)}
		if child := u.find(); child != nil {
			return &replacement{rp, child}
		}
	}
	return nil
}

// replacements yields what could take the place of a parent: other packages of
// its slot, lower ones only if a downgrade is what is left.
func (w *Pass) replacements(parent *universe.Pkg, level *choose.Level) iter.Seq[*universe.Pkg] {
	var downgrade lazyBool
	wanted := func(rp *universe.Pkg) bool {
		return rp != parent && (!rp.Less(parent) || downgrade.get(func() bool { return w.C.DowngradeWanted(parent) }))
	}
	if level == nil {
		return w.C.SimilarWhere(parent, parent.SlotAtom(), wanted)
	}
	return func(yield func(*universe.Pkg) bool) {
		for _, rp := range w.C.Similar(parent, parent.SlotAtom(), level) {
			if wanted(rp) && !yield(rp) {
				return
			}
		}
	}
}

// lazyBool is computed at most once.
type lazyBool struct{ known, value bool }

func (l *lazyBool) get(f func() bool) bool {
	if !l.known {
		l.known, l.value = true, f()
	}
	return l.value
}

// updateSearch looks for the child of one replacement parent.
type updateSearch struct {
	*Pass
	dep       *Dep
	probe     probe
	parent    *universe.Pkg
	downgrade lazyBool
	*inquiry
}

// An inquiry is what was found out about a replacement parent. It holds as long
// as the graph does not change.
type inquiry struct {
	atoms    []*atoms.Atom   // see atomsOf
	selected map[string]bool // unevaluated atoms that the parent would really select
}

type inquiryKey struct {
	parent *universe.Pkg
	root   *universe.Root // where its dependencies are looked for
}

// inquiryOf returns what is known of a parent, to be added to. While rebuilds
// are looked for the graph stands still, and one parent comes up for each
// provider that it is bound to.
func (w *Pass) inquiryOf(parent *universe.Pkg, r *universe.Root) *inquiry {
	if w.inquiries == nil {
		return &inquiry{}
	}
	k := inquiryKey{parent, r}
	q := w.inquiries[k]
	if q == nil {
		q = &inquiry{}
		w.inquiries[k] = q
	}
	return q
}

// find returns the highest child that all atoms of the parent agree on.
func (u *updateSearch) find() *universe.Pkg {
	var agreed []*universe.Pkg
	first := true
	if u.atoms == nil {
		u.atoms = u.atomsOf(u.parent)
	}
	for _, a := range u.atoms {
		if universe.IsSoname(a) {
			if !u.dep.Child.Provides(a) {
				agreed, first = u.agree(agreed, u.sonameCandidates(a), first), false
			}
			continue
		}
		if a.Blocker != atoms.BlockNone || a.CP != u.dep.Child.CPV.CP {
			continue
		}
		bare := a.WithoutUSE()
		if u.parent.Built() && bare.MatchSlot(u.dep.Child.Package.Slot, u.dep.Child.Subslot) {
			continue
		}
		candidates, selected := u.candidates(a, bare)
		if !selected {
			continue
		}
		agreed, first = u.agree(agreed, candidates, first), false
	}
	var best *universe.Pkg
	for _, p := range agreed {
		if best == nil || best.Less(p) {
			best = p
		}
	}
	return best
}

// agree keeps the candidates that earlier atoms allowed too.
func (u *updateSearch) agree(agreed, candidates []*universe.Pkg, first bool) []*universe.Pkg {
	if first {
		return candidates
	}
	return slices.DeleteFunc(agreed, func(p *universe.Pkg) bool { return !contains(candidates, p) })
}

// sonameCandidates returns the children that provide a soname which the
// replacement parent needs and the present child does not provide.
func (u *updateSearch) sonameCandidates(a *atoms.Atom) []*universe.Pkg {
	var list []*universe.Pkg
	for p := range u.C.SimilarWhere(u.dep.Child, a, u.significant) {
		if u.satisfiesParents(u.dep.Child, p, u.parent) {
			list = append(list, p)
		}
	}
	return list
}

// bindsBuilt says if an atom binds a built package to what it was built
// against: a slot and sub-slot, or a soname.
func bindsBuilt(a *atoms.Atom) bool { return a.SlotOpBuilt() || universe.IsSoname(a) }

// atomsOf returns all evaluated atoms of a package, each text once.
func (u *updateSearch) atomsOf(p *universe.Pkg) []*atoms.Atom {
	flags := u.S.Flags(p)
	seen := make(map[string]bool)
	var list []*atoms.Atom
	for _, c := range [...]atoms.DepClass{atoms.BDepend, atoms.Depend, atoms.IDepend, atoms.PDepend, atoms.RDepend} {
		tree, err := p.Deps(c)
		if err != nil {
			return nil
		}
		for _, a := range tree.Leaves(flags.Enabled) {
			if !seen[a.String()] {
				seen[a.String()] = true
				list = append(list, a)
			}
		}
	}
	return append(list, p.Requires()...)
}

// candidates returns the children that an atom allows and that are worth the
// change, and whether the parent would select the atom at all.
func (u *updateSearch) candidates(a, bare *atoms.Atom) (list []*universe.Pkg, selected bool) {
	child := u.dep.Child
	checked := false
	for p := range u.C.SimilarWhere(child, bare, u.significant) {
		checked = true
		if !u.selects(a.Unevaluated()) {
			return nil, false
		}
		if u.satisfiesParents(child, p, u.parent) {
			list = append(list, p)
		}
	}
	if !checked && !u.selects(a.Unevaluated()) {
		return nil, false
	}
	return list, true
}

// worthwhile says if p in place of the child changes slot or sub-slot in the
// way that is looked for.
func (u *updateSearch) worthwhile(p *universe.Pkg) bool {
	child := u.dep.Child
	if p.SubslotOf(child) && !universe.IsSoname(u.dep.Atom) {
		return false
	}
	if u.probe.newSlot {
		return p.Package.Slot != child.Package.Slot && !p.Less(child)
	}
	if p.Package.Slot != child.Package.Slot {
		return false
	}
	if p.Less(child) && !u.downgrade.get(func() bool { return u.C.DowngradeWanted(child) }) {
		return false
	}
	return !(p.CPV.Version == child.CPV.Version && !child.Built())
}

// significant says if something is to be done about p in place of the child.
func (u *updateSearch) significant(p *universe.Pkg) bool {
	return u.worthwhile(p) && !u.insignificant(p)
}

// insignificant says if only the sub-slot of the child changed, without a
// revision: nothing is done about it until its parent is merged for another
// reason (D95).
func (u *updateSearch) insignificant(p *universe.Pkg) bool {
	d := u.dep
	return !u.probe.conflict && u.P.Selective && d.Parent.Pkg.Installed() && d.Child.Installed() &&
		d.Parent.Pkg.AtLeast(u.parent) && d.Child.CPV == p.CPV
}

// selects says if the parent's alternatives come down to the atom.
func (u *updateSearch) selects(a *atoms.Atom) bool {
	if u.selected == nil {
		u.selected = make(map[string]bool)
		for _, c := range [...]atoms.DepClass{atoms.BDepend, atoms.Depend, atoms.IDepend, atoms.PDepend, atoms.RDepend} {
			deps, err := u.reduce(u.parent, c)
			if err != nil {
				continue
			}
			groups, err := u.C.Check(deps, choose.Context{Root: u.dep.Child.Root, Parent: u.parent})
			if err != nil || len(groups) == 0 {
				continue
			}
			for _, t := range groups[0].Terms {
				u.selected[t.Atom.Unevaluated().String()] = true
			}
		}
	}
	return u.selected[a.String()]
}

type reverseKey struct{ existing, candidate, replaced *universe.Pkg }

// satisfiesParents says if a candidate satisfies what requires the existing
// package, leaving out requirements that are likely to go away (D94).
func (w *Pass) satisfiesParents(existing, candidate, replacedParent *universe.Pkg) bool {
	k := reverseKey{existing, candidate, replacedParent}
	if ok, known := w.reverseMemo[k]; known {
		return ok
	}
	ok := w.satisfiesParentsNow(existing, candidate, replacedParent)
	w.reverseMemo[k] = ok
	return ok
}

func (w *Pass) satisfiesParentsNow(existing, candidate, replacedParent *universe.Pkg) bool {
	builtParents := make(map[partial.Parent]bool)
	for _, pa := range w.S.Parents(existing) {
		if bindsBuilt(pa.Atom) {
			builtParents[pa.Parent] = true
		}
	}
	for _, pa := range w.S.Parents(existing) {
		a := pa.Atom
		if parent := pa.Parent.Pkg; parent != nil {
			if builtParents[pa.Parent] {
				if pa.Orig != nil {
					a = pa.Orig
				}
				if universe.IsSoname(a) {
					continue
				}
				if a.SlotOpBuilt() {
					a = a.WithSlot("", "", atoms.SlotOpRebuild)
				}
			}
			if w.parentMayGo(parent, existing, replacedParent) {
				continue
			}
		}
		if !w.S.Matches(a, candidate) {
			return false
		}
	}
	return true
}

// parentMayGo says if what a parent requires does not have to count: it is to
// be replaced, is in a slot conflict, could be updated or uninstalled, or
// depends on the package in a circle.
func (w *Pass) parentMayGo(parent, existing, replacedParent *universe.Pkg) bool {
	if replacedParent != nil && (replacedParent.Slot == parent.Slot || replacedParent.CPV == parent.CPV) {
		return true
	}
	for _, p := range w.S.Tracker.Match(parent.Root, w.U.NameAtom(parent.CPV.CP)) {
		if p != parent && (p.Slot == parent.Slot || p.CPV == parent.CPV) {
			return true
		}
	}
	if w.S.TooDeep(w.S.Depth(parent)) || w.S.Excluded(parent) {
		return false
	}
	return w.updateAvailable(parent) || parent.Installed() && w.inBlockerConflict(parent) ||
		w.S.Graph.HasEdge(node(parent), node(existing))
}

func (w *Pass) updateAvailable(p *universe.Pkg) bool {
	for range w.C.SimilarWhere(p, p.SlotAtom(), p.Less) {
		return true
	}
	return false
}

// unsatisfiedProbe says if some package to take the parent's place has a slot
// operator dependency on the name that can be met (D93).
func (w *Pass) unsatisfiedProbe(d *Dep) bool {
	parent := d.Parent.Pkg
	if parent == nil || parent.Installed() && w.S.Excluded(parent) {
		return false
	}
	for rp := range w.C.SimilarWhere(parent, parent.SlotAtom(), nil) {
		for _, c := range universe.Classes() {
			tree, err := rp.Deps(c)
			if err != nil {
				continue
			}
			for a := range tree.All() {
				if a.SlotOp != atoms.SlotOpRebuild || a.Blocker != atoms.BlockNone || a.CP != d.Atom.CP {
					continue
				}
				if w.C.Select(choose.Ask{Root: d.Root, Atom: a.WithoutUSE(), OnlyDeps: d.OnlyDeps}).Pkg != nil {
					return true
				}
			}
		}
	}
	return false
}
