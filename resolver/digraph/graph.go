// Package digraph is a directed graph that remembers insertion order and whose
// edges carry lists of priorities.
//
// Nodes are dense ids chosen by the caller. Nodes, and the children and
// parents of a node, are always visited in the order they were inserted; a
// node or an edge that was removed and comes back goes to the end. An edge
// exists once per pair: further dependency classes between the same two nodes
// accumulate in its list. The package knows nothing of packages, and what a
// priority means for an order is the business of resolver/order.
//
// A Graph is not safe for concurrent use while it is changed.
package digraph

import "iter"

// A Node names a vertex: a small non-negative number, since tables are indexed
// by it.
type Node int32

// None is no node.
const None Node = -1

// An Ignore is a filter: it reports whether a priority does not count. An edge
// survives if at least one of its priorities is not ignored. Nil ignores
// nothing.
type Ignore func(Priority) bool

// A Bundle is the interned priority list of an edge. Equal lists of one Graph
// and its clones have equal Bundles, so that a caller can judge each list
// once. Bundles are dense: 1 to Graph.Bundles()-1.
type Bundle int32

// dead marks an edge that was removed and not yet swept from the lists.
const dead Bundle = 0

// A half is one end of an edge as seen from the other end.
type half struct {
	node Node
	edge int32
}

// A side holds the edges of a node in one direction. list may hold dead
// edges; live counts the others.
type side struct {
	list []half
	live int32
}

// A vertex is a node with its edges; place is its index in Graph.order, or -1.
type vertex struct {
	children, parents side
	place             int32
}

// A Graph is an insertion-ordered directed graph; edges lead from a parent (the
// package that depends) to a child (what it depends on).
type Graph struct {
	places   []int32  // by Node: its index in vertices plus one; 0 if it was never inserted
	vertices []vertex // in the order of first insertion; a removed node keeps its vertex
	order    []Node   // insertion order; None where a node was removed
	count    int
	edges    []Bundle // by edge id
	bundles  bundleTable
}

// New returns an empty graph.
func New() *Graph {
	return &Graph{bundles: newBundleTable()}
}

// AddNode inserts n without edges. Nothing happens if it is there already. A
// negative n is an internal error.
func (g *Graph) AddNode(n Node) {
	if n < 0 {
		panic("internal error: digraph: negative node")
	}
	if more := int(n) + 1 - len(g.places); more > 0 {
		g.places = append(g.places, make([]int32, more)...)
	}
	if g.places[n] == 0 {
		g.vertices = append(g.vertices, vertex{place: -1})
		g.places[n] = int32(len(g.vertices))
	}
	v := g.at(n)
	if v.place >= 0 {
		return
	}
	v.place = int32(len(g.order))
	g.order = append(g.order, n)
	g.count++
}

// at returns the vertex of a node that was inserted once.
func (g *Graph) at(n Node) *vertex { return &g.vertices[g.places[n]-1] }

// Add inserts the edge from parent to child with one more priority. Missing
// nodes are inserted first, the child before the parent. The priorities of an
// edge are kept by rising hardness, later ones after equal ones, so that the
// last one is the one to display; an exact duplicate is kept once.
func (g *Graph) Add(child, parent Node, p Priority) {
	g.AddNode(child)
	g.AddNode(parent)
	if e := g.find(child, parent); e >= 0 {
		g.edges[e] = g.bundles.with(g.edges[e], p)
		return
	}
	e := int32(len(g.edges))
	g.edges = append(g.edges, g.bundles.with(dead, p))
	down, up := &g.at(parent).children, &g.at(child).parents
	down.list = append(down.list, half{child, e})
	down.live++
	up.list = append(up.list, half{parent, e})
	up.live++
}

// find returns the edge id from parent to child, or -1. It searches the
// shorter of the two lists: dependency graphs have many nodes with thousands
// of parents, but then their parents have few children.
func (g *Graph) find(child, parent Node) int32 {
	list, want := g.at(parent).children.list, child
	if up := g.at(child).parents.list; len(up) < len(list) {
		list, want = up, parent
	}
	for _, h := range list {
		if h.node == want && g.edges[h.edge] != dead {
			return h.edge
		}
	}
	return -1
}

// Contains reports whether n is in the graph.
func (g *Graph) Contains(n Node) bool {
	return n >= 0 && int(n) < len(g.places) && g.places[n] > 0 && g.at(n).place >= 0
}

// Len returns the number of nodes.
func (g *Graph) Len() int { return g.count }

// Limit returns a number greater than every node that was ever inserted: the
// length of a table indexed by Node.
func (g *Graph) Limit() int { return len(g.places) }

