package sets

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// eachInstalled calls do for every installed package, by name and version.
func (b *builder) eachInstalled(c *collector, do func(*ebuild.Package)) {
	if b.Queries.Installed == nil {
		c.fail(unanswered("installed packages"))
		return
	}
	cps, err := b.Queries.Installed.CPs()
	c.fail(err)
	for _, cp := range cps {
		packages, err := b.Queries.Installed.Packages(cp)
		c.fail(err)
		for _, p := range packages {
			do(p)
		}
	}
}

// best returns the last of packages, which ascend, or nil.
func best(packages []*ebuild.Package) *ebuild.Package {
	if len(packages) == 0 {
		return nil
	}
	return packages[len(packages)-1]
}

// bestVisible returns the highest visible ebuild of a package's slot, or nil.
func (b *builder) bestVisible(c *collector, p *ebuild.Package) *ebuild.Package {
	matches, err := b.matches(b.Queries.Ebuilds, slotAtom(p), b.Queries.Visible)
	c.fail(err)
	return best(matches)
}

// compared makes the sets of installed packages that compare well or badly
// with what else there is.
func (b *builder) compared(class string) (*Set, error) {
	s := &Set{Unmerge: true}
	switch class {
	case classEverything:
		s.Unmerge = false
		s.load = func(c *collector) { b.eachInstalled(c, c.addSlot) }
	case classSubslot:
		s.load = func(c *collector) {
			b.eachInstalled(c, func(p *ebuild.Package) {
				if e := b.bestVisible(c, p); e != nil && e.Subslot != p.Subslot {
					c.addSlot(p)
				}
			})
		}
	case classDowngrade:
		s.load = func(c *collector) {
			b.eachInstalled(c, func(p *ebuild.Package) {
				if e := b.bestVisible(c, p); e != nil && p.CPV.Version.Compare(e.CPV.Version) > 0 {
					c.addSlot(p)
				}
			})
		}
	case classRebuiltBinaries:
		s.Unmerge = false
		s.load = b.loadRebuilt
	case classChangedDeps:
		s.load = b.loadChangedDeps
	}
	return s, nil
}

// loadRebuilt adds packages with a binary of their version built at another time.
func (b *builder) loadRebuilt(c *collector) {
	b.eachInstalled(c, func(p *ebuild.Package) {
		same, err := b.matches(b.Queries.Binaries, atoms.NewVersionAtom(atoms.OpEqual, p.CPV), nil)
		c.fail(err)
		if newest := best(same); newest != nil && newest.BuildTime() != 0 && newest.BuildTime() != p.BuildTime() {
			c.addSlot(p)
		}
	})
}

// loadChangedDeps adds installed packages whose RDEPEND or PDEPEND, evaluated
// with the flags they were built with, differ from those of the ebuild of the
// same version, slots bound by := aside.
func (b *builder) loadChangedDeps(c *collector) {
	b.eachInstalled(c, func(p *ebuild.Package) {
		same, err := b.matches(b.Queries.Ebuilds, atoms.NewVersionAtom(atoms.OpEqual, p.CPV),
			func(e *ebuild.Package) bool { return e.CPV == p.CPV })
		c.fail(err)
		e := best(same)
		if e == nil {
			return
		}
		for _, class := range []atoms.DepClass{atoms.RDepend, atoms.PDepend} {
			was, err := runtimeDeps(p, p, class)
			if c.fail(err) {
				return
			}
			is, err := runtimeDeps(e, p, class)
			if c.fail(err) {
				return
			}
			if was != is {
				c.add(atoms.NewVersionAtom(atoms.OpEqual, p.CPV))
				return
			}
		}
	})
}

// runtimeDeps returns dependencies of p as text, evaluated with the flags of
// built, and with the slots stripped that := was bound to.
func runtimeDeps(p, built *ebuild.Package, class atoms.DepClass) (string, error) {
	tree, err := p.Deps(class)
	if err != nil {
		return "", fmt.Errorf("%s: %w", p, err)
	}
	enabled := func(flag string) bool { return slices.Contains(built.USE, flag) }
	tree = atoms.Reduce(tree, atoms.ReduceOptions{EAPI: p.EAPI, Enabled: enabled})
	return stripSlots(tree).String(), nil
}

