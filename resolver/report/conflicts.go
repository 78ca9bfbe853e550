package report

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
)

// slotConflicts tells the slots that several packages claim (D53, O61;
// Portage: resolver/slot_collision.py).
func (b *builder) slotConflicts() *render.SlotConflicts {
	conflicts := b.w.S.Tracker.Conflicts()
	if len(conflicts) == 0 {
		return nil
	}
	c := &clash{builder: b}
	out := &render.SlotConflicts{}
	for _, conflict := range conflicts {
		p := conflict.Pkgs[0]
		slot := render.SlotConflict{Slot: render.SlotRef{Slot: p.SlotAtom().String()}}
		if !p.Root.Running {
			slot.Slot.Root = p.Root.Path
		}
		for _, p := range conflict.Pkgs {
			slot.Packages = append(slot.Packages, c.member(p, conflict.Pkgs))
		}
		out.Conflicts = append(out.Conflicts, slot)
	}
	out.Stuck = c.stuck
	params := b.res.Params
	out.TryBacktrack = !b.w.Backtracks() && params.Backtrack > 0 && params.Backtrack < 30
	if c.byVersion {
		return out
	}
	out.Unspecific = c.unspecific && !(params.NewUse && params.Update)
	for _, s := range b.w.ConflictSuggestions() {
		var solution []render.PackageChange
		for _, change := range s {
			solution = append(solution, render.PackageChange{CPV: change.Pkg.CPV.String(), Changes: changes(change.Changes)})
		}
		out.Solutions = append(out.Solutions, solution)
	}
	return out
}

// changes tells changes of flags.
func changes(list []universe.FlagChange) []render.FlagChange {
	var out []render.FlagChange
	for _, c := range list {
		out = append(out, render.FlagChange{Flag: c.Flag, Enable: c.On})
	}
	return out
}

// clash is the working state while slot conflicts are told.
type clash struct {
	*builder
	byVersion  bool // a requirement on a version or slot is shown
	unspecific bool // some package is needed by nobody in particular
	stuck      []render.StuckPackage
}

// ground is the sort of reason that a requirement has against another package.
type ground uint8

const (
	groundVersion ground = iota
	groundSlot
	groundUse
	groundArgument
)

// A reason is a sort of reason with its detail: the direction of a version
// operator, the slot, or the flag.
type reason struct {
	ground ground
	detail string
}

// An objection is a requirement on one member of a slot that another member
// does not satisfy.
type objection struct {
	partial.ParentAtom
	other *universe.Pkg
}

func (o objection) is(pa partial.ParentAtom) bool {
	return o.Parent.Node() == pa.Parent.Node() && o.Atom.String() == pa.Atom.String()
}

// objections are those of one member, by reason in the order found.
type objections struct {
	order []reason
	list  map[reason][]objection
	total int
}

func (o *objections) add(r reason, x objection) {
	if len(o.list[r]) == 0 {
		o.order = append(o.order, r)
	}
	o.list[r] = append(o.list[r], x)
}

// member tells one member of a slot and what asks for it.
func (c *clash) member(p *universe.Pkg, all []*universe.Pkg) render.ConflictPackage {
	out := render.ConflictPackage{Package: c.pkg(p)}
	parents := c.w.S.Parents(p)
	if len(parents) == 0 {
		out.Orphan = true
		return out
	}
	o := &objections{list: make(map[reason][]objection)}
	for _, pa := range parents {
		for _, other := range all {
			if other != p {
				c.object(o, objection{pa, other})
			}
		}
	}
	shown := c.shown(o)
	if len(shown) == 0 {
		c.unspecific = true
	}
	for _, pa := range shown {
		out.Parents = append(out.Parents, c.conflictParent(pa, o))
	}
	out.Omitted = o.total - len(shown)
	return out
}

