// Package unmerge selects the installed packages that a removal by name takes
// away: without looking at dependencies, as --unmerge, --rage-clean, --clean
// and --prune --nodeps do. The lists of --depclean and --prune go through it
// too, to be grouped and to be warned about.
//
// The rules are O38 of those this resolver was written from (Portage:
// _unmerge_display). The package neither removes nor prints anything, and does
// not know where packages come from: its caller answers what matches an atom.
package unmerge

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// Action says which of the packages that match are taken.
type Action uint8

const (
	Unmerge   Action = iota // all
	RageClean               // all, without waiting
	Clean                   // all but the one merged last in each slot
	Prune                   // all but the best one
)

// String returns the action as emerge names it.
func (a Action) String() string {
	switch a {
	case Unmerge:
		return "unmerge"
	case RageClean:
		return "rage-clean"
	case Clean:
		return "clean"
	case Prune:
		return "prune"
	default:
		return "invalid"
	}
}

// A Request says what is to be removed.
type Request struct {
	Action Action
	Args   []*atoms.Atom
	// Ordered keeps the order of the arguments; else packages are grouped by
	// name.
	Ordered bool
	// Match returns the installed packages that an atom matches, in ascending
	// order of their versions.
	Match func(*atoms.Atom) []*ebuild.Package
	// Protect says why a package must stay whatever is asked; nil: none must.
	Protect func(*ebuild.Package) Protection
	// System has the names in @system, where those of virtual packages have
	// become what provides them; the value is the virtual then.
	System map[atoms.CP]atoms.CP
	// Sets are the sets of the user that @selected holds and that are not
	// themselves up for removal.
	Sets []Set
}

// Protection says why a package is not removed.
type Protection uint8

const (
	Free        Protection = iota // it may go
	Manager                       // it is the package manager of the running system
	Interpreter                   // it holds the program that runs the package manager
)

// String names what is protected.
func (p Protection) String() string {
	switch p {
	case Free:
		return "free"
	case Manager:
		return "package manager"
	case Interpreter:
		return "interpreter"
	default:
		return "invalid"
	}
}

// A Set is a package set that a user can edit.
type Set struct {
	Name  string // without "@"
	Atoms []*atoms.Atom
}

// A Group is what becomes of the packages of one argument or name. Versions
// ascend in all lists.
type Group struct {
	CP atoms.CP // empty if nothing is selected
	// Selected are removed, Protected are kept by a rule, Omitted are further
	// versions that nobody asked for.
	Selected, Protected, Omitted []*ebuild.Package
	// System says that the name would vanish although it is part of @system,
	// as the provider of Virtual if that is not empty.
	System  bool
	Virtual atoms.CP
}

// A Refusal is a package that was asked for and stays.
type Refusal struct {
	Package *ebuild.Package
	Why     Protection
}

// A Listing is a package that goes although sets of the user hold it.
type Listing struct {
	Package *ebuild.Package
	Sets    []string // names without "@", in the order of Request.Sets
}

// A Result is a selection.
type Result struct {
	Missing []*atoms.Atom // arguments that match nothing
	// Found is false if no package was selected, protected ones not counting
	// as removed yet.
	Found   bool
	Refused []Refusal
	Listed  []Listing
	// Groups are by argument, those without selected packages included, or,
	// not ordered, by name and only with selected ones.
	Groups []Group
}

// Selected returns the packages to remove, in the order of the groups.
func (r *Result) Selected() []*ebuild.Package {
	var list []*ebuild.Package
	for _, g := range r.Groups {
		list = append(list, g.Selected...)
	}
	return list
}

// Select selects packages.
func Select(req *Request) *Result {
	s := &selection{req: req, taken: make(map[*ebuild.Package]bool), res: &Result{}}
	for _, a := range req.Args {
		s.argument(a)
	}
	if s.res.Found = len(s.taken) > 0; s.res.Found {
		s.judge()
	}
	if len(s.taken) == 0 {
		s.res.Groups = nil
		return s.res
	}
	if !req.Ordered {
		s.byName()
	}
	for i := range s.res.Groups {
		s.finish(&s.res.Groups[i])
	}
	return s.res
}

// selection is the working state of Select.
type selection struct {
	req   *Request
	taken map[*ebuild.Package]bool // selected by any argument
	res   *Result
}

// argument adds the group of an argument.
func (s *selection) argument(a *atoms.Atom) {
	match := s.req.Match(a)
	if len(match) == 0 {
		s.res.Missing = append(s.res.Missing, a)
		return
	}
	var g Group
	switch s.req.Action {
	case Prune:
		s.prune(&g, match)
	case Clean:
		s.clean(&g, match)
	default:
		s.take(&g, match...)
	}
	s.res.Groups = append(s.res.Groups, g)
}

// take selects packages that no earlier argument has selected.
func (s *selection) take(g *Group, list ...*ebuild.Package) {
	for _, p := range list {
		if !s.taken[p] {
			s.taken[p] = true
			g.Selected = append(g.Selected, p)
		}
	}
}

