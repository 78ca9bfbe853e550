// Package resolver finds out what has to be merged, and in which order, for a
// request.
//
// Resolve takes a System, the roots with their configurations and packages,
// and a Request, and gives a Result: a plan, or why there is none. Two policies
// search over one universe of packages and one chooser: package portage does
// what Portage does; where that ends in failure a complete search may go on.
// The parts, each a package below this one:
//
//	universe   every package that a request can reach, with dense ids
//	partial    the graph of one pass as far as it has come
//	choose     which candidate of an atom, which alternative of a group
//	walk       one pass: a graph, an order, facts
//	portage    which passes, and which of them counts
//	order      the merge order of a finished graph
//	stages     packages merged twice, where no order is found
//	plan       the result as plain data; render writes it
//
// The package reads no environment, no clock and no options as text, and
// prints nothing.
package resolver

import (
	"context"
	"fmt"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/complete"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/portage"
	"github.com/tumpline/tumpline/resolver/stages"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// A Root is one root with its configuration and its packages.
type Root struct {
	Path   string // EROOT, ends in a slash
	Config *profiles.Config
	USE    *use.Calculator
	Judge  *visibility.Judge
	Repos  []*ebuild.Repository // in ascending priority
	// Binaries and Installed may be nil: there are none.
	Binaries, Installed ebuild.Source
	Sets                *sets.Config
}

// A System is the roots that a request concerns. Any two may be the same.
type System struct {
	Target  *Root // what the arguments are merged to
	Running *Root // the build host's own root
	Sysroot *Root // where DEPEND of EAPIs with BDEPEND is looked for

	// RepoBinaries says for which packages of which repository binary packages
	// may be used; nil: what repos.conf says of the target's repositories.
	RepoBinaries []params.RepoBinaries
}

// Roots returns each root once: the target, the running root, the sysroot.
func (s *System) Roots() []*Root {
	list := []*Root{s.Target}
	for _, r := range []*Root{s.Running, s.Sysroot} {
		if r != nil && !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	return list
}

// An Arg is one argument of a request: an atom with its category, a set, or
// an exact package.
type Arg struct {
	Text    string          // as typed; sets with their @
	Atom    *atoms.Atom     // of an atom
	Set     string          // name of a set, without the @
	Package *ebuild.Package // an exact ebuild or binary package
}

// A Request is what is asked for.
type Request struct {
	Options *params.Options
	Args    []Arg
	// Beyond lets policy complete look for a plan, or a proof that there is
	// none, where Portage's search fails.
	Beyond bool
	// Remedy asks for the smallest changes of configuration that would help
	// where there is no plan.
	Remedy bool
	// BreakCycles lets circular dependencies be broken by merging packages
	// twice, where Portage's search ends for want of an order.
	BreakCycles bool
	// Cycles says how; nil stands for the defaults.
	Cycles *stages.Options
}

// An UnknownSetError says that no set has the name, or that a set contains one
// that is not there.
type UnknownSetError struct {
	Name string // without the @
	In   string // the set that contains it; empty for an argument
}

func (e *UnknownSetError) Error() string {
	if e.In != "" {
		return fmt.Sprintf("set @%s contains unknown set @%s", e.In, e.Name)
	}
	return fmt.Sprintf("unknown set @%s", e.Name)
}

// A Result is the answer to a request.
type Result struct {
	Success  bool
	Restarts int        // passes that the search started anew
	Pass     *walk.Pass // the pass that counts

	System   *System
	Request  *Request
	Universe *universe.Universe
	Params   *params.Params
	Problems []error // of reading packages and sets; the request was answered in spite of them
	// Beyond says that Portage fails and policy complete found this plan.
	Beyond bool
	// Portage is Portage's own answer, if policy complete went on from there.
	Portage *portage.Answer
	// Proof says why there is no plan; nil if there is one, or nothing was proved.
	Proof *complete.Proof
	// Complete is what policy complete came to; nil if it was not asked.
	Complete *complete.Answer
	// Remedy is which changes of configuration would help; nil if that was not
	// asked, or is beside the point.
	Remedy *Remedy
	// Staged is what came of the search for a plan that merges packages twice:
	// the cycles with their cuts, and a plan if there is one. Nil if it was not
	// asked for, or if no order was missing. The order of Pass is then that of
	// the staged plan; Staged.Plan.Portage holds where Portage stops.
	Staged *stages.Answer
	// Dropped are sentences about options that contradict each other or the
	// configuration, and were left out of account in part.
	Dropped []string
}

// Resolve answers a request. An error means that the request cannot be worked
// on at all; one that cannot be met is a Result.
func Resolve(ctx context.Context, sys *System, req *Request) (*Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &resolution{sys: sys, req: req, sets: make(map[setKey]*partial.Set)}
	lists := sys.RepoBinaries
	if lists == nil {
		lists = r.repoBinaries()
	}
	options, _, dropped := req.Options.SelectBinaries(lists)
	r.params = options.Derive()
	r.buildUniverse()
	args, err := r.args()
	if err != nil {
		return nil, err
	}
	if options.NoBinDeps {
		options.UsePkgInclude = r.named(args)
	}
	asked := &walk.Request{Args: args, Sets: r}
	defer r.lookAhead().stop()
	a := portage.Resolve(r.u, r.params, asked)
	res := &Result{
		Success: a.Success, Restarts: a.Restarts, Pass: a.Pass,
		System: sys, Request: req, Universe: r.u, Params: r.params, Dropped: dropped,
	}
	if req.BreakCycles && !a.Success {
		res.breakCycles(req.Cycles)
	}
	if req.Beyond && !res.Success {
		res.goBeyond(ctx, a, asked)
	}
	if req.Remedy && !res.Success && (a.Pass.Order == nil || a.Pass.Order.Circular == nil) {
		res.remedy(ctx, asked)
	}
	res.Problems = append(r.problems, r.u.Errors()...)
	return res, nil
}

// goBeyond has policy complete go on where Portage failed. Where all that
// Portage lacks is a change of configuration that it can name, other packages are
// not the answer. Where it is an order, they may be, if no package merged twice
// is; if they are not, the cycles stay what there is to tell.
func (r *Result) goBeyond(ctx context.Context, a *portage.Answer, asked *walk.Request) {
	if !complete.Applies(r.Params) || a.Pass.Facts.OnlyChanges {
		return
	}
	effort := complete.EffortPlan
	if a.Pass.Order != nil && a.Pass.Order.Circular != nil {
		effort = complete.EffortOrder
	}
	c := complete.Resolve(ctx, r.Universe, r.Params, asked, effort)
	if effort == complete.EffortOrder && !c.Success {
		return
	}
	r.Portage = a
	if c.Success {
		r.Success, r.Beyond, r.Pass = true, true, c.Pass
	}
	r.Complete, r.Proof = c, c.Proof
}

// breakCycles looks for an order that merges some packages twice, where all
// that Portage lacks is an order.
func (r *Result) breakCycles(o *stages.Options) {
	if o == nil {
		o = &stages.Options{}
	}
	r.Staged = stages.Find(r.Pass, *o)
	if r.Staged == nil || r.Staged.Plan == nil {
		return
	}
	r.Staged.Apply(r.Pass)
	if r.Pass.S.ChangesInGraph() {
		r.Pass.Facts.OnlyChanges = true
		return
	}
	r.Success = true
}

// resolution is the working state of one Resolve.
type resolution struct {
	sys      *System
	req      *Request
	params   *params.Params
	u        *universe.Universe
	roots    map[*universe.Root]*Root
	verdicts map[*universe.Root]*verdicts
	sets     map[setKey]*partial.Set
	problems []error
}

type setKey struct {
	root universe.RootID
	name string
}

func (r *resolution) buildUniverse() {
	r.roots = make(map[*universe.Root]*Root)
	r.verdicts = make(map[*universe.Root]*verdicts)
	var list []*universe.Root
	var sysroot *universe.Root
	for _, root := range r.sys.Roots() {
		judged := &verdicts{judge: root.Judge}
		u := universeRoot(root, judged)
		r.verdicts[u] = judged
		u.Running = root == r.sys.Running
		u.Target = root == r.sys.Target
		r.roots[u] = root
		list = append(list, u)
		if root == r.sys.Sysroot {
			sysroot = u
		}
	}
	r.u = universe.New(list, sysroot, r.params)
}

func universeRoot(root *Root, judged *verdicts) *universe.Root {
	u := &universe.Root{
		Path: root.Path, Policy: policy{root, judged}, Binaries: root.Binaries, Installed: root.Installed,
	}
	u.Ebuild = func(cpv atoms.CPV, repo string) *ebuild.Package {
		for _, r := range root.Repos {
			if r.Name == repo {
				return r.Package(cpv)
			}
		}
		return nil
	}
	priority := make(map[string]int, len(root.Repos))
	for i := len(root.Repos) - 1; i >= 0; i-- {
		u.Ebuilds = append(u.Ebuilds, root.Repos[i])
		priority[root.Repos[i].Name] = root.Repos[i].Priority
	}
	u.Priority = func(repo string) (int, bool) {
		p, ok := priority[repo]
		return p, ok
	}
	return u
}

// policy answers the universe by the configuration of a root.
type policy struct {
	*Root
	verdicts *verdicts
}

func (p policy) State(e *ebuild.Package) *use.State           { return p.USE.State(e) }
func (p policy) Verdict(e *ebuild.Package) visibility.Verdict { return p.verdicts.of(e) }
func (p policy) LicenseMasked(e *ebuild.Package) bool         { return p.verdicts.judge.LicenseMasked(e) }
func (p policy) Provided(cp atoms.CP) []atoms.CPV             { return p.Config.Provided(cp) }
func (p policy) SonameProvided(soname string) bool            { return p.Config.SonameProvided(soname) }
func (p policy) Feature(name string) bool                     { return p.Config.Feature(name) }

// args makes the arguments of the walk.
func (r *resolution) args() ([]*partial.Arg, error) {
	var args []*partial.Arg
	seen := make(map[string]bool)
	for _, a := range r.req.Args {
		arg := &partial.Arg{Text: a.Text, Root: r.u.Target}
		switch {
		case a.Set != "":
			if seen[a.Set] {
				continue
			}
			seen[a.Set] = true
			if err := r.checkNested(a.Set, "", nil); err != nil {
				return nil, err
			}
			arg.Kind, arg.Set = partial.ArgSet, r.Set(r.u.Target, a.Set)
		case a.Package != nil:
			arg.Kind, arg.Pkg = partial.ArgPackage, r.exact(a.Package)
			if arg.Pkg == nil {
				return nil, fmt.Errorf("%s: package is in no repository of the target", a.Text)
			}
		default:
			arg.Kind, arg.Atom = partial.ArgAtom, a.Atom
		}
		args = append(args, arg)
	}
	return args, nil
}

func (r *resolution) exact(p *ebuild.Package) *universe.Pkg {
	for _, q := range r.u.Store(r.u.Target, p.Origin, p.CPV.CP) {
		if q.Package == p {
			if r.params.OnlyDeps {
				return q.AsOnlyDeps()
			}
			return q
		}
	}
	return nil
}

// checkNested says if a set and all sets nested in it are there.
func (r *resolution) checkNested(name, in string, path []string) error {
	for _, p := range path {
		if p == name {
			return nil
		}
	}
	set := r.Set(r.u.Target, name)
	if set == nil {
		return &UnknownSetError{Name: name, In: in}
	}
	for _, n := range set.Nested {
		if err := r.checkNested(n, name, append(path, name)); err != nil {
			return err
		}
	}
	return nil
}

// Set returns a set of a root with its members, nil if there is none. The
// members are read once.
func (r *resolution) Set(root *universe.Root, name string) *partial.Set {
	k := setKey{root.ID, name}
	if s, ok := r.sets[k]; ok {
		return s
	}
	r.sets[k] = nil
	cfg := r.roots[root].Sets
	if cfg == nil {
		return nil
	}
	decl := cfg.Set(name)
	if decl == nil {
		return nil
	}
	m := decl.Members()
	r.problems = append(r.problems, m.Problems...)
	s := &partial.Set{Name: name, Atoms: m.Atoms, Nested: m.Nested}
	r.sets[k] = s
	return s
}
