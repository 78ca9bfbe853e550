package digraph

import (
	"iter"
	"slices"
)

// An arrival is a node and the node it was first reached from.
type arrival struct{ from, node Node }

// BFS visits everything reachable from start breadth first over edges that
// survive ignore, children in insertion order. It yields each node with the
// node it was first reached from, None for start. A start that is not in the
// graph yields nothing. The graph must not be changed meanwhile.
func (g *Graph) BFS(start Node, ignore Ignore) iter.Seq2[Node, Node] {
	return func(yield func(from, n Node) bool) {
		if !g.Contains(start) {
			return
		}
		seen := make([]bool, g.Limit())
		seen[start] = true
		queue := []arrival{{None, start}}
		for len(queue) > 0 {
			at := queue[0]
			queue = queue[1:]
			if !yield(at.from, at.node) {
				return
			}
			for child, b := range g.ChildBundles(at.node) {
				if !seen[child] && g.survives(b, ignore) {
					seen[child] = true
					queue = append(queue, arrival{at.node, child})
				}
			}
		}
	}
}

// ShortestPath returns the nodes of a shortest path from start to end, both
// included, over edges that survive ignore; nil if there is none. Among paths
// of one length it takes the one whose children come first in insertion order.
func (g *Graph) ShortestPath(start, end Node, ignore Ignore) []Node {
	from := make([]Node, g.Limit())
	for parent, n := range g.BFS(start, ignore) {
		from[n] = parent
		if n != end {
			continue
		}
		var path []Node
		for ; n != None; n = from[n] {
			path = append(path, n)
		}
		slices.Reverse(path)
		return path
	}
	return nil
}

// Cycles returns, for each node in insertion order, its shortest cycles over
// edges that survive ignore: one path child ... node for every child of the
// node from which the way back is shortest. A cycle therefore shows up once
// for each of its nodes that has no shorter one. A self edge is a cycle of one
// node. maxLen, if above 0, leaves out longer cycles.
func (g *Graph) Cycles(ignore Ignore, maxLen int) [][]Node {
	f := newCycleFinder(g, ignore)
	var cycles [][]Node
	for _, n := range g.order {
		if n != None {
			cycles = f.through(n, maxLen, cycles)
		}
	}
	return cycles
}

// A cycleFinder measures distances towards one node at a time. Only edges
// inside a strongly connected component are looked at.
type cycleFinder struct {
	g     *Graph
	alive []bool  // by Bundle: survives the filter
	comp  []int32 // by Node: component
	dist  []int32 // by Node: nodes on the way to the target; 0 unknown
	queue []Node
}

func newCycleFinder(g *Graph, ignore Ignore) *cycleFinder {
	f := &cycleFinder{g: g, dist: make([]int32, g.Limit())}
	f.alive = make([]bool, g.Bundles())
	for b := 1; b < len(f.alive); b++ {
		f.alive[b] = g.survives(Bundle(b), ignore)
	}
	f.comp = components(g, f.alive)
	return f
}

// edge reports whether the edge counts: it survives and can lie on a cycle.
func (f *cycleFinder) edge(a, b Node, bundle Bundle) bool {
	return f.alive[bundle] && f.comp[a] == f.comp[b]
}

// through appends the shortest cycles of n. It searches backwards from n, one
// ring at a time, and stops after the ring that holds the first child of n.
func (f *cycleFinder) through(n Node, maxLen int, cycles [][]Node) [][]Node {
	children := f.childrenOf(n)
	if len(children) == 0 {
		return cycles
	}
	isChild := make(map[Node]bool, len(children))
	for _, c := range children {
		isChild[c] = true
	}
	length := f.measure(n, isChild)
	if length > 0 && (maxLen <= 0 || length <= maxLen) {
		for _, c := range children {
			if f.dist[c] == int32(length) {
				cycles = append(cycles, f.path(c, n))
			}
		}
	}
	for _, m := range f.queue {
		f.dist[m] = 0
	}
	return cycles
}

// measure sets dist for all nodes up to the nearest child of n, and returns
// that child's distance, 0 if none can be reached. The visited nodes stay in
// f.queue.
func (f *cycleFinder) measure(n Node, isChild map[Node]bool) int {
	f.queue = append(f.queue[:0], n)
	f.dist[n] = 1
	found := int32(0)
	for i := 0; i < len(f.queue); i++ {
		m := f.queue[i]
		if found > 0 && f.dist[m] > found {
			break
		}
		if isChild[m] {
			found = f.dist[m]
		}
		for parent, b := range f.g.ParentBundles(m) {
			if f.dist[parent] == 0 && f.edge(parent, m, b) {
				f.dist[parent] = f.dist[m] + 1
				f.queue = append(f.queue, parent)
			}
		}
	}
	return int(found)
}

func (f *cycleFinder) childrenOf(n Node) []Node {
	var children []Node
	for c, b := range f.g.ChildBundles(n) {
		if f.edge(n, c, b) {
			children = append(children, c)
		}
	}
	return children
}

// path walks from start down to end, always to the first child that is nearer.
func (f *cycleFinder) path(start, end Node) []Node {
	path := []Node{start}
	for at := start; at != end; {
		for c, b := range f.g.ChildBundles(at) {
			if f.dist[c] == f.dist[at]-1 && f.dist[c] > 0 && f.edge(at, c, b) {
				at = c
				break
			}
		}
		path = append(path, at)
	}
	return path
}
