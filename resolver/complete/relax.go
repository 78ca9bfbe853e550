package complete

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/sat"
	"github.com/tumpline/tumpline/resolver/universe"
)

// What changes of configuration cost. A change is only proposed if no cheaper
// ones do.
const (
	costFlag       = 1  // switch one USE flag of one package
	costUnstable   = 4  // accept a testing keyword
	costLicense    = 6  // accept the licences of a package
	costWords      = 6  // accept its PROPERTIES, or its RESTRICT
	costNoKeyword  = 12 // accept a package that has no keyword for the machine
	costUnmask     = 20 // lift package.mask
	costImpossible = 0
)

// relaxation makes the configuration of a formula changeable: a USE flag that
// package.use can switch is a variable, and a package that is masked for
// reasons which etc/portage can lift may be chosen.
type relaxation struct {
	softs    []soft
	flags    map[flagKey]truth
	habits   map[sat.Lit]bool // literals by what holds without any change
	required map[*universe.Pkg]bool
	matches  map[useKey]*node
	pending  []*node // alternatives of which nothing has been entered yet
}

// A soft is a literal that holds without a change, and what that change costs.
type soft struct {
	lit  sat.Lit
	cost int
	pkg  *universe.Pkg
	// The flags that would be switched, and to what; none stands for lifting the
	// masks of pkg.
	flags []universe.FlagChange
}

type flagKey struct {
	pkg  *universe.Pkg
	flag string
}

func newRelaxation() *relaxation {
	return &relaxation{
		flags: make(map[flagKey]truth), habits: make(map[sat.Lit]bool),
		required: make(map[*universe.Pkg]bool), matches: make(map[useKey]*node),
	}
}

func (r *relaxation) soften(s soft) {
	r.softs = append(r.softs, s)
	r.habits[s.lit] = true
}

// usual returns the literal of a variable that holds without any change.
func (r *relaxation) usual(l sat.Lit) sat.Lit {
	if r.habits[l.Not()] {
		return l.Not()
	}
	return l
}

// change says of a package whether it may be chosen, if perhaps after changes:
//
//	not p        if etc/portage cannot help; soft if lifting its masks would
//	not p, or R  for each part R of REQUIRED_USE, if that does not hold as things are
func (f *formula) change(n *node) (Reason, bool) {
	p := n.pkg
	why, ok := f.admissible(p)
	switch {
	case ok:
		return why, true
	case why.Kind == RequiredUSE:
		f.require(n)
		return why, true
	case why.Kind == Refused:
		return why, f.adopt(n, why)
	case why.Kind != Masked || f.survey.S.Excluded(p):
		return why, false
	}
	if n.cost = liftingCost(p); n.cost == costImpossible {
		return why, false
	}
	f.relax.soften(soft{lit: n.lit.Not(), cost: n.cost, pkg: p})
	if !p.Built() && !partial.RequiredUSEHolds(p, p.Flags()) {
		f.require(n)
	}
	return why, true
}

// adopt lets a binary package be used that only differs from the configuration
// in flags that package.use can switch:
//
//	not p        soft
func (f *formula) adopt(n *node, why Reason) bool {
	var flags []universe.FlagChange
	for _, x := range why.Flags {
		if !switchable(n.pkg.Configured().State, x.Name) {
			return false
		}
		flags = append(flags, universe.FlagChange{Flag: x.Name, On: x.On})
	}
	if len(flags) == 0 || why.Changed {
		return false
	}
	n.cost = costFlag * len(flags)
	f.relax.soften(soft{lit: n.lit.Not(), cost: n.cost, pkg: n.pkg, flags: flags})
	return true
}

// liftingCost returns the cost of lifting all reasons against a package.
func liftingCost(p *universe.Pkg) int {
	cost := 0
	for _, r := range p.Verdict().Reasons {
		c := reasonCost(&r)
		if c == costImpossible {
			return costImpossible
		}
		cost += c
	}
	return cost
}

func reasonCost(r *visibility.Reason) int {
	switch r.Kind {
	case visibility.KindMask:
		return costUnmask
	case visibility.KindKeywords:
		if AcceptKeyword(r) == "**" {
			return costNoKeyword
		}
		return costUnstable
	case visibility.KindLicense:
		return costLicense
	case visibility.KindProperties, visibility.KindRestrict:
		return costWords
	}
	return costImpossible
}

// AcceptKeyword returns the keyword to accept for a package that is masked for
// its KEYWORDS: "~arch" or "**".
func AcceptKeyword(r *visibility.Reason) string {
	if len(r.Keyword) > 0 && r.Keyword[0] == '~' {
		return r.Keyword
	}
	return "**"
}

// A truth is a literal, or what is known beforehand.
type truth struct {
	lit   sat.Lit // sat.NoLit if it is known
	holds bool    // by itself or, of a literal, without any change
}

func known(holds bool) truth   { return truth{sat.NoLit, holds} }
func (t truth) fixed() bool    { return t.lit == sat.NoLit }
func (t truth) is(v bool) bool { return t.fixed() && t.holds == v }
func (t truth) same(v bool) truth {
	if v {
		return t
	}
	return t.not()
}

