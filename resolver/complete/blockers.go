package complete

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/sat"
	"github.com/tumpline/tumpline/resolver/universe"
)

// block enters a blocker of a package, which holds at the package's own root
// (D101, D115). Packages of one slot replace each other, so that a weak blocker
// between them says nothing; between two installed packages none says anything.
//
//	not owner, or not blocked, or a waiver
//
// An installed package on either side may be removed for the other's sake, but
// on the running root not because of "!!":
//
//	not merged, or not removed
func (e *encoding) block(owner *node, whole *atoms.Dep, a *atoms.Atom, waivers []truth) {
	p := e.pkg
	if p.OnlyDeps || e.p.NoDeps {
		return
	}
	bare := a.Unblocked()
	for _, n := range e.name(p.Root, a.CP) {
		if !n.open || n.pkg == p && a.Blocker != atoms.BlockStrong || !blocks(p, n.pkg, a.Blocker) {
			continue
		}
		hit := e.hits(bare, n)
		if hit.is(false) {
			continue
		}
		e.clause(e.why(whole), append([]truth{{owner.lit.Not(), true}, {n.lit.Not(), true}, hit.not()}, waivers...)...)
		self := e.byPkg[p]
		switch {
		case p.Installed():
			e.removes(n.lit, n, self, a.Blocker)
		case n.pkg.Installed():
			e.removes(owner.lit, self, n, a.Blocker)
		}
	}
}

// removes says what a blocker between a package that is merged, if lit holds,
// and an installed one means for the latter.
func (e *encoding) removes(lit sat.Lit, merged, installed *node, how atoms.Blocker) {
	if how == atoms.BlockStrong && installed.pkg.Root.Running {
		e.law(e.reason, lit.Not(), installed.removed.Not())
		return
	}
	installed.removers = append(installed.removers, merged)
}

func blocks(p, q *universe.Pkg, how atoms.Blocker) bool {
	if p.Installed() && q.Installed() {
		return false
	}
	return p.Slot != q.Slot || how == atoms.BlockStrong
}
