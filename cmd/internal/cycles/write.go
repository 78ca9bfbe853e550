package cycles

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/resolver/plan"
)

// writeText writes the cycles for people.
func writeText(w io.Writer, list *plan.CycleList) error {
	var b strings.Builder
	if !list.Circular {
		b.WriteString("There are no circular dependencies.\n")
	}
	for i := range list.Cycles {
		if i > 0 {
			b.WriteString("\n")
		}
		cycleText(&b, i+1, &list.Cycles[i])
	}
	if list.Solved {
		fmt.Fprintf(&b, "\nA plan merges %d more than the request asks for.\n", list.Merges)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func cycleText(b *strings.Builder, n int, c *plan.Cycle) {
	fmt.Fprintf(b, "Component %d: %d packages\n", n, len(c.Members))
	for _, m := range c.Members {
		fmt.Fprintf(b, "  %s\n", m)
		for _, e := range c.Edges {
			if e.Parent == m {
				fmt.Fprintf(b, "    %s %s%s\n", e.Class, e.Atom, when(e.Flags))
			}
		}
	}
	fmt.Fprintf(b, "Shortest cycle: %s\n", strings.Join(c.Shortest, " -> "))
	switch {
	case c.Solved && len(c.Cut) == 0:
		b.WriteString("Alternatives of the dependencies make an order possible.\n")
	case c.Solved:
		b.WriteString("Cheapest cut:\n")
		cutText(b, c.Cut)
		for _, a := range c.Alternatives {
			b.WriteString("or:\n")
			cutText(b, a.Cut)
		}
		if c.Gap > 0 {
			fmt.Fprintf(b, "The search was cut short: up to %d packages fewer might do.\n", c.Gap)
		}
	default:
		uncutText(b, c)
	}
}

func when(flags []string) string {
	if len(flags) == 0 {
		return ""
	}
	return "  (" + strings.Join(flags, " ") + ")"
}

func cutText(b *strings.Builder, cut []plan.CycleCut) {
	for _, c := range cut {
		fmt.Fprintf(b, "  %s USE=\"%s\"\n", c.CPV, flagText(c))
	}
}

func flagText(c plan.CycleCut) string {
	var flags []string
	for _, f := range c.Drop {
		flags = append(flags, "-"+f)
	}
	return strings.Join(append(flags, c.Add...), " ")
}

func uncutText(b *strings.Builder, c *plan.Cycle) {
	if c.Proved {
		b.WriteString("No USE flags of these packages break it.\n")
	} else {
		b.WriteString("No USE flags were found that break it; not all combinations were tried.\n")
	}
	for _, o := range c.Outside {
		fmt.Fprintf(b, "It would be broken by %s being there.\n", strings.Join(o.Packages, " and "))
	}
	for _, f := range c.Fixed {
		fmt.Fprintf(b, "  %s[%s] cannot be switched: %s\n", f.CPV, f.Flag, f.Reason)
	}
}

// writeDot writes the cycles as a graph for Graphviz, one cluster for each.
func writeDot(w io.Writer, list []plan.Cycle) error {
	var b strings.Builder
	b.WriteString("digraph cycles {\n\trankdir=LR;\n\tnode [shape=box];\n")
	for i := range list {
		c := &list[i]
		node := func(cpv string, root plan.Root) string {
			return fmt.Sprintf("%q", fmt.Sprintf("%d %s %s", i, root, cpv))
		}
		fmt.Fprintf(&b, "\tsubgraph cluster_%d {\n\t\tlabel=%q;\n", i, fmt.Sprintf("component %d", i+1))
		for _, m := range nodes(c) {
			label, style := m.CPV, ""
			if j := slices.IndexFunc(c.Cut, func(x plan.CycleCut) bool { return x.CPV == m.CPV && x.Root == m.Root }); j >= 0 {
				label += "\n" + flagText(c.Cut[j])
				style = ", style=filled, fillcolor=lightgrey"
			}
			fmt.Fprintf(&b, "\t\t%s [label=%q%s];\n", node(m.CPV, m.Root), label, style)
		}
		for _, e := range c.Edges {
			style := "solid"
			if e.Class != plan.ClassDepend && e.Class != plan.ClassBDepend {
				style = "dotted"
			}
			fmt.Fprintf(&b, "\t\t%s -> %s [style=%s, label=%q];\n",
				node(e.Parent, e.ParentRoot), node(e.Child, e.ChildRoot), style, strings.Join(e.Flags, " "))
		}
		b.WriteString("\t}\n")
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// nodes are the packages that edges join, in the order of the edges.
func nodes(c *plan.Cycle) []plan.CycleCut {
	var out []plan.CycleCut
	add := func(cpv string, root plan.Root) {
		if !slices.ContainsFunc(out, func(o plan.CycleCut) bool { return o.CPV == cpv && o.Root == root }) {
			out = append(out, plan.CycleCut{CPV: cpv, Root: root})
		}
	}
	for _, e := range c.Edges {
		add(e.Parent, e.ParentRoot)
		add(e.Child, e.ChildRoot)
	}
	return out
}
