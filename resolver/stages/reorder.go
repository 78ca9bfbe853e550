package stages

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// Bounds of what is ordered anew: how many merges, and how many are tried.
const (
	maxReordered = 200
	maxReorder   = 20_000
	maxFewer     = 2_000 // for fewer bootstrap merges than are known to do
)

// A reorderer looks for a plan in which what Portage merges before the cycles
// may come later: an installed package that such a merge takes the place of may
// be what a member needs. It tries orders with no bootstrap merge, then with one, and so on,
// so that the first found has the fewest.
type reorderer struct {
	scheduler
	forms  map[*member][]*universe.Pkg // bootstrap merges that may be made
	of     map[*universe.Pkg]*instance
	cut    []*instance
	limit  int            // of trials
	seen   map[string]int // states, with the bootstrap merges that were left there
	needs  map[*universe.Pkg][]walk.Need
	number map[*universe.Pkg]int
}

// reorder looks for a plan where the model has none, or for one with fewer
// bootstrap merges, and puts it into the answer. If not all orders could be tried the answer does
// not claim a proof.
func (m *model) reorder(a *Answer) {
	open := func(c Cycle) bool { return !c.Solved && !m.proved[m.byPkg[c.Members[0]]] }
	if a.Plan == nil && !slices.ContainsFunc(a.Cycles, open) && a.Problem == "" || len(m.w.Input.Blockers) > 0 {
		return
	}
	most, limit := len(m.members), maxReorder
	if a.Plan != nil {
		most, limit = a.Bootstraps()-1, maxFewer
	}
	m.gone = nil
	p := &planner{model: m, a: &Answer{}, g: m.w.Input.Graph.Clone(), twice: make(map[*member]*twice)}
	s := &reorderer{scheduler: scheduler{planner: p}, forms: make(map[*member][]*universe.Pkg),
		limit: limit, of: make(map[*universe.Pkg]*instance), needs: make(map[*universe.Pkg][]walk.Need), number: make(map[*universe.Pkg]int)}
	left, ok := s.pool()
	if ok = ok && len(left) <= maxReordered; !ok {
		s.trials = limit + 1
	}
	for extra := 0; extra <= min(most, len(s.forms)) && !s.tired(); extra++ {
		s.seen = make(map[string]int)
		if s.search(newScene(p), left, extra) {
			s.tell(a)
			return
		}
	}
	for i := range a.Cycles {
		c := &a.Cycles[i]
		c.Unproved = c.Unproved || s.tired() && open(*c)
	}
}

func (s *reorderer) tired() bool { return s.trials > s.limit }

// pool returns all merges, those before the cycles first, and prepares the
// bootstrap merges; false if packages are removed on the way.
func (s *reorderer) pool() ([]*universe.Pkg, bool) {
	var left []*universe.Pkg
	for _, x := range s.members {
		if x.cyclic {
			x.comp = 0 // forms of one cycle may be what another needs
		} else {
			x.comp = 1
		}
	}
	for _, item := range s.w.Order.Circular.Before {
		if item.Task == digraph.None || s.w.Removal(item.Task) != nil {
			return nil, false
		}
		left = append(left, s.w.U.Pkg(universe.ID(item.Task)))
	}
	for _, x := range s.members {
		left = append(left, x.pkg)
		if x.cyclic && !x.pkg.Built() {
			s.everyForm(x)
		}
		for _, v := range x.variants {
			if x.cyclic && !s.blocks(v) {
				q := x.pkg.Reduced(v.flags)
				s.forms[x], s.of[q] = append(s.forms[x], q), v
				s.number[q] = len(s.number)
			}
		}
	}
	return left, true
}

