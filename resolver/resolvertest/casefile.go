package resolvertest

import "fmt"

// MainRepo is the name of the main repository of every playground.
const MainRepo = "test_repo"

// A File is a file of cases.
type File struct {
	Path        string // as given to the reader
	Area        string // the file's base name without extension
	Portage     string // the version of Portage that gave the recorded answers, if any
	Playgrounds []*Playground
	Warnings    []string // what was read but not understood, with the file's name
}

// A Playground is a state of repositories, packages and configuration
// in which cases run. Nothing is ever merged: each case starts from the same state.
type Playground struct {
	Class, Method string // where the playground comes from; Class is "" in text worlds
	Index         int    // the n-th playground of Method
	Subtest       string // parameters of the sub-test as JSON, or ""
	Definition    Definition
	Before        []FileChange // files that exist before the definition is laid out
	After         []FileChange // changes after the layout, before the first case
	// Reloaded says if the configuration is read again after the changes of
	// After. If not, the configuration read before stays in force, but
	// things that are read late, such as package sets, see the new files.
	Reloaded bool
	Cases    []*Case
}

// A Definition is what a playground is laid out from.
type Definition struct {
	EAPI        string // of packages and profiles that name none; "" for 0
	Ebuilds     []Package
	Binpkgs     []Package // local binary packages; a CPV may occur more than once
	Binrepos    []Binrepo // remote binary repositories, in the order of their definition
	Installed   []Package
	InstalledTo []Package                      // installed in the target root (text worlds only)
	Profile     map[string][]string            // files of the active profile
	RepoConfigs map[string]map[string][]string // repository, file below profiles/ (or layout.conf), lines
	UserConfig  map[string][]string            // files below etc/portage
	Sets        map[string][]string            // files of etc/portage/sets
	World       []string                       // lines of the world file
	WorldSets   []string                       // lines of the world_sets file
	Distfiles   map[string][]byte
	Eclasses    map[string][]string // present in every repository
	TargetRoot  bool                // packages are merged to a second root
	FilesByPath map[string][]string // further files relative to the world's folder (text worlds only)

	// Text worlds only, for a target root.
	WorldTo        []string            // lines of the target's world file
	SysrootTarget  bool                // SYSROOT is the target root
	RunningProfile map[string][]string // files of the running root's profile, if that is another one
	RunningConfig  map[string][]string // files of the running root's own etc/portage
}

// A Package is an ebuild, binary package or installed package of a definition.
type Package struct {
	CPV      string            `json:"cpv"` // may carry "::repo"
	Metadata map[string]string `json:"metadata"`
	line     int               // in a text world
}

// A Binrepo is a remote binary repository.
type Binrepo struct {
	Name     string
	Packages []Package
}

// A FileChange is a file that is added, replaced or removed.
type FileChange struct {
	Path    string // relative to the world's folder
	Content string
	Symlink string // target, if the file is a symbolic link
	Deleted bool
}

// A Case is a request with what it should give. With more than one request
// (permutations of the arguments) each must give it.
type Case struct {
	Index    int
	Requests [][]string
	Options  Options
	Action   Action
	Kind     Kind

	// Expected holds the demands by key of the result, as JSON values. It is
	// nil if there are none (the case only has recorded answers).
	Expected map[string]any
	// Lines holds the demands of a text world instead of Expected.
	Lines []ExpectLine

	CheckRepoNames                  bool // "::repo" counts in the merge list
	IgnoreMergelistOrder            bool // the merge list is a set
	AmbiguousMergeOrder             bool // {"any_order"} groups stand for any order
	IgnoreCleanlistOrder            bool // the clean list is a set
	AmbiguousSlotCollisionSolutions bool // the value is a list of acceptable values
	MergeOrderAssertions            [][2]string

	Nondeterministic []string // keys of recorded answers that are not held against a result
	Overrides        string   // resolver internals changed by the test, as JSON; "" if none
	Changes          []FileChange
	Recorded         []Recorded // by request; empty if nothing was recorded

	line int
}

// A Recorded is what real Portage answered to one request.
type Recorded struct {
	Actual map[string]any // by key of the result, as JSON values
	Error  string         // the exception's class, if there was one instead
}

// Name returns the name of a case within its file: method.index/case.
func (p *Playground) Name(c *Case) string {
	if p.Class == "" {
		return fmt.Sprintf("%s/%d", p.Method, c.Index)
	}
	return fmt.Sprintf("%s.%d/%d", p.Method, p.Index, c.Index)
}
