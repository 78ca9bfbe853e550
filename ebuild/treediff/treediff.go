// Package treediff compares two ebuild repositories, or two states of one: which packages
// and versions come and go, and what their metadata says differently.
//
// Packages are paired by name, their versions by slot: the highest old one with the
// highest new one. Metadata are compared word by word, so that a dependency that moves
// within its line is no change. Live ebuilds (version 9999, or PROPERTIES=live) count as
// the highest of a slot only if there is no other.
package treediff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// A Kind is what became of a package.
type Kind string

// The kinds.
const (
	Added      Kind = "added"
	Removed    Kind = "removed"
	Upgraded   Kind = "upgraded"   // the highest version of some slot is higher
	Downgraded Kind = "downgraded" // ... is lower, and in no slot higher
	Changed    Kind = "changed"    // anything else
)

// A Package is a package that is not the same in both trees.
type Package struct {
	Kind             Kind
	CP               atoms.CP
	Added, Removed   []atoms.Version // ascending
	Slots            []Slot          // that differ, by name
	NoMetadata       []error         // of versions that cannot be compared
	OldSlot, NewSlot string          // of the highest version, with sub-slot; "" if there is none
}

// A Slot is the highest version of a slot in both trees.
type Slot struct {
	Name     string          // without sub-slot
	Old, New *ebuild.Package // nil if the slot is not there
	Keys     []Key
}

// A Key is a metadata variable that differs between the two.
type Key struct {
	Name           string   // "RDEPEND"
	Added, Removed []string // words, in their order
}

// keys are the variables that are compared.
func keys() []string {
	return []string{"EAPI", "SLOT", "KEYWORDS", "LICENSE", "IUSE", "REQUIRED_USE", "RESTRICT", "PROPERTIES",
		"DEPEND", "BDEPEND", "RDEPEND", "PDEPEND", "IDEPEND", "DEFINED_PHASES", "INHERITED", "HOMEPAGE", "DESCRIPTION", "SRC_URI"}
}

// Options say what is compared.
type Options struct {
	// Only limits the comparison to packages; nil: all.
	Only func(atoms.CP) bool
	// Same says that nothing about a package differs, without its metadata having been
	// read; nil: nothing is known.
	Same func(atoms.CP) bool
}

// Compare compares two trees. The packages are in the order of their names.
func Compare(before, after ebuild.Source, o Options) ([]Package, error) {
	names, err := union(before, after)
	if err != nil {
		return nil, err
	}
	var out []Package
	for _, cp := range names {
		if o.Only != nil && !o.Only(cp) || o.Same != nil && o.Same(cp) {
			continue
		}
		olds, err := before.Packages(cp)
		if err != nil {
			return nil, fmt.Errorf("compare %s: %w", cp, err)
		}
		news, err := after.Packages(cp)
		if err != nil {
			return nil, fmt.Errorf("compare %s: %w", cp, err)
		}
		if p := compare(cp, olds, news); p != nil {
			out = append(out, *p)
		}
	}
	return out, nil
}

func union(before, after ebuild.Source) ([]atoms.CP, error) {
	a, err := before.CPs()
	if err != nil {
		return nil, fmt.Errorf("compare trees: %w", err)
	}
	b, err := after.CPs()
	if err != nil {
		return nil, fmt.Errorf("compare trees: %w", err)
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all), nil
}

// compare compares the versions of one package; nil if nothing differs.
func compare(cp atoms.CP, olds, news []*ebuild.Package) *Package {
	p := &Package{CP: cp, Kind: Changed, Added: without(news, olds), Removed: without(olds, news)}
	was, is := bySlot(olds, p), bySlot(news, p)
	p.OldSlot, p.NewSlot = slotOf(olds), slotOf(news)
	var up, down bool
	for _, name := range slotNames(was, is) {
		s := Slot{Name: name, Old: was[name], New: is[name]}
		if s.Old != nil && s.New != nil {
			order := s.Old.CPV.Version.Compare(s.New.CPV.Version)
			up, down = up || order < 0, down || order > 0
			s.Keys = compareKeys(s.Old, s.New)
			if order == 0 && s.Keys == nil {
				continue
			}
		}
		p.Slots = append(p.Slots, s)
	}
	switch {
	case len(olds) == 0:
		p.Kind = Added
	case len(news) == 0:
		p.Kind = Removed
	case up:
		p.Kind = Upgraded
	case down:
		p.Kind = Downgraded
	case len(p.Added)+len(p.Removed)+len(p.Slots) == 0:
		return nil
	}
	return p
}

// without lists the versions of a that b has not.
func without(a, b []*ebuild.Package) []atoms.Version {
	var out []atoms.Version
	for _, p := range a {
		if !slices.ContainsFunc(b, func(q *ebuild.Package) bool { return q.CPV.Version == p.CPV.Version }) {
			out = append(out, p.CPV.Version)
		}
	}
	return out
}

// bySlot gives the highest version of each slot, and notes what has no metadata.
func bySlot(list []*ebuild.Package, into *Package) map[string]*ebuild.Package {
	out := map[string]*ebuild.Package{}
	for _, p := range list { // ascending
		if invalid := p.Invalid(); p.Raw("SLOT") == "" && len(invalid) > 0 {
			into.NoMetadata = append(into.NoMetadata, fmt.Errorf("%s::%s: %w", p.CPV, p.Repo, invalid[0]))
			continue
		}
		if best := out[p.Slot]; best == nil || !isLive(p) || isLive(best) {
			out[p.Slot] = p
		}
	}
	return out
}

func isLive(p *ebuild.Package) bool {
	return strings.HasPrefix(p.CPV.Version.String(), "9999") || slices.Contains(strings.Fields(p.Raw("PROPERTIES")), "live")
}

func slotOf(list []*ebuild.Package) string {
	best := ""
	for _, p := range list {
		if best == "" || !isLive(p) {
			best = p.Slot
			if p.Subslot != "" && p.Subslot != p.Slot {
				best += "/" + p.Subslot
			}
		}
	}
	return best
}

func slotNames(was, is map[string]*ebuild.Package) []string {
	var out []string
	for name := range was {
		out = append(out, name)
	}
	for name := range is {
		if was[name] == nil {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func compareKeys(o, n *ebuild.Package) []Key {
	var out []Key
	for _, name := range keys() {
		k := Key{Name: name, Removed: missing(o.Raw(name), n.Raw(name)), Added: missing(n.Raw(name), o.Raw(name))}
		if name == "DESCRIPTION" && o.Raw(name) != n.Raw(name) {
			k.Removed, k.Added = []string{o.Raw(name)}, []string{n.Raw(name)}
		}
		if len(k.Added)+len(k.Removed) > 0 {
			out = append(out, k)
		}
	}
	return out
}

// missing lists the words of a that b has fewer of.
func missing(a, b string) []string {
	have := map[string]int{}
	for w := range strings.FieldsSeq(b) {
		have[w]++
	}
	var out []string
	for w := range strings.FieldsSeq(a) {
		if have[w]--; have[w] < 0 && w != "(" && w != ")" {
			out = append(out, w)
		}
	}
	return out
}

// ByKind orders packages by kind, as a report lists them.
func ByKind(list []Package) []Package {
	order := []Kind{Upgraded, Downgraded, Added, Removed, Changed}
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b Package) int {
		return cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind))
	})
	return out
}
