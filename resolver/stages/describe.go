package stages

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// describe tells of a component what keeps it together.
func (m *model) describe(r *region) Cycle {
	var c Cycle
	in := make(map[*universe.Pkg]bool)
	for _, x := range r.members {
		c.Members = append(c.Members, x.pkg)
		in[x.pkg] = true
	}
	for _, x := range r.members {
		var building, running []Edge
		for _, n := range m.w.Needs(x.pkg) {
			y := m.meets(n)
			if y == nil || !in[y] || m.there(x.final, n.Root, n.Atom) != nil {
				continue
			}
			switch e := (Edge{x.pkg, y, n.Class, n.Atom, m.flagsOf(x, n)}); {
			case hard(x.pkg, n.Class):
				building = addEdge(building, e)
			case soft(n.Class):
				running = addEdge(running, e)
			}
		}
		c.Edges = append(append(c.Edges, building...), running...)
	}
	c.Shortest = shortest(c.Members, c.Edges)
	return c
}

// addEdge adds an edge, each atom of a class once.
func addEdge(list []Edge, e Edge) []Edge {
	same := func(o Edge) bool {
		return o.Child == e.Child && o.Class == e.Class && o.Atom.String() == e.Atom.String()
	}
	if slices.ContainsFunc(list, same) {
		return list
	}
	return append(list, e)
}

// meets returns the package of the plan that was chosen for a need.
func (m *model) meets(n walk.Need) *universe.Pkg {
	if n.Child != nil && m.byPkg[n.Child] != nil {
		return n.Child
	}
	for _, x := range m.byName[nameKey{n.Root.ID, n.Atom.CP}] {
		if x.pkg.Matches(n.Atom, x.final.flags) {
			return x.pkg
		}
	}
	return nil
}

// flagsOf returns the flags of a package that decide about one of its needs.
func (m *model) flagsOf(x *member, n walk.Need) []string {
	text := n.Atom.Unevaluated().String()
	var flags []string
	for _, c := range x.classes {
		if c.Class != n.Class {
			continue
		}
		for _, tree := range c.Trees {
			flags = append(flags, atoms.AffectingFlags(tree, func(a *atoms.Atom) bool { return a.Unevaluated().String() == text })...)
		}
	}
	slices.Sort(flags)
	return slices.Compact(flags)
}

// shortest returns a shortest cycle, each package needed by the one before.
func shortest(members []*universe.Pkg, edges []Edge) []*universe.Pkg {
	// Nodes are numbered from 0, as a graph has room for all numbers below its highest.
	g := digraph.New()
	node := make(map[*universe.Pkg]digraph.Node, len(members))
	for i, p := range members {
		node[p] = digraph.Node(i)
		g.AddNode(node[p])
	}
	for _, e := range edges {
		g.Add(node[e.Child], node[e.Parent], digraph.Buildtime)
	}
	var best []digraph.Node
	for _, c := range g.Cycles(nil, 0) {
		if best == nil || len(c) < len(best) {
			best = c
		}
	}
	var out []*universe.Pkg
	for _, n := range best {
		out = append(out, members[n])
	}
	return out
}

// freeCycles tells of the cycles that need no cut: Portage finds no order
// although there is one.
func (m *model) freeCycles() []Cycle {
	c := m.w.Order.Circular
	var out Cycle
	out.Solved = true
	for _, n := range c.Shortest {
		if m.task(n).Kind == order.Merge {
			out.Members = append(out.Members, m.w.U.Pkg(universe.ID(n)))
		}
	}
	if len(out.Members) == 0 {
		return nil
	}
	out.Shortest = slices.Clone(out.Members)
	slices.SortFunc(out.Members, func(a, b *universe.Pkg) int { return m.byPkg[a].index - m.byPkg[b].index })
	for _, p := range out.Members {
		x := m.byPkg[p]
		for _, n := range m.w.Needs(p) {
			if y := m.meets(n); y != nil && slices.Contains(out.Members, y) && (hard(p, n.Class) || soft(n.Class)) {
				out.Edges = append(out.Edges, Edge{p, y, n.Class, n.Atom, m.flagsOf(x, n)})
			}
		}
	}
	return []Cycle{out}
}

// forbidden returns the flags that decide about needs inside a component and
// may not be switched.
func (m *model) forbidden(r *region) []Forbidden {
	var out []Forbidden
	for _, x := range r.members {
		flags := m.insideNeeds(x).outright(x)
		slices.Sort(flags)
		for _, f := range slices.Compact(flags) {
			if !x.pkg.HasIUSE(f) || x.pkg.Built() {
				continue
			}
			reason := m.fixed(x, f)
			if reason == "" && !m.allowed(x, switched(x, []string{f})) && !m.switchable(x, f) {
				reason = "required-use"
			}
			if reason != "" {
				out = append(out, Forbidden{x.pkg, f, reason})
			}
		}
	}
	return out
}

