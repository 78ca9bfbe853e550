package plan

// A Cycle is a set of packages each of which needs all others, directly or not, before it can be built or used.
type Cycle struct {
	// Members are the packages (cpv), in the order in which they were found.
	Members []string `json:"members"`
	// Shortest is a shortest cycle among them: each package (cpv) is needed by the one before it, the first by the last.
	Shortest []string `json:"shortest"`
	// Edges are the dependencies among the members.
	Edges []CycleEdge `json:"edges"`
	// Solved is true if the cut makes an order possible.
	Solved bool `json:"solved"`
	// Cut lists the packages to be merged twice; empty if there is no cut, or if alternatives of the dependencies do without one.
	Cut []CycleCut `json:"cut"`
	// Alternatives are other cuts with as many packages.
	Alternatives []CycleAlternative `json:"alternatives"`
	// Gap is how many packages fewer might do: 0 if that was ruled out.
	Gap int64 `json:"gap"`
	// Proved is true if a cycle that is not solved cannot be solved by USE flags.
	Proved bool `json:"proved"`
	// Outside lists sets of packages that would break a cycle which is not solved, if they were there already.
	Outside []CycleOutside `json:"outside"`
	// Fixed lists the flags that decide about an edge and cannot be switched.
	Fixed []CycleFixed `json:"fixed"`
}

// A CycleEdge is a dependency between two members of a cycle.
type CycleEdge struct {
	// Parent is the package (cpv) that depends.
	Parent string `json:"parent"`
	// ParentRoot is the root of the parent.
	ParentRoot Root `json:"parent_root"`
	// Child is the package (cpv) it depends on.
	Child string `json:"child"`
	// ChildRoot is the root of the child.
	ChildRoot Root `json:"child_root"`
	// Class is the class of the dependency.
	Class Class `json:"class"`
	// Atom is the atom as written.
	Atom string `json:"atom"`
	// Flags are the flags of the parent that make it conditional, sorted.
	Flags []string `json:"flags"`
}

// A CycleCut is a package that is merged with other flags first.
type CycleCut struct {
	// CPV is category/PF.
	CPV string `json:"cpv"`
	// Root is the root that the package is merged to.
	Root Root `json:"root"`
	// Drop lists the flags to switch off, sorted.
	Drop []string `json:"drop"`
	// Add lists the flags to switch on, sorted.
	Add []string `json:"add"`
}

// A CycleAlternative is another way to cut a cycle.
type CycleAlternative struct {
	// Cut lists the packages to be merged twice.
	Cut []CycleCut `json:"cut"`
}

// A CycleOutside is a set of packages that would break a cycle: as binary packages, installed, or by package.provided.
type CycleOutside struct {
	// Packages are the packages (cpv).
	Packages []string `json:"packages"`
}

// A CycleFixed is a flag that decides about an edge of a cycle and cannot be switched.
type CycleFixed struct {
	// CPV is the package.
	CPV string `json:"cpv"`
	// Flag is the flag.
	Flag string `json:"flag"`
	// Reason is "forced" or "masked" by the profile, "policy" by package.break_cycles, or "required-use".
	Reason string `json:"reason"`
}
