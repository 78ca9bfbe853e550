// Package depclean finds the installed packages that nothing requires, and the
// order to unmerge them in.
//
// What is required is the graph that @world spans over the installed packages
// (walk.Required); the actions differ in what @world is taken to be and in
// which packages are up for removal. The rules are O31 to O37 of those this
// resolver was written from (Portage: _calc_depclean). PMS says nothing of it.
//
// The package refuses to unmerge, and to judge an empty @world or arguments
// that match nothing: its caller has the words for that.
package depclean

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// An Action says what is up for removal.
type Action uint8

const (
	Depclean Action = iota // whatever is not required; with atoms only what they match
	Prune                  // all but the best version of each package, unless required
	Check                  // nothing: only broken dependencies are looked for
)

// A Request is what to look for.
type Request struct {
	Action       Action
	Atoms        []*atoms.Atom // empty: everything
	KeepSelected bool          // the members of @selected stay required although atoms were given
	Sets         walk.Sets
	// Held returns packages of the clean list that others still use without
	// saying so in their dependencies, each with one that uses it; nil: none.
	Held func(clean []*universe.Pkg) []Holding
}

// A Holding is an installed package that another one cannot do without.
type Holding struct {
	Pkg, Consumer *universe.Pkg
	Sonames       []string // what of it is used
}

// A Result says what may be unmerged.
type Result struct {
	// Success says that the graph is whole: that there is a clean list, even
	// if it is empty.
	Success bool
	List    []*universe.Pkg // in unmerge order if Ordered
	Ordered bool            // dependencies were the reason for the order
	// Required is the number of packages, of all roots, that are required.
	Required int
	// Broken are hard dependencies of required packages that nothing installed
	// meets. Without atoms they forbid any removal.
	Broken []*walk.Dep
	Held   []Holding
	// First are the packages that would go but for Held; nil without any.
	First []*universe.Pkg
	Pass  *walk.Pass
	// Candidates are the packages that were up for removal, in the order of
	// their names, including those that are required.
	Candidates []*universe.Pkg
}

// Find looks for packages to remove. The parameters must be those of a removal
// (params.ActionRemove).
func Find(u *universe.Universe, p *params.Params, req *Request) *Result {
	f := &finder{u: u, p: p, req: req}
	for _, cp := range u.InstalledNames(u.Target) {
		list := slices.Clone(u.Installed(u.Target, u.NameAtom(cp)))
		f.installed = append(f.installed, list)
	}
	f.choosePrune()
	f.pass = walk.Required(u, p, &requiredSets{Sets: req.Sets, target: u.Target, world: f.world(), selected: f.selected()})
	return f.result()
}

// finder is the working state of one Find.
type finder struct {
	u         *universe.Universe
	p         *params.Params
	req       *Request
	installed [][]*universe.Pkg // by name, versions ascending
	atoms     []*atoms.Atom     // what is up for removal; empty: everything
	pass      *walk.Pass
}

// choosePrune decides what is up for removal: prune without atoms takes every
// name of which several versions are installed.
func (f *finder) choosePrune() {
	f.atoms = f.req.Atoms
	if f.req.Action != Prune || len(f.atoms) > 0 {
		return
	}
	for _, list := range f.installed {
		if len(list) > 1 {
			f.atoms = append(f.atoms, f.u.NameAtom(list[0].CPV.CP))
		}
	}
}

func (f *finder) matches(p *universe.Pkg) bool {
	return slices.ContainsFunc(f.atoms, func(a *atoms.Atom) bool { return p.MatchesName(a) && p.Matches(a, p.Flags()) })
}

// SetProtected is the name of the set that stands for packages which must stay
// because nobody asked to remove them.
const SetProtected = "____depclean_protected_set____"

// setExcluded is the name of the set of packages that --exclude keeps.
const setExcluded = "__excluded__"

// world returns the sets that are required beside the members of @world (O33).
func (f *finder) world() []*partial.Set {
	protected := &partial.Set{Name: SetProtected}
	excluded := &partial.Set{Name: setExcluded}
	for _, list := range f.installed {
		best := list[len(list)-1]
		if f.req.Action == Prune {
			protected.Atoms = append(protected.Atoms, f.u.NameAtom(best.CPV.CP))
		}
		for _, p := range list {
			if f.protects(p, p == best) {
				protected.Atoms = append(protected.Atoms, f.u.ExactAtom(p.CPV))
			}
			if slices.ContainsFunc(f.p.Exclude, func(a *atoms.Atom) bool { return p.MatchesName(a) && p.Matches(a, p.Flags()) }) {
				excluded.Atoms = append(excluded.Atoms, f.u.ExactAtom(p.CPV))
			}
		}
	}
	sets := []*partial.Set{protected}
	if len(f.p.Exclude) > 0 {
		sets = append(sets, excluded)
	}
	return sets
}

func (f *finder) protects(p *universe.Pkg, best bool) bool {
	switch f.req.Action {
	case Prune:
		return best || !f.matches(p)
	case Check:
		return true
	default:
		return len(f.atoms) > 0 && !f.matches(p)
	}
}

// selected returns what replaces @selected: with atoms nothing but its nested
// sets; nil: it stays.
func (f *finder) selected() *partial.Set {
	if f.req.KeepSelected || f.req.Action != Prune && len(f.atoms) == 0 {
		return nil
	}
	s := &partial.Set{Name: "selected"}
	if old := f.req.Sets.Set(f.u.Target, s.Name); old != nil {
		s.Nested = old.Nested
	}
	return s
}

