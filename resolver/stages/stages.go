// Package stages breaks circular dependencies by merging packages twice.
//
// Where the pass of a request ends with dependencies that no order solves, Find
// looks for a small set of bootstrap merges: packages with some USE flags
// switched for a while, so that everything else can be merged, after which the
// same packages are merged again as they shall be. PMS asks that what a build
// needs is there and usable when it starts, and usable means that its run-time
// dependencies are there, and theirs. So the question is about states, not
// about edges:
//
//	usable(i)  i is there, and each clause of RDEPEND and IDEPEND(i) is met by
//	           something usable: the greatest such set, as what needs each
//	           other at run time can be used when all of it is there
//	can(i)     each clause of DEPEND and BDEPEND(i) is met by something usable
//
// where i is a package as it shall be, or one of its reduced variants. Both
// only ever grow with what is there, so a set of variants suffices exactly if
// taking every merge that is possible reaches the whole plan, and if the set of
// all variants does not suffice, none does: that is the proof that no cut exists.
//
// What no state can show is left to a replay of the order: a merge takes the
// place of what was there. The package refuses to choose other packages than
// those of the pass: where a variant needs one that is neither there nor in the
// plan, the variant cannot be used. What Portage merges before it stops stays
// before the cycles unless that leaves no plan, only members of cycles get
// variants, and each is merged twice at most; that no cut exists is said within
// these bounds. Portage has
// nothing like it; it stops.
package stages

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// Options say what may be done, and how long may be searched.
type Options struct {
	Policy *Policy // nil: the one that holds without a file
	// Running is the policy for packages of the running root where that is not
	// the target; nil: the same.
	Running *Policy
	// Effort bounds the search for the best cut of a component, counted in
	// dependencies looked at, so that an answer does not depend on the machine.
	// 0 stands for DefaultEffort.
	Effort int
}

// DefaultEffort is a bound that components of some forty packages never reach,
// and that takes about a second.
const DefaultEffort = 20_000_000

// MaxFlags is how many flags of one package are tried in all combinations.
// Beyond, at most three of them are switched together, and all of them; an
// answer then has a gap.
const MaxFlags = 10

// Stage says which merge of a package a step is.
type Stage uint8

// The stages.
const (
	Final     Stage = iota // as it shall be at the end
	Bootstrap              // with other flags, for a while
)

// String returns the word of the plan document.
func (s Stage) String() string { return [...]string{"final", "bootstrap"}[min(s, Bootstrap)] }

// A Step is one merge or removal of a staged plan.
type Step struct {
	Item  order.Item
	Pkg   *universe.Pkg // nil for a removal or a blocker
	Stage Stage
	// Changed are the flags that a bootstrap merge switches, sorted.
	Changed []universe.FlagChange
	// CompletedBy is the package that takes the place of a bootstrap merge.
	CompletedBy *universe.Pkg
}

// An Edge is a dependency inside a component.
type Edge struct {
	Parent, Child *universe.Pkg
	Class         atoms.DepClass
	Atom          *atoms.Atom
	Flags         []string // of the parent, that decide about it; sorted
}

// A Cut is one package to be merged with other flags first.
type Cut struct {
	Pkg     *universe.Pkg
	Changed []universe.FlagChange // sorted by flag
}

// A Cycle is a component: packages each of which needs all others, directly or
// not, before it can be built or used.
type Cycle struct {
	Members []*universe.Pkg // in the order of the graph
	Edges   []Edge
	// Shortest is a shortest cycle of it, each package needed by the one before.
	Shortest []*universe.Pkg
	// Cut is the best set of bootstrap merges; empty if there is none, or if
	// alternatives and installed packages make an order possible without one.
	Cut []Cut
	// Alternatives are other sets with as few merges, at most five.
	Alternatives [][]Cut
	// Solved says that an order exists with the cut.
	Solved bool
	// Gap says how many merges fewer might do: 0 for an optimal cut.
	Gap int
	// FlagGap says that fewer flags might do with as many merges.
	FlagGap bool
	// Outside names what would break an unsolved component if it were there,
	// as a binary package, an installed one or by package.provided: one set of
	// packages for each way, the smallest first.
	Outside [][]*universe.Pkg
	// Unproved says of an unsolved component that not every combination of
	// flags was tried.
	Unproved bool
	// Forbidden are flags that could have been switched but for the policy or
	// the profile, sorted, as "cat/pkg-1[flag]" with the reason.
	Forbidden []Forbidden
}

// A Forbidden is a flag that decides about an edge of a cycle and may not be
// switched.
type Forbidden struct {
	Pkg    *universe.Pkg
	Flag   string
	Reason string // "forced", "masked", "policy", "required-use"
}

// A Plan is an order with the packages that are merged twice.
type Plan struct {
	Steps []Step
	// Portage is the order without stages: its Circular says where Portage stops.
	Portage *order.Result
}

// An Answer is what came of the search.
type Answer struct {
	Plan   *Plan // nil if there is none
	Cycles []Cycle
	// Problem says why there is no plan although every cycle was cut; empty
	// otherwise.
	Problem string

	input *order.Input
	order *order.Result
	pkgs  []*twice
	needs []needsOf
}

// Bootstraps returns how many merges are made besides those of the request.
func (a *Answer) Bootstraps() int { return len(a.pkgs) }

// Find looks for a staged plan for a pass that lacks an order and nothing else.
// It returns nil for any other pass. The pass stays as it is; see Apply.
func Find(w *walk.Pass, o Options) *Answer {
	if !w.OnlyCircular() || w.P.NoDeps {
		return nil
	}
	if o.Policy == nil {
		o.Policy = NewPolicy()
	}
	if o.Running == nil {
		o.Running = o.Policy
	}
	if o.Effort <= 0 {
		o.Effort = DefaultEffort
	}
	m := newModel(w, o)
	m.gather()
	a := &Answer{}
	chosen, solved := m.solve(a)
	if solved {
		m.plan(a, chosen)
	}
	if a.Plan == nil || m.missed && a.Bootstraps() > 0 {
		m.reorder(a)
	}
	return a
}
