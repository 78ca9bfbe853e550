package planning

import (
	"slices"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/resolver/plan"
)

// A Removal is one installed package of the target that is unmerged.
type Removal struct {
	Package *ebuild.Package
	Flags   *use.State
	// Versions are the installed packages of its name, ascending.
	Versions []*ebuild.Package
	// Args are the arguments that it was named by; none: it was not.
	Args []string
	// Unneeded says that nothing that stays needs it.
	Unneeded bool
}

// BuildRemoval states what is unmerged, in order, as a plan. It is a success
// if no problem is an error. useExpand are the names of USE_EXPAND.
func BuildRemoval(list []Removal, h Heading, useExpand []string, problems []plan.Problem) *plan.Plan {
	p := &plan.Plan{Success: true, Request: h.Request, Roots: h.Roots, Problems: problems}
	p.UseExpand = slices.Clone(useExpand)
	slices.Sort(p.UseExpand)
	p.UseExpand = slices.Compact(p.UseExpand)
	for _, problem := range problems {
		if problem.Severity == plan.SeverityError {
			p.Success = false
		}
	}
	for i := range list {
		p.Steps = append(p.Steps, list[i].step(plan.StepID(i+1)))
	}
	return p
}

func (r *Removal) step(id plan.StepID) plan.Step {
	p := r.Package
	s := plan.Step{
		ID: id, Operation: plan.OpUnmerge, Origin: plan.OriginInstalled,
		CPV: p.CPV.String(), CP: string(p.CPV.CP), Version: p.CPV.Version.String(),
		Slot: p.Slot, Subslot: p.Subslot, Repo: p.Repo, EAPI: p.EAPIName,
		Root: plan.RootTarget, Stage: plan.StageFinal, Mark: plan.MarkNone,
		Fetch: plan.Fetch{Restriction: plan.FetchFree},
	}
	if p.BuildID != ebuild.NoBuildID {
		s.BuildID = plan.BuildID(p.BuildID)
	}
	for _, q := range r.Versions {
		s.Installed = append(s.Installed, plan.Installed{CPV: q.CPV.String(), Slot: q.Slot, Subslot: q.Subslot, Repo: q.Repo})
	}
	for _, f := range p.IUSE {
		if r.Flags.Enabled(f.Name) {
			s.Use = append(s.Use, f.Name)
		} else {
			s.Disabled = append(s.Disabled, f.Name)
		}
	}
	for _, l := range [...]*[]string{&s.Use, &s.Disabled} {
		slices.Sort(*l)
		*l = slices.Compact(*l)
	}
	for _, arg := range r.Args {
		s.Reasons = append(s.Reasons, plan.Reason{Kind: plan.ReasonArgument, Atom: plan.Maybe(arg)})
	}
	if r.Unneeded {
		s.Reasons = append(s.Reasons, plan.Reason{Kind: plan.ReasonUnneeded})
	}
	return s
}
