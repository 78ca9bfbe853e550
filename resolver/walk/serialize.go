package walk

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/universe"
)

// Names that Portage treats in a way of their own when it orders merges.
const (
	cpPortage   atoms.CP = "sys-apps/portage"
	cpLibc      atoms.CP = "virtual/libc"
	cpOSHeaders atoms.CP = "virtual/os-headers"
)

// serialize orders the graph. Order stays nil if the graph has to be completed
// first; false means that the order shows a reason to fail.
func (w *Pass) serialize() bool {
	in := w.orderInput()
	w.Input = in
	res := order.Serialize(in)
	if res.NeedComplete {
		w.S.Complete = true
		return true
	}
	w.Order = res
	if res.Circular != nil {
		w.noteCycles(res.Circular)
		return false
	}
	if len(res.Refused) > 0 {
		return false
	}
	return len(w.S.Tracker.Conflicts()) == 0 || w.acceptConflicts() || w.P.NoDeps
}

// noteCycles notes the cycles that no order solves: another pass could avoid
// them where there is a choice, unless that was tried already.
func (w *Pass) noteCycles(c *order.Circular) {
	unsolved := false
	if w.opt.Backtrack {
		cfg := w.Facts.config()
		for _, rec := range c.Records {
			child := w.pkgOf(rec.Child)
			if child == nil {
				continue
			}
			if _, tried := w.S.Search.Circular[child]; tried {
				unsolved = true
			}
			for _, n := range rec.Parents {
				if p := w.pkgOf(n); p != nil {
					cfg.Circular = append(cfg.Circular, CircularEdge{child, p})
				}
			}
		}
	}
	if unsolved || !w.opt.Backtrack {
		w.Facts.NoRestart = true
	} else {
		w.Facts.Restart = true
	}
}

// orderInput describes the graph for ordering.
func (w *Pass) orderInput() *order.Input {
	in := &order.Input{
		Graph:   w.S.Graph,
		Running: order.Root(w.U.Running.ID),
		Facts:   (*uninstallFacts)(w),
		Options: order.Options{
			Tree: w.P.Tree, NoDeps: w.P.NoDeps, ImplicitSystemDeps: w.P.ImplicitSystem,
			Complete: w.S.Complete, IgnoreWorld: w.P.IgnoreWorld, BuildPkgOnly: w.P.BuildPkgOnly,
			AcceptConflicts: w.acceptConflicts(),
		},
	}
	w.orderTasks(in)
	w.orderBlockers(in)
	w.orderSpecial(in)
	return in
}

func (w *Pass) orderTasks(in *order.Input) {
	in.Tasks = make([]order.Task, w.S.Graph.Limit())
	system := make([]map[atoms.CP][]*atoms.Atom, len(w.U.Roots))
	for i, r := range w.U.Roots {
		system[i] = make(map[atoms.CP][]*atoms.Atom)
		if set := w.req.Sets.Set(r, "system"); set != nil {
			for _, a := range set.Atoms {
				system[i][a.CP] = append(system[i][a.CP], a)
			}
		}
	}
	for _, n := range w.S.Graph.Nodes() {
		p, kind := w.pkgOf(n), order.Merge
		switch {
		case w.Removal(n) != nil:
			p, kind = w.Removal(n), order.Uninstall
		case p == nil:
			continue
		case !p.Merges():
			kind = order.NoMerge
		}
		in.Tasks[n] = order.Task{
			Kind: kind, CPV: p.CPV, Slot: p.Package.Slot, Root: order.Root(p.Root.ID),
			Installed: p.Installed(), Built: p.Built(), BuildTime: p.BuildTime(), OnlyDeps: p.OnlyDeps,
			System: w.matchesAny(system[p.Root.ID][p.CPV.CP], p),
		}
	}
}

func (w *Pass) matchesAny(list []*atoms.Atom, p *universe.Pkg) bool {
	for _, a := range list {
		if p.Matches(a, nil) {
			return true
		}
	}
	return false
}

func (w *Pass) orderBlockers(in *order.Input) {
	t := w.blockers
	ids := make(map[digraph.Node]order.BlockerID)
	id := func(n digraph.Node) order.BlockerID {
		if i, ok := ids[n]; ok {
			return i
		}
		b := t.byNode[n]
		i := order.BlockerID(len(in.Blockers))
		ids[n] = i
		in.Blockers = append(in.Blockers, order.Blocker{
			Forbid: b.Forbids(), Strong: b.Strong, Buildtime: b.Priority&digraph.Buildtime != 0,
		})
		w.blockerIDs = append(w.blockerIDs, n)
		return i
	}
	w.blockerIDs = nil
	for _, n := range t.uninstalls.Nodes() {
		if t.removed[n] == nil {
			continue
		}
		for _, b := range t.uninstalls.Parents(n) {
			in.Blocks = append(in.Blocks, order.Block{Blocker: id(b), Task: n})
		}
	}
	for _, n := range t.unsolvable.Nodes() {
		if t.byNode[n] != nil {
			in.Unsolvable = append(in.Unsolvable, id(n))
		}
	}
}

