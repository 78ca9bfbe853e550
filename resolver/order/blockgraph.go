package order

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/digraph"
)

// A blockGraph says which removals would solve which blockers: a blocker is
// the parent of each of its uninstall tasks. Blockers follow the nodes of the
// dependency graph in the numbering.
type blockGraph struct {
	g          *digraph.Graph // nil without any
	base       digraph.Node   // number of blocker 0
	unsolvable []BlockerID
}

func newBlockGraph(in *Input) blockGraph {
	b := blockGraph{unsolvable: in.Unsolvable}
	if len(in.Blocks) == 0 {
		return b
	}
	b.g = digraph.New()
	b.base = digraph.Node(max(in.Graph.Limit(), len(in.Tasks)))
	for _, block := range in.Blocks {
		b.g.Add(block.Task, b.base+digraph.Node(block.Blocker), 0)
	}
	return b
}

// tasks lists the removals that have neither been done nor become needless.
func (b *blockGraph) tasks() []digraph.Node {
	if b.g == nil {
		return nil
	}
	return b.g.Leaves(nil)
}

// blockers lists what the task would solve.
func (b *blockGraph) blockers(task digraph.Node) []BlockerID {
	if b.g == nil {
		return nil
	}
	var ids []BlockerID
	for blocker := range b.g.ParentBundles(task) {
		ids = append(ids, BlockerID(blocker-b.base))
	}
	return ids
}

// finish takes a task out that is done or needless. It returns the blockers
// that have no task left and are thereby solved.
func (b *blockGraph) finish(task digraph.Node) []BlockerID {
	ids := b.blockers(task)
	if len(ids) == 0 {
		return nil
	}
	b.g.Remove(task)
	var solved []BlockerID
	for _, id := range ids {
		node := b.base + digraph.Node(id)
		if b.g.ChildCount(node) > 0 {
			continue
		}
		b.g.Remove(node)
		if !slices.Contains(b.unsolvable, id) {
			solved = append(solved, id)
		}
	}
	return solved
}

// unsolved lists the unsolvable blockers and those that still have a task.
func (b *blockGraph) unsolved() []BlockerID {
	ids := slices.Clone(b.unsolvable)
	if b.g == nil {
		return ids
	}
	for _, node := range b.g.Roots(nil) {
		if id := BlockerID(node - b.base); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
