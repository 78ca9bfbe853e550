package walk

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// addDep adds the package that satisfies a dependency, choosing it first if
// that has not been done. False ends the pass.
func (w *Pass) addDep(d *Dep, allowUnsatisfied bool) bool {
	if d.Atom.Blocker != atoms.BlockNone {
		w.addBlocker(d)
		return true
	}
	p := d.Child
	if p == nil {
		p = w.C.Select(choose.Ask{Root: d.Root, Atom: d.Atom, OnlyDeps: d.OnlyDeps, Adding: true}).Pkg
		if w.C.VirtualCycle != nil {
			return false
		}
	}
	if p == nil {
		return w.addUnmet(d, allowUnsatisfied)
	}
	w.rebuilds.add(p, d)
	if d.CollapsedPriority&digraph.Ignored != 0 && !w.traverseAll {
		return true
	}
	return w.addPkg(p, d)
}

// addUnmet decides what an unmet dependency means (S110).
func (w *Pass) addUnmet(d *Dep, allowUnsatisfied bool) bool {
	if d.CollapsedPriority&(digraph.Optional|digraph.Ignored) != 0 {
		return true
	}
	if allowUnsatisfied {
		w.unsatisfied = append(w.unsatisfied, d)
		return true
	}
	if w.brokenBefore(d) {
		w.Facts.InitiallyUnsatisfied = append(w.Facts.InitiallyUnsatisfied, d)
		return true
	}
	w.Facts.unsatisfied(d.Root, d.Atom, d.Parent)
	if !w.opt.Backtrack {
		return false
	}
	return w.backtrackUnmet(d)
}

// brokenBefore says if a dependency of an installed package out of the
// request's reach was unmet before the request, too.
func (w *Pass) brokenBefore(d *Dep) bool {
	p := d.Parent.Pkg
	if !w.S.CompleteMode || p == nil || !p.Installed() {
		return false
	}
	depth := w.S.Depth(p)
	if depth != params.Unreachable && (w.P.Deep == params.Infinite || depth < w.P.Deep) {
		return false
	}
	return w.C.FromInstalled(d.Root, d.Atom).Pkg == nil
}

// backtrackUnmet notes what another pass could do about an unmet dependency:
// rebuild the parent for another slot, or mask it.
func (w *Pass) backtrackUnmet(d *Dep) bool {
	parent := d.Parent.Pkg
	masked := parent != nil && w.S.Search.Masks[parent] != nil
	if !masked && d.Atom.SlotOpBuilt() && w.unsatisfiedProbe(d) {
		w.replaceParent(d)
		return true
	}
	if masked && parent.Installed() && len(w.C.MatchAny(d.Root, d.Atom)) == 0 {
		w.Facts.InitiallyUnsatisfied = append(w.Facts.InitiallyUnsatisfied, d)
		return true
	}
	// Where only USE dependencies are in the way, masking the parent is no answer.
	if w.C.Select(choose.Ask{Root: d.Root, Atom: d.Atom.WithoutUSE(), OnlyDeps: d.OnlyDeps, Adding: true}).Pkg != nil {
		return false
	}
	for _, p := range w.S.Search.Masked {
		if p.Matches(d.Atom, nil) && w.S.Search.Masks[p].Only() {
			w.Facts.NoRestart = true
			return false
		}
	}
	w.Facts.MissingDep = d
	w.Facts.Restart = true
	return false
}

// addPkg adds a package to the graph and puts it on the stack to be expanded,
// once (Portage: _add_pkg). False ends the pass.
func (w *Pass) addPkg(p *universe.Pkg, d *Dep) bool {
	known := w.S.InGraph(p)
	matches := w.S.ArgAtoms(p)
	if !w.checkRequiredUse(p, d, matches) {
		return false
	}
	if !p.OnlyDeps {
		if e := w.S.Tracker.First(p); e != nil {
			switch {
			case w.reusable(e, p, d.Atom):
				if p != e {
					p, known = e, true
					matches = w.S.ArgAtoms(p)
				}
			case p.Installed() && d.Parent.Pkg != nil && p.Slot == d.Parent.Pkg.Slot:
				// The parent replaces the child: no conflict, and no attempt is
				// made to satisfy what the child needs.
				return true
			}
		}
		if !known {
			w.S.Tracker.Add(p)
			w.C.Added(p)
		}
	}
	w.connect(p, d, matches)
	w.setDepth(p, d, matches, known)
	d.Child = p
	if !p.OnlyDeps && (d.Atom.SlotOp == atoms.SlotOpRebuild || universe.IsSoname(d.Atom)) {
		w.slotOps.add(p.Slot, d)
	}
	w.enqueue(p, known)
	return true
}

