package render

import (
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/plan"
)

// A Report is what emerge tells about a resolution after it has ended.
type Report struct {
	// List is what would be done: *Package and *Blocker in the order of the
	// plan, blockers that stay unsatisfied last (O27). Nil if there is no
	// list; a list without members is not nil.
	List []Item
	// ShowList prints the list in any case: the request succeeded, and one of
	// --pretend, --ask, --tree and --verbose was given. Otherwise only
	// problems that need the list bring it with them.
	ShowList bool
	// Graph is needed for Options.Tree and for circular dependencies.
	Graph *Graph
	// Problems follow the list.
	Problems Problems
}

// An Item is a member of the list: a *Package or a *Blocker. It is identified
// by its address.
type Item interface{ item() }

func (*Package) item() {}
func (*Blocker) item() {}

// Operation says what happens to a package.
type Operation uint8

const (
	Merge   Operation = iota // it is merged
	Keep                     // it stays: in trees, or given for --onlydeps ("nomerge")
	Unmerge                  // it is removed ("uninstall")
)

// String returns the word which emerge prints in the brackets.
func (op Operation) String() string {
	switch op {
	case Keep:
		return "nomerge"
	case Unmerge:
		return "uninstall"
	}
	return "merge"
}

// A Root is a root with what its configuration says about the display. Share
// one value between all its packages. A nil *Root is the running system
// without any USE_EXPAND.
type Root struct {
	Root            string   // ROOT, ending with "/": lines name the root only if it is not "/"
	ERoot           string   // EROOT, the form printed in lines; empty: as Root
	Arch            string   // the flag of the architecture, which messages leave out
	UseExpand       []string // names of USE_EXPAND in any case, in their order
	UseExpandHidden []string // those of USE_EXPAND_HIDDEN
}

// A Package is a line of the list, or a package in a message.
type Package struct {
	CP      string      // category/PN
	Version string      // PVR as written
	BuildID int         // of binary packages, 0 without one
	Slot    string      // slot
	Subslot string      // sub-slot, equal to Slot if the package names none
	Repo    string      // name of the repository
	RepoDir string      // place of the repository, for QuietRepos; empty if unknown
	Origin  plan.Origin // ebuild, binary or installed
	Root    *Root       // where it is or goes

	Operation Operation   // what happens to it
	Status    plan.Status // compared with what is installed (O29); for Keep and Unmerge as if it were merged
	// Old are the installed packages Status speaks of, ascending (O49):
	// reinstall: the one with the same cpv (or the same version and slot);
	// update and downgrade: those in the slot; new-slot: every version of the
	// cp; new: none.
	Old []Old

	IUSE  []string // names of the flags in IUSE, without "+" and "-", in any order
	USE   []string // enabled flags, also those that are not in IUSE, in any order
	Fixed []string // flags that the profile forces or masks for this package, in any order
	// ReinstallFlags are the flags for whose sake --newuse or --changed-use
	// reinstalls the package, in any order.
	ReinstallFlags []string
	// Rebuild is true if an internal set of rebuilds asked for it (slot
	// operators, --rebuild-if-*): the mark "r".
	Rebuild     bool
	Interactive bool             // PROPERTIES=interactive, after USE
	Fetch       plan.Restriction // RESTRICT=fetch of an ebuild that is merged; empty: none
	FetchHelp   string           // what pkg_nofetch printed, if Fetch is missing
	Remote      bool             // a binary package that is on a binhost
	Mark        plan.Mark        // # * ~; empty: none
	System      bool             // matched by @system of its root (colour)
	World       bool             // in @selected, or about to be recorded there (colour)
	Files       []File           // what is still to be fetched

	// Node is the package in Report.Graph; used only there.
	Node digraph.Node
}

// An Old is an installed package in the brackets after a name.
type Old struct {
	Version string // PVR as recorded
	Slot    string
	Subslot string
	Repo    string
	RepoDir string   // place of the repository; empty if unknown
	IUSE    []string // as in Package
	USE     []string // as in Package
}

// A File is to be fetched. The same name counts once in a list.
type File struct {
	Name  string
	Bytes int64 // what is missing of it: its size, less what is there already
}

// CPV returns category/PF.
func (p *Package) CPV() string { return p.CP + "-" + p.Version }

// A Blocker is a line of the list.
type Blocker struct {
	Atom      string     // as written, without "!" and "!!"
	Expanded  string     // with the category filled in; empty: as Atom
	Strong    bool       // "!!"
	Satisfied bool       // the plan solves it
	Blocking  []*Package // who declares it, in a fixed order
}

// A Graph is the dependency graph behind the list, for trees.
type Graph struct {
	// Edges is the graph of the resolver as it was before anything was
	// ordered: packages, uninstall tasks, arguments and sets. It is not changed.
	Edges *digraph.Graph
	// Package returns the package of a node with all that a line needs; nil
	// for arguments and sets. It must give the same address for the same node,
	// which is also the address of the list.
	Package func(digraph.Node) *Package
	// Top reports whether a node is an argument or a direct member of a set
	// that is one: trees do not climb higher.
	Top func(digraph.Node) bool
	// Uninstalls are the tasks that blockers asked for, in the order in which
	// they were found, whether they are in the list or not.
	Uninstalls []Uninstall
}

// An Uninstall ties an uninstall task to the blockers it solves.
type Uninstall struct {
	Task     *Package     // the task itself, a node of the graph
	Kept     digraph.Node // the node of the same installed package as it is; None if there is none
	Blockers []*Blocker   // which ask for it, in the order they were found
	Instead  digraph.Node // what the final state has in its slot; None if nothing
}
