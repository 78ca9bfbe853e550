package order_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
)

// slow orders a graph without uninstall tasks by the letter of the rules: it
// asks the graph for leaves and walks every closure, and keeps nothing.
type slow struct {
	in        *order.Input
	g         *digraph.Graph
	rank      []digraph.Node // node order after the bias sort
	asap      []digraph.Node
	prefer    bool
	drop      bool
	list      []digraph.Node
	remaining []digraph.Node // of a circular error
}

type slowRange struct {
	levels []order.Level
	post   int // index of the first level for cycles
	medium order.Level
}

var (
	slowNormal    = slowRange{[]order.Level{order.LevelAll, order.LevelSoft, order.LevelPost}, 2, order.LevelHard}
	slowSatisfied = slowRange{[]order.Level{order.LevelAll, order.LevelSoft, order.LevelSatisfiedPost, order.LevelPurePost,
		order.LevelUnsatisfiedRun, order.LevelSlotOpBuild, order.LevelUnsatisfied}, 3, order.LevelUnsatHard}
	slowCycleOrder = []order.Level{order.LevelSoft, order.LevelPost, order.LevelHard, order.LevelSoft, order.LevelSatisfiedPost,
		order.LevelPurePost, order.LevelUnsatisfiedRun, order.LevelSlotOpBuild, order.LevelUnsatisfied, order.LevelUnsatHard}
)

func slowSerialize(in *order.Input) *slow {
	s := &slow{in: in, g: in.Graph.Clone(), prefer: true}
	s.prepare()
	for s.g.Len() > 0 {
		selected, again := s.round()
		if again {
			continue
		}
		if selected == nil {
			s.remaining = s.sorted(s.g.Nodes())
			return s
		}
		s.prefer, s.drop = true, false
		for _, n := range selected {
			s.g.Remove(n)
			if in.Tasks[n].Kind == order.Merge {
				s.list = append(s.list, n)
			}
		}
	}
	return s
}

func (s *slow) prepare() {
	for _, n := range s.g.Nodes() {
		if s.in.Tasks[n].Kind == order.Argument {
			s.g.Remove(n)
		}
	}
	for changed := true; changed; {
		changed = false
		for _, n := range s.g.Roots(nil) {
			if s.in.Tasks[n].Installed || s.in.Tasks[n].OnlyDeps {
				s.g.Remove(n)
				changed = true
			}
		}
	}
	s.rank = s.g.Nodes()
	if s.in.Options.ImplicitSystemDeps {
		deep := map[digraph.Node]bool{}
		for _, n := range s.g.Nodes() {
			if s.in.Tasks[n].System {
				for _, m := range s.g.BFS(n, func(p digraph.Priority) bool { return !p.Any(digraph.Runtime | digraph.RuntimePost) }) {
					deep[m] = true
				}
			}
		}
		slices.SortStableFunc(s.rank, func(a, b digraph.Node) int {
			if deep[a] != deep[b] {
				if deep[a] {
					return -1
				}
				return 1
			}
			return len(s.g.Parents(b)) - len(s.g.Parents(a))
		})
	}
	if len(s.in.Libc) > 0 {
		s.asap = slices.Concat(s.in.Headers, s.in.Libc)
	}
}

func (s *slow) sorted(nodes []digraph.Node) []digraph.Node {
	slices.SortFunc(nodes, func(a, b digraph.Node) int { return slices.Index(s.rank, a) - slices.Index(s.rank, b) })
	return nodes
}

func (s *slow) leaves(l order.Level) []digraph.Node { return s.sorted(s.g.Leaves(l.Ignores)) }

func (s *slow) leaf(n digraph.Node, l order.Level) bool {
	return len(s.g.ChildrenFiltered(n, l.Ignores)) == 0
}