// BlockerNode returns the node of a blocker of the order.
func (w *Pass) BlockerNode(id order.BlockerID) digraph.Node { return w.blockerIDs[id] }

// orderSpecial finds the packages that get a place of their own: a new libc
// with its headers, and Portage itself.
func (w *Pass) orderSpecial(in *order.Input) {
	r := w.U.Running
	for _, p := range w.newProviders(r, cpLibc) {
		in.Libc = append(in.Libc, node(p))
	}
	for _, p := range w.newProviders(r, cpOSHeaders) {
		in.Headers = append(in.Headers, node(p))
	}
	portage := w.U.NameAtom(cpPortage)
	if list := w.S.Tracker.Match(r, portage); len(list) > 0 && list[0].Merges() {
		in.Tasks[node(list[0])].NewPortage = true
	}
}

// newProviders returns the merges that a virtual comes down to and whose exact
// version is not installed.
func (w *Pass) newProviders(r *universe.Root, virtual atoms.CP) []*universe.Pkg {
	var found []*universe.Pkg
	for _, a := range w.expandVirtual(r, w.U.NameAtom(virtual)) {
		if a.Blocker != atoms.BlockNone {
			continue
		}
		for _, p := range w.S.Tracker.Match(r, a) {
			if p.Merges() && w.U.InstalledSame(p) == nil && !contains(found, p) {
				found = append(found, p)
			}
		}
	}
	return found
}

// expandVirtual returns the atoms that a virtual in the final state needs, or
// the atom itself if there is no such virtual.
func (w *Pass) expandVirtual(r *universe.Root, a *atoms.Atom) []*atoms.Atom {
	var list []*atoms.Atom
	any := false
	for _, p := range w.S.Tracker.Match(r, a) {
		deps, err := w.reduce(p, atoms.RDepend)
		if err != nil {
			continue
		}
		groups, err := w.C.Check(deps, choose.Context{Root: r, Parent: p, Final: true})
		if err != nil {
			continue
		}
		any = true
		for _, g := range groups {
			for _, t := range g.Terms {
				if t.Orig == nil {
					list = append(list, t.Atom)
				}
			}
		}
	}
	if !any {
		return []*atoms.Atom{a}
	}
	return list
}

// uninstallFacts answers what ordering asks before it removes a package.
type uninstallFacts Pass

// LastPortageDep says if the removal would take the last installed match of
// Portage itself or of something that the installed Portage needs to run.
func (f *uninstallFacts) LastPortageDep(task digraph.Node) bool {
	w := (*Pass)(f)
	p := w.Removal(task)
	needed := []*atoms.Atom{w.U.NameAtom(cpPortage)}
	if list := w.U.Installed(w.U.Running, needed[0]); len(list) > 0 {
		needed = append(needed, w.runtimeAtoms(list[0])...)
	}
	for _, a := range needed {
		if a.Blocker != atoms.BlockNone || !p.Matches(a, nil) {
			continue
		}
		last := true
		for _, q := range w.U.Installed(p.Root, a) {
			if q != p {
				last = false
			}
		}
		if last {
			return true
		}
	}
	return false
}

func (w *Pass) runtimeAtoms(p *universe.Pkg) []*atoms.Atom {
	deps, err := w.reduce(p, atoms.RDepend)
	if err != nil {
		return nil
	}
	groups, err := w.C.Check(deps, choose.Context{Root: p.Root, Parent: p})
	if err != nil {
		return nil
	}
	var list []*atoms.Atom
	for _, g := range groups {
		for _, t := range g.Terms {
			list = append(list, t.Atom)
		}
	}
	return list
}

// LastSelected says if an atom of @selected matches the package and nothing
// else of what will be there.
func (f *uninstallFacts) LastSelected(task digraph.Node) bool {
	w := (*Pass)(f)
	p := w.Removal(task)
	set := w.req.Sets.Set(p.Root, "selected")
	if set == nil {
		return false
	}
	for _, a := range set.Atoms {
		if !p.Matches(a, nil) {
			continue
		}
		other := false
		for _, q := range w.S.Tracker.Match(p.Root, a) {
			other = other || q != p
		}
		if !other {
			return true
		}
	}
	return false
}
