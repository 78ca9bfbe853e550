package complete

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/sat"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// request enters what is asked for and what is there.
func (f *formula) request() {
	for _, m := range f.survey.Wanted() {
		f.argument(m)
	}
	for _, r := range f.u.Roots {
		if f.p.RootDeps == params.RootDepsRDeps && !r.Target {
			continue
		}
		for _, cp := range f.u.InstalledNames(r) {
			for _, n := range f.name(r, cp) {
				if n.pkg.Installed() {
					f.stays = append(f.stays, n)
				}
			}
		}
		f.protect(r, "world", make(map[string]bool))
	}
	for _, n := range f.stays {
		f.expand(n)
	}
}

// argument says that an atom which was asked for has a match:
//
//	some package that matches
//
// An atom of @world or @selected without any candidate is left out, as Portage
// leaves it out.
func (f *formula) argument(m partial.ArgAtomMatch) {
	arg, a := m.Arg, m.Atom
	if walk.ProvidedBy(arg.Root, a) {
		return
	}
	if f.p.UpdateIfInstalled && !f.u.IsInstalled(arg.Root, a) {
		if list := f.rank(arg.Root, a, f.matching(arg.Root, a, false), true); len(list) > 0 {
			f.spare = append(f.spare, list[0].pkg)
		}
		return
	}
	mayStay := f.p.Selective || slices.Contains([]string{"selected", "system", "world"}, arg.SetName())
	var list, late []*node
	switch {
	case arg.Kind == partial.ArgPackage:
		list = []*node{f.nodeOf(arg.Pkg)}
	default:
		for _, n := range f.matching(arg.Root, a, false) {
			switch {
			case f.p.OnlyDeps && n.open && !n.pkg.Installed():
				list = append(list, f.nodeOf(n.pkg.AsOnlyDeps()))
			case !n.pkg.Installed() || mayStay || f.survey.S.Excluded(n.pkg):
				list = append(list, n)
			}
			if n.pkg.Installed() && !f.p.Selective && len(list) > 0 && list[len(list)-1] == n {
				list, late = list[:len(list)-1], append(late, n)
			}
		}
		list = f.wanted(nil, a, append(f.rank(arg.Root, a, list, true), late...))
	}
	if !anyOpen(list) && (arg.MayBeMissing() || f.excludedArgument(arg.Root, a)) {
		return
	}
	why := f.because(Reason{Kind: Argument, Arg: arg, Atom: a, Root: arg.Root, Candidates: packagesOf(list)})
	f.asked = append(f.asked, f.demand(why, nil, list, f.fits(arg.Root, a), false))
}

func (f *formula) excludedArgument(r *universe.Root, a *atoms.Atom) bool {
	return slices.ContainsFunc(f.survey.C.MatchAny(r, a), f.survey.S.Excluded)
}

// anyOpen says if some node can hold as the configuration is.
func anyOpen(list []*node) bool {
	return slices.ContainsFunc(list, func(n *node) bool { return n.open && n.cost == 0 })
}

func packagesOf(list []*node) []*universe.Pkg {
	var pkgs []*universe.Pkg
	for _, n := range list {
		if n.pkg != nil {
			pkgs = append(pkgs, n.pkg)
		}
	}
	return pkgs
}

// nodeOf returns the node of one exact package.
func (f *formula) nodeOf(p *universe.Pkg) *node {
	f.name(p.Root, p.CPV.CP)
	if n := f.byPkg[p]; n != nil {
		return n
	}
	return f.enter(p)
}

// protect says that what satisfies @world now will still be satisfied:
//
//	some package that matches
func (f *formula) protect(r *universe.Root, name string, seen map[string]bool) {
	set := f.req.Sets.Set(r, name)
	if set == nil || seen[name] || f.p.IgnoreWorld {
		return
	}
	seen[name] = true
	arg := &partial.Arg{Kind: partial.ArgSet, Text: "@" + name, Root: r, Set: set}
	for _, a := range arg.Atoms() {
		if !f.u.IsInstalled(r, a) || walk.ProvidedBy(r, a) {
			continue
		}
		list := f.wanted(nil, a, f.rank(r, a, f.matching(r, a, true), false))
		why := f.because(Reason{Kind: World, Arg: arg, Atom: a, Root: r, Candidates: packagesOf(list)})
		f.asked = append(f.asked, f.demand(why, nil, list, f.fits(r, a), true))
	}
	nested := slices.Clone(set.Nested)
	slices.Sort(nested)
	for _, n := range nested {
		f.protect(r, n, seen)
	}
}

