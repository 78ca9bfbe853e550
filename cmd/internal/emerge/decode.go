package emerge

import (
	"github.com/tumpline/tumpline/resolver/params"
)

// imply adds what options imply for each other before anything is resolved, in
// the order in which emerge does it. feature says if FEATURES of the target
// has a word.
func (l *Line) imply(feature func(word string) bool) {
	on := Value{Kind: KindTrue}
	set := func(when bool, names ...string) {
		for _, name := range names {
			if when {
				l.Options[name] = on
			}
		}
	}
	refused := l.Has("--getbinpkg") && !l.True("--getbinpkg")
	set(l.Has("--buildpkgonly"), "--buildpkg")
	set(feature("getbinpkg") && !refused, "--getbinpkg")
	set(l.True("--getbinpkgonly"), "--getbinpkg", "--usepkgonly")
	set(l.True("--getbinpkg") || l.True("--usepkgonly"), "--usepkg")
	set(l.Has("--fetch-all-uri"), "--fetchonly")
	set(l.Has("--skipfirst"), "--resume")
	if l.Has("--pretend") {
		delete(l.Options, "--ask")
	}
	// Whichever way it was given, an update of what is installed is an update.
	set(l.Has("--update-if-installed"), "--update")
}

// depgraphOptions decodes what the resolver is told. The line is a strict one,
// so its atom lists are good.
func (l *Line) depgraphOptions() *params.Options {
	o := params.New()
	l.decodeRequest(o)
	l.decodeReach(o)
	l.decodeRebuilds(o)
	l.decodeBinaries(o)
	l.decodeAutounmask(o)
	return o
}

func (l *Line) decodeRequest(o *params.Options) {
	o.Update = l.Has("--update")
	o.UpdateIfInstalled = l.Has("--update-if-installed")
	o.NoReplace = l.Has("--noreplace")
	o.Selective = l.tri("--selective")
	o.EmptyTree = l.Has("--emptytree")
	o.NoDeps = l.Has("--nodeps")
	o.OnlyDeps = l.Has("--onlydeps")
	o.OnlyDepsWithRDeps = l.tri("--onlydeps-with-rdeps")
	o.OnlyDepsWithIDeps = l.tri("--onlydeps-with-ideps")
	o.VerboseMissingEbuilds = l.tri("--verbose-missing-ebuilds")
	o.Pretend = l.Has("--pretend")
	o.Tree = l.Has("--tree")
	o.BuildPkgOnly = l.Has("--buildpkgonly")
	o.FetchOnly = l.Has("--fetchonly")
	o.FetchAllURI = l.Has("--fetch-all-uri")
	o.Exclude, _ = l.atomList("--exclude")
	o.BuildPkgExclude, _ = l.atomList("--buildpkg-exclude")
	if v, ok := l.Options["--backtrack"]; ok {
		o.Backtrack = v.Int
	}
}

func (l *Line) decodeReach(o *params.Options) {
	if v, ok := l.Options["--deep"]; ok {
		o.Deep = params.Depth(min(v.Int, int(params.Infinite)))
		if v.True() {
			o.Deep = params.Infinite
		}
	}
	o.WithBdeps = l.tri("--with-bdeps")
	o.WithBdepsAuto = l.tri("--with-bdeps-auto")
	o.WithTestDeps = l.True("--with-test-deps")
	switch {
	case l.True("--root-deps"):
		o.RootDeps = params.RootDepsAll
	case l.Has("--root-deps"):
		o.RootDeps = params.RootDepsRDeps
	}
	o.CompleteGraph = l.True("--complete-graph")
	o.CompleteGraphIfNewUse = l.tri("--complete-graph-if-new-use")
	o.CompleteGraphIfNewVer = l.tri("--complete-graph-if-new-ver")
	o.DynamicDeps = l.tri("--dynamic-deps")
	o.IgnoreWorld = l.True("--ignore-world")
	o.ImplicitSystemDeps = l.tri("--implicit-system-deps")
	o.IgnoreBuiltSlotOperatorDeps = l.tri("--ignore-built-slot-operator-deps")
	o.IgnoreSonameDeps = l.tri("--ignore-soname-deps")
}

func (l *Line) decodeRebuilds(o *params.Options) {
	o.NewUse = l.Has("--newuse")
	o.ChangeUse = l.Has("--reinstall")
	o.NewRepo = l.Has("--newrepo")
	o.RebuildIfNewSlot = l.tri("--rebuild-if-new-slot")
	o.RebuildIfNewRev = l.True("--rebuild-if-new-rev")
	o.RebuildIfNewVer = l.True("--rebuild-if-new-ver")
	o.RebuildIfUnbuilt = l.True("--rebuild-if-unbuilt")
	o.ChangedDeps = l.tri("--changed-deps")
	o.ChangedDepsReport = l.tri("--changed-deps-report") == params.Yes
	o.ChangedSlot = l.True("--changed-slot")
	o.ReinstallAtoms, _ = l.atomList("--reinstall-atoms")
	o.RebuildExclude, _ = l.atomList("--rebuild-exclude")
	o.RebuildIgnore, _ = l.atomList("--rebuild-ignore")
}

func (l *Line) decodeBinaries(o *params.Options) {
	o.UsePkg = l.tri("--usepkg")
	o.UsePkgOnly = l.tri("--usepkgonly")
	o.UsePkgExcludeLive = l.True("--usepkg-exclude-live")
	o.UseEbuildVisibility = l.True("--use-ebuild-visibility")
	o.BinpkgRespectUse = l.tri("--binpkg-respect-use")
	o.BinpkgChangedDeps = l.tri("--binpkg-changed-deps")
	o.RebuiltBinaries = l.tri("--rebuilt-binaries")
	if v, ok := l.Options["--rebuilt-binaries-timestamp"]; ok {
		o.RebuiltBinariesSince = int64(v.Int)
	}
	o.NoBinDeps = l.Has("--nobindeps")
	o.UsePkgExclude, _ = l.atomList("--usepkg-exclude")
	o.UsePkgInclude, _ = l.atomList("--usepkg-include")
	o.UseOldPkgAtoms, _ = l.atomList("--useoldpkg-atoms")
}

func (l *Line) decodeAutounmask(o *params.Options) {
	o.Autounmask = l.tri("--autounmask")
	o.AutounmaskUse = l.tri("--autounmask-use")
	o.AutounmaskLicense = l.tri("--autounmask-license")
	// Only a bare --autounmask, or =y, opens licences by default.
	if o.AutounmaskLicense == params.Unset && o.Autounmask == params.Yes {
		o.AutounmaskLicense = params.Yes
	}
	o.AutounmaskKeepKeywords = l.tri("--autounmask-keep-keywords")
	o.AutounmaskKeepMasks = l.tri("--autounmask-keep-masks")
	o.AutounmaskBacktrack = l.tri("--autounmask-backtrack")
	o.AutounmaskContinue = l.True("--autounmask-continue")
}

// tri decodes an option that may be absent, on or off, however the table keeps it.
func (l *Line) tri(name string) params.Tri {
	v, ok := l.Options[name]
	switch {
	case !ok:
		return params.Unset
	case v.Kind == KindFalse, v.Kind == KindText && v.Text == "n":
		return params.No
	default:
		return params.Yes
	}
}
