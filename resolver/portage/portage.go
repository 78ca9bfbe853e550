// Package portage searches for a plan as Portage does.
//
// The search is a tree of nodes. A node is a partial.Search: packages that may
// not be used, rebuilds that are scheduled, changes that are decided. Each node
// is tried by one pass of package walk, and what the pass found out makes
// further nodes; those are a stack, so the search goes deep first. It ends at
// the first pass that succeeds, at one that needs the user to change the
// configuration, when the number of restarts is used up, or when no node is
// left. A failure is then shown from a pass of its own, without any masks, so
// that it speaks of what the user asked (Portage: _backtrack_depgraph and
// resolver/backtracking.py).
//
// The package never changes what Portage would answer. Where Portage gives up
// although an answer exists, the complete policy goes on.
package portage

import (
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// An Answer is the pass that counts and how it was reached.
type Answer struct {
	Pass     *walk.Pass
	Success  bool
	Restarts int // passes after the first one, without those made for display
	Passes   int // all passes
}

// Resolve searches for a plan.
func Resolve(u *universe.Universe, p *params.Params, req *walk.Request) *Answer {
	s := newSearch(max(1, (p.MaxRestarts+1)/2))
	backtrack := p.MaxRestarts > 0
	a := &Answer{}
	for s.more() {
		pass := walk.Run(u, p, req, s.next(), walk.Options{Backtrack: backtrack})
		a.Pass, a.Success = pass, pass.Success
		a.Passes++
		if pass.Success || needsConfigChange(pass, p) || !backtrack || a.Restarts >= p.MaxRestarts {
			break
		}
		if pass.NeedRestart() {
			a.Restarts++
			s.feedback(&pass.Facts, &pass.S.Changes)
		} else if s.more() {
			a.Restarts++
		}
	}
	if a.Restarts > 0 && !a.Success && !hasProblemToShow(a.Pass, p) {
		a.rerun(u, p, req, s.best(), walk.Options{})
	}
	if !a.Success && a.Pass.BrokenByAutounmask() {
		a.rerun(u, p, req, partial.NewSearch(), walk.Options{NoAutounmask: true})
	}
	return a
}

func (a *Answer) rerun(u *universe.Universe, p *params.Params, req *walk.Request, s *partial.Search, o walk.Options) {
	a.Pass = walk.Run(u, p, req, s, o)
	a.Success = a.Pass.Success
	a.Passes++
}

// needsConfigChange says if the search ends because the user has to decide
// something (D77).
func needsConfigChange(w *walk.Pass, p *params.Params) bool {
	if w.Facts.OnlyChanges || w.Facts.RequiredUSE {
		return true
	}
	if w.HasConflictSuggestions() {
		return true
	}
	if !w.Backtracks() || p.AutounmaskBacktrack == params.Yes || !w.S.ChangesInGraph() {
		return false
	}
	return !p.AutounmaskContinue || p.AutounmaskBacktrack == params.No
}

func hasProblemToShow(w *walk.Pass, p *params.Params) bool {
	return needsConfigChange(w, p) || w.Order != nil && w.Order.Circular != nil
}
