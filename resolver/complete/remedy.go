package complete

import (
	"context"
	"slices"

	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/sat"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// A Change is what has to change about one package for a request to have a
// plan: flags to be switched, and masks to be lifted.
type Change struct {
	Pkg   *universe.Pkg
	Flags []universe.FlagChange // sorted by flag
	Lifts []visibility.Reason   // everything against the package, if it has to be lifted
}

// Status says what a Remedy is worth.
type Status uint8

const (
	StatusNone     Status = iota // given up without a result
	StatusUseless                // proved: no change that is allowed helps
	StatusHelps                  // the changes help; whether less would do is not known
	StatusLeast                  // the changes help, and none that cost less do
	StatusNeedless               // packages can be found without any change: the request fails for something else
)

// String returns the name of the status.
func (s Status) String() string {
	return [...]string{"none", "useless", "helps", "least", "needless"}[s]
}

// A Remedy is a set of changes of configuration under which a request has a
// plan, or the knowledge that there is none.
type Remedy struct {
	Status  Status
	Changes []Change // by root and name, of StatusHelps and StatusLeast
	Cost    int
	Proof   *Proof // of StatusUseless; may be nil

	Rounds, Checks int // how often the solver was asked, and how many sets of changes were tried
}

// Limits of one search for a remedy.
const (
	maxRounds      = 200
	maxChecks      = 4
	maxRemedyWork  = 60_000_000
	maxHittingWork = 200_000
)

// FindRemedy searches for the least changes of configuration under which a
// request has a plan. Try says if it has one with a set of changes: what the
// formula says is only believed if the resolver says so, too.
//
// The formula has a literal for each change that is not made. Where these
// cannot all hold, the solver names some that cannot hold together; the
// cheapest choice of one of each such set is tried next, until everything else
// can hold.
func FindRemedy(ctx context.Context, u *universe.Universe, p *params.Params, req *walk.Request, try func([]Change) bool) *Remedy {
	out := &Remedy{}
	if !Applies(p) || p.NoDeps {
		return out
	}
	ctx, b := newBudget(ctx, EffortPlan)
	defer b.stop()
	b.left = maxRemedyWork
	f := newFormula(u, p, req)
	f.budget, f.relax = b, newRelaxation()
	f.request()
	r := &remedy{formula: f, guide: &guide{formula: f}, out: out, try: try}
	r.search(ctx)
	return out
}

// remedy is the working state of one FindRemedy.
type remedy struct {
	*formula
	guide   *guide
	out     *Remedy
	try     func([]Change) bool
	cores   [][]int // sets of softs that cannot all hold
	refused bool    // a set was tried in vain, so that nothing is known to be least
	best    []int   // what the cheapest model changes
}

// search sets the result.
func (r *remedy) search(ctx context.Context) {
	switch r.solve(ctx, nil) {
	case sat.Exhausted:
		return
	case sat.Unsatisfiable:
		r.useless(ctx)
		return
	}
	r.note(r.broken())
	for r.out.Rounds < maxRounds && r.out.Checks < maxChecks {
		hit, ok := r.hit()
		if !ok {
			break
		}
		switch r.solve(ctx, hit) {
		case sat.Exhausted:
			r.fallBack()
			return
		case sat.Unsatisfiable:
			if !r.learnCore(ctx) {
				r.fallBack()
				return
			}
			continue
		}
		got := r.broken()
		r.note(got)
		if slices.ContainsFunc(got, func(i int) bool { return !slices.Contains(hit, i) }) {
			continue // softs that came up on the way
		}
		if r.accept(got, StatusLeast) {
			return
		}
	}
	r.fallBack()
}

// solve asks the solver for a model in which only the changes in hit are made,
// as far as changes are known; nil allows all.
func (r *remedy) solve(ctx context.Context, hit []int) sat.Status {
	r.out.Rounds++
	o := sat.Options{Guide: r.guide, MaxConflicts: maxConflicts}
	if hit != nil {
		o.Assumptions = r.without(hit)
	}
	return r.solver.Solve(ctx, o)
}

func (r *remedy) without(hit []int) []sat.Lit {
	var list []sat.Lit
	for i, s := range r.relax.softs {
		if !slices.Contains(hit, i) {
			list = append(list, s.lit)
		}
	}
	return list
}

// broken returns the changes of the model, ascending.
func (r *remedy) broken() []int {
	list := []int{}
	for i, s := range r.relax.softs {
		if r.solver.Value(s.lit) == sat.False {
			list = append(list, i)
		}
	}
	return list
}

func (r *remedy) cost(list []int) int {
	sum := 0
	for _, i := range list {
		sum += r.relax.softs[i].cost
	}
	return sum
}

// learnCore notes a set of changes of which one has to be made; false if the
// solver did not find one that is new.
func (r *remedy) learnCore(ctx context.Context) bool {
	core := r.shrink(ctx, r.solver.Core())
	var list []int
	for i, s := range r.relax.softs {
		if slices.Contains(core, s.lit) {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		return false
	}
	r.cores = append(r.cores, list)
	return true
}

// shrink makes a core smaller as long as the solver finds a smaller one in it.
// It need not be minimal: proving that would take a model for each member.
func (r *remedy) shrink(ctx context.Context, core []sat.Lit) []sat.Lit {
	for len(core) > 1 {
		o := sat.Options{Guide: r.guide, MaxConflicts: maxConflicts, Assumptions: slices.Clone(core)}
		slices.Reverse(o.Assumptions)
		if r.solver.Solve(ctx, o) != sat.Unsatisfiable || len(r.solver.Core()) >= len(core) {
			break
		}
		core = r.solver.Core()
	}
	return core
}

// accept tries changes and takes them if they help. If not, they are not made
// all together again.
func (r *remedy) accept(list []int, s Status) bool {
	if len(list) == 0 {
		r.out.Status = StatusNeedless
		return true
	}
	r.out.Checks++
	changes := r.changes(list)
	if r.try(changes) {
		if r.refused {
			s = StatusHelps
		}
		r.out.Status, r.out.Changes, r.out.Cost = s, changes, r.cost(list)
		return true
	}
	r.refused = true
	clause := make([]sat.Lit, len(list))
	for i, x := range list {
		clause[i] = r.relax.softs[x].lit
	}
	r.solver.Add(clause...)
	return false
}

// note keeps the changes of a model if none is known that changes less. Flags
// of packages that are not there do not matter.
func (r *remedy) note(list []int) {
	list = slices.DeleteFunc(slices.Clone(list), func(i int) bool {
		n := r.byPkg[r.relax.softs[i].pkg]
		return n != nil && r.solver.Value(n.lit) != sat.True
	})
	if r.best == nil || r.cost(list) < r.cost(r.best) {
		r.best = list
	}
}

// fallBack tries the cheapest model where the search for the least ended early.
func (r *remedy) fallBack() {
	if r.out.Status == StatusNone && r.out.Checks < maxChecks && len(r.best) > 0 {
		r.accept(r.best, StatusHelps)
	}
}

// useless notes that no changes help.
func (r *remedy) useless(ctx context.Context) {
	if r.learnt {
		return
	}
	r.out.Status = StatusUseless
	r.out.Proof = r.prove(ctx)
}

// changes puts the changes of softs together, by package.
func (r *remedy) changes(list []int) []Change {
	var out []Change
	for _, i := range list {
		s := r.relax.softs[i]
		at := slices.IndexFunc(out, func(c Change) bool { return c.Pkg == s.pkg })
		if at < 0 {
			at = len(out)
			out = append(out, Change{Pkg: s.pkg})
		}
		if len(s.flags) == 0 {
			out[at].Lifts = s.pkg.Verdict().Reasons
		}
		out[at].Flags = append(out[at].Flags, s.flags...)
	}
	for _, c := range out {
		slices.SortFunc(c.Flags, byFlag)
	}
	slices.SortStableFunc(out, func(a, b Change) int {
		if a.Pkg.Root != b.Pkg.Root {
			return int(a.Pkg.Root.ID) - int(b.Pkg.Root.ID)
		}
		return a.Pkg.Compare(b.Pkg)
	})
	return out
}
