// Package cycles finds changes of USE that would cut a cycle of dependencies.
//
// It works on the shortest cycle of a graph that no order solves: for each of
// its edges it looks for flags of the dependent package that decide whether the
// dependency exists at all, and tries their combinations. It refuses to know
// whether the result would resolve: another cycle may take the place of the one
// that is cut (Portage: resolver/circular_dependency.py).
package cycles

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// maxFlags is how many flags are tried in all combinations.
const maxFlags = 10

// A Suggestion is a change of USE that removes one edge of a cycle.
type Suggestion struct {
	Pkg     *universe.Pkg         // whose flags change
	Child   *universe.Pkg         // what it does not depend on any more
	Changes []universe.FlagChange // sorted by flag
	// Followup says that a package which depends on Pkg asks for one of the
	// flags under a condition, so that it may have to change too.
	Followup bool
}

// Suggest returns the changes that would cut the shortest cycle of a pass, in
// the order of its edges. There are none for a pass without a cycle.
func Suggest(w *walk.Pass) []Suggestion {
	if w.Order == nil || w.Order.Circular == nil {
		return nil
	}
	c := w.Order.Circular
	var found []Suggestion
	for i, n := range c.Shortest {
		parent := c.Shortest[(i+len(c.Shortest)-1)%len(c.Shortest)]
		e := edge{Pass: w, pkg: pkgOf(w, parent), child: pkgOf(w, n)}
		if e.pkg == nil || e.child == nil || !e.find(c.Graph.Priorities(n, parent)) {
			continue
		}
		found = append(found, e.suggestions()...)
	}
	return found
}

func pkgOf(w *walk.Pass, n digraph.Node) *universe.Pkg {
	if w.Removal(n) != nil || int(n) >= w.U.Len() {
		return nil
	}
	return w.U.Pkg(universe.ID(n))
}

// An edge is one dependency of the cycle.
type edge struct {
	*walk.Pass
	pkg, child *universe.Pkg
	text       string       // the atom as the package writes it
	trees      []*atoms.Dep // where it is written
}

// find looks for the atom and its place; false if there is none.
func (e *edge) find(priorities []digraph.Priority) bool {
	i := slices.IndexFunc(e.S.Parents(e.child), func(pa partial.ParentAtom) bool { return pa.Parent.Pkg == e.pkg })
	if i < 0 || len(priorities) == 0 {
		return false
	}
	e.text = e.S.Parents(e.child)[i].Atom.Unevaluated().String()
	classes := []atoms.DepClass{atoms.RDepend}
	if priorities[len(priorities)-1].Has(digraph.Buildtime) {
		classes = []atoms.DepClass{atoms.BDepend, atoms.Depend}
	}
	for _, class := range classes {
		tree, err := e.pkg.Deps(class)
		if err != nil {
			return false
		}
		e.trees = append(e.trees, tree)
	}
	return true
}

// isAtom says if a leaf is the atom of the edge.
func (e *edge) isAtom(a *atoms.Atom) bool { return a.Unevaluated().String() == e.text }

// fixed says if a flag cannot be suggested: the profile or an earlier change
// has decided it.
func (e *edge) fixed(flag string) bool {
	f := e.S.Flags(e.pkg)
	if f.State.Masked(flag) || f.State.Forced(flag) {
		return true
	}
	return slices.ContainsFunc(f.Changes, func(c universe.FlagChange) bool { return c.Flag == flag })
}

// flags returns the flags to try, sorted: those that decide about the atom and,
// if one of them is in REQUIRED_USE, all others there.
func (e *edge) flags() []string {
	var affecting []string
	for _, tree := range e.trees {
		affecting = append(affecting, atoms.AffectingFlags(tree, e.isAtom)...)
	}
	affecting = slices.DeleteFunc(affecting, e.fixed)
	slices.Sort(affecting)
	affecting = slices.Compact(affecting)
	if spec, err := e.pkg.RequiredUSE(); err == nil {
		required := atoms.RequiredUSEFlags(spec)
		if slices.ContainsFunc(affecting, func(f string) bool { return slices.Contains(required, f) }) {
			all := append(slices.Clone(affecting), slices.DeleteFunc(required, e.fixed)...)
			slices.Sort(all)
			if all = slices.Compact(all); len(all) <= maxFlags {
				affecting = all
			}
		}
	}
	if len(affecting) > maxFlags {
		now := e.S.Flags(e.pkg)
		affecting = slices.DeleteFunc(affecting, func(f string) bool { return !now.Enabled(f) })
	}
	if len(affecting) > maxFlags {
		return nil
	}
	return affecting
}

// suggestions tries the flags and keeps the smallest changes that parents of
// the package do not rule out.
func (e *edge) suggestions() []Suggestion {
	flags := e.flags()
	if len(flags) == 0 {
		return nil
	}
	var solutions [][]universe.FlagChange
	for bits := range 1 << len(flags) {
		if s, ok := e.try(flags, bits); ok {
			solutions = append(solutions, s)
		}
	}
	var list []Suggestion
	for i, s := range solutions {
		if slices.ContainsFunc(solutions, func(o []universe.FlagChange) bool { return len(o) < len(s) && contains(s, o) }) {
			continue
		}
		if slices.ContainsFunc(solutions[:i], func(o []universe.FlagChange) bool { return slices.Equal(o, s) }) {
			continue
		}
		followup, possible := e.parentsAllow(s)
		if possible {
			list = append(list, Suggestion{Pkg: e.pkg, Child: e.child, Changes: s, Followup: followup})
		}
	}
	return list
}

// try returns what has to change so that the flags are as the bits say, the
// first flag being the highest bit; false if that does not remove the atom or
// violates REQUIRED_USE.
func (e *edge) try(flags []string, bits int) ([]universe.FlagChange, bool) {
	now := e.S.Flags(e.pkg)
	changes := []universe.FlagChange{}
	for i, flag := range flags {
		on := bits>>(len(flags)-1-i)&1 == 1
		if now.Enabled(flag) != on {
			changes = append(changes, universe.FlagChange{Flag: flag, On: on})
		}
	}
	after := now.With(changes)
	for _, tree := range e.trees {
		if slices.ContainsFunc(tree.Leaves(after.Enabled), e.isAtom) {
			return nil, false
		}
	}
	if strings.TrimSpace(e.pkg.Raw("REQUIRED_USE")) != "" && !partial.RequiredUSEHolds(e.pkg, after) {
		return nil, false
	}
	return changes, true
}

func contains(set, part []universe.FlagChange) bool {
	for _, c := range part {
		if !slices.Contains(set, c) {
			return false
		}
	}
	return true
}

// parentsAllow says if no package asks for one of the flags outright, and if
// one asks for it under a condition.
func (e *edge) parentsAllow(changes []universe.FlagChange) (followup, possible bool) {
	for _, pa := range e.S.Parents(e.pkg) {
		for _, d := range pa.Atom.Unevaluated().USE {
			if !slices.ContainsFunc(changes, func(c universe.FlagChange) bool { return c.Flag == d.Flag }) {
				continue
			}
			if !d.Kind.Conditional() {
				return false, false
			}
			followup = true
		}
	}
	return followup, true
}
