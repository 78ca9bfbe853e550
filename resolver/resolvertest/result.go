package resolvertest

// A Kind says which of the two result forms a case has.
type Kind uint8

const (
	KindMerge  Kind = iota // packages are merged: the result is a merge list
	KindRemove             // depclean, prune or a dependency check: the result is a clean list
)

// String returns "merge" or "remove", the words of the case files.
func (k Kind) String() string {
	if k == KindRemove {
		return "remove"
	}
	return "merge"
}

// A Result is what a resolver answered to one request, in plain data. Each
// field is one key of the case files; a nil slice or map is the null of those
// files and differs from an empty one. Lists that stand for sets may come in
// any order.
//
// For a request of KindRemove only Success, GraphOrder and the fields of the
// last block count; for KindMerge, all but these.
type Result struct {
	// Success says that the request was resolved and that no configuration
	// change is needed for it (for KindRemove: that a clean list was found).
	Success bool `json:"success"`
	// Mergelist holds the tasks in merge order: CPVs with a prefix such as
	// "[binary,remote]" or "[uninstall]", "-N" for a build id, "::repo" unless it
	// is test_repo, "{targetroot}"; and blockers as "!atom". Nil if no
	// order was reached. See Task.MergelistEntry.
	Mergelist []string `json:"mergelist"`
	// UseChanges holds the USE changes asked of the user: CPV, flag, new state.
	UseChanges map[string]map[string]bool `json:"use_changes"`
	// LicenseChanges holds the licences to accept, by CPV.
	LicenseChanges map[string][]string `json:"license_changes"`
	// UnstableKeywords is the set of CPVs whose keywords have to be accepted.
	UnstableKeywords []string `json:"unstable_keywords"`
	// SlotCollisionSolutions holds the sets of USE changes that would solve the
	// slot conflicts: CPV, flag, new state. Empty means a conflict
	// without solution, nil that there was no conflict to solve.
	SlotCollisionSolutions []map[string]map[string]bool `json:"slot_collision_solutions"`
	// CircularDependencySolutions holds, by CPV, alternative sets of USE
	// changes that would break a cycle; nil without a cycle.
	CircularDependencySolutions map[string][][]FlagChange `json:"circular_dependency_solutions"`
	// NeededPMaskChanges is the set of CPVs to unmask.
	NeededPMaskChanges []string `json:"needed_p_mask_changes"`
	// UnsatisfiedDeps is the set of atoms reported as unsatisfied; never nil.
	UnsatisfiedDeps []string `json:"unsatisfied_deps"`
	// ForcedRebuilds holds, by the CPV that is the cause, the set of CPVs rebuilt.
	ForcedRebuilds map[string][]string `json:"forced_rebuilds"`
	// RequiredUseUnsatisfied is the set of atoms whose package fails REQUIRED_USE.
	RequiredUseUnsatisfied []string `json:"required_use_unsatisfied"`
	// GraphOrder holds the nodes of the dependency graph in the order of their
	// insertion: arguments, sets and packages, as in Mergelist.
	GraphOrder []string `json:"graph_order"`
	// VirtualCycle is the set of CPVs in a cycle through a virtual.
	VirtualCycle []string `json:"virtual_cycle"`
	// Tasks describes each entry of Mergelist, in the same order; nil with it.
	Tasks []Task `json:"mergelist_detail"`
	// MissingArgs holds the pairs of argument and atom for which there is no package.
	MissingArgs [][2]string `json:"missing_args"`
	// Favorites holds the candidates for the world file.
	Favorites []string `json:"favorites"`
	// Display holds the lines that emerge --pretend prints for the merge list:
	// no colour, no trailing blanks, paths below the world's folder as ${EPREFIX}.
	Display []string `json:"display"`

	// Failures names the kinds of what went wrong, for the "fail: kind" lines of
	// text worlds. It has no counterpart in the JSON form.
	Failures []string `json:"-"`

	// Cleanlist holds the CPVs to unmerge, in order if Ordered.
	Cleanlist []string `json:"cleanlist"`
	// Ordered says if the order of Cleanlist follows dependencies.
	Ordered bool `json:"ordered"`
	// ReqPkgCount is the number of packages that are required.
	ReqPkgCount int `json:"req_pkg_count"`
	// BrokenDeps holds, by parent (a CPV or an argument), the set of atoms that
	// no installed package satisfies; never nil. The files call
	// it unsatisfied_deps.
	BrokenDeps map[string][]string `json:"-"`
}

// TaskType is the sort of thing that a task of the merge list is about.
type TaskType uint8

const (
	TaskEbuild    TaskType = iota // a package to build
	TaskBinary                    // a binary package
	TaskInstalled                 // an installed package (to uninstall)
	TaskBlocker                   // a blocker that is listed
)

// String returns the word of the case files.
func (t TaskType) String() string {
	return [...]string{"ebuild", "binary", "installed", "blocker"}[t&3]
}

// Operation is what a task of the merge list does.
type Operation uint8

const (
	OpMerge     Operation = iota // merge the package
	OpNoMerge                    // leave the installed package
	OpUninstall                  // unmerge the package
)

// String returns the word of the case files.
func (o Operation) String() string {
	if o > OpUninstall {
		return "invalid"
	}
	return [...]string{"merge", "nomerge", "uninstall"}[o]
}

// A Task is one entry of the merge list in detail.
type Task struct {
	Type      TaskType
	Operation Operation // not for blockers
	CPV       string
	Slot      string
	Subslot   string
	Repo      string
	Target    bool     // merged to the target root, where it is not the running root
	IUSE      []string // flags known to the resolver, implicit ones included
	USE       []string // those of them that are enabled
	BuildID   int      // binary packages: -1 if there is none
	Remote    bool     // binary packages: from a binhost

	Atom          string // blockers: the atom with its "!" or "!!"
	Satisfied     bool   // blockers: solved by the plan
	ForbidOverlap bool   // blockers: "!!"

	// Replaces and Rebuilds serve text worlds only: the CPVs that the task
	// replaces, and the reasons of a rebuild ("cat/pkg:0/1= -> :0/2=").
	Replaces []string
	Rebuilds []string
}

// MergelistEntry returns the entry of Mergelist that belongs to the task.
func (t *Task) MergelistEntry() string {
	if t.Type == TaskBlocker {
		return t.Atom
	}
	s := t.CPV
	if t.Type == TaskBinary && t.BuildID >= 0 {
		s += "-" + itoa(t.BuildID)
	}
	if t.Repo != MainRepo {
		s += "::" + t.Repo
	}
	if t.Type != TaskEbuild {
		desc := t.Operation.String()
		if t.Operation == OpMerge {
			desc = t.Type.String()
		}
		if t.Remote {
			desc += ",remote"
		}
		s = "[" + desc + "]" + s
	}
	if t.Target {
		s += "{targetroot}"
	}
	return s
}

// A FlagChange is a USE flag with the state that it should have.
type FlagChange struct {
	Flag    string
	Enabled bool
}
