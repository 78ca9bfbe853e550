package walk

import (
	"iter"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// The names of the sets that the resolver makes for itself.
const (
	setRebuild   = "__auto_rebuild__"
	setReinstall = "__auto_reinstall__"
	setReplace   = partial.ReplaceSet
)

// identify gives an argument the id of its node: arguments of one kind, text
// and root share it.
func (w *Pass) identify(a *partial.Arg) *partial.Arg {
	k := argKey{a.Kind, a.Text, a.Root.ID}
	id, ok := w.req.ids[k]
	if !ok {
		id = w.U.Reserve()
		if w.req.ids == nil {
			w.req.ids = make(map[argKey]universe.ID)
		}
		w.req.ids[k] = id
	}
	c := *a
	c.ID = id
	return &c
}

// prepareArgs makes the arguments of the pass: the user's, with --update also
// the installed slots that lie below the best one, and the sets of packages to
// be rebuilt.
func (w *Pass) prepareArgs() {
	args := make([]*partial.Arg, len(w.req.Args))
	for i, a := range w.req.Args {
		args[i] = w.identify(a)
	}
	if w.P.Update {
		w.setArgList(args)
		w.setArgList(w.greedy(args, false))
		args = w.greedy(args, true)
	}
	args = append(args, w.rebuildSets()...)
	w.setArgList(args)
	w.initial = args
}

func (w *Pass) setArgList(args []*partial.Arg) {
	w.S.SetArgs(slices.Collect(w.expandSets(args, false)))
	w.C.Forget()
}

// Args returns the arguments of the pass in their order.
func (w *Pass) Args() []*partial.Arg { return w.initial }

// expandSets yields the arguments with nested sets behind their parents. The
// sets nested in one set are processed from the last name to the first (S17).
// With addToGraph each set becomes a node of the graph when its turn comes, not
// before.
func (w *Pass) expandSets(args []*partial.Arg, addToGraph bool) iter.Seq[*partial.Arg] {
	return func(yield func(*partial.Arg) bool) {
		done := make(map[universe.ID]bool)
		for _, arg := range args {
			if arg.Kind != partial.ArgSet {
				if !yield(arg) {
					return
				}
				continue
			}
			stack := []*partial.Arg{arg}
			for len(stack) > 0 {
				a := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				if done[a.ID] {
					continue
				}
				a = w.inGraph(a)
				done[a.ID] = true
				if addToGraph {
					w.addArgNode(a)
				}
				if !yield(a) {
					return
				}
				stack = append(stack, w.nestedSets(a, addToGraph)...)
			}
		}
	}
}

// inGraph returns the argument that is in the graph already as the node of a,
// which may treat depth in another way, or else a.
func (w *Pass) inGraph(a *partial.Arg) *partial.Arg {
	if known := w.argNodes[a.ID]; known != nil {
		return known
	}
	return a
}

// addArgNode makes an argument a node of the graph, once.
func (w *Pass) addArgNode(a *partial.Arg) {
	if w.argNodes[a.ID] == nil {
		w.argNodes[a.ID] = a
	}
	w.S.Graph.AddNode(digraph.Node(a.ID))
}

func (w *Pass) nestedSets(a *partial.Arg, addToGraph bool) []*partial.Arg {
	names := slices.Clone(a.Set.Nested)
	slices.Sort(names)
	var nested []*partial.Arg
	for _, name := range slices.Compact(names) {
		set := w.set(a.Root, name)
		if set == nil {
			continue
		}
		n := w.identify(&partial.Arg{Kind: partial.ArgSet, Text: "@" + name, Root: a.Root, Set: set, KeepDepth: a.KeepDepth})
		n = w.inGraph(n)
		nested = append(nested, n)
		if addToGraph {
			w.addArgNode(n)
			w.S.Graph.Add(digraph.Node(n.ID), digraph.Node(a.ID), digraph.BlockerEdge)
		}
	}
	return nested
}

func (w *Pass) set(r *universe.Root, name string) *partial.Set { return w.req.Sets.Set(r, name) }

// rebuildSets returns the sets of what an earlier pass wants merged anew.
func (w *Pass) rebuildSets() []*partial.Arg {
	s := w.S.Search
	var args []*partial.Arg
	for _, x := range []struct {
		name  string
		slots []universe.SlotID
	}{{setRebuild, s.Rebuild}, {setReinstall, s.Reinstall}, {setReplace, s.Replace}} {
		for _, r := range w.U.Roots {
			var members []*atoms.Atom
			for _, id := range x.slots {
				if w.U.SlotKey(id).Root == r.ID {
					members = append(members, w.U.SlotAtom(id))
				}
			}
			if len(members) > 0 {
				args = append(args, w.identify(&partial.Arg{
					Kind: partial.ArgSet, Text: "@" + x.name, Root: r,
					Set:            &partial.Set{Name: x.name, Atoms: members},
					ForceReinstall: true, Internal: true, KeepDepth: true,
				}))
			}
		}
	}
	return args
}

// addArguments selects and adds everything that was asked for, before any
// dependency is looked at (S18, S19).
func (w *Pass) addArguments() bool {
	for arg := range w.expandSets(w.initial, true) {
		for _, a := range arg.Atoms() {
			if !w.addArgument(arg, a) {
				return false
			}
		}
	}
	return true
}

func (w *Pass) addArgument(arg *partial.Arg, a *atoms.Atom) bool {
	parent := partial.Parent{Arg: arg}
	dep := &Dep{Atom: a, Parent: parent, Root: arg.Root, OnlyDeps: w.P.OnlyDeps, CollapsedParent: parent}
	if providedBy(arg.Root, a) {
		w.Facts.Provided = append(w.Facts.Provided, partial.ArgAtomMatch{Arg: arg, Atom: a})
		return true
	}
	if arg.Kind == partial.ArgPackage {
		return w.addPkg(arg.Pkg, dep) && w.follow(false)
	}
	p := w.C.Select(choose.Ask{Root: arg.Root, Atom: a, OnlyDeps: w.P.OnlyDeps}).Pkg
	if w.C.VirtualCycle != nil {
		return false
	}
	if p == nil {
		return w.argumentWithout(arg, a)
	}
	if w.P.UpdateIfInstalled && !w.U.IsInstalled(arg.Root, a) {
		return true
	}
	if w.isUnavailable(arg, p) {
		w.Facts.Missing = append(w.Facts.Missing, partial.ArgAtomMatch{Arg: arg, Atom: a})
	}
	if p.Installed() && !w.P.Selective && !w.S.Excluded(p) {
		w.Facts.unsatisfied(arg.Root, a, parent)
		if name := arg.SetName(); name != "selected" && name != "system" && name != "world" {
			return false
		}
	}
	return w.addPkg(p, dep)
}

// argumentWithout handles an argument that no package satisfies.
func (w *Pass) argumentWithout(arg *partial.Arg, a *atoms.Atom) bool {
	for _, p := range w.C.MatchAny(arg.Root, a) {
		if w.S.Excluded(p) {
			return true
		}
	}
	if arg.MayBeMissing() {
		w.Facts.Missing = append(w.Facts.Missing, partial.ArgAtomMatch{Arg: arg, Atom: a})
		return true
	}
	w.Facts.unsatisfied(arg.Root, a, partial.Parent{Arg: arg})
	return false
}

// isUnavailable says if a member of @world or @selected stays only because it
// is installed: nothing similar can be had any more.
func (w *Pass) isUnavailable(arg *partial.Arg, p *universe.Pkg) bool {
	return w.P.VerboseMissingEbuilds != params.No && w.P.UsePkgOnly != params.Yes && p.Installed() &&
		arg.MayBeMissing() && w.replacementSlot(p) == nil && !w.S.Excluded(p)
}

func providedBy(r *universe.Root, a *atoms.Atom) bool {
	for _, cpv := range r.Policy.Provided(a.CP) {
		if a.MatchVersion(cpv.Version) {
			return true
		}
	}
	return false
}

// AllArgs returns the arguments and every set that is a node of the graph.
func (w *Pass) AllArgs() []*partial.Arg {
	all := slices.Clone(w.initial)
	for _, a := range w.argNodes {
		all = append(all, a)
	}
	slices.SortStableFunc(all, func(a, b *partial.Arg) int { return int(a.ID - b.ID) })
	return slices.CompactFunc(all, func(a, b *partial.Arg) bool { return a.ID == b.ID })
}
