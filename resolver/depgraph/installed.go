package depgraph

import (
	"fmt"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/plan"
)

// Installed are the packages installed in the roots of a run.
type Installed struct {
	Target []*ebuild.Package // by name and version
	Build  []*ebuild.Package // of the machine that builds; nil if that is the target
}

// FromInstalled gives the graph of what is installed in the target, and of what their
// build-time dependencies find on the machine that builds. Dependencies are those that
// were recorded. Of alternatives the first that is wholly there counts; what is not
// there has no edge. The problems are dependencies that cannot be understood.
func FromInstalled(in Installed) (*Graph, []error) {
	b := &installedGraph{target: newHost(in.Target, plan.RootTarget)}
	b.build = b.target
	if in.Build != nil {
		b.build = newHost(in.Build, plan.RootBuild)
	}
	for _, p := range in.Target {
		b.add(b.target, p)
	}
	var edges []Edge
	for i := 0; i < len(b.pkgs); i++ { // it grows: tools of the machine that builds
		edges = append(edges, b.edges(i)...)
	}
	return New(b.nodes, edges), b.problems
}

// A host is one root's packages.
type host struct {
	root   plan.Root
	byName map[atoms.CP][]*ebuild.Package
}

func newHost(list []*ebuild.Package, root plan.Root) *host {
	h := &host{root: root, byName: map[atoms.CP][]*ebuild.Package{}}
	for _, p := range list {
		h.byName[p.CP()] = append(h.byName[p.CP()], p)
	}
	return h
}

// best gives the highest version that an atom matches.
func (h *host) best(a *atoms.Atom) *ebuild.Package {
	for _, p := range slices.Backward(h.byName[a.CP]) {
		if a.Match(p.Candidate(flagsOf(p))) {
			return p
		}
	}
	return nil
}

// builtWith answers about the flags of an installed package.
type builtWith struct{ p *ebuild.Package }

func flagsOf(p *ebuild.Package) builtWith { return builtWith{p} }

// Declared says if the package has the flag.
func (f builtWith) Declared(flag string) bool { return f.p.HasIUSE(flag) }

// Enabled says if it was built with the flag.
func (f builtWith) Enabled(flag string) bool { return slices.Contains(f.p.USE, flag) }

type member struct {
	h *host
	p *ebuild.Package
}

type installedGraph struct {
	target, build *host
	pkgs          []member
	nodes         []Node
	problems      []error
	number        map[*ebuild.Package]int
}

func (b *installedGraph) add(h *host, p *ebuild.Package) int {
	if n, ok := b.number[p]; ok {
		return n
	}
	if b.number == nil {
		b.number = map[*ebuild.Package]int{}
	}
	use := slices.DeleteFunc(slices.Clone(p.USE), func(f string) bool { return !p.HasIUSE(f) })
	slices.Sort(use)
	b.number[p] = len(b.pkgs)
	b.pkgs = append(b.pkgs, member{h, p})
	b.nodes = append(b.nodes, Node{
		CPV: p.CPV.String(), Slot: slotText(p.Slot, p.Subslot), Repo: p.Repo, Root: h.root,
		Origin: plan.OriginInstalled, USE: use,
	})
	return b.number[p]
}

// classes in the order of their names in ebuilds.
func classes() []atoms.DepClass {
	return []atoms.DepClass{atoms.Depend, atoms.BDepend, atoms.RDepend, atoms.PDepend, atoms.IDepend}
}

func (b *installedGraph) edges(from int) []Edge {
	m := b.pkgs[from]
	enabled := flagsOf(m.p).Enabled
	var out []Edge
	for _, class := range classes() {
		tree, err := m.p.Deps(class)
		if err != nil {
			b.problems = append(b.problems, fmt.Errorf("%s: %s: %w", m.p.CPV, class, err))
			continue
		}
		h := m.h
		if class == atoms.BDepend || class == atoms.IDepend {
			h = b.build
		}
		for _, a := range h.satisfied(tree, enabled) {
			evaluated := a.EvaluateUSE(enabled)
			out = append(out, Edge{
				From: from, To: b.add(h, h.best(evaluated)), Class: plan.Class(class.String()),
				Atom: evaluated.String(), Flags: deciding(tree, a, enabled),
			})
		}
	}
	return out
}

// satisfied lists the atoms of a tree that count and are there: all of a list, of
// alternatives the first that is wholly there.
func (h *host) satisfied(tree *atoms.Dep, enabled func(string) bool) []*atoms.Atom {
	switch tree.Kind {
	case atoms.KindLeaf:
		if a := tree.Leaf; a.Blocker == atoms.BlockNone && h.best(a.EvaluateUSE(enabled)) != nil {
			return []*atoms.Atom{a}
		}
		return nil
	case atoms.KindIf:
		if enabled(tree.Flag) == tree.Negated {
			return nil
		}
	case atoms.KindAny, atoms.KindExactlyOne, atoms.KindAtMostOne:
		for _, child := range tree.Children {
			if h.whole(child, enabled) {
				return h.satisfied(child, enabled)
			}
		}
		return nil
	}
	var out []*atoms.Atom
	for _, child := range tree.Children {
		out = append(out, h.satisfied(child, enabled)...)
	}
	return out
}

// whole says if everything that a tree asks for is there, and it asks for anything.
func (h *host) whole(tree *atoms.Dep, enabled func(string) bool) bool {
	switch tree.Kind {
	case atoms.KindLeaf:
		return tree.Leaf.Blocker != atoms.BlockNone || h.best(tree.Leaf.EvaluateUSE(enabled)) != nil
	case atoms.KindIf:
		if enabled(tree.Flag) == tree.Negated {
			return false
		}
	case atoms.KindAny, atoms.KindExactlyOne, atoms.KindAtMostOne:
		return slices.ContainsFunc(tree.Children, func(c *atoms.Dep) bool { return h.whole(c, enabled) })
	}
	for _, child := range tree.Children {
		if !h.whole(child, enabled) && child.Kind != atoms.KindIf {
			return false
		}
	}
	return true
}
