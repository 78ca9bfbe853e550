package report

import (
	"strings"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
)

// maskedPackage tells what masks a package.
func (b *builder) maskedPackage(p *universe.Pkg) render.MaskedPackage {
	v := p.Verdict()
	out := render.MaskedPackage{
		CPV: p.CPV.String(), Repo: p.Repo, Reasons: v.Texts(),
		BadEAPI: p.EAPI == nil && v.Find(visibility.KindEAPI) != nil,
	}
	if r := v.Find(visibility.KindMask); r != nil && len(r.Comment) > 0 {
		out.File, out.Comment = r.Pos.File, strings.Join(r.Comment, "\n")+"\n"
	}
	if r := v.Find(visibility.KindLicense); r != nil && b.o.License != nil {
		for _, name := range r.Licenses {
			out.Licenses = append(out.Licenses, render.LicenseFile{Name: name, Path: b.o.License(name)})
		}
	}
	return out
}

// maskedUpdates tells the higher versions that only their licence keeps out of
// a slot that the request fills (Portage: _check_masks).
func (b *builder) maskedUpdates() []render.MaskedPackage {
	var out []render.MaskedPackage
	seen := make(map[*universe.Pkg]bool)
	for _, n := range b.w.S.Graph.Nodes() {
		if b.args[n] || b.w.Removal(n) != nil {
			continue
		}
		p := b.w.U.Pkg(universe.ID(n))
		if p.OnlyDeps {
			continue
		}
		if q := b.licenseMasked(p); q != nil && !seen[q] {
			seen[q] = true
			out = append(out, b.maskedPackage(q))
		}
	}
	return out
}

// licenseMasked returns the highest package in the slot of p that has nothing
// against it but its licence, nil if there is none higher than p. What is not
// higher is not judged, and names that the search did not ask for are not read:
// Portage knows nothing of them either.
func (b *builder) licenseMasked(p *universe.Pkg) *universe.Pkg {
	var best *universe.Pkg
	for _, o := range b.w.U.Origins() {
		if o == ebuild.OriginInstalled || !b.w.U.Asked(p, o) {
			continue
		}
		for _, q := range b.w.U.Store(p.Root, o, p.CPV.CP) {
			if q.Slot != p.Slot || !p.Less(q) || best != nil && !best.Less(q) || !q.LicenseMasked() {
				continue
			}
			if v := q.Verdict(); len(v.Reasons) == 1 && v.Reasons[0].Kind == visibility.KindLicense && b.w.S.Changes.License[q] == nil {
				best = q
			}
		}
	}
	return best
}

// maskedInstalled tells the installed packages that stay although they are masked.
func (b *builder) maskedInstalled() []render.MaskedPackage {
	var out []render.MaskedPackage
	for _, p := range b.w.Facts.MaskedInstalled {
		out = append(out, b.maskedPackage(p))
	}
	return out
}
