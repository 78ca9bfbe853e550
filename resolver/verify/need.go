package verify

import (
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// A need is a dependency tree with its USE conditionals decided:
//
//	leaf: some package of the root matches the atom
//	all:  every child holds
//	any:  some child holds
//
// A blocker that is an alternative of an any-of group is a leaf which holds if
// nothing matches; all other blockers are collected aside.
type need struct {
	kind     atoms.Kind // KindLeaf, KindAll, KindAny
	atom     *atoms.Atom
	children []*need
}

// String writes the need as a dependency string.
func (n *need) String() string {
	if n.kind == atoms.KindLeaf {
		return n.atom.String()
	}
	words := make([]string, len(n.children))
	for i, c := range n.children {
		words[i] = c.String()
	}
	text := "( " + strings.Join(words, " ") + " )"
	if n.kind == atoms.KindAny {
		text = "|| " + text
	}
	return text
}

// leaves calls f with every atom, alternatives included.
func (n *need) leaves(f func(*atoms.Atom)) {
	if n.kind == atoms.KindLeaf {
		f(n.atom)
	}
	for _, c := range n.children {
		c.leaves(f)
	}
}

// mapped returns the need with other atoms.
func (n *need) mapped(f func(*atoms.Atom) *atoms.Atom) *need {
	out := &need{kind: n.kind}
	if n.kind == atoms.KindLeaf {
		out.atom = f(n.atom)
	}
	for _, c := range n.children {
		out.children = append(out.children, c.mapped(f))
	}
	return out
}

// A reducer decides the conditionals of one package's dependencies.
type reducer struct {
	p        *ebuild.Package
	flags    atoms.FlagState
	edit     func(*atoms.Atom) *atoms.Atom // may be nil
	blockers []*atoms.Atom
	inAny    int // any-of groups around
}

// clauses gives what has to hold in one class, each element for itself.
func (r *reducer) clauses(d *atoms.Dep) []*need {
	var out []*need
	for _, c := range d.Children {
		switch n := r.reduce(c); {
		case n == nil:
		case n.kind == atoms.KindAll:
			out = append(out, n.children...)
		default:
			out = append(out, n)
		}
	}
	return out
}

// reduce gives nil for what demands nothing.
func (r *reducer) reduce(d *atoms.Dep) *need {
	switch d.Kind {
	case atoms.KindLeaf:
		return r.leaf(d.Leaf)
	case atoms.KindIf:
		if r.flags.Enabled(d.Flag) == d.Negated {
			return nil
		}
		return r.group(atoms.KindAll, d.Children)
	case atoms.KindAny:
		return r.group(atoms.KindAny, d.Children)
	default:
		return r.group(atoms.KindAll, d.Children)
	}
}

func (r *reducer) leaf(a *atoms.Atom) *need {
	a = a.EvaluateUSE(r.flags.Enabled)
	if a.Blocker != atoms.BlockNone && r.inAny == 0 {
		r.blockers = append(r.blockers, a)
		return nil
	}
	if r.edit != nil && a.Blocker == atoms.BlockNone {
		a = r.edit(a)
	}
	return &need{kind: atoms.KindLeaf, atom: a}
}

// group joins the children. An any-of group with a conditional that does not
// hold goes without that alternative; one without alternatives holds or not as
// the EAPI says (PMS 8.2.3).
func (r *reducer) group(kind atoms.Kind, children []*atoms.Dep) *need {
	n := &need{kind: kind}
	if kind == atoms.KindAny {
		r.inAny++
		defer func() { r.inAny-- }()
	}
	for _, c := range children {
		if child := r.reduce(c); child != nil {
			n.children = append(n.children, child)
		}
	}
	empty := len(n.children) == 0
	switch {
	case empty && kind == atoms.KindAny && r.p.EAPI != nil && !r.p.EAPI.EmptyGroupsMatch:
		return n
	case empty:
		return nil
	case len(n.children) == 1:
		return n.children[0]
	}
	return n
}
