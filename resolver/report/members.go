package report

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
)

// memberships are the sets of one root that colours depend on, by name.
type memberships struct {
	system, selected map[atoms.CP][]*atoms.Atom
}

func (b *builder) membersOf(r *universe.Root) *memberships {
	if m := b.members[r]; m != nil {
		return m
	}
	m := &memberships{}
	if cfg := b.rootOf(r).Sets; cfg != nil {
		if s := cfg.Set(sets.System); s != nil {
			m.system = byName(s.Members().Atoms)
		}
		// A set in @selected that does not exist is ignored with all others in it.
		selected, err := cfg.Flatten(sets.Selected)
		if s := cfg.Set(sets.Selected); err != nil && s != nil {
			selected = s.Members().Atoms
		}
		m.selected = byName(selected)
	}
	b.members[r] = m
	return m
}

func byName(list []*atoms.Atom) map[atoms.CP][]*atoms.Atom {
	m := make(map[atoms.CP][]*atoms.Atom)
	for _, a := range list {
		m[a.CP] = append(m[a.CP], a)
	}
	return m
}

// member says if @system or @selected has a package, or will have it.
func (b *builder) member(p *universe.Pkg, out *render.Package) {
	m := b.membersOf(p.Root)
	matches := func(a *atoms.Atom) bool { return b.w.S.Matches(a, p) }
	out.System = slices.ContainsFunc(m.system[p.CPV.CP], matches)
	out.World = slices.ContainsFunc(m.selected[p.CPV.CP], matches) || b.willBeSelected(p, m)
}

// willBeSelected says if merging a package adds to the world file.
func (b *builder) willBeSelected(p *universe.Pkg, m *memberships) bool {
	return !b.o.Oneshot && !b.res.Params.OnlyDeps && p.Root == b.w.U.Target && b.res.Success && sets.WorldAtom(b.worldQuestion(p, m)) != nil
}

// worldQuestion asks what merging a package adds to the world file. Without an
// argument that the package matches nothing is added.
func (b *builder) worldQuestion(p *universe.Pkg, m *memberships) sets.WorldQuestion {
	q := sets.WorldQuestion{Package: p.Package, Selected: m.selected[p.CPV.CP], System: m.system[p.CPV.CP]}
	for _, arg := range b.w.Args() {
		if arg.Internal || arg.Kind == partial.ArgSet {
			continue
		}
		for _, a := range arg.Atoms() {
			if a.CP == p.CPV.CP && b.w.S.Matches(a, p) {
				q.Args = append(q.Args, a)
			}
		}
	}
	if len(q.Args) == 0 {
		return q
	}
	for _, e := range b.w.U.Store(p.Root, ebuild.OriginEbuild, p.CPV.CP) {
		if e.Visible() {
			q.Ebuilds = append(q.Ebuilds, e.Package)
		}
	}
	for _, e := range b.w.U.Store(p.Root, ebuild.OriginInstalled, p.CPV.CP) {
		q.Installed = append(q.Installed, e.Package)
	}
	return q
}

// forces says if an argument demands that what is installed be replaced.
func forces(m partial.ArgAtomMatch) bool { return m.Arg.ForceReinstall }
