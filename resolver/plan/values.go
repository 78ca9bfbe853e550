package plan

// A StepID names a step: its place in the plan, counted from 1. The zero value
// names none and is written as null.
type StepID int

// MarshalJSON writes null for the zero value.
func (id StepID) MarshalJSON() ([]byte, error) { return number(int(id)), nil }

// A BuildID is the BUILD_ID of a binary package, counted from 1. The zero value
// is none and is written as null.
type BuildID int

// MarshalJSON writes null for the zero value.
func (id BuildID) MarshalJSON() ([]byte, error) { return number(int(id)), nil }

// Maybe is text that may be absent: the empty text is written as null.
type Maybe string

// MarshalJSON writes null for the empty text.
func (m Maybe) MarshalJSON() ([]byte, error) { return text(string(m)) }

// Operation says what a step does.
type Operation string

// The operations.
const (
	OpMerge   Operation = "merge"   // the package is merged to its root
	OpUnmerge Operation = "unmerge" // the installed package is removed from its root
)

// Origin says what a package is taken from.
type Origin string

// The origins.
const (
	OriginEbuild    Origin = "ebuild"    // built from an ebuild
	OriginBinary    Origin = "binary"    // unpacked from a binary package
	OriginInstalled Origin = "installed" // installed already (only of what is unmerged)
)

// Root names one of the roots of a plan. The empty one is written as null.
type Root string

// The roots. Where the target is the running system itself, everything is in
// RootTarget. RootSysroot is for a sysroot that is neither of the others.
const (
	RootTarget  Root = "target"  // roots.target
	RootBuild   Root = "build"   // roots.build
	RootSysroot Root = "sysroot" // roots.sysroot
)

// MarshalJSON writes null for the empty root.
func (r Root) MarshalJSON() ([]byte, error) { return text(string(r)) }

// Stage tells the merges of a package that is planned twice apart.
type Stage string

// The stages.
const (
	StageBootstrap Stage = "bootstrap" // merged with fewer flags to break a cycle; a later step completes it
	StageFinal     Stage = "final"     // as it shall be at the end
)

// Status compares a package that is merged with those installed in its root
// before the plan. The empty one is written as null.
type Status string

// The statuses.
const (
	StatusNew       Status = "new"       // no version of the cp is installed (emerge: N)
	StatusNewSlot   Status = "new-slot"  // only other slots are installed (NS)
	StatusUpdate    Status = "update"    // a lower version is in the slot (U)
	StatusDowngrade Status = "downgrade" // a higher version is in the slot (UD)
	StatusReinstall Status = "reinstall" // the same version is installed (R)
)

// MarshalJSON writes null for the empty status.
func (s Status) MarshalJSON() ([]byte, error) { return text(string(s)) }

// Mark says what would keep a package from being visible without the user's
// package.* files.
type Mark string

// The marks.
const (
	MarkNone        Mark = "none"        // nothing
	MarkTesting     Mark = "testing"     // only a keyword of the testing branch fits (emerge: ~)
	MarkUnkeyworded Mark = "unkeyworded" // no keyword fits (*)
	MarkMasked      Mark = "masked"      // a package.mask matches (#)
)

// Restriction says whether files must be put in place by hand (RESTRICT=fetch).
type Restriction string

// The restrictions.
const (
	FetchFree    Restriction = "none"    // everything can be fetched
	FetchPresent Restriction = "present" // restricted, and all files are there (emerge: f)
	FetchMissing Restriction = "missing" // restricted, and files are missing (F)
)

// ReasonKind is the sort of a Reason.
type ReasonKind string

// The kinds of reasons.
const (
	ReasonArgument   ReasonKind = "argument"   // named on the command line: atom
	ReasonSet        ReasonKind = "set"        // member of a set: parent, atom
	ReasonDependency ReasonKind = "dependency" // needed by a package: parent, step, class, atom
	ReasonSubslot    ReasonKind = "subslot"    // rebuilt, as the package it is bound to changes slot or sub-slot: parent, step, atom
	ReasonRebuild    ReasonKind = "rebuild"    // rebuilt, as a dependency is (--rebuild-if-*): parent, step
	ReasonFlags      ReasonKind = "flags"      // USE or IUSE differ from what is installed (--newuse, --changed-use): flags
	ReasonOption     ReasonKind = "option"     // an option asks for it (--emptytree, --reinstall-atoms, --changed-deps, ...): atom is the option
	ReasonBlocker    ReasonKind = "blocker"    // unmerged, as a package of the plan blocks it: parent, step, atom
	ReasonUnneeded   ReasonKind = "unneeded"   // unmerged, as nothing needs it
	ReasonCycle      ReasonKind = "cycle"      // merged with other flags first, to break a cycle: parent, step of the merge that completes it
)

