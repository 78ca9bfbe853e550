package explain

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/universe"
)

// chain returns a shortest way from an argument or set to a package. Of ways
// of one length the one is taken that the walk found first. Sets that the
// resolver made for itself count only where nothing else asks.
func (x *explainer) chain(p *universe.Pkg) []Link {
	for _, internal := range [...]bool{false, true} {
		if path := x.climb(digraph.Node(p.ID), internal); path != nil {
			return x.links(path)
		}
	}
	return nil
}

// climb searches upwards, breadth first, for an argument. The path starts with
// the argument, or the set that holds it, and ends with the package.
func (x *explainer) climb(start digraph.Node, internal bool) []digraph.Node {
	graph := x.w.S.Graph
	below := map[digraph.Node]digraph.Node{start: digraph.None}
	for queue := []digraph.Node{start}; len(queue) > 0; queue = queue[1:] {
		n := queue[0]
		arg := x.args[n]
		if arg != nil && (internal || !arg.Internal) {
			return append(x.holders(n), pathDown(below, n)...)
		}
		if arg == nil && x.pkg(n) == nil {
			continue
		}
		for parent, bundle := range graph.ParentBundles(n) {
			if _, seen := below[parent]; !seen && counts(graph.BundlePriorities(bundle)) {
				below[parent] = n
				queue = append(queue, parent)
			}
		}
	}
	return nil
}

// counts says if an edge stands for a requirement that is in force.
func counts(priorities []digraph.Priority) bool {
	return slices.ContainsFunc(priorities, func(p digraph.Priority) bool { return !p.Has(digraph.Ignored) })
}

// pathDown returns the nodes from n down to where the search started.
func pathDown(below map[digraph.Node]digraph.Node, n digraph.Node) []digraph.Node {
	var path []digraph.Node
	for ; n != digraph.None; n = below[n] {
		path = append(path, n)
	}
	return path
}

// holders returns the sets in which a set is nested, outermost first, without
// the set itself.
func (x *explainer) holders(n digraph.Node) []digraph.Node {
	var path []digraph.Node
	seen := map[digraph.Node]bool{n: true}
	for {
		i := slices.IndexFunc(x.w.S.Graph.Parents(n), func(m digraph.Node) bool { return x.args[m] != nil && !seen[m] })
		if i < 0 {
			slices.Reverse(path)
			return path
		}
		n = x.w.S.Graph.Parents(n)[i]
		seen[n] = true
		path = append(path, n)
	}
}

// links tells a path: every node but the last with what it asks of the next.
func (x *explainer) links(path []digraph.Node) []Link {
	var list []Link
	for i, n := range path[:len(path)-1] {
		next := path[i+1]
		if arg := x.args[n]; arg != nil && x.args[next] != nil {
			file, line := x.memberPlace(arg, x.args[next].Text)
			list = append(list, Link{Name: arg.Text, Kind: plan.LinkSet, File: plan.Maybe(file), Line: line})
			continue
		}
		list = append(list, x.link(x.parentAt(n), x.pkg(next)))
	}
	return list
}

func (x *explainer) parentAt(n digraph.Node) partial.Parent {
	if arg := x.args[n]; arg != nil {
		return partial.Parent{Arg: arg}
	}
	return partial.Parent{Pkg: x.pkg(n)}
}

// link tells by what a parent asks for a package.
func (x *explainer) link(parent partial.Parent, p *universe.Pkg) Link {
	for _, pa := range x.w.S.Parents(p) {
		if pa.Parent.Node() == parent.Node() {
			r := x.requirement(pa, p)
			return Link{Name: r.By, Kind: r.Kind, Class: r.Class, Atom: plan.Maybe(r.Atom), File: r.File, Line: r.Line}
		}
	}
	name, kind := nameOf(parent)
	return Link{Name: name, Kind: kind}
}

// nameOf names a parent.
func nameOf(parent partial.Parent) (string, plan.LinkKind) {
	switch {
	case parent.Pkg != nil:
		return parent.Pkg.String(), plan.LinkKind(parent.Pkg.Origin.String())
	case parent.Arg.Kind == partial.ArgSet:
		return parent.Arg.Text, plan.LinkSet
	default:
		return parent.Arg.Text, plan.LinkArgument
	}
}