// Nodes returns all nodes in insertion order.
func (g *Graph) Nodes() []Node {
	nodes := make([]Node, 0, g.count)
	for _, n := range g.order {
		if n != None {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// HasEdge reports whether parent has an edge to child.
func (g *Graph) HasEdge(child, parent Node) bool {
	return g.Contains(child) && g.Contains(parent) && g.find(child, parent) >= 0
}

// Priorities returns the priorities of an edge by rising hardness, nil without
// such an edge. The caller must not change the slice.
func (g *Graph) Priorities(child, parent Node) []Priority {
	if !g.Contains(child) || !g.Contains(parent) {
		return nil
	}
	e := g.find(child, parent)
	if e < 0 {
		return nil
	}
	return g.bundles.lists[g.edges[e]]
}

// Remove takes n and its edges out of the graph. A node that is not there is
// not an error.
func (g *Graph) Remove(n Node) {
	if !g.Contains(n) {
		return
	}
	v := g.at(n)
	for _, h := range v.children.list {
		if g.edges[h.edge] != dead {
			g.edges[h.edge] = dead
			g.at(h.node).parents.drop(g.edges)
		}
	}
	for _, h := range v.parents.list {
		if g.edges[h.edge] != dead {
			g.edges[h.edge] = dead
			g.at(h.node).children.drop(g.edges)
		}
	}
	g.order[v.place] = None
	*v = vertex{place: -1}
	g.count--
	g.compactOrder()
}

// RemoveEdge takes the edge from parent to child out of the graph; both nodes
// stay. An edge that is not there is not an error.
func (g *Graph) RemoveEdge(child, parent Node) {
	if !g.Contains(child) || !g.Contains(parent) {
		return
	}
	e := g.find(child, parent)
	if e < 0 {
		return
	}
	g.edges[e] = dead
	g.at(parent).children.drop(g.edges)
	g.at(child).parents.drop(g.edges)
}

// drop accounts for one edge of s that has just died, and sweeps the list when
// most of it is dead.
func (s *side) drop(edges []Bundle) {
	s.live--
	if len(s.list) < 8 || int(s.live)*2 > len(s.list) {
		return
	}
	kept := s.list[:0]
	for _, h := range s.list {
		if edges[h.edge] != dead {
			kept = append(kept, h)
		}
	}
	s.list = kept
}

// compactOrder closes the gaps of the node order when most of it is gaps.
func (g *Graph) compactOrder() {
	if len(g.order) < 32 || g.count*2 > len(g.order) {
		return
	}
	kept := g.order[:0]
	for _, n := range g.order {
		if n != None {
			g.at(n).place = int32(len(kept))
			kept = append(kept, n)
		}
	}
	g.order = kept
}

// Clone returns an independent copy with the same orders.
func (g *Graph) Clone() *Graph {
	c := &Graph{
		places:   append([]int32(nil), g.places...),
		vertices: make([]vertex, len(g.vertices)),
		order:    append([]Node(nil), g.order...),
		count:    g.count,
		edges:    append([]Bundle(nil), g.edges...),
		bundles:  g.bundles.clone(),
	}
	total := 0
	for i := range g.vertices {
		total += int(g.vertices[i].children.live + g.vertices[i].parents.live)
	}
	store := make([]half, 0, total)
	for i := range g.vertices {
		v, w := &g.vertices[i], &c.vertices[i]
		w.place = v.place
		w.children, store = v.children.clone(g.edges, store)
		w.parents, store = v.parents.clone(g.edges, store)
	}
	return c
}

// clone copies the live edges of s to the end of store, and returns the copy
// and the longer store. The copy has no spare capacity, so that growing it
// never touches its neighbour.
func (s *side) clone(edges []Bundle, store []half) (side, []half) {
	start := len(store)
	for _, h := range s.list {
		if edges[h.edge] != dead {
			store = append(store, h)
		}
	}
	return side{list: store[start:len(store):len(store)], live: s.live}, store
}

// ChildBundles yields the children of n with the priority list of each edge.
// The graph must not be changed meanwhile.
func (g *Graph) ChildBundles(n Node) iter.Seq2[Node, Bundle] {
	return func(yield func(Node, Bundle) bool) {
		if g.Contains(n) {
			g.at(n).children.each(g.edges, yield)
		}
	}
}

// ParentBundles yields the parents of n with the priority list of each edge.
// The graph must not be changed meanwhile.
func (g *Graph) ParentBundles(n Node) iter.Seq2[Node, Bundle] {
	return func(yield func(Node, Bundle) bool) {
		if g.Contains(n) {
			g.at(n).parents.each(g.edges, yield)
		}
	}
}

func (s *side) each(edges []Bundle, yield func(Node, Bundle) bool) {
	for _, h := range s.list {
		if b := edges[h.edge]; b != dead && !yield(h.node, b) {
			return
		}
	}
}
