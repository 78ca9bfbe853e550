package digraph_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/resolver/digraph"
)

// slowPath is a breadth first search over whole paths.
func slowPath(m *model, start, end digraph.Node, ignore digraph.Ignore) []digraph.Node {
	seen := map[digraph.Node]bool{start: true}
	queue := [][]digraph.Node{{start}}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		last := path[len(path)-1]
		if last == end {
			return path
		}
		for _, c := range m.children(last, ignore) {
			if !seen[c] {
				seen[c] = true
				queue = append(queue, append(slices.Clone(path), c))
			}
		}
	}
	return nil
}

// slowCycles searches the way back from every child of every node.
func slowCycles(m *model, ignore digraph.Ignore, maxLen int) [][]digraph.Node {
	var cycles [][]digraph.Node
	for _, n := range m.nodes {
		var paths [][]digraph.Node
		shortest := 0
		for _, c := range m.children(n, ignore) {
			path := slowPath(m, c, n, ignore)
			if path == nil {
				continue
			}
			paths = append(paths, path)
			if shortest == 0 || len(path) < shortest {
				shortest = len(path)
			}
		}
		for _, path := range paths {
			if len(path) == shortest && (maxLen <= 0 || shortest <= maxLen) {
				cycles = append(cycles, path)
			}
		}
	}
	return cycles
}

func TestPathsEqualModel(t *testing.T) {
	for seed := range uint64(80) {
		r := rand.New(rand.NewPCG(seed, 3))
		size := 2 + r.IntN(25)
		g, m := digraph.New(), &model{}
		for range size * 4 {
			mutate(r, size, g, m)
		}
		for _, ignore := range []digraph.Ignore{nil, ignoreSoft} {
			for _, maxLen := range []int{0, 2} {
				got, want := g.Cycles(ignore, maxLen), slowCycles(m, ignore, maxLen)
				if !slices.EqualFunc(got, want, slices.Equal[[]digraph.Node]) {
					t.Fatalf("seed %d: Cycles(max %d) = %v, want %v", seed, maxLen, got, want)
				}
			}
			for _, a := range m.nodes {
				b := m.nodes[r.IntN(len(m.nodes))]
				if got, want := g.ShortestPath(a, b, ignore), slowPath(m, a, b, ignore); !slices.Equal(got, want) {
					t.Fatalf("seed %d: ShortestPath(%d, %d) = %v, want %v", seed, a, b, got, want)
				}
			}
		}
	}
}

func TestBFSOrder(t *testing.T) {
	g := digraph.New()
	for _, e := range [][2]digraph.Node{{2, 0}, {1, 0}, {3, 1}, {3, 2}, {0, 3}} {
		g.Add(e[0], e[1], run)
	}
	var got [][2]digraph.Node
	for from, n := range g.BFS(0, nil) {
		got = append(got, [2]digraph.Node{from, n})
	}
	want := [][2]digraph.Node{{digraph.None, 0}, {0, 2}, {0, 1}, {2, 3}}
	if !slices.Equal(got, want) {
		t.Errorf("BFS(0) = %v, want %v", got, want)
	}
}

func TestCyclesSelfEdge(t *testing.T) {
	g := digraph.New()
	g.Add(4, 4, build)
	g.Add(5, 4, build)
	if got := g.Cycles(nil, 0); len(got) != 1 || !slices.Equal(got[0], []digraph.Node{4}) {
		t.Errorf("Cycles = %v, want [[4]]", got)
	}
}

func TestPriorityHardnessAndLabel(t *testing.T) {
	tests := []struct {
		p        digraph.Priority
		hardness int
		label    string
		text     string
	}{
		{build | digraph.BuildtimeSlotOp, 0, "buildtime_slot_op", "buildtime+buildtime_slot_op"},
		{build, -1, "buildtime", "buildtime"},
		{run | digraph.RuntimeSlotOp | sat, -2, "runtime_slot_op", "runtime+runtime_slot_op+satisfied"},
		{run | digraph.Installtime, -3, "runtime", "runtime+installtime"},
		{post, -4, "runtime_post", "runtime_post"},
		{build | digraph.Optional, -5, "optional", "buildtime+optional"},
		{build | digraph.Optional | digraph.Ignored, -5, "ignored", "buildtime+optional+ignored"},
		{digraph.Cross, -6, "soft", "cross"},
		{0, -6, "soft", "none"},
		{digraph.BlockerEdge, 0, "blocker", "blocker"},
	}
	for _, test := range tests {
		if got := test.p.Hardness(); got != test.hardness {
			t.Errorf("%v.Hardness() = %d, want %d", test.p, got, test.hardness)
		}
		if got := test.p.Label(); got != test.label {
			t.Errorf("%v.Label() = %q, want %q", test.p, got, test.label)
		}
		if got := test.p.String(); got != test.text {
			t.Errorf("String() = %q, want %q", got, test.text)
		}
	}
}
