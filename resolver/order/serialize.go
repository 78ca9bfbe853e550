package order

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/digraph"
)

// A choice is what one round selected. An empty choice has no nodes.
type choice struct {
	nodes []digraph.Node
	cycle bool // nodes depend on each other and still lack an order
}

// step selects nodes for one round. It returns none if nothing can be
// selected; again says that it changed the state instead and wants another
// round.
func (s *serializer) step() (selected []digraph.Node, again bool) {
	c, again := s.choose()
	if again {
		return nil, true
	}
	if len(c.nodes) == 0 && s.scheduleUninstall() {
		s.reset()
		return nil, true
	}
	if len(c.nodes) == 0 {
		// Whatever is a leaf without any exception: isolated nodes.
		c.nodes = s.at(each(s.f.leaf[LevelAll], s.eligible))
	}
	if len(c.nodes) > 0 {
		s.reset()
		return c.nodes, false
	}
	if !s.dropSatisfied {
		s.dropSatisfied = true
		return nil, true
	}
	if s.dropUninstall() {
		s.reset()
		return nil, true
	}
	return nil, false
}

// reset returns to the strictest way of selecting.
func (s *serializer) reset() { s.preferASAP, s.dropSatisfied = true, false }

// hurry reports whether only asap nodes are wanted now.
func (s *serializer) hurry() bool { return s.preferASAP && len(s.asap) > 0 }

// choose tries single asap nodes, then leaves, then cycles.
func (s *serializer) choose() (c choice, again bool) {
	scale := &normalScale
	if s.hurry() {
		scale = &satisfiedScale
		c = s.pickASAP()
	}
	if len(c.nodes) == 0 && !s.hurry() {
		c = s.pickLeaf(scale)
	}
	if len(c.nodes) == 0 {
		c = s.pickCycle(scale)
		if len(c.nodes) == 0 && s.hurry() {
			s.preferASAP = false
			return choice{}, true
		}
	}
	s.noteNeglected(c.nodes)
	if c.cycle {
		c.nodes = s.orderCycle(c.nodes)
	}
	return c, false
}

// pickASAP selects one asap node that is a leaf, at the strictest level that
// has any. It never tries LevelAll: optional edges do not hold an asap node
// back.
func (s *serializer) pickASAP() choice {
	s.asap = slices.DeleteFunc(s.asap, func(n digraph.Node) bool {
		gone := !s.g.Contains(n)
		if gone {
			s.isASAP[n] = false
		}
		return gone
	})
	for _, level := range satisfiedScale.leaf[1:] {
		for i, n := range s.asap {
			if s.f.isLeaf(n, level) {
				s.asap = slices.Delete(s.asap, i, i+1)
				s.isASAP[n] = false
				return choice{nodes: []digraph.Node{n}}
			}
		}
	}
	return choice{}
}

// pickLeaf selects leaves at the strictest level that has suitable ones.
func (s *serializer) pickLeaf(sc *scale) choice {
	for _, level := range sc.leaf {
		leaf := s.f.leaf[level]
		p := first(leaf, s.eligible)
		if p < 0 {
			continue
		}
		single := nextIn(p+1, []bitset{leaf, s.eligible}) < 0
		if !single && first(leaf, s.tasks) >= 0 {
			return choice{nodes: s.at(each(leaf, s.tasks))}
		}
		if single || level == LevelAll && len(s.asap) == 0 && !s.in.Options.Tree {
			return choice{nodes: s.at(each(leaf, s.eligible))}
		}
		if n := s.bestLeaf(leaf); n != digraph.None {
			return choice{nodes: []digraph.Node{n}}
		}
	}
	return choice{}
}

// bestLeaf returns the first leaf that an asap node waits for, else the first
// that anything waits for: removing any other frees nothing.
func (s *serializer) bestLeaf(leaf bitset) digraph.Node {
	best := int32(-1)
	for _, n := range s.asap {
		for child, b := range s.g.ChildBundles(n) {
			p := s.f.place[child]
			if (best < 0 || p < best) && leaf.has(p) && s.eligible.has(p) && s.masks.of(b).has(LevelUnsatisfied) {
				best = p
			}
		}
	}
	if best < 0 {
		best = first(leaf, s.eligible, s.wanted)
	}
	if best < 0 {
		return digraph.None
	}
	return s.f.nodes[best]
}

// noteNeglected makes those children of selected nodes asap that wait behind
// an unsatisfied PDEPEND and nothing else: the choice has just ignored them. A
// node that was selected without ignoring anything has no children.
func (s *serializer) noteNeglected(selected []digraph.Node) {
	for _, n := range selected {
		s.scratch.mark[n] = true
	}
	for _, n := range selected {
		for child, b := range s.g.ChildBundles(n) {
			m := s.masks.of(b)
			if m.has(LevelSatisfiedPost) && !m.has(LevelPurePost) && !s.scratch.mark[child] {
				s.addASAP(child)
			}
		}
	}
	for _, n := range selected {
		s.scratch.mark[n] = false
	}
}

// at lists the nodes at the given positions.
func (s *serializer) at(positions func(yield func(int32) bool)) []digraph.Node {
	var nodes []digraph.Node
	for p := range positions {
		nodes = append(nodes, s.f.nodes[p])
	}
	return nodes
}

// remove takes a node out of everything.
func (s *serializer) remove(n digraph.Node) {
	s.f.remove(n)
	for child := range s.g.ChildBundles(n) {
		if child != n && s.g.ParentCount(child) == 1 {
			s.wanted.clear(s.f.place[child])
		}
	}
	s.g.Remove(n)
}
