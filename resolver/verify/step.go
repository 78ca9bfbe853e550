package verify

import (
	"errors"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/plan"
)

// step replays one step: the rules that hold at its moment are checked, then
// the state changes.
func (j *judge) step(s *plan.Step) {
	j.now = s.ID
	r := j.rootOf(s.Root)
	if r == nil {
		j.reportStep(KindForm, s, "root %q is none of the plan's", s.Root)
		return
	}
	if s.Operation == plan.OpUnmerge {
		j.unmerge(s, r)
		return
	}
	p := j.steps[s.ID-1]
	if p == nil {
		return
	}
	j.describe(s, p)
	j.permitted(s, p)
	if !j.Options.FetchOnly && !j.Options.NoDeps {
		j.prepared(p)
	}
	if !j.Options.BuildPkgOnly && !j.Options.FetchOnly {
		j.merge(s, p)
	}
}

// lookUp finds the package of a step that merges.
func (j *judge) lookUp(s *plan.Step) {
	r := j.rootOf(s.Root)
	if s.Operation != plan.OpMerge || r == nil {
		return
	}
	found := j.find(s, r)
	if found == nil {
		return
	}
	p := &pkg{Package: found, root: r, step: s.ID}
	p.flags = j.planned(s, p)
	j.steps[s.ID-1] = p
	j.byName[p.CPV.CP] = append(j.byName[p.CPV.CP], p)
	j.read(p)
}

// rootOf gives the root that a step names.
func (j *judge) rootOf(name plan.Root) *root {
	switch name {
	case plan.RootTarget:
		return j.target
	case plan.RootBuild:
		return j.build
	case plan.RootSysroot:
		return j.sysroot
	}
	return nil
}

// unmerge takes a package out.
func (j *judge) unmerge(s *plan.Step, r *root) {
	for _, p := range r.present[atoms.CP(s.CP)] {
		if p.CPV.String() == s.CPV && p.Slot == s.Slot && p.Subslot == s.Subslot {
			j.steps[s.ID-1] = p
			r.remove(p)
			j.closure.changed(r, p.CPV.CP)
			return
		}
	}
	j.reportStep(KindInstalled, s, "is unmerged, but is not installed in slot %s/%s at that moment", s.Slot, s.Subslot)
}

// merge puts a package in.
func (j *judge) merge(s *plan.Step, p *pkg) {
	if p.Origin == ebuild.OriginEbuild {
		j.bind(p)
	}
	for _, q := range p.root.put(p) {
		if q.merged() && j.Plan.Steps[q.step-1].Stage == plan.StageFinal {
			j.report(KindSlot, Error, p, "", "replaces %s, which step %d has merged to slot %s", q.CPV, q.step, q.Slot)
		}
	}
	j.enter(p)
	j.closure.changed(p.root, p.CPV.CP)
	j.closure.added(p)
}

// bind replaces := in what a package that was built needs to run by slot and
// sub-slot of the best match that was there: the package is bound to it. What
// is not there yet leaves no binding.
func (j *judge) bind(p *pkg) {
	for _, class := range runClasses() {
		for _, c := range p.lists[class] {
			bound := false
			n := c.need.mapped(func(a *atoms.Atom) *atoms.Atom {
				if a.SlotOp != atoms.SlotOpRebuild || a.SlotOpBuilt() || a.Blocker != atoms.BlockNone {
					return a
				}
				list := c.root.matching(a)
				if len(list) == 0 {
					return a
				}
				bound = true
				best := list[len(list)-1]
				return a.WithSlot(best.Slot, best.Subslot, atoms.SlotOpRebuild)
			})
			if bound {
				c.need, c.unbound = n, c.need
			}
		}
	}
}

// find looks up the package of a step that merges.
func (j *judge) find(s *plan.Step, r *root) *ebuild.Package {
	var list []*ebuild.Package
	var errs []error
	ask := func(source ebuild.Source) {
		if source == nil {
			return
		}
		l, err := source.Packages(atoms.CP(s.CP))
		list, errs = append(list, l...), append(errs, err)
	}
	if s.Origin == plan.OriginBinary {
		ask(r.Binaries)
	} else {
		for _, repo := range r.Repos {
			if repo.Name == s.Repo {
				ask(repo.Source)
			}
		}
	}
	for _, p := range list {
		id := p.BuildID == int(s.BuildID) || s.BuildID == 0 && p.BuildID == ebuild.NoBuildID
		if p.CPV.String() == s.CPV && p.Repo == s.Repo && id {
			return p
		}
	}
	why := ""
	if err := errors.Join(errs...); err != nil {
		why = ": " + oneLine(err)
	}
	j.reportStep(KindPackage, s, "there is no such %s in repository %s%s", s.Origin, s.Repo, why)
	return nil
}

// describe compares what the plan says about a package with the package and
// with what is installed.
func (j *judge) describe(s *plan.Step, p *pkg) {
	for _, x := range []struct{ what, got, want string }{
		{"slot", s.Slot, p.Slot}, {"sub-slot", s.Subslot, p.Subslot}, {"EAPI", s.EAPI, p.EAPIName},
	} {
		if x.got != x.want {
			j.report(KindMetadata, Error, p, "", "the plan gives the %s as %s, %s gives %s", x.what, x.got, place(p.Package), x.want)
		}
	}
	j.uses(s, p)
	j.compares(s, p)
}

// place names the file of a package, as far as known.
func place(p *ebuild.Package) string {
	if p.Path != "" {
		return p.Path
	}
	return "the package"
}

// compares checks status, installed and replaces.
func (j *judge) compares(s *plan.Step, p *pkg) {
	before := p.root.before[p.CPV.CP]
	var installed, replaced []string
	status, inSlot := plan.StatusNew, (*pkg)(nil)
	for _, q := range before {
		installed = append(installed, q.String())
		if q.Slot == p.Slot || q.CPV == p.CPV {
			replaced = append(replaced, q.CPV.String())
			inSlot = q
		}
	}
	same := slices.ContainsFunc(before, func(q *pkg) bool { return q.CPV == p.CPV })
	switch {
	case same:
		status = plan.StatusReinstall
	case inSlot != nil:
		status = [...]plan.Status{plan.StatusUpdate, plan.StatusReinstall, plan.StatusDowngrade}[1+inSlot.CPV.Version.Compare(p.CPV.Version)]
	case len(before) > 0:
		status = plan.StatusNewSlot
	}
	if s.Status != status {
		j.report(KindInstalled, Error, p, "", "the plan gives the status %s, but it is %s: %s", s.Status, status, listed(installed))
	}
	if !sameSet(s.Replaces, replaced) {
		j.report(KindInstalled, Error, p, "", "the plan replaces %s, but it must be %s", listed(s.Replaces), listed(replaced))
	}
	var told []string
	for _, i := range s.Installed {
		told = append(told, i.CPV+":"+i.Slot+"/"+i.Subslot+"::"+i.Repo)
	}
	if !sameSet(told, installed) {
		j.report(KindInstalled, Error, p, "", "the plan tells of %s as installed, but it is %s", listed(told), listed(installed))
	}
}

func listed(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}

func sameSet(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}
