// Package walk makes one pass over a request: it adds the arguments, follows
// dependencies, completes the graph where installed packages change, settles
// slot conflicts and blockers, and orders what is to be merged.
//
// A pass is one literal traversal with immutable parameters (params.Params and
// partial.Search). It gives a graph, an order and facts: what stood in the way
// and what another pass could do about it. It refuses to try anything twice;
// that is the business of the policies, which read the facts.
//
// The order of the traversal is Portage's, since the merge order follows from
// it: packages to expand are a stack, and choices are a second stack that is
// served only when the first one is empty (D1 to D5 of the rules this resolver
// was written from). PMS does not say in which order dependencies are looked at.
package walk

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A Request is what is asked for, the same for all passes.
type Request struct {
	Args []*partial.Arg // in the user's order; short names have their category
	Sets Sets

	ids map[argKey]universe.ID // nodes of arguments, the same in all passes
}

// Sets finds package sets by name. Members must not change during a request.
type Sets interface {
	// Set returns a set of a root, nil if there is none of that name.
	Set(r *universe.Root, name string) *partial.Set
}

// Options say how one pass is made.
type Options struct {
	// Backtrack says that another pass may follow, so that facts for one are
	// worth collecting, and rebuilds may be scheduled.
	Backtrack bool
	// NoAutounmask switches proposals of configuration changes off.
	NoAutounmask bool
}

// A Dep is one dependency on its way to a package.
type Dep struct {
	Atom      *atoms.Atom
	Orig      *atoms.Atom // the virtual's atom as written, if Atom names an exact version of it
	Parent    partial.Parent
	Child     *universe.Pkg // chosen before, or nil
	Root      *universe.Root
	Depth     params.Depth
	Priority  digraph.Priority
	Satisfied *universe.Pkg // installed package that satisfies it before anything is merged
	OnlyDeps  bool

	// Collapsed parent and priority are those of the package that was led
	// here through a virtual; without one they repeat Parent and Priority.
	CollapsedParent   partial.Parent
	CollapsedPriority digraph.Priority

	WantUpdate bool // an update of Child was wanted when it was added
}

// A Need is one dependency of a package as it was decided.
type Need struct {
	Class atoms.DepClass
	Atom  *atoms.Atom
	Root  *universe.Root
	// Child is the package that was chosen for it; nil if it is left to
	// Satisfied, an installed package, or if nothing satisfies it.
	Child, Satisfied *universe.Pkg
}

// work is an entry of the main stack: a package to expand, or a dependency
// that was put aside before.
type work struct {
	pkg *universe.Pkg
	dep *Dep
}

// choice is an entry of the second stack: the alternatives and virtuals of one
// dependency class of one package.
type choice struct {
	pkg      *universe.Pkg
	class    atoms.DepClass
	root     *universe.Root
	priority digraph.Priority
	deps     []*atoms.Dep
}

// A Pass is one traversal and what came of it.
type Pass struct {
	U *universe.Universe
	P *params.Params
	S *partial.State
	C *choose.Chooser

	Facts   Facts
	Success bool
	Order   *order.Result // nil if the pass ended before an order was sought
	Input   *order.Input  // what Order was made from

	req      *Request
	opt      Options
	initial  []*partial.Arg               // the arguments with greedy slots and rebuild sets
	argNodes map[universe.ID]*partial.Arg // arguments and sets that are nodes of the graph

	stack       []work
	choices     []choice
	putAside    []work // dependencies that are not followed, for the complete graph
	unsatisfied []*Dep
	needs       universe.Table[[]Need]
	traversed   universe.Table[bool]
	traverseAll bool // ignored dependencies are followed too
	slotOps     slotOpDeps
	blockers    *blockerTable
	rebuilds    *rebuildGraph
	missed      map[*universe.Pkg][]partial.ParentAtom // updates lost to a solved slot conflict
	missedOrder []*universe.Pkg
	reverseMemo map[reverseKey]bool
	inquiries   map[inquiryKey]*inquiry // while rebuilds are looked for; else nil
	blockerIDs  []digraph.Node          // by order.BlockerID
}

type argKey struct {
	kind partial.ArgKind
	text string
	root universe.RootID
}

