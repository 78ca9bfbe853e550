package params

import "github.com/tumpline/tumpline/atoms"

// Options are the options of a request that influence the plan, decoded and
// normalised: y/n values are typed and lists are parsed. The zero value is a
// request without options, except that Backtrack has to be set.
// The comments name emerge's option.
type Options struct {
	Action Action

	Update    bool  // --update
	NewUse    bool  // --newuse
	ChangeUse bool  // --changed-use (--reinstall changed-use)
	NewRepo   bool  // --newrepo
	NoReplace bool  // --noreplace
	Selective Tri   // --selective
	EmptyTree bool  // --emptytree
	NoDeps    bool  // --nodeps
	Deep      Depth // --deep; 0 if not given

	UpdateIfInstalled bool // --update-if-installed

	OnlyDeps          bool // --onlydeps
	OnlyDepsWithRDeps Tri  // --onlydeps-with-rdeps
	OnlyDepsWithIDeps Tri  // --onlydeps-with-ideps

	WithBdeps     Tri  // --with-bdeps
	WithBdepsAuto Tri  // --with-bdeps-auto
	WithTestDeps  bool // --with-test-deps
	RootDeps      RootDeps

	CompleteGraph         bool // --complete-graph
	CompleteGraphIfNewUse Tri  // --complete-graph-if-new-use
	CompleteGraphIfNewVer Tri  // --complete-graph-if-new-ver
	DynamicDeps           Tri  // --dynamic-deps
	IgnoreWorld           bool // --ignore-world
	ImplicitSystemDeps    Tri  // --implicit-system-deps

	RebuildIfNewSlot Tri  // --rebuild-if-new-slot
	RebuildIfNewRev  bool // --rebuild-if-new-rev
	RebuildIfNewVer  bool // --rebuild-if-new-ver
	RebuildIfUnbuilt bool // --rebuild-if-unbuilt

	IgnoreBuiltSlotOperatorDeps Tri // --ignore-built-slot-operator-deps
	IgnoreSonameDeps            Tri // --ignore-soname-deps

	ChangedDeps       Tri  // --changed-deps
	ChangedDepsReport bool // --changed-deps-report
	ChangedSlot       bool // --changed-slot

	UsePkg               Tri   // --usepkg, also implied by --getbinpkg and --usepkgonly
	UsePkgOnly           Tri   // --usepkgonly
	UsePkgExcludeLive    bool  // --usepkg-exclude-live
	UseEbuildVisibility  bool  // --use-ebuild-visibility
	BinpkgRespectUse     Tri   // --binpkg-respect-use
	BinpkgChangedDeps    Tri   // --binpkg-changed-deps
	RebuiltBinaries      Tri   // --rebuilt-binaries
	RebuiltBinariesSince int64 // --rebuilt-binaries-timestamp, seconds; -1 if not given
	BuildPkgOnly         bool  // --buildpkgonly
	RunningFixed         bool  // --quickpkg-direct of the running root: nothing is merged to it
	FetchOnly            bool  // --fetchonly
	FetchAllURI          bool  // --fetch-all-uri
	NoBinDeps            bool  // --nobindeps

	Autounmask             Tri  // --autounmask
	AutounmaskUse          Tri  // --autounmask-use
	AutounmaskLicense      Tri  // --autounmask-license; Yes by default with a bare --autounmask
	AutounmaskKeepKeywords Tri  // --autounmask-keep-keywords
	AutounmaskKeepMasks    Tri  // --autounmask-keep-masks
	AutounmaskBacktrack    Tri  // --autounmask-backtrack
	AutounmaskContinue     bool // --autounmask-continue

	VerboseMissingEbuilds Tri  // --verbose-missing-ebuilds
	Pretend               bool // --pretend
	Tree                  bool // --tree: changes the merge order too

	// Backtrack is --backtrack: how many restarts are allowed. Portage's default is 20.
	Backtrack int

	// Atom lists. Wildcards are allowed; a missing category has become "*/".
	Exclude         []*atoms.Atom // --exclude
	ReinstallAtoms  []*atoms.Atom // --reinstall-atoms
	UsePkgExclude   []*atoms.Atom // --usepkg-exclude and repos.conf
	UsePkgInclude   []*atoms.Atom // --usepkg-include and repos.conf
	UseOldPkgAtoms  []*atoms.Atom // --useoldpkg-atoms
	RebuildExclude  []*atoms.Atom // --rebuild-exclude
	RebuildIgnore   []*atoms.Atom // --rebuild-ignore
	BuildPkgExclude []*atoms.Atom // --buildpkg-exclude
}

// DefaultBacktrack is how many restarts Portage allows without --backtrack.
const DefaultBacktrack = 20

// New returns the options of a request without options.
func New() *Options {
	return &Options{Backtrack: DefaultBacktrack, RebuiltBinariesSince: -1}
}

