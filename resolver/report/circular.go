package report

import (
	"github.com/tumpline/tumpline/resolver/cycles"
	"github.com/tumpline/tumpline/resolver/render"
)

// circular tells dependencies that no order solves (O24 to O26, O60).
func (b *builder) circular() *render.Circular {
	if b.w.Order == nil || b.w.Order.Circular == nil {
		return nil
	}
	c := b.w.Order.Circular
	out := &render.Circular{Large: len(c.Cycles) > 3}
	for _, n := range c.Display {
		p := b.node(n)
		b.fetch(n, p)
		out.List = append(out.List, p)
	}
	links := c.Links(c.Shortest)
	for i, n := range c.Shortest {
		m := render.CycleMember{Package: b.node(n)}
		if l := links[i]; len(l) > 0 {
			m.Priority = l[len(l)-1].Label()
		}
		out.Cycle = append(out.Cycle, m)
	}
	for _, s := range cycles.Suggest(b.w) {
		out.Suggestions = append(out.Suggestions, render.Suggestion{
			CPV: s.Pkg.CPV.String(), Changes: changes(s.Changes), Followup: s.Followup,
		})
	}
	return out
}
