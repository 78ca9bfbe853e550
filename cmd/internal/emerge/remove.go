package emerge

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/planning"
	"github.com/tumpline/tumpline/resolver/render"
)

// removalActions are the actions that take packages or world entries away.
func removalActions() []string {
	return []string{"clean", "depclean", "deselect", "prune", "rage-clean", "unmerge"}
}

// A removal is one request to remove packages or world entries.
type removal struct {
	*run
	action   string
	args     []removalArg
	active   []string       // sets among the arguments, without "@"
	problems []plan.Problem // warnings so far
	notes    []error        // what could be passed over, to be told at the end
	changed  bool           // packages were removed
}

// A removalArg is an argument: an atom, or for --deselect a set.
type removalArg struct {
	Text string
	Atom *atoms.Atom
	Set  string // without "@"
}

// remove answers a request for removal. The order of the checks is emerge's.
func (r *run) remove(ctx context.Context) error {
	l := r.line
	l.imply(r.session.Target.Config.Feature)
	if err := r.checkProfiles(); err != nil {
		return err
	}
	m := &removal{run: r, action: l.Action}
	words, end, err := m.expandSets(l.Args)
	if end || err != nil {
		return err
	}
	if l.Has("--tree") && l.Has("--columns") {
		return r.object(`emerge: can't specify both of "--tree" and "--columns".`)
	}
	if l.Has("--emptytree") && l.Has("--noreplace") {
		return r.object(`emerge: can't specify both of "--emptytree" and "--noreplace".`)
	}
	if err := m.checkCarrying(); m.action != "deselect" && err != nil {
		return err
	}
	if m.args, err = m.readArgs(words); err != nil {
		return err
	}
	if len(words) > 0 && len(m.args) == 0 {
		return m.fails(plan.Problem{Kind: plan.ProblemNoMatch, Atoms: words, Message: "no installed package matches"})
	}
	defer func() {
		if m.changed {
			m.afterChange()
		}
	}()
	switch {
	case m.action == "deselect":
		return m.deselect(ctx)
	case m.action == "depclean", m.action == "prune" && !l.Has("--nodeps"):
		return m.depclean(ctx)
	default:
		return m.unmerge(ctx)
	}
}

// say writes messages to the streams they are for; with --json none is wanted.
func (m *removal) say(list ...render.Message) error {
	if m.json() {
		return nil
	}
	for _, x := range list {
		w := m.messages()
		if x.Err {
			w = m.env.Err
		}
		if _, err := io.WriteString(w, x.Text); err != nil {
			return err
		}
	}
	return nil
}

// fails ends the run with a problem that has been told as text.
func (m *removal) fails(p plan.Problem) error {
	p.Severity = plan.SeverityError
	return m.finish(nil, append(m.problems, p))
}

// warns notes a problem that does not end the run; text is emerge's.
func (m *removal) warns(p plan.Problem, text render.Message) error {
	p.Severity = plan.SeverityWarning
	if p.Message == "" {
		p.Message = plain(text.Text)
	}
	m.problems = append(m.problems, p)
	return m.say(text)
}

// plain is a message without emerge's marks.
func plain(text string) string {
	var lines []string
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\n")
		for _, mark := range []string{"!!! ", "--- ", ">>> ", " * "} {
			l = strings.TrimPrefix(l, mark)
		}
		lines = append(lines, l)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// finish writes the document, if one is wanted, and gives the exit status.
func (m *removal) finish(list []planning.Removal, problems []plan.Problem) error {
	failed := slices.ContainsFunc(problems, func(p plan.Problem) bool { return p.Severity == plan.SeverityError })
	if m.json() {
		heading := planning.Heading{Request: m.request(), Roots: m.roots()}
		p := planning.BuildRemoval(list, heading, m.session.Target.Config.Words("USE_EXPAND"), problems)
		if err := plan.Write(m.env.Out, p); err != nil {
			return err
		}
	}
	if failed {
		return &cli.FailedError{Status: cli.StatusFailure}
	}
	return nil
}

// steps are the packages of a list as the document takes them.
func (m *removal) steps(list []*ebuild.Package, unneeded bool) []planning.Removal {
	var out []planning.Removal
	for _, p := range list {
		step := planning.Removal{Package: p, Flags: m.session.Target.Use.State(p), Unneeded: unneeded}
		// What could not be read is a warning of the session.
		step.Versions, _ = m.session.Target.Installed.Packages(p.CPV.CP)
		for _, a := range m.args {
			if m.matches(a.Atom, p) {
				step.Args = append(step.Args, a.Text)
			}
		}
		out = append(out, step)
	}
	return out
}

// match returns the installed packages of the target that an atom matches,
// ascending.
func (m *removal) match(a *atoms.Atom) []*ebuild.Package {
	// What cannot be read is a warning of the session.
	list, _ := m.session.Target.Installed.Packages(a.CP)
	return slices.DeleteFunc(slices.Clone(list), func(p *ebuild.Package) bool { return !m.matches(a, p) })
}

func (m *removal) matches(a *atoms.Atom, p *ebuild.Package) bool {
	if a == nil {
		return false
	}
	if len(a.USE) == 0 {
		return a.Match(p.Candidate(nil))
	}
	return a.Match(p.Candidate(m.session.Target.Use.State(p)))
}

// running says if the target is the system that runs.
func (m *removal) running() bool { return m.session.Target == m.session.Build }

// atoms are the arguments as atoms.
func (m *removal) atoms() []*atoms.Atom {
	var list []*atoms.Atom
	for _, a := range m.args {
		list = append(list, a.Atom)
	}
	return list
}

// texts are the arguments as given.
func (m *removal) texts() []string {
	var list []string
	for _, a := range m.args {
		list = append(list, a.Text)
	}
	return list
}

// tellWarnings tells, as the end of a run, what is wrong with files that could be
// passed over.
func (m *removal) tellWarnings(more []error) {
	if m.line.Has("--quiet") {
		return
	}
	for _, w := range slices.Concat(m.session.Warnings(), m.notes, more) {
		_, _ = io.WriteString(m.env.Err, "emerge: warning: "+w.Error()+"\n")
	}
}
