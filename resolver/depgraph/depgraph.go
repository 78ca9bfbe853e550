// Package depgraph is packages and the dependencies between them as plain data: what
// a request would pull in, or what is installed, to be asked about, filtered and drawn.
//
// A Graph has dense node numbers; nodes and edges have an order that only the input
// decides. Nodes are packages in a root, edges lead from a package to what satisfies one
// of its dependencies, with the class, the atom, and the USE flags by which the
// dependency is there. FromResult and FromInstalled make one; Reverse, Only, Within and
// Select make smaller ones; Path finds the shortest way; Cycles and Levels prepare a
// drawing. The package decides nothing: what satisfies a dependency, the resolver has
// decided, or for installed packages what is there.
package depgraph

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/graph/simple"
	"gonum.org/v1/gonum/graph/topo"

	"github.com/tumpline/tumpline/resolver/plan"
)

// A Node is a package in a root.
type Node struct {
	CPV       string // category/PF
	Slot      string // slot, and sub-slot if it has another name: "0/1.2"
	Repo      string
	Root      plan.Root
	Origin    plan.Origin
	Step      int      // position in the plan from 1 on; 0 if the package is not merged
	Requested bool     // an argument or a set asks for it
	USE       []string // enabled flags that it declares
}

// An Edge is a dependency of one package and what satisfies it.
type Edge struct {
	From, To int // node numbers
	Class    plan.Class
	Atom     string   // as evaluated
	Flags    []string // of From that decide it, "-" before those that are off; none: unconditional
}

// A Graph is packages and dependencies. It must not be changed once it is made.
type Graph struct {
	Nodes []Node
	Edges []Edge // by From, ascending, and then by class

	out, in [][]int // edge numbers by node
}

// New makes a graph of its parts. Edges that stand there twice are kept once.
func New(nodes []Node, edges []Edge) *Graph {
	g := &Graph{Nodes: nodes, out: make([][]int, len(nodes)), in: make([][]int, len(nodes))}
	slices.SortStableFunc(edges, func(a, b Edge) int {
		return cmp.Or(a.From-b.From, slices.Index(classOrder(), a.Class)-slices.Index(classOrder(), b.Class))
	})
	for _, e := range edges {
		same := func(i int) bool {
			o := &g.Edges[i]
			return o.To == e.To && o.Class == e.Class && o.Atom == e.Atom
		}
		if slices.ContainsFunc(g.out[e.From], same) {
			continue
		}
		g.out[e.From] = append(g.out[e.From], len(g.Edges))
		g.in[e.To] = append(g.in[e.To], len(g.Edges))
		g.Edges = append(g.Edges, e)
	}
	return g
}

// classOrder is the order of a package's dependencies.
func classOrder() []plan.Class {
	return []plan.Class{plan.ClassDepend, plan.ClassBDepend, plan.ClassRDepend, plan.ClassPDepend, plan.ClassIDepend, plan.ClassSoname}
}

// Out gives the numbers of the edges that leave a node.
func (g *Graph) Out(n int) []int { return g.out[n] }

// In gives the numbers of the edges that reach a node.
func (g *Graph) In(n int) []int { return g.in[n] }

// Reverse gives the graph with its edges turned: what needs a package.
func (g *Graph) Reverse() *Graph {
	edges := slices.Clone(g.Edges)
	for i := range edges {
		edges[i].From, edges[i].To = edges[i].To, edges[i].From
	}
	return New(g.Nodes, edges)
}

// Only gives the graph with the edges of some classes.
func (g *Graph) Only(classes []plan.Class) *Graph {
	edges := slices.DeleteFunc(slices.Clone(g.Edges), func(e Edge) bool { return !slices.Contains(classes, e.Class) })
	return New(g.Nodes, edges)
}

// Within gives the part that can be reached from nodes in at most depth edges, without
// the edges that lead on from there; a negative depth sets no limit. The nodes keep
// their order.
func (g *Graph) Within(from []int, depth int) *Graph {
	distance := g.distances(from)
	edges := slices.DeleteFunc(slices.Clone(g.Edges), func(e Edge) bool { return depth >= 0 && distance[e.From] >= depth })
	return New(g.Nodes, edges).Select(func(n int) bool { return distance[n] >= 0 && (depth < 0 || distance[n] <= depth) })
}

