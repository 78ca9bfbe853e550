package walk

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A Blocker is a blocking atom at one root, whoever has it.
type Blocker struct {
	ID       universe.ID
	Root     *universe.Root // where its parents are or will be merged
	Atom     *atoms.Atom
	EAPI     string
	Strong   bool // the EAPI knows "!!", so that a plain "!" is meant weakly
	Priority digraph.Priority
}

// Forbids says if the blocked package may not even be there for a moment.
func (b *Blocker) Forbids() bool { return b.Atom.Blocker == atoms.BlockStrong }

type blockerKey struct {
	root universe.RootID
	atom string
	eapi string
}

// blockerTable keeps blockers and their relations. The graphs have blockers
// and packages as nodes.
type blockerTable struct {
	u          *universe.Universe
	byKey      map[blockerKey]*Blocker
	byNode     map[digraph.Node]*Blocker
	parents    *digraph.Graph // package -> blocker, relevant ones
	irrelevant *digraph.Graph // package -> blocker, those that match nothing or need nothing
	unsolvable *digraph.Graph // package -> blocker
	blocked    *digraph.Graph // blocker -> blocked package; nil before the first validation
	uninstalls *digraph.Graph // blocker -> removal that solves it

	removal map[*universe.Pkg]digraph.Node // the removal of an installed package
	removed map[digraph.Node]*universe.Pkg
}

func newBlockerTable(u *universe.Universe) *blockerTable {
	return &blockerTable{
		u:          u,
		byKey:      make(map[blockerKey]*Blocker),
		byNode:     make(map[digraph.Node]*Blocker),
		parents:    digraph.New(),
		irrelevant: digraph.New(),
		unsolvable: digraph.New(),
		uninstalls: digraph.New(),
		removal:    make(map[*universe.Pkg]digraph.Node),
		removed:    make(map[digraph.Node]*universe.Pkg),
	}
}

func (t *blockerTable) add(r *universe.Root, a *atoms.Atom, owner *universe.Pkg, prio digraph.Priority) {
	e := owner.Effective()
	k := blockerKey{r.ID, a.String(), e.EAPIName}
	b := t.byKey[k]
	if b == nil {
		b = &Blocker{ID: t.u.Reserve(), Root: r, Atom: a, EAPI: e.EAPIName, Priority: prio}
		b.Strong = e.EAPI == nil || e.EAPI.StrongBlockers
		t.byKey[k] = b
		t.byNode[digraph.Node(b.ID)] = b
	}
	t.parents.Add(digraph.Node(b.ID), node(owner), 0)
}

// task returns the node that stands for the removal of an installed package.
func (t *blockerTable) task(p *universe.Pkg) digraph.Node {
	n, ok := t.removal[p]
	if !ok {
		n = digraph.Node(t.u.Reserve())
		t.removal[p] = n
		t.removed[n] = p
	}
	return n
}

// Removal returns the installed package that a node of the graph removes, nil
// if the node is no removal.
func (w *Pass) Removal(n digraph.Node) *universe.Pkg { return w.blockers.removed[n] }

// addBlocker records a blocker of a package that was expanded (D101).
func (w *Pass) addBlocker(d *Dep) {
	p := d.Parent.Pkg
	if p == nil || w.P.NoDeps || d.CollapsedPriority&(digraph.Optional|digraph.Ignored) != 0 || p.OnlyDeps {
		return
	}
	for _, c := range w.S.Tracker.Conflicts() {
		// Only one package per slot can be accounted for.
		if contains(c.Pkgs[1:], p) {
			return
		}
	}
	w.blockers.add(p.Root, d.Atom, p, d.Priority)
}

// validateBlockers finds out which blockers matter and which removals would
// solve them (D102 to D108; Portage: _validate_blockers).
func (w *Pass) validateBlockers() bool {
	t := w.blockers
	t.blocked = digraph.New()
	if w.P.NoDeps {
		return true
	}
	if !w.addInstalledBlockers() {
		return false
	}
	t.revert(w.S.Graph)
	for _, n := range t.parents.Leaves(nil) {
		if b := t.byNode[n]; b != nil {
			w.validateBlocker(b)
		}
	}
	return true
}

