package atoms

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// DepClass is a dependency class, named for its ebuild variable (PMS 8.1).
type DepClass uint8

const (
	Depend  DepClass = iota // DEPEND:  to build, for CHOST
	BDepend                 // BDEPEND: to build, for CBUILD
	RDepend                 // RDEPEND: to run
	PDepend                 // PDEPEND: to run, may be merged later
	IDepend                 // IDEPEND: to run pkg_preinst and the like, for CBUILD
)

// NumDepClasses is the number of dependency classes; each is below it.
const NumDepClasses = int(IDepend) + 1

// String returns the name of the ebuild variable.
func (c DepClass) String() string {
	if c > IDepend {
		return "DepClass(?)"
	}
	return [...]string{"DEPEND", "BDEPEND", "RDEPEND", "PDEPEND", "IDEPEND"}[c]
}

// Kind is the kind of a node of a Spec (PMS 8.2).
type Kind uint8

const (
	KindLeaf       Kind = iota // one item
	KindAll                    // ( ... )
	KindAny                    // || ( ... )
	KindExactlyOne             // ^^ ( ... )
	KindAtMostOne              // ?? ( ... )
	KindIf                     // flag? ( ... ) or !flag? ( ... )
)

// String returns the PMS name of the kind.
func (k Kind) String() string {
	if k > KindIf {
		return "Kind(?)"
	}
	return [...]string{"leaf", "all-of", "any-of", "exactly-one-of", "at-most-one-of", "use-conditional"}[k]
}

// operator returns what is written before the parenthesis of a group.
func (k Kind) operator() string {
	return [...]string{"", "", "||", "^^", "??", ""}[k]
}

// Spec is a node of a dependency specification with leaves of type L: one
// tree serves *DEPEND, LICENSE, SRC_URI, RESTRICT, PROPERTIES and
// REQUIRED_USE. A parser returns a root of KindAll. A Spec must not be
// changed once made.
type Spec[L any] struct {
	Kind     Kind
	Leaf     L          // of KindLeaf
	Flag     string     // of KindIf
	Negated  bool       // of KindIf: !flag?
	Children []*Spec[L] // of every kind but KindLeaf
}

type (
	// Dep is a tree of package dependency specifications.
	Dep = Spec[*Atom]
	// License is the tree of LICENSE; a leaf is the name of a licence.
	License = Spec[string]
	// Words is the tree of RESTRICT or PROPERTIES.
	Words = Spec[string]
	// SrcURI is the tree of SRC_URI.
	SrcURI = Spec[URI]
	// RequiredUSE is the tree of REQUIRED_USE.
	RequiredUSE = Spec[USEFlag]
)

// USEFlag is a leaf of REQUIRED_USE: a flag that must be enabled, or disabled
// if Negated.
type USEFlag struct {
	Flag    string
	Negated bool
}

// String returns "flag" or "!flag".
func (f USEFlag) String() string {
	if f.Negated {
		return "!" + f.Flag
	}
	return f.Flag
}

// Active reports whether the conditional of a KindIf node holds.
func (s *Spec[L]) Active(enabled func(flag string) bool) bool {
	return enabled(s.Flag) != s.Negated
}

// Leaves returns the leaves in the order written, leaving out groups whose
// conditional does not hold. With enabled nil every conditional holds. Atoms
// are evaluated, as by EvaluateUSE, unless enabled is nil. Which alternatives
// the leaves belong to is lost.
func (s *Spec[L]) Leaves(enabled func(flag string) bool) []L {
	var leaves []L
	s.eachLeaf(enabled, func(leaf L) bool {
		leaves = append(leaves, evaluateLeaf(leaf, enabled))
		return true
	})
	return leaves
}

// All iterates over every leaf, whatever the conditionals around it.
func (s *Spec[L]) All() iter.Seq[L] {
	return func(yield func(L) bool) { s.eachLeaf(nil, yield) }
}

