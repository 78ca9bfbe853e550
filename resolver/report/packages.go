package report

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
)

// rootOf returns the root as the caller of the resolver gave it.
func (b *builder) rootOf(r *universe.Root) *resolver.Root { return b.res.System.Roots()[r.ID] }

// root tells a root, always with the same value.
func (b *builder) root(r *universe.Root) *render.Root {
	if out := b.roots[r]; out != nil {
		return out
	}
	c := b.rootOf(r).Config
	place := slash(c.Get("ROOT"))
	if r.Running {
		place = "/" // wherever the caller has moved it
	}
	out := &render.Root{
		Root: place, ERoot: r.Path, Arch: c.Get("ARCH"),
		UseExpand: c.Words("USE_EXPAND"), UseExpandHidden: c.Words("USE_EXPAND_HIDDEN"),
	}
	b.roots[r] = out
	return out
}

// slash gives a path the slash at its end.
func slash(path string) string {
	if path == "" || path[len(path)-1] != '/' {
		path += "/"
	}
	return path
}

// elsewhere returns the EROOT of a root whose ROOT is not the running system's.
func (b *builder) elsewhere(r *universe.Root) string {
	if b.root(r).Root == "/" {
		return ""
	}
	return r.Path
}

// node tells the package or removal at a node, always with the same address;
// nil for arguments and sets.
func (b *builder) node(n digraph.Node) *render.Package {
	if p := b.packages[n]; p != nil {
		return p
	}
	if b.args[n] {
		return nil
	}
	op := render.Unmerge
	p := b.w.Removal(n)
	if p == nil {
		if int(n) >= b.w.U.Len() || b.w.U.Pkg(universe.ID(n)) == nil {
			return nil
		}
		p = b.w.U.Pkg(universe.ID(n))
		if op = render.Keep; p.Merges() {
			op = render.Merge
		}
	}
	out := b.describe(p, op, b.w.S.Flags(p))
	if out.Node = digraph.None; b.w.S.Graph.Contains(n) {
		out.Node = n
	}
	b.packages[n] = out
	return out
}

// pkg tells a package.
func (b *builder) pkg(p *universe.Pkg) *render.Package { return b.node(digraph.Node(p.ID)) }

// describe tells a package with the given USE state.
func (b *builder) describe(p *universe.Pkg, op render.Operation, flags *universe.Flags) *render.Package {
	out := &render.Package{
		CP: string(p.CPV.CP), Version: p.CPV.Version.String(), Slot: p.Package.Slot, Subslot: p.Subslot,
		Repo: p.Repo, RepoDir: b.repoDir(p.Root, p.Repo), Origin: plan.Origin(p.Origin.String()), Root: b.root(p.Root),
		Operation: op, IUSE: iuse(p), USE: flags.List(), ReinstallFlags: b.w.C.Reinstall[p],
		Interactive: has(p.Properties, flags, "interactive"), Remote: p.Remote != "", Mark: b.mark(p),
		Node: digraph.None,
	}
	if p.BuildID != ebuild.NoBuildID {
		out.BuildID = p.BuildID
	}
	for _, f := range append(slices.Clone(out.USE), out.IUSE...) {
		if flags.State.Forced(f) || flags.State.Masked(f) {
			out.Fixed = append(out.Fixed, f)
		}
	}
	b.compare(p, out)
	b.member(p, out)
	if op == render.Merge {
		out.Rebuild = slices.ContainsFunc(b.w.S.ArgAtoms(p), forces)
	}
	return out
}

// iuse returns the names of the flags in IUSE, each once.
func iuse(p *universe.Pkg) []string {
	var names []string
	for _, x := range p.IUSE {
		if !slices.Contains(names, x.Name) {
			names = append(names, x.Name)
		}
	}
	return names
}

// has says if PROPERTIES or RESTRICT of a package holds a word.
func has(value func() (*atoms.Words, error), flags *universe.Flags, word string) bool {
	tree, err := value()
	return err == nil && slices.Contains(tree.Leaves(flags.Enabled), word)
}

func (b *builder) repoDir(r *universe.Root, name string) string {
	for _, repo := range b.rootOf(r).Repos {
		if repo.Name == name {
			return repo.Location
		}
	}
	return ""
}

func (b *builder) mark(p *universe.Pkg) plan.Mark {
	switch b.rootOf(p.Root).Judge.Mark(p.Package) {
	case visibility.MarkMasked:
		return plan.MarkMasked
	case visibility.MarkMissing:
		return plan.MarkUnkeyworded
	case visibility.MarkUnstable:
		return plan.MarkTesting
	}
	return plan.MarkNone
}

// compare says what is installed already (O49). Only a version that is spelt
// alike is the same one here; a revision -r0 that is new counts as an update.
func (b *builder) compare(p *universe.Pkg, out *render.Package) {
	installed := b.res.InstalledVersions(p)
	var same, slot []*universe.Pkg
	for _, q := range installed {
		if q.CPV == p.CPV {
			same = append(same, q)
		}
		if q.Slot == p.Slot {
			slot = append(slot, q)
		}
	}
	list := installed
	switch {
	case len(same) > 0:
		out.Status, list = plan.StatusReinstall, same[:1]
	case len(slot) > 0:
		out.Status, list = plan.StatusUpdate, slot
		if slices.ContainsFunc(slot, func(q *universe.Pkg) bool { return p.CPV.Version.Compare(q.CPV.Version) < 0 }) {
			out.Status = plan.StatusDowngrade
		}
	case len(installed) > 0:
		out.Status = plan.StatusNewSlot
	default:
		out.Status = plan.StatusNew
	}
	for _, q := range list {
		out.Old = append(out.Old, render.Old{
			Version: q.CPV.Version.String(), Slot: q.Package.Slot, Subslot: q.Subslot,
			Repo: q.Repo, RepoDir: b.repoDir(q.Root, q.Repo), IUSE: iuse(q), USE: q.Flags().List(),
		})
	}
}
