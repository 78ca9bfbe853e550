// Package complete finds a plan where Portage's search ends without one, or
// proves that there is none.
//
// What a request needs is written as clauses over one variable for each package
// instance: what is asked for has a match; what is merged finds its
// dependencies; a slot holds one package; blockers hold; what is installed
// stays, is replaced, or is removed because of a blocker, and while it stays
// keeps the dependencies that it has. Names enter the formula as the search
// reaches them. Package sat decides it, guided by the ranking that Portage has:
// the chooser's own answers come first, then what is installed or higher.
// A model is only believed after a pass of package walk whose choices are
// pinned to it: that pass gives the graph and the order.
//
// Changes of configuration are not made: masked packages, other USE flags and
// packages whose REQUIRED_USE fails are out of the question. If there is no
// model, the smallest set of reasons that contradict each other is the Proof.
//
// FindRemedy asks which changes of configuration would help. It relaxes the
// same formula: USE flags become variables, conditional dependencies and
// REQUIRED_USE clauses over them, and masks that etc/portage can lift literals
// that hold as long as nothing is changed. Flags bear on nothing else: masks
// are judged, and stable masks of flags applied, as the configuration is.
//
// Where PMS and Portage differ about what may be left broken, this package
// sides with PMS: unlike Portage, it breaks no installed package that @world
// does not reach, and loses no atom of @world that something satisfies.
package complete

import (
	"context"

	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/sat"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// Limits of one search. They are far above what requests take; they are there
// so that no request takes longer than a few seconds.
const (
	maxConflicts = 20000
	maxModels    = 64 // models that are checked by a walk; those of large requests use up the budget before
)

// An Answer is what the search came to. With Success, Pass is the pass that
// counts. Otherwise Proof says why there is no plan. If that is nil, packages
// could be found, but what to do about them failed, as Failed shows, or the
// search was given up at its limits.
type Answer struct {
	Success bool
	Pass    *walk.Pass
	Proof   *Proof
	Failed  *walk.Pass // the first pass that a model failed; nil if none did

	Models    int // models that were checked
	Conflicts int // contradictions that the solver met
	Packages  int // instances in the formula
}

// Applies says if there is something to look for: dependencies count, and
// packages are to be merged.
func Applies(p *params.Params) bool {
	return p.Recurse && p.Action == params.ActionMerge && !p.BuildPkgOnly && !p.RunningFixed
}

// Resolve searches for a plan. The universe must be the one that the policy
// portage used, or one like it.
func Resolve(ctx context.Context, u *universe.Universe, p *params.Params, req *walk.Request, e Effort) *Answer {
	a := &Answer{}
	if !Applies(p) {
		return a
	}
	ctx, b := newBudget(ctx, e)
	defer b.stop()
	f := newFormula(u, p, req)
	f.budget = b
	f.request()
	g := &guide{formula: f}
	for a.Models < maxModels {
		o := sat.Options{Guide: g, MaxConflicts: maxConflicts}
		status := f.solver.Solve(ctx, o)
		a.Conflicts, a.Packages = f.solver.Conflicts, len(f.packages)
		if status == sat.Unsatisfiable && !f.learnt {
			a.Proof = f.prove(ctx)
		}
		if status != sat.Satisfiable {
			return a
		}
		a.Models++
		if c := f.check(); c.pass != nil {
			a.Success, a.Pass = true, c.pass
			return a
		} else {
			if a.Failed == nil {
				a.Failed = c.failed
			}
			if !f.forbid(c) {
				return a
			}
		}
	}
	return a
}
