package report

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/render"
	"github.com/tumpline/tumpline/resolver/universe"
)

// blocked tells the packages that block each other and what asks for them
// (O62). Packages in slot conflicts are told there.
func (b *builder) blocked() *render.Blocked {
	if b.w.Order == nil || len(b.w.Order.Refused) == 0 {
		return nil
	}
	pkgs, parents := b.blockedParents()
	from := func(pkgs []*universe.Pkg) func(partial.ParentAtom) bool {
		return func(pa partial.ParentAtom) bool { return pa.Parent.Pkg != nil && slices.Contains(pkgs, pa.Parent.Pkg) }
	}
	// What only others of them ask for says nothing new.
	all := slices.Clone(pkgs)
	pkgs = slices.DeleteFunc(pkgs, func(p *universe.Pkg) bool {
		return !slices.ContainsFunc(parents[p], func(pa partial.ParentAtom) bool { return !from(all)(pa) })
	})
	out := &render.Blocked{}
	for _, p := range pkgs {
		list := slices.Clone(parents[p])
		slices.SortStableFunc(list, func(x, y partial.ParentAtom) int { return falseFirst(from(pkgs)(x), from(pkgs)(y)) })
		bp := render.BlockedPackage{Package: b.pkg(p)}
		for _, pa := range list {
			bp.Parents = append(bp.Parents, b.parentAtom(pa))
		}
		out.Packages = append(out.Packages, bp)
	}
	return out
}

// falseFirst orders truth values.
func falseFirst(x, y bool) int {
	switch {
	case x == y:
		return 0
	case y:
		return -1
	}
	return 1
}

// blockedParents returns the packages on both sides of the blocks that something
// asks for, in the order found, with what does.
func (b *builder) blockedParents() ([]*universe.Pkg, map[*universe.Pkg][]partial.ParentAtom) {
	kept := b.w.KeptForWorld()
	var pkgs []*universe.Pkg
	parents := make(map[*universe.Pkg][]partial.ParentAtom)
	for _, id := range b.w.Order.Refused {
		n := b.w.BlockerNode(id)
		for _, p := range append(b.w.BlockedBy(n), b.w.Blocking(n)...) {
			if slices.Contains(pkgs, p) || b.inConflict(p) {
				continue
			}
			list := b.w.S.Parents(p)
			if a := kept[p]; len(list) == 0 && a != nil {
				list = []partial.ParentAtom{{Parent: selected(p.Root), Atom: a}}
			}
			if len(list) > 0 {
				pkgs, parents[p] = append(pkgs, p), list
			}
		}
	}
	return pkgs, parents
}

// selected is the set @selected as something that requires a package.
func selected(r *universe.Root) partial.Parent {
	return partial.Parent{Arg: &partial.Arg{Kind: partial.ArgSet, Text: "@selected", Root: r, Set: &partial.Set{Name: "selected"}}}
}

// inConflict says if several packages claim the slot of p.
func (b *builder) inConflict(p *universe.Pkg) bool {
	return slices.ContainsFunc(b.w.S.Tracker.Conflicts(), func(c partial.Conflict) bool { return c.Slot == p.Slot })
}

func (b *builder) parentAtom(pa partial.ParentAtom) render.ParentAtom {
	out := render.ParentAtom{Parent: b.parent(pa.Parent)}
	if arg := pa.Parent.Arg; arg != nil && arg.Kind != partial.ArgSet {
		return out
	}
	out.Atom = pa.Atom.Unevaluated().String()
	if text := pa.Atom.String(); text != out.Atom {
		out.Evaluated = text
	}
	return out
}
