package order

import "github.com/tumpline/tumpline/resolver/digraph"

// A sinkFinder finds strongly connected components that no edge leaves, among
// the nodes of a set. Tarjan's algorithm, with its own stack. The smallest
// closure of a graph is always such a component: any other closure holds one
// and more.
type sinkFinder struct {
	s      *serializer
	level  Level                // edges that do not survive it are not there
	within bitset               // an edge to a node outside leaves the component
	held   digraph.Node         // its component is never a sink
	found  func([]digraph.Node) // called with the members of each sink; it may keep them

	clock   int32
	index   []int32        // by node; 0 not visited, doneIndex in a finished component
	low     []int32        // by node
	open    []bool         // by node: an edge leaves its component
	visited []digraph.Node // to clean up
	stack   []digraph.Node
	frames  []sinkFrame
	todo    []digraph.Node // of all frames
}

// A sinkFrame is a node whose children are being visited: those in the
// finder's todo from index next on, up to where the following frame's begin.
type sinkFrame struct {
	node digraph.Node
	from int
}

const doneIndex = int32(1<<31 - 1)

// sinks calls found for each sink.
func (s *serializer) sinks(level Level, within bitset, held digraph.Node, found func([]digraph.Node)) {
	f := &sinkFinder{s: s, level: level, within: within, held: held, found: found,
		index: s.scratch.index, low: s.scratch.low, open: s.scratch.mark}
	for p := range each(within) {
		if n := s.f.nodes[p]; f.index[n] == 0 {
			f.visit(n)
		}
	}
	for _, n := range f.visited {
		f.index[n], f.low[n], f.open[n] = 0, 0, false
	}
}

func (f *sinkFinder) visit(start digraph.Node) {
	f.enter(start)
	for len(f.frames) > 0 {
		fr := f.frames[len(f.frames)-1]
		if len(f.todo) == fr.from {
			f.leave(fr.node)
			continue
		}
		child := f.todo[len(f.todo)-1]
		f.todo = f.todo[:len(f.todo)-1]
		f.follow(fr.node, child)
	}
}

func (f *sinkFinder) enter(n digraph.Node) {
	f.clock++
	f.index[n], f.low[n] = f.clock, f.clock
	f.visited = append(f.visited, n)
	f.stack = append(f.stack, n)
	f.open[n] = n == f.held
	f.frames = append(f.frames, sinkFrame{node: n, from: len(f.todo)})
	for child, b := range f.s.g.ChildBundles(n) {
		if !f.s.masks.of(b).has(f.level) {
			continue
		}
		if f.within.has(f.s.f.place[child]) {
			f.todo = append(f.todo, child)
		} else {
			f.open[n] = true
		}
	}
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

// finish takes the component of n from the stack and reports it if it is a
// sink.
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
	if !open {
		f.found(append([]digraph.Node(nil), members...))
	}
}

// A group is a closed set of packages that could be merged together.
type group struct {
	members []digraph.Node
	head    digraph.Node // the least member that anything needs, or None
}

// smallestSink returns the smallest sink that anything needs. Among equals,
// that of the least package is taken.
func (s *serializer) smallestSink(level Level, within bitset, held digraph.Node) []digraph.Node {
	var best group
	s.sinks(level, within, held, func(members []digraph.Node) {
		if len(best.members) > 0 && len(members) > len(best.members) {
			return
		}
		g := group{members, s.least(members)}
		if g.head != digraph.None && (len(best.members) == 0 || s.better(g, best)) {
			best = g
		}
	})
	return best.members
}

// better reports whether a is to be taken before b.
func (s *serializer) better(a, b group) bool {
	if len(a.members) != len(b.members) {
		return len(a.members) < len(b.members)
	}
	return s.before(a.head, b.head)
}

// least returns the least member that anything needs, or None.
func (s *serializer) least(members []digraph.Node) digraph.Node {
	least := digraph.None
	for _, m := range members {
		if s.g.ParentCount(m) > 0 && (least == digraph.None || s.before(m, least)) {
			least = m
		}
	}
	return least
}

// before compares packages; equal ones stand in the order of selection.
func (s *serializer) before(a, b digraph.Node) bool {
	if c := s.compare(a, b); c != 0 {
		return c < 0
	}
	return s.f.place[a] < s.f.place[b]
}
