package graph

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/depgraph"
)

// sweeps is how often columns are ordered by their neighbours: more changes little.
const sweeps = 4

// layout puts each node in a row of its column (Levels): columns are ordered such that
// edges cross as little as a few sweeps over the mean rows of neighbours can reach. It
// gives columns and rows by node.
func layout(g *depgraph.Graph) (column, row []int) {
	column = g.Levels()
	row = make([]int, len(g.Nodes))
	columns := make([][]int, 1)
	for n, c := range column {
		for len(columns) <= c {
			columns = append(columns, nil)
		}
		row[n] = len(columns[c])
		columns[c] = append(columns[c], n)
	}
	for sweep := range sweeps {
		for i := range columns {
			c, edges := columns[i], g.In
			if sweep%2 == 1 {
				c, edges = columns[len(columns)-1-i], g.Out
			}
			order(g, c, row, edges)
		}
	}
	return column, row
}

// order orders a column by the mean rows of neighbours; those without any keep theirs.
func order(g *depgraph.Graph, nodes, row []int, edges func(int) []int) {
	mean := make(map[int]float64, len(nodes))
	for _, n := range nodes {
		sum, count := 0, 0
		for _, e := range edges(n) {
			other := g.Edges[e].From + g.Edges[e].To - n
			sum, count = sum+row[other], count+1
		}
		mean[n] = float64(row[n])
		if count > 0 {
			mean[n] = float64(sum) / float64(count)
		}
	}
	slices.SortStableFunc(nodes, func(a, b int) int {
		switch {
		case mean[a] < mean[b]:
			return -1
		case mean[a] > mean[b]:
			return 1
		default:
			return a - b
		}
	})
	for i, n := range nodes {
		row[n] = i
	}
}
