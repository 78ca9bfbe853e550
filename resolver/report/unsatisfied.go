package report

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/similar"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// unsatisfied tells the dependencies and arguments that nothing satisfies (S114).
func (b *builder) unsatisfied() []render.Unsatisfied {
	var out []render.Unsatisfied
	for _, u := range b.w.Facts.Unsatisfied {
		out = append(out, b.look(u).tell())
	}
	return out
}

// A finding is what there is for an atom that nothing satisfies. Packages are
// listed store by store, best first.
type finding struct {
	*builder
	walk.Unsatisfied
	masked      []render.MaskedPackage
	hidden      []*universe.Pkg // those of masked that can be read
	wrongUSE    []*universe.Pkg // fit but for their USE flags
	required    []*universe.Pkg // fit but for REQUIRED_USE
	backtracked bool            // one of them was masked by the search
}

// look looks at every package that could satisfy an atom. Installed ones do not
// count: they are no answer to what is missing.
func (b *builder) look(u walk.Unsatisfied) *finding {
	f := &finding{builder: b, Unsatisfied: u}
	for _, o := range b.w.U.Origins() {
		if o == ebuild.OriginInstalled {
			continue
		}
		for _, p := range b.w.U.Store(u.Root, o, u.Atom.CP) {
			if p.MatchesName(u.Atom) || p.EAPI == nil && u.Atom.MatchVersion(p.CPV.Version) {
				f.judge(p)
			}
		}
	}
	return f
}

// judge says why a package does not satisfy the atom.
func (f *finding) judge(p *universe.Pkg) {
	m := f.maskedPackage(p)
	if p.EAPI == nil || len(p.Invalid()) > 0 {
		f.masked = append(f.masked, m)
		return
	}
	if mask := f.w.S.Search.Masks[p]; mask != nil {
		m.Reasons = append(m.Reasons, "backtracking: "+strings.Join(maskWords(mask), ", "))
		f.backtracked = true
	}
	if len(m.Reasons) == 0 && f.w.S.Excluded(p) {
		m.Reasons = []string{"exclude option"}
	}
	clean := len(m.Reasons) == 0
	if !clean {
		f.hidden = append(f.hidden, p)
	}
	if f.lacksUSE(p) {
		f.wrongUSE = append(f.wrongUSE, p)
		if clean {
			return
		}
	}
	if clean && !p.Built() && !partial.RequiredUSEHolds(p, f.w.S.Flags(p)) {
		f.required = append(f.required, p)
		return
	}
	if p.Built() {
		m.Reasons = f.builtReasons(p, m.Reasons)
	}
	f.masked = append(f.masked, m)
}

// maskWords returns why the search masked a package, sorted.
func maskWords(m *partial.Mask) []string {
	var words []string
	if m.MissingDep {
		words = append(words, "missing dependency")
	}
	if m.HasConflict {
		words = append(words, "slot conflict")
	}
	if m.BuiltSlot {
		words = append(words, "slot_operator_mask_built")
	}
	return words
}

// lacksUSE says if the USE dependencies of the atom keep a package out.
func (f *finding) lacksUSE(p *universe.Pkg) bool {
	if len(f.Atom.Unevaluated().USE) == 0 {
		return false
	}
	if len(f.missingFlags(f.Atom, p)) > 0 {
		return true
	}
	violated := f.Atom.ViolatedUSE(f.w.S.Flags(p), nil)
	return violated != nil && len(violated.USE) > 0
}

// builtReasons returns why a binary package is not used, if it is not masked.
func (f *finding) builtReasons(p *universe.Pkg, reasons []string) []string {
	refusal := f.w.C.Refused[p]
	if !slices.Contains(f.w.IgnoredBinaries(), p) {
		refusal = nil // what is installed is no worse
	}
	switch {
	case slices.Contains(f.w.S.Search.Rebuild, p.Slot):
		return []string{"need to rebuild from source"}
	case len(reasons) == 0 && refusal != nil && len(refusal.Flags) > 0:
		return []string{"use flag configuration mismatch"}
	case len(reasons) == 0 && refusal != nil && refusal.ChangedDeps:
		return []string{"changed deps"}
	case !f.res.Params.UseEbuildVisibility || f.w.C.EbuildVisible(p):
		return reasons
	}
	e := f.w.U.EquivalentEbuild(p)
	switch {
	case e == nil:
		return []string{"ebuild not available"}
	case len(reasons) == 0:
		return e.Verdict().Texts()
	}
	return reasons
}

