package emerge

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/unmerge"
)

// unmerge removes packages by name, without looking at dependencies.
func (m *removal) unmerge(ctx context.Context) error {
	look := m.look()
	action := map[string]unmerge.Action{
		"clean": unmerge.Clean, "prune": unmerge.Prune, "rage-clean": unmerge.RageClean, "unmerge": unmerge.Unmerge,
	}[m.action]
	ordered := action == unmerge.Unmerge || action == unmerge.RageClean
	if action == unmerge.Unmerge && !look.Quiet && !m.line.Has("--quiet-unmerge-warn") {
		if err := m.say(render.Message{Text: render.UnmergeWarning(look), Err: true}); err != nil {
			return err
		}
	}
	if len(m.args) == 0 && ordered {
		text := render.UnmergeWhat(m.action, look)
		if err := m.say(render.Message{Text: text}); err != nil {
			return err
		}
		return m.fails(plan.Problem{Kind: plan.ProblemInvalidArgument, Message: plain(text)})
	}
	list := m.atoms()
	if len(list) == 0 {
		cps, _ := m.session.Target.Installed.CPs() // what cannot be read is a warning of the session
		for _, cp := range cps {
			list = append(list, atoms.NewAtom(cp))
		}
	}
	res, err := m.selectRemoved(action, list, ordered)
	if err != nil {
		return err
	}
	m.tellWarnings(nil)
	return m.end(ctx, res.Selected(), false, m.selectionProblems(res))
}

// selectRemoved selects packages and shows the selection.
func (m *removal) selectRemoved(action unmerge.Action, list []*atoms.Atom, ordered bool) (*unmerge.Result, error) {
	userSets, unknown := m.userSets()
	req := &unmerge.Request{
		Action: action, Args: list, Ordered: ordered, Match: m.match, System: m.systemNames(), Sets: userSets,
	}
	if m.running() {
		req.Protect = m.protection()
	}
	res := unmerge.Select(req)
	target := m.session.Target
	s := &render.Selection{
		Action: action.String(), Announce: m.line.Has("--pretend") || m.line.Has("--ask"),
		Found: res.Found, Global: len(m.args) == 0 && (action == unmerge.Clean || action == unmerge.Prune),
		WorldSets: filepath.Join(target.EROOT(), sets.WorldSetsFile), Unknown: unknown,
	}
	if target.Path != m.session.Build.Path {
		s.Root = strings.TrimSuffix(target.Path, "/") + "/"
	}
	for _, a := range res.Missing {
		s.Missing = append(s.Missing, a.String())
	}
	for _, r := range res.Refused {
		s.Refused = append(s.Refused, render.RefusedRemoval{CPV: r.Package.CPV.String(), Interpreter: r.Why == unmerge.Interpreter})
	}
	for _, l := range res.Listed {
		s.Listed = append(s.Listed, render.ListedRemoval{CPV: l.Package.CPV.String(), Sets: l.Sets})
	}
	for _, g := range res.Groups {
		s.Groups = append(s.Groups, render.RemovalGroup{
			CP: string(g.CP), Selected: versions(g.Selected), Protected: versions(g.Protected), Omitted: versions(g.Omitted),
			System: g.System, Virtual: string(g.Virtual),
		})
	}
	for _, p := range res.Selected() {
		s.Selected = append(s.Selected, p.CPV.String())
	}
	return res, m.say(s.Messages(m.look())...)
}

func versions(list []*ebuild.Package) (out []string) {
	for _, p := range list {
		out = append(out, p.CPV.Version.String())
	}
	return out
}

// selectionProblems are the problems of a selection; that nothing goes is an
// error.
func (m *removal) selectionProblems(res *unmerge.Result) []plan.Problem {
	list := m.problems
	for _, a := range res.Missing {
		list = append(list, plan.Problem{
			Kind: plan.ProblemNoMatch, Severity: plan.SeverityWarning, Atoms: []string{a.String()},
			Message: plain(render.NotInstalled(a.String(), m.action)),
		})
	}
	for _, r := range res.Refused {
		list = append(list, plan.Problem{
			Kind: plan.ProblemInvalidArgument, Severity: plan.SeverityWarning, Packages: []string{r.Package.CPV.String()},
			Message: r.Package.CPV.String() + " stays: it is the " + r.Why.String() + " in use",
		})
	}
	if len(res.Selected()) == 0 {
		list = append(list, plan.Problem{
			Kind: plan.ProblemNoMatch, Severity: plan.SeverityError, Atoms: m.texts(),
			Message: "No packages selected for removal by " + m.action,
		})
	}
	return list
}

