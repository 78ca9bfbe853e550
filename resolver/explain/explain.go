// Package explain answers questions about a finished resolution: why a package
// is in the plan, with its version, slot and USE flags, and why another is not.
//
// It reads a resolver.Result and decides nothing. Everything that it says was
// recorded where it was decided: requirements by the walk, masks by the judge of
// visibility, flags by the calculator of USE, what was tried and given up by the
// search. Where nothing was recorded the answer says so instead of guessing. An
// answer is plain data (Explanation), written as one JSON document (WriteJSON)
// or as a short story (Explanation.Text).
//
// The package reads files only to name lines: those of the world file, of
// packages files of the profile, and of sets.
package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/similar"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/planning"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// Ask answers one question about a resolution. The text of the question is an
// atom, a package with its version ("dev-libs/lib-1.2"), or either of them
// without category. What matches nothing is an answer; the error says that the
// text is none of these, or that names could not be read.
func Ask(res *resolver.Result, kind QuestionKind, text string) (*Explanation, error) {
	x := newExplainer(res)
	subjects, err := x.subjects(text)
	if err != nil {
		return nil, fmt.Errorf("explain %q: %w", text, err)
	}
	e := &Explanation{Question: Question{Kind: kind, Text: text}, Success: res.Success}
	var found []*universe.Pkg
	for _, a := range subjects {
		e.Question.Atoms = append(e.Question.Atoms, a.String())
		found = append(found, x.matching(a, kind)...)
	}
	for _, p := range x.wanted(kind, found) {
		e.Answers = append(e.Answers, x.answer(p))
	}
	if len(found) == 0 {
		e.Similar = x.similar(subjects, text)
		e.Requirements = x.unmet(subjects)
	}
	if r := res.Remedy; r != nil {
		e.Least = r.Proved()
		for _, l := range r.Lines {
			e.Changes = append(e.Changes, Change{File: l.Path, Text: l.Line})
		}
	}
	return e, nil
}

// explainer is the working state of one question.
type explainer struct {
	res    *resolver.Result
	w      *walk.Pass
	roots  map[*universe.Root]*resolver.Root
	args   map[digraph.Node]*partial.Arg
	steps  map[*universe.Pkg]bool // packages that the plan merges
	gone   map[*universe.Pkg]bool // installed packages that it unmerges for blockers
	graph  []*universe.Pkg        // packages of the graph, in its order
	chosen map[nameKey][]*universe.Pkg
}

// nameKey is a package name in a root.
type nameKey struct {
	root *universe.Root
	cp   atoms.CP
}

func newExplainer(res *resolver.Result) *explainer {
	x := &explainer{
		res: res, w: res.Pass,
		roots: make(map[*universe.Root]*resolver.Root),
		args:  make(map[digraph.Node]*partial.Arg),
		steps: make(map[*universe.Pkg]bool), gone: make(map[*universe.Pkg]bool),
		chosen: make(map[nameKey][]*universe.Pkg),
	}
	for _, u := range res.Universe.Roots {
		x.roots[u] = res.System.Running
		if u.Target {
			x.roots[u] = res.System.Target
		}
	}
	for _, a := range x.w.AllArgs() {
		x.args[digraph.Node(a.ID)] = a
	}
	x.readGraph()
	x.readOrder()
	return x
}

// readGraph collects the packages that were chosen.
func (x *explainer) readGraph() {
	for _, n := range x.w.S.Graph.Nodes() {
		p := x.pkg(n)
		if p == nil {
			continue
		}
		x.graph = append(x.graph, p)
		k := nameKey{p.Root, p.CPV.CP}
		x.chosen[k] = append(x.chosen[k], p)
	}
}

// readOrder collects the steps of the plan.
func (x *explainer) readOrder() {
	o := x.w.Order
	if o == nil || o.Circular != nil {
		return
	}
	for _, item := range o.List {
		if item.Task == digraph.None {
			continue
		}
		if p := x.w.Removal(item.Task); p != nil {
			x.gone[p] = true
		} else if p := x.pkg(item.Task); p != nil && p.Merges() {
			x.steps[p] = true
		}
	}
}