// Class is the class of a dependency, in the words of PMS. The empty one is
// written as null.
type Class string

// The classes.
const (
	ClassDepend  Class = "DEPEND"  // to build, in the sysroot
	ClassBDepend Class = "BDEPEND" // to build, in the build root
	ClassRDepend Class = "RDEPEND" // to run
	ClassPDepend Class = "PDEPEND" // to run, may be merged afterwards
	ClassIDepend Class = "IDEPEND" // to merge and unmerge, in the build root
	ClassSoname  Class = "SONAME"  // a shared library (REQUIRES of a built package)
)

// MarshalJSON writes null for the empty class.
func (c Class) MarshalJSON() ([]byte, error) { return text(string(c)) }

// Strength tells the two sorts of blockers apart.
type Strength string

// The strengths.
const (
	StrengthWeak   Strength = "weak"   // "!": may be solved by the merge itself
	StrengthStrong Strength = "strong" // "!!": the blocked package must be gone before
)

// Severity tells failure from advice.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // the plan is not a success
	SeverityWarning Severity = "warning" // the plan can be carried out
)

// ProblemKind is the sort of a Problem.
type ProblemKind string

// The kinds of problems.
const (
	ProblemInvalidArgument  ProblemKind = "invalid-argument"  // an argument is no atom, set or file
	ProblemAmbiguousName    ProblemKind = "ambiguous-name"    // a name without category fits several packages: packages are their cps
	ProblemUnknownSet       ProblemKind = "unknown-set"       // a set does not exist
	ProblemNoMatch          ProblemKind = "no-match"          // no package matches an atom
	ProblemMasked           ProblemKind = "masked"            // every package that matches is masked
	ProblemUse              ProblemKind = "use"               // every package that matches has the wrong USE
	ProblemRequiredUse      ProblemKind = "required-use"      // REQUIRED_USE of the chosen package does not hold
	ProblemCircular         ProblemKind = "circular"          // no order exists
	ProblemSlotConflict     ProblemKind = "slot-conflict"     // two packages for one slot
	ProblemBlocked          ProblemKind = "blocked"           // two packages block each other
	ProblemChangesNeeded    ProblemKind = "changes-needed"    // the changes of configuration are needed
	ProblemMissingMember    ProblemKind = "missing-member"    // a member of a set has no visible ebuild
	ProblemProvided         ProblemKind = "provided"          // an argument is in package.provided
	ProblemSkippedUpdate    ProblemKind = "skipped-update"    // an update is held back
	ProblemIgnoredBinary    ProblemKind = "ignored-binary"    // a binary package was not used
	ProblemChangedDeps      ProblemKind = "changed-deps"      // dependencies of an installed package changed without a revision
	ProblemMaskedUpdate     ProblemKind = "masked-update"     // an update is masked by its licence
	ProblemMaskedInstalled  ProblemKind = "masked-installed"  // an installed package is masked
	ProblemDependencyNeeded ProblemKind = "dependency-needed" // --buildpkgonly or --quickpkg-direct, but a dependency is not merged
	ProblemStillNeeded      ProblemKind = "still-needed"      // an installed package that was to be removed stays, as those in required_by need it
	ProblemVirtualCycle     ProblemKind = "virtual-cycle"     // virtuals depend on each other
	ProblemBadPackage       ProblemKind = "bad-package"       // metadata of a package cannot be used
	ProblemBadConfig        ProblemKind = "bad-config"        // a file of the configuration cannot be used
)

// LinkKind says what a Link is.
type LinkKind string

// The kinds of links.
const (
	LinkEbuild    LinkKind = "ebuild"
	LinkBinary    LinkKind = "binary"
	LinkInstalled LinkKind = "installed"
	LinkSet       LinkKind = "set"
	LinkArgument  LinkKind = "argument"
)

// ProofKind says what sort of fact a ProofReason is.
type ProofKind string

// The kinds of facts that can contradict each other.
const (
	ProofArgument    ProofKind = "argument"     // atom was asked for
	ProofWorld       ProofKind = "world"        // atom of a set is satisfied today and has to stay so
	ProofDependency  ProofKind = "dependency"   // package depends on, or blocks, something
	ProofInstalled   ProofKind = "installed"    // package is installed and stays unless it is replaced or blocked
	ProofSlot        ProofKind = "slot"         // only one of several packages can be there
	ProofMasked      ProofKind = "masked"       // package is masked
	ProofRequiredUse ProofKind = "required-use" // the flags of package break its REQUIRED_USE
	ProofUseSetting  ProofKind = "use-setting"  // the flags of package are not what atom asks for
	ProofExcluded    ProofKind = "excluded"     // --exclude keeps package out
	ProofRefused     ProofKind = "refused"      // the options keep the binary package out
)