// userSets returns the sets of the user below @selected that are not up for
// removal themselves, and the names of those that do not exist.
func (m *removal) userSets() (list []unmerge.Set, unknown []string) {
	config := m.session.Target.Sets
	selected := config.Set(sets.Selected)
	if selected == nil {
		return nil, nil
	}
	queue := slices.Clone(selected.Members().Nested)
	for i := 0; i < len(queue); i++ {
		name := queue[i]
		set := config.Set(name)
		if set == nil {
			unknown = append(unknown, name)
			continue
		}
		for _, n := range set.Members().Nested {
			if !slices.Contains(queue, n) {
				queue = append(queue, n)
			}
		}
		if set.Editable && !slices.Contains(m.active, name) {
			list = append(list, unmerge.Set{Name: name, Atoms: set.Members().Atoms})
		}
	}
	return list, unknown
}

// systemNames are the names in @system, virtual packages replaced by what
// provides them.
func (m *removal) systemNames() map[atoms.CP]atoms.CP {
	names := make(map[atoms.CP]atoms.CP)
	set := m.session.Target.Sets.Set(sets.System)
	if set == nil {
		return names
	}
	for _, a := range set.Members().Atoms {
		for _, b := range m.providers(a) {
			virtual := atoms.CP("")
			if b.CP != a.CP {
				virtual = a.CP
			}
			names[b.CP] = virtual
		}
	}
	return names
}

// providers follows an atom through installed virtual packages.
func (m *removal) providers(a *atoms.Atom) (list []*atoms.Atom) {
	stack, seen := []*atoms.Atom{a}, make(map[*ebuild.Package]bool)
	for len(stack) > 0 {
		a, stack = stack[len(stack)-1], stack[:len(stack)-1]
		found := m.match(a)
		if a.CP.Category() != "virtual" || len(found) == 0 {
			list = append(list, a)
			continue
		}
		p := found[len(found)-1]
		if seen[p] {
			continue
		}
		seen[p] = true
		tree, err := p.Deps(atoms.RDepend)
		if err != nil {
			list = append(list, a)
			continue
		}
		reduced := atoms.Reduce(tree, atoms.ReduceOptions{EAPI: p.EAPI, Enabled: m.session.Target.Use.State(p).Enabled})
		for _, b := range m.installedLeaves(reduced) {
			if b.Blocker == atoms.BlockNone {
				stack = append(stack, b)
			}
		}
	}
	return list
}

// installedLeaves returns the atoms of a reduced tree; of alternatives those
// of the first that is installed, or else of the first.
func (m *removal) installedLeaves(d *atoms.Dep) (list []*atoms.Atom) {
	switch d.Kind {
	case atoms.KindLeaf:
		return []*atoms.Atom{d.Leaf}
	case atoms.KindAny:
		for _, c := range d.Children {
			leaves := m.installedLeaves(c)
			if !slices.ContainsFunc(leaves, func(a *atoms.Atom) bool { return len(m.match(a)) == 0 }) {
				return leaves
			}
		}
		if len(d.Children) > 0 {
			return m.installedLeaves(d.Children[0])
		}
		return nil
	default:
		for _, c := range d.Children {
			list = append(list, m.installedLeaves(c)...)
		}
		return list
	}
}

// protection says which packages a running system keeps: Portage, and what
// owns the Python that it runs with.
func (m *removal) protection() func(*ebuild.Package) unmerge.Protection {
	var owners []*ebuild.Package
	target := m.session.Target
	if python := interpreter(target.EROOT()); python != "" {
		// A package whose list cannot be read owns nothing.
		found, _ := target.Installed.Owners(target.Path, []string{python})
		owners = found[python]
	}
	return func(p *ebuild.Package) unmerge.Protection {
		switch {
		case p.CPV.CP == "sys-apps/portage":
			return unmerge.Manager
		case slices.Contains(owners, p):
			return unmerge.Interpreter
		default:
			return unmerge.Free
		}
	}
}

// interpreter returns the Python that would run Portage's emerge, relative to
// the root: that of the last version for which emerge is there.
func interpreter(eroot string) string {
	const dirs = "usr/lib/python-exec/python3.*/emerge"
	found, _ := filepath.Glob(filepath.Join(eroot, dirs)) // the pattern is good
	if len(found) == 0 {
		return ""
	}
	slices.SortFunc(found, func(a, b string) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return strings.Compare(a, b)
	})
	return "/usr/bin/" + filepath.Base(filepath.Dir(found[len(found)-1]))
}
