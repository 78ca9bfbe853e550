package stages

import (
	"slices"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/universe"
)

// maxTrials bounds the merges that are tried for an order.
const maxTrials = 5_000

// A scheduler looks for an order by trying. What takes nobody's place can be
// merged as soon as it can be built: that never spoils anything. What takes the
// place of another package may spoil what still needs that one, so these are
// tried in turn, and only when nothing else is left to do.
type scheduler struct {
	*planner
	trials int
	items  []order.Item
}

// schedule returns an order of all merges, those before the cycles first; nil
// if none was found, or if packages are to be removed or blocked.
func (p *planner) schedule() []order.Item {
	if len(p.w.Input.Blockers) > 0 {
		return nil
	}
	s := &scheduler{planner: p, items: slices.Clone(p.w.Order.Circular.Before)}
	sc := newScene(p)
	for _, item := range s.items {
		if item.Task != digraph.None {
			sc.merge(p.w.U.Pkg(universe.ID(item.Task)))
		}
	}
	var left []*universe.Pkg
	for _, x := range p.members {
		if t := p.twice[x]; t != nil {
			left = append(left, t.pkg)
		}
		left = append(left, x.pkg)
	}
	if !s.run(sc, left) {
		return nil
	}
	return s.items
}

func (s *scheduler) run(sc *scene, left []*universe.Pkg) bool {
	done := len(s.items)
	for again := true; again; {
		again = false
		left = slices.DeleteFunc(slices.Clone(left), func(q *universe.Pkg) bool {
			if s.trials > maxTrials || s.replaces(sc, q) || s.waits(q, left) || !s.can(sc, q) {
				return false
			}
			s.merge(sc, q)
			again = true
			return true
		})
	}
	if len(left) == 0 {
		return s.complete(sc) || s.undo(done)
	}
	for i, q := range left {
		if s.trials > maxTrials || !s.replaces(sc, q) || s.waits(q, left) || !s.can(sc, q) {
			continue
		}
		next, mark := sc.clone(), len(s.items)
		s.merge(next, q)
		if s.run(next, slices.Delete(slices.Clone(left), i, i+1)) {
			return true
		}
		s.undo(mark)
	}
	return s.undo(done)
}

func (s *scheduler) can(sc *scene, q *universe.Pkg) bool {
	s.trials++
	return sc.canBuild(q)
}

func (s *scheduler) merge(sc *scene, q *universe.Pkg) {
	sc.merge(q)
	s.items = append(s.items, order.Item{Task: digraph.Node(q.ID), Blocker: order.NoBlocker})
}

// undo forgets the merges after a number of them; it is false.
func (s *scheduler) undo(to int) bool {
	s.items = s.items[:to]
	return false
}

// replaces says if a merge takes the place of something.
func (s *scheduler) replaces(sc *scene, q *universe.Pkg) bool {
	return slices.ContainsFunc(sc.at(keyOf(q)), func(o *universe.Pkg) bool { return o.Slot == q.Slot || o.CPV == q.CPV })
}

// waits says if the bootstrap merge of a package is still to come.
func (s *scheduler) waits(q *universe.Pkg, left []*universe.Pkg) bool {
	return slices.ContainsFunc(left, func(o *universe.Pkg) bool { return o.CompletedBy() == q })
}

// complete says if everything can be used at the end.
func (s *scheduler) complete(sc *scene) bool {
	return !slices.ContainsFunc(s.members, func(x *member) bool { return !sc.canRun(x.pkg) })
}

func newScene(p *planner) *scene {
	return &scene{planner: p, here: make(map[nameKey][]*universe.Pkg), runs: make(map[*universe.Pkg]bool)}
}

// clone returns a copy that can go on by itself.
func (s *scene) clone() *scene {
	c := newScene(s.planner)
	for k, list := range s.here {
		c.here[k] = slices.Clone(list)
	}
	return c
}

// installed returns what is installed of a name before everything.
func (s *scene) installed(k nameKey) []*universe.Pkg {
	for _, r := range s.w.U.Roots {
		if r.ID == k.root {
			return slices.Clone(s.w.U.Store(r, ebuild.OriginInstalled, k.cp))
		}
	}
	return nil
}
