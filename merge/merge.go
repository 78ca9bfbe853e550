// Package merge carries out a plan: it fetches, builds, merges and unmerges what
// the steps of the plan say, as much of it at a time as they allow, and tells what
// happens as events.
//
// It knows the plan only. How a package is built, fetched, packed or merged is the
// business of the Parts that it is given; what outlives the run is kept by a Keeper.
// No step starts before the steps that it needs, directly or not, have ended well,
// and none is merged beside another one in the same root.
//
// With several jobs a step waits for all that it reaches over dependencies of any
// class and that stands before it in the plan, as in Portage; which of those that
// wait for nothing starts first is decided by the time that the work behind them is
// likely to take, where Portage takes the first in the list.
package merge

import (
	"context"
	"fmt"
	"time"

	"github.com/tumpline/tumpline/merge/sched"
	"github.com/tumpline/tumpline/resolver/plan"
)

// An Image is a package that is ready to be merged.
type Image struct {
	Dir  string // the folder with its files (PMS: D)
	Info string // the folder with what the database will say about it
	// Package is the binary package that it was made to or comes from; empty: none.
	Package string
	// Keep is the maker's; the Installer that goes with it knows its type.
	Keep any
	// Release gives up what the image needs on disk; nil: nothing is to be given up.
	// It is called once, whether the image was merged or not.
	Release func(ctx context.Context, merged bool) error
}

// A Progress is told of the phase in which a package is.
type Progress func(phase string)

// A Builder builds from source.
type Builder interface {
	// Check runs what a package wants to have checked before anything is built
	// (pkg_pretend).
	Check(ctx context.Context, s *plan.Step) error
	// Build makes the image of a step; with pack it makes a binary package of it as
	// well. Flags are those of the step, whatever is configured.
	Build(ctx context.Context, s *plan.Step, pack bool, p Progress) (*Image, error)
}

// A Fetcher gets the files that a step is made from: distfiles or a binary package.
// What is there and whole is not fetched again.
type Fetcher interface {
	Fetch(ctx context.Context, s *plan.Step) error
}

// A Packer makes the image of a step whose origin is a binary package.
type Packer interface {
	Unpack(ctx context.Context, s *plan.Step, p Progress) (*Image, error)
}

// An Installer changes roots. When a method returns, whatever the error and the
// context, the root has the old state or the new one.
type Installer interface {
	// Install merges an image, unmerges what it replaces, and records what is
	// selected with it (@world), all in one. An error that wraps *MergedError says
	// that this is done nevertheless.
	Install(ctx context.Context, s *plan.Step, i *Image, selected []string, p Progress) error
	// Remove unmerges the installed package of a step.
	Remove(ctx context.Context, s *plan.Step, p Progress) error
}

// A Keeper keeps on disk what has to outlive a run.
type Keeper interface {
	// Begin records the merges that the run is about to make, in their order.
	Begin(steps []*plan.Step) error
	// Forget takes a merge out of the record: it was made, or is not to be tried again.
	Forget(s *plan.Step) error
	// Select records atoms and sets that are selected before anything is merged.
	Select(atoms []string) error
}

// A MergedError is what went wrong after a package was merged: its pkg_postinst.
type MergedError struct {
	Err error
}

func (e *MergedError) Error() string { return e.Err.Error() }

// Unwrap gives the reason.
func (e *MergedError) Unwrap() error { return e.Err }

// Parts do the work. A run that needs a part which is nil is refused.
type Parts struct {
	Builder   Builder
	Fetcher   Fetcher
	Packer    Packer
	Installer Installer
	Keeper    Keeper
}

// Goal says how far steps are taken.
type Goal uint8

const (
	ToRoot    Goal = iota // packages are merged
	ToPackage             // binary packages are made, nothing is merged (--buildpkgonly)
	ToFiles               // files are fetched (--fetchonly)
)

// String names the goal.
func (g Goal) String() string {
	names := [...]string{"root", "package", "files"}
	if int(g) < len(names) {
		return names[g]
	}
	return fmt.Sprintf("Goal(%d)", uint8(g))
}

// Options say how a plan is carried out.
type Options struct {
	Goal Goal
	// Jobs is how many packages are built at a time; 0: any number. With one, steps
	// are carried out in the order of the plan.
	Jobs      int
	MaxLoad   float64                // as in sched.Options
	Load      func() (float64, bool) // as in sched.Options
	Clock     sched.Clock            // always needed: it dates events
	KeepGoing bool                   // after a failure go on with what does not need what failed
	Fetches   int                    // files of how many steps are fetched at a time beside builds; 0: none
	MergeWait bool                   // merge only while nothing is built and nothing more could be (FEATURES=merge-wait)
	// Pack says whether a binary package is made of a step; nil: never. Of a
	// bootstrap merge there is none.
	Pack func(s *plan.Step) bool
	// Libc says that a step merges the C library, which later steps of its root need
	// without saying so; nil: none does.
	Libc func(s *plan.Step) bool
	// Met says whether a need of a step is met by what is installed, so that the step
	// can do without the step that meets it in the plan; nil: it never is.
	Met func(s *plan.Step, n *plan.Need) bool
	// Expected is how long a step is likely to take; nil: all the same.
	Expected func(s *plan.Step) Duration
	// Tell is told of events, one at a time; nil: nobody asks.
	Tell func(Event)
}

// A Duration is how long the parts of a step take.
type Duration struct {
	Fetch, Build, Merge time.Duration
}

// A Failure is a step that ended badly.
type Failure struct {
	Step   *plan.Step
	Work   Work
	Err    error
	Merged bool // it is merged nevertheless
}

// A Drop is a step that was not tried, as another one that it needs failed.
type Drop struct {
	Step, Because *plan.Step
	Atoms         []string // of its needs that nothing meets now; may be empty
}

// A Report is what came of a run.
type Report struct {
	Merged   []*plan.Step // in the order in which they ended
	Unmerged []*plan.Step
	Failures []Failure
	Drops    []Drop
	Left     []*plan.Step // that were not tried, or were interrupted
}

// A MissingError says that a plan needs a part that is not there.
type MissingError struct {
	What string // "building from source"
	CPV  string // of the first step that needs it
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s is not possible here, and %s needs it", e.What, e.CPV)
}

// A CheckError says that packages refuse to be built (pkg_pretend).
type CheckError struct {
	Failures []Failure
}

func (e *CheckError) Error() string {
	if len(e.Failures) == 1 {
		return fmt.Sprintf("%s: %v", e.Failures[0].Step.CPV, e.Failures[0].Err)
	}
	return fmt.Sprintf("%d packages fail their checks", len(e.Failures))
}
