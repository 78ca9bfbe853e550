package graph

import (
	"fmt"
	"io"
	"strings"

	"github.com/tumpline/tumpline/resolver/depgraph"
	"github.com/tumpline/tumpline/resolver/plan"
)

// writeDot writes the graph for Graphviz: what is needed to build as solid, what is
// needed to run as dotted lines; packages that are merged filled, those of circles
// with a red border.
func writeDot(w io.Writer, g *depgraph.Graph) error {
	var b strings.Builder
	b.WriteString("digraph packages {\n\trankdir=LR;\n\tnode [shape=box];\n")
	circular := map[int]bool{}
	for _, c := range g.Cycles() {
		for _, n := range c {
			circular[n] = true
		}
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		fmt.Fprintf(&b, "\tn%d [label=%s", i, dotString(title(n)))
		if n.Step > 0 {
			b.WriteString(", style=filled, fillcolor=lightgrey")
		}
		if circular[i] {
			b.WriteString(", color=red")
		}
		if n.Root != plan.RootTarget {
			b.WriteString(", shape=ellipse")
		}
		b.WriteString("];\n")
	}
	for _, e := range g.Edges {
		style := "dotted"
		if buildTime(e.Class) {
			style = "solid"
		}
		fmt.Fprintf(&b, "\tn%d -> n%d [style=%s, tooltip=%s];\n", e.From, e.To, style, dotString(string(e.Class)+" "+e.Atom+by(e.Flags)))
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// dotString quotes a text as Graphviz reads it.
func dotString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
