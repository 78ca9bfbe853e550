package stages

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// An instance is a package that could be merged in one form: as it shall be,
// or with flags switched.
type instance struct {
	id      int
	member  *member
	changes []universe.FlagChange // nil: as it shall be
	flags   *universe.Flags
	build   []*expr // each must be met when it is built
	run     []*expr // each must be met for it to be usable
	dead    bool    // some clause can never be met
	cost    cost
	avoided bool // switches flags that the policy avoids
}

// A member is a package that could not be ordered.
type member struct {
	index    int
	pkg      *universe.Pkg
	node     digraph.Node
	final    *instance
	variants []*instance
	capped   bool // not every combination of flags is among the variants
	comp     int  // component, in the order in which they can be solved
	madeFor  int  // size of the component that the variants were made for
	cyclic   bool // the component has more than one member, or an edge to itself
	classes  []walk.ClassOf
}

type nameKey struct {
	root universe.RootID
	cp   atoms.CP
}

func keyOf(p *universe.Pkg) nameKey { return nameKey{p.Root.ID, p.CPV.CP} }

// A draft says which USE dependencies on members do not count, as their
// variants are still to be made.
type draft uint8

const (
	noDraft     draft = iota // all count
	draftInside              // those inside a component do not
	draftAll                 // none do
)

// lets says if what x asks of the flags of y does not count.
func (d draft) lets(x, y *member) bool { return d == draftAll || d == draftInside && x.comp == y.comp }

// A model is what is left of a pass where Portage stops: packages to be merged,
// with those that are there by then.
type model struct {
	w       *walk.Pass
	o       Options
	members []*member
	insts   []*instance
	byName  map[nameKey][]*member
	byPkg   map[*universe.Pkg]*member
	before  map[nameKey][]*universe.Pkg // merged before
	gone    map[*universe.Pkg]bool      // installed, and replaced or removed before
	proved  map[*member]bool            // of components that no flags can cut
	draft   draft                       // which USE dependencies do not count yet
	missed  bool                        // something that is gone, or another form of a member, could be what one needs
}

func newModel(w *walk.Pass, o Options) *model {
	return &model{
		w: w, o: o,
		byName: make(map[nameKey][]*member), byPkg: make(map[*universe.Pkg]*member),
		before: make(map[nameKey][]*universe.Pkg), gone: make(map[*universe.Pkg]bool),
	}
}

// gather reads the pass: what is merged before, and what is left.
func (m *model) gather() {
	c := m.w.Order.Circular
	for _, item := range c.Before {
		if item.Task == digraph.None {
			continue
		}
		if p := m.w.Removal(item.Task); p != nil {
			m.gone[p] = true
			continue
		}
		p := m.w.U.Pkg(universe.ID(item.Task))
		m.before[keyOf(p)] = append(m.before[keyOf(p)], p)
		for _, q := range m.w.U.Store(p.Root, ebuild.OriginInstalled, p.CPV.CP) {
			if q.Slot == p.Slot || q.CPV == p.CPV {
				m.gone[q] = true
			}
		}
	}
	for _, n := range c.Order {
		if m.task(n).Kind != order.Merge {
			continue
		}
		p := m.w.U.Pkg(universe.ID(n))
		x := &member{index: len(m.members), pkg: p, node: n, classes: m.w.Classes(p)}
		m.members = append(m.members, x)
		m.byName[keyOf(p)] = append(m.byName[keyOf(p)], x)
		m.byPkg[p] = x
		x.final = m.instance(x, nil)
	}
	for _, x := range m.members {
		m.compile(x.final)
	}
}

func (m *model) task(n digraph.Node) *order.Task {
	if int(n) < len(m.w.Input.Tasks) {
		return &m.w.Input.Tasks[n]
	}
	return &order.Task{}
}

// instance makes an instance that is not compiled yet.
func (m *model) instance(x *member, changes []universe.FlagChange) *instance {
	i := &instance{id: len(m.insts), member: x, changes: changes, flags: m.w.S.Flags(x.pkg)}
	if changes != nil {
		i.flags = i.flags.With(changes)
	}
	m.insts = append(m.insts, i)
	return i
}

// hard says if a class has to hold before a merge begins.
func hard(p *universe.Pkg, class atoms.DepClass) bool {
	return (class == atoms.Depend || class == atoms.BDepend) && !p.Built()
}

// soft says if a class has to hold for a package to be usable.
func soft(class atoms.DepClass) bool { return class == atoms.RDepend || class == atoms.IDepend }

// reduce evaluates a class of an instance.
func (i *instance) reduce(tree *atoms.Dep) []*atoms.Dep {
	e := i.member.pkg.Effective().EAPI
	return atoms.Reduce(tree, atoms.ReduceOptions{Enabled: i.flags.Enabled, EAPI: e}).Children
}

// compile turns the dependencies of an instance into clauses over instances.
func (m *model) compile(i *instance) {
	i.build, i.run, i.dead = nil, nil, false
	p := i.member.pkg
	for _, c := range i.member.classes {
		if !hard(p, c.Class) && !soft(c.Class) || c.Priority.Has(digraph.Ignored) {
			continue
		}
		for _, tree := range c.Trees {
			for _, d := range i.reduce(tree) {
				m.clause(i, c, d)
			}
		}
	}
	if i.changes != nil && m.blocks(i) {
		i.dead = true
	}
}

