package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/universe"
)

// unneeded tells that nothing asks for a package, and what would: dependencies
// of packages of the plan that their USE flags switch off, and alternatives that
// were not taken.
func (x *explainer) unneeded(p *universe.Pkg) []Reason {
	var list []Reason
	for _, q := range x.graph {
		for _, c := range universe.Classes() {
			tree, err := q.Deps(c)
			if err != nil {
				continue // broken metadata is told of with the result
			}
			if r, ok := x.possible(q, c, tree, p); ok {
				list = append(list, r)
			}
		}
	}
	return append(list, Reason{Kind: ReasonUnneeded, Text: "nothing in the plan needs it"})
}

// possible tells a dependency of q on p that is not in force.
func (x *explainer) possible(q *universe.Pkg, c atoms.DepClass, tree *atoms.Dep, p *universe.Pkg) (Reason, bool) {
	about := func(a *atoms.Atom) bool {
		return a.CP == p.CPV.CP && a.Blocker == atoms.BlockNone && p.MatchesName(a)
	}
	r := Reason{By: plan.Maybe(q.String()), Class: plan.Class(c.String()), File: plan.Maybe(x.dependencyFile(q))}
	for _, a := range tree.Leaves(x.w.S.Flags(q).Enabled) {
		if about(a) {
			r.Kind, r.Atom = ReasonAlternative, plan.Maybe(a.Unevaluated().String())
			r.Text = fmt.Sprintf("%v would do with it, but has another alternative: %s (%s)", q, r.Atom, c)
			return r, true
		}
	}
	for _, a := range tree.Leaves(nil) {
		if about(a) {
			text := a.String()
			r.Kind, r.Atom = ReasonUseDisabled, plan.Maybe(text)
			r.Words = x.signed(q, atoms.AffectingFlags(tree, func(l *atoms.Atom) bool { return l.String() == text }))
			r.Text = fmt.Sprintf("%v needs it only with other USE flags than %s: %s (%s)", q, strings.Join(r.Words, " "), r.Atom, c)
			return r, true
		}
	}
	return r, false
}

// neededBy lists the dependencies of installed packages on p.
func (x *explainer) neededBy(p *universe.Pkg) []Requirement {
	var list []Requirement
	for _, cp := range x.w.U.InstalledNames(p.Root) {
		for _, q := range x.w.U.Store(p.Root, ebuild.OriginInstalled, cp) {
			list = append(list, x.needs(q, p)...)
		}
	}
	return list
}

// needs lists the dependencies of q on p that are in force, each atom once.
func (x *explainer) needs(q, p *universe.Pkg) []Requirement {
	var list []Requirement
	for _, c := range universe.Classes() {
		tree, err := q.Deps(c)
		if err != nil {
			continue
		}
		for _, a := range tree.Leaves(q.Flags().Enabled) {
			if a.CP != p.CPV.CP || a.Blocker != atoms.BlockNone || !p.MatchesName(a) {
				continue
			}
			r := x.requirement(partial.ParentAtom{Parent: partial.Parent{Pkg: q}, Atom: a}, nil)
			if !slices.ContainsFunc(list, func(o Requirement) bool { return o.Atom == r.Atom }) {
				list = append(list, r)
			}
		}
	}
	return list
}