// search is run with bootstrap merges: at most extra of them are still to come.
func (s *reorderer) search(sc *scene, left []*universe.Pkg, extra int) bool {
	done := len(s.items)
	for again := true; again; {
		again = false
		left = slices.DeleteFunc(slices.Clone(left), func(q *universe.Pkg) bool {
			if s.tired() || s.replaces(sc, q) || !s.can(sc, q) || !s.usable(sc, q) {
				return false
			}
			s.take(sc, q)
			again = true
			return true
		})
	}
	if len(left) == 0 {
		return s.allRun(sc) || s.undo(done)
	}
	if k := s.key(sc, left); s.tired() || s.seen[k] > extra {
		return s.undo(done)
	} else {
		s.seen[k] = extra + 1
	}
	for i, q := range left {
		if s.try(sc, q, slices.Delete(slices.Clone(left), i, i+1), extra) {
			return true
		}
	}
	if extra == 0 {
		return s.undo(done)
	}
	for _, q := range left {
		for _, v := range s.forms[s.byPkg[q]] {
			if s.bootstrapped(s.byPkg[q]) {
				break
			}
			s.cut = append(s.cut, s.of[v])
			if s.try(sc, v, left, extra-1) {
				return true
			}
			s.cut = s.cut[:len(s.cut)-1]
		}
	}
	return s.undo(done)
}

// usable says if a package can be used once it is merged: then nothing is lost by
// merging it.
func (s *reorderer) usable(sc *scene, q *universe.Pkg) bool {
	next := sc.clone()
	next.merge(q)
	return next.canRun(q)
}

// try goes on after one more merge.
func (s *reorderer) try(sc *scene, q *universe.Pkg, left []*universe.Pkg, extra int) bool {
	if s.tired() || !s.can(sc, q) {
		return false
	}
	next, mark := sc.clone(), len(s.items)
	s.take(next, q)
	return s.search(next, left, extra) || s.undo(mark)
}

// take makes a merge and notes what it is built with.
func (s *reorderer) take(sc *scene, q *universe.Pkg) {
	s.needs[q] = sc.needs(q)
	s.merge(sc, q)
}

func (s *reorderer) bootstrapped(x *member) bool {
	return slices.ContainsFunc(s.cut, func(v *instance) bool { return v.member == x })
}

// key tells states apart: by what is left, and by the bootstrap merges that were made.
func (s *reorderer) key(sc *scene, left []*universe.Pkg) string {
	var b strings.Builder
	for _, q := range left {
		b.WriteString(q.CPV.String() + "@" + q.Root.Path + " ")
		for _, o := range sc.at(keyOf(q)) {
			if n, ok := s.number[o]; ok {
				b.WriteByte('+')
				b.WriteString(strings.Repeat("i", n))
			}
		}
	}
	for _, v := range s.cut {
		b.WriteString(" " + v.member.pkg.CPV.String() + "@" + v.member.pkg.Root.Path)
	}
	return b.String()
}

// allRun says if everything that was merged can be used at the end.
func (s *reorderer) allRun(sc *scene) bool {
	return !slices.ContainsFunc(s.items, func(i order.Item) bool {
		q := s.w.U.Pkg(universe.ID(i.Task))
		return q.CompletedBy() == nil && !sc.canRun(q)
	})
}

// tell puts the plan into the answer.
func (s *reorderer) tell(a *Answer) {
	a.pkgs, a.needs = nil, nil
	in := *s.w.Input
	in.Graph, in.Tasks = s.g, slices.Clone(in.Tasks)
	for _, v := range s.cut {
		var q *universe.Pkg
		for _, i := range s.items {
			if o := s.w.U.Pkg(universe.ID(i.Task)); s.of[o] == v {
				q = o
			}
		}
		t := &twice{inst: v, pkg: q, node: digraph.Node(q.ID), needs: s.needs[q]}
		a.pkgs = append(a.pkgs, t)
		for int(t.node) >= len(in.Tasks) {
			in.Tasks = append(in.Tasks, order.Task{})
		}
		in.Tasks[t.node] = *s.task(v.member.node)
		in.Tasks[t.node].NewPortage = false
		s.g.Add(t.node, v.member.node, digraph.Buildtime)
	}
	for _, x := range s.members {
		if x.cyclic {
			a.needs = append(a.needs, needsOf{x.pkg, s.needs[x.pkg]})
		}
	}
	s.planner.a, s.a.pkgs = a, a.pkgs
	a.input, a.order, a.Problem = &in, &order.Result{List: slices.Clone(s.items)}, ""
	a.Plan = &Plan{Steps: s.steps(a.order.List), Portage: s.w.Order}
	for i := range a.Cycles {
		s.solved(&a.Cycles[i])
	}
}

