package report

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A climb goes from a package up to an argument (Portage: _get_dep_chain).
type climb struct {
	*builder
	start partial.Parent
	byUse bool // the first parent is one whose requirement start does not satisfy
	argAt map[digraph.Node]partial.Parent
	seen  map[digraph.Node]bool
	chain []plan.Link
}

// chainOf returns the chain from a parent whose dependency on an atom cannot be
// met: the parent itself, then what requires it.
func (b *builder) chainOf(parent partial.Parent, a *atoms.Atom) []plan.Link {
	c := &climb{builder: b, start: parent}
	if p := parent.Pkg; p != nil {
		var flags []string
		for _, class := range universe.Classes() {
			flags = append(flags, c.affecting(p, class, a)...)
		}
		c.chain = append(c.chain, c.link(p, flags))
	}
	return c.run()
}

// chainTo returns the chain from what requires p. With byUse the first one is
// a parent that p as it is does not satisfy: the one that a proposed change of
// USE is made for.
func (b *builder) chainTo(p *universe.Pkg, byUse bool) []plan.Link {
	c := &climb{builder: b, start: partial.Parent{Pkg: p}, byUse: byUse}
	return c.run()
}

func (c *climb) run() []plan.Link {
	c.seen = map[digraph.Node]bool{c.start.Node(): true}
	c.argAt = make(map[digraph.Node]partial.Parent)
	for _, a := range c.w.AllArgs() {
		c.argAt[digraph.Node(a.ID)] = partial.Parent{Arg: a}
	}
	node, child := c.first(), c.start
	for node != (partial.Parent{}) {
		c.seen[node.Node()] = true
		if !c.w.S.Graph.Contains(node.Node()) {
			break // it left the graph while the search went on
		}
		switch {
		case node.Arg != nil:
			kind := plan.LinkArgument
			if c.w.S.Graph.ParentCount(node.Node()) > 0 {
				kind = plan.LinkSet
			}
			c.chain = append(c.chain, plan.Link{Name: node.Arg.Text, Kind: kind})
		case node != c.start:
			c.chain = append(c.chain, c.requirer(node.Pkg, child))
		}
		node, child = c.next(node), node
	}
	return c.chain
}

// first returns where to begin: of the requirements on the start the one that
// says most about it, and of those who have it an argument or the last.
func (c *climb) first() partial.Parent {
	p := c.start.Pkg
	if p == nil {
		return c.start
	}
	var list []*atoms.Atom
	for _, pa := range c.w.S.Parents(p) {
		if !c.byUse || !p.Matches(pa.Atom, nil) {
			list = append(list, pa.Atom)
		}
	}
	if len(list) == 0 {
		return c.start
	}
	best := atoms.BestMatch(list, p.Candidate(nil))
	if best == nil {
		best = list[0]
	}
	var found partial.Parent
	for _, pa := range c.w.S.Parents(p) {
		if pa.Atom.String() != best.String() || c.byUse && p.Matches(pa.Atom, nil) {
			continue
		}
		found = pa.Parent
		if arg := found.Arg; arg != nil && slices.ContainsFunc(c.w.Args(), func(a *partial.Arg) bool { return a.ID == arg.ID }) {
			break
		}
	}
	return found
}

// requirer tells a package with the flags by which it requires the child.
func (c *climb) requirer(p *universe.Pkg, child partial.Parent) plan.Link {
	a := c.requirement(p, child.Pkg)
	if a == nil {
		return c.link(p, nil)
	}
	var flags []string
	for _, class := range c.classes(p, child) {
		flags = append(flags, c.affecting(p, class, a)...)
	}
	return c.link(p, flags)
}

// requirement returns the atom by which a package requires a child.
func (c *climb) requirement(p, child *universe.Pkg) *atoms.Atom {
	if child == nil {
		return nil
	}
	for _, pa := range c.w.S.Parents(child) {
		if pa.Parent.Pkg != p || c.byUse && child == c.start.Pkg && child.Matches(pa.Atom, nil) {
			continue
		}
		return pa.Atom
	}
	return nil
}

// classes returns the dependency classes of an edge; all if the graph has none.
func (c *climb) classes(p *universe.Pkg, child partial.Parent) []atoms.DepClass {
	priorities := c.w.S.Graph.Priorities(child.Node(), digraph.Node(p.ID))
	if priorities == nil {
		all := universe.Classes()
		return all[:]
	}
	var list []atoms.DepClass
	for _, prio := range priorities {
		if prio.Has(digraph.Buildtime) {
			list = append(list, atoms.BDepend, atoms.Depend)
		}
		if prio.Has(digraph.Runtime) {
			list = append(list, atoms.RDepend, atoms.IDepend)
		}
		if prio.Has(digraph.RuntimePost) {
			list = append(list, atoms.PDepend)
		}
	}
	return list
}

// affecting returns the flags that decide whether a package has an atom in a
// class. A class that cannot be read has none.
func (c *climb) affecting(p *universe.Pkg, class atoms.DepClass, a *atoms.Atom) []string {
	tree, err := p.Deps(class)
	if err != nil {
		return nil
	}
	text := a.Unevaluated().String()
	return atoms.AffectingFlags(tree, func(x *atoms.Atom) bool { return x.String() == text })
}

// link tells a package with flags, as they are, unless the profile has decided them.
func (c *climb) link(p *universe.Pkg, flags []string) plan.Link {
	state := c.w.S.Flags(p)
	flags = slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return state.State.Masked(f) || state.State.Forced(f) })
	slices.Sort(flags)
	flags = slices.Compact(flags)
	for i, f := range flags {
		if !state.Enabled(f) {
			flags[i] = "-" + f
		}
	}
	name := p.String()
	if len(flags) > 0 {
		name += "[" + strings.Join(flags, ",") + "]"
	}
	return plan.Link{Name: name, Kind: plan.LinkKind(p.Origin.String())}
}

// next returns what to tell above a node: a package that is merged, else an
// argument, else any package; never one that was told. An argument without
// anything above it ends the chain.
func (c *climb) next(node partial.Parent) partial.Parent {
	var arg, merge, other, byUse partial.Parent
	for _, n := range c.w.S.Graph.Parents(node.Node()) {
		if c.seen[n] {
			continue
		}
		if a, ok := c.argAt[n]; ok {
			arg = a
			continue
		}
		p := c.w.U.Pkg(universe.ID(n))
		parent := partial.Parent{Pkg: p}
		if p.Merges() {
			merge = parent
		}
		switch {
		case !c.byUse || node != c.start:
			other = parent
		case c.requiresOther(p):
			byUse = parent
		}
	}
	switch {
	case byUse != (partial.Parent{}):
		return byUse
	case merge != (partial.Parent{}):
		return merge
	case arg == (partial.Parent{}):
		return other
	case c.w.S.Graph.ParentCount(arg.Node()) > 0:
		return arg
	}
	c.chain = append(c.chain, plan.Link{Name: arg.Arg.Text, Kind: plan.LinkArgument})
	return partial.Parent{}
}

// requiresOther says if the first requirement of p on the start is one that it
// does not satisfy.
func (c *climb) requiresOther(p *universe.Pkg) bool {
	for _, pa := range c.w.S.Parents(c.start.Pkg) {
		if pa.Parent.Pkg == p {
			return !c.start.Pkg.Matches(pa.Atom, nil)
		}
	}
	return false
}
