package order_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
)

// A shape describes a random graph that looks like a distribution: layers of
// build dependencies, run-time edges downwards, small run-time rings.
type shape struct {
	nodes int
	edges int     // per node
	rings int     // run-time rings of 2 to 4 packages
	post  float64 // part of the edges that is PDEPEND
	inst  float64 // part of the edges that is satisfied
}

// distribution makes the first such graph that can be ordered.
func distribution(tb testing.TB, s shape) *order.Input {
	tb.Helper()
	for seed := uint64(0); ; seed++ {
		in := randomDistribution(tb, s, seed)
		if order.Serialize(in).Circular == nil {
			return in
		}
	}
}

func randomDistribution(tb testing.TB, s shape, seed uint64) *order.Input {
	tb.Helper()
	r := rand.New(rand.NewPCG(uint64(s.nodes), seed))
	in := &order.Input{Graph: digraph.New(), Options: order.Options{ImplicitSystemDeps: true}}
	arg := digraph.Node(s.nodes)
	for i := range s.nodes {
		cpv, err := atoms.ParseCPV(fmt.Sprintf("cat-%d/pkg%d-1.%d", r.IntN(30), i, r.IntN(9)))
		if err != nil {
			tb.Fatal(err)
		}
		in.Tasks = append(in.Tasks, order.Task{Kind: order.Merge, CPV: cpv, Slot: "0", System: i%50 == 0})
	}
	perm := r.Perm(s.nodes)
	for i, n := range perm {
		if r.IntN(8) == 0 {
			in.Graph.Add(digraph.Node(n), arg, 0)
		}
		for range s.edges {
			if i == 0 {
				break
			}
			// Nearly everything needs the few packages at the bottom.
			child := perm[r.IntN(1+r.IntN(i))]
			in.Graph.Add(digraph.Node(child), digraph.Node(n), randomPriority(r, s.post, s.inst))
		}
	}
	for range s.rings {
		at, size := r.IntN(s.nodes-4), 2+r.IntN(3)
		for k := range size {
			in.Graph.Add(digraph.Node(perm[at+(k+1)%size]), digraph.Node(perm[at+k]), digraph.Runtime)
		}
	}
	return in
}

func randomPriority(r *rand.Rand, post, satisfied float64) digraph.Priority {
	p := digraph.Runtime
	switch {
	case r.Float64() < post:
		p = digraph.RuntimePost
	case r.IntN(5) < 2:
		p = digraph.Buildtime
		if r.IntN(4) == 0 {
			p |= digraph.BuildtimeSlotOp
		}
	}
	if r.Float64() < satisfied {
		p |= digraph.Satisfied
	}
	return p
}

func BenchmarkSerialize(b *testing.B) {
	for _, n := range []int{900, 3000, 10000} {
		shapes := map[string]shape{
			"acyclic": {nodes: n, edges: 10},
			"rings":   {nodes: n, edges: 10, rings: n / 30},
			"dense":   {nodes: n, edges: 30, rings: n / 30, inst: 0.3},
			"post":    {nodes: n, edges: 10, rings: n / 30, post: 0.1},
		}
		for _, name := range []string{"acyclic", "rings", "dense", "post"} {
			in := distribution(b, shapes[name])
			for _, tree := range []bool{false, true} {
				in.Options.Tree = tree
				b.Run(fmt.Sprintf("%d/%s/tree=%v", n, name, tree), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						order.Serialize(in)
					}
				})
			}
		}
	}
}
