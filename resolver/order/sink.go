package order

import "github.com/tumpline/tumpline/resolver/digraph"

// A sinkFinder finds strongly connected components that nothing leaves. The
// smallest closure of a graph is always one of them: any other closure holds
// one and more. Tarjan's algorithm, with its own stack.
type sinkFinder struct {
	s      *serializer
	level  Level
	within bitset
	held   digraph.Node

	clock   int32
	index   []int32        // by node; 0 not visited, doneIndex in a finished component
	low     []int32        // by node
	open    []bool         // by node: an edge leaves its component or the set
	visited []digraph.Node // to clean up
	stack   []digraph.Node
	frames  []sinkFrame

	best []digraph.Node
	head digraph.Node // least package of best
}

// A sinkFrame is a node and its children that survive the level and are not
// visited yet.
type sinkFrame struct {
	node digraph.Node
	todo []digraph.Node
}

const doneIndex = int32(1<<31 - 1)

// smallestSink returns the smallest component without a way out among nodes
// of the set. One node that nothing needs does not count; it is free anyway.
// Among equals, that of the least package is taken.
func (s *serializer) smallestSink(level Level, within bitset, held digraph.Node) []digraph.Node {
	f := &sinkFinder{s: s, level: level, within: within, held: held,
		index: s.scratch.index, low: s.scratch.low, open: s.scratch.mark, head: digraph.None}
	for p := range each(within) {
		if n := s.f.nodes[p]; f.index[n] == 0 {
			f.visit(n)
		}
	}
	for _, n := range f.visited {
		f.index[n], f.low[n], f.open[n] = 0, 0, false
	}
	return f.best
}

func (f *sinkFinder) visit(start digraph.Node) {
	f.enter(start)
	for len(f.frames) > 0 {
		fr := &f.frames[len(f.frames)-1]
		if len(fr.todo) == 0 {
			f.leave(fr.node)
			continue
		}
		child := fr.todo[0]
		fr.todo = fr.todo[1:]
		f.follow(fr.node, child)
	}
}

func (f *sinkFinder) enter(n digraph.Node) {
	f.clock++
	f.index[n], f.low[n] = f.clock, f.clock
	f.visited = append(f.visited, n)
	f.stack = append(f.stack, n)
	f.open[n] = n == f.held
	fr := sinkFrame{node: n}
	for child, b := range f.s.g.ChildBundles(n) {
		if !f.s.masks.of(b).has(f.level) {
			continue
		}
		if f.within.has(f.s.f.place[child]) {
			fr.todo = append(fr.todo, child)
		} else {
			f.open[n] = true
		}
	}
	f.frames = append(f.frames, fr)
}

func (f *sinkFinder) follow(n, child digraph.Node) {
	switch f.index[child] {
	case 0:
		f.enter(child)
	case doneIndex:
		f.open[n] = true
	default:
		f.low[n] = min(f.low[n], f.index[child])
	}
}

// leave finishes n, and its component if n is the first of it.
func (f *sinkFinder) leave(n digraph.Node) {
	f.frames = f.frames[:len(f.frames)-1]
	root := f.low[n] == f.index[n]
	if root {
		f.finish(n)
	}
	if len(f.frames) == 0 {
		return
	}
	parent := f.frames[len(f.frames)-1].node
	if root {
		f.open[parent] = true
	} else {
		f.low[parent] = min(f.low[parent], f.low[n])
	}
}

// finish takes the component of n from the stack and compares it with the
// best.
func (f *sinkFinder) finish(n digraph.Node) {
	at := len(f.stack) - 1
	for f.stack[at] != n {
		at--
	}
	members := f.stack[at:]
	f.stack = f.stack[:at]
	open := false
	for _, m := range members {
		f.index[m] = doneIndex
		open = open || f.open[m]
	}
	if open || len(f.best) > 0 && len(members) > len(f.best) {
		return
	}
	head := f.least(members)
	if head == digraph.None {
		return
	}
	if len(f.best) == 0 || len(members) < len(f.best) || f.before(head, f.head) {
		f.best, f.head = append([]digraph.Node(nil), members...), head
	}
}

// least returns the least member that anything needs, or None.
func (f *sinkFinder) least(members []digraph.Node) digraph.Node {
	least := digraph.None
	for _, m := range members {
		if f.s.g.ParentCount(m) > 0 && (least == digraph.None || f.before(m, least)) {
			least = m
		}
	}
	return least
}

// before compares packages; equal ones stand in the order of selection.
func (f *sinkFinder) before(a, b digraph.Node) bool {
	if c := f.s.compare(a, b); c != 0 {
		return c < 0
	}
	return f.s.f.place[a] < f.s.f.place[b]
}
