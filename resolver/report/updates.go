package report

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// skipped tells the updates that were held back (D49, O63).
func (b *builder) skipped() *render.Skipped {
	out := &render.Skipped{}
	for _, m := range b.w.MissedUpdates() {
		switch {
		case len(m.Parents) > 0:
			out.Conflicts = append(out.Conflicts, b.skippedConflict(m))
		case m.Missing != nil:
			b.skippedMissing(m, out)
		}
	}
	if len(out.Conflicts)+len(out.Unsatisfied)+len(out.Backtracked) == 0 {
		return nil
	}
	return out
}

func (b *builder) skippedConflict(m walk.MissedUpdate) render.SkippedConflict {
	out := render.SkippedConflict{Package: b.pkg(m.Pkg)}
	for _, pa := range m.Parents {
		parent := render.ConflictParent{Parent: b.parent(pa.Parent)}
		if arg := pa.Parent.Arg; arg == nil || arg.Kind == partial.ArgSet {
			parent.Atom = b.violations(pa.Atom, m.Pkg)
		}
		out.Parents = append(out.Parents, parent)
	}
	return out
}

// violations tells an atom with everything that a package violates of it.
func (b *builder) violations(a *atoms.Atom, p *universe.Pkg) render.AtomText {
	t := render.TextOf(a)
	t.Text = a.String()
	if t.BadCP = a.CP != p.CPV.CP; t.BadCP {
		return t
	}
	t.BadVersion = !a.MatchVersion(p.CPV.Version)
	t.BadSlot = a.Slot != "" && a.Slot != p.Package.Slot || a.Subslot != "" && a.Subslot != p.Subslot
	if len(a.USE) == 0 || a.MatchUSE(b.w.S.Flags(p)) {
		return t
	}
	if t.BadUse = b.missingFlags(a, p); len(t.BadUse) == 0 {
		t.BadUse = fixedFlags(a.ViolatedUSE(b.w.S.Flags(p), nil))
	}
	return t
}

// skippedMissing tells an update with a dependency that cannot be met; if that
// comes from the search itself, only its slot.
func (b *builder) skippedMissing(m walk.MissedUpdate, out *render.Skipped) {
	u := walk.Unsatisfied{Root: m.Root, Atom: m.Missing, Parent: partial.Parent{Pkg: m.Pkg}}
	f := b.look(u)
	if f.backtracked {
		ref := render.SlotRef{Slot: m.Pkg.SlotAtom().String(), Root: b.elsewhere(m.Pkg.Root)}
		out.Backtracked = append(out.Backtracked, ref)
		return
	}
	chosen := b.w.S.Tracker.Match(m.Pkg.Root, m.Pkg.SlotAtom())
	out.Unsatisfied = append(out.Unsatisfied, render.SkippedUnsatisfied{
		Selected: b.pkg(chosen[0]), Skipped: b.pkg(m.Pkg), Deps: []render.Unsatisfied{f.tell()},
	})
}

// rebuilds tells who has others built again (O64).
func (b *builder) rebuilds() []render.Rebuild {
	var out []render.Rebuild
	for _, f := range b.res.ForcedRebuilds() {
		r := render.Rebuild{Cause: b.pkg(f.Cause)}
		for _, p := range f.Rebuilt {
			r.Packages = append(r.Packages, b.pkg(p))
		}
		out = append(out, r)
	}
	return out
}

// ignoredBinaries tells the binary packages that do not fit, of the versions
// that are merged (S115).
func (b *builder) ignoredBinaries(list []render.Item) *render.IgnoredBinaries {
	listed := func(p *universe.Pkg) bool {
		return slices.ContainsFunc(list, func(item render.Item) bool {
			q, ok := item.(*render.Package)
			return ok && q.Root.ERoot == p.Root.Path && q.CPV() == p.CPV.String()
		})
	}
	out := &render.IgnoredBinaries{}
	for _, p := range b.w.IgnoredBinaries() {
		if !listed(p) {
			continue
		}
		refusal := b.w.C.Refused[p]
		if len(refusal.Flags) > 0 && !decided(b.res.Params.RespectUse) {
			out.Use = addIgnored(out.Use, b.ignoredUse(p, refusal.Flags))
		}
		if refusal.ChangedDeps && !decided(b.res.Params.BinChangedDeps) {
			out.ChangedDeps = append(out.ChangedDeps, b.ref(p))
		}
	}
	if len(out.Use)+len(out.ChangedDeps) == 0 {
		return nil
	}
	return out
}

// decided says if the user answered a question that has a default.
func decided(a params.Auto) bool { return a == params.AutoYes || a == params.AutoNo }

func (b *builder) ignoredUse(p *universe.Pkg, flags []string) render.IgnoredUse {
	out := render.IgnoredUse{CPV: p.CPV.String(), Root: b.elsewhere(p.Root)}
	for _, f := range flags {
		if !p.Flags().Enabled(f) {
			f = "-" + f
		}
		out.Flags = append(out.Flags, f)
	}
	return out
}

// addIgnored adds a line unless another build gave the same.
func addIgnored(list []render.IgnoredUse, u render.IgnoredUse) []render.IgnoredUse {
	for _, old := range list {
		if old.CPV == u.CPV && old.Root == u.Root && slices.Equal(old.Flags, u.Flags) {
			return list
		}
	}
	return append(list, u)
}

func (b *builder) ref(p *universe.Pkg) render.Ref {
	return render.Ref{CPV: p.CPV.String(), Repo: p.Repo, Root: b.elsewhere(p.Root)}
}

// changedDeps tells the installed packages whose ebuild has other dependencies
// today, if one of them takes part. With --changed-deps or dynamic dependencies
// there is nothing to tell.
func (b *builder) changedDeps() []render.Ref {
	if b.res.Params.ChangedDepsOn || b.res.Params.DynamicDeps {
		return nil
	}
	var pkgs []*universe.Pkg
	for p, e := range b.w.C.ChangedDeps {
		if p.Repo == e.Repo {
			pkgs = append(pkgs, p)
		}
	}
	if !slices.ContainsFunc(pkgs, b.w.S.InGraph) {
		return nil
	}
	slices.SortFunc(pkgs, func(p, q *universe.Pkg) int {
		if p.Root != q.Root {
			return int(p.Root.ID) - int(q.Root.ID)
		}
		return strings.Compare(p.CPV.String(), q.CPV.String())
	})
	var out []render.Ref
	for _, p := range pkgs {
		out = append(out, b.ref(p))
	}
	return out
}