// Run makes one pass.
func Run(u *universe.Universe, p *params.Params, req *Request, search *partial.Search, opt Options) *Pass {
	w := newPass(u, p, req, search, opt)
	w.Success = w.run()
	return w
}

func newPass(u *universe.Universe, p *params.Params, req *Request, search *partial.Search, opt Options) *Pass {
	st := partial.New(u, p, search)
	if opt.NoAutounmask {
		st.Autounmask = false
	}
	w := &Pass{
		U: u, P: p, S: st, C: choose.New(st), req: req, opt: opt,
		argNodes:    make(map[universe.ID]*partial.Arg),
		missed:      make(map[*universe.Pkg][]partial.ParentAtom),
		reverseMemo: make(map[reverseKey]bool),
	}
	w.blockers = newBlockerTable(u)
	w.rebuilds = newRebuildGraph(w)
	return w
}

func (w *Pass) run() bool {
	w.prepareArgs()
	ok := w.resolve()
	if c := w.C.VirtualCycle; c != nil {
		w.Facts.VirtualCycle = c
		w.Facts.NoRestart = true
		return false
	}
	return ok
}

// Backtracks says if another pass was allowed to follow.
func (w *Pass) Backtracks() bool { return w.opt.Backtrack }

// NeedRestart says if another pass could do better by what this one found.
func (w *Pass) NeedRestart() bool {
	return (w.Facts.Restart || w.S.Changes.Restart) && !w.Facts.NoRestart
}

// resolve adds the arguments, follows everything and orders it (Portage: _resolve).
func (w *Pass) resolve() bool {
	if !w.addArguments() {
		return false
	}
	if !w.follow(false) {
		w.applyParentUse()
		return false
	}
	if !w.settle() || !w.checkConflicts() {
		return false
	}
	if !w.checkBuildOnly() || !w.checkRunning() || w.prune() {
		return false
	}
	if len(w.S.Search.Replace) > 0 && w.S.Search.Pins == nil && w.eliminateRebuilds() {
		w.Order = nil
		if !w.settle() {
			return false
		}
	}
	if w.S.ChangesInGraph() {
		w.Facts.OnlyChanges = true
		return false
	}
	return true
}

// checkConflicts says if nothing that was found so far fails the pass.
func (w *Pass) checkConflicts() bool {
	conflicts := len(w.S.Tracker.Conflicts()) > 0
	if conflicts && !w.acceptConflicts() || w.opt.Backtrack && len(w.Facts.SlotConflicts) > 0 {
		return false
	}
	if w.rebuilds.trigger() {
		w.Facts.config().Rebuild = w.rebuilds.rebuild
		w.Facts.config().Reinstall = w.rebuilds.reinstall
		w.Facts.Restart = true
		return false
	}
	return !w.NeedRestart()
}

// acceptConflicts says if conflicts may stand: an option leaves the roots alone
// and there is no backtracking, for consistent results (D51).
func (w *Pass) acceptConflicts() bool { return !w.opt.Backtrack && w.P.ToleratesConflicts() }

// follow expands the stacks until both are empty. With allowUnsatisfied,
// dependencies that nothing satisfies are collected.
func (w *Pass) follow(allowUnsatisfied bool) bool {
	for len(w.stack) > 0 || len(w.choices) > 0 {
		if w.C.VirtualCycle != nil {
			return false
		}
		if n := len(w.stack); n > 0 {
			next := w.stack[n-1]
			w.stack = w.stack[:n-1]
			if next.pkg != nil {
				if !w.expand(next.pkg, allowUnsatisfied) {
					return false
				}
			} else if !w.addDep(next.dep, allowUnsatisfied) {
				return false
			}
			continue
		}
		n := len(w.choices)
		c := w.choices[n-1]
		w.choices = w.choices[:n-1]
		if !w.addDeps(c, allowUnsatisfied) {
			return false
		}
	}
	return true
}

// Needs returns the dependencies of a package that was expanded, as they were
// decided, in the order of the traversal. Blockers are left out, and so is what
// package.provided satisfies.
func (w *Pass) Needs(p *universe.Pkg) []Need { return w.needs.Get(p) }

func node(p *universe.Pkg) digraph.Node { return digraph.Node(p.ID) }

func contains[T comparable](list []T, x T) bool { return slices.Contains(list, x) }