// tell tells the finding: of the four forms the one that helps most.
func (f *finding) tell() render.Unsatisfied {
	out := render.Unsatisfied{What: f.what(), NewestEAPI: newestEAPI()}
	if !f.Root.Running {
		out.Root = f.Root.Path
	}
	fixes, adjustable := f.fixes()
	required := f.RequiredUSE
	if required == nil && len(f.required) > 0 {
		required = f.required[0]
		for _, p := range adjustable {
			if !slices.Contains(f.hidden, p) && required.Less(p) {
				required = nil
				break
			}
		}
	}
	switch {
	case required != nil:
		out.RequiredUse = f.requiredUse(required)
	case len(fixes) > 0:
		out.UseFixes = fixes
	case len(f.masked) > 0:
		out.Masked = f.masked
	default:
		f.nothing(&out)
	}
	if arg := f.Parent.Arg; arg == nil || arg.Kind != partial.ArgAtom {
		out.Chain = f.chainOf(f.Parent, f.Atom)
	}
	return out
}

// what returns the atom as it was written, or the argument.
func (f *finding) what() string {
	text := f.Atom.Unevaluated().String()
	if arg := f.Parent.Arg; arg != nil && arg.Kind == partial.ArgAtom {
		text = arg.Text
	}
	return strings.ReplaceAll(text, "null/", "")
}

func newestEAPI() string {
	names := eapi.Names()
	return names[len(names)-1]
}

// requiredUse tells which part of REQUIRED_USE does not hold.
func (f *finding) requiredUse(p *universe.Pkg) *render.RequiredUse {
	out := &render.RequiredUse{
		Package:  f.describe(p, render.Merge, p.Flags()),
		Complete: strings.Join(strings.Fields(p.Raw("REQUIRED_USE")), " "),
	}
	out.Unsatisfied = out.Complete
	spec, err := p.RequiredUSE()
	if err != nil {
		return out
	}
	if ok, rest, err := atoms.CheckRequiredUSE(spec, f.w.S.Flags(p), p.Effective().EAPI); !ok && err == nil {
		out.Unsatisfied = rest.String()
	}
	return out
}

// nothing tells that no package matches, and names like the one asked for.
func (f *finding) nothing(out *render.Unsatisfied) {
	p := f.res.Params
	out.BinaryOnly = p.UsePkgOnly == params.Yes
	arg := f.Parent.Arg
	if arg == nil || arg.Kind != partial.ArgAtom || f.o.NoSuggestions || f.w.U.Has(f.Root, f.Atom.CP) {
		return
	}
	out.Searched = true
	wanted := strings.TrimPrefix(string(f.Atom.CP), "null/")
	for _, cp := range similar.CPs(wanted, names(f.rootOf(f.Root), p)) {
		out.Similar = append(out.Similar, string(cp))
	}
}

// names returns the names of all packages of the stores that take part. A
// store that cannot be read has none: there is a better place to tell of it.
func names(r *resolver.Root, p *params.Params) []atoms.CP {
	var sources []ebuild.Source
	if r.Installed != nil {
		sources = append(sources, r.Installed)
	}
	if !p.UsePkgOnly.Present() {
		for _, repo := range r.Repos {
			sources = append(sources, repo)
		}
	}
	if p.UsePkg == params.Yes && r.Binaries != nil {
		sources = append(sources, r.Binaries)
	}
	var all []atoms.CP
	for _, s := range sources {
		cps, err := s.CPs()
		if err != nil {
			continue
		}
		all = append(all, cps...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