// pkg returns the package at a node; nil for arguments, sets and removals.
func (x *explainer) pkg(n digraph.Node) *universe.Pkg {
	if x.args[n] != nil || x.w.Removal(n) != nil || int(n) >= x.w.U.Len() {
		return nil
	}
	return x.w.U.Pkg(universe.ID(n))
}

// subjects returns the atoms that a question is about: several if a name
// without category fits several packages, none if it fits no package.
func (x *explainer) subjects(text string) ([]*atoms.Atom, error) {
	name, _, _ := strings.Cut(text, ":")
	if strings.Contains(name, "/") {
		a, err := parse(text)
		return []*atoms.Atom{a}, err
	}
	qualified, ok := atoms.InsertCategory(text, "null")
	if !ok {
		return nil, &atoms.ParseError{Kind: "atom", Text: text, Msg: "expected a package name"}
	}
	null, err := parse(qualified)
	if err != nil {
		return nil, err
	}
	cps, err := x.res.System.Named(null.CP.Name(), x.res.Request.Options)
	if err != nil {
		return nil, fmt.Errorf("look for packages called %s: %w", null.CP.Name(), err)
	}
	var list []*atoms.Atom
	for _, cp := range cps {
		a, err := parse(strings.Replace(qualified, "null/", cp.Category()+"/", 1))
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// parse reads an atom, or a package with its version.
func parse(text string) (*atoms.Atom, error) {
	o := atoms.AtomOptions{AllowRepo: true, AllowBuildID: true}
	a, err := atoms.ParseAtom(text, o)
	if err != nil {
		exact, failed := atoms.ParseAtom("="+text, o)
		if failed != nil {
			return nil, err
		}
		a = exact
	}
	if a.Blocker != atoms.BlockNone {
		return nil, &atoms.ParseError{Kind: "atom", Text: text, Msg: "a blocker is no package"}
	}
	return a, nil
}

// matching returns the packages of all stores that match an atom, the target
// first, best first. Binary packages that the request does not use count only
// where the question is what is not in the plan, other roots than the target
// only if the plan knows the name there.
func (x *explainer) matching(a *atoms.Atom, kind QuestionKind) []*universe.Pkg {
	roots := []*universe.Root{x.w.U.Target}
	for _, r := range x.w.U.Roots {
		if r != x.w.U.Target && len(x.chosen[nameKey{r, a.CP}]) > 0 {
			roots = append(roots, r)
		}
	}
	var list []*universe.Pkg
	for _, r := range roots {
		var here []*universe.Pkg
		for _, o := range [...]ebuild.Origin{ebuild.OriginEbuild, ebuild.OriginBinary, ebuild.OriginInstalled} {
			if o == ebuild.OriginBinary && kind == Why && !x.takesPart(o) {
				continue
			}
			for _, p := range x.w.U.Store(r, o, a.CP) {
				if x.fits(a, p) {
					here = append(here, x.instance(p))
				}
			}
		}
		slices.SortStableFunc(here, func(p, q *universe.Pkg) int { return q.CPV.Version.Compare(p.CPV.Version) })
		list = append(list, here...)
	}
	return list
}

// fits says if a package is what a question is about. Of an EAPI that cannot be
// read only the version is known.
func (x *explainer) fits(a *atoms.Atom, p *universe.Pkg) bool {
	if p.EAPI == nil {
		return a.MatchVersion(p.CPV.Version)
	}
	return x.w.S.Matches(a, p)
}

// instance returns the instance of a package that the plan knows: with
// --onlydeps an argument stands for itself without being merged.
func (x *explainer) instance(p *universe.Pkg) *universe.Pkg {
	if p.HasOnlyDeps() && !x.w.S.InGraph(p) && x.w.S.InGraph(p.AsOnlyDeps()) {
		return p.AsOnlyDeps()
	}
	return p
}

// takesPart says if the request uses a store.
func (x *explainer) takesPart(o ebuild.Origin) bool { return slices.Contains(x.w.U.Origins(), o) }

// wanted returns the packages to answer about. Where everything is in the plan
// that was asked why it is not, or nothing that was asked why it is, the answer
// is about what there is.
func (x *explainer) wanted(kind QuestionKind, found []*universe.Pkg) []*universe.Pkg {
	var list []*universe.Pkg
	for _, p := range found {
		if x.outcome(p).present() == (kind == Why) {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return found
	}
	return list
}

// outcome says what becomes of a package.
func (x *explainer) outcome(p *universe.Pkg) Outcome {
	inGraph := x.w.S.InGraph(p)
	switch {
	case x.steps[p]:
		return OutcomeMerged
	case x.gone[p]:
		return OutcomeRemoved
	case p.Installed() && x.w.S.Tracker.Replaced(p):
		return OutcomeReplaced
	case p.Installed() && inGraph:
		return OutcomeKept
	case p.Installed():
		return OutcomeUntouched
	case p.OnlyDeps && inGraph:
		return OutcomeOnlyDeps
	case inGraph:
		return OutcomePending
	default:
		return OutcomeAbsent
	}
}

// answer answers about one package.
func (x *explainer) answer(p *universe.Pkg) Answer {
	a := Answer{Package: x.describe(p), Outcome: x.outcome(p)}
	if a.Outcome.present() {
		a.Chain = x.chain(p)
		a.Requirements = x.requirements(p)
	}
	switch a.Outcome {
	case OutcomeMerged, OutcomePending:
		a.Status = x.res.Status(p)
		for _, q := range x.res.Replaces(p) {
			a.Replaces = append(a.Replaces, q.CPV.String())
		}
		a.Because = x.because(p)
		a.Others = x.others(p)
		a.Flags = x.flags(p)
		a.Reasons = x.obstacles(p)
	case OutcomeOnlyDeps, OutcomeKept:
		a.Others = x.others(p)
		a.Flags = x.flags(p)
	default:
		a.Reasons = x.against(p)
		if !x.known(p) {
			a.NeededBy = x.neededBy(p)
		}
	}
	return a
}

// known says if the plan knows any package of the name.
func (x *explainer) known(p *universe.Pkg) bool {
	return len(x.chosen[nameKey{p.Root, p.CPV.CP}]) > 0
}

// describe names a package.
func (x *explainer) describe(p *universe.Pkg) Package {
	d := Package{
		CPV: p.CPV.String(), Slot: p.Package.Slot, Subslot: p.Subslot, Repo: p.Repo,
		Origin: plan.Origin(p.Origin.String()), Root: planning.Root(p.Root), File: plan.Maybe(x.file(p)),
	}
	if p.BuildID != ebuild.NoBuildID {
		d.BuildID = plan.BuildID(p.BuildID)
	}
	return d
}

// similar returns names like one that no package has.
func (x *explainer) similar(subjects []*atoms.Atom, text string) []string {
	root := x.res.System.Target
	var all []atoms.CP
	sources := []ebuild.Source{root.Installed}
	for _, r := range root.Repos {
		sources = append(sources, r)
	}
	if x.res.Params.UsePkg == params.Yes {
		sources = append(sources, root.Binaries)
	}
	for _, s := range sources {
		if s == nil {
			continue
		}
		cps, err := s.CPs()
		if err != nil {
			continue // reading it is told of with the result
		}
		all = append(all, cps...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	wanted := text
	if len(subjects) > 0 {
		if wanted = string(subjects[0].CP); slices.Contains(all, subjects[0].CP) {
			return nil // the name is right, the version is not there
		}
	}
	var list []string
	for _, cp := range similar.CPs(wanted, all) {
		list = append(list, string(cp))
	}
	return list
}
