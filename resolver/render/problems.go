package render

// Problems are the blocks of text that follow the list, each in a field of its
// own; what is nil or empty is not printed. The order of the fields is that of
// the text (O59).
type Problems struct {
	Circular        *Circular        // no order exists
	SlotConflicts   *SlotConflicts   // several packages for one slot
	Blocked         *Blocked         // blockers that stay
	Skipped         *Skipped         // updates held back; the caller leaves it out if there are conflicts
	Rebuilds        []Rebuild        // who causes rebuilds; goes to standard output
	IgnoredBinaries *IgnoredBinaries // binary packages that were not used
	ChangedDeps     []Ref            // installed packages whose ebuild has other dependencies now
	Autounmask      *Autounmask      // changes of configuration
	SetErrors       []string         // errors of package sets, one line each
	Missing         *Missing         // arguments and set members without a visible ebuild
	Provided        []Provided       // arguments that are in package.provided
	MaskedUpdates   []MaskedPackage  // updates masked by their licence
	MaskedInstalled []MaskedPackage  // installed packages that are masked
	Unsatisfied     []Unsatisfied    // dependencies and arguments that nothing satisfies
	DepsNeeded      *DepsNeeded      // --buildpkgonly, --quickpkg-direct
}

// A Ref names a package in a message.
type Ref struct {
	CPV  string
	Repo string
	Root string // EROOT if ROOT is not "/"; else empty
}

// A Parent is what asks for something: a package, or an argument or set by its text.
type Parent struct {
	Package *Package
	Text    string // "@world", "dev-libs/a"; only without Package
}

// A FlagChange switches a flag.
type FlagChange struct {
	Flag   string
	Enable bool
}