// object notes for what reason a package does not satisfy a requirement.
func (c *clash) object(o *objections, x objection) {
	a, other := x.Atom, x.other
	switch {
	case !other.MatchesName(a.WithoutUSE().WithoutSlot()):
		if a.Op == atoms.OpNone {
			return
		}
		o.add(reason{groundVersion, direction(a.Op)}, x)
	case !other.MatchesName(a.WithoutUSE()):
		slot := a.Slot + "/" + a.Subslot + a.SlotOp.String()
		o.add(reason{groundSlot, slot}, x)
	case !c.w.S.Matches(a, other):
		flags := c.missingFlags(a, other)
		if len(flags) == 0 {
			flags = fixedFlags(a.ViolatedUSE(c.w.S.Flags(other), nil))
		}
		for _, f := range flags {
			o.add(reason{groundUse, f}, x)
		}
	case x.Parent.Arg != nil && x.Parent.Arg.Kind == partial.ArgAtom && other.Installed():
		o.add(reason{groundArgument, ""}, x)
	default:
		return
	}
	o.total++
}

// direction sorts version operators: those to one side are one reason.
func direction(op atoms.Op) string {
	switch op {
	case atoms.OpGreater, atoms.OpGreaterEqual:
		return "ge"
	case atoms.OpEqual, atoms.OpTilde:
		return "eq"
	case atoms.OpLess, atoms.OpLessEqual:
		return "le"
	}
	return ""
}

// missingFlags returns the flags that an atom needs and a package does not have.
func (b *builder) missingFlags(a *atoms.Atom, p *universe.Pkg) []string {
	var list []string
	for _, d := range a.Unevaluated().USE {
		if d.Default == atoms.USENoDefault && !p.Flags().Declared(d.Flag) && !slices.Contains(list, d.Flag) {
			list = append(list, d.Flag)
		}
	}
	return list
}

// fixedFlags returns the flags that an atom asks for without a condition; none
// for nil.
func fixedFlags(a *atoms.Atom) []string {
	var list []string
	if a == nil {
		return nil
	}
	for _, d := range a.USE {
		if !d.Kind.Conditional() && !slices.Contains(list, d.Flag) {
			list = append(list, d.Flag)
		}
	}
	return list
}

// shown returns the requirements to show: of each reason one, or all that must
// be known; first those whose USE cannot be changed on the parent's side.
func (c *clash) shown(o *objections) []partial.ParentAtom {
	var first, list []partial.ParentAtom
	for _, r := range o.order {
		switch r.ground {
		case groundVersion:
			list = c.addVersions(list, o.list[r], r.detail)
		case groundSlot:
			list = c.addSlots(list, o.list[r])
		case groundUse:
			first, list = c.addFlags(first, list, o.list[r], r.detail)
		case groundArgument:
			for _, x := range o.list[r] {
				list = addParent(list, x.ParentAtom)
			}
		}
	}
	return append(first, slices.DeleteFunc(list, func(pa partial.ParentAtom) bool { return hasParent(first, pa) })...)
}

func hasParent(list []partial.ParentAtom, pa partial.ParentAtom) bool {
	return slices.ContainsFunc(list, objection{ParentAtom: pa}.is)
}

func addParent(list []partial.ParentAtom, pa partial.ParentAtom) []partial.ParentAtom {
	if hasParent(list, pa) {
		return list
	}
	return append(list, pa)
}

// addVersions adds the requirement with the version that is farthest away.
func (c *clash) addVersions(list []partial.ParentAtom, objections []objection, direction string) []partial.ParentAtom {
	if c.o.VerboseConflicts {
		for _, x := range objections {
			list = addParent(list, x.ParentAtom)
		}
		return list
	}
	best := objections[0]
	for _, x := range objections[1:] {
		cmp := x.Atom.Version.Compare(best.Atom.Version)
		if (direction == "ge" || direction == "eq") && cmp > 0 || direction == "le" && cmp < 0 {
			best = x
		}
	}
	return addParent(list, best.ParentAtom)
}

