// Package plan is the result of a resolution as plain data: what is merged and
// unmerged, in which order, why, and what stands in the way.
//
// It knows nothing of repositories, profiles or the resolver, so that programs
// which execute, check or show a plan need nothing else. A Plan is written as
// one JSON document (Write), read back with all faults named (Read), and
// checked for inner consistency (Plan.Check). Keys are never missing in the
// document: an empty list is [], an absent value null. The document carries a
// semantic version; docs/json.md says what may change within one.
//
// Words are those of PMS, except where Portage's users know another: Status
// holds the five words that emerge's columns N, NS, U, UD and R stand for.
//
// The field tag plan:"null" marks what may be null in the document; since:"1.1.0"
// names the version of the document that brought a key.
package plan

// A Plan is the whole document. Write sets schema and schema_version.
type Plan struct {
	// Schema is the constant "tumpline.plan".
	Schema string `json:"schema"`
	// SchemaVersion is the semantic version of the document's form.
	SchemaVersion string `json:"schema_version"`
	// Success is false if the request cannot be met as it stands; problems then says why, and steps holds what was found so far (possibly nothing).
	Success bool `json:"success"`
	// Request is what was asked.
	Request Request `json:"request"`
	// Roots are the file system roots the plan speaks of.
	Roots Roots `json:"roots"`
	// UseExpand lists the names of USE_EXPAND, upper case, sorted: the flag foo_bar_x belongs to FOO_BAR if that name is here.
	UseExpand []string `json:"use_expand"`
	// Steps are the operations in the order in which they are carried out.
	Steps []Step `json:"steps"`
	// World lists what a run of this plan records in the world file or the list of selected sets.
	World []WorldEntry `json:"world"`
	// Blockers are the blocks between packages of the plan or installed ones, solved or not, in the order of emerge's list.
	Blockers []Blocker `json:"blockers"`
	// Problems say why a plan failed, or what a person should know about one that did not; in the order in which emerge shows them.
	Problems []Problem `json:"problems"`
	// Changes are the changes of configuration that the plan assumes; a plan that needs any is not a success.
	Changes Changes `json:"changes"`
	// Cycles are the circular dependencies that Portage finds no order for, those first that others wait for; also in a plan that breaks them.
	Cycles []Cycle `json:"cycles" since:"1.1.0"`
	// Beyond tells of a plan that Portage does not find.
	Beyond Beyond `json:"beyond" since:"1.1.0"`
	// Proof is empty, or the smallest set of reasons that contradict each other, so that there is no plan whatever versions are chosen; told in the order of a story.
	Proof []ProofReason `json:"proof" since:"1.1.0"`
	// Remedy tells which changes of configuration would help where there is no plan.
	Remedy Remedy `json:"remedy" since:"1.2.0"`
}

// Beyond tells of a plan that Portage does not find.
type Beyond struct {
	// Used is true if Portage fails at the request, and a complete search found the plan.
	Used bool `json:"used" since:"1.1.0"`
	// Problems are those with which Portage fails; empty unless used.
	Problems []Problem `json:"problems" since:"1.1.0"`
}

// A ProofReason is one of several facts that cannot hold together.
type ProofReason struct {
	// Kind says what sort of fact it is.
	Kind ProofKind `json:"kind" since:"1.1.0"`
	// Message tells the fact in one line.
	Message string `json:"message" since:"1.1.0"`
	// Package is the CPV of the package that the fact is about.
	Package Maybe `json:"package" plan:"null" since:"1.1.0"`
	// Atom is the atom that is asked for.
	Atom Maybe `json:"atom" plan:"null" since:"1.1.0"`
	// Places are the files, with their lines where known, that say so: "file:line".
	Places []string `json:"places" since:"1.1.0"`
}

// A Request is what was asked.
type Request struct {
	// Command is the name of the command, without a path: "emerge".
	Command string `json:"command"`
	// Args are the words after the command, as given.
	Args []string `json:"args"`
	// Targets are those of args that name packages or sets, as given and in that order.
	Targets []string `json:"targets"`
}

// Roots are the file system roots the plan speaks of, absolute and ending with "/".
type Roots struct {
	// Target is the root that packages are merged to (EROOT).
	Target string `json:"target"`
	// Sysroot is where DEPEND of the newer EAPIs is found (ESYSROOT): often the target or the build root.
	Sysroot string `json:"sysroot"`
	// Build is the root of the running system (BROOT), where BDEPEND and IDEPEND are found.
	Build string `json:"build"`
	// Config is PORTAGE_CONFIGROOT, the root whose etc/portage is in force for the target.
	Config string `json:"config"`
}