// distances counts the edges from the nearest of some nodes; -1 where there is no way.
func (g *Graph) distances(from []int) []int {
	distance := make([]int, len(g.Nodes))
	for i := range distance {
		distance[i] = -1
	}
	var queue []int
	for _, n := range from {
		if distance[n] < 0 {
			distance[n] = 0
			queue = append(queue, n)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, e := range g.out[queue[0]] {
			if to := g.Edges[e].To; distance[to] < 0 {
				distance[to] = distance[queue[0]] + 1
				queue = append(queue, to)
			}
		}
	}
	return distance
}

// Select gives the part with the nodes that keep says, and the edges between them.
func (g *Graph) Select(keep func(n int) bool) *Graph {
	number := make([]int, len(g.Nodes))
	var nodes []Node
	for n := range g.Nodes {
		number[n] = -1
		if keep(n) {
			number[n] = len(nodes)
			nodes = append(nodes, g.Nodes[n])
		}
	}
	var edges []Edge
	for _, e := range g.Edges {
		if e.From, e.To = number[e.From], number[e.To]; e.From >= 0 && e.To >= 0 {
			edges = append(edges, e)
		}
	}
	return New(nodes, edges)
}

// Path gives the edges of a shortest way from one of some nodes to one of others: among
// equals the one whose edges come first. It is nil if there is none, and empty if a node
// is in both.
func (g *Graph) Path(from, to []int) []int {
	back := g.Reverse().distances(to)
	start := -1
	for _, n := range from {
		if back[n] >= 0 && (start < 0 || back[n] < back[start]) {
			start = n
		}
	}
	if start < 0 {
		return nil
	}
	path := []int{}
	for n := start; back[n] > 0; {
		next := slices.IndexFunc(g.out[n], func(e int) bool { return back[g.Edges[e].To] == back[n]-1 })
		path = append(path, g.out[n][next])
		n = g.Edges[g.out[n][next]].To
	}
	return path
}

// Cycles gives the sets of packages that depend on one another in a circle, each
// ascending, in the order of their first packages.
func (g *Graph) Cycles() [][]int {
	directed := simple.NewDirectedGraph()
	for n := range g.Nodes {
		directed.AddNode(simple.Node(n))
	}
	for _, e := range g.Edges {
		if e.From != e.To {
			directed.SetEdge(simple.Edge{F: simple.Node(e.From), T: simple.Node(e.To)})
		}
	}
	var cycles [][]int
	for _, component := range topo.TarjanSCC(directed) { // in no particular order
		if len(component) < 2 {
			continue
		}
		var c []int
		for _, n := range component {
			c = append(c, int(n.ID()))
		}
		slices.Sort(c)
		cycles = append(cycles, c)
	}
	slices.SortFunc(cycles, func(a, b []int) int { return a[0] - b[0] })
	return cycles
}

// Levels puts each node in a column such that edges lead to the right: a node's column
// is the length of the longest way to it, circles counted as one node whose members share a
// column.
func (g *Graph) Levels() []int {
	group := make([]int, len(g.Nodes))
	for n := range group {
		group[n] = n
	}
	for _, c := range g.Cycles() {
		for _, n := range c {
			group[n] = c[0]
		}
	}
	waiting := make([]int, len(g.Nodes)) // edges into a group that are not yet counted
	leaving := make([][]int, len(g.Nodes))
	for i, e := range g.Edges {
		if group[e.From] != group[e.To] {
			waiting[group[e.To]]++
			leaving[group[e.From]] = append(leaving[group[e.From]], i)
		}
	}
	level := make([]int, len(g.Nodes))
	var queue []int
	for n := range g.Nodes {
		if group[n] == n && waiting[n] == 0 {
			queue = append(queue, n)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, e := range leaving[queue[0]] {
			to := group[g.Edges[e].To]
			level[to] = max(level[to], level[queue[0]]+1)
			if waiting[to]--; waiting[to] == 0 {
				queue = append(queue, to)
			}
		}
	}
	for n := range level {
		level[n] = level[group[n]]
	}
	return level
}
