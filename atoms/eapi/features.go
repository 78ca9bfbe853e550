package eapi

import "strconv"

// SrcPrepareStyle is what the default src_prepare does.
type SrcPrepareStyle uint8

const (
	SrcPrepareNone SrcPrepareStyle = iota // EAPI 0, 1: no such phase
	SrcPrepareNoop                        // EAPI 2 to 5: does nothing
	SrcPrepare6                           // EAPI 6, 7: PATCHES and eapply_user
	SrcPrepare8                           // EAPI 8, 9: as 6, eapply without options
)

// String names the constant.
func (s SrcPrepareStyle) String() string {
	return name(uint8(s), "SrcPrepareNone", "SrcPrepareNoop", "SrcPrepare6", "SrcPrepare8")
}

// SrcCompileStyle is what the default src_compile does.
type SrcCompileStyle uint8

const (
	SrcCompile0 SrcCompileStyle = iota // EAPI 0: ./configure if executable, then emake
	SrcCompile1                        // EAPI 1: as 0, with ECONF_SOURCE
	SrcCompile2                        // EAPI 2 and later: emake only
)

// String names the constant.
func (s SrcCompileStyle) String() string {
	return name(uint8(s), "SrcCompile0", "SrcCompile1", "SrcCompile2")
}

// SrcInstallStyle is what the default src_install does.
type SrcInstallStyle uint8

const (
	SrcInstallNoop SrcInstallStyle = iota // EAPI 0 to 3: does nothing
	SrcInstall4                           // EAPI 4, 5: emake install and DOCS
	SrcInstall6                           // EAPI 6 and later: emake install and einstalldocs
)

// String names the constant.
func (s SrcInstallStyle) String() string {
	return name(uint8(s), "SrcInstallNoop", "SrcInstall4", "SrcInstall6")
}

func name(value uint8, names ...string) string {
	if int(value) < len(names) {
		return names[value]
	}
	return strconv.Itoa(int(value))
}

// Features is what one EAPI allows. A field is named for the thing that is
// present when it is true. The PMS table is named beside each group.
type Features struct {
	Name string // "0" to "9"; empty for Permissive

	DependencyFeatures
	MetadataFeatures
	ProfileFeatures
	PhaseFeatures
	EnvironmentFeatures
	CommandFeatures
	HelperFeatures
	MergeFeatures
}

// DependencyFeatures is the syntax of dependency specifications (PMS 8).
type DependencyFeatures struct {
	BDEPEND           bool // BDEPEND is a dependency class
	IDEPEND           bool // IDEPEND is a dependency class
	SlotDeps          bool // cat/pkg:slot
	SlotOperators     bool // := :* :slot=
	SubSlots          bool // :slot/subslot, also in SLOT
	USEDeps           bool // cat/pkg[flag], 2-style
	USEDepDefaults    bool // cat/pkg[flag(+)], 4-style
	StrongBlockers    bool // !!cat/pkg
	RepoDeps          bool // cat/pkg::repo; no EAPI has it
	RequiredUSE       bool // REQUIRED_USE
	AtMostOneOf       bool // ?? ( ) in REQUIRED_USE
	EmptyGroupsMatch  bool // empty || ( ) and ^^ ( ) are matched
	SrcURIArrows      bool // SRC_URI: uri -> name
	SelectiveURI      bool // SRC_URI: fetch+uri and mirror+uri
	RDEPENDFromDEPEND bool // RDEPEND unset in the ebuild means DEPEND
}

// MetadataFeatures is what ebuild-defined variables may hold (PMS 7).
type MetadataFeatures struct {
	IUSEDefaults         bool // IUSE="+flag -flag"
	IUSEEffective        bool // profile IUSE injection decides which flags exist
	PROPERTIES           bool // PROPERTIES must be supported
	DEFINEDPHASES        bool // DEFINED_PHASES must be supported
	AccumulatePROPERTIES bool // PROPERTIES of eclasses are accumulated
	AccumulateRESTRICT   bool // RESTRICT of eclasses is accumulated
	BashVersion          string
	Failglob             bool // failglob is set in global scope
}

// ProfileFeatures is what files of a profile or of profiles/ may hold (PMS 4, 5).
type ProfileFeatures struct {
	PackageMaskDir     bool // profiles/package.mask may be a directory
	ProfileFileDirs    bool // profile files may be directories
	ProfileDefaultEAPI bool // profiles without an eapi file take the one of the top level
	PackageProvided    bool // package.provided is allowed
	StableMasks        bool // use.stable.mask, use.stable.force and package.* forms
	USEStable          bool // use.stable and package.use.stable
	UpdatesAnyName     bool // any file name in profiles/updates, no date order by name
}

