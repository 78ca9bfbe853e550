package choose

import (
	"iter"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A view answers which packages stand for an atom while alternatives are
// compared, in ascending order of version.
type view interface {
	matches(r *universe.Root, a *atoms.Atom) []*universe.Pkg
}

// usableView shows the package that the atom would select, unless taking it
// would be unwise: it is masked, not wanted any more, or would fight with what
// the graph has already (D32).
type usableView struct{ *Chooser }

// finalView shows what will be there: the graph and what stays installed.
type finalView struct{ *Chooser }

func (v finalView) matches(r *universe.Root, a *atoms.Atom) []*universe.Pkg {
	return v.S.Tracker.Match(r, a)
}

func (v usableView) matches(r *universe.Root, a *atoms.Atom) []*universe.Pkg {
	id, m := v.U.AtomID(a), &v.memos[r.ID]
	if int(id) < len(m.usable) && m.usable[id].age == m.usableAge {
		return m.usable[id].list
	}
	list := v.compute(r, a)
	m.usable = reach(m.usable, int(id))
	m.usable[id] = usables{list, m.usableAge}
	return list
}

func (v usableView) compute(r *universe.Root, a *atoms.Atom) []*universe.Pkg {
	p := v.Select(Ask{Root: r, Atom: a}).Pkg
	if p == nil {
		return nil
	}
	var list []*universe.Pkg
	if v.isUsable(p, a, true, true) {
		list = []*universe.Pkg{p}
	}
	lookLower := v.P.Action != params.ActionRemove && !v.P.Update || len(list) == 0
	if a.Subslot == "" && p.Virtual() && lookLower {
		list = v.eachSlot(r, a, p, list)
	}
	return list
}

type slotSubslot struct{ slot, subslot string }

func slotOf(p *universe.Pkg) slotSubslot { return slotSubslot{p.Package.Slot, p.Subslot} }

// eachSlot adds one virtual per slot and sub-slot, so that a newer one is not
// pulled in where a lower one is satisfied already (D28).
func (v usableView) eachSlot(r *universe.Root, a *atoms.Atom, p *universe.Pkg, list []*universe.Pkg) []*universe.Pkg {
	var open []slotSubslot
	for _, q := range v.MatchAny(r, a) {
		if s := slotOf(q); !slices.Contains(open, s) {
			open = append(open, s)
		}
	}
	done := make(map[slotSubslot]bool)
	if len(list) > 0 {
		open = slices.DeleteFunc(open, func(s slotSubslot) bool { return s == slotOf(p) })
		done[slotOf(p)] = true
	} else if !slices.Contains(open, slotOf(p)) {
		open = append(open, slotOf(p))
	}
	for _, s := range open {
		q := v.Select(Ask{Root: r, Atom: a.WithSlot(s.slot, s.subslot, atoms.SlotOpNone)}).Pkg
		if q == nil {
			continue
		}
		if !v.isUsable(q, a, false, true) {
			if q = v.virtualUpdate(q, a, s.slot, done); q == nil {
				continue
			}
		}
		done[slotOf(q)] = true
		if !contains(list, q) {
			list = append(list, q)
		}
	}
	slices.SortStableFunc(list, (*universe.Pkg).Compare)
	return list
}

// virtualUpdate returns the highest newer virtual of a slot that could replace q.
func (v usableView) virtualUpdate(q *universe.Pkg, a *atoms.Atom, slot string, done map[slotSubslot]bool) *universe.Pkg {
	selected := q
	for _, cand := range v.virtualUpdates(q, a) {
		if cand.Package.Slot == slot && !done[slotOf(cand)] && selected.Less(cand) {
			selected = cand
		}
	}
	if selected == q {
		return nil
	}
	return selected
}

// virtualUpdates returns the available virtuals whose dependencies are visible,
// where an update of p is wanted by the package whose alternatives are compared.
func (v usableView) virtualUpdates(p *universe.Pkg, a *atoms.Atom) []*universe.Pkg {
	if v.parent == nil || !v.S.WantsUpdate(v.parent, p) {
		return nil
	}
	return filter(v.Similar(p, a, nil), func(q *universe.Pkg) bool {
		return v.virtualDepsVisible(q) && v.isUsable(q, a, false, false)
	})
}

// isUsable says if a comparison may count on p for the atom.
func (v usableView) isUsable(p *universe.Pkg, a *atoms.Atom, avoidConflict, probeUpdate bool) bool {
	if p.Installed() && (!v.S.WantsInstalled(p) || !v.installedUsable(p)) {
		return false
	}
	if p.Virtual() {
		if !v.virtualDepsVisible(p) {
			return false
		}
		if probeUpdate && slices.ContainsFunc(v.virtualUpdates(p, a), p.Less) {
			return false
		}
	}
	return !avoidConflict || v.avoidsConflict(p, a)
}

// installedUsable says if an installed package may stay although it has masks:
// without --update always, else only if its ebuild is visible.
func (v usableView) installedUsable(p *universe.Pkg) bool {
	if !p.Masked() && v.Visible(p) || !v.P.Update && v.P.Action != params.ActionRemove {
		return true
	}
	if !v.P.UseEbuildVisibility && v.P.UsePkgOnly == params.Yes {
		return false
	}
	return v.ebuildVisible(p, nil)
}

// avoidsConflict says if p is what its slot holds or best could hold. Where
// the package in the graph does not match the atom, the conflict is left to
// be found and solved (Portage bug 515230).
func (v usableView) avoidsConflict(p *universe.Pkg, a *atoms.Atom) bool {
	inGraph := v.S.Tracker.Highest(p)
	if inGraph == nil {
		best := v.Select(Ask{Root: p.Root, Atom: p.SlotAtom()}).Pkg
		return best == nil || !p.Less(best) || !v.S.Matches(a, best)
	}
	return inGraph == p || !v.S.Matches(a, inGraph)
}

// virtualDepsVisible says if everything that a virtual needs is visible. A
// virtual that needs itself ends the pass.
func (c *Chooser) virtualDepsVisible(p *universe.Pkg) bool {
	if contains(c.checking, p) {
		if c.VirtualCycle == nil {
			c.VirtualCycle = slices.Clone(c.checking)
		}
		return false
	}
	c.checking = append(c.checking, p)
	defer func() { c.checking = c.checking[:len(c.checking)-1] }()

	groups, err := c.Check(c.reduced(p, atoms.RDepend), Context{Root: p.Root, Parent: p})
	if err != nil || c.VirtualCycle != nil {
		return false
	}
	for _, g := range groups {
		for _, t := range g.Terms {
			if t.Atom.Blocker != atoms.BlockNone {
				continue
			}
			q := c.Select(Ask{Root: p.Root, Atom: t.Atom.WithoutUSE()}).Pkg
			if q == nil || !c.Visible(q) {
				return false
			}
		}
	}
	return true
}

// reduced returns the evaluated dependencies of a class, nil on broken metadata.
func (c *Chooser) reduced(p *universe.Pkg, class atoms.DepClass) []*atoms.Dep {
	deps, err := p.EvaluatedVirtual(class, c.S.Flags(p))
	if err != nil {
		return nil
	}
	return deps
}

// Similar returns the packages that could be merged and match the atom: not
// installed, not masked by the search or by the configuration at the level.
// Store by store, best first (Portage: _iter_similar_available).
func (c *Chooser) Similar(p *universe.Pkg, a *atoms.Atom, level *Level) []*universe.Pkg {
	return slices.Collect(c.similar(p, a, level, nil))
}

// SimilarWhere is Similar at no level, for those packages only that are wanted;
// the others are not judged, nor is anything after the one that ends the loop.
func (c *Chooser) SimilarWhere(p *universe.Pkg, a *atoms.Atom, wanted func(*universe.Pkg) bool) iter.Seq[*universe.Pkg] {
	return c.similar(p, a, nil, wanted)
}

func (c *Chooser) similar(p *universe.Pkg, a *atoms.Atom, level *Level, wanted func(*universe.Pkg) bool) iter.Seq[*universe.Pkg] {
	return func(yield func(*universe.Pkg) bool) {
		for _, o := range c.U.Origins() {
			if o == ebuild.OriginInstalled {
				continue
			}
			for _, q := range c.U.Store(p.Root, o, a.CP) {
				if q.Name == p.Name && (wanted == nil || wanted(q)) && c.S.Matches(a, q) && c.isAvailable(q, level) && !yield(q) {
					return
				}
			}
		}
	}
}

func (c *Chooser) isAvailable(q *universe.Pkg, level *Level) bool {
	if c.S.Search.Excludes(q) || c.S.Excluded(q) {
		return false
	}
	if q.Built() {
		if q.BuildTime() != 0 {
			if inst := c.U.InstalledSame(q); inst != nil && inst.BuildTime() == q.BuildTime() {
				return false
			}
		}
		old := len(c.P.UseOldPkgAtoms) > 0 && c.S.InList(c.P.UseOldPkgAtoms, q)
		trusted := !c.P.UseEbuildVisibility && (c.P.UsePkgOnly == params.Yes || old)
		if !trusted && !c.ebuildVisible(q, level) {
			return false
		}
	}
	return c.VisibleAt(q, level)
}

// DowngradeWanted says if only lower versions than p are available in its
// slot, so that a downgrade is what is left.
func (c *Chooser) DowngradeWanted(p *universe.Pkg) bool {
	any := false
	wanted := func(q *universe.Pkg) bool { return !any || q.AtLeast(p) }
	for q := range c.SimilarWhere(p, p.SlotAtom(), wanted) {
		if q.AtLeast(p) {
			return false
		}
		any = true
	}
	return any
}
