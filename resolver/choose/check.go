package choose

import (
	"fmt"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A Context says for whom dependencies are checked.
type Context struct {
	Root   *universe.Root
	Parent *universe.Pkg // whose dependencies they are; nil if of nobody in particular
	Final  bool          // judge by what will be there, not by what could be chosen

	// Satisfied leaves out atoms that it calls satisfied; nil: none are.
	Satisfied func(*atoms.Atom) bool
}

// A Term is an atom that was chosen.
type Term struct {
	Atom *atoms.Atom
	// Orig is the virtual's atom as written, if Atom names the exact version
	// of a virtual whose dependencies were looked at.
	Orig *atoms.Atom
}

// A Group is what one package asks for: first the parent itself, then the
// virtuals that it was led through.
type Group struct {
	Virtual *universe.Pkg // nil for the parent
	Atom    *atoms.Atom   // names the exact version of the virtual
	Orig    *atoms.Atom   // by which the virtual is required, as written
	Parent  *universe.Pkg // what requires the virtual
	Terms   []Term
}

// Check decides the alternatives of dependencies that were reduced before
// (atoms.Reduce) and returns the atoms to be satisfied, those that
// package.provided satisfies left out. Nested choices inside virtuals are
// decided too. The error tells of a virtual with broken dependencies.
func (c *Chooser) Check(deps []*atoms.Dep, ctx Context) ([]Group, error) {
	auto, parent := c.S.Autounmask, c.parent
	c.S.Autounmask, c.parent = false, ctx.Parent
	defer func() { c.S.Autounmask, c.parent = auto, parent }()

	k := &check{Chooser: c, Context: ctx}
	if slices.IndexFunc(deps, isChoice) < 0 {
		return k.plain(deps), nil
	}
	k.origs = make(map[*atoms.Dep]*atoms.Dep)
	k.view = view(usableView{c})
	if ctx.Final || c.mode != ModeAvailable {
		k.final = true
		if c.mode != ModeInstalled {
			k.view = finalView{c}
		}
	}
	chosen, err := k.decide(deps, nil)
	if err != nil {
		return nil, err
	}
	return k.groups(chosen), nil
}

// isChoice says if a dependency is more than one atom that stands for itself.
func isChoice(d *atoms.Dep) bool {
	return d.Kind != atoms.KindLeaf || d.Leaf.CP.Virtual() && d.Leaf.Blocker == atoms.BlockNone
}

// plain is what Check comes to where there is nothing to choose. A parent asks
// for each leaf once.
func (k *check) plain(deps []*atoms.Dep) []Group {
	terms := make([]Term, 0, len(deps))
	for i, d := range deps {
		if !k.provided(d) && (k.Parent == nil || !slices.Contains(deps[:i], d)) {
			terms = append(terms, Term{Atom: d.Leaf})
		}
	}
	return []Group{{Terms: terms}}
}

// check is the working state of one Check.
type check struct {
	*Chooser
	Context
	view  view
	final bool // "installed" means what will be there

	// origs maps leaves made for exact versions of virtuals to the leaf as written.
	origs map[*atoms.Dep]*atoms.Dep
	// asked and virtuals record who asks for what, in order.
	asked    map[*universe.Pkg][]*atoms.Dep
	virtuals map[*atoms.Dep][]*universe.Pkg
}

// note records that a package asks for a leaf.
func (k *check) note(owner *universe.Pkg, leaf *atoms.Dep) {
	if owner == nil {
		return
	}
	if k.asked == nil {
		k.asked = make(map[*universe.Pkg][]*atoms.Dep)
		k.virtuals = make(map[*atoms.Dep][]*universe.Pkg)
	}
	if !slices.Contains(k.asked[owner], leaf) {
		k.asked[owner] = append(k.asked[owner], leaf)
	}
}

// decide expands virtuals, multiplies out overlapping groups, drops what is
// provided and makes the choices. The result are the chosen leaves.
func (k *check) decide(deps []*atoms.Dep, virtual *universe.Pkg) ([]*atoms.Dep, error) {
	if len(deps) == 0 {
		return nil, nil
	}
	expanded, err := k.expandAll(deps, virtual)
	if err != nil {
		return nil, err
	}
	minimize := false
	if slices.ContainsFunc(expanded, func(d *atoms.Dep) bool { return d.Kind == atoms.KindAny }) {
		var joined *atoms.Dep
		joined, minimize = atoms.OverlapDNF(&atoms.Dep{Kind: atoms.KindAll, Children: expanded})
		expanded = joined.Children
	}
	return k.reduceAll(expanded, virtual, minimize), nil
}

// groups sorts the chosen leaves by who asks for them.
func (k *check) groups(chosen []*atoms.Dep) []Group {
	if k.Parent == nil || len(k.asked[k.Parent]) == 0 {
		g := Group{Terms: make([]Term, len(chosen))}
		for i, l := range chosen {
			g.Terms[i] = k.term(l)
		}
		return []Group{g}
	}
	taken := make(map[*atoms.Dep]bool, len(chosen))
	for _, l := range chosen {
		taken[l] = true
		if o := k.origs[l]; o != nil {
			taken[o] = true
		}
	}
	type visit struct {
		pkg, parent *universe.Pkg
		term        Term
	}
	var groups []Group
	seen := make(map[*universe.Pkg]bool)
	stack := []visit{{pkg: k.Parent}}
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		seen[v.pkg] = true
		g := Group{Virtual: v.pkg, Atom: v.term.Atom, Orig: v.term.Orig, Parent: v.parent}
		if v.pkg == k.Parent {
			g.Virtual = nil
		}
		for _, l := range k.asked[v.pkg] {
			if !taken[l] {
				continue
			}
			g.Terms = append(g.Terms, k.term(l))
			for _, q := range k.virtuals[l] {
				if !seen[q] && q.Matches(l.Leaf, nil) {
					stack = append(stack, visit{q, v.pkg, k.term(l)})
				}
			}
		}
		groups = append(groups, g)
	}
	return groups
}

