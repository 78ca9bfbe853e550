// Package planning states a result of the resolver as a plan document.
//
// It decides nothing: steps come in the order that was found, reasons and needs
// are what the walk recorded. What the document says beyond the resolver's own
// knowledge, such as files still to be fetched, comes from Sources.
package planning

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// Sources answer what the resolver does not know. A nil function knows nothing.
type Sources struct {
	// Fetch tells what has to be fetched for a package; it is asked once for
	// each step, in their order.
	Fetch func(p *universe.Pkg, use atoms.FlagState) plan.Fetch
	// Mark judges a package without the user's per-package files.
	Mark func(p *universe.Pkg) visibility.Mark
}

// A Heading is what stands at the top of a plan.
type Heading struct {
	Request plan.Request
	Roots   plan.Roots
}

// Build states a result as a plan, without problems and changes.
func Build(res *resolver.Result, h Heading, src Sources) *plan.Plan {
	b := &builder{res: res, src: src, steps: make(map[digraph.Node]plan.StepID), merged: make(map[*universe.Pkg]plan.StepID)}
	b.plan = &plan.Plan{Success: res.Success, Request: h.Request, Roots: h.Roots, UseExpand: b.useExpand()}
	b.plan.Cycles = Cycles(res)
	w := res.Pass
	if w.Order == nil {
		return b.plan
	}
	for _, item := range w.Order.List {
		if item.Task == digraph.None {
			continue
		}
		id := plan.StepID(len(b.steps) + 1)
		b.steps[item.Task] = id
		if p := b.pkg(item.Task); p != nil {
			b.merged[p] = id
		}
	}
	for _, item := range w.Order.List {
		if item.Task != digraph.None {
			b.plan.Steps = append(b.plan.Steps, b.step(item.Task))
		}
	}
	b.blockers(w.Order.List)
	return b.plan
}

type builder struct {
	res    *resolver.Result
	src    Sources
	plan   *plan.Plan
	steps  map[digraph.Node]plan.StepID
	merged map[*universe.Pkg]plan.StepID // steps of packages that are merged
	asked  map[*universe.Pkg][]asking    // who needs a package
}

// asking is one dependency seen from the package that satisfies it.
type asking struct {
	parent *universe.Pkg
	class  atoms.DepClass
	atom   *atoms.Atom
}

func (b *builder) useExpand() []string {
	names := slices.Clone(b.res.System.Target.Config.Words("USE_EXPAND"))
	slices.Sort(names)
	return slices.Compact(names)
}

// pkg returns the package that a node merges, nil for a removal.
func (b *builder) pkg(n digraph.Node) *universe.Pkg {
	if b.res.Pass.Removal(n) != nil {
		return nil
	}
	return b.res.Universe.Pkg(universe.ID(n))
}

// Root names the root of a package in a plan.
func Root(r *universe.Root) plan.Root {
	switch {
	case r.Target:
		return plan.RootTarget
	case r.Running:
		return plan.RootBuild
	}
	return plan.RootSysroot
}

func (b *builder) step(n digraph.Node) plan.Step {
	p := b.pkg(n)
	if p == nil {
		return b.unmerge(n, b.res.Pass.Removal(n))
	}
	s := b.common(n, p)
	s.Operation = plan.OpMerge
	s.Status = b.res.Status(p)
	for _, q := range b.res.Replaces(p) {
		s.Replaces = append(s.Replaces, q.CPV.String())
	}
	s.Interactive = b.interactive(p)
	if b.src.Fetch != nil {
		s.Fetch = b.src.Fetch(p, b.res.Pass.S.Flags(p))
	}
	if s.Fetch.Restriction == "" {
		s.Fetch.Restriction = plan.FetchFree
	}
	s.Fetch.Remote = p.Remote != ""
	s.Reasons = b.reasons(p)
	s.Needs = b.needs(p)
	b.stage(&s, p)
	return s
}

func (b *builder) common(n digraph.Node, p *universe.Pkg) plan.Step {
	flags := b.res.Pass.S.Flags(p)
	s := plan.Step{
		ID: b.steps[n], CPV: p.CPV.String(), CP: string(p.CPV.CP), Version: p.CPV.Version.String(),
		Slot: p.Package.Slot, Subslot: p.Subslot, Repo: p.Repo, EAPI: p.EAPIName,
		Root: Root(p.Root), Stage: plan.StageFinal, Mark: plan.MarkNone,
	}
	if p.BuildID != ebuild.NoBuildID {
		s.BuildID = plan.BuildID(p.BuildID)
	}
	switch p.Origin {
	case ebuild.OriginBinary:
		s.Origin = plan.OriginBinary
	case ebuild.OriginInstalled:
		s.Origin = plan.OriginInstalled
	default:
		s.Origin = plan.OriginEbuild
	}
	b.flags(&s, p, flags)
	for _, q := range b.res.InstalledVersions(p) {
		s.Installed = append(s.Installed, plan.Installed{
			CPV: q.CPV.String(), Slot: q.Package.Slot, Subslot: q.Subslot, Repo: q.Repo,
		})
	}
	if b.src.Mark != nil && !p.Installed() {
		s.Mark = markOf(b.src.Mark(p))
	}
	s.Fetch.Restriction = plan.FetchFree
	return s
}