// Params are what the resolver derives from the options (Portage:
// create_depgraph_params). A pass may raise Deep and Complete for itself.
type Params struct {
	*Options

	Recurse         bool  // dependencies are followed
	Deep            Depth // levels of installed packages that are followed
	Empty           bool  // nothing counts as installed
	Selective       bool  // an installed package satisfies an argument
	Complete        bool  // the complete graph is wanted from the start
	Bdeps           Auto  // build-time dependencies of built packages
	RespectUse      Auto  // binary packages must have the configured USE
	BinChangedDeps  Auto  // binary packages must have the ebuild's dependencies
	ChangedDepsOn   bool  // installed packages must have the ebuild's dependencies
	DynamicDeps     bool  // installed packages depend on what their ebuild says today
	RebuiltBinaries bool  // a rebuilt binary package replaces the installed one
	SonameDeps      bool  // PROVIDES and REQUIRES take part
	ImplicitSystem  bool  // packages may depend on @system without saying so
	MaxRestarts     int   // restarts allowed

	Autounmask             bool // configuration changes may be proposed
	AutounmaskKeepUse      bool
	AutounmaskKeepLicense  bool
	AutounmaskKeepKeywords bool
	AutounmaskKeepMasks    bool
}

// Derive computes the parameters.
func (o *Options) Derive() *Params {
	p := &Params{Options: o, Recurse: true, ImplicitSystem: o.ImplicitSystemDeps != No}
	p.deriveBinary()
	p.deriveAutounmask()
	p.DynamicDeps = o.DynamicDeps != No && !o.NoDeps
	p.SonameDeps = (o.UsePkgOnly == Yes || o.Action == ActionRemove) && o.IgnoreSonameDeps == No
	if !o.NoDeps {
		p.MaxRestarts = o.Backtrack
	}
	if o.Action == ActionRemove {
		p.Complete, p.Selective = true, true
		return p
	}
	p.deriveReach()
	return p
}

func (p *Params) deriveBinary() {
	o := p.Options
	p.RespectUse = autoOf(o.BinpkgRespectUse, !o.UsePkgOnly.Present())
	p.Bdeps = autoOf(o.WithBdeps, o.Action == ActionRemove || (o.WithBdepsAuto != No && !o.UsePkg.Present()))
	if o.Action == ActionRemove {
		return
	}
	p.BinChangedDeps = autoOf(o.BinpkgChangedDeps, !o.UsePkgOnly.Present())
	p.ChangedDepsOn = o.ChangedDeps == Yes
	p.RebuiltBinaries = o.RebuiltBinaries == Yes ||
		o.RebuiltBinaries != No && o.UsePkgOnly == Yes && o.Deep == Infinite && o.Update
}

func autoOf(t Tri, byDefault bool) Auto {
	switch {
	case t == Yes:
		return AutoYes
	case t == No:
		return AutoNo
	case byDefault:
		return AutoAuto
	default:
		return AutoNone
	}
}

// deriveAutounmask follows the table of what each option of the autounmask
// family allows when the others are not given.
func (p *Params) deriveAutounmask() {
	o := p.Options
	use := o.AutounmaskUse
	if p.RespectUse == AutoYes {
		use = No
	}
	license := o.AutounmaskLicense == Yes
	keepKeywords, keepMasks := o.AutounmaskKeepKeywords, o.AutounmaskKeepMasks
	switch o.Autounmask {
	case No:
		p.Autounmask = false
	case Unset:
		p.Autounmask = use != No || license
		if keepKeywords == Unset {
			keepKeywords = Yes
		}
		if keepMasks == Unset {
			keepMasks = Yes
		}
	case Yes:
		p.Autounmask = true
	}
	p.AutounmaskKeepUse = use == No
	p.AutounmaskKeepLicense = !license
	p.AutounmaskKeepKeywords = keepKeywords == Yes
	p.AutounmaskKeepMasks = keepMasks == Yes
}

func (p *Params) deriveReach() {
	o := p.Options
	p.Selective = o.Update || o.NewRepo || o.NewUse || o.ChangeUse || o.NoReplace ||
		o.ChangedDeps == Yes || o.ChangedSlot || o.Selective == Yes
	p.Deep = o.Deep
	p.Complete = o.CompleteGraph || o.RebuildIfNewRev || o.RebuildIfNewVer || o.RebuildIfUnbuilt
	if o.EmptyTree {
		p.Empty, p.Deep, p.Selective = true, Infinite, false
	}
	if o.NoDeps {
		p.Recurse, p.Deep, p.Complete = false, 0, false
	}
	if o.Selective == No {
		p.Selective = false
	}
}

// TooDeep says if a package at depth d lies beyond what --deep follows.
func (p *Params) TooDeep(d, deep Depth) bool {
	switch {
	case d == Unreachable:
		return true
	case deep == Infinite:
		return false
	default:
		return d > deep
	}
}

// Rebuild says if one of the --rebuild-if-* options is on.
func (p *Params) Rebuild() bool {
	return p.RebuildIfNewRev || p.RebuildIfNewVer || p.RebuildIfUnbuilt
}

// ToleratesConflicts says if the action leaves roots alone, so that conflicts
// can be accepted when there is no backtracking.
func (p *Params) ToleratesConflicts() bool {
	return p.BuildPkgOnly || p.FetchOnly || p.FetchAllURI || p.NoDeps
}
