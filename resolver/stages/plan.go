package stages

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// A twice is a package that is merged twice.
type twice struct {
	inst    *instance
	pkg     *universe.Pkg // the bootstrap merge
	node    digraph.Node
	needs   []walk.Need
	parents []partial.ParentAtom // those that use the bootstrap merge
}

// needsOf is what a member is built with.
type needsOf struct {
	pkg  *universe.Pkg
	list []walk.Need
}

// A planner puts a staged plan in order.
type planner struct {
	*model
	a      *Answer
	g      *digraph.Graph
	twice  map[*member]*twice
	merged []int // by instance: the round in which it can be merged; 0: not
	usable []int // by instance: the round from which it can be used

	moved []move
	back  map[[2]*member]bool // moves that were taken back
}

// A move is a dependency of x on y for which something else than y as it shall
// be is there in time.
type move struct {
	x, y       *member
	to         digraph.Node // the bootstrap merge; None: another alternative
	priorities []digraph.Priority
	moved      []digraph.Priority // those of priorities that lead to it now
}

// plan orders the merges with the chosen variants, and replays the order. The
// order is Portage's on a graph in which the bootstrap merges are nodes; where
// that leads to nothing, merges are tried one by one.
func (m *model) plan(a *Answer, chosen []*instance) {
	p := &planner{model: m, a: a, g: m.w.Input.Graph.Clone(), twice: make(map[*member]*twice),
		back: make(map[[2]*member]bool)}
	for _, v := range chosen {
		q := v.member.pkg.Reduced(v.flags)
		t := &twice{inst: v, pkg: q, node: digraph.Node(q.ID)}
		p.twice[v.member] = t
		a.pkgs = append(a.pkgs, t)
	}
	p.rounds(chosen)
	in := p.input()
	res := order.Serialize(in)
	if res.Circular != nil || res.NeedComplete || !p.replay(res.List) {
		res = &order.Result{List: p.schedule()}
		if res.List == nil || !p.replay(res.List) {
			a.pkgs, a.Problem = nil, "the cycles can be cut, but no order of the merges was found in which each finds what it needs"
			return
		}
	}
	if len(res.Refused) > 0 {
		a.pkgs, a.Problem = nil, "the cycles can be cut, but blockers remain"
		return
	}
	p.note()
	a.input, a.order = in, res
	a.Plan = &Plan{Steps: p.steps(res.List), Portage: m.w.Order}
}

// rounds finds when each instance can be merged and used, if everything is
// merged as soon as it can be.
func (p *planner) rounds(chosen []*instance) {
	work := 0
	allowed := newSet(len(p.insts))
	for _, v := range chosen {
		allowed.add(v.id)
	}
	r := p.region(p.members, newSet(len(p.insts)), &work)
	p.merged, p.usable = make([]int, len(p.insts)), make([]int, len(p.insts))
	s := r.start()
	for round := 1; ; round++ {
		r.use(s)
		added := false
		for _, i := range r.insts {
			if s.usable.has(i.id) && p.usable[i.id] == 0 {
				p.usable[i.id] = round
			}
		}
		now := s.usable.clone()
		for _, i := range r.insts {
			if !i.dead && !s.merged.has(i.id) && (i.changes == nil || allowed.has(i.id)) && all(i.build, now) {
				s.merged.add(i.id)
				p.merged[i.id] = round
				added = true
			}
		}
		if !added {
			return
		}
	}
}

// input is the input of the pass with the bootstrap merges in its graph.
func (p *planner) input() *order.Input {
	in := *p.w.Input
	in.Graph = p.g
	in.Tasks = slices.Clone(in.Tasks)
	for _, t := range p.a.pkgs {
		for int(t.node) >= len(in.Tasks) {
			in.Tasks = append(in.Tasks, order.Task{})
		}
		in.Tasks[t.node] = *p.task(t.inst.member.node)
		in.Tasks[t.node].NewPortage = false
	}
	for _, x := range p.members {
		p.redirect(x)
	}
	for _, t := range p.a.pkgs {
		p.connect(t)
	}
	p.restore()
	return &in
}

