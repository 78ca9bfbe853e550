// Package verify judges a plan: it replays the steps against the roots' state
// and tells what does not hold, by rules of its own.
//
// It is independent of the resolver: of the resolver's packages it knows only
// plan, the answer as data. What it reads is what everybody can read: ebuilds,
// binary and installed packages, USE flags, masks, sets. It refuses to know
// how an answer is found and whether a better one exists: that a version is
// not the best one is no fault of a plan.
//
// The rules are those of PMS (chapter Dependencies). Where Portage accepts
// less than PMS asks for, the finding has the severity Weak instead of Error:
// see Kind. What was broken before the plan is Info.
package verify

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/plan"
)

// An Input is a plan with the state that it was made for.
type Input struct {
	Plan *plan.Plan
	// Target is where the arguments are merged to, Build the root of the machine
	// that builds, Sysroot where DEPEND is looked for. Any two may be the same.
	Target, Build, Sysroot *Root
	Options                Options
}

// A Root is one root with its packages and what its configuration says.
type Root struct {
	Repos []Repo // every ebuild repository
	// Binaries and Installed may be nil: there are none.
	Binaries, Installed ebuild.Source
	// Flags gives the configured USE flags of a package, of a built one those
	// that it was built with. If the value is also a Fixed, the plan's fixed flags
	// are checked; if it is a *use.State, messages name files.
	Flags func(p *ebuild.Package) atoms.FlagState
	// Verdict tells what masks a package that has some flags. Nil: nothing.
	Verdict func(p *ebuild.Package, flags atoms.FlagState) visibility.Verdict
	// Provided gives the versions of a name in package.provided. Nil: none.
	Provided func(cp atoms.CP) []atoms.CPV
	// Set gives the atoms of a set and those in it, by name without "@". Nil: no
	// set is known.
	Set func(name string) ([]*atoms.Atom, error)
}

// A Repo is an ebuild repository under its name.
type Repo struct {
	Name string
	ebuild.Source
}

// A Fixed tells which flags of a package the profile forces or masks.
type Fixed interface {
	Forced(flag string) bool
	Masked(flag string) bool
}

// Options are those options of the request that relax rules.
type Options struct {
	NoDeps             bool          // --nodeps: no dependency and no blocker counts
	OnlyDeps           bool          // --onlydeps: arguments need not be merged, what they need must
	OnlyBuildDeps      bool          // --onlydeps-with-rdeps=n: only what they need to be built
	UpdateIfInstalled  bool          // --update-if-installed: nor those that are not installed
	BuildPkgOnly       bool          // --buildpkgonly: nothing is merged, packages are only built
	FetchOnly          bool          // --fetchonly: nothing is built
	IgnoreBuiltSlotOps bool          // --ignore-built-slot-operator-deps=y: ":0/1=" of built packages is ":="
	DynamicDeps        bool          // --dynamic-deps: installed packages need what their ebuild says today
	RootDepsRDeps      bool          // --root-deps=rdeps: DEPEND of EAPIs without BDEPEND does not count
	Exclude            []*atoms.Atom // --exclude: such arguments need not be met
	Action             Action
}

// Action is what the request was for.
type Action uint8

const (
	ActionMerge   Action = iota // merge the arguments
	ActionClean                 // --depclean, --prune: remove what is not needed
	ActionUnmerge               // --unmerge: remove the arguments, needed or not
)

// String names the action.
func (a Action) String() string {
	return [...]string{"merge", "clean", "unmerge"}[min(a, ActionUnmerge)]
}

// Check judges a plan. The findings are in a fixed order: those about the form,
// those about single steps in the order of steps, those about the end. A plan
// that is no success is checked for form only.
func Check(in *Input) []Finding {
	j := newJudge(in)
	if !j.form() || !in.Plan.Success {
		return j.findings
	}
	j.begin()
	for i := range in.Plan.Steps {
		j.step(&in.Plan.Steps[i])
	}
	j.end()
	return j.findings
}
