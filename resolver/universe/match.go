package universe

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// AtomID is the dense id of an atom's text together with the text it had
// before USE conditionals were evaluated: atoms with one id choose alike.
type AtomID int32

type atomKey struct{ text, unevaluated string }

// AtomID returns the id of an atom.
func (u *Universe) AtomID(a *atoms.Atom) AtomID {
	if id, ok := u.byPtr[a]; ok {
		return id
	}
	k := atomKey{a.String(), a.Unevaluated().String()}
	id, ok := u.atoms[k]
	if !ok {
		id = AtomID(len(u.atoms))
		u.atoms[k] = id
		u.atomNames = append(u.atomNames, u.NameID(a.CP))
	}
	u.byPtr[a] = id
	return id
}

// NameID is the dense id of a package name.
type NameID int32

// NameID returns the id of a name.
func (u *Universe) NameID(cp atoms.CP) NameID {
	id, ok := u.nameIDs[cp]
	if !ok {
		id = NameID(len(u.cps))
		u.nameIDs[cp] = id
		u.cps = append(u.cps, cp)
	}
	return id
}

// NameOf returns the name of an atom.
func (u *Universe) NameOf(id AtomID) NameID { return u.atomNames[id] }

// Atom returns the atom with a text that is known to be valid: one made of
// names that were parsed before. It panics on any other text.
func (u *Universe) Atom(text string) *atoms.Atom {
	if a := u.made[text]; a != nil {
		return a
	}
	a, err := atoms.ParseAtom(text, atoms.AtomOptions{AllowRepo: true, AllowBuildID: true})
	if err != nil {
		panic("internal error: atom made of parsed parts: " + err.Error())
	}
	u.made[text] = a
	return a
}

// ExactAtom returns the atom =cat/pkg-1 of a version.
func (u *Universe) ExactAtom(cpv atoms.CPV) *atoms.Atom { return u.Atom("=" + cpv.String()) }

// NameAtom returns the atom cat/pkg.
func (u *Universe) NameAtom(cp atoms.CP) *atoms.Atom { return u.Atom(string(cp)) }

// Matches says if p matches an atom, the blocker marks of which do not count.
// USE dependencies are judged by flags; nil stands for the package's own.
func (p *Pkg) Matches(a *atoms.Atom, flags *Flags) bool {
	if a.CP != p.CPV.CP && !a.Wildcard {
		return IsSoname(a) && p.Provides(a)
	}
	c := atoms.Candidate{
		CPV: p.CPV, Slot: p.Package.Slot, Subslot: p.Subslot, Repo: p.Repo, BuildID: p.BuildID,
	}
	if len(a.USE) > 0 || len(a.Unevaluated().USE) > 0 {
		if flags == nil {
			flags = p.Flags()
		}
		c.Flags = flags
	}
	return a.Match(c)
}

// MatchesName says what Matches says, leaving out USE dependencies.
func (p *Pkg) MatchesName(a *atoms.Atom) bool {
	if a.CP != p.CPV.CP && !a.Wildcard {
		return IsSoname(a) && p.Provides(a)
	}
	return a.Match(atoms.Candidate{
		CPV: p.CPV, Slot: p.Package.Slot, Subslot: p.Subslot, Repo: p.Repo, BuildID: p.BuildID,
	})
}

// InSlot returns the installed package that occupies the slot of p, or nil.
func (u *Universe) InSlot(p *Pkg) *Pkg {
	for _, q := range u.StoreOf(p, ebuild.OriginInstalled) {
		if q.Slot == p.Slot {
			return q
		}
	}
	return nil
}

// InstalledSame returns the installed package with the name and version of p, or nil.
func (u *Universe) InstalledSame(p *Pkg) *Pkg {
	for _, q := range u.StoreOf(p, ebuild.OriginInstalled) {
		if q.CPV == p.CPV {
			return q
		}
	}
	return nil
}

// EbuildIn returns the ebuild of a version in a repository, or nil.
func (u *Universe) EbuildIn(r *Root, cpv atoms.CPV, repo string) *Pkg {
	for _, q := range u.Store(r, ebuild.OriginEbuild, cpv.CP) {
		if q.Repo == repo && q.CPV == cpv {
			return q
		}
	}
	return nil
}

// Ebuilds returns the ebuilds that match the exact version of p, best first.
func (u *Universe) Ebuilds(p *Pkg) []*Pkg {
	var found []*Pkg
	for _, q := range u.StoreOf(p, ebuild.OriginEbuild) {
		if q.SameVersion(p) {
			found = append(found, q)
		}
	}
	return found
}

// EquivalentEbuild returns the ebuild that a built package came from: of the
// same repository or, if that has none, of any; nil if there is none.
func (u *Universe) EquivalentEbuild(p *Pkg) *Pkg {
	if q := u.EbuildIn(p.Root, p.CPV, p.Repo); q != nil {
		return q
	}
	if all := u.Ebuilds(p); len(all) > 0 {
		return all[0]
	}
	return nil
}

// ExactAtom returns the atom =cat/pkg-1 of p.
func (p *Pkg) ExactAtom() *atoms.Atom { return p.u.ExactAtom(p.CPV) }

// LibcAtoms returns the atoms of the installed libc of a root: the providers of
// the installed virtual/libc, and their names.
func (u *Universe) LibcAtoms(r *Root) []*atoms.Atom {
	if list, ok := u.libc[r.ID]; ok {
		return list
	}
	var list []*atoms.Atom
	for _, p := range u.Store(r, ebuild.OriginInstalled, "virtual/libc") {
		tree, err := p.Package.Deps(atoms.RDepend)
		if err != nil {
			u.note(err)
			continue
		}
		for _, a := range tree.Leaves(p.Flags().Enabled) {
			if a.Blocker == atoms.BlockNone && u.IsInstalled(r, a) {
				list = append(list, a)
			}
		}
	}
	if list == nil {
		list = []*atoms.Atom{u.NameAtom("virtual/libc")}
	}
	if u.libc == nil {
		u.libc = make(map[RootID][]*atoms.Atom)
	}
	u.libc[r.ID] = list
	return list
}