func (s *slow) round() (selected []digraph.Node, again bool) {
	rng := slowNormal
	level := order.LevelAll
	if s.prefer && len(s.asap) > 0 {
		rng = slowSatisfied
		s.asap = slices.DeleteFunc(s.asap, func(n digraph.Node) bool { return !s.g.Contains(n) })
		selected, level = s.asapLeaf()
	}
	if selected == nil && !(s.prefer && len(s.asap) > 0) {
		selected, level = s.anyLeaf(rng)
	}
	cycle := false
	if selected == nil {
		selected, level, cycle = s.cycle(rng)
		if selected == nil && s.prefer && len(s.asap) > 0 {
			s.prefer = false
			return nil, true
		}
	}
	if selected != nil && level != order.LevelAll {
		s.neglected(selected)
	}
	if cycle {
		selected = s.inside(selected)
	}
	if selected == nil {
		selected = s.leaves(order.LevelAll)
	}
	if selected == nil && !s.drop {
		s.drop = true
		return nil, true
	}
	return selected, false
}

func (s *slow) asapLeaf() ([]digraph.Node, order.Level) {
	for _, l := range slowSatisfied.levels[1:] {
		for i, n := range s.asap {
			if s.leaf(n, l) {
				s.asap = slices.Delete(s.asap, i, i+1)
				return []digraph.Node{n}, l
			}
		}
	}
	return nil, 0
}

func (s *slow) anyLeaf(rng slowRange) ([]digraph.Node, order.Level) {
	for _, l := range rng.levels {
		nodes := s.leaves(l)
		if len(nodes) == 1 || len(nodes) > 1 && l == order.LevelAll && len(s.asap) == 0 && !s.in.Options.Tree {
			return nodes, l
		}
		for _, n := range nodes {
			for _, p := range s.g.ParentsFiltered(n, order.LevelUnsatisfied.Ignores) {
				if slices.Contains(s.asap, p) {
					return []digraph.Node{n}, l
				}
			}
		}
		for _, n := range nodes {
			if len(s.g.Parents(n)) > 0 {
				return []digraph.Node{n}, l
			}
		}
	}
	return nil, 0
}

func (s *slow) cycle(rng slowRange) ([]digraph.Node, order.Level, bool) {
	ranges := []slowRange{slowNormal}
	if rng.medium != order.LevelHard || s.drop {
		ranges = append(ranges, slowSatisfied)
	}
	for _, local := range ranges {
		mergeable := s.leaves(local.medium)
		candidates := slices.Clone(mergeable)
		if s.prefer && len(s.asap) > 0 {
			candidates = slices.Clone(s.asap)
		}
		slices.SortStableFunc(candidates, func(a, b digraph.Node) int { return s.in.Tasks[a].CPV.Compare(s.in.Tasks[b].CPV) })
		for _, l := range local.levels[local.post:] {
			group := s.smallest(candidates, mergeable, l, rng)
			if group == nil {
				continue
			}
			for _, n := range group {
				if !slices.ContainsFunc(s.g.Children(n), func(c digraph.Node) bool { return slices.Contains(group, c) }) {
					return []digraph.Node{n}, l, false
				}
			}
			return group, l, true
		}
	}
	return nil, 0, false
}

func (s *slow) smallest(candidates, mergeable []digraph.Node, l order.Level, rng slowRange) []digraph.Node {
	var best []digraph.Node
	last := rng.levels[len(rng.levels)-1]
	for _, n := range candidates {
		if len(s.g.Parents(n)) == 0 {
			continue
		}
		var group []digraph.Node
		ok := true
		for _, m := range s.g.BFS(n, l.Ignores) {
			group = append(group, m)
			if !slices.Contains(mergeable, m) || s.in.Tasks[m].NewPortage && len(s.g.ChildrenFiltered(m, last.Ignores)) > 0 {
				ok = false
			}
		}
		if ok && (best == nil || len(group) < len(best)) {
			best = s.sorted(group)
		}
	}
	return best
}

func (s *slow) neglected(selected []digraph.Node) {
	for _, n := range selected {
		soft := s.g.ChildrenFiltered(n, order.LevelSatisfiedPost.Ignores)
		hard := s.g.ChildrenFiltered(n, order.LevelPurePost.Ignores)
		for _, c := range soft {
			if !slices.Contains(hard, c) && !slices.Contains(selected, c) && !slices.Contains(s.asap, c) {
				s.asap = append(s.asap, c)
			}
		}
	}
}

