package digraph

// survives reports whether the edge outlives the filter.
func (g *Graph) survives(b Bundle, ignore Ignore) bool {
	if ignore == nil {
		return true
	}
	list := g.bundles.lists[b]
	for i := len(list) - 1; i >= 0; i-- {
		if !ignore(list[i]) {
			return true
		}
	}
	return false
}

// Children returns the children of n in insertion order; none for a node that
// is not there.
func (g *Graph) Children(n Node) []Node { return g.ChildrenFiltered(n, nil) }

// Parents returns the parents of n in insertion order; none for a node that is
// not there.
func (g *Graph) Parents(n Node) []Node { return g.ParentsFiltered(n, nil) }

// ChildrenFiltered returns the children of n over edges that survive ignore.
func (g *Graph) ChildrenFiltered(n Node, ignore Ignore) []Node {
	if !g.Contains(n) {
		return nil
	}
	return g.neighbours(&g.at(n).children, ignore)
}

// ParentsFiltered returns the parents of n over edges that survive ignore.
func (g *Graph) ParentsFiltered(n Node, ignore Ignore) []Node {
	if !g.Contains(n) {
		return nil
	}
	return g.neighbours(&g.at(n).parents, ignore)
}

func (g *Graph) neighbours(s *side, ignore Ignore) []Node {
	if s.live == 0 {
		return nil
	}
	nodes := make([]Node, 0, s.live)
	for _, h := range s.list {
		if b := g.edges[h.edge]; b != dead && g.survives(b, ignore) {
			nodes = append(nodes, h.node)
		}
	}
	return nodes
}

// ChildCount returns the number of children of n, whatever the priorities.
func (g *Graph) ChildCount(n Node) int {
	if !g.Contains(n) {
		return 0
	}
	return int(g.at(n).children.live)
}

// ParentCount returns the number of parents of n, whatever the priorities.
func (g *Graph) ParentCount(n Node) int {
	if !g.Contains(n) {
		return 0
	}
	return int(g.at(n).parents.live)
}

// Leaves returns, in insertion order, the nodes without a child over an edge
// that survives ignore.
func (g *Graph) Leaves(ignore Ignore) []Node {
	return g.isolated(func(v *vertex) *side { return &v.children }, ignore)
}

// Roots returns, in insertion order, the nodes without a parent over an edge
// that survives ignore.
func (g *Graph) Roots(ignore Ignore) []Node {
	return g.isolated(func(v *vertex) *side { return &v.parents }, ignore)
}

func (g *Graph) isolated(pick func(*vertex) *side, ignore Ignore) []Node {
	var nodes []Node
	for _, n := range g.order {
		if n != None && !g.anySurvives(pick(g.at(n)), ignore) {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

func (g *Graph) anySurvives(s *side, ignore Ignore) bool {
	if s.live == 0 || ignore == nil {
		return s.live > 0
	}
	for _, h := range s.list {
		if b := g.edges[h.edge]; b != dead && g.survives(b, ignore) {
			return true
		}
	}
	return false
}
