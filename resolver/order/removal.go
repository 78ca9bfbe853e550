package order

import (
	"cmp"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
)

// A Removed is a package to be unmerged.
type Removed struct {
	CPV       atoms.CPV
	BuildTime int64 // seconds since 1970
}

// softest and hardest bound the strengths of removal edges.
const (
	softest = -4
	hardest = 0
)

// strength ranks a dependency by how much a package misses it while it is
// being removed: 0 IDEPEND, -1 := run time, -2 run time, -3 PDEPEND, -4 build
// time. Portage: UnmergeDepPriority.
func strength(p digraph.Priority) int {
	switch {
	case p.Has(digraph.Installtime):
		return 0
	case p.Has(digraph.RuntimeSlotOp):
		return -1
	case p.Has(digraph.Runtime):
		return -2
	case p.Has(digraph.RuntimePost):
		return -3
	}
	return softest
}

// Removal orders packages to be unmerged: each before what it depends on. The
// graph holds exactly these packages; a package is the parent of every one of
// them that an atom of it matches. What is given about a node is packages[n].
// Edges of a package to itself do not count. Cycles are broken at their
// weakest edges.
//
// Without any dependency between the packages, ordered is false and the list
// is in graph order: then they are better grouped by name.
func Removal(g *digraph.Graph, packages []Removed) (list []digraph.Node, ordered bool) {
	r := newRemover(g, packages)
	if !r.anyEdge {
		return r.nodes, false
	}
	for len(list) < len(r.nodes) {
		for _, n := range r.next() {
			r.remove(n)
			list = append(list, n)
		}
	}
	return list, true
}

// A remover counts, for each node, the parents over edges of each strength.
type remover struct {
	g        *digraph.Graph
	packages []Removed
	nodes    []digraph.Node
	strength []int // by bundle
	gone     []bool
	anyEdge  bool
	// parents[n][i] counts the parents of n over edges stronger than level i-1
	// of softest...hardest; parents[n][0] counts all.
	parents []removalCount
}

type removalCount [hardest - softest + 1]int32

func newRemover(g *digraph.Graph, packages []Removed) *remover {
	r := &remover{g: g, packages: packages, nodes: g.Nodes(),
		gone: make([]bool, g.Limit()), parents: make([]removalCount, g.Limit())}
	r.strength = make([]int, g.Bundles())
	for b := range r.strength {
		r.strength[b] = softest
		for _, p := range g.BundlePriorities(digraph.Bundle(b)) {
			r.strength[b] = max(r.strength[b], strength(p))
		}
	}
	for _, n := range r.nodes {
		r.count(n, 1)
	}
	return r
}

// count adds or takes away n as a parent of its children.
func (r *remover) count(n digraph.Node, by int32) {
	for child, b := range r.g.ChildBundles(n) {
		if child == n {
			continue
		}
		r.anyEdge = true
		c := &r.parents[child]
		for i := 0; i <= r.strength[b]-softest; i++ {
			c[i] += by
		}
	}
}

func (r *remover) remove(n digraph.Node) {
	r.count(n, -1)
	r.gone[n] = true
}

// next returns the packages to remove now, greatest first: all that no other
// needs, or else the greatest that is needed least.
func (r *remover) next() []digraph.Node {
	for level := range len(removalCount{}) {
		var roots []digraph.Node
		for _, n := range r.nodes {
			if !r.gone[n] && r.parents[n][level] == 0 {
				roots = append(roots, n)
			}
		}
		if len(roots) == 0 {
			continue
		}
		slices.SortStableFunc(roots, func(a, b digraph.Node) int { return r.compare(b, a) })
		if level > 0 {
			roots = roots[:1]
		}
		return roots
	}
	// Everything left is needed by the strongest kind of edge.
	return r.greatestLeft()
}

func (r *remover) greatestLeft() []digraph.Node {
	greatest := digraph.None
	for _, n := range r.nodes {
		if !r.gone[n] && (greatest == digraph.None || r.compare(n, greatest) > 0) {
			greatest = n
		}
	}
	return []digraph.Node{greatest}
}

func (r *remover) compare(a, b digraph.Node) int {
	x, y := r.packages[a], r.packages[b]
	if c := x.CPV.Compare(y.CPV); c != 0 {
		return c
	}
	return cmp.Compare(x.BuildTime, y.BuildTime)
}
