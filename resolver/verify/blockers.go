package verify

import (
	"github.com/tumpline/tumpline/atoms"
)

// A pendingBlock is a weak blocker of a build-time dependency with what it
// matched when the package was built.
type pendingBlock struct {
	owner   *pkg
	class   atoms.DepClass
	atom    *atoms.Atom
	blocked *pkg
}

// blocked gives the present packages that a blocker of p matches. A package
// blocks neither itself nor what it replaces.
func (j *judge) blocked(p *pkg, class atoms.DepClass, a *atoms.Atom) []*pkg {
	var out []*pkg
	for _, q := range j.classRoot(p, class).matching(a.Unblocked()) {
		if q != p && !q.sameSlot(p) {
			out = append(out, q)
		}
	}
	return out
}

// blockedNow checks the blockers that are in force when a package is merged:
// strong ones. Weak ones of build-time dependencies are kept for the end. A
// package that is only built blocks what it cannot be built beside.
func (j *judge) blockedNow(p *pkg, classes ...atoms.DepClass) {
	for _, class := range classes {
		if j.Options.BuildPkgOnly && class != atoms.Depend && class != atoms.BDepend {
			continue
		}
		for _, a := range p.blocks[class] {
			for _, q := range j.blocked(p, class, a) {
				switch {
				case a.Blocker == atoms.BlockStrong:
					j.report(KindBlocker, Error, p, a.String(), "%s %s: %s is there when the package is merged", class, a, q.CPV)
				case class == atoms.Depend || class == atoms.BDepend:
					j.pending = append(j.pending, pendingBlock{p, class, a, q})
				}
			}
		}
	}
}

// blockedAtEnd checks the blockers that are in force as long as a package is
// there. Between packages that were there before it is no fault of the plan.
func (j *judge) blockedAtEnd(p *pkg) {
	for _, class := range runClasses() {
		for _, a := range p.blocks[class] {
			for _, q := range j.blocked(p, class, a) {
				severity := Error
				if !p.merged() && !q.merged() {
					severity = Info
				}
				j.report(KindBlocker, severity, p, a.String(), "%s %s: %s is there at the end", class, a, q.CPV)
			}
		}
	}
}

// pendingAtEnd checks the weak blockers of build-time dependencies.
func (j *judge) pendingAtEnd() {
	for _, b := range j.pending {
		if b.blocked.here && b.owner.here {
			j.report(KindBlocker, Error, b.owner, b.atom.String(), "%s %s: %s stays there", b.class, b.atom, b.blocked.CPV)
		}
	}
}
