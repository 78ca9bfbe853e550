package universe

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/params"
)

// An answer is what matches an atom at one root. Nothing that a pass does can
// change it, so that it is found out once for all passes.
type answer struct {
	ebuilds   []*Pkg // see Ebuilds
	installed []*Pkg // see Installed
	moved     []*Pkg // see InstalledOrMoved
	known     known
}

// known says which fields of an answer are there.
type known uint8

const (
	knowsEbuilds known = 1 << iota
	knowsInstalled
	knowsMoved
)

func (r *Root) answer(id AtomID) *answer {
	r.answers = reach(r.answers, int(id))
	return &r.answers[id]
}

// EbuildsNamed returns the ebuilds of a root that match an atom but for its USE
// dependencies, best first. The caller must not change the slice.
func (u *Universe) EbuildsNamed(r *Root, a *atoms.Atom) []*Pkg {
	id := u.AtomID(a)
	if x := r.answer(id); x.known&knowsEbuilds != 0 {
		return x.ebuilds
	}
	store := u.store(r, ebuild.OriginEbuild, u.atomNames[id])
	found := whole(store, func(p *Pkg) bool { return p.MatchesName(a) })
	x := r.answer(id)
	x.ebuilds, x.known = found, x.known|knowsEbuilds
	return found
}

// whole returns the packages of a store that match: the store itself if all do.
func whole(store []*Pkg, matches func(*Pkg) bool) []*Pkg {
	n := 0
	for _, p := range store {
		if matches(p) {
			n++
		}
	}
	switch n {
	case len(store):
		return store
	case 0:
		return nil
	}
	found := make([]*Pkg, 0, n)
	for _, p := range store {
		if matches(p) {
			found = append(found, p)
		}
	}
	return found
}

// Installed returns the installed packages of a root that match an atom, in
// ascending order of version. The caller must not change the slice.
func (u *Universe) Installed(r *Root, a *atoms.Atom) []*Pkg {
	id := u.AtomID(a)
	if x := r.answer(id); x.known&knowsInstalled != 0 {
		return x.installed
	}
	store := u.store(r, ebuild.OriginInstalled, u.atomNames[id])
	found := whole(store, func(p *Pkg) bool { return p.Matches(a, nil) })
	if len(found) > 1 {
		found = slices.Clone(found)
		slices.Reverse(found)
	}
	x := r.answer(id)
	x.installed, x.known = found, x.known|knowsInstalled
	return found
}

// IsInstalled says if some installed package of a root matches an atom.
func (u *Universe) IsInstalled(r *Root, a *atoms.Atom) bool { return len(u.Installed(r, a)) > 0 }

// InstalledOrMoved is Installed, best first. If no match is in the slot that the
// atom wants but the ebuild of an installed version is there today, that
// version is taken for a match (S43).
func (u *Universe) InstalledOrMoved(r *Root, a *atoms.Atom) []*Pkg {
	id := u.AtomID(a)
	if x := r.answer(id); x.known&knowsMoved != 0 {
		return x.moved
	}
	found := u.Installed(r, a)
	if len(found) > 1 {
		found = slices.Clone(found)
		slices.Reverse(found)
	}
	if len(found) == 0 && a.Slot != "" && !a.SlotOpBuilt() {
		found = u.moved(r, a)
	}
	x := r.answer(id)
	x.moved, x.known = found, x.known|knowsMoved
	return found
}

func (u *Universe) moved(r *Root, a *atoms.Atom) []*Pkg {
	bare := a.WithoutSlot()
	for _, p := range u.Store(r, ebuild.OriginInstalled, a.CP) {
		if p.MatchesName(bare.WithoutUSE()) && u.slotAvailable(p, a) && p.Matches(bare, nil) {
			return []*Pkg{p}
		}
	}
	return nil
}

// slotAvailable says if another store has the version of p in the slot of the atom.
func (u *Universe) slotAvailable(p *Pkg, a *atoms.Atom) bool {
	origins := u.Origins()
	if u.params.Action == params.ActionRemove {
		origins = []ebuild.Origin{ebuild.OriginEbuild}
	}
	for _, o := range origins {
		for _, q := range u.StoreOf(p, o) {
			if q.CPV == p.CPV {
				if a.MatchSlot(q.Package.Slot, q.Subslot) {
					return true
				}
				break
			}
		}
	}
	return false
}
