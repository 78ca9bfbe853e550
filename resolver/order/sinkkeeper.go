package order

import (
	"slices"
	"sort"

	"github.com/tumpline/tumpline/resolver/digraph"
)

// A sinkKeeper knows the sinks at LevelPost among the leaves at LevelHard while
// nodes leave the graph: the groups for cycles on Portage's normal scale.
// Looking for them afresh costs a look at every edge for each cycle.
//
// Call a node ready if it is a leaf at LevelHard, can be selected and is not
// held back. Every ready node is either a member of a sink or has a reason not
// to be: a child that is not ready, that is in a sink, or that has a reason
// itself. Reasons thus lead to a node that is not ready or to a sink, and while
// that is there, they hold: nodes only ever leave or become ready, which
// neither lets the one node be a sink with the other nor closes the way. So
// only nodes whose way has lost its end are looked at again. When a node gets a
// new parent, everything is forgotten.
type sinkKeeper struct {
	s       *serializer
	ready   bitset  // as of the last update
	watched bitset  // nodes that are not ready and are somebody's reason
	reason  []int32 // by position: position of the reason, or one of the below
	// watchers lists by position whose reason a node is; entries whose reason
	// has changed since are stale.
	watchers [][]int32
	members  map[int32]*group // by position of each member of a sink
	groups   []*group         // sinks that something needs, worst first; dead ones have no members
	doubt    []int32          // positions to look at again
	doubtful bitset
}

const (
	noReason = int32(-1) // nothing known
	inSink   = int32(-2)
)

func newSinkKeeper(s *serializer) *sinkKeeper {
	room := len(s.eligible) * 64
	k := &sinkKeeper{s: s, ready: newBitset(room), watched: newBitset(room), doubtful: newBitset(room),
		reason: make([]int32, room), watchers: make([][]int32, room), members: make(map[int32]*group)}
	for i := range k.reason {
		k.reason[i] = noReason
	}
	return k
}

// smallest returns the members of the smallest sink that anything needs; among
// equals, that of the least package.
func (k *sinkKeeper) smallest(ready bitset) []digraph.Node {
	k.update(ready)
	for len(k.groups) > 0 {
		last := k.groups[len(k.groups)-1]
		if len(last.members) > 0 && k.s.g.ParentCount(last.head) > 0 {
			return slices.Clone(last.members)
		}
		k.groups = k.groups[:len(k.groups)-1]
	}
	return nil
}

// update looks at what changed since the last time.
func (k *sinkKeeper) update(ready bitset) {
	for p := range eachOnly(k.ready, ready) { // left the graph, or is held back again
		k.lose(p)
	}
	for p := range eachOnly(ready, k.ready) {
		k.question(p)
	}
	for p := range each(k.watched) {
		if ready.has(p) || !k.present(p) {
			k.watched.clear(p)
			k.questionWatchers(p)
		}
	}
	copy(k.ready, ready)
	k.settle()
}

// present reports whether the node at p is still in the graph.
func (k *sinkKeeper) present(p int32) bool { return k.s.f.place[k.s.f.nodes[p]] == p }

// lose forgets a node that is not ready any more, and with it its sink.
func (k *sinkKeeper) lose(p int32) {
	k.questionWatchers(p)
	g := k.members[p]
	k.reason[p] = noReason
	if g == nil {
		return
	}
	for _, n := range g.members {
		if q := k.s.f.place[n]; q >= 0 {
			delete(k.members, q)
			k.question(q)
		}
	}
	delete(k.members, p)
	g.members = nil
}

// question takes away the reason of the node at p, and puts it in doubt.
func (k *sinkKeeper) question(p int32) {
	if !k.doubtful.has(p) {
		k.doubtful.set(p)
		k.reason[p] = noReason
		k.doubt = append(k.doubt, p)
	}
}

func (k *sinkKeeper) questionWatchers(p int32) {
	for _, w := range k.watchers[p] {
		if k.reason[w] == p {
			k.question(w)
		}
	}
	k.watchers[p] = k.watchers[p][:0]
}

// settle finds out about all doubtful nodes.
func (k *sinkKeeper) settle() {
	// Those that lead to an end at once are settled; the doubt about the others
	// spreads to whoever relies on them.
	var open []int32
	for i := 0; i < len(k.doubt); i++ {
		p := k.doubt[i]
		switch {
		case !k.ready.has(p):
			k.doubtful.clear(p)
		case !k.giveEnd(p):
			open = append(open, p)
			k.questionWatchers(p)
		}
	}
	k.doubt = k.doubt[:0]
	open = k.follow(open)
	if len(open) == 0 {
		return
	}
	k.findSinks()
}

// giveEnd looks for a child of the node at p that is not ready or in a sink.
func (k *sinkKeeper) giveEnd(p int32) bool {
	for child, b := range k.s.g.ChildBundles(k.s.f.nodes[p]) {
		if !k.s.masks.of(b).has(LevelPost) {
			continue
		}
		c := k.s.f.place[child]
		if !k.ready.has(c) || k.reason[c] == inSink {
			k.rely(p, c)
			return true
		}
	}
	return false
}

// rely makes the node at c the reason of the node at p.
func (k *sinkKeeper) rely(p, c int32) {
	k.doubtful.clear(p)
	k.reason[p] = c
	k.watchers[c] = append(k.watchers[c], p)
	if !k.ready.has(c) {
		k.watched.set(c)
	}
}

// follow settles doubtful nodes that have a settled child, and so on upwards.
// It returns those that are left.
func (k *sinkKeeper) follow(open []int32) []int32 {
	for _, p := range open {
		for child, b := range k.s.g.ChildBundles(k.s.f.nodes[p]) {
			c := k.s.f.place[child]
			if k.doubtful.has(p) && k.s.masks.of(b).has(LevelPost) && !k.doubtful.has(c) {
				k.rely(p, c)
				k.spread(p)
			}
		}
	}
	return slices.DeleteFunc(open, func(p int32) bool { return !k.doubtful.has(p) })
}

// spread settles the doubtful nodes that need the node at p, and so on.
func (k *sinkKeeper) spread(p int32) {
	stack := []int32{p}
	for len(stack) > 0 {
		c := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for parent, b := range k.s.g.ParentBundles(k.s.f.nodes[c]) {
			q := k.s.f.place[parent]
			if k.doubtful.has(q) && k.s.masks.of(b).has(LevelPost) {
				k.rely(q, c)
				stack = append(stack, q)
			}
		}
	}
}

// findSinks settles doubtful nodes that no way leads out of.
func (k *sinkKeeper) findSinks() {
	var found []*group
	k.s.sinks(LevelPost, k.doubtful, digraph.None, func(members []digraph.Node) {
		found = append(found, &group{members, k.s.least(members)})
	})
	for _, g := range found {
		for _, n := range g.members {
			p := k.s.f.place[n]
			k.doubtful.clear(p)
			k.reason[p] = inSink
			k.members[p] = g
		}
		k.insert(g)
	}
	for _, g := range found {
		for _, n := range g.members {
			k.spread(k.s.f.place[n])
		}
	}
}

// insert puts a sink where it belongs, unless nothing needs it.
func (k *sinkKeeper) insert(g *group) {
	if g.head == digraph.None {
		return
	}
	k.groups = slices.DeleteFunc(k.groups, func(h *group) bool { return len(h.members) == 0 })
	at := sort.Search(len(k.groups), func(i int) bool { return k.s.better(*k.groups[i], *g) })
	k.groups = slices.Insert(k.groups, at, g)
}