// eachLeaf calls f for the leaves until f returns false.
func (s *Spec[L]) eachLeaf(enabled func(string) bool, f func(L) bool) bool {
	if s.Kind == KindLeaf {
		return f(s.Leaf)
	}
	if s.Kind == KindIf && enabled != nil && !s.Active(enabled) {
		return true
	}
	for _, child := range s.Children {
		if !child.eachLeaf(enabled, f) {
			return false
		}
	}
	return true
}

// evaluateLeaf evaluates a leaf that is an atom.
func evaluateLeaf[L any](leaf L, enabled func(string) bool) L {
	if a, ok := any(leaf).(*Atom); ok && a.conditional && enabled != nil {
		return any(a.EvaluateUSE(enabled)).(L)
	}
	return leaf
}

// Flags returns the USE flags that conditionals of s ask about, sorted and
// without repetition. The conditional USE dependencies of atoms count too.
func (s *Spec[L]) Flags() []string {
	flags := s.appendFlags(nil)
	slices.Sort(flags)
	return slices.Compact(flags)
}

func (s *Spec[L]) appendFlags(flags []string) []string {
	if a, ok := any(s.Leaf).(*Atom); ok && a != nil && a.conditional {
		flags = a.appendFlags(flags)
	}
	if s.Kind == KindIf {
		flags = append(flags, s.Flag)
	}
	for _, child := range s.Children {
		flags = child.appendFlags(flags)
	}
	return flags
}

// AsksOnly reports whether all flags of Flags are known.
func (s *Spec[L]) AsksOnly(known func(flag string) bool) bool {
	if a, ok := any(s.Leaf).(*Atom); ok && a != nil && a.conditional {
		for i := range a.USE {
			if a.USE[i].Kind.Conditional() && !known(a.USE[i].Flag) {
				return false
			}
		}
	}
	if s.Kind == KindIf && !known(s.Flag) {
		return false
	}
	for _, child := range s.Children {
		if !child.AsksOnly(known) {
			return false
		}
	}
	return true
}

// CheckFlags returns an *UndeclaredFlagError for the first flag, in the order
// of Flags, that is not declared by the package with the dependency.
func (s *Spec[L]) CheckFlags(declared func(flag string) bool) error {
	return checkFlags(s.Flags(), declared)
}

func checkFlags(flags []string, declared func(string) bool) error {
	for _, flag := range flags {
		if !declared(flag) {
			return &UndeclaredFlagError{flag}
		}
	}
	return nil
}

// String writes the tree in the syntax it was parsed from, with one space
// between tokens.
func (s *Spec[L]) String() string {
	var b strings.Builder
	if s.Kind == KindAll {
		writeSpecs(&b, s.Children)
	} else {
		s.write(&b)
	}
	return b.String()
}

func writeSpecs[L any](b *strings.Builder, specs []*Spec[L]) {
	for i, s := range specs {
		if i > 0 {
			b.WriteByte(' ')
		}
		s.write(b)
	}
}

func (s *Spec[L]) write(b *strings.Builder) {
	switch s.Kind {
	case KindLeaf:
		writeLeaf(b, s.Leaf)
		return
	case KindIf:
		if s.Negated {
			b.WriteByte('!')
		}
		b.WriteString(s.Flag)
		b.WriteString("? ")
	case KindAll:
	default:
		b.WriteString(s.Kind.operator())
		b.WriteByte(' ')
	}
	b.WriteString("( ")
	writeSpecs(b, s.Children)
	if len(s.Children) > 0 {
		b.WriteByte(' ')
	}
	b.WriteByte(')')
}

func writeLeaf[L any](b *strings.Builder, leaf L) {
	switch v := any(leaf).(type) {
	case string:
		b.WriteString(v)
	case fmt.Stringer:
		b.WriteString(v.String())
	default:
		fmt.Fprint(b, v)
	}
}