// solved notes in a cycle how it was cut.
func (s *reorderer) solved(c *Cycle) {
	var cut []*instance
	for _, v := range s.cut {
		if slices.Contains(c.Members, v.member.pkg) {
			cut = append(cut, v)
		}
	}
	*c = Cycle{Members: c.Members, Edges: c.Edges, Shortest: c.Shortest, Cut: cuts(cut), Solved: true, FlagGap: true}
}

// needs returns what a package is built with here and now; what it needs later
// is left as the walk decided it.
func (s *scene) needs(q *universe.Pkg) []walk.Need {
	flags := s.w.S.Flags(q)
	i := &instance{member: &member{pkg: q}, flags: flags}
	var list []walk.Need
	final := q
	if f := q.CompletedBy(); f != nil {
		final = f
	}
	for _, n := range s.w.Needs(final) {
		if !hard(q, n.Class) && q == final {
			list = append(list, n)
		}
	}
	for _, c := range s.w.Classes(q) {
		if !hard(q, c.Class) && (q == final || !soft(c.Class)) {
			continue
		}
		for _, tree := range c.Trees {
			for _, d := range i.reduce(tree) {
				list = append(list, s.suppliers(c, d)...)
			}
		}
	}
	return list
}

// suppliers returns what meets one dependency here; of what is not there yet
// the package that the plan has.
func (s *scene) suppliers(c walk.ClassOf, d *atoms.Dep) []walk.Need {
	var list []walk.Need
	switch d.Kind {
	case atoms.KindLeaf:
		if d.Leaf.Blocker == atoms.BlockNone && !s.provided(c.Root, d.Leaf) {
			list = append(list, s.supplier(c, d.Leaf))
		}
	case atoms.KindAny, atoms.KindExactlyOne:
		k := slices.IndexFunc(d.Children, func(k *atoms.Dep) bool { return s.met(c.Root, k, s.canRun) })
		if len(d.Children) > 0 {
			return s.suppliers(c, d.Children[max(k, 0)])
		}
	case atoms.KindAll:
		for _, k := range d.Children {
			list = append(list, s.suppliers(c, k)...)
		}
	}
	return list
}

func (s *scene) supplier(c walk.ClassOf, a *atoms.Atom) walk.Need {
	n := walk.Need{Class: c.Class, Atom: a, Root: c.Root}
	for _, q := range s.at(nameKey{c.Root.ID, a.CP}) {
		if n.Child == nil && q.Matches(a, s.w.S.Flags(q)) && s.canRun(q) {
			n.Child = q
		}
	}
	for _, x := range s.byName[nameKey{c.Root.ID, a.CP}] {
		if n.Child == nil && x.pkg.Matches(a, x.final.flags) {
			n.Child = x.pkg
		}
	}
	if n.Child != nil && n.Child.Installed() {
		n.Satisfied = n.Child
	}
	return n
}

// maxForms is how many flags of a package are tried in all combinations where
// everything is ordered anew.
const maxForms = 5

// everyForm gives a member a variant for each way to switch flags that could
// matter to it or to another package; of many flags those of the model remain.
func (m *model) everyForm(x *member) {
	var flags []string
	for _, y := range m.members {
		for _, c := range y.classes {
			for _, tree := range c.Trees {
				flags = append(flags, m.mattering(x, y, tree)...)
			}
		}
	}
	if flags = m.free(x, flags); len(flags) > maxForms {
		x.capped = true
		return
	}
	asked := m.askedFlags(x)
	x.variants = nil
	for changes := range m.combinations(x, flags) {
		v := m.instance(x, changes)
		v.cost, v.avoided = m.price(x, changes, asked)
		if !v.avoided {
			x.variants = append(x.variants, v)
		}
	}
	slices.SortStableFunc(x.variants, func(a, b *instance) int { return a.cost.compare(b.cost) })
}

// mattering returns the flags of x that a dependency of y has to do with.
func (m *model) mattering(x, y *member, d *atoms.Dep) []string {
	var flags []string
	switch d.Kind {
	case atoms.KindLeaf:
		for _, u := range d.Leaf.Unevaluated().USE {
			if d.Leaf.CP == x.pkg.CPV.CP || x == y && u.Kind.Conditional() {
				flags = append(flags, u.Flag)
			}
		}
	case atoms.KindIf:
		if x == y {
			flags = append(flags, d.Flag)
		}
	}
	for _, k := range d.Children {
		flags = append(flags, m.mattering(x, y, k)...)
	}
	return flags
}