func markOf(m visibility.Mark) plan.Mark {
	switch m {
	case visibility.MarkMasked:
		return plan.MarkMasked
	case visibility.MarkMissing:
		return plan.MarkUnkeyworded
	case visibility.MarkUnstable:
		return plan.MarkTesting
	default:
		return plan.MarkNone
	}
}

func (b *builder) flags(s *plan.Step, p *universe.Pkg, flags *universe.Flags) {
	for _, f := range p.IUSE {
		if flags.Enabled(f.Name) {
			s.Use = append(s.Use, f.Name)
		} else {
			s.Disabled = append(s.Disabled, f.Name)
		}
		if st := flags.State; st.Forced(f.Name) || st.Masked(f.Name) {
			s.Fixed = append(s.Fixed, f.Name)
		}
	}
	for _, list := range [...]*[]string{&s.Use, &s.Disabled, &s.Fixed} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

func (b *builder) interactive(p *universe.Pkg) bool {
	props, err := p.Properties()
	return err == nil && slices.Contains(props.Leaves(b.res.Pass.S.Flags(p).Enabled), "interactive")
}

// unmerge states the removal of an installed package, which a blocker asks for.
func (b *builder) unmerge(n digraph.Node, p *universe.Pkg) plan.Step {
	s := b.common(n, p)
	s.Operation = plan.OpUnmerge
	for _, v := range b.res.Pass.BlockersSolvedBy(n) {
		for _, parent := range v.Parents {
			s.Reasons = append(s.Reasons, plan.Reason{
				Kind: plan.ReasonBlocker, Parent: plan.Maybe(parent.CPV.String()), Step: b.merged[parent], Atom: plan.Maybe(v.Atom.String()),
			})
		}
	}
	return s
}

// needs lists the dependencies of a package and what satisfies each.
func (b *builder) needs(p *universe.Pkg) []plan.Need {
	var list []plan.Need
	type key struct {
		class atoms.DepClass
		atom  string
		root  universe.RootID
	}
	seen := make(map[key]bool)
	for _, class := range [...]atoms.DepClass{atoms.Depend, atoms.BDepend, atoms.RDepend, atoms.PDepend, atoms.IDepend} {
		for _, n := range b.res.Pass.Needs(p) {
			k := key{n.Class, n.Atom.String(), n.Root.ID}
			if n.Class != class || seen[k] {
				continue
			}
			seen[k] = true
			need := plan.Need{Class: classOfNeed(n), Atom: n.Atom.String(), Root: Root(n.Root)}
			if q := b.satisfier(n); q != nil {
				need.Step = b.merged[q]
				need.SatisfiedBy = plan.Maybe(q.CPV.String())
			}
			list = append(list, need)
		}
	}
	return list
}

// satisfier returns what satisfies a dependency in the end.
func (b *builder) satisfier(n walk.Need) *universe.Pkg {
	t := b.res.Pass.S.Tracker
	if n.Child != nil && (t.Stays(n.Child) || n.Child.CompletedBy() != nil) {
		return n.Child
	}
	list := t.Match(n.Root, n.Atom)
	if len(list) == 0 {
		return n.Satisfied
	}
	return list[len(list)-1]
}

func classOfNeed(n walk.Need) plan.Class {
	if universe.IsSoname(n.Atom) {
		return plan.ClassSoname
	}
	return classOf(n.Class)
}

func classOf(c atoms.DepClass) plan.Class { return plan.Class(c.String()) }

// reasons says why a package is merged: flags and rebuilds, arguments and
// sets, then the packages that depend on it.
func (b *builder) reasons(p *universe.Pkg) []plan.Reason {
	var list []plan.Reason
	if flags := b.res.Pass.C.Reinstall[p]; len(flags) > 0 {
		list = append(list, plan.Reason{Kind: plan.ReasonFlags, Flags: flags})
	}
	for _, pa := range b.res.Pass.S.Parents(p) {
		if arg := pa.Parent.Arg; arg != nil {
			list = append(list, b.argumentReason(p, arg, pa.Atom))
		}
	}
	for _, a := range b.askers(p) {
		list = append(list, plan.Reason{
			Kind: plan.ReasonDependency, Parent: plan.Maybe(a.parent.CPV.String()), Step: b.merged[a.parent],
			Class: classOf(a.class), Atom: plan.Maybe(a.atom.String()),
		})
	}
	if len(list) == 0 {
		return b.chosenFor(p)
	}
	return list
}

// chosenFor names the packages for whose sake a package was chosen where they
// make do with another one in the end: in a plan that merges some packages
// twice, with what is there in time.
func (b *builder) chosenFor(p *universe.Pkg) []plan.Reason {
	var list []plan.Reason
	for _, pa := range b.res.Pass.S.Parents(p) {
		parent := pa.Parent.Pkg
		if parent == nil || pa.Atom == nil {
			continue
		}
		list = append(list, plan.Reason{
			Kind: plan.ReasonDependency, Parent: plan.Maybe(parent.CPV.String()), Step: b.merged[parent],
			Class: classOf(classNaming(parent, pa.Atom)), Atom: plan.Maybe(pa.Atom.String()),
		})
	}
	return list
}

// classNaming is the first class in which a package names what an atom does.
func classNaming(p *universe.Pkg, a *atoms.Atom) atoms.DepClass {
	for _, class := range universe.Classes() {
		if tree, err := p.Deps(class); err == nil {
			for leaf := range tree.All() {
				if leaf.CP == a.CP && leaf.Blocker == atoms.BlockNone {
					return class
				}
			}
		}
	}
	return atoms.RDepend
}

func (b *builder) argumentReason(p *universe.Pkg, arg *partial.Arg, a *atoms.Atom) plan.Reason {
	switch {
	case arg.Internal && arg.ForcesSlotRebuild():
		r := plan.Reason{Kind: plan.ReasonSubslot, Atom: plan.Maybe(a.String())}
		for _, f := range b.res.ForcedRebuilds() {
			if slices.Contains(f.Rebuilt, p) {
				r.Parent, r.Step = plan.Maybe(f.Cause.CPV.String()), b.merged[f.Cause]
				if bound := b.binding(p, f.Cause); bound != nil {
					r.Atom = plan.Maybe(bound.String())
				}
			}
		}
		return r
	case arg.Internal:
		return plan.Reason{Kind: plan.ReasonRebuild, Atom: plan.Maybe(a.String())}
	case arg.Kind == partial.ArgSet:
		return plan.Reason{Kind: plan.ReasonSet, Parent: plan.Maybe(arg.Text), Atom: plan.Maybe(a.String())}
	default:
		return plan.Reason{Kind: plan.ReasonArgument, Atom: plan.Maybe(arg.Text)}
	}
}

// binding returns the atom that binds the installed package which p replaces to
// a slot and sub-slot of another name, nil if there is none.
func (b *builder) binding(p, cause *universe.Pkg) *atoms.Atom {
	inst := b.res.Universe.InSlot(p)
	if inst == nil {
		return nil
	}
	for _, class := range [...]atoms.DepClass{atoms.RDepend, atoms.PDepend, atoms.IDepend, atoms.Depend, atoms.BDepend} {
		tree, err := inst.Deps(class)
		if err != nil {
			continue
		}
		for _, a := range tree.Leaves(nil) {
			if a.SlotOpBuilt() && a.CP == cause.CPV.CP {
				return a
			}
		}
	}
	return nil
}

// askers returns the packages of the graph that p satisfies a dependency of,
// in the order of the graph.
func (b *builder) askers(p *universe.Pkg) []asking {
	if b.asked == nil {
		b.asked = make(map[*universe.Pkg][]asking)
		seen := make(map[*universe.Pkg]map[asking]bool)
		for _, n := range b.res.Pass.S.Graph.Nodes() {
			parent := b.pkg(n)
			if parent == nil {
				continue
			}
			for _, need := range b.res.Pass.Needs(parent) {
				child := b.satisfier(need)
				if child == nil {
					continue
				}
				a := asking{parent, need.Class, need.Atom}
				if seen[child] == nil {
					seen[child] = make(map[asking]bool)
				}
				if !seen[child][a] {
					seen[child][a] = true
					b.asked[child] = append(b.asked[child], a)
				}
			}
		}
	}
	return b.asked[p]
}

// blockers lists the blocks of the order, and what solves each.
func (b *builder) blockers(list []order.Item) {
	w := b.res.Pass
	for i, item := range list {
		if item.Task != digraph.None {
			continue
		}
		v := w.BlockerOf(w.BlockerNode(item.Blocker))
		out := plan.Blocker{
			Atom: v.Atom.String(), Strength: plan.StrengthWeak, Root: Root(v.Root), Satisfied: item.Satisfied,
		}
		if v.Forbids() {
			out.Strength = plan.StrengthStrong
		}
		if item.Satisfied {
			for j := i - 1; j >= 0; j-- {
				if list[j].Task != digraph.None {
					out.Step = b.steps[list[j].Task]
					break
				}
			}
		}
		for _, p := range v.Parents {
			out.Blocking = append(out.Blocking, p.CPV.String())
		}
		for _, p := range w.Blocked(v.Blocker) {
			out.Blocked = append(out.Blocked, p.CPV.String())
		}
		for _, l := range [...]*[]string{&out.Blocking, &out.Blocked} {
			slices.Sort(*l)
			*l = slices.Compact(*l)
		}
		b.plan.Blockers = append(b.plan.Blockers, out)
	}
}
