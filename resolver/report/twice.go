package report

import (
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/stages"
	"github.com/tumpline/tumpline/resolver/universe"
)

// Staged tells what was done about circular dependencies; nothing if there are
// none or nothing was tried.
func Staged(res *resolver.Result) render.Staged {
	var out render.Staged
	a := res.Staged
	if a == nil {
		return out
	}
	place := make(map[*universe.Pkg]int)
	if a.Plan != nil {
		for _, s := range a.Plan.Steps {
			if s.Pkg != nil {
				out.Total++
				place[s.Pkg] = out.Total
			}
		}
		for _, s := range a.Plan.Steps {
			if s.Stage == stages.Bootstrap {
				out.Twice = append(out.Twice, twice(a, s, place))
			}
		}
	}
	for i := range a.Cycles {
		c := &a.Cycles[i]
		out.Gap += c.Gap
		if !c.Solved {
			out.Uncut = append(out.Uncut, uncut(c))
		}
	}
	return out
}

func twice(a *stages.Answer, s stages.Step, place map[*universe.Pkg]int) render.Twice {
	t := render.Twice{Package: s.Pkg.CPV.String(), To: s.Pkg.Root.Path, First: place[s.Pkg], Full: place[s.CompletedBy]}
	for _, f := range s.Changed {
		if f.On {
			t.Flags = append(t.Flags, f.Flag)
		} else {
			t.Flags = append(t.Flags, "-"+f.Flag)
		}
	}
	for _, e := range a.CycleOf(s.CompletedBy) {
		t.Cycle = append(t.Cycle, render.CycleLink{
			Package: e.Parent.CPV.String(), Class: e.Class.String(), Atom: e.Atom.String(), Flags: e.Flags,
		})
	}
	return t
}

func uncut(c *stages.Cycle) render.Uncut {
	u := render.Uncut{Unproved: c.Unproved}
	name := func(list []*universe.Pkg) []string {
		var out []string
		for _, p := range list {
			out = append(out, p.CPV.String())
		}
		return out
	}
	u.Members = name(c.Members)
	for _, o := range c.Outside {
		u.Outside = append(u.Outside, name(o))
	}
	for _, f := range c.Forbidden {
		u.Fixed = append(u.Fixed, f.Pkg.CPV.String()+"["+f.Flag+"]: "+f.Reason)
	}
	return u
}
