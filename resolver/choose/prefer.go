package choose

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/universe"
)

// prefer decides between the collected packages, at most one per store (S55).
func (k *picking) prefer() Selection {
	switch {
	case len(k.collected) == 0:
		return Selection{}
	case k.existing != nil:
		return Selection{k.existing, k.existing}
	case len(k.collected) == 1:
		return Selection{Pkg: k.collected[0]}
	}
	k.preferRebuiltProvider()
	if p := k.rebuiltBinary(); p != nil {
		return Selection{Pkg: p}
	}
	inst := k.dropInvalidInstalled()
	if inst != nil && k.Parent != nil && !k.S.WantsUpdate(k.Parent, inst) {
		return Selection{Pkg: inst}
	}
	if !k.P.Update {
		for _, p := range k.collected {
			if p.Installed() && k.VisibleAt(p, k.level) {
				return Selection{Pkg: p}
			}
		}
	}
	return Selection{Pkg: k.best()}
}

// preferRebuiltProvider leaves installed packages out where the asking package
// is rebuilt for a slot operator and a newer provider can be had.
func (k *picking) preferRebuiltProvider() {
	if k.Parent == nil || !k.S.Search.Replaces(k.Parent) ||
		k.Atom.SlotOp != atoms.SlotOpRebuild || k.Atom.Subslot != "" {
		return
	}
	var inst *universe.Pkg
	for _, p := range k.collected {
		if p.Installed() && (inst == nil || p.CPV.Version.Compare(inst.CPV.Version) > 0) {
			inst = p
		}
	}
	if inst == nil || !k.S.WantsUpdate(k.Parent, inst) {
		return
	}
	newer := filter(k.collected, func(p *universe.Pkg) bool {
		return !p.Installed() && p.CPV.Version.Compare(inst.CPV.Version) > 0
	})
	if len(newer) > 0 {
		k.collected = newer
	}
}

// rebuiltBinary returns the binary package that --rebuilt-binaries takes over
// the installed one because it was built at another time, even if it is older.
func (k *picking) rebuiltBinary() *universe.Pkg {
	if !k.P.RebuiltBinaries {
		return nil
	}
	var inst, bin, unbuilt *universe.Pkg
	for _, p := range k.collected {
		switch p.Origin {
		case ebuild.OriginInstalled:
			inst = p
		case ebuild.OriginBinary:
			bin = p
		default:
			if unbuilt == nil || unbuilt.Less(p) {
				unbuilt = p
			}
		}
	}
	if bin == nil || inst == nil || unbuilt != nil && bin.Less(unbuilt) || bin.BuildTime() == 0 {
		return nil
	}
	if since := k.P.RebuiltBinariesSince; since >= 0 {
		if bin.BuildTime() > inst.BuildTime() && bin.BuildTime() >= since {
			return bin
		}
		return nil
	}
	if bin.BuildTime() != inst.BuildTime() {
		return bin
	}
	return nil
}

// dropInvalidInstalled leaves out an installed package with broken metadata
// and returns the installed one that was collected.
func (k *picking) dropInvalidInstalled() *universe.Pkg {
	var inst *universe.Pkg
	for _, p := range k.collected {
		if p.Installed() {
			inst = p
		}
	}
	if inst != nil && len(inst.Invalid()) > 0 {
		k.collected = filter(k.collected, func(p *universe.Pkg) bool { return p != inst })
	}
	return inst
}

// best returns the highest version among the visible ones, all of them if none
// is visible; of one version the last store wins.
func (k *picking) best() *universe.Pkg {
	visible := func(p *universe.Pkg) bool { return k.VisibleAt(p, k.level) }
	list := filter(k.old, func(p *universe.Pkg) bool { return visible(p) && contains(k.collected, p) })
	if len(list) == 0 {
		list = filter(k.collected, visible)
	}
	if len(list) == 0 {
		list = k.collected
	}
	top := list[0]
	for _, p := range list[1:] {
		if p.CPV.Version.Compare(top.CPV.Version) > 0 {
			top = p
		}
	}
	var last *universe.Pkg
	for _, p := range k.collected {
		if p.SameVersion(top) {
			last = p
		}
	}
	return last
}

func contains(list []*universe.Pkg, p *universe.Pkg) bool {
	for _, q := range list {
		if q == p {
			return true
		}
	}
	return false
}
