package complete

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/universe"
)

// changeable enters one class of dependencies of a package whose flags can be
// changed. Parts that do not hang on such flags are taken as they are with the
// flags that there are.
func (e *encoding) changeable(n *node, counts func(*encoding, *atoms.Dep) bool) {
	if n.pkg.Installed() || n.pkg.Built() {
		for _, d := range e.class.Deps {
			if !n.pkg.Installed() || counts(e, d) {
				e.part(n, e.told(d), d, nil)
			}
		}
		return
	}
	o := atoms.ReduceOptions{Enabled: n.pkg.Flags().Enabled, EAPI: n.pkg.Effective().EAPI}
	for _, d := range e.survey.TreeOf(n.pkg, e.class.Class) {
		if e.varies(d) {
			e.part(n, e.told(d), d, nil)
			continue
		}
		for _, x := range atoms.Reduce(&atoms.Dep{Kind: atoms.KindAll, Children: []*atoms.Dep{d}}, o).Children {
			e.part(n, e.told(x), x, nil)
		}
	}
}

// told returns what is told of a part of a dependency: in a group the whole of
// it, else the part below the conditionals that it stands in, and starts a
// reason of its own for that. USE dependencies say what they ask for, if that
// cannot change.
func (e *encoding) told(d *atoms.Dep) *atoms.Dep {
	if e.grouped != nil {
		return e.grouped
	}
	e.reason = -1
	d = e.plain(d)
	for _, c := range slices.Backward(e.path) {
		d = &atoms.Dep{Kind: c.Kind, Flag: c.Flag, Negated: c.Negated, Children: []*atoms.Dep{d}}
	}
	return d
}

// plain evaluates USE dependencies on flags of the package that cannot change.
func (e *encoding) plain(d *atoms.Dep) *atoms.Dep {
	if d.Kind == atoms.KindLeaf {
		var list []atoms.USEDep
		for _, u := range d.Leaf.USE {
			one := d.Leaf.WithUSE([]atoms.USEDep{u})
			if u.Kind.Conditional() && !changeable(e.pkg, u.Flag) {
				one = one.EvaluateUSE(e.pkg.Flags().Enabled)
			}
			list = append(list, one.USE...)
		}
		if slices.Equal(list, d.Leaf.USE) {
			return d
		}
		return &atoms.Dep{Kind: d.Kind, Leaf: d.Leaf.WithUSE(list)}
	}
	out := &atoms.Dep{Kind: d.Kind, Flag: d.Flag, Negated: d.Negated}
	for _, x := range d.Children {
		out.Children = append(out.Children, e.plain(x))
	}
	return out
}

// varies says if a dependency hangs on flags that can be changed.
func (e *encoding) varies(d *atoms.Dep) bool {
	switch d.Kind {
	case atoms.KindLeaf:
		return slices.ContainsFunc(d.Leaf.USE, func(u atoms.USEDep) bool { return u.Kind.Conditional() && changeable(e.pkg, u.Flag) })
	case atoms.KindIf:
		if changeable(e.pkg, d.Flag) {
			return true
		}
		if !d.Active(e.pkg.Flags().Enabled) {
			return false
		}
	}
	return slices.ContainsFunc(d.Children, e.varies)
}

// part enters what owner needs for a part of the dependency whole, unless one
// of the waivers holds.
func (e *encoding) part(owner *node, whole, d *atoms.Dep, waivers []truth) {
	switch d.Kind {
	case atoms.KindLeaf:
		switch {
		case d.Leaf.Blocker != atoms.BlockNone:
			e.block(owner, whole, d.Leaf, waivers)
		case !e.met(d.Leaf):
			e.needs(owner, whole, e.choices(d.Leaf), waivers, d.Leaf.CP.Category() == "virtual")
		}
	case atoms.KindAny:
		e.group(owner, whole, d, waivers)
	case atoms.KindIf:
		e.conditional(owner, whole, d, waivers)
	default:
		for _, x := range d.Children {
			e.part(owner, e.told(x), x, waivers)
		}
	}
}

// conditional enters "flag? ( ... )". What a flag that is off would switch on
// is only entered when the search switches it on.
//
//	not owner, or the flag is off, or what is needed
func (e *encoding) conditional(owner *node, whole, d *atoms.Dep, waivers []truth) {
	t := e.flag(e.pkg, d.Flag).same(!d.Negated)
	switch {
	case t.is(false):
		return
	case t.is(true):
		for _, x := range d.Children {
			e.part(owner, e.told(x), x, waivers)
		}
		return
	}
	waivers = append(slices.Clip(waivers), t.not())
	e.path = append(e.path, d)
	defer func() { e.path = e.path[:len(e.path)-1] }()
	if t.holds {
		for _, x := range d.Children {
			e.part(owner, e.told(x), x, waivers)
		}
		return
	}
	// That the flag is switched on is no reason; what is below it is.
	e.put(owner, -1, []*node{e.later(whole, d.Children)}, waivers, false)
}

