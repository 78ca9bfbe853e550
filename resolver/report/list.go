package report

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
)

// order returns the list that was found, nil if there is none.
func (b *builder) order() []order.Item {
	o := b.w.Order
	switch {
	case o == nil || o.Circular != nil:
		return nil
	case o.List == nil:
		return []order.Item{}
	}
	return o.List
}

// list tells the merge list.
func (b *builder) list(items []order.Item) []render.Item {
	list := []render.Item{}
	for _, item := range items {
		if item.Task == digraph.None {
			list = append(list, b.blocker(b.w.BlockerNode(item.Blocker), item.Satisfied))
			continue
		}
		p := b.node(item.Task)
		b.fetch(item.Task, p)
		list = append(list, p)
	}
	return list
}

// blocker tells the blocker at a node, always with the same address.
func (b *builder) blocker(n digraph.Node, satisfied bool) *render.Blocker {
	if out := b.blockers[n]; out != nil {
		out.Satisfied = out.Satisfied || satisfied
		return out
	}
	view := b.w.BlockerOf(n)
	out := &render.Blocker{
		Atom: view.Atom.Unblocked().String(), Strong: view.Forbids(), Satisfied: satisfied,
	}
	for _, p := range b.w.Blocking(n) {
		out.Blocking = append(out.Blocking, b.pkg(p))
	}
	b.blockers[n] = out
	return out
}

// fetch tells what has to be fetched for a merge.
func (b *builder) fetch(n digraph.Node, out *render.Package) {
	if out.Operation != render.Merge || out.Files != nil {
		return
	}
	p := b.w.U.Pkg(universe.ID(n))
	flags := b.w.S.Flags(p)
	if p.Origin == ebuild.OriginBinary {
		if p.Remote != "" {
			out.Files = []render.File{{Name: fmt.Sprintf("%s-%d", p.CPV.PF(), p.BuildID), Bytes: p.Size}}
		}
		return
	}
	restricted := has(p.Restrict, flags, "fetch")
	if restricted {
		out.Fetch = plan.FetchPresent
	}
	if b.o.Distfiles == nil {
		return
	}
	// SRC_URI that cannot be read makes a package invalid; here it has no files.
	files, _ := b.o.Distfiles.Files(p.Package, flags.Enabled)
	for _, f := range files {
		if f.Left == 0 {
			continue
		}
		out.Files = append(out.Files, render.File{Name: f.Name, Bytes: f.Left})
		if restricted && !f.Free {
			out.Fetch = plan.FetchMissing
		}
	}
	if out.Fetch == plan.FetchMissing && b.o.NoFetch != nil {
		out.FetchHelp = b.o.NoFetch(p.Package)
	}
}

// graph tells the dependency graph, for trees.
func (b *builder) graph() *render.Graph {
	g := &render.Graph{Edges: b.w.S.Graph, Package: b.node, Top: b.top}
	for _, t := range b.w.RemovalTasks() {
		u := render.Uninstall{Task: b.node(t.Node), Kept: digraph.None, Instead: digraph.None}
		if kept := digraph.Node(t.Pkg.ID); b.w.S.Graph.Contains(kept) {
			u.Kept = kept
		}
		for _, n := range t.Blockers {
			u.Blockers = append(u.Blockers, b.blocker(n, false))
		}
		if list := b.w.S.Tracker.Match(t.Pkg.Root, t.Pkg.SlotAtom()); len(list) > 0 && !b.carriedOut(t.Node) {
			if n := digraph.Node(list[0].ID); b.w.S.Graph.Contains(n) {
				u.Instead = n
			}
		}
		g.Uninstalls = append(g.Uninstalls, u)
	}
	return g
}

// top says if a node is an argument or was asked for by one.
func (b *builder) top(n digraph.Node) bool {
	return b.args[n] || slices.ContainsFunc(b.w.S.Graph.Parents(n), func(p digraph.Node) bool { return b.args[p] })
}

// carriedOut says if a removal is in the list.
func (b *builder) carriedOut(task digraph.Node) bool {
	return slices.ContainsFunc(b.order(), func(i order.Item) bool { return i.Task == task })
}

// LicensePath returns a function that finds the texts of licences in
// repositories, which are given in ascending priority.
func LicensePath(repos []*ebuild.Repository) func(name string) string {
	return func(name string) string {
		for _, r := range slices.Backward(repos) {
			path := filepath.Join(r.Location, "licenses", name)
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
		return ""
	}
}
