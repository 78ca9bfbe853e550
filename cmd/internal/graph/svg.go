package graph

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/tumpline/tumpline/resolver/depgraph"
	"github.com/tumpline/tumpline/resolver/plan"
)

// Sizes of the drawing in user units, about pixels.
const (
	boxWidth, boxHeight = 250, 20
	columnWidth         = 330
	rowHeight           = 26
	margin              = 12
	maxTitle            = 38 // characters that fit in a box
)

// writeSVG writes the graph as a drawing.
func writeSVG(w io.Writer, g *depgraph.Graph) error {
	column, row := layout(g)
	width, height := 0, 0
	for n := range g.Nodes {
		width, height = max(width, column[n]+1), max(height, row[n]+1)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="11">`+"\n",
		max(width, 1)*columnWidth-(columnWidth-boxWidth)+2*margin, max(height, 1)*rowHeight+2*margin)
	b.WriteString("<style>path{fill:none;stroke:#999;stroke-opacity:.5}path.run{stroke-dasharray:2 3}rect{fill:#fff;stroke:#555}" +
		"rect.merged{fill:#dde9f7}rect.build{rx:9}rect.cycle{stroke:#c00;stroke-width:2}text.requested{font-weight:bold}</style>\n")
	x := func(n int) int { return margin + column[n]*columnWidth }
	y := func(n int) int { return margin + row[n]*rowHeight }
	for _, e := range g.Edges {
		class := ""
		if !buildTime(e.Class) {
			class = ` class="run"`
		}
		x1, y1, x2, y2 := x(e.From)+boxWidth, y(e.From)+boxHeight/2, x(e.To), y(e.To)+boxHeight/2
		bend := (columnWidth - boxWidth) / 2
		fmt.Fprintf(&b, `<path%s d="M%d %dC%d %d %d %d %d %d"><title>%s</title></path>`+"\n", class, x1, y1, x1+bend, y1, x2-bend, y2, x2, y2,
			escape(fmt.Sprintf("%s: %s %s%s", g.Nodes[e.From].CPV, e.Class, e.Atom, by(e.Flags))))
	}
	svgNodes(&b, g, x, y)
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func svgNodes(b *strings.Builder, g *depgraph.Graph, x, y func(int) int) {
	circular := map[int]bool{}
	for _, c := range g.Cycles() {
		for _, n := range c {
			circular[n] = true
		}
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		var classes []string
		if n.Step > 0 {
			classes = append(classes, "merged")
		}
		if n.Root != plan.RootTarget {
			classes = append(classes, "build")
		}
		if circular[i] {
			classes = append(classes, "cycle")
		}
		requested := ""
		if n.Requested {
			requested = ` class="requested"`
		}
		shown := []rune(title(n))
		if len(shown) > maxTitle {
			shown = append(shown[:maxTitle-1], '…')
		}
		fmt.Fprintf(b, `<g><title>%s</title><rect class="%s" x="%d" y="%d" width="%d" height="%d"/><text%s x="%d" y="%d">%s</text></g>`+"\n",
			escape(title(n)+" USE=\""+strings.Join(n.USE, " ")+`"`), strings.Join(classes, " "), x(i), y(i), boxWidth, boxHeight,
			requested, x(i)+6, y(i)+14, escape(string(shown)))
	}
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}