func (s *slow) inside(group []digraph.Node) (out []digraph.Node) {
	g := s.g.Clone()
	for _, n := range g.Nodes() {
		if !slices.Contains(group, n) {
			g.Remove(n)
		}
	}
	for g.Len() > 0 {
		for _, l := range slowCycleOrder {
			leaves := s.sorted(g.Leaves(l.Ignores))
			if len(leaves) == 0 {
				continue
			}
			if i := slices.IndexFunc(leaves, func(n digraph.Node) bool { return s.in.Tasks[n].Installed }); i >= 0 {
				leaves[0] = leaves[i]
			}
			out = append(out, leaves[0])
			g.Remove(leaves[0])
			break
		}
	}
	return out
}

// randomInput makes a small graph with arguments, kept packages and all kinds
// of edges.
func randomInput(t testing.TB, r *rand.Rand, size int) *order.Input {
	t.Helper()
	in := &order.Input{Graph: digraph.New()}
	in.Options.Tree = r.IntN(5) == 0
	in.Options.ImplicitSystemDeps = r.IntN(5) > 0
	for i := range size {
		cpv, err := atoms.ParseCPV(fmt.Sprintf("c%d/p%d-%d", r.IntN(3), i, 1+r.IntN(2)))
		if err != nil {
			t.Fatal(err)
		}
		task := order.Task{Kind: order.Merge, CPV: cpv, Slot: "0", System: r.IntN(9) == 0}
		switch r.IntN(10) {
		case 0:
			task.Kind, task.OnlyDeps = order.NoMerge, true
		case 1, 2:
			task.Kind, task.Installed, task.Built = order.NoMerge, true, true
		}
		if i == 0 {
			task = order.Task{}
		}
		in.Tasks = append(in.Tasks, task)
	}
	build, post, forwards, satisfied := r.Float64(), r.Float64()/3, r.IntN(3), r.Float64()
	for range r.IntN(4 * size) {
		child, parent := digraph.Node(r.IntN(size)), digraph.Node(r.IntN(size))
		if forwards > 0 && child < parent {
			child, parent = parent, child
		}
		in.Graph.Add(child, parent, edgePriority(r, build, post, satisfied))
	}
	for range r.IntN(size) { // run-time rings
		a, b := digraph.Node(1+r.IntN(size-1)), digraph.Node(1+r.IntN(size-1))
		in.Graph.Add(a, b, digraph.Runtime)
		in.Graph.Add(b, a, digraph.Runtime|digraph.Priority(r.IntN(2))*digraph.Satisfied)
	}
	if r.IntN(4) == 0 {
		in.Headers = []digraph.Node{digraph.Node(1 + r.IntN(size-1))}
		in.Libc = []digraph.Node{digraph.Node(1 + r.IntN(size-1))}
	}
	if r.IntN(4) == 0 {
		in.Tasks[1+r.IntN(size-1)].NewPortage = true
	}
	return in
}

func edgePriority(r *rand.Rand, build, post, satisfied float64) digraph.Priority {
	p := digraph.Runtime
	switch k := r.Float64(); {
	case k < build/2:
		p = digraph.Buildtime
		if r.IntN(3) == 0 {
			p |= digraph.BuildtimeSlotOp
		}
		if r.IntN(5) == 0 {
			p |= digraph.Optional
		}
	case k < build/2+post:
		p = digraph.RuntimePost | digraph.Priority(r.IntN(8)/7)*digraph.Runtime
	case k > 0.95:
		p = 0
	case k > 0.85:
		p |= digraph.RuntimeSlotOp
	}
	if r.Float64() < satisfied {
		p |= digraph.Satisfied
	}
	if r.IntN(8) == 0 {
		p |= digraph.Cross
	}
	return p
}

