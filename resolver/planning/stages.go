package planning

import (
	"slices"

	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/stages"
	"github.com/tumpline/tumpline/resolver/universe"
)

// stage tells of a package that is merged twice which merge the step is.
func (b *builder) stage(s *plan.Step, p *universe.Pkg) {
	full := p.CompletedBy()
	if full == nil {
		return
	}
	s.Stage, s.CompletedBy = plan.StageBootstrap, b.merged[full]
	s.Reasons = slices.Insert(s.Reasons, 0, plan.Reason{Kind: plan.ReasonCycle, Parent: plan.Maybe(full.CPV.String()), Step: b.merged[full]})
	flags := b.res.Pass.S.Flags(full)
	for _, f := range s.Disabled {
		if flags.Enabled(f) {
			s.DroppedUse = append(s.DroppedUse, f)
		}
	}
	for _, f := range s.Use {
		if !flags.Enabled(f) {
			s.AddedUse = append(s.AddedUse, f)
		}
	}
}

// Cycles states the circular dependencies of a result.
func Cycles(res *resolver.Result) []plan.Cycle {
	if res.Staged == nil {
		return nil
	}
	var list []plan.Cycle
	for i := range res.Staged.Cycles {
		list = append(list, cycle(res, &res.Staged.Cycles[i]))
	}
	return list
}

func cycle(res *resolver.Result, c *stages.Cycle) plan.Cycle {
	out := plan.Cycle{
		Members: cpvs(c.Members), Shortest: cpvs(c.Shortest), Cut: cuts(res, c.Cut),
		Solved: c.Solved, Gap: int64(c.Gap), Proved: !c.Solved && !c.Unproved,
	}
	for _, e := range c.Edges {
		out.Edges = append(out.Edges, plan.CycleEdge{
			Parent: e.Parent.CPV.String(), ParentRoot: Root(e.Parent.Root),
			Child: e.Child.CPV.String(), ChildRoot: Root(e.Child.Root),
			Class: classOf(e.Class), Atom: e.Atom.String(), Flags: e.Flags,
		})
	}
	for _, a := range c.Alternatives {
		out.Alternatives = append(out.Alternatives, plan.CycleAlternative{Cut: cuts(res, a)})
	}
	for _, o := range c.Outside {
		out.Outside = append(out.Outside, plan.CycleOutside{Packages: cpvs(o)})
	}
	for _, f := range c.Forbidden {
		out.Fixed = append(out.Fixed, plan.CycleFixed{CPV: f.Pkg.CPV.String(), Flag: f.Flag, Reason: f.Reason})
	}
	return out
}

func cpvs(list []*universe.Pkg) []string {
	var out []string
	for _, p := range list {
		out = append(out, p.CPV.String())
	}
	return out
}

func cuts(res *resolver.Result, list []stages.Cut) []plan.CycleCut {
	var out []plan.CycleCut
	for _, c := range list {
		x := plan.CycleCut{CPV: c.Pkg.CPV.String(), Root: Root(c.Pkg.Root)}
		for _, f := range c.Changed {
			if f.On {
				x.Add = append(x.Add, f.Flag)
			} else {
				x.Drop = append(x.Drop, f.Flag)
			}
		}
		slices.Sort(x.Drop)
		slices.Sort(x.Add)
		out = append(out, x)
	}
	return out
}