// later returns a node that stands for needing a list. It is entered when the
// guide comes to it.
func (e *encoding) later(whole *atoms.Dep, list []*atoms.Dep) *node {
	alt := e.newNode(nil)
	alt.open = true
	again := &encoding{formula: e.formula, pkg: e.pkg, class: e.class, path: slices.Clone(e.path), grouped: e.grouped}
	again.reason = -1
	if e.grouped != nil {
		again.reason = e.why(whole)
	}
	alt.pending = func() {
		for _, x := range list {
			again.part(alt, again.told(x), x, nil)
		}
	}
	e.relax.pending = append(e.relax.pending, alt)
	return alt
}

// expandPending enters all that was put off.
func (f *formula) expandPending() {
	if f.relax == nil {
		return
	}
	for i := 0; i < len(f.relax.pending); i++ {
		f.expand(f.relax.pending[i])
	}
	f.relax.pending = nil
}

// needs enters the clause
//
//	not owner, or a waiver, or one of the options
func (e *encoding) needs(owner *node, whole *atoms.Dep, options []*node, waivers []truth, choice bool) {
	e.put(owner, e.why(whole), options, waivers, choice)
}

func (e *encoding) put(owner *node, why int, options []*node, waivers []truth, choice bool) {
	d := &demand{options: options, choice: choice}
	list := []truth{{owner.lit.Not(), true}}
	for _, w := range waivers {
		switch {
		case w.is(true):
			return
		case !w.fixed():
			d.waived = append(d.waived, w.lit)
			list = append(list, w)
		}
	}
	for _, n := range options {
		list = append(list, truth{n.lit, false})
	}
	owner.demands = append(owner.demands, d)
	e.clause(why, list...)
}

// choices returns what satisfies an atom, what takes no change first.
func (e *encoding) choices(a *atoms.Atom) []*node {
	now := a.EvaluateUSE(e.pkg.Flags().Enabled)
	list := e.matching(e.class.Root, now, e.pkg.Installed())
	if e.class.Class == atoms.Depend || e.class.Class == atoms.BDepend {
		list = slices.DeleteFunc(list, func(n *node) bool { return n.pkg == e.pkg })
	}
	return e.wanted(e.pkg, a, e.rank(e.class.Root, now, list, false))
}

// group enters an any-of group. Conditional alternatives are there only if
// their condition holds:
//
//	not owner, or a waiver, or a package, or an alternative
//	not alternative, or its condition
func (e *encoding) group(owner *node, whole, d *atoms.Dep, waivers []truth) {
	if e.grouped == nil {
		e.grouped = whole
		defer func() { e.grouped = nil }()
	}
	var options []*node
	var conditions []truth
	plain := len(d.Children) == 0 && !e.emptyMatches()
	for _, x := range e.ordered(d.Children) {
		t := known(true)
		if x.Kind == atoms.KindIf {
			t = e.flag(e.pkg, x.Flag).same(!x.Negated)
		}
		switch {
		case t.is(false):
			continue
		case x.Kind == atoms.KindLeaf && x.Leaf.Blocker == atoms.BlockNone:
			if e.met(x.Leaf) {
				return
			}
			plain = true
			options = append(options, e.choices(x.Leaf)...)
			continue
		case t.is(true):
			plain = true
		}
		alt := e.later(whole, alternative(x))
		if !t.fixed() {
			conditions = append(conditions, t)
			e.clause(e.why(whole), truth{alt.lit.Not(), true}, t)
			if !t.holds {
				alt.cost = costFlag
			}
		}
		options = append(options, alt)
	}
	if !plain && e.emptyMatches() {
		waivers = append(slices.Clip(waivers), e.some(conditions...).not())
	}
	slices.SortStableFunc(options, byCost)
	e.needs(owner, whole, options, waivers, true)
}

func (e *encoding) emptyMatches() bool {
	f := e.pkg.Effective().EAPI
	return f == nil || f.EmptyGroupsMatch
}

// alternative returns the parts of an alternative.
func alternative(x *atoms.Dep) []*atoms.Dep {
	if x.Kind == atoms.KindAll || x.Kind == atoms.KindIf {
		return x.Children
	}
	return []*atoms.Dep{x}
}

