package walk

import (
	"slices"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// complete adds the deep dependencies of the arguments and of @world that the
// graph does not hold yet, so that nothing which works now is broken. From then
// on packages come from the graph or stay as they are (S111; Portage: _complete_graph).
func (w *Pass) complete() bool {
	if !w.P.Recurse {
		return true
	}
	if !w.S.Complete && w.changesInstalled() {
		w.S.Complete = true
	}
	if !w.S.Complete {
		return true
	}
	remove := w.P.Action == params.ActionRemove
	w.S.CompleteMode = true
	if remove {
		w.C.SetMode(choose.ModeInstalled)
	} else {
		w.C.SetMode(choose.ModeGraph)
		w.traverseAll = true
	}
	wasDeep := w.S.Deep == params.Infinite
	w.S.Deep = params.Infinite
	if !w.addRequired(w.requiredArgs(wasDeep)) {
		return false
	}
	w.stack = append(w.stack, w.putAside...)
	w.putAside = nil
	if !w.follow(true) {
		return false
	}
	return w.restoreBroken()
}

// requiredArgs returns the arguments together with the sets that are protected.
func (w *Pass) requiredArgs(wasDeep bool) []*partial.Arg {
	args := slices.Clone(w.initial)
	remove := w.P.Action == params.ActionRemove
	for _, r := range w.U.Roots {
		if !r.Target && (remove || w.P.RootDeps == params.RootDepsRDeps) {
			continue
		}
		name := "world"
		if w.P.IgnoreWorld {
			if len(w.putAside) == 0 && len(w.stack) == 0 {
				continue
			}
			name = ""
		} else if !remove && r.Target && wasDeep && w.hasSetArg(r, name) && len(w.putAside) == 0 && len(w.stack) == 0 {
			continue
		}
		if name == "" {
			continue
		}
		if set := w.set(r, name); set != nil {
			args = append(args, w.identify(&partial.Arg{
				Kind: partial.ArgSet, Text: "@" + name, Root: r, Set: set, KeepDepth: true,
			}))
		}
	}
	return args
}

func (w *Pass) hasSetArg(r *universe.Root, name string) bool {
	for _, a := range w.argNodes {
		if a.Kind == partial.ArgSet && a.Root == r && a.Set.Name == name {
			return true
		}
	}
	return false
}

func (w *Pass) addRequired(args []*partial.Arg) bool {
	w.setArgList(args)
	for arg := range w.expandSets(args, true) {
		for _, a := range arg.Atoms() {
			parent := partial.Parent{Arg: arg}
			d := &Dep{Atom: a, Root: arg.Root, Parent: parent, Depth: params.Unreachable, CollapsedParent: parent}
			if !w.addDep(d, true) {
				return false
			}
		}
	}
	return true
}

// restoreBroken looks at the dependencies that the new state leaves unmet.
// Those that are met today get their installed package back into the graph,
// where it conflicts with what was to replace it.
func (w *Pass) restoreBroken() bool {
	for len(w.unsatisfied) > 0 {
		n := len(w.unsatisfied)
		d := w.unsatisfied[n-1]
		w.unsatisfied = w.unsatisfied[:n-1]
		matches := w.U.Installed(d.Root, d.Atom)
		if len(matches) == 0 {
			w.Facts.InitiallyUnsatisfied = append(w.Facts.InitiallyUnsatisfied, d)
			continue
		}
		p := matches[len(matches)-1]
		if w.opt.Backtrack && !w.S.WantsInstalled(p) && bindsBuilt(d.Atom) {
			d.Child = p
			if n := w.updateProbe(d, probe{}); n != nil {
				w.replaceForUpdate(d, nil, n)
				continue
			}
		}
		if !w.addPkg(p, d) || !w.follow(true) {
			return false
		}
	}
	return true
}

// changesInstalled says if a merge changes an installed package in a way that
// may matter to others: version, slot, sub-slot, USE, or a slot that is not
// installed yet (D117).
func (w *Pass) changesInstalled() bool {
	newUSE, newVer := w.P.CompleteGraphIfNewUse.Or(true), w.P.CompleteGraphIfNewVer.Or(true)
	newSlot := w.P.RebuildIfNewSlot.Or(true)
	if !newUSE && !newVer && !newSlot {
		return false
	}
	for _, n := range w.S.Graph.Nodes() {
		p := w.pkgOf(n)
		if p == nil || !p.Merges() {
			continue
		}
		inst := w.U.InSlot(p)
		if inst != nil && (newUSE || newVer) {
			if newVer && (inst.Compare(p) != 0 || !inst.SubslotOf(p)) {
				return true
			}
			if newUSE && w.useDiffers(p, inst) {
				return true
			}
		}
		if newSlot && w.isNewSlot(p) {
			return true
		}
	}
	return false
}

func (w *Pass) useDiffers(p, inst *universe.Pkg) bool {
	return !p.SameIUSE(inst) || !slices.Equal(p.Explicit(w.S.Flags(p)), inst.Explicit(inst.Flags()))
}

func (w *Pass) isNewSlot(p *universe.Pkg) bool {
	list := w.U.Store(p.Root, ebuild.OriginInstalled, p.CPV.CP)
	return len(list) > 0 && !slices.ContainsFunc(list, p.SubslotOf)
}

// pkgOf returns the package of a node, nil for arguments and removals.
func (w *Pass) pkgOf(n digraph.Node) *universe.Pkg {
	if int(n) >= w.U.Len() {
		return nil
	}
	return w.U.Pkg(universe.ID(n))
}