// stripSlots returns a tree whose atoms with operator := have no slot.
func stripSlots(s *atoms.Dep) *atoms.Dep {
	if s.Kind == atoms.KindLeaf {
		if s.Leaf.SlotOp != atoms.SlotOpRebuild || s.Leaf.Slot == "" {
			return s
		}
		return &atoms.Dep{Kind: atoms.KindLeaf, Leaf: s.Leaf.WithSlot("", "", atoms.SlotOpRebuild)}
	}
	stripped := *s
	stripped.Children = make([]*atoms.Dep, len(s.Children))
	for i, child := range s.Children {
		stripped.Children[i] = stripSlots(child)
	}
	return &stripped
}

// store returns the packages that the option key names: of the vartree, the
// porttree (only visible ones) or the bintree.
func (b *builder) store(key, otherwise string) (ebuild.Source, func(*ebuild.Package) bool, error) {
	switch name := b.get(key, otherwise); name {
	case "vartree":
		return b.Queries.Installed, nil, nil
	case "porttree":
		return b.Queries.Ebuilds, b.Queries.Visible, nil
	case "bintree":
		return b.Queries.Binaries, nil, nil
	default:
		return nil, nil, fmt.Errorf("%w: %s = %s", ErrOption, key, name)
	}
}

// unavailable makes the set of installed packages of whose slot a store has
// nothing.
func (b *builder) unavailable() (*Set, error) {
	store, filter, err := b.store("metadata-source", "porttree")
	if err != nil {
		return nil, err
	}
	return &Set{Unmerge: true, load: func(c *collector) {
		b.eachInstalled(c, func(p *ebuild.Package) {
			matches, err := b.matches(store, slotAtom(p), filter)
			if !c.fail(err) && len(matches) == 0 {
				c.addSlot(p)
			}
		})
	}}, nil
}

// category makes the set of all packages of a category.
func (b *builder) category() (*Set, error) {
	category, err := b.need("category")
	if err != nil {
		return nil, err
	}
	return b.categorySet(category)
}

// categories makes a set of each category.
func (b *builder) categories() ([]*Set, error) {
	name, err := b.pattern("category", "$category/*")
	if err != nil {
		return nil, err
	}
	list := strings.Fields(b.get("categories", ""))
	if _, ok := b.options["categories"]; !ok {
		if list, err = b.allCategories(); err != nil {
			return nil, err
		}
	}
	var made []*Set
	for _, category := range list {
		s, err := b.categorySet(category)
		if err != nil {
			return nil, err
		}
		s.Name = name(category)
		made = append(made, s)
	}
	return made, nil
}

// allCategories returns the categories of all ebuilds.
func (b *builder) allCategories() ([]string, error) {
	if b.Queries.Ebuilds == nil {
		return nil, unanswered("packages")
	}
	cps, err := b.Queries.Ebuilds.CPs()
	var list []string
	for _, cp := range cps {
		list = append(list, cp.Category())
	}
	return slices.Compact(list), err
}

// categorySet returns the set of a category.
func (b *builder) categorySet(category string) (*Set, error) {
	if b.Queries.Category != nil && !b.Queries.Category(category) {
		return nil, fmt.Errorf("%w: unknown category %q", ErrOption, category)
	}
	store, filter, err := b.store("repository", "porttree")
	if err != nil {
		return nil, err
	}
	visible, err := b.bool("only_visible", true)
	if err != nil {
		return nil, err
	}
	which := "all"
	if visible {
		which = "visible"
	}
	return &Set{Unmerge: true, Description: "Package set containing " + which + " packages of category " + category, load: func(c *collector) {
		if store == nil {
			c.fail(unanswered("packages"))
			return
		}
		cps, err := store.CPs()
		c.fail(err)
		for _, cp := range cps {
			if cp.Category() != category {
				continue
			}
			a := atoms.NewAtom(cp)
			if visible {
				matches, err := b.matches(store, a, filter)
				if c.fail(err) || len(matches) == 0 {
					continue
				}
			}
			c.add(a)
		}
	}}, nil
}
