package sets

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// A condition is what a VariableSet asks about the value of a variable: words
// it must and must not have or, of dependencies, atoms.
type condition struct {
	variable           string
	includes, excludes []string
	// For dependencies: atoms to find, to avoid, and packages never in the set.
	include, exclude, output []*atoms.Atom
}

// variable makes the set of installed packages by the value of a variable.
func (b *builder) variable() (*Set, error) {
	name, err := b.need("variable")
	if err != nil {
		return nil, err
	}
	q := condition{
		variable: name,
		includes: strings.Fields(b.get("includes", "")),
		excludes: strings.Fields(b.get("excludes", "")),
	}
	output := b.get("excludes_output", "")
	switch {
	case len(q.includes) == 0 && len(q.excludes) == 0:
		return nil, fmt.Errorf("%w: neither includes nor excludes", ErrOption)
	case output != "" && !q.deps():
		return nil, fmt.Errorf("%w: excludes_output has no meaning unless variable is *DEPEND", ErrOption)
	case q.deps():
		if err := q.parse(strings.Fields(output)); err != nil {
			return nil, err
		}
	}
	store, filter, err := b.store("metadata-source", "vartree")
	if err != nil {
		return nil, err
	}
	return &Set{Unmerge: true, load: func(c *collector) {
		b.eachInstalled(c, func(p *ebuild.Package) {
			matches, err := b.matches(store, slotAtom(p), filter)
			if c.fail(err) || len(matches) == 0 {
				return
			}
			is, err := q.meets(best(matches))
			if !c.fail(err) && is {
				c.addSlot(p)
			}
		})
	}}, nil
}

// deps reports whether the variable holds dependencies.
func (q *condition) deps() bool { return strings.Contains(q.variable, "DEPEND") }

// parse parses the words of the condition as atoms.
func (q *condition) parse(output []string) (err error) {
	for _, list := range []struct {
		words []string
		atoms *[]*atoms.Atom
	}{{q.includes, &q.include}, {q.excludes, &q.exclude}, {output, &q.output}} {
		for _, word := range list.words {
			a, err := atoms.ParseAtom(word, atoms.AtomOptions{})
			if err != nil {
				return fmt.Errorf("%w: %w", ErrOption, err)
			}
			*list.atoms = append(*list.atoms, a)
		}
	}
	return nil
}

// meets reports whether a package meets the condition.
func (q *condition) meets(p *ebuild.Package) (bool, error) {
	if !q.deps() {
		words := strings.Fields(p.Raw(q.variable))
		has := func(word string) bool { return slices.Contains(words, word) }
		return (len(q.includes) == 0 || slices.ContainsFunc(q.includes, has)) &&
			!slices.ContainsFunc(q.excludes, has), nil
	}
	slot := atoms.Candidate{CPV: atoms.CPV{CP: p.CP()}, Slot: p.Slot, BuildID: atoms.NoBuildID}
	if matchesAny(q.output, slot) {
		return false, nil
	}
	tree, err := atoms.ParseDep(p.Raw(q.variable), atoms.AtomOptions{})
	if err != nil {
		return false, fmt.Errorf("%s: %s: %w", p, q.variable, err)
	}
	for _, a := range tree.Leaves(func(string) bool { return false }) {
		dep := atoms.Candidate{CPV: a.CPV(), Slot: a.Slot, Subslot: a.Subslot, Repo: a.Repo, BuildID: a.BuildID}
		if matchesAny(q.exclude, dep) {
			return false, nil
		}
		if matchesAny(q.include, dep) {
			return true, nil
		}
	}
	return false, nil
}

// matchesAny reports whether one of list matches what is known of a package.
func matchesAny(list []*atoms.Atom, p atoms.Candidate) bool {
	return slices.ContainsFunc(list, func(a *atoms.Atom) bool { return a.Match(p) })
}