// reusable says if the added package e of the same slot can stand for p.
func (w *Pass) reusable(e, p *universe.Pkg, a *atoms.Atom) bool {
	if p == e || a == nil {
		return p.CPV == e.CPV
	}
	return w.S.Matches(a, e)
}

// checkRequiredUse ends the pass if a chosen ebuild's REQUIRED_USE is not
// satisfied: it never influences the choice (S50).
func (w *Pass) checkRequiredUse(p *universe.Pkg, d *Dep, matches []partial.ArgAtomMatch) bool {
	if p.Built() || p.Raw("REQUIRED_USE") == "" || partial.RequiredUSEHolds(p, w.S.Flags(p)) {
		return true
	}
	w.S.AddParent(p, partial.ParentAtom{Parent: d.Parent, Atom: d.Atom})
	for _, m := range matches {
		w.S.AddParent(p, partial.ParentAtom{Parent: partial.Parent{Arg: m.Arg}, Atom: m.Atom})
	}
	w.Facts.Unsatisfied = append(w.Facts.Unsatisfied, Unsatisfied{Root: p.Root, Atom: d.Atom, Parent: d.Parent, RequiredUSE: p})
	w.Facts.RequiredUSE = true
	w.Facts.NoRestart = true
	w.addEdge(p, d.Parent, d.Priority)
	return false
}

// connect adds the edges from the parent and from all arguments that apply. A
// dependency of a package on itself only counts if it has to be built first.
func (w *Pass) connect(p *universe.Pkg, d *Dep, matches []partial.ArgAtomMatch) {
	if d.Parent.Pkg != p || d.Priority&digraph.Buildtime != 0 && d.Priority&digraph.Satisfied == 0 {
		w.addEdge(p, d.Parent, d.Priority)
		w.S.AddParent(p, partial.ParentAtom{Parent: d.Parent, Atom: d.Atom, Orig: d.Orig})
	}
	for _, m := range matches {
		parent := partial.Parent{Arg: m.Arg}
		w.addEdge(p, parent, d.Priority)
		w.S.AddParent(p, partial.ParentAtom{Parent: parent, Atom: m.Atom})
	}
}

// addEdge adds the edge from a parent to a package, the package first.
func (w *Pass) addEdge(p *universe.Pkg, parent partial.Parent, prio digraph.Priority) {
	w.S.Graph.Add(node(p), parent.Node(), prio)
	if a := parent.Arg; a != nil && w.argNodes[a.ID] == nil {
		w.argNodes[a.ID] = a
	}
}

// setDepth gives p the smallest depth at which it was met, and notes whether
// an update was wanted there.
func (w *Pass) setDepth(p *universe.Pkg, d *Dep, matches []partial.ArgAtomMatch, known bool) {
	depth := d.Depth
	for _, m := range matches {
		if !m.Arg.KeepDepth {
			depth = 0
			break
		}
	}
	if known && depth != 0 {
		depth = min(depth, w.S.Depth(p))
	}
	w.S.SetDepth(p, depth)
	d.WantUpdate = !w.S.CompleteMode && (len(matches) > 0 || w.P.Update) && !w.S.TooDeep(depth)
}

func (w *Pass) enqueue(p *universe.Pkg, known bool) {
	if !w.P.Recurse || known {
		return
	}
	if p.Installed() && w.S.Deep != params.Infinite && w.S.TooDeep(w.S.Depth(p).Next()) {
		w.putAside = append(w.putAside, work{pkg: p})
		return
	}
	w.stack = append(w.stack, work{pkg: p})
}
