package atoms

import "slices"

// BestMatch returns that of the atoms matching p which says most about it, or
// nil if none matches. From most to least specific: =cat/pkg-1, ~cat/pkg-1,
// =cat/pkg-1*, cat/pkg:slot, then an ordering operator, of which the version
// nearest to p is best, cat/pkg, and the extended atoms =*/*-*1*, */*:slot,
// */*. The first of equals is returned.
func BestMatch(list []*Atom, p Candidate) *Atom {
	var best *Atom
	rank := 0
	for _, a := range list {
		if !a.Match(p) {
			continue
		}
		switch r := a.specificity(); {
		case best == nil || r > rank:
			best, rank = a, r
		case r == rank && r == rankOrdered && closer(a.Version, best.Version, p.CPV.Version):
			best = a
		}
	}
	return best
}

// rankOrdered is the specificity of atoms with <, <=, > or >=.
const rankOrdered = 5

// specificity ranks forms of atoms for BestMatch.
func (a *Atom) specificity() int {
	switch {
	case a.Wildcard && a.Op != OpNone:
		return 3
	case a.Wildcard && a.Slot != "":
		return 2
	case a.Wildcard:
		return 1
	}
	switch a.Op {
	case OpEqual:
		return 9
	case OpTilde:
		return 8
	case OpEqualGlob:
		return 7
	}
	switch {
	case a.Slot != "":
		return 6
	case a.Op != OpNone:
		return rankOrdered
	}
	return 4
}

// closer reports whether a is nearer to v than b, where both lie on the same
// side of it.
func closer(a, b, v Version) bool {
	toB, toA := b.Compare(v), a.Compare(v)
	switch {
	case toB == 0:
		return false
	case toA == 0:
		return true
	case toA != toB:
		return false
	}
	return a.Compare(b) == -toA
}

// AffectingFlags returns the flags of the conditionals that decide whether a
// leaf for which match is true takes effect, sorted.
func AffectingFlags[L any](s *Spec[L], match func(L) bool) []string {
	var flags []string
	collectAffecting(s, match, &flags)
	slices.Sort(flags)
	return slices.Compact(flags)
}

// collectAffecting reports whether s holds a matching leaf.
func collectAffecting[L any](s *Spec[L], match func(L) bool, flags *[]string) bool {
	if s.Kind == KindLeaf {
		return match(s.Leaf)
	}
	found := false
	for _, child := range s.Children {
		if collectAffecting(child, match, flags) {
			found = true
		}
	}
	if found && s.Kind == KindIf {
		*flags = append(*flags, s.Flag)
	}
	return found
}

// StripLibcDeps returns a tree without the atoms of its top level whose package
// is named by one of libc: dependencies on the C library that a build adds by
// itself, and that do not count when dependencies are compared.
func StripLibcDeps(s *Dep, libc []*Atom) *Dep {
	stripped := &Dep{Kind: KindAll}
	for _, child := range s.Children {
		isLibc := child.Kind == KindLeaf &&
			slices.ContainsFunc(libc, func(a *Atom) bool { return a.CP == child.Leaf.CP })
		if !isLibc {
			stripped.Children = append(stripped.Children, child)
		}
	}
	return stripped
}
