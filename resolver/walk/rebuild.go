package walk

import (
	"slices"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/universe"
)

// rebuildGraph holds the build-time dependencies of built packages, for the
// --rebuild-if-* options (D99).
type rebuildGraph struct {
	w         *Pass
	graph     *digraph.Graph
	rebuild   []universe.SlotID
	reinstall []universe.SlotID
}

func newRebuildGraph(w *Pass) *rebuildGraph {
	return &rebuildGraph{
		w: w, graph: digraph.New(),
		rebuild:   slices.Clone(w.S.Search.Rebuild),
		reinstall: slices.Clone(w.S.Search.Reinstall),
	}
}

func (g *rebuildGraph) add(p *universe.Pkg, d *Dep) {
	if !g.w.P.Rebuild() {
		return
	}
	parent := d.CollapsedParent.Pkg
	if parent == nil || !parent.Built() || d.CollapsedPriority&digraph.Buildtime == 0 ||
		g.w.S.InList(g.w.P.RebuildExclude, parent) || g.w.S.InList(g.w.P.RebuildIgnore, p) {
		return
	}
	g.graph.Add(node(p), node(parent), d.CollapsedPriority)
}

// trigger goes from the dependencies up and finds the built packages that have
// to be built or merged again. True if there are any that were not known.
func (g *rebuildGraph) trigger() bool {
	again := false
	needs := make(map[*universe.Pkg][]*universe.Pkg)
	leaves := g.graph.Leaves(nil)
	for g.graph.Len() > 0 {
		if len(leaves) == 0 {
			// A circle: drop an edge by taking the last node.
			nodes := g.graph.Nodes()
			leaves = append(leaves, nodes[len(nodes)-1])
		}
		n := leaves[0]
		leaves = leaves[1:]
		if !g.graph.Contains(n) {
			continue
		}
		p := g.w.pkgOf(n)
		parents := slices.Clone(g.graph.Parents(n))
		g.graph.Remove(n)
		for _, q := range parents {
			if q == n {
				continue
			}
			parent := g.w.pkgOf(q)
			needs[parent] = withNeed(needs[parent], p)
			if g.graph.ChildCount(q) == 0 {
				leaves = append(leaves, q)
			}
		}
		if g.triggerOne(p, needs[p]) {
			again = true
		}
	}
	return again
}

// withNeed adds a dependency. Of several in one slot, which a conflict leaves, the
// one that comes last counts: it takes the place of the other.
func withNeed(list []*universe.Pkg, p *universe.Pkg) []*universe.Pkg {
	i := slices.IndexFunc(list, func(q *universe.Pkg) bool { return q.Name == p.Name && q.Package.Slot == p.Package.Slot })
	if i < 0 {
		return append(list, p)
	}
	list[i] = p
	return list
}

func (g *rebuildGraph) triggerOne(parent *universe.Pkg, deps []*universe.Pkg) bool {
	if contains(g.rebuild, parent.Slot) {
		return false
	}
	reinstall := false
	for _, dep := range deps {
		if g.needsRebuild(dep) {
			g.rebuild = append(g.rebuild, parent.Slot)
			return true
		}
		if g.w.P.UsePkg != params.Yes || dep.Installed() && !contains(g.reinstall, dep.Slot) && !contains(g.rebuild, dep.Slot) {
			continue
		}
		if parent.Installed() && !contains(g.reinstall, parent.Slot) {
			if b := g.binary(parent); b != nil && b.BuildTime() != parent.BuildTime() {
				reinstall = true
			}
		}
	}
	if reinstall {
		g.reinstall = append(g.reinstall, parent.Slot)
	}
	return reinstall
}

func (g *rebuildGraph) binary(p *universe.Pkg) *universe.Pkg {
	for _, b := range g.w.U.Store(p.Root, ebuild.OriginBinary, p.CPV.CP) {
		if b.CPV == p.CPV {
			return b
		}
	}
	return nil
}

// needsRebuild says if what was built against the name of p has to be rebuilt
// now that p is to be built.
func (g *rebuildGraph) needsRebuild(p *universe.Pkg) bool {
	if p.Built() || contains(g.w.S.Search.Rebuild, p.Slot) {
		return false
	}
	if g.w.P.RebuildIfUnbuilt {
		return true
	}
	inst := g.w.U.InSlot(p)
	if inst == nil {
		return true
	}
	if g.w.P.RebuildIfNewRev {
		return inst.CPV != p.CPV
	}
	return inst.CPV.Version.Base() != p.CPV.Version.Base()
}

// checkRunning fails a request for which the running root is fixed if something
// is to be merged to it.
func (w *Pass) checkRunning() bool {
	if !w.P.RunningFixed {
		return true
	}
	for _, n := range w.S.Graph.Nodes() {
		if p := w.pkgOf(n); p != nil && p.Root.Running && !p.Root.Target && p.Merges() {
			w.Facts.RunningDeps, w.Facts.NoRestart = true, true
			return false
		}
	}
	return true
}

// checkBuildOnly fails --buildpkgonly if a package to be built needs another
// one that would have to be merged first (D10).
func (w *Pass) checkBuildOnly() bool {
	if !w.P.BuildPkgOnly || w.P.FetchOnly {
		return true
	}
	g := w.S.Graph.Clone()
	for _, n := range w.S.Graph.Nodes() {
		if p := w.pkgOf(n); p == nil || !p.Merges() {
			g.Remove(n)
		}
	}
	for _, n := range g.Nodes() {
		if len(g.ChildrenFiltered(n, ignoreUnlessUnsatisfiedBuild)) > 0 {
			w.Facts.BuildOnlyDeps = true
			w.Facts.NoRestart = true
			return false
		}
	}
	return true
}