// A Step is one operation on one package.
type Step struct {
	// ID is the place of the step in the plan, counted from 1.
	ID StepID `json:"id"`
	// Operation says what is done.
	Operation Operation `json:"operation"`
	// Origin says what the package is merged from; "installed" if it is unmerged.
	Origin Origin `json:"origin"`
	// CPV is category/PF.
	CPV string `json:"cpv"`
	// CP is category/PN.
	CP string `json:"cp"`
	// Version is PVR as written in the name of the package.
	Version string `json:"version"`
	// BuildID tells binary packages of one cpv apart; null if there is none.
	BuildID BuildID `json:"build_id" plan:"null"`
	// Slot is the slot.
	Slot string `json:"slot"`
	// Subslot is the sub-slot; the slot if the package names none.
	Subslot string `json:"subslot"`
	// Repo is the name of the repository the package comes from.
	Repo string `json:"repo"`
	// EAPI is the EAPI of the package.
	EAPI string `json:"eapi"`
	// Root is the root the operation changes.
	Root Root `json:"root"`
	// Stage is "final", except for a merge that a later step does again in full.
	Stage Stage `json:"stage"`
	// DroppedUse lists the flags that a bootstrap merge has off and the package that completes it has on, sorted.
	DroppedUse []string `json:"dropped_use" since:"1.1.0"`
	// AddedUse lists the flags that a bootstrap merge has on and the package that completes it has off, sorted.
	AddedUse []string `json:"added_use" since:"1.1.0"`
	// CompletedBy is the later step that merges a bootstrap package in full; null for a final one.
	CompletedBy StepID `json:"completed_by" plan:"null" since:"1.1.0"`
	// Status compares the package with what is installed in the root before the plan; null if it is unmerged.
	Status Status `json:"status" plan:"null"`
	// Replaces lists the installed packages (cpv) that the merge replaces.
	Replaces []string `json:"replaces"`
	// Installed lists every version of the cp which is installed in the root before the plan, ascending.
	Installed []Installed `json:"installed"`
	// Use lists the enabled flags of IUSE, sorted.
	Use []string `json:"use"`
	// Disabled lists the other flags of IUSE, sorted.
	Disabled []string `json:"disabled"`
	// Fixed lists those of use and disabled that the profile forces or masks, sorted: what emerge shows in parentheses.
	Fixed []string `json:"fixed"`
	// Mark says what would keep the package from being visible if the user's package.* files were empty.
	Mark Mark `json:"mark"`
	// Interactive is true if the package asks questions while it is merged (PROPERTIES=interactive).
	Interactive bool `json:"interactive"`
	// Fetch is what has to be fetched first.
	Fetch Fetch `json:"fetch"`
	// Reasons say why the step is in the plan, strongest first.
	Reasons []Reason `json:"reasons"`
	// Needs are the dependencies of the package and what satisfies each.
	Needs []Need `json:"needs"`
}

// An Installed is a package which is installed before the plan.
type Installed struct {
	// CPV is category/PF.
	CPV string `json:"cpv"`
	// Slot is the slot.
	Slot string `json:"slot"`
	// Subslot is the sub-slot.
	Subslot string `json:"subslot"`
	// Repo is the name of the repository it came from.
	Repo string `json:"repo"`
}

// A Fetch is what has to be fetched for a merge.
type Fetch struct {
	// Bytes is the size of the files that are not yet present and that no earlier step fetches: the sum over all steps is the size of the download.
	Bytes int64 `json:"bytes"`
	// Restriction says whether files must be put in place by hand.
	Restriction Restriction `json:"restriction"`
	// Remote is true if the binary package is on a binhost.
	Remote bool `json:"remote"`
}

// A Reason says why a step is in the plan.
type Reason struct {
	// Kind is the sort of reason.
	Kind ReasonKind `json:"kind"`
	// Parent is the package (cpv) or set ("@world") that asks; null for arguments and reasons without one.
	Parent Maybe `json:"parent" plan:"null"`
	// Step is the step of the parent; null if the parent has none.
	Step StepID `json:"step" plan:"null"`
	// Class is the class of the dependency; null if it is none.
	Class Class `json:"class" plan:"null"`
	// Atom is the atom or argument as written; null if there is none.
	Atom Maybe `json:"atom" plan:"null"`
	// Flags are the flags that made a reinstallation necessary, sorted.
	Flags []string `json:"flags"`
}

