package digraph_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/resolver/digraph"
)

const (
	build = digraph.Buildtime
	run   = digraph.Runtime
	post  = digraph.RuntimePost
	sat   = digraph.Satisfied
)

// model is the graph written down as plainly as possible.
type model struct {
	nodes []digraph.Node
	edges []modelEdge // in insertion order
}

type modelEdge struct {
	child, parent digraph.Node
	prios         []digraph.Priority
}

func (m *model) addNode(n digraph.Node) {
	if !slices.Contains(m.nodes, n) {
		m.nodes = append(m.nodes, n)
	}
}

func (m *model) edge(child, parent digraph.Node) int {
	return slices.IndexFunc(m.edges, func(e modelEdge) bool { return e.child == child && e.parent == parent })
}

func (m *model) add(child, parent digraph.Node, p digraph.Priority) {
	m.addNode(child)
	m.addNode(parent)
	i := m.edge(child, parent)
	if i < 0 {
		m.edges = append(m.edges, modelEdge{child: child, parent: parent})
		i = len(m.edges) - 1
	}
	prios := slices.DeleteFunc(slices.Clone(m.edges[i].prios), func(q digraph.Priority) bool { return q == p })
	prios = append(prios, p)
	slices.SortStableFunc(prios, func(a, b digraph.Priority) int { return a.Hardness() - b.Hardness() })
	m.edges[i].prios = prios
}

func (m *model) remove(n digraph.Node) {
	m.nodes = slices.DeleteFunc(m.nodes, func(o digraph.Node) bool { return o == n })
	m.edges = slices.DeleteFunc(m.edges, func(e modelEdge) bool { return e.child == n || e.parent == n })
}

func (m *model) removeEdge(child, parent digraph.Node) {
	if i := m.edge(child, parent); i >= 0 {
		m.edges = slices.Delete(m.edges, i, i+1)
	}
}

func (m *model) survives(e modelEdge, ignore digraph.Ignore) bool {
	return ignore == nil || slices.ContainsFunc(e.prios, func(p digraph.Priority) bool { return !ignore(p) })
}

func (m *model) children(n digraph.Node, ignore digraph.Ignore) (out []digraph.Node) {
	for _, e := range m.edges {
		if e.parent == n && m.survives(e, ignore) {
			out = append(out, e.child)
		}
	}
	return out
}

func (m *model) parents(n digraph.Node, ignore digraph.Ignore) (out []digraph.Node) {
	for _, e := range m.edges {
		if e.child == n && m.survives(e, ignore) {
			out = append(out, e.parent)
		}
	}
	return out
}

func ignoreSoft(p digraph.Priority) bool { return p.Any(digraph.Optional) || !p.Has(build) }

func compareModel(t *testing.T, g *digraph.Graph, m *model) {
	t.Helper()
	if !slices.Equal(g.Nodes(), m.nodes) {
		t.Fatalf("Nodes() = %v, want %v", g.Nodes(), m.nodes)
	}
	if g.Len() != len(m.nodes) {
		t.Fatalf("Len() = %d, want %d", g.Len(), len(m.nodes))
	}
	for _, ignore := range []digraph.Ignore{nil, ignoreSoft} {
		var leaves, roots []digraph.Node
		for _, n := range m.nodes {
			wantC, wantP := m.children(n, ignore), m.parents(n, ignore)
			if got := g.ChildrenFiltered(n, ignore); !slices.Equal(got, wantC) {
				t.Fatalf("ChildrenFiltered(%d) = %v, want %v", n, got, wantC)
			}
			if got := g.ParentsFiltered(n, ignore); !slices.Equal(got, wantP) {
				t.Fatalf("ParentsFiltered(%d) = %v, want %v", n, got, wantP)
			}
			if len(wantC) == 0 {
				leaves = append(leaves, n)
			}
			if len(wantP) == 0 {
				roots = append(roots, n)
			}
		}
		if got := g.Leaves(ignore); !slices.Equal(got, leaves) {
			t.Fatalf("Leaves = %v, want %v", got, leaves)
		}
		if got := g.Roots(ignore); !slices.Equal(got, roots) {
			t.Fatalf("Roots = %v, want %v", got, roots)
		}
	}
	for _, n := range m.nodes {
		if g.ChildCount(n) != len(m.children(n, nil)) || g.ParentCount(n) != len(m.parents(n, nil)) {
			t.Fatalf("counts of %d: %d children, %d parents", n, g.ChildCount(n), g.ParentCount(n))
		}
	}
	for _, e := range m.edges {
		if got := g.Priorities(e.child, e.parent); !slices.Equal(got, e.prios) {
			t.Fatalf("Priorities(%d, %d) = %v, want %v", e.child, e.parent, got, e.prios)
		}
	}
}

var somePriorities = []digraph.Priority{
	0, build, build | sat, build | digraph.BuildtimeSlotOp, run, run | sat, run | digraph.RuntimeSlotOp,
	post, post | sat, build | digraph.Optional, digraph.BlockerEdge,
}

