package atoms

import "strings"

// A Candidate is what an atom is matched against: one package.
type Candidate struct {
	CPV     CPV
	Slot    string    // "" is unknown: any slot dependency matches
	Subslot string    // equal to Slot if the package has none
	Repo    string    // "" is unknown: any repository matches
	BuildID int       // NoBuildID if it has none
	Flags   FlagState // nil: USE dependencies are ignored
}

// Match reports whether p is what the atom asks for, or blocks.
func (a *Atom) Match(p Candidate) bool {
	switch {
	case a.Wildcard:
		if !matchCP(a.CP, p.CPV.CP) {
			return false
		}
	case a.CP != p.CPV.CP:
		return false
	}
	return a.MatchVersion(p.CPV.Version) &&
		(a.BuildID == NoBuildID || a.Op != OpEqual || a.BuildID == p.BuildID) &&
		(a.Repo == "" || p.Repo == "" || a.Repo == p.Repo) &&
		(p.Slot == "" || a.MatchSlot(p.Slot, p.Subslot)) &&
		(p.Flags == nil || a.MatchUSE(p.Flags))
}

// MatchVersion reports whether operator and version of the atom admit v.
func (a *Atom) MatchVersion(v Version) bool {
	switch a.Op {
	case OpNone:
		return true
	case OpLess:
		return v.Compare(a.Version) < 0
	case OpLessEqual:
		return v.Compare(a.Version) <= 0
	case OpEqual:
		return v.Compare(a.Version) == 0
	case OpGreaterEqual:
		return v.Compare(a.Version) >= 0
	case OpGreater:
		return v.Compare(a.Version) > 0
	case OpTilde:
		// By text, so that ~1.0 does not match 1.00.
		return v.Base().text == a.Version.Base().text
	case OpEqualGlob:
		if a.Wildcard {
			return strings.Contains(v.text, a.glob)
		}
		return hasVersionPrefix(v.text, a.Version.text)
	}
	return false
}

// hasVersionPrefix reports whether version begins with prefix, both without
// leading zeros, and the part after it is another component: 1* matches 1.2
// and 1a but not 10.
func hasVersionPrefix(version, prefix string) bool {
	version, prefix = trimZeros(version), trimZeros(prefix)
	if !strings.HasPrefix(version, prefix) {
		return false
	}
	if len(version) == len(prefix) {
		return true
	}
	next := version[len(prefix)]
	return next == '.' || next == '_' || next == '-' ||
		isDigit(prefix[len(prefix)-1]) != isDigit(next)
}

// trimZeros drops leading zeros as long as a digit remains in front.
func trimZeros(s string) string {
	for len(s) > 1 && s[0] == '0' && isDigit(s[1]) {
		s = s[1:]
	}
	return s
}

// MatchSlot reports whether the slot dependency admits a package of that slot
// and subslot. A slot operator alone admits any.
func (a *Atom) MatchSlot(slot, subslot string) bool {
	return a.Slot == "" || a.Slot == slot && (a.Subslot == "" || a.Subslot == subslot)
}

// MatchUSE reports whether the USE dependencies admit a package with the
// flags s: every flag without default must be declared and unconditional
// dependencies must be met. Flags of dependencies that vanished by evaluation
// must be declared too, except for a blocker.
func (a *Atom) MatchUSE(s FlagState) bool {
	stated := a.USE
	if a.Blocker == BlockNone {
		stated = a.Unevaluated().USE
	}
	for _, d := range stated {
		if d.Default == USENoDefault && !s.Declared(d.Flag) {
			return false
		}
	}
	for _, d := range a.USE {
		if !d.matches(s) {
			return false
		}
	}
	return true
}

// Intersects reports whether some package could match both atoms. It is
// cautious as Portage is: atoms that differ in operator, version or USE
// dependencies count as disjoint, though packages might match both.
func (a *Atom) Intersects(b *Atom) bool {
	if a.Equal(b) {
		return true
	}
	if a.CP != b.CP || a.Op != b.Op || a.Version != b.Version || a.glob != b.glob {
		return false
	}
	if len(a.USE) > 0 || len(b.USE) > 0 {
		return false
	}
	return a.Slot == "" || b.Slot == "" || a.Slot == b.Slot
}
