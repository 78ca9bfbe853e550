package digraph

// components numbers the strongly connected components over the edges whose
// bundle is alive, and returns the number of each node's component, -1 for
// nodes that are not in the graph. Tarjan's algorithm with its own stack, as
// dependency chains may be longer than a goroutine should recurse.
func components(g *Graph, alive []bool) []int32 {
	t := tarjan{
		g: g, alive: alive,
		index: make([]int32, g.Limit()),
		low:   make([]int32, g.Limit()),
		comp:  make([]int32, g.Limit()),
	}
	for i := range t.comp {
		t.comp[i] = -1
	}
	for _, n := range g.order {
		if n != None && t.index[n] == 0 {
			t.visit(n)
		}
	}
	return t.comp
}

type tarjan struct {
	g          *Graph
	alive      []bool
	index, low []int32 // by Node; index 0 means not visited
	comp       []int32 // by Node; -1 while not assigned
	clock, n   int32
	stack      []Node
	frames     []frame
}

// A frame is a node whose children are being visited; next indexes them.
type frame struct {
	node Node
	next int
}

func (t *tarjan) enter(n Node) {
	t.clock++
	t.index[n], t.low[n] = t.clock, t.clock
	t.stack = append(t.stack, n)
	t.frames = append(t.frames, frame{node: n})
}

func (t *tarjan) visit(start Node) {
	t.enter(start)
	for len(t.frames) > 0 {
		f := &t.frames[len(t.frames)-1]
		list := t.g.at(f.node).children.list
		if f.next == len(list) {
			t.leave(f.node)
			continue
		}
		h := list[f.next]
		f.next++
		if !t.alive[t.g.edges[h.edge]] {
			continue
		}
		if t.index[h.node] == 0 {
			t.enter(h.node)
		} else if t.comp[h.node] < 0 {
			t.low[f.node] = min(t.low[f.node], t.index[h.node])
		}
	}
}

func (t *tarjan) leave(n Node) {
	t.frames = t.frames[:len(t.frames)-1]
	if len(t.frames) > 0 {
		parent := t.frames[len(t.frames)-1].node
		t.low[parent] = min(t.low[parent], t.low[n])
	}
	if t.low[n] != t.index[n] {
		return
	}
	for {
		m := t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		t.comp[m] = t.n
		if m == n {
			break
		}
	}
	t.n++
}
