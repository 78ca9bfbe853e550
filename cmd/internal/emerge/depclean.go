package emerge

import (
	"context"
	"errors"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/depclean"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/report"
	"github.com/tumpline/tumpline/resolver/unmerge"
)

// depclean removes what nothing needs; as --prune older versions.
func (m *removal) depclean(ctx context.Context) error {
	look := m.look()
	if m.action == "depclean" && !look.Quiet && len(m.args) == 0 {
		if err := m.say(render.Message{Text: render.DepcleanAdvice(m.links(), look)}); err != nil {
			return err
		}
	}
	if end, err := m.missing(); end || err != nil {
		return err
	}
	if err := m.checkWorld(); err != nil {
		return err
	}
	res, err := m.calculate(ctx)
	if err != nil {
		return err
	}
	o := report.RemovalOptions{Action: m.action, Notice: !look.Quiet}
	if l := res.libraries; l != nil {
		o.Checked, o.Searched = l.checked, l.searched
	}
	if err := m.say(report.Depclean(res.Removal, o).Messages(look)...); err != nil {
		return err
	}
	m.tellWarnings(res.Problems)
	m.problems = append(m.problems, report.RemovalProblems(res.Removal, m.atoms())...)
	if !res.Success {
		return m.finish(nil, m.problems)
	}
	return m.showList(ctx, res.Removal)
}

// showList shows the packages that go, and the numbers.
func (m *removal) showList(ctx context.Context, res *resolver.Removal) error {
	var list []*atoms.Atom
	for _, p := range res.List {
		list = append(list, p.ExactAtom())
	}
	var selected []*ebuild.Package
	problems := m.problems
	if len(list) > 0 {
		chosen, err := m.selectRemoved(unmerge.Unmerge, list, res.Ordered)
		if err != nil {
			return err
		}
		selected, problems = chosen.Selected(), m.selectionProblems(chosen)
	}
	if !m.carries() {
		if err := m.summary(res); err != nil {
			return err
		}
		return m.end(ctx, selected, true, problems)
	}
	if len(m.args) > 0 && len(res.List) == 0 {
		return errors.Join(m.finish(nil, problems), &cli.FailedError{Status: cli.StatusFailure})
	}
	if err := m.end(ctx, selected, true, problems); err != nil {
		return err
	}
	return m.summary(res)
}

// summary counts packages, for --depclean.
func (m *removal) summary(res *resolver.Removal) error {
	if m.action == "prune" || len(res.List) == 0 && m.line.Has("--quiet") {
		return nil
	}
	all, _ := m.session.Target.Installed.All() // what cannot be read is a warning of the session
	return m.say(render.Message{Text: render.DepcleanSummary{
		Installed: len(all), World: res.Members[sets.Selected], System: res.Members[sets.System], Profile: res.Members[sets.Profile],
		Required: res.Required, Removed: len(res.List), Pretend: m.line.Has("--pretend"),
	}.Text()})
}

// links says if removing packages can leave others without libraries.
func (m *removal) links() render.Links {
	if !m.session.Target.Config.Feature("preserve-libs") && m.line.Text("--depclean-lib-check") == "n" {
		return render.LinksMayBreak
	}
	return render.LinksChecked
}

// missing tells which arguments match nothing installed; end says that none
// matches anything.
func (m *removal) missing() (end bool, err error) {
	var problems []plan.Problem
	for _, a := range m.args {
		if len(m.match(a.Atom)) > 0 {
			continue
		}
		text := render.NotInstalled(a.Atom.String(), m.action)
		if err := m.say(render.Message{Text: text, Err: true}); err != nil {
			return false, err
		}
		problems = append(problems, plan.Problem{Kind: plan.ProblemNoMatch, Severity: plan.SeverityWarning, Atoms: []string{a.Text}, Message: plain(text)})
	}
	if len(m.args) == 0 || len(problems) < len(m.args) {
		m.problems = append(m.problems, problems...)
		return false, nil
	}
	if !m.line.Has("--quiet") {
		err = m.say(render.Message{Text: ">>> No packages selected for removal by " + m.action + "\n"})
	}
	for i := range problems {
		problems[i].Severity = plan.SeverityError
	}
	return true, errors.Join(err, m.finish(nil, append(m.problems, problems...)))
}

// checkWorld refuses if the sets that say what is needed are not whole.
func (m *removal) checkWorld() error {
	config := m.session.Target.Sets
	faults, size := &render.WorldFaults{}, make(map[string]int)
	var unknown []string
	for _, name := range []string{sets.Profile, sets.System, sets.Selected, sets.World} {
		if config.Set(name) == nil {
			continue
		}
		list, err := config.Flatten(name)
		var missing *sets.NotFoundError
		switch {
		case errors.As(err, &missing):
			faults.Missing = append(faults.Missing, render.MissingSet{In: name, Name: missing.Name})
			unknown = append(unknown, sets.Prefix+missing.Name)
			list = config.Set(name).Members().Atoms
		case err != nil:
			return m.fail(plan.ProblemBadConfig, err)
		case name == sets.World:
			faults.EmptyWorld = len(list) == 0
		}
		size[name] = len(list)
	}
	faults.NoSystem, faults.NoWorld = size[sets.System]+size[sets.Profile] == 0, size[sets.Selected] == 0
	faults.Aborts = len(faults.Missing) > 0 || faults.EmptyWorld
	if text := faults.Text(); text != "" {
		if err := m.say(render.Message{Text: text, Err: true}); err != nil {
			return err
		}
	}
	slices.Sort(unknown)
	unknown = slices.Compact(unknown)
	switch {
	case len(unknown) > 0:
		return m.fails(plan.Problem{Kind: plan.ProblemUnknownSet, Atoms: unknown, Message: plain(faults.Text())})
	case faults.EmptyWorld:
		return m.fails(plan.Problem{Kind: plan.ProblemBadConfig, Atoms: []string{"@world"}, Message: plain(faults.Text())})
	}
	return nil
}

// A calculation is the resolver's answer and what it asked about libraries.
type calculation struct {
	*resolver.Removal
	libraries *libraries
}

// calculate asks the resolver what may go.
func (m *removal) calculate(ctx context.Context) (*calculation, error) {
	options, err := params.Decode(m.line)
	if err != nil {
		return nil, misunderstood(err)
	}
	options.Action = params.ActionRemove
	req := &resolver.RemovalRequest{Options: options, Action: depclean.Depclean, KeepSelected: m.line.Text("--deselect") == "n"}
	if m.action == "prune" {
		req.Action = depclean.Prune
	}
	req.Atoms = m.atoms()
	c := &calculation{}
	if m.line.Text("--depclean-lib-check") != "n" {
		c.libraries = &libraries{removal: m}
		req.Libraries = c.libraries.held
	}
	c.Removal, err = resolver.Remove(ctx, m.session.System(), req)
	return c, err
}