func (t truth) not() truth {
	if !t.fixed() {
		t.lit = t.lit.Not()
	}
	t.holds = !t.holds
	return t
}

// flag returns whether a flag of a package is on.
func (f *formula) flag(p *universe.Pkg, name string) truth {
	on := p.Flags().Enabled(name)
	if !changeable(p, name) {
		return known(on)
	}
	k := flagKey{p, name}
	if t, ok := f.relax.flags[k]; ok {
		return t
	}
	t := truth{f.solver.NewVar().Pos(), on}
	f.relax.flags[k] = t
	f.relax.habits[t.same(on).lit] = true
	f.relax.soften(soft{lit: t.same(on).lit, cost: costFlag, pkg: p, flags: []universe.FlagChange{{Flag: name, On: !on}}})
	if n := f.byPkg[p]; n != nil {
		f.require(n)
	}
	return t
}

// changeable says if a line of package.use can switch a flag of a package that
// is not built yet.
func changeable(p *universe.Pkg, flag string) bool {
	return p.Origin == ebuild.OriginEbuild && switchable(p.State(), flag)
}

// switchable says if a line of package.use can switch a flag: the profile does
// not force or mask it, and the environment does not say otherwise.
func switchable(s *use.State, flag string) bool {
	if !s.Declared(flag) || s.Forced(flag) || s.Masked(flag) {
		return false
	}
	switch o := s.Origin(flag); o.Cause {
	case use.CauseFeatures, use.CauseRestrict, use.CauseArch, use.CauseRecorded:
		return false
	case use.CauseUSE:
		return o.Layer != profiles.LayerEnv
	}
	return true
}

// clause enters a clause of truths.
func (f *formula) clause(reason int, list ...truth) {
	lits := make([]sat.Lit, 0, len(list))
	for _, t := range list {
		switch {
		case t.is(true):
			return
		case !t.fixed():
			lits = append(lits, t.lit)
		}
	}
	f.law(reason, lits...)
}

// all returns whether all of a list hold, with a variable for it if need be:
//
//	not it, or each        it, or not one of them
func (f *formula) all(list ...truth) truth {
	var open []truth
	holds := true
	for _, t := range list {
		switch {
		case t.is(false):
			return t
		case !t.fixed():
			open = append(open, t)
			holds = holds && t.holds
		}
	}
	switch len(open) {
	case 0:
		return known(true)
	case 1:
		return open[0]
	}
	it := truth{f.solver.NewVar().Pos(), holds}
	f.relax.habits[it.same(holds).lit] = true
	back := []truth{it}
	for _, t := range open {
		f.clause(-1, it.not(), t)
		back = append(back, t.not())
	}
	f.clause(-1, back...)
	return it
}

func (f *formula) some(list ...truth) truth {
	negated := make([]truth, len(list))
	for i, t := range list {
		negated[i] = t.not()
	}
	return f.all(negated...).not()
}

func (f *formula) atMostOneOf(list []truth) truth {
	var pairs []truth
	for i, a := range list {
		for _, b := range list[i+1:] {
			pairs = append(pairs, f.some(a.not(), b.not()))
		}
	}
	return f.all(pairs...)
}

// require enters REQUIRED_USE of a package, once:
//
//	not p, or R    for each part R
func (f *formula) require(n *node) {
	p := n.pkg
	if p.Built() || p.OnlyDeps || f.relax.required[p] {
		return
	}
	f.relax.required[p] = true
	spec, err := p.RequiredUSE()
	if err != nil || len(spec.Children) == 0 {
		return
	}
	e := p.Effective().EAPI
	r := requirement{f, p, e == nil || e.EmptyGroupsMatch}
	why := f.because(requiredUSE(p))
	for _, part := range spec.Children {
		active, holds := r.part(part)
		f.clause(why, truth{n.lit.Not(), true}, active.not(), holds)
	}
}

// requirement is the REQUIRED_USE of a package on its way into the formula.
type requirement struct {
	*formula
	pkg          *universe.Pkg
	emptyMatches bool
}

// part returns if a part counts, and if it is met then (as CheckRequiredUSE of
// package atoms has it).
func (r requirement) part(s *atoms.RequiredUSE) (active, holds truth) {
	if s.Kind == atoms.KindLeaf {
		return known(true), r.flag(r.pkg, s.Leaf.Flag).same(!s.Leaf.Negated)
	}
	var counted, met, unmet []truth
	for _, child := range s.Children {
		a, h := r.part(child)
		counted = append(counted, a)
		met = append(met, r.all(a, h))
		unmet = append(unmet, r.some(a.not(), h))
	}
	active = known(true)
	switch s.Kind {
	case atoms.KindIf:
		active = r.flag(r.pkg, s.Flag).same(!s.Negated)
	case atoms.KindAll:
		active = r.some(counted...)
	}
	switch s.Kind {
	case atoms.KindAny:
		holds = r.some(met...)
	case atoms.KindExactlyOne:
		holds = r.all(r.some(met...), r.atMostOneOf(met))
	case atoms.KindAtMostOne:
		holds = r.atMostOneOf(met)
	default:
		holds = r.all(unmet...)
	}
	if r.emptyMatches {
		holds = r.some(holds, r.some(counted...).not())
	}
	return active, holds
}
