package order

import "github.com/tumpline/tumpline/resolver/digraph"

// SchedulerGraph returns the graph that parallel merging has to respect for a
// list that Serialize made from in: the dependency graph, where scheduled
// removals wait for the packages that were merged over them, and where every
// package after a new C library of its root needs that. The input is not
// changed.
func SchedulerGraph(in *Input, r *Result) *digraph.Graph {
	g := in.Graph.Clone()
	for _, rev := range r.reversed {
		g.RemoveEdge(rev.task, rev.after)
		g.Add(rev.after, rev.task, digraph.BlockerEdge)
	}
	isLibc := make(map[digraph.Node]bool, len(in.Libc))
	for _, n := range in.Libc {
		isLibc[n] = true
	}
	var earlier []digraph.Node
	for _, item := range r.List {
		if item.Task == digraph.None {
			continue
		}
		t := in.task(item.Task)
		if t.Kind != Merge || t.Root != in.Running {
			continue
		}
		if isLibc[item.Task] {
			earlier = append(earlier, item.Task)
			continue
		}
		for _, libc := range earlier {
			g.Add(libc, item.Task, digraph.Buildtime)
		}
	}
	return g
}