// redirect has the edges of a member to others lead to what is there when it
// is merged: the package as it shall be where that comes first, the bootstrap
// merge where it does, nothing where another alternative does.
func (p *planner) redirect(x *member) {
	for _, n := range p.g.Children(x.node) {
		y := p.memberAt(n)
		if y == nil {
			continue
		}
		mv := move{x: x, y: y, to: digraph.None, priorities: slices.Clone(p.g.Priorities(n, x.node))}
		for _, prio := range mv.priorities {
			if to := p.target(x, y, prio); to != n {
				mv.to = max(mv.to, to)
				mv.moved = append(mv.moved, prio)
			}
		}
		if len(mv.moved) > 0 {
			p.moved = append(p.moved, mv)
			p.lead(&mv)
		}
	}
}

// lead puts the edges of a move in place.
func (p *planner) lead(mv *move) {
	p.g.RemoveEdge(mv.y.node, mv.x.node)
	for _, prio := range mv.priorities {
		switch {
		case !slices.Contains(mv.moved, prio):
			p.g.Add(mv.y.node, mv.x.node, prio)
		case mv.to != digraph.None:
			p.g.Add(mv.to, mv.x.node, prio)
		}
	}
}

func (p *planner) memberAt(n digraph.Node) *member {
	if int(n) >= p.w.U.Len() || p.w.Removal(n) != nil {
		return nil
	}
	q := p.w.U.Pkg(universe.ID(n))
	if q == nil {
		return nil
	}
	return p.byPkg[q]
}

// target is where an edge from x to y of a priority leads.
func (p *planner) target(x, y *member, prio digraph.Priority) digraph.Node {
	var ready func(i *instance) bool
	switch {
	case prio.Has(digraph.Optional) || prio.Has(digraph.BlockerEdge) || prio.Has(digraph.Satisfied):
		return y.node
	case prio.Has(digraph.Buildtime) || prio.Has(digraph.RuntimeSlotOp) && !prio.Has(digraph.Cross):
		ready = func(i *instance) bool { return p.usable[i.id] > 0 && p.usable[i.id] <= p.merged[x.final.id] }
	case prio.Has(digraph.Runtime):
		ready = func(i *instance) bool { return p.usable[i.id] > 0 && p.usable[i.id] <= p.usable[x.final.id] }
	default:
		return y.node
	}
	t := p.twice[y]
	switch {
	case ready(y.final):
		return y.node
	case t != nil && ready(t.inst) && p.accepts(x, t, prio):
		return t.node
	default:
		return digraph.None
	}
}

// accepts says if what x asks of a package holds for its bootstrap merge.
func (p *planner) accepts(x *member, t *twice, prio digraph.Priority) bool {
	for _, n := range p.w.Needs(x.pkg) {
		building := hard(x.pkg, n.Class)
		if p.meets(n) == t.inst.member.pkg && building == prio.Has(digraph.Buildtime) && !t.pkg.Matches(n.Atom, t.inst.flags) {
			return false
		}
	}
	return true
}

// connect adds the edges of a bootstrap merge: to what it needs, and from the
// package that completes it.
func (p *planner) connect(t *twice) {
	p.g.AddNode(t.node)
	i := t.inst
	for _, c := range i.member.classes {
		prio := c.Priority
		if !hard(t.pkg, c.Class) && !soft(c.Class) {
			continue
		}
		for _, tree := range c.Trees {
			for _, d := range i.reduce(tree) {
				for _, need := range p.chosen(i, c, d) {
					t.needs = append(t.needs, need)
					if need.Child != nil {
						p.g.Add(digraph.Node(need.Child.ID), t.node, prio)
					}
				}
			}
		}
	}
	p.g.Add(t.node, i.member.node, digraph.Buildtime)
}

