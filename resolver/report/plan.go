package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/planning"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/walk"
)

// PlanProblems tells the problems of a result for the plan document, in the
// order in which emerge shows them.
func PlanProblems(res *resolver.Result, o Options) []plan.Problem {
	b := newBuilder(res, o)
	var list []render.Item
	if order := b.order(); order != nil {
		list = b.list(order)
	}
	p := &planner{builder: b, failure: plan.SeverityWarning, p: b.problems(list)}
	if !res.Success {
		p.failure = plan.SeverityError
	}
	p.conflicts()
	p.updates()
	p.configuration()
	p.arguments()
	p.unsatisfied()
	p.others()
	return p.out
}

// planner collects the problems of a plan.
type planner struct {
	*builder
	p       render.Problems
	failure plan.Severity // of what makes a request fail, if it does
	out     []plan.Problem
}

// add adds a problem; text is emerge's message about it.
func (p *planner) add(problem plan.Problem, severity plan.Severity, text string) {
	problem.Severity, problem.Message = severity, words(text)
	if problem.Packages == nil {
		problem.Packages = []string{}
	}
	p.out = append(p.out, problem)
}

// words returns a message without the marks in front of its lines and the
// blank lines around it.
func words(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimPrefix(line, "!!! ")
		line = strings.TrimPrefix(line, " * ")
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// conflicts tells what makes an order or a final state impossible.
func (p *planner) conflicts() {
	var o render.Options
	if c := p.p.Circular; c != nil {
		problem := plan.Problem{Kind: plan.ProblemCircular}
		for _, m := range c.Cycle {
			problem.Packages = append(problem.Packages, m.Package.CPV())
		}
		p.add(problem, p.failure, c.Text(o))
	}
	if c := p.p.SlotConflicts; c != nil {
		problem := plan.Problem{Kind: plan.ProblemSlotConflict}
		for _, s := range c.Conflicts {
			for _, m := range s.Packages {
				problem.Packages = append(problem.Packages, m.Package.CPV())
				for _, parent := range m.Parents {
					problem.Atoms = append(problem.Atoms, parent.Atom.Text)
				}
			}
		}
		p.add(problem, p.failure, c.Text(o))
	}
	if c := p.p.Blocked; c != nil {
		problem := plan.Problem{Kind: plan.ProblemBlocked}
		for _, m := range c.Packages {
			problem.Packages = append(problem.Packages, m.Package.CPV())
		}
		for _, id := range p.w.Order.Refused {
			problem.Atoms = append(problem.Atoms, p.w.BlockerOf(p.w.BlockerNode(id)).Atom.String())
		}
		p.add(problem, p.failure, c.Text(o))
	}
}

// updates tells what was not taken although it is newer or built.
func (p *planner) updates() {
	var o render.Options
	if k := p.p.Skipped; k != nil {
		problem := plan.Problem{Kind: plan.ProblemSkippedUpdate}
		for _, c := range k.Conflicts {
			problem.Packages = append(problem.Packages, c.Package.CPV())
		}
		for _, u := range k.Unsatisfied {
			problem.Packages = append(problem.Packages, u.Skipped.CPV())
			for _, d := range u.Deps {
				problem.Atoms = append(problem.Atoms, d.What)
			}
		}
		p.add(problem, plan.SeverityWarning, k.Text(o))
	}
	if i := p.p.IgnoredBinaries; i != nil {
		problem := plan.Problem{Kind: plan.ProblemIgnoredBinary}
		for _, u := range i.Use {
			problem.Packages = append(problem.Packages, u.CPV)
		}
		problem.Packages = append(problem.Packages, refs(i.ChangedDeps)...)
		p.add(problem, plan.SeverityWarning, i.Text(o))
	}
	if list := p.p.ChangedDeps; len(list) > 0 {
		problem := plan.Problem{Kind: plan.ProblemChangedDeps, Packages: refs(list)}
		p.add(problem, plan.SeverityWarning, "ebuild dependencies changed without a new revision")
	}
}

func refs(list []render.Ref) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.CPV)
	}
	return out
}

// configuration tells that changes are needed; what they are stands in the
// changes of the plan.
func (p *planner) configuration() {
	if a := p.p.Autounmask; a != nil && len(a.Roots) > 0 && !p.res.Success {
		problem := plan.Problem{Kind: plan.ProblemChangesNeeded}
		for _, x := range p.needs() {
			problem.Packages = append(problem.Packages, x.pkg.CPV.String())
		}
		p.add(problem, plan.SeverityError, a.Text(render.Options{}))
	}
	for _, e := range p.p.SetErrors {
		p.add(plan.Problem{Kind: plan.ProblemBadConfig}, plan.SeverityWarning, e)
	}
}

// arguments tells what is to be said about arguments and masked packages.
func (p *planner) arguments() {
	if m := p.p.Missing; m != nil {
		problem := plan.Problem{Kind: plan.ProblemMissingMember, Atoms: m.Atoms}
		p.add(problem, plan.SeverityWarning, "no visible ebuild: "+strings.Join(m.Atoms, " "))
	}
	if list := p.p.Provided; len(list) > 0 {
		problem := plan.Problem{Kind: plan.ProblemProvided}
		for _, x := range list {
			problem.Atoms = append(problem.Atoms, x.Arg)
		}
		p.add(problem, plan.SeverityWarning, "listed in package.provided: "+strings.Join(problem.Atoms, " "))
	}
	for _, x := range []struct {
		kind plan.ProblemKind
		list []render.MaskedPackage
	}{{plan.ProblemMaskedUpdate, p.p.MaskedUpdates}, {plan.ProblemMaskedInstalled, p.p.MaskedInstalled}} {
		for _, m := range x.list {
			text := fmt.Sprintf("%s::%s is masked by: %s", m.CPV, m.Repo, strings.Join(m.Reasons, ", "))
			p.add(plan.Problem{Kind: x.kind, Packages: []string{m.CPV}}, plan.SeverityWarning, text)
		}
	}
}