// checkAgainstSlow compares, and checks what must hold of any order.
func checkAgainstSlow(t *testing.T, in *order.Input) {
	t.Helper()
	got, want := order.Serialize(in), slowSerialize(in)
	items := got.List
	if got.Circular != nil {
		items = got.Circular.Before
		if !slices.Equal(got.Circular.Order, want.remaining) {
			t.Fatalf("remaining %v, want %v", got.Circular.Order, want.remaining)
		}
		checkCircular(t, got.Circular)
	} else if want.remaining != nil {
		t.Fatalf("ordered %v; want %v to remain", items, want.remaining)
	}
	var list []digraph.Node
	for _, item := range items {
		list = append(list, item.Task)
	}
	if !slices.Equal(list, want.list) {
		t.Fatalf("list %v, want %v", list, want.list)
	}
	checkOrder(t, in, got, list)
}

// checkOrder checks that each merge is listed once, that a second run says the
// same, and that an unsatisfied build-time edge is respected unless it is on a
// cycle of edges of all kinds.
func checkOrder(t *testing.T, in *order.Input, r *order.Result, list []digraph.Node) {
	t.Helper()
	if again := order.Serialize(in); !slices.Equal(again.List, r.List) {
		t.Fatalf("second run: %v, first %v", again.List, r.List)
	}
	at := map[digraph.Node]int{}
	for i, n := range list {
		if _, twice := at[n]; twice {
			t.Fatalf("node %d is listed twice in %v", n, list)
		}
		at[n] = i
	}
	for _, n := range in.Graph.Nodes() {
		if _, listed := at[n]; r.Circular == nil && listed != (in.Tasks[n].Kind == order.Merge) {
			t.Fatalf("node %d (%v) listed: %v", n, in.Tasks[n].Kind, listed)
		}
	}
	for parent, i := range at {
		for _, child := range in.Graph.ChildrenFiltered(parent, order.LevelUnsatHard.Ignores) {
			if j, ok := at[child]; ok && j > i && in.Graph.ShortestPath(child, parent, nil) == nil {
				t.Fatalf("%d comes before %d, which it needs: %v", parent, child, list)
			}
		}
	}
}

func checkCircular(t *testing.T, c *order.Circular) {
	t.Helper()
	if len(c.Order) != c.Graph.Len() || len(c.Display) != c.Graph.Len() {
		t.Fatalf("%d nodes, %d in order, %d displayed", c.Graph.Len(), len(c.Order), len(c.Display))
	}
	edges := 0
	for _, cycle := range c.Cycles {
		if len(cycle) < len(c.Shortest) {
			t.Fatalf("cycle %v is shorter than %v", cycle, c.Shortest)
		}
		for i, link := range c.Links(cycle) {
			if !slices.ContainsFunc(link, func(p digraph.Priority) bool { return !order.LevelUnsatisfied.Ignores(p) }) {
				t.Fatalf("edge to %d of cycle %v has priorities %v", cycle[i], cycle, link)
			}
		}
	}
	for _, rec := range c.Records {
		edges += len(rec.Parents)
		for _, p := range rec.Parents {
			if !c.Graph.HasEdge(rec.Child, p) {
				t.Fatalf("record %v has no edge", rec)
			}
		}
	}
	if len(c.Cycles) > 0 && edges < len(c.Shortest) {
		t.Fatalf("%d recorded edges, shortest cycle %v", edges, c.Shortest)
	}
}

func TestSerializeEqualsSlow(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 9))
		in := randomInput(t, r, 3+r.IntN(30))
		t.Run(fmt.Sprint(seed), func(t *testing.T) { checkAgainstSlow(t, in) })
	}
}

func FuzzSerialize(f *testing.F) {
	f.Add(uint64(1), uint64(2), 10)
	f.Add(uint64(3), uint64(4), 60)
	f.Fuzz(func(t *testing.T, a, b uint64, size int) {
		r := rand.New(rand.NewPCG(a, b))
		checkAgainstSlow(t, randomInput(t, r, 3+min(max(size, 0), 60)))
	})
}
