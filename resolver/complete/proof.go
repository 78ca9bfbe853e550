package complete

import (
	"context"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/sat"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A Kind says what sort of reason a Reason is.
type Kind uint8

const (
	Argument    Kind = iota // Atom was asked for by Arg; Candidates match
	World                   // Atom of the set Arg is met today and has to stay so
	Dependency              // Pkg depends on, or blocks, Dep
	Installed               // Pkg is installed: it stays unless it is replaced, or blocked
	Slot                    // only one of Candidates can be there
	Masked                  // Pkg is masked, for Masks
	RequiredUSE             // the flags of Pkg break its REQUIRED_USE
	USESetting              // the flags of Pkg are not what Atom asks for
	Excluded                // --exclude keeps Pkg out
	Refused                 // the options keep the binary package Pkg out
)

// String returns the name of the kind, in lower case with hyphens.
func (k Kind) String() string {
	return [...]string{
		"argument", "world", "dependency", "installed", "slot", "masked", "required-use", "use-setting", "excluded", "refused",
	}[k]
}

// A Reason is one fact that speaks against a plan. Which fields are set
// depends on Kind.
type Reason struct {
	Kind  Kind
	Pkg   *universe.Pkg
	Arg   *partial.Arg
	Atom  *atoms.Atom
	Root  *universe.Root // where Atom or Dep has to be met
	Class atoms.DepClass // of Dep
	Dep   *atoms.Dep     // one element of the class, conditionals evaluated

	// Candidates are packages that match, or that share a slot.
	Candidates []*universe.Pkg
	Missing    []*atoms.Atom // those asked for that no package matches, leaving out USE
	Masks      []visibility.Reason
	Flags      []Flag             // of a Refused one those that differ: as it was built, with what the configuration says
	Changed    bool               // of a Refused one: its dependencies differ from those of its ebuild
	Required   *atoms.RequiredUSE // the part of REQUIRED_USE that fails
}

// A Flag is a USE flag with where its state comes from.
type Flag struct {
	Name     string
	Declared bool // the package has the flag
	On       bool // its state; the reason wants the opposite if it is a USESetting
	Origin   use.Origin
}

// A Proof is a set of reasons that cannot all stand. If it is Minimal, a plan
// would exist were any one of them gone.
type Proof struct {
	Reasons []Reason // the request first, each followed by what it leads to
	Minimal bool
}

func requiredUSE(p *universe.Pkg) Reason {
	r := Reason{Kind: RequiredUSE, Pkg: p}
	spec, err := p.RequiredUSE()
	if err != nil {
		return r
	}
	_, r.Required, _ = atoms.CheckRequiredUSE(spec, p.Flags(), p.Effective().EAPI)
	part := r.Required
	if part == nil {
		part = spec
	}
	names := atoms.RequiredUSEFlags(part)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		r.Flags = append(r.Flags, flagOf(p, name))
	}
	return r
}

func flagOf(p *universe.Pkg, name string) Flag {
	s := p.State()
	return Flag{name, s.Declared(name), s.Enabled(name), s.Origin(name)}
}

// useSetting tells of the flags for which a package does not match an atom.
func useSetting(p *universe.Pkg, a *atoms.Atom) Reason {
	r := Reason{Kind: USESetting, Pkg: p, Atom: a}
	for _, d := range a.USE {
		if !p.Matches(a.WithUSE([]atoms.USEDep{d}), nil) {
			r.Flags = append(r.Flags, flagOf(p, d.Flag))
		}
	}
	return r
}

// refused tells why a binary package is not used, as far as the chooser says.
func (f *formula) refused(p *universe.Pkg) Reason {
	r := Reason{Kind: Refused, Pkg: p}
	if why := f.survey.C.Refused[p]; why != nil {
		r.Changed = why.ChangedDeps
		now := p.Configured().State
		for _, name := range why.Flags {
			r.Flags = append(r.Flags, Flag{name, now.Declared(name), p.Flags().Enabled(name), now.Origin(name)})
		}
	}
	return r
}

// prove returns the smallest set of reasons among those of a formula that has
// no model; nil if that takes too long.
func (f *formula) prove(ctx context.Context) *Proof {
	used := f.contradiction(ctx)
	if used == nil {
		return nil
	}
	x := newExtract(f, used)
	core := make([]sat.Lit, len(x.reasons))
	for i := range x.reasons {
		core[i] = x.selector(i)
	}
	o := sat.Options{MaxConflicts: maxConflicts, Guide: &deny{budget: f.budget}, Assumptions: core}
	if x.solver.Solve(ctx, o) != sat.Unsatisfiable {
		return nil
	}
	core, minimal := x.solver.Minimize(ctx, x.solver.Core(), o)
	proof := &Proof{Minimal: minimal}
	for i, r := range x.reasons {
		if slices.Contains(core, x.selector(i)) {
			r.Missing = f.missing(&r)
			proof.Reasons = append(proof.Reasons, r)
		}
	}
	proof.Reasons = inOrder(proof.Reasons)
	return proof
}