// addSlots adds one requirement, and those of packages that would have to be
// rebuilt and cannot be.
func (c *clash) addSlots(list []partial.ParentAtom, objections []objection) []partial.ParentAtom {
	for _, x := range objections {
		if p := x.Parent.Pkg; p != nil && p.Installed() && x.Atom.SlotOpBuilt() {
			if why := c.whyStuck(p); why != "" {
				list = addParent(list, x.ParentAtom)
				c.noteStuck(p, why)
			}
		}
	}
	for _, x := range objections {
		list = addParent(list, x.ParentAtom)
		if !c.o.VerboseConflicts {
			break
		}
	}
	return list
}

// whyStuck returns why an installed package cannot be built again, "" if it can.
func (c *clash) whyStuck(p *universe.Pkg) string {
	switch o := c.res.Params; {
	case c.w.S.Excluded(p):
		return "matched by --exclude argument"
	case c.w.S.InList(o.UseOldPkgAtoms, p):
		return "matched by --useoldpkg-atoms argument"
	case o.UsePkgOnly == params.Yes:
		// Anything could be meant here: better say nothing.
		return ""
	case !c.w.C.EbuildVisible(p):
		return "ebuild is masked or unavailable"
	}
	return ""
}

func (c *clash) noteStuck(p *universe.Pkg, why string) {
	out := c.pkg(p)
	if !slices.ContainsFunc(c.stuck, func(s render.StuckPackage) bool { return s.Package == out }) {
		c.stuck = append(c.stuck, render.StuckPackage{Package: out, Reason: why})
	}
}

// addFlags adds all requirements on a flag: where USE changes, it can be
// essential to see every one. Those without a condition come in a list of
// their own. A requirement that holds by now, because of a proposed change of
// the parent, is left out.
func (c *clash) addFlags(first, list []partial.ParentAtom, objections []objection, flag string) (_, _ []partial.ParentAtom) {
	for _, x := range objections {
		if len(c.missingFlags(x.Atom, x.other)) > 0 {
			first = addParent(first, x.ParentAtom)
		} else {
			var enabled func(string) bool
			if p := x.Parent.Pkg; p != nil {
				enabled = c.w.S.Flags(p).Enabled
			}
			violated := x.Atom.Unevaluated().ViolatedUSE(c.w.S.Flags(x.other), enabled)
			if violated == nil || len(violated.USE) == 0 {
				continue
			}
			if slices.Contains(fixedFlags(violated), flag) {
				first = addParent(first, x.ParentAtom)
			}
		}
		list = addParent(list, x.ParentAtom)
	}
	return first, list
}

// conflictParent tells a requirement with what other packages violate of it.
func (c *clash) conflictParent(pa partial.ParentAtom, o *objections) render.ConflictParent {
	out := render.ConflictParent{Parent: c.parent(pa.Parent)}
	if arg := pa.Parent.Arg; arg != nil {
		switch arg.Kind {
		case partial.ArgPackage:
			return out
		case partial.ArgAtom:
			out.Argument = true
			out.Atom = render.AtomText{Text: pa.Atom.String()}
			return out
		}
	}
	out.Atom = render.TextOf(pa.Atom)
	for _, r := range o.order {
		if !slices.ContainsFunc(o.list[r], func(x objection) bool { return x.is(pa) }) {
			continue
		}
		switch r.ground {
		case groundVersion:
			out.Atom.BadVersion, c.byVersion = true, true
		case groundSlot:
			out.Atom.BadSlot, c.byVersion = true, true
		case groundUse:
			out.Atom.BadUse = append(out.Atom.BadUse, r.detail)
		}
	}
	return out
}

// parent tells what requires something.
func (b *builder) parent(p partial.Parent) render.Parent {
	if p.Pkg != nil {
		return render.Parent{Package: b.pkg(p.Pkg)}
	}
	return render.Parent{Text: p.Arg.Text}
}
