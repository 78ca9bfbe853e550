package stages

import (
	"slices"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/iterator"
	"gonum.org/v1/gonum/graph/topo"
)

// needs is the graph of members over what any of their forms could need; what
// only a variant meets joins both, so that a component can be cut by itself. It
// implements graph.Directed. Nodes and neighbours come in the order of members,
// so that the components do, too.
type needs struct {
	out  [][]int64
	left []int64
}

type vertex int64

func (v vertex) ID() int64 { return int64(v) }

// newNeeds looks at the members for which left is true.
func (m *model) newNeeds(left func(*member) bool) *needs {
	g := &needs{out: make([][]int64, len(m.members))}
	for _, x := range m.members {
		if !left(x) {
			continue
		}
		g.left = append(g.left, int64(x.index))
		for _, i := range append([]*instance{x.final}, x.variants...) {
			for _, e := range append(slices.Clone(i.build), i.run...) {
				e.leaves(func(l *expr) {
					variant := !slices.ContainsFunc(l.insts, func(j int) bool { return m.insts[j].changes == nil })
					for _, j := range l.insts {
						y := m.insts[j].member
						if !left(y) {
							continue
						}
						g.out[x.index] = append(g.out[x.index], int64(y.index))
						if variant {
							g.out[y.index] = append(g.out[y.index], int64(x.index))
						}
					}
				})
			}
		}
	}
	for i := range g.out {
		slices.Sort(g.out[i])
		g.out[i] = slices.Compact(g.out[i])
	}
	return g
}

func ordered(ids []int64) graph.Nodes {
	nodes := make([]graph.Node, len(ids))
	for i, id := range ids {
		nodes[i] = vertex(id)
	}
	return iterator.NewOrderedNodes(nodes)
}

func (g *needs) Node(id int64) graph.Node  { return vertex(id) }
func (g *needs) Nodes() graph.Nodes        { return ordered(g.left) }
func (g *needs) From(id int64) graph.Nodes { return ordered(g.out[id]) }
func (g *needs) HasEdgeBetween(x, y int64) bool {
	return g.HasEdgeFromTo(x, y) || g.HasEdgeFromTo(y, x)
}
func (g *needs) HasEdgeFromTo(x, y int64) bool { return slices.Contains(g.out[x], y) }
func (g *needs) Edge(x, y int64) graph.Edge    { return nil }
func (g *needs) To(id int64) graph.Nodes {
	var from []int64
	for _, x := range g.left {
		if g.HasEdgeFromTo(x, id) {
			from = append(from, x)
		}
	}
	return ordered(from)
}

// components returns the strongly connected components, each after those that
// it needs, and notes them in the members.
func (m *model) components(left func(*member) bool) [][]*member {
	g := m.newNeeds(left)
	var out [][]*member
	for c, nodes := range topo.TarjanSCC(g) {
		var list []*member
		for _, n := range nodes {
			list = append(list, m.members[n.ID()])
		}
		slices.SortFunc(list, func(a, b *member) int { return a.index - b.index })
		for _, x := range list {
			x.comp = c
			x.cyclic = len(list) > 1 || g.HasEdgeFromTo(int64(x.index), int64(x.index))
		}
		out = append(out, list)
	}
	return out
}