// demand enters the clause
//
//	not owner, or one of the options, or a fit
//
// where fits are packages that would do had they other USE flags: their
// literals are false for that reason.
func (f *formula) demand(why int, owner *node, options []*node, fits []sat.Lit, choice bool) *demand {
	d := &demand{options: options, choice: choice}
	clause := slices.Clone(fits)
	if owner != nil {
		clause = append(clause, owner.lit.Not())
		owner.demands = append(owner.demands, d)
	}
	for _, n := range options {
		clause = append(clause, n.lit)
	}
	f.law(why, clause...)
	return d
}

// matching returns the packages that match an atom. With --emptytree installed
// ones only count for what stays itself.
func (f *formula) matching(r *universe.Root, a *atoms.Atom, stays bool) []*node {
	var list []*node
	for _, n := range f.name(r, a.CP) {
		if n.pkg.Installed() && f.p.Empty && !stays && !f.survey.S.Excluded(n.pkg) {
			continue
		}
		if n.pkg.Matches(a, nil) || f.relax != nil && n.pkg.MatchesName(a) {
			list = append(list, n)
		}
	}
	return list
}

// fits returns literals for packages that match an atom but for its USE
// dependencies:
//
//	not fit                 the flags are set otherwise
//	not fit, or package     if they were not, it still would have to be merged
func (f *formula) fits(r *universe.Root, a *atoms.Atom) []sat.Lit {
	if len(a.USE) == 0 || f.relax != nil {
		return nil
	}
	var list []sat.Lit
	for _, n := range f.name(r, a.CP) {
		if !n.pkg.MatchesName(a) || n.pkg.Matches(a, nil) {
			continue
		}
		k := useKey{n.pkg, a.String()}
		lit, ok := f.mismatch[k]
		if !ok {
			lit = f.solver.NewVar().Pos()
			f.mismatch[k] = lit
			f.law(f.because(useSetting(n.pkg, a)), lit.Not())
			f.law(-1, lit.Not(), n.lit)
		}
		list = append(list, lit)
	}
	return list
}

// expand enters the dependencies of a package. One that is installed keeps
// those run-time dependencies that are met today.
func (f *formula) expand(n *node) {
	if n.expanded || n.pkg == nil && n.pending == nil || !n.open {
		return
	}
	n.expanded = true
	if n.pkg == nil {
		n.pending()
		return
	}
	f.dependencies(n, (*encoding).holds)
}

// mend makes an installed package need what it lacks today, too: the request
// follows its dependencies. False if it did already.
func (f *formula) mend(n *node) bool {
	if n == nil || n.strict || !n.pkg.Installed() {
		return false
	}
	n.strict = true
	f.dependencies(n, func(e *encoding, d *atoms.Dep) bool { return !e.holds(d) })
	return true
}

// dependencies enters what a package needs; of an installed one what counts.
func (f *formula) dependencies(n *node, counts func(*encoding, *atoms.Dep) bool) {
	for _, c := range f.survey.DepsOf(n.pkg) {
		if c.Optional || n.pkg.Installed() && (c.Class == atoms.Depend || c.Class == atoms.BDepend) {
			continue
		}
		e := &encoding{formula: f, pkg: n.pkg, class: c}
		if f.relax != nil {
			e.changeable(n, counts)
			continue
		}
		for _, d := range c.Deps {
			if !n.pkg.Installed() || counts(e, d) {
				e.reason = -1
				e.tree(n, d, d)
			}
		}
	}
}

// encoding is the working state of entering one class of one package.
type encoding struct {
	*formula
	pkg    *universe.Pkg
	class  walk.ClassDeps
	reason int // of the dependency that is being entered
	chosen map[string]bool

	// Of a relaxed formula: the conditionals that are entered, outermost first,
	// and the group.
	path    []*atoms.Dep
	grouped *atoms.Dep
}

func (e *encoding) why(d *atoms.Dep) int {
	if e.reason < 0 {
		e.reason = e.because(Reason{Kind: Dependency, Pkg: e.pkg, Class: e.class.Class, Root: e.class.Root, Dep: d})
	}
	return e.reason
}

// holds says if a dependency of an installed package is met today.
func (e *encoding) holds(d *atoms.Dep) bool {
	switch d.Kind {
	case atoms.KindLeaf:
		return d.Leaf.Blocker != atoms.BlockNone || e.class.Root != nil && e.u.IsInstalled(e.class.Root, d.Leaf) ||
			walk.ProvidedBy(e.class.Root, d.Leaf)
	case atoms.KindAny:
		return len(d.Children) == 0 || slices.ContainsFunc(d.Children, e.holds)
	default:
		return !slices.ContainsFunc(d.Children, func(x *atoms.Dep) bool { return !e.holds(x) })
	}
}

