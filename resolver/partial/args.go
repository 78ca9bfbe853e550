package partial

import (
	"iter"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/universe"
)

// ArgKind says what an argument is.
type ArgKind uint8

const (
	ArgAtom    ArgKind = iota // an atom, or a name that was given its category
	ArgPackage                // one exact package: the path of an ebuild or binary package
	ArgSet                    // a package set
)

// A Set is a package set with its nested sets.
type Set struct {
	Name   string // without the @
	Atoms  []*atoms.Atom
	Nested []string // names of nested sets, without the @
}

// An Arg is what was asked for, or a set that the resolver asks for itself.
// Two Args of one kind, text and root are the same node of the graph.
type Arg struct {
	ID   universe.ID
	Kind ArgKind
	Text string // as typed; sets with their @
	Root *universe.Root

	Atom *atoms.Atom   // ArgAtom
	Pkg  *universe.Pkg // ArgPackage
	Set  *Set          // ArgSet

	ForceReinstall bool // the installed package does not do
	Internal       bool // a set of the resolver's own
	KeepDepth      bool // dependencies do not start again at depth 0
}

// Atoms returns the atoms of the argument in the order of their texts.
func (a *Arg) Atoms() []*atoms.Atom {
	switch a.Kind {
	case ArgSet:
		list := slices.Clone(a.Set.Atoms)
		slices.SortStableFunc(list, compareText)
		return slices.CompactFunc(list, func(x, y *atoms.Atom) bool { return x.String() == y.String() })
	case ArgPackage:
		return []*atoms.Atom{a.Pkg.ExactAtom()}
	default:
		return []*atoms.Atom{a.Atom}
	}
}

func compareText(a, b *atoms.Atom) int {
	switch x, y := a.String(), b.String(); {
	case x < y:
		return -1
	case x > y:
		return 1
	default:
		return 0
	}
}

// ReplaceSet is the name of the set of what is merged anew for a slot operator.
const ReplaceSet = "__auto_slot_operator_replace_installed__"

// ForcesSlotRebuild says if the argument is that set.
func (a *Arg) ForcesSlotRebuild() bool { return a.Kind == ArgSet && a.Set.Name == ReplaceSet }

// SetName returns the name of a set argument, or "".
func (a *Arg) SetName() string {
	if a.Kind == ArgSet {
		return a.Set.Name
	}
	return ""
}

// MayBeMissing says if atoms of the argument that no package satisfies are
// only warned about: those of the sets called selected and world (S19).
func (a *Arg) MayBeMissing() bool {
	return a.Kind == ArgSet && (a.Set.Name == "selected" || a.Set.Name == "world")
}

// An ArgAtomMatch is an argument that applies to a package, and the atom by which it does.
type ArgAtomMatch struct {
	Arg  *Arg
	Atom *atoms.Atom
}

// An ArgIndex finds the arguments of one root by package name.
type ArgIndex struct {
	byName [][]*indexedAtom // by universe.NameID
}

type indexedAtom struct {
	atom *atoms.Atom
	args []*Arg
}

func (x *ArgIndex) named(id universe.NameID) []*indexedAtom {
	if int(id) < len(x.byName) {
		return x.byName[id]
	}
	return nil
}

func (x *ArgIndex) add(name universe.NameID, a *atoms.Atom, arg *Arg) {
	list := x.named(name)
	for _, e := range list {
		if e.atom.String() == a.String() {
			if !slices.Contains(e.args, arg) {
				e.args = append(e.args, arg)
			}
			return
		}
	}
	x.byName = reach(x.byName, int(name))
	x.byName[name] = append(list, &indexedAtom{atom: a, args: []*Arg{arg}})
}

// SetArgs replaces the arguments that packages are compared with. Atoms of
// sets come before those of other arguments.
func (s *State) SetArgs(args []*Arg) {
	for i := range s.Args {
		s.Args[i] = &ArgIndex{}
	}
	for _, sets := range [...]bool{true, false} {
		for _, arg := range args {
			if (arg.Kind == ArgSet) != sets {
				continue
			}
			for _, a := range arg.Atoms() {
				s.Args[arg.Root.ID].add(s.U.NameID(a.CP), a, arg)
			}
		}
	}
}

// ArgAtoms returns the arguments that apply to p: those whose atom matches it,
// unless a package that was chosen for such an atom before is higher and in
// another slot (S46).
func (s *State) ArgAtoms(p *universe.Pkg) []ArgAtomMatch {
	var found []ArgAtomMatch
	for m := range s.argAtoms(p) {
		found = append(found, m)
	}
	return found
}

func (s *State) argAtoms(p *universe.Pkg) iter.Seq[ArgAtomMatch] {
	return func(yield func(ArgAtomMatch) bool) {
		for _, e := range s.Args[p.Root.ID].named(p.Name) {
			if !p.Matches(e.atom, nil) || s.higherSlotChosen(p, e.atom) {
				continue
			}
			for _, arg := range e.args {
				if (arg.Kind != ArgPackage || arg.Pkg == p) && !yield(ArgAtomMatch{arg, e.atom}) {
					return
				}
			}
		}
	}
}

func (s *State) higherSlotChosen(p *universe.Pkg, a *atoms.Atom) bool {
	names := s.visible[p.Root.ID]
	if int(p.Name) >= len(names) {
		return false
	}
	for _, q := range names[p.Name] {
		if q.Slot != p.Slot && q.Matches(a, nil) && !p.AtLeast(q) {
			return true
		}
	}
	return false
}

// IsArgument says if p was asked for by name, not only by a set.
func (s *State) IsArgument(p *universe.Pkg) bool {
	for m := range s.argAtoms(p) {
		if m.Arg.Kind != ArgSet {
			return true
		}
	}
	return false
}

// Excluded says if --exclude matches p.
func (s *State) Excluded(p *universe.Pkg) bool { return s.InList(s.P.Exclude, p) }

// InList says if one of the atoms, which may have wildcards, matches p.
func (s *State) InList(list []*atoms.Atom, p *universe.Pkg) bool {
	for _, a := range list {
		if s.Matches(a, p) {
			return true
		}
	}
	return false
}

// WantsInstalled says if the installed package p may satisfy what asks for it:
// no argument demands that it be replaced (Portage: _want_installed_pkg).
func (s *State) WantsInstalled(p *universe.Pkg) bool {
	if s.Excluded(p) {
		return true
	}
	isArg := false
	for m := range s.argAtoms(p) {
		if m.Arg.ForceReinstall {
			return false
		}
		isArg = true
	}
	return s.P.Selective || !isArg
}

// WantsUpdate says if an update of p is wanted where parent requires it: p is
// an argument or --update is given, and it lies within --deep (S56).
func (s *State) WantsUpdate(parent, p *universe.Pkg) bool {
	if s.CompleteMode || s.Excluded(p) {
		return false
	}
	isArg := false
	depth := s.Depth(parent).Next()
	for m := range s.argAtoms(p) {
		isArg = true
		if !m.Arg.KeepDepth {
			depth = params.Depth(0)
			break
		}
	}
	return (isArg || s.P.Update) && !s.TooDeep(depth)
}
