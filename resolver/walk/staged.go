package walk

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A ClassOf is one dependency class of a package, its conditionals undecided.
type ClassOf struct {
	Class    atoms.DepClass
	Trees    []*atoms.Dep
	Root     *universe.Root   // where it is looked for
	Priority digraph.Priority // of its edges, those of the slot operator apart
}

// Classes returns the dependency classes of a package that the options of the
// pass leave in, in the order in which they are followed.
func (w *Pass) Classes(p *universe.Pkg) []ClassOf {
	var list []ClassOf
	for _, class := range universe.Classes() {
		trees, ok := w.treesOf(p, class)
		if !ok {
			continue
		}
		list = append(list, ClassOf{class, trees, w.rootOf(p, class), w.priorityOf(p, class)})
	}
	return list
}

// NoteNeeds records the dependencies of a package that the pass did not expand
// itself: one that is merged for a while.
func (w *Pass) NoteNeeds(p *universe.Pkg, needs []Need) { *w.needs.At(p) = needs }

// OnlyCircular says that the pass found everything it needs but an order. It
// may need changes of the configuration as well.
func (w *Pass) OnlyCircular() bool {
	f := &w.Facts
	return w.Order != nil && w.Order.Circular != nil && len(w.S.Tracker.Conflicts()) == 0 &&
		len(f.Unsatisfied) == 0 && len(f.Errors) == 0 && len(f.SlotConflicts) == 0 &&
		f.VirtualCycle == nil && f.MissingDep == nil
}
