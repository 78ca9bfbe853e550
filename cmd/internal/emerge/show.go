package emerge

import (
	"fmt"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
)

// searchMatch describes a package as emerge's search does.
func (r *run) searchMatch(cp atoms.CP) render.SearchMatch {
	return render.SearchMatch{CP: string(cp)}
}

// show shows the answer.
func (r *run) show(result *resolver.Result, f *frame) error {
	p := &plan.Plan{Success: result.Success, Request: r.request(), Roots: r.roots()}
	if o := result.Pass.Order; o != nil {
		for _, item := range o.List {
			if item.Blocker != order.NoBlocker {
				continue
			}
			kind := result.Pass.Input.Tasks[item.Task].Kind
			q := result.Universe.Pkg(universe.ID(item.Task))
			if q == nil || kind != order.Merge || !q.Merges() {
				continue
			}
			s := plan.Step{ID: plan.StepID(len(p.Steps) + 1), Operation: plan.OpMerge, Origin: plan.Origin(q.Origin.String()), CPV: q.CPV.String(),
				Slot: q.Package.Slot, Subslot: q.Subslot, Repo: q.Repo, EAPI: q.EAPIName, Root: plan.RootTarget, Stage: plan.StageFinal, Status: result.Status(q), Use: q.Explicit(q.Flags())}
			s.Mark, s.Fetch.Restriction, s.CP, s.Version = plan.MarkNone, plan.Restriction("none"), string(q.CPV.CP), q.CPV.Version.String()
			for _, x := range result.Replaces(q) {
				s.Replaces = append(s.Replaces, x.CPV.String())
			}
			for _, x := range result.InstalledVersions(q) {
				s.Installed = append(s.Installed, plan.Installed{CPV: x.CPV.String(), Slot: x.Package.Slot, Subslot: x.Subslot, Repo: x.Repo})
			}
			if q.Root.Running && !q.Root.Target {
				s.Root = plan.RootBuild
			}
			p.Steps = append(p.Steps, s)
		}
	}
	f.close(result.Restarts)
	if r.json() {
		if err := plan.Write(r.env.Out, p); err != nil {
			return err
		}
	} else {
		for _, s := range p.Steps {
			fmt.Fprintln(r.env.Out, s.Origin, s.Root, s.CPV, s.Status, s.Use)
		}
	}
	if !result.Success {
		return &cli.FailedError{Status: 1}
	}
	return nil
}