// switchable says if some variant switches a flag.
func (m *model) switchable(x *member, flag string) bool {
	return slices.ContainsFunc(x.variants, func(v *instance) bool {
		return slices.ContainsFunc(v.changes, func(c universe.FlagChange) bool { return c.Flag == flag })
	})
}

// maxOutside is how many ways to break an unsolved component are told.
const maxOutside = 8

// outside finds what would break a component that cannot be cut: packages that
// would have to be there before. Single ones first; if none does, a set that
// lacks nothing.
func (m *model) outside(r *region, able []*member) [][]*universe.Pkg {
	allowed := r.variantsOf(able)
	stuck := r.start()
	r.reach(stuck, allowed)
	var left []*member
	for _, x := range r.members {
		if !stuck.usable.has(x.final.id) {
			left = append(left, x)
		}
	}
	with := func(list []*member) *state {
		helped := *r
		helped.base = r.base.clone()
		for _, x := range list {
			helped.base.add(x.final.id)
		}
		s := helped.start()
		helped.reach(s, allowed)
		return s
	}
	var out [][]*universe.Pkg
	budget := *r.work + m.o.Effort/4
	for _, x := range left {
		if *r.work > budget || len(out) == maxOutside {
			break
		}
		if r.done(with([]*member{x})) {
			out = append(out, []*universe.Pkg{x.pkg})
		}
	}
	if len(out) == 0 {
		out = append(out, m.outsideSet(r, left, with))
	}
	return out
}

// outsideSet adds packages until the rest can be merged, each time the one that
// frees most, and drops those that turn out not to be needed.
func (m *model) outsideSet(r *region, left []*member, with func([]*member) *state) []*universe.Pkg {
	var list []*member
	budget := *r.work + m.o.Effort/4
	s := with(nil)
	for !r.done(s) {
		var best *member
		most, bestState := -1, s
		for _, x := range left {
			if s.usable.has(x.final.id) || slices.Contains(list, x) {
				continue
			}
			if best != nil && *r.work > budget {
				break
			}
			t := with(append(slices.Clone(list), x))
			if n := t.usable.count(); n > most {
				best, most, bestState = x, n, t
			}
		}
		if best == nil {
			return nil
		}
		list, s = append(list, best), bestState
	}
	for i := len(list) - 1; i >= 0; i-- {
		if fewer := slices.Delete(slices.Clone(list), i, i+1); r.done(with(fewer)) {
			list = fewer
		}
	}
	var out []*universe.Pkg
	for _, x := range list {
		out = append(out, x.pkg)
	}
	return out
}

// CycleOf returns a shortest cycle that the bootstrap merge of a package cuts,
// edge by edge, beginning with a dependency of the package that its reduced form
// does not have; nil if there is none.
func (a *Answer) CycleOf(p *universe.Pkg) []Edge {
	for i := range a.Cycles {
		c := &a.Cycles[i]
		for _, cut := range c.Cut {
			if cut.Pkg == p {
				return c.through(cut)
			}
		}
	}
	return nil
}

func (c *Cycle) through(cut Cut) []Edge {
	var best []Edge
	for _, e := range c.Edges {
		if e.Parent != cut.Pkg || !slices.ContainsFunc(cut.Changed, func(f universe.FlagChange) bool { return slices.Contains(e.Flags, f.Flag) }) {
			continue
		}
		if back := c.path(e.Child, cut.Pkg); e.Child == cut.Pkg || back != nil {
			if cycle := append([]Edge{e}, back...); best == nil || len(cycle) < len(best) {
				best = cycle
			}
		}
	}
	return best
}

// path returns a shortest way along edges, nil if there is none.
func (c *Cycle) path(from, to *universe.Pkg) []Edge {
	came := make(map[*universe.Pkg]Edge)
	queue := []*universe.Pkg{from}
	for len(queue) > 0 && from != to {
		p := queue[0]
		queue = queue[1:]
		for _, e := range c.Edges {
			if _, seen := came[e.Child]; e.Parent != p || seen || e.Child == from {
				continue
			}
			came[e.Child] = e
			queue = append(queue, e.Child)
		}
		if e, ok := came[to]; ok {
			list := []Edge{e}
			for e.Parent != from {
				e = came[e.Parent]
				list = append(list, e)
			}
			slices.Reverse(list)
			return list
		}
	}
	return nil
}