// PhaseFeatures is which phase functions exist and what their defaults do (PMS 9).
type PhaseFeatures struct {
	PkgPretend          bool
	SrcPrepare          SrcPrepareStyle
	SrcConfigure        bool
	SrcCompile          SrcCompileStyle
	SrcInstall          SrcInstallStyle
	ParallelTests       bool // src_test may run in parallel
	PkgInfoNotInstalled bool // pkg_info on packages that are not installed
	DefaultPhases       bool // default_ functions and the default command
	DefaultSrcInstall   bool // default_src_install exists
	EmptyPkgWorkdir     bool // pkg_* phases start in an empty directory
	StrictS             bool // S falls back to WORKDIR only if nothing is unpacked
}

// EnvironmentFeatures is which variables an ebuild sees (PMS 11).
type EnvironmentFeatures struct {
	ExportVars        bool // PMS variables are exported to the environment
	MERGETYPE         bool
	REPLACINGVERSIONS bool
	REPLACEDBYVERSION bool
	EBUILDPHASEFUNC   bool
	SYSROOT           bool // SYSROOT and, with Prefix, ESYSROOT
	BROOT             bool
	AA                bool
	KV                bool
	PORTDIR           bool
	ECLASSDIR         bool
	DESTTREE          bool
	INSDESTTREE       bool
	Prefix            bool // EPREFIX, EROOT, ED
	ENVUNSET          bool
	PosixLocale       bool // sane LC_CTYPE and LC_COLLATE
	TrailingSlash     bool // ROOT, EROOT, D and ED end with a slash
}

// CommandFeatures is how commands other than the install helpers behave (PMS 12.3).
type CommandFeatures struct {
	HelpersDie        bool // a failing helper aborts the build
	Nonfatal          bool
	NonfatalExternal  bool // nonfatal is also an external command
	HostRoot          bool // has_version --host-root
	QueryRoots        bool // has_version -b -d -r
	OutputToStdout    bool // einfo and the like may write to stdout
	Eqawarn           bool
	DieNonfatal       bool // die -n
	DieInSubshell     bool
	Pipestatus        bool
	Assert            bool
	Eapply            bool // eapply and eapply_user
	GNUPatch27        bool // patch is GNU patch 2.7 or later
	Einstalldocs      bool
	GetLibdir         bool
	Edo               bool
	StrictUSEQuery    bool // use of a flag outside IUSE_EFFECTIVE is an error
	UsevTwoArgs       bool
	USEWithEmptyArg   bool // use_with and use_enable take an empty third argument
	Usex              bool
	InIUSE            bool
	VerCommands       bool // ver_cut ver_rs ver_test
	VerReplacing      bool
	OldUSEQueries     bool // useq hasv hasq
	UnpackPaths       bool // unpack takes absolute and relative paths
	UnpackAnyCase     bool // extensions match whatever their case
	UnpackXz          bool // .xz and .tar.xz
	UnpackTxz         bool // .txz
	UnpackProprietary bool // .7z .rar .lha
}

// HelperFeatures is how the build and install helpers behave (PMS 12.3).
type HelperFeatures struct {
	Dosed                     bool // dosed and dohard
	Einstall                  bool
	Dohtml                    bool
	Dolib                     bool // dolib
	Libopts                   bool
	Domo                      bool
	DomoUsesDESTTREE          bool // domo installs to ${DESTTREE}/share/locale
	EconfDataroot             bool // --datarootdir
	EconfDocdir               bool // --docdir and --htmldir
	EconfSysroot              bool // --with-sysroot
	EconfNoDependencyTracking bool // --disable-dependency-tracking
	EconfNoSilentRules        bool // --disable-silent-rules
	EconfNoStatic             bool // --disable-static
	DodocRecursive            bool // dodoc -r
	Doheader                  bool // doheader and newheader
	DoinsSymlinks             bool // doins keeps symbolic links
	DomanLanguage             bool // doman detects the language by file name
	DomanI18n                 bool // doman -i18n takes precedence
	NewfooStdin               bool // new* - reads standard input
	DosymRelative             bool // dosym -r
	InsoptsEverywhere         bool // insopts also affects doconfd doenvd doheader
	ExeoptsInitd              bool // exeopts also affects doinitd
	Docompress                bool // controllable compression
	Dostrip                   bool // controllable stripping
}

// MergeFeatures is how an image is merged (PMS 13).
type MergeFeatures struct {
	SymlinkRewrite bool // absolute symbolic links into D are rewritten
	KeepMtimes     bool // modification times must be preserved
}
