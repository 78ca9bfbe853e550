package digraph_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tumpline/tumpline/resolver/digraph"
)

// buildGraph makes a graph of n nodes and about 12 n edges; a few nodes are needed
// by nearly everything, as a C library is.
func buildGraph(n int) *digraph.Graph {
	r := rand.New(rand.NewPCG(uint64(n), 0))
	g := digraph.New()
	for i := 1; i < n; i++ {
		g.Add(digraph.Node(i), 0, 0)
		for range 10 {
			g.Add(digraph.Node(r.IntN(n)), digraph.Node(i), somePriorities[r.IntN(10)])
		}
		g.Add(1, digraph.Node(i), run)
	}
	return g
}

func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{900, 10000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				buildGraph(n)
			}
		})
	}
}

func BenchmarkClone(b *testing.B) {
	for _, n := range []int{900, 10000} {
		g := buildGraph(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				g.Clone()
			}
		})
	}
}

func BenchmarkRemoveAll(b *testing.B) {
	for _, n := range []int{900, 10000} {
		g := buildGraph(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				c := g.Clone()
				for i := n - 1; i >= 0; i-- {
					c.Remove(digraph.Node(i))
				}
			}
		})
	}
}

func BenchmarkCycles(b *testing.B) {
	for _, n := range []int{900, 10000} {
		g := buildGraph(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				g.Cycles(ignoreSoft, 0)
			}
		})
	}
}
