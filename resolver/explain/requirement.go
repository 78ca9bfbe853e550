package explain

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/universe"
)

// requirements lists what asks for a package, in the order in which the walk
// found it. What the resolver asks for itself is a reason, not a requirement.
func (x *explainer) requirements(p *universe.Pkg) []Requirement {
	var list []Requirement
	for _, pa := range x.w.S.Parents(p) {
		if pa.Parent.Arg == nil || !pa.Parent.Arg.Internal {
			list = append(list, x.requirement(pa, p))
		}
	}
	return list
}

// requirement tells one requirement; child is what satisfies it, or nil.
func (x *explainer) requirement(pa partial.ParentAtom, child *universe.Pkg) Requirement {
	a := pa.Atom
	if pa.Orig != nil {
		a = pa.Orig
	}
	r := Requirement{Atom: a.String(), Constrains: constrains(a)}
	r.By, r.Kind = nameOf(pa.Parent)
	if arg := pa.Parent.Arg; arg != nil {
		file, line := x.memberPlace(arg, r.Atom)
		r.File, r.Line = plan.Maybe(file), line
		return r
	}
	class, ok := x.class(pa, child)
	if ok {
		r.Class = class
		r.Flags = x.deciding(pa.Parent.Pkg, class, a)
	}
	r.File = plan.Maybe(x.dependencyFile(pa.Parent.Pkg))
	return r
}

// constrains lists what an atom says about more than the name.
func constrains(a *atoms.Atom) []Constraint {
	var list []Constraint
	if a.Op != atoms.OpNone {
		list = append(list, ConstrainsVersion)
	}
	if a.Slot != "" || a.Subslot != "" {
		list = append(list, ConstrainsSlot)
	}
	if len(a.USE) > 0 {
		list = append(list, ConstrainsUse)
	}
	if a.Repo != "" {
		list = append(list, ConstrainsRepo)
	}
	if a.BuildID >= 0 {
		list = append(list, ConstrainsBuild)
	}
	return list
}

// class returns the dependency class of a requirement: as the walk decided it,
// else the first class in which the package has the atom.
func (x *explainer) class(pa partial.ParentAtom, child *universe.Pkg) (plan.Class, bool) {
	parent := pa.Parent.Pkg
	if universe.IsSoname(pa.Atom) {
		return plan.ClassSoname, true
	}
	text := pa.Atom.Unevaluated().String()
	for _, n := range x.w.Needs(parent) {
		if n.Atom.Unevaluated().String() == text || n.Child != nil && n.Child == child && n.Atom.CP == pa.Atom.CP {
			return plan.Class(n.Class.String()), true
		}
	}
	for _, c := range universe.Classes() {
		tree, err := parent.Deps(c)
		if err != nil {
			continue // broken metadata is told of with the result
		}
		for _, a := range tree.Leaves(x.w.S.Flags(parent).Enabled) {
			if a.Unevaluated().String() == text {
				return plan.Class(c.String()), true
			}
		}
	}
	return "", false
}

// deciding returns the flags by which a package has an atom in a class, with
// "-" before those that are off.
func (x *explainer) deciding(p *universe.Pkg, class plan.Class, a *atoms.Atom) []string {
	text := a.Unevaluated().String()
	for _, c := range universe.Classes() {
		if c.String() != string(class) {
			continue
		}
		tree, err := p.Deps(c)
		if err != nil {
			return nil
		}
		return x.signed(p, atoms.AffectingFlags(tree, func(l *atoms.Atom) bool { return l.String() == text }))
	}
	return nil
}

// signed puts "-" before the flags that a package has switched off.
func (x *explainer) signed(p *universe.Pkg, flags []string) []string {
	out := slices.Clone(flags)
	for i, f := range out {
		if !x.w.S.Flags(p).Enabled(f) {
			out[i] = "-" + f
		}
	}
	return out
}

// unmet returns the requirements on the names asked for that nothing satisfies.
func (x *explainer) unmet(subjects []*atoms.Atom) []Requirement {
	var list []Requirement
	for _, a := range subjects {
		for _, pa := range x.unsatisfied(a.CP, x.w.U.Target) {
			list = append(list, x.requirement(pa, nil))
		}
	}
	return list
}

// unsatisfied returns the requirements on a name in a root that nothing
// satisfied, each once.
func (x *explainer) unsatisfied(cp atoms.CP, r *universe.Root) []partial.ParentAtom {
	var list []partial.ParentAtom
	add := func(root *universe.Root, parent partial.Parent, a *atoms.Atom) {
		pa := partial.ParentAtom{Parent: parent, Atom: a}
		if a.CP == cp && root == r && !slices.Contains(list, pa) {
			list = append(list, pa)
		}
	}
	for _, u := range x.w.Facts.Unsatisfied {
		add(u.Root, u.Parent, u.Atom)
	}
	for _, m := range x.w.Facts.Missing {
		add(m.Arg.Root, partial.Parent{Arg: m.Arg}, m.Atom)
	}
	for _, d := range x.w.Facts.InitiallyUnsatisfied {
		add(d.Root, d.Parent, d.Atom)
	}
	return list
}
