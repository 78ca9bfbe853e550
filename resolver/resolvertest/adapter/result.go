package adapter

import (
	"slices"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// translation turns an answer of the resolver into the words of cases.
type translation struct {
	res   *resolver.Result
	world *resolvertest.World
}

// Translate tells an answer in the words of cases, without what is displayed.
func Translate(res *resolver.Result) *resolvertest.Result {
	w := &resolvertest.World{TargetRoot: res.System.Target != res.System.Running}
	return (&translation{res: res, world: w}).result()
}

func (t *translation) result() *resolvertest.Result {
	w := t.res.Pass
	r := &resolvertest.Result{Success: t.res.Success, UnsatisfiedDeps: []string{}, MissingArgs: [][2]string{}}
	if w.Order != nil && w.Order.Circular == nil {
		r.Mergelist = []string{}
		r.Tasks = []resolvertest.Task{}
		for _, item := range w.Order.List {
			task := t.task(item)
			r.Tasks = append(r.Tasks, task)
			r.Mergelist = append(r.Mergelist, task.MergelistEntry())
		}
	}
	t.changes(r)
	t.problems(r)
	t.graph(r)
	for _, m := range w.Facts.Missing {
		r.MissingArgs = append(r.MissingArgs, [2]string{m.Arg.Text, m.Atom.String()})
	}
	r.Favorites = t.favorites()
	return r
}

func (t *translation) task(item order.Item) resolvertest.Task {
	w := t.res.Pass
	if item.Task == digraph.None {
		b := w.BlockerOf(w.BlockerNode(item.Blocker))
		return resolvertest.Task{
			Type: resolvertest.TaskBlocker, Atom: b.Atom.String(), Satisfied: item.Satisfied, ForbidOverlap: b.Forbids(),
		}
	}
	if p := w.Removal(item.Task); p != nil {
		task := t.pkg(p)
		task.Operation = resolvertest.OpUninstall
		return task
	}
	return t.pkg(w.U.Pkg(universe.ID(item.Task)))
}

func (t *translation) pkg(p *universe.Pkg) resolvertest.Task {

	task := resolvertest.Task{
		CPV: p.CPV.String(), Slot: p.Package.Slot, Subslot: p.Subslot, Repo: p.Repo,
		Target:  t.world.TargetRoot && p.Root != t.res.Universe.Running,
		BuildID: p.BuildID, Remote: p.Remote != "",
	}
	for _, f := range p.IUSE {
		task.IUSE = append(task.IUSE, f.Name)
	}
	slices.Sort(task.IUSE)
	task.IUSE = slices.Compact(task.IUSE)
	task.USE = p.Explicit(p.Flags())
	switch p.Origin {
	case ebuild.OriginBinary:
		task.Type = resolvertest.TaskBinary
	case ebuild.OriginInstalled:
		task.Type = resolvertest.TaskInstalled
	default:
		task.Type = resolvertest.TaskEbuild
	}
	if !p.Merges() {
		task.Operation = resolvertest.OpNoMerge
	}
	return task
}

func (t *translation) changes(r *resolvertest.Result) {
	c := &t.res.Pass.S.Changes
	for p, u := range c.USE {
		if r.UseChanges == nil {
			r.UseChanges = make(map[string]map[string]bool)
		}
		m := make(map[string]bool)
		for _, f := range u.Flags.Changes {
			m[f.Flag] = f.On
		}
		r.UseChanges[p.CPV.String()] = m
	}
	for p := range c.Unstable {
		r.UnstableKeywords = append(r.UnstableKeywords, p.CPV.String())
	}
	for p := range c.Unmask {
		r.NeededPMaskChanges = append(r.NeededPMaskChanges, p.CPV.String())
	}
	for p, l := range c.License {
		if r.LicenseChanges == nil {
			r.LicenseChanges = make(map[string][]string)
		}
		r.LicenseChanges[p.CPV.String()] = l
	}
}

func (t *translation) problems(r *resolvertest.Result) {
	w := t.res.Pass
	for _, u := range w.Facts.Unsatisfied {
		r.UnsatisfiedDeps = append(r.UnsatisfiedDeps, u.Atom.String())
		if u.RequiredUSE != nil {
			r.RequiredUseUnsatisfied = append(r.RequiredUseUnsatisfied, u.Atom.String())
		}
	}
	for _, p := range w.Facts.VirtualCycle {
		r.VirtualCycle = append(r.VirtualCycle, p.CPV.String())
	}
	if t.res.ConflictShown() {
		r.SlotCollisionSolutions = t.suggestions(w)
	}
	for _, f := range t.res.ForcedRebuilds() {
		if r.ForcedRebuilds == nil {
			r.ForcedRebuilds = make(map[string][]string)
		}
		cause := f.Cause.CPV.String()
		for _, p := range f.Rebuilt {
			r.ForcedRebuilds[cause] = append(r.ForcedRebuilds[cause], p.CPV.String())
		}
	}
}

func (t *translation) suggestions(w *walk.Pass) []map[string]map[string]bool {
	list := []map[string]map[string]bool{}
	for _, s := range w.ConflictSuggestions() {
		change := make(map[string]map[string]bool)
		for _, c := range s {
			m := make(map[string]bool)
			for _, f := range c.Changes {
				m[f.Flag] = f.On
			}
			change[c.Pkg.CPV.String()] = m
		}
		list = append(list, change)
	}
	return list
}

// graph lists the nodes of the graph: packages as in the merge list, arguments
// and sets by their text.
func (t *translation) graph(r *resolvertest.Result) {
	w := t.res.Pass
	r.GraphOrder = []string{}
	args := make(map[digraph.Node]*partial.Arg)
	for _, a := range w.AllArgs() {
		args[digraph.Node(a.ID)] = a
	}
	for _, n := range w.S.Graph.Nodes() {
		switch {
		case args[n] != nil:
			r.GraphOrder = append(r.GraphOrder, args[n].Text)
		case w.Removal(n) != nil:
			task := t.pkg(w.Removal(n))
			task.Operation = resolvertest.OpUninstall
			r.GraphOrder = append(r.GraphOrder, task.MergelistEntry())
		default:
			task := t.pkg(w.U.Pkg(universe.ID(n)))
			r.GraphOrder = append(r.GraphOrder, task.MergelistEntry())
		}
	}
}

func (t *translation) favorites() []string {
	list := []string{}
	if t.res.Pass.Facts.VirtualCycle != nil {
		return list
	}
	for _, a := range t.res.Pass.Args() {
		switch {
		case a.Internal:
		case a.Kind == partial.ArgSet:
			list = append(list, a.Text)
		default:
			list = append(list, a.Atoms()[0].String())
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
