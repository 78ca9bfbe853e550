// Package report tells what a resolution found, in the terms of the text
// renderer and of the plan document.
//
// It reads a resolver.Result and changes nothing. What is to be said about a
// failure is worked out here from the facts of the pass that counts: which
// packages fit an atom and why none of them will do, who requires what, which
// changes of USE might help. How that looks is the business of package render.
//
// Where Portage walks a hash table, this package keeps the order in which the
// resolver found things (Portage: depgraph.display_problems and the parts of
// _emerge/resolver below it).
package report

import (
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/distfiles"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// Distfiles says what is to be fetched for an ebuild. The store of package
// distfiles is one.
type Distfiles interface {
	// Files returns the files that an ebuild needs if enabled tells its flags,
	// as far as their sizes are known.
	Files(p *ebuild.Package, enabled func(flag string) bool) ([]distfiles.File, error)
}

// Options are what the resolver was not told. The comments name emerge's
// options.
type Options struct {
	// ShowList prints the list of a request that succeeded: --pretend, --ask,
	// --tree or --verbose was given.
	ShowList          bool
	Oneshot           bool // --oneshot: nothing is recorded in the world file
	VerboseConflicts  bool // --verbose-conflicts
	NoSlotRebuilds    bool // --verbose-slot-rebuilds=n
	NoSuggestions     bool // --misspell-suggestions=n
	UnrestrictedAtoms bool // --autounmask-unrestricted-atoms
	// Hint tells of --autounmask-write: neither that nor --pretend nor --ask
	// was given.
	Hint bool

	Distfiles Distfiles // nil: nothing is to be fetched
	// License returns the path of the text of a licence, "" if there is none;
	// it may be nil. See LicensePath.
	License func(name string) string
	// NoFetch returns what pkg_nofetch of an ebuild prints; it may be nil.
	NoFetch func(p *ebuild.Package) string
}

// Build tells a result.
func Build(res *resolver.Result, o Options) *render.Report {
	b := newBuilder(res, o)
	r := &render.Report{ShowList: res.Success && o.ShowList, Graph: b.graph()}
	if list := b.order(); list != nil {
		r.List = b.list(list)
	}
	r.Problems = b.problems(r.List)
	return r
}

// builder is the working state of one Build.
type builder struct {
	res *resolver.Result
	w   *walk.Pass
	o   Options

	roots    map[*universe.Root]*render.Root
	members  map[*universe.Root]*memberships
	packages map[digraph.Node]*render.Package
	blockers map[digraph.Node]*render.Blocker
	args     map[digraph.Node]bool // arguments and sets
}

func newBuilder(res *resolver.Result, o Options) *builder {
	b := &builder{
		res: res, w: res.Pass, o: o,
		roots:    make(map[*universe.Root]*render.Root),
		members:  make(map[*universe.Root]*memberships),
		packages: make(map[digraph.Node]*render.Package),
		blockers: make(map[digraph.Node]*render.Blocker),
		args:     make(map[digraph.Node]bool),
	}
	for _, a := range b.w.AllArgs() {
		b.args[digraph.Node(a.ID)] = true
	}
	return b
}

// problems tells everything that follows the list.
func (b *builder) problems(list []render.Item) render.Problems {
	p := render.Problems{
		Circular:        b.circular(),
		SlotConflicts:   b.slotConflicts(),
		Blocked:         b.blocked(),
		IgnoredBinaries: b.ignoredBinaries(list),
		ChangedDeps:     b.changedDeps(),
		Autounmask:      b.autounmask(),
		SetErrors:       b.setErrors(),
		Missing:         b.missing(),
		Provided:        b.provided(),
		MaskedUpdates:   b.maskedUpdates(),
		MaskedInstalled: b.maskedInstalled(),
		Unsatisfied:     b.unsatisfied(),
		DepsNeeded:      b.depsNeeded(),
	}
	if p.SlotConflicts == nil && p.Blocked == nil {
		p.Skipped = b.skipped()
	}
	if !b.o.NoSlotRebuilds {
		p.Rebuilds = b.rebuilds()
	}
	return p
}
