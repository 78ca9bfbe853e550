package order

import (
	"cmp"
	"slices"

	"github.com/tumpline/tumpline/resolver/digraph"
)

// scratch holds tables by node that are clean between uses.
type scratch struct {
	mark  []bool
	place []int32 // -1 everywhere
	index []int32 // 0 everywhere
	low   []int32
}

func newScratch(limit int) scratch {
	t := scratch{mark: make([]bool, limit), place: make([]int32, limit),
		index: make([]int32, limit), low: make([]int32, limit)}
	for i := range t.place {
		t.place[i] = -1
	}
	return t
}

// pickCycle selects a group of packages that need each other at run time only,
// so that they can be merged one after another. It looks for the smallest
// group, which other groups may depend on. If part of the group was only let
// in because of an ignored edge, one true leaf of it is selected alone.
func (s *serializer) pickCycle(sc *scale) choice {
	for _, local := range s.cycleScales(sc) {
		within := s.together(s.f.leaf[local.medium])
		if first(within) < 0 {
			continue
		}
		held := s.heldBack(sc, within)
		for _, level := range local.cycle {
			group := s.smallestGroup(level, within, held)
			if group == nil {
				continue
			}
			slices.SortFunc(group, func(a, b digraph.Node) int { return cmp.Compare(s.f.place[a], s.f.place[b]) })
			if leaf := s.trueLeaf(group); leaf != digraph.None {
				return choice{nodes: []digraph.Node{leaf}}
			}
			return choice{nodes: group, cycle: len(group) > 1}
		}
	}
	return choice{}
}

func (s *serializer) cycleScales(sc *scale) []*scale {
	if sc == &satisfiedScale || s.dropSatisfied {
		return []*scale{&normalScale, &satisfiedScale}
	}
	return []*scale{&normalScale}
}

// heldBack returns a new Portage that still lacks something of its own: it is
// not taken into any group. None otherwise.
func (s *serializer) heldBack(sc *scale, within bitset) digraph.Node {
	n := s.portage
	if n == digraph.None || !s.g.Contains(n) || !within.has(s.f.place[n]) {
		return digraph.None
	}
	for child, b := range s.g.ChildBundles(n) {
		if s.masks.of(b).has(sc.last) && s.in.task(child).Kind != Uninstall {
			return n
		}
	}
	return digraph.None
}

// smallestGroup returns the smallest closure over edges that survive the level
// which stays within the set and starts at a wanted node: an asap node in a
// hurry, else any. Among equals, that of the least package is taken.
func (s *serializer) smallestGroup(level Level, within bitset, held digraph.Node) []digraph.Node {
	if !s.hurry() {
		if level != LevelPost {
			return s.smallestSink(level, within, held)
		}
		if held != digraph.None {
			within = slices.Clone(within)
			within.clear(s.f.place[held])
		}
		if s.keeper == nil {
			s.keeper = newSinkKeeper(s)
		}
		return s.keeper.smallest(within)
	}
	candidates := slices.Clone(s.asap)
	slices.SortStableFunc(candidates, s.compare)
	var best []digraph.Node
	for _, n := range candidates {
		if s.g.ParentCount(n) == 0 {
			continue
		}
		if group, ok := s.closure(n, level, within, held, len(best)); ok {
			best = group
		}
	}
	return best
}

// compare orders packages by name, version, and, if both are built, build time.
func (s *serializer) compare(a, b digraph.Node) int {
	t, u := s.in.task(a), s.in.task(b)
	if c := t.CPV.Compare(u.CPV); c != 0 || !t.Built || !u.Built {
		return c
	}
	return cmp.Compare(t.BuildTime, u.BuildTime)
}

// closure collects what n reaches over edges that survive the level. It fails
// if that leaves the set, holds the node held back, or, unless limit is 0, has
// limit nodes or more.
func (s *serializer) closure(n digraph.Node, level Level, within bitset, held digraph.Node, limit int) (nodes []digraph.Node, ok bool) {
	mark := s.scratch.mark
	defer func() {
		for _, m := range nodes {
			mark[m] = false
		}
	}()
	enter := func(m digraph.Node) bool {
		if mark[m] {
			return true
		}
		if !within.has(s.f.place[m]) || m == held {
			return false
		}
		mark[m] = true
		nodes = append(nodes, m)
		return limit == 0 || len(nodes) < limit
	}
	if !enter(n) {
		return nodes, false
	}
	for i := 0; i < len(nodes); i++ {
		for child, b := range s.g.ChildBundles(nodes[i]) {
			if s.masks.of(b).has(level) && !enter(child) {
				return nodes, false
			}
		}
	}
	return nodes, true
}

// trueLeaf returns the first of the group that needs nothing of the group in
// any way, or None.
func (s *serializer) trueLeaf(group []digraph.Node) digraph.Node {
	mark := s.scratch.mark
	for _, n := range group {
		mark[n] = true
	}
	leaf := digraph.None
	for _, n := range group {
		if leaf == digraph.None && !s.needsMarked(n) {
			leaf = n
		}
	}
	for _, n := range group {
		mark[n] = false
	}
	return leaf
}

func (s *serializer) needsMarked(n digraph.Node) bool {
	for child := range s.g.ChildBundles(n) {
		if s.scratch.mark[child] {
			return true
		}
	}
	return false
}

// orderCycle orders a group: one node at a time, a leaf of the group at the
// first level that has any, installed ones first.
func (s *serializer) orderCycle(group []digraph.Node) []digraph.Node {
	f := newFrontier(&s.masks, s.scratch.place, group, 0)
	defer f.release()
	left, installed := newBitset(len(group)), newBitset(len(group))
	for i, n := range group {
		left.set(int32(i))
		if s.in.task(n).Installed {
			installed.set(int32(i))
		}
	}
	out := make([]digraph.Node, 0, len(group))
	for len(out) < len(group) {
		p := nextInCycle(f, left, installed)
		f.remove(group[p])
		left.clear(p)
		out = append(out, group[p])
	}
	return out
}

func nextInCycle(f *frontier, left, installed bitset) int32 {
	for _, level := range cycleOrder {
		p := first(f.leaf[level], left)
		if p < 0 {
			continue
		}
		if q := first(f.leaf[level], left, installed); q >= 0 {
			return q
		}
		return p
	}
	return first(left) // not reached: all of a group are leaves at LevelHard or LevelUnsatHard
}