// restore takes back those moves without which there is no cycle either:
// nothing is built against a reduced package without need.
func (p *planner) restore() {
	for i := range p.moved {
		mv := &p.moved[i]
		if p.reaches(mv.y.node, mv.x.node) {
			continue
		}
		if mv.to != digraph.None {
			p.g.RemoveEdge(mv.to, mv.x.node)
		}
		for _, prio := range mv.priorities {
			p.g.Add(mv.y.node, mv.x.node, prio)
		}
		p.back[[2]*member{mv.x, mv.y}] = true
	}
}

// note records what the members whose dependencies lead elsewhere are built
// with, and who uses the bootstrap merges.
func (p *planner) note() {
	for _, mv := range p.moved {
		if p.back[[2]*member{mv.x, mv.y}] {
			continue
		}
		p.a.needs = append(p.a.needs, needsOf{mv.x.pkg, p.rebuilt(mv.x)})
		t := p.twice[mv.y]
		if t == nil || mv.to == digraph.None {
			continue
		}
		for _, n := range p.w.Needs(mv.x.pkg) {
			if p.meets(n) == mv.y.pkg && t.pkg.Matches(n.Atom, t.inst.flags) {
				t.parents = append(t.parents, partial.ParentAtom{Parent: partial.Parent{Pkg: mv.x.pkg}, Atom: n.Atom})
			}
		}
	}
	for _, t := range p.a.pkgs {
		for _, n := range t.needs {
			if n.Child != nil && n.Child.CompletedBy() != nil {
				for _, o := range p.a.pkgs {
					if o.pkg == n.Child {
						o.parents = append(o.parents, partial.ParentAtom{Parent: partial.Parent{Pkg: t.pkg}, Atom: n.Atom})
					}
				}
			}
		}
	}
}

// rebuilt returns the needs of a member with what is there when it is built.
func (p *planner) rebuilt(x *member) []walk.Need {
	var list []walk.Need
	for _, n := range p.w.Needs(x.pkg) {
		if !hard(x.pkg, n.Class) {
			list = append(list, n)
		}
	}
	for _, c := range x.classes {
		if !hard(x.pkg, c.Class) {
			continue
		}
		for _, tree := range c.Trees {
			for _, d := range x.final.reduce(tree) {
				list = append(list, p.chosen(x.final, c, d)...)
			}
		}
	}
	return list
}

func (p *planner) reaches(from, to digraph.Node) bool {
	for _, n := range p.g.BFS(from, order.LevelPost.Ignores) {
		if n == to {
			return true
		}
	}
	return false
}

// steps states the order.
func (p *planner) steps(list []order.Item) []Step {
	byNode := make(map[digraph.Node]*twice)
	for _, t := range p.a.pkgs {
		byNode[t.node] = t
	}
	var steps []Step
	for _, item := range list {
		s := Step{Item: item}
		if item.Task != digraph.None && p.w.Removal(item.Task) == nil {
			s.Pkg = p.w.U.Pkg(universe.ID(item.Task))
			if t := byNode[item.Task]; t != nil {
				s.Stage, s.Changed, s.CompletedBy = Bootstrap, t.inst.changes, t.inst.member.pkg
			}
		}
		steps = append(steps, s)
	}
	return steps
}

// Apply gives a pass the order of the staged plan, which must have been made of
// that pass. Bootstrap merges are recorded with what they need, and by which
// packages they are needed.
func (a *Answer) Apply(w *walk.Pass) {
	if a.Plan == nil {
		return
	}
	w.Input, w.Order = a.input, a.order
	for _, n := range a.needs {
		w.NoteNeeds(n.pkg, n.list)
	}
	for _, t := range a.pkgs {
		w.NoteNeeds(t.pkg, t.needs)
		for _, pa := range t.parents {
			w.S.AddParent(t.pkg, pa)
		}
	}
}