// revert undoes what an earlier validation concluded.
func (t *blockerTable) revert(g *digraph.Graph) {
	for _, n := range t.uninstalls.Leaves(nil) {
		g.Remove(n)
	}
	t.uninstalls = digraph.New()
	for _, n := range t.irrelevant.Nodes() {
		for _, p := range t.irrelevant.Parents(n) {
			t.parents.Add(n, p, 0)
		}
	}
	t.irrelevant = digraph.New()
	t.unsolvable = digraph.New()
}

// addInstalledBlockers adds the run-time blockers of all installed packages
// that the graph has not brought in.
func (w *Pass) addInstalledBlockers() bool {
	for _, r := range w.U.Roots {
		if w.P.RootDeps == params.RootDepsRDeps && !r.Target {
			continue
		}
		for _, cp := range w.U.InstalledNames(r) {
			store := w.U.Store(r, ebuild.OriginInstalled, cp)
			for _, p := range slices.Backward(store) {
				if !w.addBlockersOf(p) {
					return false
				}
			}
		}
	}
	return true
}

func (w *Pass) addBlockersOf(p *universe.Pkg) bool {
	if w.S.Tracker.Stays(p) && w.toldMasked(p) {
		w.maskedInstalled(p)
	}
	if w.traversed.Get(p) {
		return true
	}
	list, err := w.runtimeBlockers(p)
	if err != nil {
		for _, q := range w.S.Tracker.Match(p.Root, p.SlotAtom()) {
			if q.Merges() {
				return true
			}
		}
		w.Facts.Errors = append(w.Facts.Errors, err)
		return false
	}
	for _, a := range list {
		w.blockers.add(p.Root, a, p, digraph.Runtime)
	}
	return true
}

