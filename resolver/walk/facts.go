package walk

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// Facts are what a pass found out besides its graph: why it failed, and what
// the next one should be told.
type Facts struct {
	// Restart says that another pass could do better; NoRestart that none can.
	Restart, NoRestart bool

	// OnlyChanges says that all is well but for changes of configuration in the graph.
	OnlyChanges bool
	// RequiredUSE says that a chosen package's REQUIRED_USE is not satisfied.
	RequiredUSE bool
	// BuildOnlyDeps says that --buildpkgonly lacks dependencies that are not merged.
	BuildOnlyDeps bool
	// RunningDeps says that something would be merged to the running root, which
	// --quickpkg-direct takes for fixed.
	RunningDeps bool

	// Unsatisfied are the dependencies that ended the pass or were noted on the way.
	Unsatisfied []Unsatisfied
	// InitiallyUnsatisfied are dependencies of installed packages that were
	// broken before and are left alone.
	InitiallyUnsatisfied []*Dep
	// Provided are arguments that package.provided satisfies, Missing those of
	// @world or @selected that nothing satisfies.
	Provided, Missing []partial.ArgAtomMatch
	// MaskedInstalled are installed packages that stay although they are masked
	// or have broken dependencies.
	MaskedInstalled []*universe.Pkg
	// VirtualCycle is a virtual that needs itself.
	VirtualCycle []*universe.Pkg
	// Errors are problems that belong to no package of the graph.
	Errors []error

	// SlotConflicts has one entry per conflict that could not be settled: the
	// alternatives of what to mask, the one to be tried first last.
	SlotConflicts [][]MaskAlternative
	// MissingDep is the dependency for which the parent should be masked.
	MissingDep *Dep
	// Circular says for packages of a cycle which dependency leads back.
	Circular []CircularEdge
	// Config is what the next pass should replace or mask, nil if nothing.
	Config *Config
}

// Unsatisfied is a dependency that cannot be met.
type Unsatisfied struct {
	Root   *universe.Root
	Atom   *atoms.Atom
	Parent partial.Parent
	// RequiredUSE is the package whose REQUIRED_USE fails, if that is the reason.
	RequiredUSE *universe.Pkg
}

// A MaskAlternative is one way to settle a slot conflict: packages to mask
// together, the member of the conflict last, each with the atoms it fails.
type MaskAlternative []MaskItem

// A MaskItem is a package to mask.
type MaskItem struct {
	Pkg   *universe.Pkg
	Fails []partial.ParentAtom
}

// A CircularEdge says that avoiding child could break a cycle through pkg.
type CircularEdge struct {
	Pkg, Child *universe.Pkg
}

// Config is what a pass asks to be replaced, rebuilt or masked.
type Config struct {
	Replace      []universe.SlotID // to be merged anew for a slot operator
	MaskBuilt    []*universe.Pkg   // built packages bound to a slot or sub-slot that goes
	ConflictABI  []*universe.Pkg   // members of slot conflicts that a rebuild settles
	Rebuild      []universe.SlotID
	Reinstall    []universe.SlotID
	Circular     []CircularEdge
	PruneRebuild bool
}

func (f *Facts) config() *Config {
	if f.Config == nil {
		f.Config = &Config{}
	}
	return f.Config
}

func (f *Facts) unsatisfied(r *universe.Root, a *atoms.Atom, parent partial.Parent) {
	f.Unsatisfied = append(f.Unsatisfied, Unsatisfied{Root: r, Atom: a, Parent: parent})
}
