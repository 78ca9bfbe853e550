package walk

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A ForcedRebuild is a package whose change of slot or sub-slot has others
// merged again.
type ForcedRebuild struct {
	Cause   *universe.Pkg
	Rebuilt []*universe.Pkg
}

// ForcedRebuilds returns what has to be merged again for a slot operator, by
// what causes it, in order of discovery (D98). A move to another slot is not
// told as a rebuild.
func (w *Pass) ForcedRebuilds() []ForcedRebuild {
	f := &forcedSearch{Pass: w}
	for _, arg := range w.initial {
		if !arg.ForceReinstall {
			continue
		}
		for _, a := range arg.Atoms() {
			f.slot(arg.Root, a)
		}
	}
	return f.found
}

type forcedSearch struct {
	*Pass
	found []ForcedRebuild
}

func (f *forcedSearch) add(cause, rebuilt *universe.Pkg) {
	for i := range f.found {
		if f.found[i].Cause == cause {
			f.found[i].Rebuilt = partial.AddPkg(f.found[i].Rebuilt, rebuilt)
			return
		}
	}
	f.found = append(f.found, ForcedRebuild{cause, []*universe.Pkg{rebuilt}})
}

// slot looks at one slot that was to be merged anew.
func (f *forcedSearch) slot(r *universe.Root, slot *atoms.Atom) {
	sel := f.C.FromInstalled(r, slot)
	inst, again := sel.Pkg, sel.Existing
	if again == nil || inst == again {
		return
	}
	var built []*atoms.Atom
	if inst != nil {
		f.sonames(inst)
		if built = f.builtAtoms(inst); len(built) == 0 {
			return
		}
	}
	deps := append([]*Dep(nil), f.slotOps.bySlot[f.U.Slot(universe.SlotKey{Root: r.ID, CP: slot.CP, Slot: slot.Slot})]...)
	for _, n := range f.S.Graph.Children(node(again)) {
		child := f.pkgOf(n)
		if child == nil || child.Installed() {
			continue
		}
		for _, a := range built {
			if a.CP == child.CPV.CP && (a.Slot == "" || a.Slot == child.Package.Slot) {
				deps = append(deps, &Dep{Atom: a, Child: child, Root: child.Root, Parent: partial.Parent{Pkg: again}})
			}
		}
	}
	for _, d := range deps {
		f.dep(d)
	}
}

// sonames finds what provides no longer what an installed package needs.
func (f *forcedSearch) sonames(inst *universe.Pkg) {
	if !f.P.SonameDeps {
		return
	}
	for _, a := range inst.Requires() {
		if len(f.S.Tracker.Match(inst.Root, a)) > 0 {
			continue
		}
		for _, provider := range f.U.Installed(inst.Root, a) {
			if q := f.replacing(provider); q != nil {
				f.add(q, inst)
			}
		}
	}
}

// builtAtoms returns the slot operator atoms that an installed package was built with.
func (f *forcedSearch) builtAtoms(p *universe.Pkg) []*atoms.Atom {
	var built []*atoms.Atom
	for _, c := range universe.Classes() {
		deps, err := f.reduce(p, c)
		if err != nil {
			continue
		}
		groups, err := f.C.Check(deps, choose.Context{Root: p.Root, Parent: p})
		if err != nil || len(groups) == 0 {
			continue
		}
		for _, t := range groups[0].Terms {
			if t.Atom.SlotOpBuilt() {
				built = append(built, t.Atom)
			}
		}
	}
	return built
}

func (f *forcedSearch) dep(d *Dep) {
	child, instChild := d.Child, d.Child
	if child.Installed() {
		if child = f.replacing(child); child == nil {
			return
		}
	} else {
		instChild = f.C.FromInstalled(child.Root, child.SlotAtom()).Pkg
	}
	if instChild != nil && instChild.SubslotOf(child) {
		return
	}
	parent := d.Parent.Pkg
	if parent == nil {
		return
	}
	if parent.Installed() {
		if parent = f.replacing(parent); parent == nil {
			return
		}
	}
	f.add(child, parent)
}

// replacing returns the package that takes the slot of an installed one.
func (f *forcedSearch) replacing(p *universe.Pkg) *universe.Pkg {
	for _, q := range f.S.Tracker.Match(p.Root, p.SlotAtom()) {
		if !q.Installed() {
			return q
		}
	}
	return nil
}