// prune protects the best package: the one of the highest version, or that
// which was merged last into its slot.
func (s *selection) prune(g *Group, match []*ebuild.Package) {
	if len(match) == 1 {
		return
	}
	best := match[0]
	for _, p := range match[1:] {
		sameSlot := p.Slot == best.Slot
		newer := sameSlot && p.Counter() > best.Counter()
		if !newer && p.Compare(best) <= 0 || sameSlot && p.Counter() < best.Counter() {
			continue
		}
		best = p
	}
	g.Protected = []*ebuild.Package{best}
	s.take(g, slices.DeleteFunc(slices.Clone(match), func(p *ebuild.Package) bool { return p == best })...)
}

// clean protects the package merged last into each slot of the name, and what
// the argument does not match. Of two packages merged at the same time, which
// only a damaged database has, the one looked at last counts.
func (s *selection) clean(g *Group, match []*ebuild.Package) {
	var slots []string
	merged := make(map[string][]*ebuild.Package)
	for _, p := range append(slices.Clone(match), s.req.Match(atoms.NewAtom(match[0].CPV.CP))...) {
		if !slices.Contains(slots, p.Slot) {
			slots = append(slots, p.Slot)
		}
		list := slices.DeleteFunc(merged[p.Slot], func(q *ebuild.Package) bool { return q.Counter() == p.Counter() })
		merged[p.Slot] = append(list, p)
	}
	for _, slot := range slots {
		list := merged[slot]
		slices.SortFunc(list, func(a, b *ebuild.Package) int {
			switch {
			case a.Counter() < b.Counter():
				return -1
			case a.Counter() > b.Counter():
				return 1
			}
			return 0
		})
		last := len(list) - 1
		g.Protected = append(g.Protected, list[last])
		for _, p := range list[:last] {
			if slices.Contains(match, p) {
				s.take(g, p)
			} else {
				g.Protected = append(g.Protected, p)
			}
		}
	}
}

// judge takes back what must stay, and notes what sets hold.
func (s *selection) judge() {
	for i := range s.res.Groups {
		g := &s.res.Groups[i]
		for _, p := range slices.Clone(g.Selected) {
			why := Free
			if s.req.Protect != nil && s.req.Action != Clean {
				why = s.req.Protect(p)
			}
			if why == Free {
				s.list(p)
				continue
			}
			s.res.Refused = append(s.res.Refused, Refusal{p, why})
			g.Selected = slices.DeleteFunc(g.Selected, func(q *ebuild.Package) bool { return p == q })
			g.Protected = append(g.Protected, p)
			delete(s.taken, p)
		}
	}
}

// list notes the sets that hold a package for its own sake: an atom that a
// package in a higher slot satisfies as well does not count.
func (s *selection) list(p *ebuild.Package) {
	var names []string
	for _, set := range s.req.Sets {
		if slices.ContainsFunc(set.Atoms, func(a *atoms.Atom) bool { return s.holds(a, p) }) {
			names = append(names, set.Name)
		}
	}
	if len(names) > 0 {
		s.res.Listed = append(s.res.Listed, Listing{p, names})
	}
}

func (s *selection) holds(a *atoms.Atom, p *ebuild.Package) bool {
	match := s.req.Match(a)
	if !slices.Contains(match, p) {
		return false
	}
	for _, q := range slices.Backward(match) {
		if p.Compare(q) >= 0 {
			break
		}
		if q.Slot != p.Slot {
			return false
		}
	}
	return true
}

// byName joins the groups of each name and sorts them.
func (s *selection) byName() {
	var joined []Group
	for _, g := range s.res.Groups {
		if len(g.Selected) == 0 {
			continue
		}
		cp := g.Selected[0].CPV.CP
		i := slices.IndexFunc(joined, func(j Group) bool { return j.CP == cp })
		if i < 0 {
			i = len(joined)
			joined = append(joined, Group{CP: cp})
		}
		joined[i].Selected = append(joined[i].Selected, g.Selected...)
		joined[i].Protected = append(joined[i].Protected, g.Protected...)
	}
	slices.SortFunc(joined, func(a, b Group) int { return strings.Compare(string(a.CP), string(b.CP)) })
	s.res.Groups = joined
}

// finish completes a group when all of them are known.
func (s *selection) finish(g *Group) {
	sortPackages(&g.Selected)
	if len(g.Selected) == 0 {
		return
	}
	g.CP = g.Selected[0].CPV.CP
	g.Protected = slices.DeleteFunc(g.Protected, func(p *ebuild.Package) bool { return s.taken[p] })
	sortPackages(&g.Protected)
	for _, p := range s.req.Match(atoms.NewAtom(g.CP)) {
		if !s.taken[p] && !slices.Contains(g.Protected, p) {
			g.Omitted = append(g.Omitted, p)
		}
	}
	if len(g.Protected)+len(g.Omitted) == 0 {
		g.Virtual, g.System = s.req.System[g.CP]
	}
}

// sortPackages sorts by version and drops duplicates.
func sortPackages(list *[]*ebuild.Package) {
	slices.SortStableFunc(*list, func(a, b *ebuild.Package) int { return a.Compare(b) })
	*list = slices.Compact(*list)
}
