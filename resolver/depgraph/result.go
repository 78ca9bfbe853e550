package depgraph

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/planning"
	"github.com/tumpline/tumpline/resolver/universe"
)

// FromResult gives the graph of an answer: the packages that were chosen, those that
// are merged in the order of the plan, then those that stay, and what satisfies their
// dependencies.
func FromResult(res *resolver.Result) *Graph {
	b := &resultGraph{res: res, number: map[*universe.Pkg]int{}, step: map[*universe.Pkg]int{}}
	b.order()
	chosen := res.Pass.Packages()
	slices.SortStableFunc(chosen, func(p, q *universe.Pkg) int { return b.rank(p) - b.rank(q) })
	for _, p := range chosen {
		if b.step[p] > 0 || res.Pass.S.Tracker.Stays(p) {
			b.add(p)
		}
	}
	var edges []Edge
	for i := 0; i < len(b.pkgs); i++ { // it grows: packages that nobody had to choose
		edges = append(edges, b.edges(i)...)
	}
	return New(b.nodes, edges)
}

type resultGraph struct {
	res    *resolver.Result
	pkgs   []*universe.Pkg
	nodes  []Node
	number map[*universe.Pkg]int
	step   map[*universe.Pkg]int
}

// order numbers what is merged.
func (b *resultGraph) order() {
	o := b.res.Pass.Order
	if o == nil || o.Circular != nil {
		return
	}
	for _, item := range o.List {
		if item.Task == digraph.None || b.res.Pass.Removal(item.Task) != nil || int(item.Task) >= b.res.Pass.U.Len() {
			continue
		}
		if p := b.res.Pass.U.Pkg(universe.ID(item.Task)); p.Merges() {
			b.step[p] = len(b.step) + 1
		}
	}
}

func (b *resultGraph) rank(p *universe.Pkg) int {
	if s := b.step[p]; s > 0 {
		return s
	}
	return len(b.step) + 1
}

// add gives the number of a package.
func (b *resultGraph) add(p *universe.Pkg) int {
	if n, ok := b.number[p]; ok {
		return n
	}
	n := Node{
		CPV: p.CPV.String(), Slot: slotText(p.Package.Slot, p.Subslot), Repo: p.Repo, Root: planning.Root(p.Root),
		Origin: plan.Origin(p.Origin.String()), Step: b.step[p], USE: b.use(p),
	}
	for _, pa := range b.res.Pass.S.Parents(p) {
		n.Requested = n.Requested || pa.Parent.Arg != nil
	}
	b.number[p] = len(b.pkgs)
	b.pkgs, b.nodes = append(b.pkgs, p), append(b.nodes, n)
	return b.number[p]
}

func (b *resultGraph) use(p *universe.Pkg) []string {
	flags := b.res.Pass.S.Flags(p)
	var out []string
	for _, f := range p.IUSE {
		if flags.Enabled(f.Name) {
			out = append(out, f.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func slotText(slot, subslot string) string {
	if subslot == "" || subslot == slot {
		return slot
	}
	return slot + "/" + subslot
}

// edges are the dependencies of a node.
func (b *resultGraph) edges(from int) []Edge {
	p := b.pkgs[from]
	var out []Edge
	for _, n := range b.res.Pass.Needs(p) {
		child := planning.Satisfier(b.res, n)
		if child == nil {
			continue
		}
		e := Edge{From: from, To: b.add(child), Class: planning.ClassOfNeed(n), Atom: n.Atom.String()}
		if tree, err := p.Deps(n.Class); err == nil && e.Class != plan.ClassSoname {
			e.Flags = deciding(tree, n.Atom, b.res.Pass.S.Flags(p).Enabled)
		}
		out = append(out, e)
	}
	return out
}

// deciding lists the flags on which an atom of a tree depends.
func deciding(tree *atoms.Dep, a *atoms.Atom, enabled func(string) bool) []string {
	text := a.Unevaluated().String()
	flags := atoms.AffectingFlags(tree, func(l *atoms.Atom) bool { return l.String() == text })
	out := slices.Clone(flags)
	for i, f := range out {
		if !enabled(f) {
			out[i] = "-" + f
		}
	}
	return out
}