// A Need is one dependency of a step's package.
type Need struct {
	// Class is the class of the dependency.
	Class Class `json:"class"`
	// Atom is the atom as written, USE conditionals and alternatives decided.
	Atom string `json:"atom"`
	// Root is where the dependency is looked for.
	Root Root `json:"root"`
	// Step is the step that merges what satisfies it; null if that is there already.
	Step StepID `json:"step" plan:"null"`
	// SatisfiedBy is the package (cpv) that satisfies it, merged by step or installed or provided; null if nothing does.
	SatisfiedBy Maybe `json:"satisfied_by" plan:"null"`
}

// A WorldEntry is an atom or set which a run of the plan records as selected.
type WorldEntry struct {
	// Atom is what is written to the file.
	Atom string `json:"atom"`
	// Step is the step after which it is written; null if before all.
	Step StepID `json:"step" plan:"null"`
}

// A Blocker is a block between two packages of the plan or installed ones.
type Blocker struct {
	// Atom is the blocker as written, with "!" or "!!".
	Atom string `json:"atom"`
	// Strength says whether the blocked package must be gone before the merge.
	Strength Strength `json:"strength"`
	// Root is the root in which both stand.
	Root Root `json:"root"`
	// Satisfied is true if the plan solves the block.
	Satisfied bool `json:"satisfied"`
	// Step is the step that solves it; null if none does.
	Step StepID `json:"step" plan:"null"`
	// Blocking lists the packages (cpv) that declare it, sorted.
	Blocking []string `json:"blocking"`
	// Blocked lists the packages (cpv) that it matches, sorted.
	Blocked []string `json:"blocked"`
}

// A Problem is what keeps a plan from success, or what a person should know.
type Problem struct {
	// Kind is the sort of problem.
	Kind ProblemKind `json:"kind"`
	// Severity tells failure from advice.
	Severity Severity `json:"severity"`
	// Message is the problem in words, without colour, lines separated by "\n" and without one at the end; it may change between releases.
	Message string `json:"message"`
	// Root is the root concerned; null if it is not about one.
	Root Root `json:"root" plan:"null"`
	// Packages are the packages (cpv) concerned.
	Packages []string `json:"packages"`
	// Atoms are the atoms or arguments concerned.
	Atoms []string `json:"atoms"`
	// RequiredBy is the chain that leads from the problem to an argument.
	RequiredBy []Link `json:"required_by"`
}

// A Link is one member of a chain of dependencies.
type Link struct {
	// Name is a package with its repository and the flags that decide the dependency ("cat/pkg-1::repo[flag]"), or a set or argument.
	Name string `json:"name"`
	// Kind says which of these it is.
	Kind LinkKind `json:"kind"`
}

// Changes are changes of configuration that the plan assumes, in the order in which emerge shows them.
type Changes struct {
	// Use are changes for package.use.
	Use []UseChange `json:"use"`
	// Keywords are changes for package.accept_keywords.
	Keywords []KeywordChange `json:"keywords"`
	// Masks are changes for package.unmask.
	Masks []MaskChange `json:"masks"`
	// Licenses are changes for package.license.
	Licenses []LicenseChange `json:"licenses"`
}

// A UseChange is a line for package.use.
type UseChange struct {
	// CPV is the package concerned.
	CPV string `json:"cpv"`
	// Root is the root whose configuration changes.
	Root Root `json:"root"`
	// Atom is the atom for the line.
	Atom string `json:"atom"`
	// Enable lists the flags to switch on, sorted.
	Enable []string `json:"enable"`
	// Disable lists the flags to switch off, sorted.
	Disable []string `json:"disable"`
}

// A KeywordChange is a line for package.accept_keywords.
type KeywordChange struct {
	// CPV is the package concerned.
	CPV string `json:"cpv"`
	// Root is the root whose configuration changes.
	Root Root `json:"root"`
	// Atom is the atom for the line.
	Atom string `json:"atom"`
	// Keyword is the keyword to accept: "~amd64", "**".
	Keyword string `json:"keyword"`
}

// A MaskChange is a line for package.unmask.
type MaskChange struct {
	// CPV is the package concerned.
	CPV string `json:"cpv"`
	// Root is the root whose configuration changes.
	Root Root `json:"root"`
	// Atom is the atom for the line.
	Atom string `json:"atom"`
	// File is the package.mask that masks the package; null if unknown.
	File Maybe `json:"file" plan:"null"`
}

// A LicenseChange is a line for package.license.
type LicenseChange struct {
	// CPV is the package concerned.
	CPV string `json:"cpv"`
	// Root is the root whose configuration changes.
	Root Root `json:"root"`
	// Atom is the atom for the line.
	Atom string `json:"atom"`
	// Licenses lists the licences to accept, sorted.
	Licenses []string `json:"licenses"`
}