// withoutUse returns the packages that would match an atom but for the flags it
// wants, best first.
func (p *planner) withoutUse(u walk.Unsatisfied) []string {
	if len(u.Atom.USE) == 0 {
		return nil
	}
	a := u.Atom.WithoutUSE()
	var list []string
	for _, origin := range p.w.U.Origins() {
		for _, q := range p.w.U.Store(u.Root, origin, a.CP) {
			if cpv := q.CPV.String(); q.Matches(a, q.Flags()) && !slices.Contains(list, cpv) {
				list = append(list, cpv)
			}
		}
	}
	return list
}

// unsatisfied tells the dependencies and arguments that nothing satisfies.
func (p *planner) unsatisfied() {
	for i, u := range p.p.Unsatisfied {
		fact := p.w.Facts.Unsatisfied[i]
		problem := plan.Problem{Root: planning.Root(fact.Root), Atoms: []string{fact.Atom.String()}, RequiredBy: u.Chain}
		switch {
		case u.RequiredUse != nil:
			problem.Kind = plan.ProblemRequiredUse
			problem.Packages = []string{u.RequiredUse.Package.CPV()}
		case len(u.UseFixes) > 0:
			problem.Kind = plan.ProblemUse
			for _, f := range u.UseFixes {
				problem.Packages = append(problem.Packages, f.CPV)
			}
		case len(u.Masked) > 0:
			problem.Kind = plan.ProblemMasked
			for _, m := range u.Masked {
				problem.Packages = append(problem.Packages, m.CPV)
			}
		case len(p.withoutUse(fact)) > 0:
			problem.Kind = plan.ProblemUse
			problem.Packages = p.withoutUse(fact)
		default:
			problem.Kind = plan.ProblemNoMatch
		}
		u.Chain = nil
		p.add(problem, p.failure, u.Text(render.Options{}))
	}
}

// others tells what has no place in emerge's blocks.
func (p *planner) others() {
	f := &p.w.Facts
	if d := p.p.DepsNeeded; d != nil {
		p.add(plan.Problem{Kind: plan.ProblemDependencyNeeded}, p.failure, d.Text(render.Options{}))
	}
	if len(f.VirtualCycle) > 0 {
		problem := plan.Problem{Kind: plan.ProblemVirtualCycle}
		for _, v := range f.VirtualCycle {
			problem.Packages = append(problem.Packages, v.CPV.String())
		}
		p.add(problem, p.failure, virtualCycle(f.VirtualCycle))
	}
	for _, err := range f.Errors {
		p.add(plan.Problem{Kind: plan.ProblemBadPackage}, p.failure, err.Error())
	}
	for _, err := range p.w.U.Errors() {
		p.add(plan.Problem{Kind: plan.ProblemBadPackage}, plan.SeverityWarning, err.Error())
	}
	if !p.res.Success && !p.failed() {
		p.add(plan.Problem{Kind: plan.ProblemBadPackage}, plan.SeverityError, "the search ended without an answer")
	}
}

// failed says if one of the problems is an error.
func (p *planner) failed() bool {
	for _, x := range p.out {
		if x.Severity == plan.SeverityError {
			return true
		}
	}
	return false
}

// PlanChanges tells the changes of configuration that packages of a failed
// result need. A result that succeeded needs none.
func PlanChanges(res *resolver.Result) plan.Changes {
	var out plan.Changes
	if res.Success {
		return out
	}
	p := &planner{builder: newBuilder(res, Options{})}
	needs := p.needs()
	for _, x := range p.flagNeeds(needs) {
		out.Use = append(out.Use, p.useChange(x))
	}
	for _, x := range needs {
		cpv, root := x.pkg.CPV.String(), planning.Root(x.pkg.Root)
		if x.keyword != "" {
			out.Keywords = append(out.Keywords, plan.KeywordChange{CPV: cpv, Root: root, Atom: "=" + cpv, Keyword: x.keyword})
		}
		if x.mask != nil {
			out.Masks = append(out.Masks, plan.MaskChange{CPV: cpv, Root: root, Atom: "=" + cpv, File: plan.Maybe(x.mask.Pos.File)})
		}
		if len(x.licenses) > 0 {
			out.Licenses = append(out.Licenses, plan.LicenseChange{CPV: cpv, Root: root, Atom: p.openAtom(x.pkg, false), Licenses: x.licenses})
		}
	}
	return out
}

func (p *planner) useChange(x need) plan.UseChange {
	out := plan.UseChange{CPV: x.pkg.CPV.String(), Root: planning.Root(x.pkg.Root), Atom: p.openAtom(x.pkg, true)}
	for _, f := range x.flags {
		if f.On {
			out.Enable = append(out.Enable, f.Flag)
		} else {
			out.Disable = append(out.Disable, f.Flag)
		}
	}
	slices.Sort(out.Enable)
	slices.Sort(out.Disable)
	return out
}
