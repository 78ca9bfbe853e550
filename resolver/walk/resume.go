package walk

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// Resume makes the pass of a list of merges that an earlier run left: packages
// come from the list or are installed, and nothing is chosen. The arguments of
// the request are those of that run. It returns what merges need that neither
// is there; then the pass has no order (Portage: _loadResumeCommand).
func Resume(u *universe.Universe, p *params.Params, req *Request, tasks []*universe.Pkg) (*Pass, []*Dep) {
	w := newPass(u, p, req, partial.NewSearch(), Options{})
	args := make([]*partial.Arg, len(req.Args))
	for i, a := range req.Args {
		args[i] = w.identify(a)
	}
	w.setArgList(args)
	for _, t := range tasks {
		w.S.Tracker.Add(t)
		w.C.Added(t)
	}
	if p.NoDeps || len(tasks) == 0 {
		w.inGivenOrder(tasks)
		return w, nil
	}
	w.C.SetMode(choose.ModeGraph)
	w.S.Deep = params.Infinite
	if !w.addTasks(tasks) || !w.addArgumentsLeft(args) || !w.follow(true) {
		return w, nil
	}
	if unmet := w.unmetByMerges(); len(unmet) > 0 {
		return w, unmet
	}
	w.Success = w.settle()
	return w, nil
}

// inGivenOrder takes the order of the list as it is.
func (w *Pass) inGivenOrder(tasks []*universe.Pkg) {
	w.Order = &order.Result{}
	for _, t := range tasks {
		w.S.Graph.AddNode(node(t))
		w.Order.List = append(w.Order.List, order.Item{Task: digraph.Node(t.ID), Blocker: order.NoBlocker})
	}
	w.Input = w.orderInput()
	w.Success = true
}

// addTasks adds the packages of the list without a parent.
func (w *Pass) addTasks(tasks []*universe.Pkg) bool {
	for _, t := range tasks {
		if w.S.InGraph(t) {
			continue
		}
		matches := w.S.ArgAtoms(t)
		w.S.Graph.AddNode(node(t))
		for _, m := range matches {
			parent := partial.Parent{Arg: m.Arg}
			w.addEdge(t, parent, 0)
			w.S.AddParent(t, partial.ParentAtom{Parent: parent, Atom: m.Atom})
		}
		w.S.SetDepth(t, 0)
		w.enqueue(t, false)
	}
	return true
}

// addArgumentsLeft adds what is installed for arguments that the list does not meet.
func (w *Pass) addArgumentsLeft(args []*partial.Arg) bool {
	for arg := range w.expandSets(args, true) {
		list := slices.Clone(arg.Atoms())
		slices.SortFunc(list, func(a, b *atoms.Atom) int { return strings.Compare(a.String(), b.String()) })
		for _, a := range list {
			p := w.C.Select(choose.Ask{Root: arg.Root, Atom: a}).Pkg
			if p == nil || w.S.InGraph(p) {
				continue
			}
			parent := partial.Parent{Arg: arg}
			if !w.addPkg(p, &Dep{Atom: a, Root: p.Root, Parent: parent, CollapsedParent: parent}) {
				return false
			}
		}
	}
	return true
}

// unmetByMerges returns the unmet dependencies of merges, and of installed
// packages that a merge leads to.
func (w *Pass) unmetByMerges() []*Dep {
	var unmet []*Dep
	for _, d := range w.unsatisfied {
		if p := d.Parent.Pkg; p != nil && (p.Merges() || w.mergeAbove(p)) {
			unmet = append(unmet, d)
		}
	}
	return unmet
}

func (w *Pass) mergeAbove(p *universe.Pkg) bool {
	seen := make(map[digraph.Node]bool)
	stack := slices.Clone(w.S.Graph.Parents(node(p)))
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		q := w.pkgOf(n)
		if q == nil || seen[n] {
			continue
		}
		if q.Merges() {
			return true
		}
		seen[n] = true
		stack = append(stack, w.S.Graph.Parents(n)...)
	}
	return false
}
