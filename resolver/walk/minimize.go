package walk

import (
	"iter"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/universe"
)

// picked is a term with the package that was selected for it.
type picked struct {
	term choose.Term
	pkg  *universe.Pkg
}

// minimize selects packages for the atoms of one parent and class and hands
// them out. Blockers and unmet atoms come at once, while the rest is still
// being selected. Where atoms of one name, such as the ends of a range, select
// different packages, those that the others make redundant are left out (D23).
func (w *Pass) minimize(parent *universe.Pkg, r *universe.Root, terms []choose.Term, yield func(choose.Term, *universe.Pkg) bool) {
	list := make([]picked, 0, len(terms))
	seen := newTexts(len(terms))
	for _, t := range terms {
		if t.Atom.Blocker != atoms.BlockNone {
			if !yield(t, nil) {
				return
			}
			continue
		}
		p := w.C.Select(choose.Ask{Root: r, Atom: t.Atom, Parent: parent}).Pkg
		if w.C.VirtualCycle != nil {
			return
		}
		if p == nil {
			if !yield(t, nil) {
				return
			}
			continue
		}
		if i := seen.place(list, t.Atom); i < len(list) {
			list[i].pkg = p
			continue
		}
		list = append(list, picked{t, p})
	}
	for group := range byName(list) {
		if slices.ContainsFunc(group, func(x picked) bool { return x.pkg != group[0].pkg }) {
			group = w.withoutRedundant(group)
		}
		for _, x := range group {
			if !yield(x.term, x.pkg) {
				return
			}
		}
	}
}

// texts finds atoms in a list by what they say. Short lists are searched.
type texts map[string]int

func newTexts(n int) texts {
	if n <= 32 {
		return nil
	}
	return make(texts, n)
}

// place returns the index of the entry of an atom, which is the next one if
// there is none yet.
func (t texts) place(list []picked, a *atoms.Atom) int {
	if t == nil {
		for i := range list {
			if list[i].term.Atom.Equal(a) {
				return i
			}
		}
		return len(list)
	}
	i, ok := t[a.String()]
	if !ok {
		i = len(list)
		t[a.String()] = i
	}
	return i
}

// byName yields the entries of each package name, in the order in which names
// come up. It clears the list.
func byName(list []picked) iter.Seq[[]picked] {
	return func(yield func([]picked) bool) {
		for i := range list {
			if list[i].pkg == nil {
				continue
			}
			group := list[i : i+1 : i+1]
			for j := i + 1; j < len(list); j++ {
				if q := list[j].pkg; q != nil && q.Name == group[0].pkg.Name {
					group = append(group, list[j])
					list[j].pkg = nil
				}
			}
			if !yield(group) {
				return
			}
		}
	}
}

// withoutRedundant drops packages all of whose atoms another selected package
// satisfies too: installed ones first, then lower versions. Each atom gets the
// highest package that is left. Atoms that are likely to conflict come first,
// so that they are the ones to be told of.
func (w *Pass) withoutRedundant(group []picked) []picked {
	var pkgs []*universe.Pkg
	for _, x := range group {
		if !contains(pkgs, x.pkg) {
			pkgs = append(pkgs, x.pkg)
		}
	}
	satisfying := make(map[string][]*universe.Pkg, len(group))
	for _, x := range group {
		text := x.term.Atom.String()
		satisfying[text] = []*universe.Pkg{x.pkg}
		for _, p := range pkgs {
			if p != x.pkg && w.S.Matches(x.term.Atom, p) {
				satisfying[text] = append(satisfying[text], p)
			}
		}
	}
	for _, p := range eliminationOrder(pkgs) {
		redundant := true
		for _, list := range satisfying {
			if contains(list, p) && len(list) < 2 {
				redundant = false
				break
			}
		}
		if redundant {
			for text, list := range satisfying {
				satisfying[text] = slices.DeleteFunc(list, func(q *universe.Pkg) bool { return q == p })
			}
		}
	}
	// Portage's order among these follows its hashes; this one is the
	// most frequent in its recorded answers.
	slices.SortStableFunc(group, func(a, b picked) int { return b.pkg.Compare(a.pkg) })
	var built, conflicting, normal []picked
	for _, x := range group {
		left := satisfying[x.term.Atom.String()]
		slices.SortStableFunc(left, (*universe.Pkg).Compare)
		x.pkg = left[len(left)-1]
		switch {
		case x.term.Atom.SlotOpBuilt():
			built = append(built, x)
		case slices.ContainsFunc(left, func(p *universe.Pkg) bool { return w.conflicts(p, x.term.Atom) }):
			conflicting = append(conflicting, x)
		default:
			normal = append(normal, x)
		}
	}
	return slices.Concat(built, conflicting, normal)
}

func eliminationOrder(pkgs []*universe.Pkg) []*universe.Pkg {
	sorted := slices.Clone(pkgs)
	slices.SortStableFunc(sorted, func(a, b *universe.Pkg) int {
		if a.Installed() != b.Installed() {
			if a.Installed() {
				return -1
			}
			return 1
		}
		return a.Compare(b)
	})
	return sorted
}

// conflicts says if the slot of p holds another added package that the atom
// does not match.
func (w *Pass) conflicts(p *universe.Pkg, a *atoms.Atom) bool {
	e := w.S.Tracker.First(p)
	return e != nil && !w.reusable(e, p, a)
}