func (k *check) term(l *atoms.Dep) Term {
	t := Term{Atom: l.Leaf}
	if o := k.origs[l]; o != nil {
		t.Orig = o.Leaf
	}
	return t
}

// expandAll replaces the virtuals in a conjunction by what they need.
func (k *check) expandAll(deps []*atoms.Dep, virtual *universe.Pkg) ([]*atoms.Dep, error) {
	out := make([]*atoms.Dep, 0, len(deps))
	for _, d := range deps {
		var err error
		switch d.Kind {
		case atoms.KindLeaf:
			out, err = k.expandLeaf(out, d, virtual, false)
		case atoms.KindAny:
			var alternatives []*atoms.Dep
			alternatives, err = k.expandAny(d.Children, virtual)
			out = append(out, &atoms.Dep{Kind: atoms.KindAny, Children: alternatives})
		default:
			var nested []*atoms.Dep
			nested, err = k.expandAll(d.Children, virtual)
			out = append(out, nested...)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// expandAny does so for the alternatives of a group: the versions of a virtual
// become alternatives of the same group.
func (k *check) expandAny(deps []*atoms.Dep, virtual *universe.Pkg) ([]*atoms.Dep, error) {
	out := make([]*atoms.Dep, 0, len(deps))
	for _, d := range deps {
		if d.Kind == atoms.KindLeaf {
			var err error
			if out, err = k.expandLeaf(out, d, virtual, true); err != nil {
				return nil, err
			}
			continue
		}
		inner, err := k.expandAll(d.Children, virtual)
		if err != nil {
			return nil, err
		}
		switch {
		case len(inner) != 1:
			out = append(out, &atoms.Dep{Kind: atoms.KindAll, Children: inner})
		case inner[0].Kind == atoms.KindAny:
			out = append(out, inner[0].Children...)
		default:
			out = append(out, inner[0])
		}
	}
	return out, nil
}

// expandLeaf appends what an atom becomes (D27): an ordinary one itself, a
// virtual the alternatives of its versions, highest first.
func (k *check) expandLeaf(out []*atoms.Dep, leaf *atoms.Dep, virtual *universe.Pkg, inAny bool) ([]*atoms.Dep, error) {
	owner := k.Parent
	if virtual != nil && k.Parent != nil {
		owner = virtual
	}
	a := leaf.Leaf
	if !a.CP.Virtual() || a.Blocker != atoms.BlockNone {
		k.note(owner, leaf)
		return append(out, leaf), nil
	}
	var versions []*atoms.Dep
	for _, p := range slices.Backward(k.view.matches(k.Root, a.WithoutUSE())) {
		v, err := k.expandVersion(leaf, p, owner)
		if err != nil {
			return nil, err
		}
		versions = append(versions, v)
	}
	switch {
	case len(versions) == 0:
		k.note(owner, leaf)
		return append(out, leaf), nil
	case inAny:
		return append(out, versions...), nil
	case len(versions) == 1:
		return append(out, versions[0].Children...), nil
	default:
		return append(out, &atoms.Dep{Kind: atoms.KindAny, Children: versions}), nil
	}
}

// expandVersion returns the all-of group of what one version of a virtual
// needs and of an atom that names just that version.
func (k *check) expandVersion(leaf *atoms.Dep, p, owner *universe.Pkg) (*atoms.Dep, error) {
	exact := k.U.ExactAtom(p.CPV)
	if uses := leaf.Leaf.Unevaluated().USE; len(uses) > 0 {
		exact = exact.WithUSE(uses)
		if owner != nil {
			exact = exact.EvaluateUSE(k.S.Flags(owner).Enabled)
		}
	}
	deps, err := p.EvaluatedVirtual(atoms.RDepend, k.S.Flags(p))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	chosen, err := k.decide(deps, p)
	if err != nil {
		return nil, err
	}
	named := &atoms.Dep{Kind: atoms.KindLeaf, Leaf: exact}
	k.origs[named] = leaf
	if owner != nil {
		k.note(owner, named)
		if !slices.Contains(k.virtuals[named], p) {
			k.virtuals[named] = append(k.virtuals[named], p)
		}
		k.note(owner, leaf)
	}
	all := append(slices.Clone(chosen), named)
	return &atoms.Dep{Kind: atoms.KindAll, Children: all}, nil
}

// provided says if a leaf needs nothing: package.provided has it, or the
// caller calls it satisfied.
func (k *check) provided(leaf *atoms.Dep) bool {
	a := leaf.Leaf
	if a.Blocker != atoms.BlockNone {
		return false
	}
	for _, cpv := range k.Root.Policy.Provided(a.CP) {
		if a.MatchVersion(cpv.Version) {
			return true
		}
	}
	return k.Satisfied != nil && k.Satisfied(a)
}

// settled says if a part of the tree needs nothing.
func (k *check) settled(d *atoms.Dep) bool {
	switch d.Kind {
	case atoms.KindLeaf:
		return k.provided(d)
	case atoms.KindAny:
		return len(d.Children) == 0 || slices.ContainsFunc(d.Children, k.settled)
	default:
		return !slices.ContainsFunc(d.Children, func(x *atoms.Dep) bool { return !k.settled(x) })
	}
}

// reduceAll makes the choices in a conjunction.
func (k *check) reduceAll(deps []*atoms.Dep, virtual *universe.Pkg, minimize bool) []*atoms.Dep {
	var out []*atoms.Dep
	for _, d := range deps {
		switch {
		case k.settled(d):
		case d.Kind == atoms.KindLeaf:
			out = append(out, d)
		case d.Kind == atoms.KindAny:
			out = append(out, k.alternative(d, virtual, minimize)...)
		default:
			out = append(out, k.reduceAll(d.Children, virtual, minimize)...)
		}
	}
	return out
}