// requiredSets puts the sets of a removal before those of the configuration.
type requiredSets struct {
	walk.Sets
	target   *universe.Root
	world    []*partial.Set
	selected *partial.Set
	all      *partial.Set // @world with everything nested below it
}

func (s *requiredSets) Set(r *universe.Root, name string) *partial.Set {
	if r != s.target {
		return s.Sets.Set(r, name)
	}
	switch {
	case name == "world":
		return s.worldSet()
	case name == "selected" && s.selected != nil:
		return s.selected
	}
	for _, x := range s.world {
		if x.Name == name {
			return x
		}
	}
	return s.Sets.Set(r, name)
}

func (s *requiredSets) worldSet() *partial.Set {
	if s.all != nil {
		return s.all
	}
	s.all = &partial.Set{Name: "world", Nested: []string{"selected"}}
	if old := s.Sets.Set(s.target, "world"); old != nil {
		s.all.Atoms = old.Atoms
		s.all.Nested = append(s.all.Nested, old.Nested...)
	}
	for _, x := range s.world {
		s.all.Nested = append(s.all.Nested, x.Name)
	}
	return s.all
}

func (f *finder) result() *Result {
	r := &Result{Pass: f.pass, Success: f.pass.Success}
	if !r.Success || f.req.Action == Check {
		return r
	}
	if f.broken(r); !r.Success {
		return r
	}
	clean := f.cleanList(r)
	if f.req.Held != nil && len(clean) > 0 {
		if r.Held = f.req.Held(clean); len(r.Held) > 0 {
			r.First = clean
			for _, h := range r.Held {
				f.pass.Keep(h.Pkg, h.Consumer)
			}
			r.Success = f.pass.Success
			if f.broken(r); !r.Success {
				return r
			}
			clean = f.cleanList(r)
		}
	}
	r.Required = len(f.pass.Packages())
	r.List, r.Ordered = f.order(clean)
	return r
}

// broken collects hard dependencies that nothing installed meets (O34).
func (f *finder) broken(r *Result) {
	r.Broken = nil
	for _, d := range f.pass.Facts.InitiallyUnsatisfied {
		if d.Parent.Pkg != nil && d.Priority&(digraph.Installtime|digraph.Runtime|digraph.RuntimePost) != 0 {
			r.Broken = append(r.Broken, d)
		}
	}
	if len(f.req.Atoms) > 0 {
		return
	}
	for _, d := range r.Broken {
		if !universe.IsSoname(d.Atom) {
			r.Success = false
		}
	}
}

// cleanList returns the candidates that are not required, by name.
func (f *finder) cleanList(r *Result) []*universe.Pkg {
	required := make(map[*universe.Pkg]bool)
	for _, p := range f.pass.Packages() {
		required[p] = true
	}
	r.Candidates = nil
	for _, list := range f.installed {
		for _, p := range list {
			if f.req.Action == Depclean && len(f.atoms) == 0 || f.matches(p) {
				r.Candidates = append(r.Candidates, p)
			}
		}
	}
	slices.SortStableFunc(r.Candidates, func(a, b *universe.Pkg) int { return strings.Compare(a.CPV.String(), b.CPV.String()) })
	return slices.DeleteFunc(slices.Clone(r.Candidates), func(p *universe.Pkg) bool { return required[p] })
}

// order sorts packages to be unmerged: parents before what they depend on (O37).
func (f *finder) order(clean []*universe.Pkg) ([]*universe.Pkg, bool) {
	if len(clean) == 0 {
		return nil, false
	}
	g := digraph.New()
	index := make(map[*universe.Pkg]digraph.Node, len(clean))
	removed := make([]order.Removed, len(clean))
	for i, p := range clean {
		index[p] = digraph.Node(i)
		removed[i] = order.Removed{CPV: p.CPV, BuildTime: p.BuildTime()}
		g.AddNode(digraph.Node(i))
	}
	for _, p := range clean {
		for _, class := range [...]atoms.DepClass{atoms.BDepend, atoms.Depend, atoms.IDepend, atoms.PDepend, atoms.RDepend} {
			f.edges(g, index, p, class)
		}
	}
	nodes, ordered := order.Removal(g, removed)
	list := make([]*universe.Pkg, len(nodes))
	for i, n := range nodes {
		list[i] = clean[n]
	}
	return list, ordered
}

func (f *finder) edges(g *digraph.Graph, index map[*universe.Pkg]digraph.Node, p *universe.Pkg, class atoms.DepClass) {
	list, err := f.pass.Decided(p, class)
	if err != nil {
		return // dependencies of what goes anyway
	}
	for _, a := range list {
		prio := priorityOf(class)
		if a.SlotOp == atoms.SlotOpRebuild && a.Slot != "" {
			if prio&digraph.Buildtime != 0 {
				prio |= digraph.BuildtimeSlotOp
			}
			if prio&digraph.Runtime != 0 {
				prio |= digraph.RuntimeSlotOp
			}
		}
		for _, child := range f.u.Installed(f.u.Target, a) {
			if n, ok := index[child]; ok && child != p {
				g.Add(n, index[p], prio)
			}
		}
	}
}

func priorityOf(class atoms.DepClass) digraph.Priority {
	switch class {
	case atoms.IDepend:
		return digraph.Installtime | digraph.Runtime
	case atoms.RDepend:
		return digraph.Runtime
	case atoms.PDepend:
		return digraph.RuntimePost
	default:
		return digraph.Buildtime
	}
}
