// Package order puts the packages of a finished dependency graph into the order
// in which Portage merges them, and names what no order solves.
//
// The input is plain: a graph, a table that says what each node is, and the
// few facts about installed packages and sets that the rules ask for. The
// package does not choose packages, does not find blockers, and knows atoms
// only by name. PMS asks for dependencies to be there when they are needed; it
// says nothing about the order among several that will do. That part is
// Portage's behaviour (_emerge/depgraph.py, _serialize_tasks). Where Portage
// walks a hash table, this package takes insertion order.
//
// Entry points are Serialize for merges, SchedulerGraph for what follows from
// it for parallel merging, and Removal for packages to be unmerged.
package order

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
)

// Kind says what a node of the graph stands for.
type Kind uint8

const (
	Argument  Kind = iota // an argument or a set; never listed
	Merge                 // a package that will be merged
	NoMerge               // a package that stays as it is, or one given only for its dependencies
	Uninstall             // the removal of an installed package because of a blocker
)

// String returns Portage's word for the operation.
func (k Kind) String() string {
	switch k {
	case Argument:
		return "argument"
	case Merge:
		return "merge"
	case NoMerge:
		return "nomerge"
	case Uninstall:
		return "uninstall"
	}
	return "unknown"
}

// Root numbers an installation root.
type Root int8

// A Task says what a node is. The zero Task is an argument.
//
// An installed package that stays and the removal of the same package are two
// nodes with the same CPV and Root.
type Task struct {
	Kind      Kind
	CPV       atoms.CPV
	Slot      string // without the sub-slot
	Root      Root
	Installed bool  // the package comes from the installed packages; true for every Uninstall
	Built     bool  // installed or binary
	BuildTime int64 // of a built package, seconds since 1970
	OnlyDeps  bool  // given under --onlydeps: only its dependencies are wanted
	System    bool  // an atom of @system of its root matches it
	// NewPortage marks the first merge, by version, of sys-apps/portage in the
	// running root. There is at most one.
	NewPortage bool
}

// A BlockerID is an index of Input.Blockers.
type BlockerID int32

// NoBlocker is no blocker.
const NoBlocker BlockerID = -1

// A Blocker is a blocking atom of some package, as far as ordering cares.
type Blocker struct {
	Forbid    bool // "!!": not even installed together for a moment
	Strong    bool // the EAPI it was written in knows "!!", so that a plain "!" is meant weakly
	Buildtime bool // from DEPEND or BDEPEND
}

// A Block says that the uninstall task would solve the blocker.
type Block struct {
	Blocker BlockerID
	Task    digraph.Node
}

// Facts answers questions about uninstall tasks; they are asked only while a
// task is considered. Each answer must not change during one Serialize.
type Facts interface {
	// LastPortageDep reports whether the task would remove the only installed
	// match of sys-apps/portage, or of an atom in the recorded RDEPEND of the
	// installed Portage of the running root.
	LastPortageDep(task digraph.Node) bool
	// LastSelected reports whether an atom of @selected of the task's root
	// matches the package and no other package of the final state.
	LastSelected(task digraph.Node) bool
}

// Options are the parts of the request that ordering looks at.
type Options struct {
	Tree               bool // --tree: one leaf at a time, so that the tree can be drawn
	NoDeps             bool // --nodeps: graph order, nothing else
	ImplicitSystemDeps bool // --implicit-system-deps, on by default in Portage
	Complete           bool // the graph holds all deep dependencies of the world
	IgnoreWorld        bool // --ignore-world
	BuildPkgOnly       bool // --buildpkgonly
	AcceptConflicts    bool // blockers do not fail the run: no backtracking, and an option that does not merge
}

// Input is a finished dependency graph. Serialize does not change it.
//
// Every blocker that the walk could not drop is either in Unsolvable or has
// Blocks. For each Block the graph has an edge from the package that needs the
// removal to the uninstall task, of priority digraph.BlockerEdge; the edges are
// inserted after all dependencies.
type Input struct {
	Graph      *digraph.Graph
	Tasks      []Task         // by node; a node beyond the end is an argument
	Running    Root           // the root that Portage itself runs from
	Headers    []digraph.Node // merges in the running root that provide virtual/os-headers and whose CPV is not installed there
	Libc       []digraph.Node // likewise virtual/libc
	Blockers   []Blocker
	Blocks     []Block     // in the order found
	Unsolvable []BlockerID // blockers that no removal solves, in the order found
	Facts      Facts       // may be nil without Blocks
	Options    Options
}

// An Item is one entry of the ordered list: a package to merge or to remove, or
// a blocker.
type Item struct {
	Task      digraph.Node // digraph.None for a blocker
	Blocker   BlockerID    // NoBlocker for a package
	Satisfied bool         // of a blocker: solved at this place of the list
}

// Result is the outcome of Serialize.
type Result struct {
	// List is the order: merges and removals, each solved blocker after what
	// solved it, unsolved blockers at the end. Nil if Circular is set.
	List []Item
	// Circular is set if dependencies left nothing to select.
	Circular *Circular
	// NeedComplete says that packages would be removed although the graph is
	// not complete: the graph must be completed and everything asked again.
	NeedComplete bool
	// Unsolved are the blockers at the end of List.
	Unsolved []BlockerID
	// Refused are those among Unsolved that fail the request; empty if the
	// options accept them.
	Refused []BlockerID
	// KeptSelected are uninstall tasks that were not considered because an atom
	// of @selected would have lost its last match.
	KeptSelected []digraph.Node

	reversed []reversal
}

// A reversal is an uninstall task that was moved behind a package which had
// wanted it first.
type reversal struct{ task, after digraph.Node }

// Serialize orders the merges of the graph.
func Serialize(in *Input) *Result {
	if in.Options.NoDeps {
		return &Result{List: mergesInGraphOrder(in)}
	}
	s := newSerializer(in)
	for s.g.Len() > 0 {
		selected, again := s.step()
		if again {
			continue
		}
		if len(selected) == 0 {
			return &Result{Circular: s.circular(), KeptSelected: s.keptSelected}
		}
		s.emit(selected)
	}
	return s.finish()
}

// mergesInGraphOrder is the whole of --nodeps.
func mergesInGraphOrder(in *Input) []Item {
	var list []Item
	for _, n := range in.Graph.Nodes() {
		if in.task(n).Kind == Merge {
			list = append(list, Item{Task: n, Blocker: NoBlocker})
		}
	}
	return list
}

// task returns what n is.
func (in *Input) task(n digraph.Node) *Task {
	if int(n) < len(in.Tasks) {
		return &in.Tasks[n]
	}
	return &Task{}
}
