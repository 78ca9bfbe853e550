package complete

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/choose"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/universe"
)

// rank orders the packages that match an atom as Portage would take them: what
// is installed where no update is wanted, then what the chooser selects, then
// by version.
func (f *formula) rank(r *universe.Root, a *atoms.Atom, list []*node, argument bool) []*node {
	if len(list) < 2 {
		return list
	}
	pick := f.survey.C.Select(choose.Ask{Root: r, Atom: a, OnlyDeps: argument && f.p.OnlyDeps}).Pkg
	// Beyond the depth of updates what is installed satisfies dependencies (D16, D19).
	keep := !argument && (!f.p.Update || f.survey.S.Deep != params.Infinite)
	place := func(n *node) int {
		switch {
		case keep && n.pkg.Installed() && n.pkg.Visible():
			return 0
		case n.pkg == pick:
			return 1
		case !f.p.Update && n.pkg.Installed():
			return 2
		default:
			return 3
		}
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *node) int { return place(a) - place(b) })
	return list
}
