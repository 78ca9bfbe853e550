package walk

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// applyParentUse turns dependencies that fail only for USE conditionals into
// proposed USE changes of the parents (S104).
func (w *Pass) applyParentUse() {
	if !w.S.Autounmask {
		return
	}
	kept := w.Facts.Unsatisfied[:0:0]
	for _, u := range w.Facts.Unsatisfied {
		if !w.proposeParentUse(u) {
			kept = append(kept, u)
		}
	}
	w.Facts.Unsatisfied = kept
}

// proposeParentUse looks for a package that would satisfy the dependency if
// flags of the parent were switched, and proposes that.
func (w *Pass) proposeParentUse(u Unsatisfied) bool {
	parent := u.Parent.Pkg
	uneval := u.Atom.Unevaluated()
	if parent == nil || parent.Built() || !uneval.Conditional() {
		return false
	}
	for _, o := range w.U.Origins() {
		if o == ebuild.OriginInstalled {
			continue
		}
		for _, p := range w.U.Store(u.Root, o, u.Atom.CP) {
			if w.parentChangeFor(parent, p, uneval) {
				return true
			}
		}
	}
	return false
}

func (w *Pass) parentChangeFor(parent, p *universe.Pkg, a *atoms.Atom) bool {
	if !p.MatchesName(a) || !p.Visible() || w.S.Search.Masks[p] != nil || w.S.Excluded(p) {
		return false
	}
	change, ok := w.ParentUseChange(parent, p, a)
	if !ok {
		return false
	}
	before := w.S.Changes.USE[parent]
	if !w.requiredUseAfter(parent, change) {
		return false
	}
	w.S.AdjustUSE(parent, change)
	return w.S.Changes.USE[parent] != before
}

// ParentUseChange returns the flags of the parent to switch so that p does not
// have to satisfy the conditional USE dependencies of an unevaluated atom which
// it fails; false if other things are in the way too.
func (w *Pass) ParentUseChange(parent, p *universe.Pkg, a *atoms.Atom) ([]universe.FlagChange, bool) {
	flags := w.S.Flags(p)
	for _, d := range a.USE {
		if d.Default == atoms.USENoDefault && !flags.Declared(d.Flag) {
			return nil, false
		}
	}
	own := w.S.Flags(parent)
	violated := a.ViolatedUSE(flags, own.Enabled)
	var change []universe.FlagChange
	for _, d := range violated.USE {
		if d.Kind == atoms.USEEnabled || d.Kind == atoms.USEDisabled {
			return nil, false
		}
		if own.State.Masked(d.Flag) || own.State.Forced(d.Flag) {
			return nil, false
		}
		c := universe.FlagChange{Flag: d.Flag, On: !own.Enabled(d.Flag)}
		if !slices.Contains(change, c) {
			change = append(change, c)
		}
	}
	return change, len(change) > 0
}

// requiredUseAfter says if a change keeps the REQUIRED_USE of a package.
func (w *Pass) requiredUseAfter(p *universe.Pkg, change []universe.FlagChange) bool {
	own := w.S.Flags(p)
	return !partial.RequiredUSEHolds(p, own) || partial.RequiredUSEHolds(p, own.With(change))
}

// BrokenByAutounmask says if an unsatisfied dependency could be met but for a
// USE change that the pass itself proposed (S107).
func (w *Pass) BrokenByAutounmask() bool {
	for _, u := range w.Facts.Unsatisfied {
		if len(u.Atom.Unevaluated().USE) == 0 {
			continue
		}
		for _, o := range w.U.Origins() {
			if o == ebuild.OriginInstalled {
				continue
			}
			for _, p := range w.U.Store(u.Root, o, u.Atom.CP) {
				if p.MatchesName(u.Atom) && w.violates(p, u.Atom) && p.Matches(u.Atom, nil) {
					return true
				}
			}
		}
	}
	return false
}

func (w *Pass) violates(p *universe.Pkg, a *atoms.Atom) bool {
	flags := w.S.Flags(p)
	return !declaresAll(a.Unevaluated(), flags) || len(a.ViolatedUSE(flags, nil).USE) > 0
}
