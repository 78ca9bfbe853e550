package order

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/digraph"
)

// A serializer is the state of one Serialize.
type serializer struct {
	in       *Input
	g        *digraph.Graph // what is left to order
	masks    maskTable
	f        *frontier
	eligible bitset // positions of packages that may be selected: all but unscheduled uninstall tasks
	tasks    bitset // positions of uninstall tasks that are scheduled
	wanted   bitset // positions of nodes with parents

	asap   []digraph.Node // to be selected before anything else that is possible
	isASAP []bool         // by node

	// preferASAP is false for the one round after nothing of asap could be
	// selected. dropSatisfied is true for the round after nothing at all could.
	preferASAP, dropSatisfied bool

	blocks    blockGraph
	slots     map[slotKey]*slotUse // nil without uninstall tasks
	installed map[packageKey]bool  // nil without uninstall tasks
	portage   digraph.Node         // the task marked NewPortage, or None
	scheduled []bool               // by node: uninstall tasks that wait for what they made room for
	ignored   []bool               // by node: uninstall tasks given up

	list         []Item
	uninstalls   bool // list holds an uninstall task
	reversed     []reversal
	keptSelected []digraph.Node
	keeper       *sinkKeeper // nil until the first cycle
	scratch      scratch
}

// A slotKey is a place for one installed package.
type slotKey struct {
	root Root
	cp   string
	slot string
}

// A slotUse lists the tasks about one slot in graph order.
type slotUse struct {
	merges     []digraph.Node
	uninstalls []digraph.Node
}

// A packageKey names an installed package.
type packageKey struct {
	root Root
	cpv  string
}

func newSerializer(in *Input) *serializer {
	s := &serializer{in: in, g: in.Graph.Clone(), preferASAP: true, portage: digraph.None}
	s.masks.g = s.g
	limit := max(s.g.Limit(), len(in.Tasks))
	s.isASAP = make([]bool, limit)
	s.scheduled = make([]bool, limit)
	s.ignored = make([]bool, limit)
	s.scratch = newScratch(limit)
	s.prune()
	s.noteUninstalls()
	s.startFrontier(limit)
	s.startASAP()
	return s
}

// prune removes arguments and sets, and then everything that nobody needs and
// that will not be merged. Kept packages that somebody needs stay: they hold
// their parents back for a round.
func (s *serializer) prune() {
	nodes := s.g.Nodes()
	for _, n := range nodes {
		if s.in.task(n).Kind == Argument {
			s.g.Remove(n)
		}
	}
	for i := 0; i < len(nodes); i++ { // grows meanwhile
		n := nodes[i]
		t := s.in.task(n)
		if !s.g.Contains(n) || s.g.ParentCount(n) > 0 || !(t.Installed || t.OnlyDeps) {
			continue
		}
		nodes = append(nodes, s.g.Children(n)...)
		s.g.Remove(n)
	}
}

// noteUninstalls copies the blocker graph, and finds the merges and removals
// that share a slot. All tables are about the graph as it was given.
func (s *serializer) noteUninstalls() {
	s.blocks = newBlockGraph(s.in)
	if len(s.in.Blocks) == 0 {
		return
	}
	s.slots = make(map[slotKey]*slotUse)
	s.installed = make(map[packageKey]bool)
	for _, n := range s.in.Graph.Nodes() {
		t := s.in.task(n)
		switch {
		case t.Kind == Uninstall:
			use := s.slotUse(t)
			use.uninstalls = append(use.uninstalls, n)
		case t.Kind == Merge:
			use := s.slotUse(t)
			use.merges = append(use.merges, n)
		case t.Installed:
			s.installed[packageKey{t.Root, t.CPV.String()}] = true
		}
	}
	for _, use := range s.slots {
		slices.SortStableFunc(use.uninstalls, func(a, b digraph.Node) int {
			return s.in.task(a).CPV.Compare(s.in.task(b).CPV)
		})
	}
}

func (s *serializer) slotUse(t *Task) *slotUse {
	key := slotKey{t.Root, string(t.CPV.CP), t.Slot}
	use := s.slots[key]
	if use == nil {
		use = new(slotUse)
		s.slots[key] = use
	}
	return use
}

// startFrontier fixes the order in which equally good nodes are taken.
func (s *serializer) startFrontier(limit int) {
	place := make([]int32, limit)
	for i := range place {
		place[i] = -1
	}
	nodes := s.g.Nodes()
	if s.in.Options.ImplicitSystemDeps {
		s.bias(nodes)
	}
	extra := 0
	for _, n := range nodes {
		if s.in.task(n).Kind == Uninstall {
			extra++ // each comes back at most once
		}
		if s.in.task(n).NewPortage {
			s.portage = n
		}
	}
	s.f = newFrontier(&s.masks, place, nodes, extra)
	room := len(nodes) + extra
	s.eligible, s.tasks, s.wanted = newBitset(room), newBitset(room), newBitset(room)
	for i, n := range nodes {
		if s.in.task(n).Kind != Uninstall {
			s.eligible.set(int32(i))
		}
		if s.g.ParentCount(n) > 0 {
			s.wanted.set(int32(i))
		}
	}
}

// bias sorts nodes: uninstall tasks last, then what the system needs to run
// before the rest, then what has more parents. The sort is stable.
func (s *serializer) bias(nodes []digraph.Node) {
	deep := s.deepSystem(nodes)
	slices.SortStableFunc(nodes, func(a, b digraph.Node) int {
		goneA, goneB := s.in.task(a).Kind == Uninstall, s.in.task(b).Kind == Uninstall
		switch {
		case goneA || goneB:
			return less(goneB, goneA)
		case deep[a] != deep[b]:
			return less(deep[a], deep[b])
		}
		return s.g.ParentCount(b) - s.g.ParentCount(a)
	})
}

// less compares two yes-or-no answers: yes comes first.
func less(a, b bool) int {
	switch {
	case a && !b:
		return -1
	case b && !a:
		return 1
	}
	return 0
}

// deepSystem marks the packages that @system names and all that they need at
// run time.
func (s *serializer) deepSystem(nodes []digraph.Node) []bool {
	deep := make([]bool, s.g.Limit())
	isRuntime := func(p digraph.Priority) bool { return p.Any(digraph.Runtime | digraph.RuntimePost) }
	runtime := make([]bool, s.g.Bundles())
	for b := 1; b < len(runtime); b++ {
		runtime[b] = slices.ContainsFunc(s.g.BundlePriorities(digraph.Bundle(b)), isRuntime)
	}
	var stack []digraph.Node
	mark := func(n digraph.Node) {
		if !deep[n] && s.in.task(n).Kind != Uninstall {
			deep[n] = true
			stack = append(stack, n)
		}
	}
	for _, n := range nodes {
		if s.in.task(n).System {
			mark(n)
		}
	}
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for child, b := range s.g.ChildBundles(n) {
			if runtime[b] {
				mark(child)
			}
		}
	}
	return deep
}

// startASAP puts a new C library first, its kernel headers before it: nearly
// everything needs it and nothing says so. A package that is in both lists is
// asap twice, and makes the round after it one in a hurry.
func (s *serializer) startASAP() {
	if len(s.in.Libc) == 0 {
		return
	}
	s.asap = slices.Concat(s.in.Headers, s.in.Libc)
	for _, n := range s.asap {
		s.isASAP[n] = true
	}
}

// addASAP takes n in unless it is there.
func (s *serializer) addASAP(n digraph.Node) {
	if !s.isASAP[n] {
		s.isASAP[n] = true
		s.asap = append(s.asap, n)
	}
}