// mutate does one random change to both graphs.
func mutate(r *rand.Rand, size int, g *digraph.Graph, m *model) {
	a, b := digraph.Node(r.IntN(size)), digraph.Node(r.IntN(size))
	p := somePriorities[r.IntN(len(somePriorities))]
	switch r.IntN(12) {
	case 0:
		g.AddNode(a)
		m.addNode(a)
	case 1:
		g.Remove(a)
		m.remove(a)
	case 2, 3:
		g.RemoveEdge(a, b)
		m.removeEdge(a, b)
	default:
		g.Add(a, b, p)
		m.add(a, b, p)
	}
}

func TestGraphEqualsModel(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		size := 2 + r.IntN(40)
		g, m := digraph.New(), &model{}
		for range 400 {
			mutate(r, size, g, m)
		}
		compareModel(t, g, m)
	}
}

func TestCloneIsIndependent(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		g, m := digraph.New(), &model{}
		for range 200 {
			mutate(r, 12, g, m)
		}
		c, d := g.Clone(), &model{nodes: slices.Clone(m.nodes), edges: slices.Clone(m.edges)}
		for range 200 {
			mutate(r, 14, g, m)
		}
		compareModel(t, c, d)
		compareModel(t, g, m)
		for range 200 {
			mutate(r, 14, c, d)
		}
		compareModel(t, g, m)
		compareModel(t, c, d)
	}
}

func TestRemovedNodeComesBackAtTheEnd(t *testing.T) {
	g := digraph.New()
	g.Add(1, 0, run)
	g.Add(2, 0, run)
	g.Remove(1)
	if g.Contains(1) || g.HasEdge(1, 0) {
		t.Errorf("node 1 or its edge is still there")
	}
	g.Add(1, 0, build)
	if got, want := g.Nodes(), []digraph.Node{0, 2, 1}; !slices.Equal(got, want) {
		t.Errorf("Nodes() = %v, want %v", got, want)
	}
	if got, want := g.Children(0), []digraph.Node{2, 1}; !slices.Equal(got, want) {
		t.Errorf("Children(0) = %v, want %v", got, want)
	}
}

func TestAddInsertsChildFirst(t *testing.T) {
	g := digraph.New()
	g.Add(7, 3, run)
	if got, want := g.Nodes(), []digraph.Node{7, 3}; !slices.Equal(got, want) {
		t.Errorf("Nodes() = %v, want %v", got, want)
	}
}

func TestPrioritiesAccumulateSorted(t *testing.T) {
	opt, ign := build|digraph.Optional, build|digraph.Optional|digraph.Ignored
	tests := []struct{ add, want []digraph.Priority }{
		{[]digraph.Priority{build, run, post}, []digraph.Priority{post, run, build}},
		{[]digraph.Priority{run, run | sat}, []digraph.Priority{run, run | sat}},
		{[]digraph.Priority{run | sat, run}, []digraph.Priority{run | sat, run}},
		{[]digraph.Priority{opt, ign, opt}, []digraph.Priority{ign, opt}},
		{[]digraph.Priority{0, digraph.BlockerEdge, build}, []digraph.Priority{0, build, digraph.BlockerEdge}},
	}
	for _, test := range tests {
		g := digraph.New()
		for _, p := range test.add {
			g.Add(1, 0, p)
		}
		if got := g.Priorities(1, 0); !slices.Equal(got, test.want) {
			t.Errorf("after adding %v: %v, want %v", test.add, got, test.want)
		}
	}
}

func TestBundlesAreShared(t *testing.T) {
	g := digraph.New()
	g.Add(1, 0, run)
	g.Add(1, 0, build)
	g.Add(2, 0, build)
	g.Add(2, 0, run)
	var bundles []digraph.Bundle
	for _, b := range g.ChildBundles(0) {
		bundles = append(bundles, b)
	}
	if len(bundles) != 2 || bundles[0] != bundles[1] {
		t.Errorf("bundles = %v, want the same twice", bundles)
	}
	if got, want := g.BundlePriorities(bundles[0]), []digraph.Priority{run, build}; !slices.Equal(got, want) {
		t.Errorf("priorities = %v, want %v", got, want)
	}
}

func TestAbsentNodes(t *testing.T) {
	g := digraph.New()
	g.Add(1, 0, run)
	g.Remove(9)
	g.RemoveEdge(0, 9)
	if g.Contains(9) || g.Contains(digraph.None) || g.HasEdge(9, 1) || g.Priorities(9, 1) != nil ||
		g.Children(9) != nil || g.Parents(9) != nil || g.ShortestPath(9, 1, nil) != nil || g.ShortestPath(0, 9, nil) != nil {
		t.Errorf("an absent node has something")
	}
}

func FuzzGraph(f *testing.F) {
	f.Add(uint64(1), uint64(2), 30)
	f.Add(uint64(7), uint64(7), 300)
	f.Fuzz(func(t *testing.T, a, b uint64, steps int) {
		r := rand.New(rand.NewPCG(a, b))
		g, m := digraph.New(), &model{}
		for range min(max(steps, 0), 600) {
			mutate(r, 20, g, m)
		}
		compareModel(t, g, m)
	})
}
