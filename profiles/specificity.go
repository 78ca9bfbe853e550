package profiles

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
)

// BySpecificity sorts entries that match a package so that the least specific
// atom comes first (S88): wildcard names, wildcard names with a slot, wildcard
// versions, cat/pkg, version ranges, slots, =v*, ~v, =v. It is Portage's
// repeated choice of the best match, which is no order in the strict sense: of
// two ranges the version closer to the package's counts as more specific if
// both lie on one side of it, and of equals the one listed first does.
func BySpecificity(entries []*Entry, p atoms.CPV) {
	if len(entries) < 2 {
		return
	}
	rest := slices.Clone(entries)
	for i := len(entries) - 1; i >= 0; i-- {
		best := mostSpecific(rest, p)
		entries[i] = rest[best]
		rest = slices.Delete(rest, best, best+1)
	}
}

func mostSpecific(entries []*Entry, p atoms.CPV) int {
	best, rank := 0, specificity(entries[0].Atom)
	for i, e := range entries[1:] {
		r := specificity(e.Atom)
		if r > rank || r == rank && r == rankRange && closer(e.Atom.CPV(), entries[best].Atom.CPV(), p) {
			best, rank = i+1, r
		}
	}
	return best
}

const (
	rankWildcard = iota
	rankWildcardSlot
	rankWildcardVersion
	rankName
	rankRange
	rankSlot
	rankGlob
	rankTilde
	rankVersion
)

func specificity(a *atoms.Atom) int {
	switch {
	case a.Wildcard && a.Op == atoms.OpEqualGlob:
		return rankWildcardVersion
	case a.Wildcard && a.Slot != "":
		return rankWildcardSlot
	case a.Wildcard:
		return rankWildcard
	case a.Op == atoms.OpEqual:
		return rankVersion
	case a.Op == atoms.OpTilde:
		return rankTilde
	case a.Op == atoms.OpEqualGlob:
		return rankGlob
	case a.Slot != "":
		return rankSlot
	case a.Op != atoms.OpNone:
		return rankRange
	}
	return rankName
}

// closer says if the range bound x is preferred to the bound best, which was
// found earlier.
func closer(x, best, p atoms.CPV) bool {
	switch {
	case best == p || best == x:
		return false
	case x == p:
		return true
	}
	// Portage sorts the three stably, in this order, and takes x if it is in
	// the middle and the package's version at an end.
	list := []struct {
		v    atoms.Version
		role byte
	}{{best.Version, 'b'}, {p.Version, 'p'}, {x.Version, 'x'}}
	slices.SortStableFunc(list, func(a, b struct {
		v    atoms.Version
		role byte
	}) int {
		return a.v.Compare(b.v)
	})
	return list[1].role == 'x'
}