// tree enters what owner needs for a part of the dependency whole.
func (e *encoding) tree(owner *node, whole, d *atoms.Dep) {
	switch d.Kind {
	case atoms.KindLeaf:
		switch {
		case d.Leaf.Blocker != atoms.BlockNone:
			e.block(owner, whole, d.Leaf, nil)
		case !e.met(d.Leaf):
			options := e.candidates(d.Leaf)
			e.demand(e.why(whole), owner, options, e.fits(e.class.Root, d.Leaf), d.Leaf.CP.Virtual())
		}
	case atoms.KindAny:
		e.any(owner, whole, d)
	default:
		for _, x := range d.Children {
			e.tree(owner, whole, x)
		}
	}
}

// met says if an atom needs no package: it is provided, or what satisfies it
// is what the package replaces (D17).
func (e *encoding) met(a *atoms.Atom) bool {
	if walk.ProvidedBy(e.class.Root, a) {
		return true
	}
	if e.pkg.Installed() || e.pkg.OnlyDeps || e.class.Root != e.pkg.Root || a.CP != e.pkg.CPV.CP {
		return false
	}
	return slices.ContainsFunc(e.u.Installed(e.class.Root, a), func(q *universe.Pkg) bool { return q.Slot == e.pkg.Slot })
}

// candidates returns what satisfies an atom, best first. A package does not
// serve to build itself.
func (e *encoding) candidates(a *atoms.Atom) []*node {
	list := e.matching(e.class.Root, a, e.pkg.Installed())
	if e.class.Class == atoms.Depend || e.class.Class == atoms.BDepend {
		list = slices.DeleteFunc(list, func(n *node) bool { return n.pkg == e.pkg })
	}
	return e.rank(e.class.Root, a, list, false)
}

// any enters a group: the packages of alternatives that are single atoms stand
// for themselves, any other alternative has a literal of its own.
//
//	not owner, or a package, or an alternative
//	not alternative, or what it needs
func (e *encoding) any(owner *node, whole, d *atoms.Dep) {
	var options []*node
	var fits []sat.Lit
	if slices.ContainsFunc(d.Children, e.settled) {
		return
	}
	for _, x := range e.ordered(d.Children) {
		if x.Kind == atoms.KindLeaf && x.Leaf.Blocker == atoms.BlockNone {
			options = append(options, e.candidates(x.Leaf)...)
			fits = append(fits, e.fits(e.class.Root, x.Leaf)...)
			continue
		}
		alt := e.newNode(nil)
		alt.open = true
		e.tree(alt, whole, x)
		options = append(options, alt)
	}
	e.demand(e.why(whole), owner, options, fits, true)
}

// settled says if a part of a tree needs nothing, because of package.provided.
func (e *encoding) settled(d *atoms.Dep) bool {
	switch d.Kind {
	case atoms.KindLeaf:
		return d.Leaf.Blocker == atoms.BlockNone && e.met(d.Leaf)
	case atoms.KindAny:
		return len(d.Children) == 0 || slices.ContainsFunc(d.Children, e.settled)
	default:
		return !slices.ContainsFunc(d.Children, func(x *atoms.Dep) bool { return !e.settled(x) })
	}
}

// ordered returns alternatives with the one that the chooser takes first.
func (e *encoding) ordered(list []*atoms.Dep) []*atoms.Dep {
	if e.chosen == nil {
		e.chosen = make(map[string]bool)
		e.survey.C.VirtualCycle = nil
		// Broken virtuals leave the order as it is written.
		groups, _ := e.survey.C.Check(e.class.Deps, choose.Context{Root: e.class.Root, Parent: e.pkg})
		for _, g := range groups {
			for _, t := range g.Terms {
				e.chosen[t.Atom.String()] = true
				if t.Orig != nil {
					e.chosen[t.Orig.String()] = true
				}
			}
		}
	}
	taken := func(d *atoms.Dep) bool {
		for a := range d.All() {
			if !e.chosen[a.String()] {
				return false
			}
		}
		return true
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b *atoms.Dep) int {
		switch x, y := taken(a), taken(b); {
		case x == y:
			return 0
		case x:
			return -1
		default:
			return 1
		}
	})
	return sorted
}
