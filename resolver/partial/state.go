// Package partial is the partial graph of one pass: what has been chosen so
// far, by whom it is required, and which changes of configuration it takes.
//
// The chooser reads it, the walk writes it. It refuses to know how a choice is
// made and why a pass ends. Everything that earlier passes taught comes in as
// a Search, which a pass never changes.
package partial

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A Parent is what requires a package: an argument or another package.
// Exactly one field is set. It is comparable.
type Parent struct {
	Arg *Arg
	Pkg *universe.Pkg
}

// Node returns the parent's node in the graph.
func (p Parent) Node() digraph.Node {
	if p.Arg != nil {
		return digraph.Node(p.Arg.ID)
	}
	return digraph.Node(p.Pkg.ID)
}

// String names the parent.
func (p Parent) String() string {
	if p.Arg != nil {
		return p.Arg.Text
	}
	return p.Pkg.String()
}

// A ParentAtom is an atom by which a parent requires a package.
type ParentAtom struct {
	Parent Parent
	Atom   *atoms.Atom
	Orig   *atoms.Atom // the virtual's atom as written, if Atom names an exact version of it
}

func (pa ParentAtom) key() parentAtomKey { return parentAtomKey{pa.Parent.Node(), pa.Atom.String()} }

// State is the partial graph of one pass.
type State struct {
	U      *universe.Universe
	P      *params.Params
	Search *Search

	Graph   *digraph.Graph
	Tracker *Tracker
	Args    []*ArgIndex // by root

	// Deep is how many levels of installed packages are followed; the complete
	// graph makes it infinite. CompleteMode is on while that graph is built.
	Deep         params.Depth
	Complete     bool // the complete graph is wanted
	CompleteMode bool

	// Autounmask says if changes of configuration may be proposed right now:
	// it is off while alternatives are compared and for optional dependencies.
	Autounmask bool

	Changes Changes

	parents universe.Table[*parentAtoms]
	depth   universe.Table[params.Depth]
	visible [][][]*universe.Pkg // by root and name: the latest visible choice per slot
}

// parentAtoms are the requirements on one package. A long list has an index.
type parentAtoms struct {
	list  []ParentAtom
	index map[parentAtomKey]bool
}

// longParents is the length of a list from which on it has an index.
const longParents = 16

func (l *parentAtoms) has(pa ParentAtom) bool {
	if l.index != nil {
		return l.index[pa.key()]
	}
	parent := pa.Parent.Node()
	for i := range l.list {
		if x := &l.list[i]; x.Parent.Node() == parent && x.Atom.Equal(pa.Atom) {
			return true
		}
	}
	return false
}

func (l *parentAtoms) add(pa ParentAtom) {
	l.list = append(l.list, pa)
	switch {
	case l.index != nil:
		l.index[pa.key()] = true
	case len(l.list) >= longParents:
		l.index = make(map[parentAtomKey]bool, 2*len(l.list))
		for _, x := range l.list {
			l.index[x.key()] = true
		}
	}
}

// A parentAtomKey identifies a requirement: a set may be represented by several
// Args, which are one node.
type parentAtomKey struct {
	parent digraph.Node
	atom   string
}

// New returns the state at the start of a pass.
func New(u *universe.Universe, p *params.Params, s *Search) *State {
	st := &State{
		U: u, P: p, Search: s,
		Graph:      digraph.New(),
		Tracker:    newTracker(u, !p.NoDeps),
		Args:       make([]*ArgIndex, len(u.Roots)),
		Deep:       p.Deep,
		Complete:   p.Complete,
		Autounmask: p.Autounmask,
		Changes:    newChanges(s),
		visible:    make([][][]*universe.Pkg, len(u.Roots)),
	}
	for i := range st.Args {
		st.Args[i] = &ArgIndex{}
	}
	return st
}

// InGraph says if the package is a node of the graph.
func (s *State) InGraph(p *universe.Pkg) bool { return s.Graph.Contains(digraph.Node(p.ID)) }

// Depth returns the depth at which a package was met, 0 if it was not.
func (s *State) Depth(p *universe.Pkg) params.Depth { return s.depth.Get(p) }

// SetDepth records the depth of a package.
func (s *State) SetDepth(p *universe.Pkg, d params.Depth) { *s.depth.At(p) = d }

// TooDeep says if depth d lies beyond what is followed.
func (s *State) TooDeep(d params.Depth) bool { return s.P.TooDeep(d, s.Deep) }

// AddParent records that a parent requires p by an atom. One atom text of one
// parent counts once.
func (s *State) AddParent(p *universe.Pkg, pa ParentAtom) {
	l := s.parents.At(p)
	if *l == nil {
		*l = &parentAtoms{}
	}
	if !(*l).has(pa) {
		(*l).add(pa)
	}
}

// Parents returns by what p is required, in the order of discovery. The
// caller must not change the slice.
func (s *State) Parents(p *universe.Pkg) []ParentAtom {
	if l := s.parents.Get(p); l != nil {
		return l.list
	}
	return nil
}

// HasParent says if the requirement is recorded.
func (s *State) HasParent(p *universe.Pkg, pa ParentAtom) bool {
	l := s.parents.Get(p)
	return l != nil && l.has(pa)
}

// DropParents forgets by what p is required.
func (s *State) DropParents(p *universe.Pkg) { *s.parents.At(p) = nil }

// DropParent forgets what one parent requires of p.
func (s *State) DropParent(p *universe.Pkg, parent Parent) {
	l := s.parents.Get(p)
	if l == nil {
		return
	}
	kept := &parentAtoms{list: make([]ParentAtom, 0, len(l.list))}
	for _, pa := range l.list {
		if pa.Parent.Node() != parent.Node() {
			kept.add(pa)
		}
	}
	*s.parents.At(p) = kept
}

// Flags returns the USE state of a package with the proposed changes on top.
func (s *State) Flags(p *universe.Pkg) *universe.Flags {
	if c := s.Changes.USE[p]; c != nil && !p.Built() {
		return c.Flags
	}
	return p.Flags()
}

// Matches says if p, with the proposed USE changes, matches an atom. Where the
// changes leave no flag on, it is the configured flags that count: in Portage a
// package given no flags at all works them out from the configuration.
func (s *State) Matches(a *atoms.Atom, p *universe.Pkg) bool {
	f := s.Flags(p)
	if len(a.USE) > 0 && len(f.Changes) > 0 && len(f.List()) == 0 {
		f = p.Flags()
	}
	return p.Matches(a, f)
}

// NoteVisible remembers a visible choice: see ArgAtoms.
func (s *State) NoteVisible(p *universe.Pkg) {
	names := reach(s.visible[p.Root.ID], int(p.Name))
	s.visible[p.Root.ID] = names
	list := names[p.Name]
	kept := make([]*universe.Pkg, 0, len(list)+1)
	for _, q := range list {
		if q == p {
			return
		}
		if q.CPV != p.CPV && q.Slot != p.Slot {
			kept = append(kept, q)
		}
	}
	names[p.Name] = append(kept, p)
}