// runtimeBlockers returns the blockers in the run-time dependencies of an
// installed package, choices being settled by what will be there.
func (w *Pass) runtimeBlockers(p *universe.Pkg) ([]*atoms.Atom, error) {
	var deps []*atoms.Dep
	for _, class := range [...]atoms.DepClass{atoms.IDepend, atoms.PDepend, atoms.RDepend} {
		if !strings.Contains(p.Effective().Raw(class.String()), "!") && !strings.Contains(p.Raw(class.String()), "!") {
			continue
		}
		reduced, err := w.reduce(p, class)
		if err != nil {
			return nil, err
		}
		deps = append(deps, reduced...)
	}
	if !hasBlocker(deps) {
		return nil, nil
	}
	groups, err := w.C.Check(deps, choose.Context{
		Root: p.Root, Final: true,
		Satisfied: func(a *atoms.Atom) bool { return len(w.S.Tracker.Match(p.Root, a)) > 0 },
	})
	if err != nil {
		return nil, err
	}
	var list []*atoms.Atom
	for _, g := range groups {
		for _, t := range g.Terms {
			if t.Atom.Blocker != atoms.BlockNone {
				list = append(list, t.Atom)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b *atoms.Atom) int { return strings.Compare(a.String(), b.String()) })
	return list, nil
}

func hasBlocker(deps []*atoms.Dep) bool {
	for _, d := range deps {
		for a := range d.All() {
			if a.Blocker != atoms.BlockNone {
				return true
			}
		}
	}
	return false
}

// validateBlocker sorts one blocker's parents into those it does not matter
// to, those that a removal helps, and those that nothing helps.
func (w *Pass) validateBlocker(b *Blocker) {
	t := w.blockers
	n := digraph.Node(b.ID)
	bare := b.Atom.Unblocked()
	initial := w.matchingWithUse(w.U.Installed(b.Root, bare), bare)
	final := w.matchingWithUse(w.S.Tracker.Match(b.Root, bare), bare)
	parents := slices.Clone(t.parents.Parents(n))
	if len(initial) == 0 && len(final) == 0 {
		t.parents.Remove(n)
		for _, p := range parents {
			t.irrelevant.Add(n, p, 0)
			if t.parents.ChildCount(p) == 0 {
				t.parents.Remove(p)
			}
		}
		return
	}
	for _, pn := range parents {
		w.validateParent(b, w.pkgOf(pn), initial, final)
	}
}

func (w *Pass) matchingWithUse(list []*universe.Pkg, a *atoms.Atom) []*universe.Pkg {
	var found []*universe.Pkg
	for _, p := range list {
		if w.S.Matches(a, p) {
			found = append(found, p)
		}
	}
	return found
}

// removalTask says that an installed package has to go before, or instead of,
// another one is merged.
type removalTask struct{ goes, merged *universe.Pkg }

func (w *Pass) validateParent(b *Blocker, parent *universe.Pkg, initial, final []*universe.Pkg) {
	t := w.blockers
	n := digraph.Node(b.ID)
	var tasks []removalTask
	unsolvable := false
	add := func(goes, merged *universe.Pkg) {
		if x := (removalTask{goes, merged}); !contains(tasks, x) {
			tasks = append(tasks, x)
		}
	}
	for _, p := range initial {
		if p.Slot == parent.Slot && !b.Forbids() || parent.Installed() {
			continue
		}
		t.blocked.Add(node(p), n, 0)
		if parent.Merges() {
			add(p, parent)
		} else {
			unsolvable = true
		}
	}
	for _, p := range final {
		if p.Slot == parent.Slot && !b.Forbids() || !parent.Merges() && !p.Merges() {
			continue
		}
		t.blocked.Add(node(p), n, 0)
		switch {
		case parent.Merges() && p.Installed():
			add(p, parent)
		case !parent.Merges():
			add(parent, p)
		default:
			unsolvable = true
		}
	}
	if w.P.BuildPkgOnly && !(b.Priority&digraph.Buildtime != 0 && b.Forbids()) {
		tasks = nil
	}
	if !unsolvable {
		unsolvable = slices.ContainsFunc(tasks, func(x removalTask) bool {
			return w.S.Graph.ParentCount(node(x.goes)) > 0
		})
	}
	switch {
	case unsolvable:
		t.unsolvable.Add(n, node(parent), 0)
	case len(tasks) == 0:
		t.irrelevant.Add(n, node(parent), 0)
		t.parents.RemoveEdge(n, node(parent))
		if t.parents.ParentCount(n) == 0 {
			t.parents.Remove(n)
		}
		if t.parents.ChildCount(node(parent)) == 0 {
			t.parents.Remove(node(parent))
		}
	default:
		for _, x := range tasks {
			task := t.task(x.goes)
			w.S.Graph.Add(task, node(x.merged), digraph.BlockerEdge)
			t.uninstalls.Add(task, n, 0)
		}
	}
}

// inBlockerConflict says if a package blocks or is blocked.
func (w *Pass) inBlockerConflict(p *universe.Pkg) bool {
	if w.blockers.blocked == nil {
		w.validateBlockers()
	}
	return w.blockers.blocked.Contains(node(p)) || w.blockers.parents.Contains(node(p))
}

// dropBlockers forgets a package that left the graph.
func (t *blockerTable) drop(p *universe.Pkg) {
	t.parents.Remove(node(p))
	t.irrelevant.Remove(node(p))
	t.unsolvable.Remove(node(p))
	if t.blocked != nil {
		t.blocked.Remove(node(p))
	}
}

// A BlockerView is a blocker as the outside sees it.
type BlockerView struct {
	*Blocker
	Parents []*universe.Pkg // who has it, in the order found
}

// BlockerOf describes the blocker of a node.
func (w *Pass) BlockerOf(n digraph.Node) BlockerView {
	v := BlockerView{Blocker: w.blockers.byNode[n]}
	for _, g := range [...]*digraph.Graph{w.blockers.parents, w.blockers.irrelevant} {
		for _, p := range g.Parents(n) {
			if pkg := w.pkgOf(p); pkg != nil && !contains(v.Parents, pkg) {
				v.Parents = append(v.Parents, pkg)
			}
		}
	}
	return v
}

// toldMasked says if an installed package that stays is told to be masked: one
// that nothing in the graph needs, for its licence only. The other reasons
// against those are not looked for, as that is most of the work here.
func (w *Pass) toldMasked(p *universe.Pkg) bool {
	if w.S.InGraph(p) {
		return !p.Visible()
	}
	return p.LicenseMasked()
}

// BlockersSolvedBy returns the blockers that a removal would solve.
func (w *Pass) BlockersSolvedBy(task digraph.Node) []BlockerView {
	var list []BlockerView
	for _, n := range w.blockers.uninstalls.Parents(task) {
		list = append(list, w.BlockerOf(n))
	}
	return list
}

// Blocked returns the packages that a blocker matches: installed ones and
// those that will be there.
func (w *Pass) Blocked(b *Blocker) []*universe.Pkg {
	bare := b.Atom.Unblocked()
	list := w.matchingWithUse(w.U.Installed(b.Root, bare), bare)
	for _, p := range w.matchingWithUse(w.S.Tracker.Match(b.Root, bare), bare) {
		if !contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}
