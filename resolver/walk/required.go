package walk

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// Required makes a pass that has no arguments: its graph is what the installed
// members of @world need of what is installed. Success is false only if it
// could not be made. Dependencies that nothing installed meets are
// Facts.InitiallyUnsatisfied (O32). The parameters must be those of a removal.
func Required(u *universe.Universe, p *params.Params, sets Sets) *Pass {
	w := newPass(u, p, &Request{Sets: sets}, &partial.Search{}, Options{})
	w.Success = w.complete()
	return w
}

// Keep adds an installed package to the graph of Required because another one
// of it cannot do without, with all that it needs itself.
func (w *Pass) Keep(p, consumer *universe.Pkg) {
	parent := partial.Parent{Pkg: consumer}
	prio := digraph.Runtime | digraph.RuntimeSlotOp
	d := &Dep{
		Atom: w.U.ExactAtom(p.CPV), Parent: parent, Child: p, Root: p.Root, Priority: prio,
		CollapsedParent: parent, CollapsedPriority: prio, Depth: params.Unreachable,
	}
	w.Success = w.addPkg(p, d) && w.follow(true) && w.restoreBroken() && w.Success
}

// Packages returns the packages of the graph in the order in which they were added.
func (w *Pass) Packages() []*universe.Pkg {
	var list []*universe.Pkg
	for _, n := range w.S.Graph.Nodes() {
		if p := w.pkgOf(n); p != nil {
			list = append(list, p)
		}
	}
	return list
}

// Decided returns the atoms that the dependencies of one class of a package
// come down to in the state that the pass has reached: its own, not those of
// virtuals that it leads through. The error tells of broken dependencies.
func (w *Pass) Decided(p *universe.Pkg, class atoms.DepClass) ([]*atoms.Atom, error) {
	deps, err := w.reduce(p, class)
	if err != nil {
		return nil, err
	}
	groups, err := w.C.Check(deps, choose.Context{Root: w.U.Target, Parent: p})
	if err != nil || len(groups) == 0 {
		return nil, err
	}
	var list []*atoms.Atom
	for _, t := range groups[0].Terms {
		if t.Atom.Blocker == atoms.BlockNone && !slices.Contains(list, t.Atom) {
			list = append(list, t.Atom)
		}
	}
	return list, nil
}
