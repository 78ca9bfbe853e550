package glsa

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// A Relation is how versions of a range compare with the one that it names.
type Relation uint8

const (
	LessEqual    Relation = iota // le
	Less                         // lt
	Equal                        // eq
	Greater                      // gt
	GreaterEqual                 // ge
)

// String returns the relation as the operator of an atom.
func (r Relation) String() string {
	return [...]string{"<=", "<", "=", ">", ">="}[r]
}

// holds says if the result of a comparison satisfies the relation.
func (r Relation) holds(compared int) bool {
	switch r {
	case LessEqual:
		return compared <= 0
	case Less:
		return compared < 0
	case Equal:
		return compared == 0
	case Greater:
		return compared > 0
	default:
		return compared >= 0
	}
}

// A Range is some versions of a package.
type Range struct {
	Relation Relation
	// SameVersion limits the range to revisions of the version: rle, rlt, rge, rgt.
	SameVersion bool
	Version     string // as written
	Slot        string // "" for any

	atom    *atoms.Atom   // what the range says, or the version whose revisions compare
	version atoms.Version // if SameVersion
}

// relation reads the word for a range.
func relation(word string) (r Relation, sameVersion, ok bool) {
	rest, sameVersion := strings.CutPrefix(word, "r")
	switch rest {
	case "le":
		r = LessEqual
	case "lt":
		r = Less
	case "eq":
		return Equal, false, !sameVersion
	case "gt":
		r = Greater
	case "ge":
		r = GreaterEqual
	default:
		return 0, false, false
	}
	return r, sameVersion, true
}

// newRange makes the range that attributes and text of an element describe.
func newRange(cp atoms.CP, word, version, slot string) (Range, error) {
	rel, same, ok := relation(word)
	if !ok {
		return Range{}, ErrRange
	}
	r := Range{Relation: rel, SameVersion: same, Version: version, Slot: slot}
	if slot == "*" {
		r.Slot = ""
	}
	op, of := rel.String(), version
	if same {
		op, of = "~", regexp.MustCompile(`-r[0-9]+$`).ReplaceAllString(version, "")
		var err error
		if r.version, err = atoms.ParseVersion(version); err != nil {
			return Range{}, fmt.Errorf("%w: %w", ErrVersion, err)
		}
	}
	text := op + string(cp) + "-" + of
	if r.Slot != "" {
		text += ":" + r.Slot
	}
	var err error
	if r.atom, err = atoms.ParseAtom(text, atoms.AtomOptions{}); err != nil {
		return Range{}, fmt.Errorf("%w: %w", ErrVersion, err)
	}
	if r.atom.CP != cp || len(r.atom.USE) > 0 {
		return Range{}, ErrVersion
	}
	return r, nil
}

// Match says if a package is in the range.
func (r *Range) Match(c atoms.Candidate) bool {
	return r.atom.Match(c) && (!r.SameVersion || r.Relation.holds(c.CPV.Version.Compare(r.version)))
}

// String returns operator, version and slot as Portage shows them: "<1.2",
// ">=~1.2-r3:0".
func (r Range) String() string {
	text := r.Relation.String()
	if r.SameVersion {
		text += "~"
	}
	text += r.Version
	if r.Slot != "" {
		text += ":" + r.Slot
	}
	return text
}

// matches says if a package is in one of some ranges.
func matches(ranges []Range, c atoms.Candidate) bool {
	for i := range ranges {
		if ranges[i].Match(c) {
			return true
		}
	}
	return false
}
