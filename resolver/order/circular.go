package order

import "github.com/tumpline/tumpline/resolver/digraph"

// Circular describes dependencies that no order solves.
type Circular struct {
	// Graph is what could not be ordered.
	Graph *digraph.Graph
	// Order lists the nodes of Graph in the order in which they are preferred.
	Order []digraph.Node
	// Display lists the nodes of Graph as the error shows them: leaves first,
	// and where there is none, the first node.
	Display []digraph.Node
	// Cycles are the shortest cycles of each node over unsatisfied build-time
	// and run-time edges (LevelUnsatisfied). In a cycle each node is needed by
	// the one before it, and the first by the last.
	Cycles [][]digraph.Node
	// Shortest is the first shortest of Cycles; nil if there are none.
	Shortest []digraph.Node
	// Records are the edges of all Cycles by child, in the order in which the
	// children occur. Backtracking keeps them, so that a choice of "||" may
	// avoid a known cycle.
	Records []CycleRecord
	// Before is what could be ordered.
	Before []Item
}

// A CycleRecord names the parents that need a child on some cycle.
type CycleRecord struct {
	Child   digraph.Node
	Parents []digraph.Node
}

// Links returns the edges of a cycle as Portage displays them: for each node of
// the cycle, the priorities of the edge that leads to it from the node before;
// the last of them is the one displayed.
func (c *Circular) Links(cycle []digraph.Node) [][]digraph.Priority {
	links := make([][]digraph.Priority, len(cycle))
	for i, n := range cycle {
		links[i] = c.Graph.Priorities(n, cycle[(i+len(cycle)-1)%len(cycle)])
	}
	return links
}

func (s *serializer) circular() *Circular {
	c := &Circular{Graph: s.g, Before: s.list}
	for _, n := range s.f.nodes {
		if s.g.Contains(n) {
			c.Order = append(c.Order, n)
		}
	}
	c.Display = s.displayOrder(c.Order)
	c.Cycles = s.g.Cycles(LevelUnsatisfied.Ignores, 0)
	for _, cycle := range c.Cycles {
		if c.Shortest == nil || len(cycle) < len(c.Shortest) {
			c.Shortest = cycle
		}
	}
	c.Records = records(c.Cycles)
	return c
}

// displayOrder takes leaves out one by one.
func (s *serializer) displayOrder(nodes []digraph.Node) []digraph.Node {
	f := newFrontier(&s.masks, s.scratch.place, nodes, 0)
	defer f.release()
	left := newBitset(len(nodes))
	for i := range nodes {
		left.set(int32(i))
	}
	out := make([]digraph.Node, 0, len(nodes))
	for len(out) < len(nodes) {
		p := first(f.leaf[LevelAll], left)
		if p < 0 {
			p = first(left)
		}
		f.remove(nodes[p])
		left.clear(p)
		out = append(out, nodes[p])
	}
	return out
}

// records collects the edges of cycles, each once.
func records(cycles [][]digraph.Node) []CycleRecord {
	var out []CycleRecord
	at := make(map[digraph.Node]int)
	seen := make(map[[2]digraph.Node]bool)
	for _, cycle := range cycles {
		for i, n := range cycle {
			parent := cycle[(i+len(cycle)-1)%len(cycle)]
			if seen[[2]digraph.Node{n, parent}] {
				continue
			}
			seen[[2]digraph.Node{n, parent}] = true
			j, ok := at[n]
			if !ok {
				j = len(out)
				at[n] = j
				out = append(out, CycleRecord{Child: n})
			}
			out[j].Parents = append(out[j].Parents, parent)
		}
	}
	return out
}
