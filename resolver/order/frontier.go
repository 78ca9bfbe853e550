package order

import "github.com/tumpline/tumpline/resolver/digraph"

// A frontier knows the leaves of a graph at every level while nodes leave the
// graph. Asking the graph itself costs a look at every edge; the frontier
// counts, for each node and level, the children over surviving edges, and
// keeps a set of the nodes whose count is zero. The sets are over positions,
// so that leaves come out in the order given at the start, and a node that
// comes back is behind all others.
type frontier struct {
	g     *digraph.Graph
	masks *maskTable
	place []int32        // by node: position, or -1; may be shared by frontiers over disjoint times
	nodes []digraph.Node // by position
	count []childCount   // by position
	leaf  [counted]bitset
}

// A childCount counts the children of one node at each level.
type childCount [counted]int32

// newFrontier makes a frontier over nodes in that order, with room for extra
// nodes later. Edges to nodes outside do not count. place must hold -1 for
// every node of the graph.
func newFrontier(masks *maskTable, place []int32, nodes []digraph.Node, extra int) *frontier {
	room := len(nodes) + extra
	f := &frontier{g: masks.g, masks: masks, place: place,
		nodes: append(make([]digraph.Node, 0, room), nodes...),
		count: make([]childCount, len(nodes), room)}
	for l := range f.leaf {
		f.leaf[l] = newBitset(room)
	}
	for i, n := range nodes {
		place[n] = int32(i)
	}
	for i, n := range nodes {
		for child, b := range f.g.ChildBundles(n) {
			if place[child] >= 0 {
				f.count[i].add(masks.of(b), 1)
			}
		}
		for l := range f.leaf {
			if f.count[i][l] == 0 {
				f.leaf[l].set(int32(i))
			}
		}
	}
	return f
}

func (c *childCount) add(m edgeMask, by int32) {
	for l := range c {
		c[l] += by * int32(m>>l&1)
	}
}

// isLeaf reports whether n has no child at the level.
func (f *frontier) isLeaf(n digraph.Node, l Level) bool { return f.count[f.place[n]][l] == 0 }

// remove takes n out. The graph must still have the node and its edges.
func (f *frontier) remove(n digraph.Node) {
	at := f.place[n]
	if at < 0 {
		return
	}
	for parent, b := range f.g.ParentBundles(n) {
		if p := f.place[parent]; p >= 0 {
			f.lower(p, f.masks.of(b))
		}
	}
	for l := range f.leaf {
		f.leaf[l].clear(at)
	}
	f.place[n] = -1
}

// lower takes one child over an edge with mask m from the node at position p.
func (f *frontier) lower(p int32, m edgeMask) {
	c := &f.count[p]
	for l := range c {
		if m>>l&1 == 0 {
			continue
		}
		c[l]--
		if c[l] == 0 {
			f.leaf[l].set(p)
		}
	}
}

// append takes in a node behind all others. Its edges in the graph are those
// to its children; it has no parents.
func (f *frontier) append(n digraph.Node) {
	p := int32(len(f.nodes))
	f.place[n] = p
	f.nodes = append(f.nodes, n)
	f.count = append(f.count, childCount{})
	for child, b := range f.g.ChildBundles(n) {
		if f.place[child] >= 0 {
			f.count[p].add(f.masks.of(b), 1)
		}
	}
	for l := range f.leaf {
		if f.count[p][l] == 0 {
			f.leaf[l].set(p)
		}
	}
}

// release gives the positions back, so that the place table can be used again.
func (f *frontier) release() {
	for _, n := range f.nodes {
		f.place[n] = -1
	}
}
