package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/universe"
)

// binary tells why a binary package was refused, apart from masks.
func (x *explainer) binary(p *universe.Pkg) []Reason {
	if !x.takesPart(ebuild.OriginBinary) {
		return []Reason{option("--usepkg is not given", "--usepkg")}
	}
	list := x.binaryOptions(p)
	if slices.Contains(x.w.S.Search.Rebuild, p.Slot) {
		list = append(list, Reason{Kind: ReasonFromSource, Text: "it has to be built from source, as a dependency changes"})
	}
	switch refusal := x.w.C.Refused[p]; {
	case refusal != nil:
		if len(refusal.Flags) > 0 {
			list = append(list, x.binaryFlags(p, refusal.Flags))
		}
		if refusal.ChangedDeps {
			list = append(list, Reason{Kind: ReasonChangedDeps, Text: "its dependencies differ from those of its ebuild (--binpkg-changed-deps)", Words: []string{"--binpkg-changed-deps"}})
		}
	case x.res.Params.RespectUse.On():
		if flags := x.differing(p); len(flags) > 0 && x.asEbuild(p) {
			list = append(list, x.binaryFlags(p, flags))
		}
	}
	return append(list, x.binaryEbuild(p)...)
}

func option(text string, names ...string) Reason {
	return Reason{Kind: ReasonOption, Text: text, Words: names}
}

// binaryOptions tells the options that leave a binary package out.
func (x *explainer) binaryOptions(p *universe.Pkg) []Reason {
	o := x.res.Params
	list := x.listed(p, "--usepkg-exclude", o.UsePkgExclude, ReasonOption)
	if len(o.UsePkgInclude) > 0 && !x.w.S.InList(o.UsePkgInclude, p) {
		list = append(list, option("--usepkg-include does not name it", "--usepkg-include"))
	}
	if o.UsePkgExcludeLive && slices.Contains(strings.Fields(p.Raw("PROPERTIES")), "live") {
		list = append(list, option("--usepkg-exclude-live leaves live packages out", "--usepkg-exclude-live"))
	}
	return list
}

// binaryFlags tells flags that differ, as the package has them.
func (x *explainer) binaryFlags(p *universe.Pkg, flags []string) Reason {
	return Reason{Kind: ReasonFlags, Words: x.signed(p, flags),
		Text: "USE flags differ from the configuration; it was built with " + strings.Join(x.signed(p, flags), " ")}
}

// differing returns the flags of IUSE that a binary package would have
// otherwise if it were built today.
func (x *explainer) differing(p *universe.Pkg) []string {
	now := p.Configured()
	var flags []string
	for _, f := range p.State().IUSE() {
		if now.Enabled(f) != p.Flags().Enabled(f) {
			flags = append(flags, f)
		}
	}
	return flags
}

// asEbuild says if the version of a binary package is taken from its ebuild.
func (x *explainer) asEbuild(p *universe.Pkg) bool {
	return slices.ContainsFunc(x.rivals(p), func(q *universe.Pkg) bool { return q.SameVersion(p) && !q.Built() })
}

// binaryEbuild tells what is wrong with the ebuild of a binary package, where
// that counts.
func (x *explainer) binaryEbuild(p *universe.Pkg) []Reason {
	o := x.res.Params
	old := x.w.S.InList(o.UseOldPkgAtoms, p)
	if !o.UseEbuildVisibility && (o.UsePkgOnly == params.Yes || old) || x.w.C.EbuildVisible(p) {
		return nil
	}
	e := x.w.U.EquivalentEbuild(p)
	if e == nil {
		return []Reason{{Kind: ReasonEbuild, Text: "its ebuild is not there any more"}}
	}
	list := x.masked(e)
	for i := range list {
		list[i].Kind, list[i].Text = ReasonEbuild, "its ebuild is masked: "+list[i].Text
	}
	return list
}

// others lists the packages that would have been better than p: higher
// versions, and binary packages of its own; with what was against each.
func (x *explainer) others(p *universe.Pkg) []Other {
	var list []Other
	for _, o := range [...]ebuild.Origin{ebuild.OriginEbuild, ebuild.OriginBinary} {
		if !x.takesPart(o) {
			continue
		}
		for _, q := range x.w.U.Store(p.Root, o, p.CPV.CP) {
			better := p.Less(q) && !q.SameVersion(p) || o == ebuild.OriginBinary && q.SameVersion(p) && !p.Installed()
			if q.Package == p.Package || !better || x.outcome(q).present() {
				continue
			}
			list = append(list, Other{Package: x.describe(q), Reasons: x.against(q)})
		}
	}
	return list
}

// because tells why a package is merged where something is installed already.
func (x *explainer) because(p *universe.Pkg) []Reason {
	var list []Reason
	if flags := x.w.C.Reinstall[p]; len(flags) > 0 {
		list = append(list, Reason{Kind: ReasonFlags, Words: x.signed(p, flags),
			Text: "USE flags differ from what is installed: " + strings.Join(x.signed(p, flags), " ")})
	}
	for _, f := range x.res.ForcedRebuilds() {
		if slices.Contains(f.Rebuilt, p) {
			list = append(list, Reason{Kind: ReasonRebuild, By: plan.Maybe(f.Cause.String()),
				Text: fmt.Sprintf("it is bound to the slot of %v, which changes", f.Cause)})
		}
	}
	inst := x.w.U.InSlot(p)
	if inst == nil {
		return append(list, Reason{Kind: ReasonNotInstalled, Text: "nothing is installed in its slot"})
	}
	for _, pa := range x.w.S.Parents(p) {
		if !inst.Matches(pa.Atom, nil) {
			r := x.failure(pa, inst)
			r.Text += fmt.Sprintf(", which %s does not satisfy", inst.CPV)
			list = append(list, r)
			break
		}
	}
	if len(list) == 0 {
		list = append(list, x.wantedAnew(p, inst))
	}
	return list
}

// wantedAnew tells why an installed package is merged again or updated although
// it satisfies everything.
func (x *explainer) wantedAnew(p, inst *universe.Pkg) Reason {
	o := x.res.Params
	switch {
	case o.Empty:
		return option("--emptytree has everything merged", "--emptytree")
	case x.w.S.InList(o.ReinstallAtoms, p):
		return option("--reinstall-atoms names it", "--reinstall-atoms")
	case !p.SameVersion(inst) && o.Update:
		return Reason{Kind: ReasonUpdate, By: plan.Maybe(inst.String()), Text: fmt.Sprintf("--update takes the best version, and %s is installed", inst.CPV), Words: []string{"--update"}}
	case len(x.w.S.ArgAtoms(p)) > 0:
		return Reason{Kind: ReasonArgument, By: plan.Maybe(inst.String()), Text: fmt.Sprintf("it is asked for; %s is installed", inst.CPV)}
	case p.Repo != inst.Repo && o.NewRepo:
		return option("--newrepo: it is installed from repository "+inst.Repo, "--newrepo")
	}
	return Reason{Kind: ReasonUpdate, By: plan.Maybe(inst.String()), Text: fmt.Sprintf("%s is installed and is not kept", inst.CPV)}
}
