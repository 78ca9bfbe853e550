package order_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
)

func removalStrength(p digraph.Priority) int {
	for i, bit := range []digraph.Priority{digraph.Installtime, digraph.RuntimeSlotOp, digraph.Runtime, digraph.RuntimePost} {
		if p.Has(bit) {
			return -i
		}
	}
	return -4
}

// slowRemoval asks the graph for roots at each level.
func slowRemoval(g *digraph.Graph, packages []order.Removed) []digraph.Node {
	g = g.Clone()
	for _, n := range g.Nodes() {
		g.RemoveEdge(n, n)
	}
	var list []digraph.Node
	for g.Len() > 0 {
		filters := []digraph.Ignore{nil}
		for level := -4; level <= 0; level++ {
			filters = append(filters, func(p digraph.Priority) bool { return removalStrength(p) <= level })
		}
		for i, ignore := range filters {
			roots := g.Roots(ignore)
			if len(roots) == 0 {
				continue
			}
			slices.SortFunc(roots, func(a, b digraph.Node) int { return packages[b].CPV.Compare(packages[a].CPV) })
			if i > 0 {
				roots = roots[:1]
			}
			for _, n := range roots {
				g.Remove(n)
				list = append(list, n)
			}
			break
		}
	}
	return list
}

var removalPriorities = []digraph.Priority{
	digraph.Buildtime, digraph.Buildtime | digraph.BuildtimeSlotOp, digraph.Runtime, digraph.Runtime | digraph.RuntimeSlotOp,
	digraph.RuntimePost, digraph.Runtime | digraph.Installtime,
}

func TestRemovalEqualsSlow(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 4))
		size := 1 + r.IntN(20)
		g := digraph.New()
		var packages []order.Removed
		for i, letter := range r.Perm(size) {
			g.AddNode(digraph.Node(i))
			packages = append(packages, order.Removed{CPV: parseCPV(t, "cat/"+string(rune('a'+letter/2))+"-"+string(rune('1'+letter%2)))})
		}
		for range r.IntN(3 * size) {
			child, parent := digraph.Node(r.IntN(size)), digraph.Node(r.IntN(size))
			g.Add(child, parent, removalPriorities[r.IntN(len(removalPriorities))])
		}
		got, ordered := order.Removal(g, packages)
		if !ordered {
			if slices.ContainsFunc(g.Nodes(), func(n digraph.Node) bool {
				return slices.ContainsFunc(g.Children(n), func(c digraph.Node) bool { return c != n })
			}) || !slices.Equal(got, g.Nodes()) {
				t.Fatalf("seed %d: not ordered: %v", seed, got)
			}
			continue
		}
		if want := slowRemoval(g, packages); !slices.Equal(got, want) {
			t.Fatalf("seed %d: %v, want %v", seed, got, want)
		}
	}
}

func TestRemoval(t *testing.T) {
	tests := []struct {
		name, edges, want string
		ordered           bool
	}{
		{"no edges", "", "a b c", false},
		{"an edge to itself", "a>a:run", "a b c", false},
		{"parents first", "a>b:run b>c:run", "a b c", true},
		{"roots descending", "a>c:run b>c:run", "b a c", true},
		{"a cycle breaks at its build-time edge", "a>b:run b>c:build c>a:run", "c a b", true},
		{"at PDEPEND rather than RDEPEND", "a>b:run b>a:post", "c a b", true},
		{"the greatest of equals", "a>b:run b>a:run", "c b a", true},
		{"IDEPEND is the hardest", "a>b:inst b>a:runslot", "c a b", true},
	}
	bits := map[string]digraph.Priority{"run": digraph.Runtime, "runslot": digraph.Runtime | digraph.RuntimeSlotOp,
		"build": digraph.Buildtime, "post": digraph.RuntimePost, "inst": digraph.Runtime | digraph.Installtime}
	for _, test := range tests {
		g := digraph.New()
		var packages []order.Removed
		for i, name := range []string{"a", "b", "c"} {
			g.AddNode(digraph.Node(i))
			packages = append(packages, order.Removed{CPV: parseCPV(t, "cat/"+name+"-1")})
		}
		for _, e := range strings.Fields(test.edges) {
			g.Add(digraph.Node(e[2]-'a'), digraph.Node(e[0]-'a'), bits[e[4:]])
		}
		list, ordered := order.Removal(g, packages)
		var names []string
		for _, n := range list {
			names = append(names, packages[n].CPV.PN())
		}
		got := strings.Join(names, " ")
		if got != test.want || ordered != test.ordered {
			t.Errorf("%s: %s (ordered %v), want %s (%v)", test.name, got, ordered, test.want, test.ordered)
		}
	}
}
