package graph

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/resolver/depgraph"
	"github.com/tumpline/tumpline/resolver/plan"
)

// title is a package for people.
func title(n *depgraph.Node) string {
	out := n.CPV
	if n.Slot != "" && n.Slot != "0" {
		out += ":" + n.Slot
	}
	if n.Root != plan.RootTarget {
		out += " (" + string(n.Root) + ")"
	}
	return out
}

// writeText writes a tree. A package's dependencies stand where it is met first;
// afterwards it is followed by "...".
func writeText(w io.Writer, r *request, g *depgraph.Graph) error {
	if r.reverse {
		g = g.Reverse()
	}
	t := &tree{g: g, seen: make([]bool, len(g.Nodes))}
	roots, err := r.find(g, r.targets)
	if err != nil {
		return err
	}
	if len(r.targets) == 0 || len(roots) == 0 {
		for n := range g.Nodes {
			if len(g.In(n)) == 0 {
				roots = append(roots, n)
			}
		}
	}
	for _, n := range roots {
		t.write(n)
	}
	for n := range g.Nodes { // circles that nothing leads to
		if !t.seen[n] {
			t.write(n)
		}
	}
	_, err = io.WriteString(w, t.out.String())
	return err
}

type tree struct {
	g    *depgraph.Graph
	out  strings.Builder
	seen []bool
}

// An item of the tree is a node that is met from another, and by which edges.
type item struct {
	edges []int
	depth int
}

// write writes a node and what is below it, without recursion: chains may be long.
func (t *tree) write(n int) {
	if t.seen[n] {
		return
	}
	t.seen[n] = true
	fmt.Fprintln(&t.out, title(&t.g.Nodes[n]))
	stack := t.push(nil, n, 1)
	for len(stack) > 0 {
		it := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		to := t.g.Edges[it.edges[0]].To
		fmt.Fprintf(&t.out, "%s%s  %s", strings.Repeat("  ", it.depth), title(&t.g.Nodes[to]), t.why(it.edges))
		if t.seen[to] && len(t.g.Out(to)) > 0 {
			t.out.WriteString(" ...")
		}
		t.out.WriteByte('\n')
		if !t.seen[to] {
			t.seen[to] = true
			stack = t.push(stack, to, it.depth+1)
		}
	}
}

// why names the classes of edges between two nodes, and the last atom of the first class:
// a slot operator stands there unbound and bound.
func (t *tree) why(edges []int) string {
	var classes []string
	first := t.g.Edges[edges[0]]
	for _, i := range edges {
		e := t.g.Edges[i]
		if !slices.Contains(classes, string(e.Class)) {
			classes = append(classes, string(e.Class))
		}
		if e.Class == first.Class {
			first.Atom = e.Atom
		}
	}
	return strings.Join(classes, ",") + " " + first.Atom + by(first.Flags)
}

// push puts what a node leads to on the stack, the first on top.
func (t *tree) push(stack []item, n, depth int) []item {
	var items []item
	at := map[int]int{}
	for _, e := range t.g.Out(n) {
		to := t.g.Edges[e].To
		if _, ok := at[to]; !ok {
			at[to] = len(items)
			items = append(items, item{depth: depth})
		}
		items[at[to]].edges = append(items[at[to]].edges, e)
	}
	slices.Reverse(items)
	return append(stack, items...)
}
