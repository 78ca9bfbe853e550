package report

import (
	"reflect"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A fix is a change by which a package, or the parent, would do.
type fix struct {
	pkg  *universe.Pkg
	text render.UseFix
}

// fixes returns the changes to tell: of the package that would fit the first,
// and of the parent the first; or, where no flag can be switched, the flags that
// are missing. It also returns the packages whose flags can be switched.
func (f *finding) fixes() ([]render.UseFix, []*universe.Pkg) {
	var changes, missing []fix
	var adjustable []*universe.Pkg
	for _, p := range f.wrongUSE {
		if flags := f.missingFlags(f.Atom, p); len(flags) > 0 {
			missing = append(missing, fix{p, render.UseFix{CPV: p.CPV.String(), Repo: p.Repo, MissingIUSE: flags}})
			continue
		}
		list := f.needed(p)
		if untouchable(p.Flags(), list) {
			continue
		}
		adjustable = append(adjustable, p)
		if len(list) > 0 {
			changes = append(changes, f.fix(p, list))
		}
		if x := f.parentFix(p); x != nil && !slices.ContainsFunc(changes, func(y fix) bool { return reflect.DeepEqual(*x, y) }) {
			changes = append(changes, *x)
		}
	}
	masked := func(x fix) bool { return slices.Contains(f.hidden, x.pkg) }
	changes, missing = slices.DeleteFunc(changes, masked), slices.DeleteFunc(missing, masked)
	if len(changes) > 0 {
		return f.latest(changes), adjustable
	}
	// A masked package that has the flags is better told of.
	if slices.ContainsFunc(f.hidden, func(p *universe.Pkg) bool { return len(f.missingFlags(f.Atom, p)) == 0 }) {
		missing = nil
	}
	var out []render.UseFix
	for _, x := range missing {
		out = append(out, x.text)
	}
	return out, adjustable
}

// latest returns the first change of a package and the first of the parent.
func (f *finding) latest(changes []fix) []render.UseFix {
	var out []render.UseFix
	for _, ofParent := range [...]bool{false, true} {
		for _, x := range changes {
			if (x.pkg == f.Parent.Pkg) == ofParent {
				out = append(out, x.text)
				break
			}
		}
	}
	return out
}

// needed returns the flags in IUSE that a package would have to switch, those
// to be enabled first, sorted.
func (f *finding) needed(p *universe.Pkg) []universe.FlagChange {
	flags := f.w.S.Flags(p)
	var on, off []universe.FlagChange
	for _, d := range f.Atom.USE {
		switch {
		case !p.HasIUSE(d.Flag):
		case d.Kind == atoms.USEEnabled && !flags.Enabled(d.Flag):
			on = append(on, universe.FlagChange{Flag: d.Flag, On: true})
		case d.Kind == atoms.USEDisabled && flags.Enabled(d.Flag):
			off = append(off, universe.FlagChange{Flag: d.Flag})
		}
	}
	byFlag := func(x, y universe.FlagChange) int { return strings.Compare(x.Flag, y.Flag) }
	slices.SortFunc(on, byFlag)
	slices.SortFunc(off, byFlag)
	return slices.Compact(append(on, off...))
}

// untouchable says if the profile has decided one of the flags.
func untouchable(f *universe.Flags, list []universe.FlagChange) bool {
	return slices.ContainsFunc(list, func(c universe.FlagChange) bool { return f.State.Masked(c.Flag) || f.State.Forced(c.Flag) })
}

// fix tells a change, and whether REQUIRED_USE would not hold any more.
func (f *finding) fix(p *universe.Pkg, list []universe.FlagChange) fix {
	x := fix{p, render.UseFix{CPV: p.CPV.String(), Repo: p.Repo, Changes: changes(list)}}
	now := f.w.S.Flags(p)
	if partial.RequiredUSEHolds(p, now) && !partial.RequiredUSEHolds(p, now.With(list)) {
		x.text.Violated = strings.Join(strings.Fields(p.Raw("REQUIRED_USE")), " ")
	}
	return x
}

// parentFix returns the change of the parent after which a package would do as
// it is: possible if all that it violates are conditions on the parent's flags.
// A masked package is not worth it.
func (f *finding) parentFix(p *universe.Pkg) *fix {
	parent := f.Parent.Pkg
	uneval := f.Atom.Unevaluated()
	if parent == nil || !uneval.Conditional() || slices.Contains(f.hidden, p) {
		return nil
	}
	own := f.w.S.Flags(parent)
	violated := uneval.ViolatedUSE(f.w.S.Flags(p), own.Enabled)
	if violated == nil || len(fixedFlags(violated)) > 0 {
		return nil
	}
	var list []universe.FlagChange
	for _, d := range violated.USE {
		c := universe.FlagChange{Flag: d.Flag, On: !own.Enabled(d.Flag)}
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	if untouchable(parent.Flags(), list) {
		return nil
	}
	x := f.fix(parent, list)
	return &x
}