// hits returns if a package is what a blocker of e's package speaks of.
func (e *encoding) hits(a *atoms.Atom, n *node) truth {
	if e.relax == nil || len(a.USE) == 0 {
		return known(n.pkg.Matches(a, nil))
	}
	if !n.pkg.MatchesName(a) {
		return known(false)
	}
	var list []truth
	for _, d := range a.USE {
		if d.Default == atoms.USENoDefault && !n.pkg.Flags().Declared(d.Flag) {
			return known(false)
		}
		for _, c := range e.conditions(e.pkg, n.pkg, d) {
			list = append(list, e.some(c...))
		}
	}
	return e.all(list...)
}

// wanted returns nodes for packages that match an atom of owner but perhaps for
// its USE dependencies: the packages where these hold, and else
//
//	not match, or package
//	not match, or the flag is set    for each USE dependency
//
// What takes no change comes first.
func (f *formula) wanted(owner *universe.Pkg, a *atoms.Atom, list []*node) []*node {
	if f.relax == nil {
		return list
	}
	out := make([]*node, 0, len(list))
	for _, n := range list {
		out = append(out, f.match(owner, a, n))
	}
	slices.SortStableFunc(out, byCost)
	return out
}

func (f *formula) match(owner *universe.Pkg, a *atoms.Atom, n *node) *node {
	cost := n.cost
	var conditions [][]truth
	for _, d := range a.Unevaluated().USE {
		if d.Default == atoms.USENoDefault && !n.pkg.Flags().Declared(d.Flag) {
			return f.mismatched(n, a)
		}
	}
	for _, d := range a.USE {
		for _, c := range f.conditions(owner, n.pkg, d) {
			switch satisfied(c) {
			case 1:
			case -1:
				return f.mismatched(n, a)
			default:
				conditions = append(conditions, c)
				if !slices.ContainsFunc(c, func(t truth) bool { return t.holds }) {
					cost += costFlag
				}
			}
		}
	}
	if len(conditions) == 0 {
		return n
	}
	k := useKey{n.pkg, a.String()}
	shared := a.EvaluateUSE(func(string) bool { return false }) == a
	if m := f.relax.matches[k]; m != nil && shared {
		return m
	}
	m := f.newNode(nil)
	m.open, m.cost = n.open, cost
	f.law(-1, m.lit.Not(), n.lit)
	for _, c := range conditions {
		f.clause(-1, append([]truth{{m.lit.Not(), true}}, c...)...)
	}
	m.demands = []*demand{{options: []*node{n}}}
	if shared {
		f.relax.matches[k] = m
	}
	return m
}

// mismatched returns a node that cannot hold: a package does not match an atom
// whatever is changed.
//
//	not match
func (f *formula) mismatched(n *node, a *atoms.Atom) *node {
	k := useKey{n.pkg, a.String()}
	m := f.relax.matches[k]
	if m == nil {
		m = f.newNode(nil)
		f.relax.matches[k] = m
		why := useSetting(n.pkg, a)
		hard := slices.DeleteFunc(slices.Clone(why.Flags), func(x Flag) bool { return changeable(n.pkg, x.Name) })
		if len(hard) > 0 {
			why.Flags = hard
		}
		f.law(f.because(why), m.lit.Not())
	}
	return m
}

// satisfied returns 1 if a clause holds whatever is changed, -1 if it cannot
// hold, else 0.
func satisfied(clause []truth) int {
	state := -1
	for _, t := range clause {
		switch {
		case t.is(true):
			return 1
		case !t.fixed():
			state = 0
		}
	}
	return state
}

// conditions returns what a USE dependency of owner means for a package, as
// clauses.
func (f *formula) conditions(owner, p *universe.Pkg, d atoms.USEDep) [][]truth {
	child := known(d.Default == atoms.USEDefaultEnabled)
	if p.Flags().Declared(d.Flag) {
		child = f.flag(p, d.Flag)
	}
	var parent truth
	if d.Kind.Conditional() {
		parent = known(false)
		if owner != nil {
			parent = f.flag(owner, d.Flag)
		}
	}
	switch d.Kind {
	case atoms.USEEnabled:
		return [][]truth{{child}}
	case atoms.USEDisabled:
		return [][]truth{{child.not()}}
	case atoms.USEIfEnabled:
		return [][]truth{{parent.not(), child}}
	case atoms.USEIfDisabled:
		return [][]truth{{parent, child.not()}}
	case atoms.USEEqual:
		return [][]truth{{parent.not(), child}, {parent, child.not()}}
	default:
		return [][]truth{{parent.not(), child.not()}, {parent, child}}
	}
}
