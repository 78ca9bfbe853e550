package walk

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A RemovalTask is the removal of an installed package that blockers ask for,
// whether it is carried out or not.
type RemovalTask struct {
	Node     digraph.Node
	Pkg      *universe.Pkg
	Blockers []digraph.Node // in the order found; see BlockerOf
}

// RemovalTasks returns the removals that would solve blockers, in the order in
// which they were found.
func (w *Pass) RemovalTasks() []RemovalTask {
	var list []RemovalTask
	for _, n := range w.blockers.uninstalls.Leaves(nil) {
		if p := w.blockers.removed[n]; p != nil {
			list = append(list, RemovalTask{n, p, w.blockers.uninstalls.Parents(n)})
		}
	}
	return list
}

// Blocking returns the packages whose blocker at a node matters, in the order
// in which they were expanded.
func (w *Pass) Blocking(n digraph.Node) []*universe.Pkg {
	return w.packages(w.blockers.parents.Parents(n))
}

// BlockedBy returns the packages that the blocker at a node keeps out or has
// removed, in the order found.
func (w *Pass) BlockedBy(n digraph.Node) []*universe.Pkg {
	if w.blockers.blocked == nil {
		return nil
	}
	return w.packages(w.blockers.blocked.Children(n))
}

func (w *Pass) packages(nodes []digraph.Node) []*universe.Pkg {
	var list []*universe.Pkg
	for _, n := range nodes {
		if p := w.pkgOf(n); p != nil {
			list = append(list, p)
		}
	}
	return list
}

// KeptForWorld returns the atoms of @selected for whose sake installed packages
// were not removed, by package (O20).
func (w *Pass) KeptForWorld() map[*universe.Pkg]*atoms.Atom {
	if w.Order == nil || len(w.Order.KeptSelected) == 0 {
		return nil
	}
	kept := make(map[*universe.Pkg]*atoms.Atom)
	for _, n := range w.Order.KeptSelected {
		p := w.Removal(n)
		if p == nil {
			continue
		}
		if a := w.lastSelected(p); a != nil {
			kept[p] = a
		}
	}
	return kept
}

// lastSelected returns the atom of @selected that only p satisfies in the end.
func (w *Pass) lastSelected(p *universe.Pkg) *atoms.Atom {
	set := w.req.Sets.Set(p.Root, "selected")
	if set == nil {
		return nil
	}
	for _, a := range set.Atoms {
		if !p.Matches(a, nil) {
			continue
		}
		if list := w.S.Tracker.Match(p.Root, a); len(list) == 0 || len(list) == 1 && list[0] == p {
			return a
		}
	}
	return nil
}

// IgnoredBinaries returns the binary packages that were passed over and that
// nothing as good took the place of, in the order in which they were met.
func (w *Pass) IgnoredBinaries() []*universe.Pkg {
	var list []*universe.Pkg
	for _, b := range w.C.RefusedList {
		if !w.betterThanRefused(b) {
			list = append(list, b)
		}
	}
	return list
}