// missing returns the atoms of a reason that no package matches.
func (f *formula) missing(r *Reason) []*atoms.Atom {
	var list []*atoms.Atom
	add := func(a *atoms.Atom) {
		matches := func(n *node) bool { return n.pkg.MatchesName(a) }
		if a.Blocker == atoms.BlockNone && r.Root != nil && !slices.ContainsFunc(f.name(r.Root, a.CP), matches) {
			list = append(list, a)
		}
	}
	switch r.Kind {
	case Argument, World:
		add(r.Atom)
	case Dependency:
		for a := range r.Dep.All() {
			add(a)
		}
	}
	return list
}

// contradiction solves the formula anew with a literal for each reason and
// returns the reasons that were needed, ascending. That slots hold one
// package each is not questioned here.
func (f *formula) contradiction(ctx context.Context) []int {
	s := sat.New()
	for range f.solver.Vars() {
		s.NewVar()
	}
	selectors := make([]sat.Lit, len(f.reasons))
	for i := range selectors {
		selectors[i] = s.NewVar().Pos()
	}
	for _, r := range f.rules {
		lits := r.lits
		if r.reason >= 0 {
			lits = append(slices.Clone(lits), selectors[r.reason].Not())
		}
		s.Add(lits...)
	}
	for _, g := range f.groups {
		s.AtMostOne(literals(g)...)
	}
	if s.Solve(ctx, sat.Options{MaxConflicts: maxConflicts, Guide: &deny{budget: f.budget}, Assumptions: selectors}) != sat.Unsatisfiable {
		return nil
	}
	core := s.Core()
	used := []int{}
	for i, l := range selectors {
		if slices.Contains(core, l) {
			used = append(used, i)
		}
	}
	return used
}

func literals(list []*node) []sat.Lit {
	lits := make([]sat.Lit, len(list))
	for i, n := range list {
		lits[i] = n.lit
	}
	return lits
}

// deny is a Guide that makes variables false in their order.
type deny struct {
	budget     *budget
	next       sat.Var
	backtracks int
}

// Decide implements sat.Guide.
func (d *deny) Decide(s *sat.Solver) (sat.Lit, bool) {
	if d.backtracks != s.Backtracks {
		d.next, d.backtracks = 0, s.Backtracks
	}
	for ; int(d.next) < s.Vars(); d.next++ {
		d.budget.spend(costVariable)
		if s.Value(d.next.Pos()) == sat.Unknown {
			return d.next.Neg(), false
		}
	}
	return sat.NoLit, false
}

// extract is a small formula: some reasons, and the slots that they touch as
// reasons of their own.
type extract struct {
	solver  *sat.Solver
	reasons []Reason
	first   sat.Var // selector of the first reason
}

func (x *extract) selector(i int) sat.Lit { return (x.first + sat.Var(i)).Pos() }

func newExtract(f *formula, used []int) *extract {
	x := &extract{solver: sat.New()}
	place := make(map[int]int)
	for _, r := range used {
		place[r] = len(x.reasons)
		x.reasons = append(x.reasons, f.reasons[r])
	}
	var rules []rule
	touched := make(map[sat.Var]bool)
	for _, r := range f.rules {
		i, ok := place[r.reason]
		switch {
		case r.reason < 0:
			rules = append(rules, r)
		case ok:
			rules = append(rules, rule{i, r.lits})
		default:
			continue
		}
		for _, l := range r.lits {
			touched[l.Var()] = true
		}
	}
	for _, g := range f.groups {
		g = slices.DeleteFunc(slices.Clone(g), func(n *node) bool { return !touched[n.lit.Var()] })
		if len(g) < 2 {
			continue
		}
		for i, a := range g {
			for _, b := range g[i+1:] {
				rules = append(rules, rule{len(x.reasons), []sat.Lit{a.lit.Not(), b.lit.Not()}})
			}
		}
		x.reasons = append(x.reasons, Reason{Kind: Slot, Candidates: packagesOf(g), Root: g[0].pkg.Root})
	}
	for range f.solver.Vars() {
		x.solver.NewVar()
	}
	x.first = sat.Var(x.solver.Vars())
	for range x.reasons {
		x.solver.NewVar()
	}
	for _, r := range rules {
		lits := r.lits
		if r.reason >= 0 {
			lits = append(slices.Clone(lits), x.selector(r.reason).Not())
		}
		x.solver.Add(lits...)
	}
	return x
}