// clause adds one element of a class. As in Portage's order, what binds to the
// slot of a run-time dependency must be there before, if it is for the running
// root: there is nothing to bind to otherwise.
func (m *model) clause(i *instance, c walk.ClassOf, d *atoms.Dep) {
	e := m.expression(i, c.Root, d)
	if e == always {
		return
	}
	i.dead = i.dead || e == never
	p := i.member.pkg
	binds := soft(c.Class) && p.Root == m.w.U.Running && d.Kind == atoms.KindLeaf && d.Leaf.SlotOp == atoms.SlotOpRebuild
	if hard(p, c.Class) || binds {
		i.build = append(i.build, e)
	}
	if soft(c.Class) {
		i.run = append(i.run, e)
	}
}

// expression turns a dependency into an expression. Blockers hold; see blocks.
func (m *model) expression(i *instance, r *universe.Root, d *atoms.Dep) *expr {
	switch d.Kind {
	case atoms.KindLeaf:
		if d.Leaf.Blocker != atoms.BlockNone {
			return always
		}
		return m.leaf(i, r, d.Leaf)
	case atoms.KindAny, atoms.KindExactlyOne:
		return anyOf(len(d.Children), func(n int) *expr { return m.expression(i, r, d.Children[n]) })
	case atoms.KindAtMostOne:
		return always
	default:
		return allOf(len(d.Children), func(n int) *expr { return m.expression(i, r, d.Children[n]) })
	}
}

// leaf finds what can meet an atom.
func (m *model) leaf(i *instance, r *universe.Root, a *atoms.Atom) *expr {
	if m.provided(r, a) || m.there(i, r, a) != nil {
		return always
	}
	if m.draft == draftAll && m.w.U.IsInstalled(r, a.WithoutUSE()) {
		return always // the flags asked for may change, and the order, too
	}
	m.missed = m.missed || slices.ContainsFunc(m.w.U.Installed(r, a), func(p *universe.Pkg) bool { return m.gone[p] })
	e := &expr{op: opLeaf, atom: a}
	for _, x := range m.byName[nameKey{r.ID, a.CP}] {
		for _, j := range append([]*instance{x.final}, x.variants...) {
			if x.pkg.Matches(a, j.flags) || m.draft.lets(i.member, x) && x.pkg.MatchesName(a) {
				e.insts = append(e.insts, j.id)
			}
		}
	}
	if len(e.insts) == 0 {
		m.missed = m.missed || slices.ContainsFunc(m.byName[nameKey{r.ID, a.CP}], func(x *member) bool { return x.pkg.MatchesName(a) })
		return never
	}
	return e
}

func (m *model) provided(r *universe.Root, a *atoms.Atom) bool {
	return slices.ContainsFunc(r.Policy.Provided(a.CP), func(cpv atoms.CPV) bool {
		return a.Match(atoms.Candidate{CPV: cpv, BuildID: atoms.NoBuildID})
	})
}

// there returns a package that is there before anything that is left, and that
// meets an atom of an instance; nil if there is none. What binds to a sub-slot
// and stays counts only those with the sub-slot that stays.
func (m *model) there(i *instance, r *universe.Root, a *atoms.Atom) *universe.Pkg {
	for _, p := range m.before[nameKey{r.ID, a.CP}] {
		if p.Matches(a, m.w.S.Flags(p)) {
			return p
		}
	}
	for _, p := range m.w.U.Installed(r, a) {
		if !m.gone[p] && (i.changes != nil || a.SlotOp != atoms.SlotOpRebuild || m.bindable(r, a, p)) {
			return p
		}
	}
	return nil
}

// bindable says if what binds to an installed package is still bound to
// something at the end.
func (m *model) bindable(r *universe.Root, a *atoms.Atom, p *universe.Pkg) bool {
	t := m.w.S.Tracker
	return t.Stays(p) || slices.ContainsFunc(t.Match(r, a), p.SubslotOf)
}

// blocks says if a reduced package blocks something of the plan, or something
// installed, that the full one does not block.
func (m *model) blocks(i *instance) bool {
	full := make(map[string]bool)
	each := func(i *instance, f func(r *universe.Root, a *atoms.Atom)) {
		for _, c := range i.member.classes {
			for _, tree := range c.Trees {
				for _, a := range tree.Leaves(i.flags.Enabled) {
					if a.Blocker != atoms.BlockNone {
						f(c.Root, a.EvaluateUSE(i.flags.Enabled))
					}
				}
			}
		}
	}
	each(i.member.final, func(_ *universe.Root, a *atoms.Atom) { full[a.String()] = true })
	found := false
	each(i, func(r *universe.Root, a *atoms.Atom) {
		if !full[a.String()] && (len(m.w.S.Tracker.Match(r, a.Unblocked())) > 0 || m.w.U.IsInstalled(r, a.Unblocked())) {
			found = true
		}
	})
	return found
}
