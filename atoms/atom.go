package atoms

import (
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/tumpline/tumpline/atoms/eapi"
)

// Blocker is the strength of a block (PMS 8.3.2).
type Blocker uint8

const (
	BlockNone   Blocker = iota // cat/pkg
	BlockWeak                  // !cat/pkg
	BlockStrong                // !!cat/pkg
)

// String returns "", "!" or "!!".
func (b Blocker) String() string { return strings.Repeat("!", int(b&3)) }

// Op is the operator of a version dependency (PMS 8.3.1).
type Op uint8

const (
	OpNone         Op = iota // cat/pkg
	OpLess                   // <cat/pkg-1
	OpLessEqual              // <=cat/pkg-1
	OpEqual                  // =cat/pkg-1
	OpEqualGlob              // =cat/pkg-1*
	OpTilde                  // ~cat/pkg-1
	OpGreaterEqual           // >=cat/pkg-1
	OpGreater                // >cat/pkg-1
)

// String returns the operator as Portage names it: OpEqualGlob is "=*".
func (o Op) String() string {
	if o > OpGreater {
		return "Op(?)"
	}
	return [...]string{"", "<", "<=", "=", "=*", "~", ">=", ">"}[o]
}

// prefix returns what is written before the package name.
func (o Op) prefix() string {
	if o == OpEqualGlob {
		return "="
	}
	return o.String()
}

// SlotOp is the operator of a slot dependency (PMS 8.3.3).
type SlotOp uint8

const (
	SlotOpNone    SlotOp = iota // cat/pkg or cat/pkg:slot
	SlotOpAny                   // :*           any slot; no rebuild
	SlotOpRebuild               // := or :slot= rebuild when slot or subslot changes
)

// String returns "", "*" or "=".
func (o SlotOp) String() string {
	if o > SlotOpRebuild {
		return "SlotOp(?)"
	}
	return [...]string{"", "*", "="}[o]
}

// NoBuildID is the BuildID of atoms and packages without one.
const NoBuildID = -1

// An Atom is a package dependency specification (PMS 8.3). It is immutable
// once made; share pointers freely. Make one with ParseAtom, NewAtom or a
// method of another.
type Atom struct {
	Blocker  Blocker
	Op       Op
	CP       CP      // of an extended atom it may hold "*"
	Version  Version // zero if Op is OpNone, and in an extended atom
	Slot     string  // "" if not given
	Subslot  string  // "" if not given
	SlotOp   SlotOp
	Repo     string   // "" if not given
	BuildID  int      // NoBuildID if not given
	USE      []USEDep // in the order written
	Wildcard bool     // extended syntax: cat/*, */*, =*/*-*9999*

	glob        string // of an extended atom: the text that versions must contain
	text        string // as written
	conditional bool   // some of USE is conditional
	source      *Atom  // what this atom was evaluated from; nil if it was not
	memo        atomic.Pointer[atomMemo]
}

// AtomOptions says which atoms a parser allows.
type AtomOptions struct {
	EAPI          *eapi.Features // nil: permissive
	AllowWildcard bool           // cat/*, */pkg, =*/*-*9999*
	AllowRepo     bool           // cat/pkg::repo
	AllowBuildID  bool           // =cat/pkg-1-2
}

// NewAtom returns the atom that any version of cp meets.
func NewAtom(cp CP) *Atom {
	return (&Atom{CP: cp, BuildID: NoBuildID}).sealed()
}

// NewVersionAtom returns the atom of an operator and a version, such as
// =cat/pkg-1.
func NewVersionAtom(op Op, cpv CPV) *Atom {
	return (&Atom{Op: op, CP: cpv.CP, Version: cpv.Version, BuildID: NoBuildID}).sealed()
}

// sealed completes an atom made from parts.
func (a *Atom) sealed() *Atom {
	a.conditional = hasConditional(a.USE)
	a.text = a.render()
	return a
}

func hasConditional(deps []USEDep) bool {
	for i := range deps {
		if deps[i].Kind.Conditional() {
			return true
		}
	}
	return false
}

// String returns the atom as written.
func (a *Atom) String() string {
	if a.text == "" {
		return a.render()
	}
	return a.text
}

// Equal reports whether both atoms are written the same.
func (a *Atom) Equal(b *Atom) bool { return a == b || a.String() == b.String() }

// CPV returns package name and version; the version is zero if Op is OpNone.
func (a *Atom) CPV() CPV { return CPV{CP: a.CP, Version: a.Version} }

// VersionGlob returns the text that an extended atom such as =*/*-*9999*
// wants to find in a version, or "".
func (a *Atom) VersionGlob() string { return a.glob }

// Conditional reports whether some USE dependency is conditional.
func (a *Atom) Conditional() bool { return a.conditional }

// CheckFlags returns an *UndeclaredFlagError for the first conditional USE
// dependency on a flag that is not declared by the package with the
// dependency.
func (a *Atom) CheckFlags(declared func(flag string) bool) error {
	return checkFlags(a.appendFlags(nil), declared)
}

// appendFlags appends the flags of conditional USE dependencies.
func (a *Atom) appendFlags(flags []string) []string {
	for i := range a.USE {
		if a.USE[i].Kind.Conditional() {
			flags = append(flags, a.USE[i].Flag)
		}
	}
	return flags
}

// SlotOpBuilt reports whether the atom is a slot operator dependency of a
// built package, :slot/subslot=, where := was replaced by what it was built
// against.
func (a *Atom) SlotOpBuilt() bool { return a.SlotOp == SlotOpRebuild && a.Subslot != "" }

// Unevaluated returns the atom that this one was evaluated from, or itself.
// It has the USE dependencies as the ebuild states them.
func (a *Atom) Unevaluated() *Atom {
	if a.source != nil {
		return a.source
	}
	return a
}

// render writes the atom from its parts.
func (a *Atom) render() string {
	var b strings.Builder
	b.WriteString(a.Blocker.String())
	b.WriteString(a.Op.prefix())
	b.WriteString(string(a.CP))
	if a.Op != OpNone {
		b.WriteByte('-')
		b.WriteString(a.Version.text)
	}
	if a.BuildID != NoBuildID {
		b.WriteByte('-')
		b.WriteString(strconv.Itoa(a.BuildID))
	}
	if a.Op == OpEqualGlob {
		if a.Wildcard {
			b.WriteByte('*')
			b.WriteString(a.glob)
		}
		b.WriteByte('*')
	}
	a.renderSlot(&b)
	if a.Repo != "" {
		b.WriteString("::")
		b.WriteString(a.Repo)
	}
	a.renderUSE(&b)
	return b.String()
}

func (a *Atom) renderSlot(b *strings.Builder) {
	if a.Slot == "" && a.SlotOp == SlotOpNone {
		return
	}
	b.WriteByte(':')
	b.WriteString(a.Slot)
	if a.Subslot != "" {
		b.WriteByte('/')
		b.WriteString(a.Subslot)
	}
	b.WriteString(a.SlotOp.String())
}

func (a *Atom) renderUSE(b *strings.Builder) {
	for i := range a.USE {
		if i == 0 {
			b.WriteByte('[')
		} else {
			b.WriteByte(',')
		}
		b.WriteString(a.USE[i].String())
	}
	if len(a.USE) > 0 {
		b.WriteByte(']')
	}
}
