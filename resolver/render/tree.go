package render

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/digraph"
)

// A tree arranges the list below the packages that need its members (O57).
// Its graph is the resolver's with blockers put in: what blocks leads to the
// blocker, and the blocker to the removal that solves it.
type tree struct {
	graph    *Graph
	edges    *digraph.Graph
	blockers []*Blocker // nodes from first on
	first    digraph.Node
	nodes    map[*Blocker]digraph.Node

	list  []node                   // what is arranged so far
	chain []digraph.Node           // the last member and what it stands below
	shown map[[2]digraph.Node]bool // edges (child, parent) in the list
}

// A node is a member of the tree.
type node struct {
	id      digraph.Node
	item    Item
	depth   int
	ordered bool
}

func newTree(g *Graph) *tree {
	t := &tree{graph: g, edges: g.Edges.Clone(), first: digraph.Node(g.Edges.Limit()),
		nodes: map[*Blocker]digraph.Node{}, shown: map[[2]digraph.Node]bool{}}
	for _, u := range g.Uninstalls {
		t.uninstall(u)
	}
	return t
}

// uninstall puts an uninstall task and its blockers in the place of the
// package as it is installed.
func (t *tree) uninstall(u Uninstall) {
	if len(u.Blockers) == 0 {
		return
	}
	t.edges.Remove(u.Kept)
	t.edges.Remove(u.Task.Node)
	for _, b := range t.declaredBy(u.Kept) {
		t.edges.Add(u.Task.Node, t.blocker(b), 0)
	}
	for _, b := range u.Blockers {
		t.edges.Add(u.Task.Node, t.blocker(b), 0)
		for _, p := range b.Blocking {
			if p.Node != u.Kept && p.Node != digraph.None {
				t.edges.Add(t.blocker(b), p.Node, 0)
			}
		}
	}
	if u.Instead == digraph.None {
		return
	}
	for _, b := range u.Blockers {
		t.edges.Add(u.Instead, t.blocker(b), 0)
	}
}

// declaredBy returns the blockers that an installed package declares.
func (t *tree) declaredBy(kept digraph.Node) []*Blocker {
	var out []*Blocker
	for _, u := range t.graph.Uninstalls {
		for _, b := range u.Blockers {
			declares := slices.ContainsFunc(b.Blocking, func(p *Package) bool { return p.Node == kept })
			if kept != digraph.None && declares && !slices.Contains(out, b) {
				out = append(out, b)
			}
		}
	}
	return out
}

// blocker returns the node of a blocker.
func (t *tree) blocker(b *Blocker) digraph.Node {
	id, ok := t.nodes[b]
	if !ok {
		id = t.first + digraph.Node(len(t.blockers))
		t.nodes[b] = id
		t.blockers = append(t.blockers, b)
	}
	return id
}

// item returns what a node stands for; nil for arguments and sets.
func (t *tree) item(id digraph.Node) Item {
	if id >= t.first {
		return t.blockers[id-t.first]
	}
	if p := t.graph.Package(id); p != nil {
		return p
	}
	return nil
}

func (t *tree) id(item Item) digraph.Node {
	if b, ok := item.(*Blocker); ok {
		return t.blocker(b)
	}
	return item.(*Package).Node
}

// arrange returns the members of the list, which comes last first, and the
// fillers that tie them together.
func (t *tree) arrange(items []Item, unordered bool) []entry {
	if unordered {
		seen := map[digraph.Node]bool{}
		for _, root := range t.edges.Roots(nil) {
			t.walk(root, 0, seen)
		}
	} else {
		for _, item := range items {
			t.place(item)
		}
	}
	return prune(t.list)
}

// walk lists a node and what it leads to, each node once.
func (t *tree) walk(id digraph.Node, depth int, seen map[digraph.Node]bool) {
	if seen[id] {
		return
	}
	seen[id] = true
	if item := t.item(id); item != nil {
		t.list = append(t.list, node{id, item, depth, true})
		depth++
	} else {
		depth = 0
	}
	for _, child := range t.edges.Children(id) {
		t.walk(child, depth, seen)
	}
}

// place puts an item below the deepest member of the chain that needs it, or
// starts a new chain.
func (t *tree) place(item Item) {
	id, depth := t.id(item), len(t.chain)
	for depth > 0 && !t.edges.HasEdge(id, t.chain[depth-1]) {
		depth--
	}
	if depth > 0 {
		t.shown[[2]digraph.Node{id, t.chain[depth-1]}] = true
		t.chain = append(t.chain[:depth], id)
		t.list = append(t.list, node{id, item, depth, true})
		return
	}
	t.chain = t.chain[:0]
	t.climb(id, item, true, map[digraph.Node]bool{id: true})
}

// climb lists what needs a node, as far up as it can, and then the node.
func (t *tree) climb(id digraph.Node, item Item, ordered bool, traversed map[digraph.Node]bool) {
	if !t.graph.Top(id) && t.edges.Contains(id) {
		if parent := t.parent(id, traversed); parent != digraph.None {
			t.shown[[2]digraph.Node{id, parent}] = true
			traversed[parent] = true
			t.climb(parent, t.item(parent), false, traversed)
		}
	}
	t.list = append(t.list, node{id, item, len(t.chain), ordered})
	t.chain = append(t.chain, id)
}

// parent chooses what to show above a node: the first parent that is not also
// its child, else the first; never an edge twice.
func (t *tree) parent(id digraph.Node, traversed map[digraph.Node]bool) digraph.Node {
	cyclic := digraph.None
	for _, p := range t.edges.Parents(id) {
		if t.item(p) == nil || traversed[p] || t.shown[[2]digraph.Node{id, p}] {
			continue
		}
		if !t.edges.HasEdge(p, id) {
			return p
		}
		if cyclic == digraph.None {
			cyclic = p
		}
	}
	return cyclic
}

// prune removes, from the end, fillers that nothing stands below.
func prune(list []node) []entry {
	var kept []entry // in reverse
	merge := 0       // depth of the merge or removal below
	for i := len(list) - 1; i >= 0; i-- {
		n := list[i]
		if !n.ordered && n.depth == 0 && i > 0 && list[i-1].id == n.id && list[i-1].depth == 0 {
			continue
		}
		p, ok := n.item.(*Package)
		if n.ordered && ok && p.Operation != Keep {
			merge = n.depth
		} else if n.depth >= merge || len(kept) > 0 && n.depth >= kept[len(kept)-1].depth {
			continue
		}
		kept = append(kept, entry{n.item, n.depth, n.ordered})
	}
	slices.Reverse(kept)
	return kept
}
