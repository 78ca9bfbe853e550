package universe

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/params"
)

// Classes lists the dependency classes in the order in which a package's
// dependencies are followed (D3).
var classes = [...]atoms.DepClass{
	atoms.RDepend, atoms.IDepend, atoms.PDepend, atoms.Depend, atoms.BDepend,
}

// Classes returns the dependency classes in the order in which they are followed.
func Classes() [5]atoms.DepClass { return classes }

// Deps returns the dependency tree of one class as the resolver sees it. With
// dynamic dependencies an installed package depends on what its ebuild says
// today, plus the slot operator atoms recorded when it was built (S42).
// The error is a parse error of the metadata.
func (p *Pkg) Deps(class atoms.DepClass) (*atoms.Dep, error) {
	if !p.depsDone[class] {
		p.depsDone[class] = true
		p.deps[class], p.depsErr[class] = p.loadDeps(class)
	}
	return p.deps[class], p.depsErr[class]
}

// reducedDeps are evaluated dependencies of the classes of one package.
type reducedDeps [numClasses]struct {
	deps []*atoms.Dep
	done bool
}

// Evaluated returns the dependencies of a class as the flags leave them, see
// atoms.Reduce, by the rules of the EAPI. The caller must not change the slice.
func (p *Pkg) Evaluated(class atoms.DepClass, flags *Flags) ([]*atoms.Dep, error) {
	return p.evaluated(&p.reduced, class, flags, p.Effective().EAPI)
}

// EvaluatedVirtual is Evaluated as a virtual is looked into: an installed one
// follows the rules of no EAPI.
func (p *Pkg) EvaluatedVirtual(class atoms.DepClass, flags *Flags) ([]*atoms.Dep, error) {
	if !p.Installed() {
		return p.Evaluated(class, flags)
	}
	return p.evaluated(&p.reducedFree, class, flags, nil)
}

// evaluated keeps what is evaluated with the flags of p itself: that is the
// same in all passes.
func (p *Pkg) evaluated(kept **reducedDeps, class atoms.DepClass, flags *Flags, rules *eapi.Features) ([]*atoms.Dep, error) {
	own := flags == p.flags
	if own && *kept != nil && (*kept)[class].done {
		return (*kept)[class].deps, nil
	}
	tree, err := p.Deps(class)
	if err != nil {
		return nil, err
	}
	if len(tree.Children) == 0 {
		return nil, nil
	}
	deps := atoms.Reduce(tree, atoms.ReduceOptions{Enabled: flags.Enabled, EAPI: rules}).Children
	if own {
		if *kept == nil {
			*kept = new(reducedDeps)
		}
		known := &(*kept)[class]
		known.deps, known.done = slices.Clip(deps), true
	}
	return deps, nil
}

func (p *Pkg) loadDeps(class atoms.DepClass) (*atoms.Dep, error) {
	live := p.Live()
	if live == nil {
		tree, err := p.Package.Deps(class)
		if err == nil && p.Built() && p.u.params.IgnoreBuiltSlotOperatorDeps == params.Yes {
			tree = withoutBuiltSlots(tree)
		}
		return tree, err
	}
	tree, err := live.Deps(class)
	if err != nil || p.u.params.IgnoreBuiltSlotOperatorDeps == params.Yes {
		return tree, err
	}
	recorded := p.builtSlotAtoms(class)
	if len(recorded) == 0 {
		return tree, nil
	}
	joined := &atoms.Dep{Kind: atoms.KindAll, Children: make([]*atoms.Dep, 0, len(tree.Children)+len(recorded))}
	joined.Children = append(joined.Children, tree.Children...)
	for _, a := range recorded {
		joined.Children = append(joined.Children, &atoms.Dep{Kind: atoms.KindLeaf, Leaf: a})
	}
	return joined, nil
}

// Live returns the ebuild whose dependencies, EAPI and KEYWORDS an installed
// package follows, or nil if it keeps what was recorded (S42).
func (p *Pkg) Live() *ebuild.Package {
	if p.liveDone {
		return p.live
	}
	p.liveDone = true
	if !p.Installed() || !p.u.params.DynamicDeps || p.EAPI == nil {
		return nil
	}
	e := p.u.recipe(p)
	if e == nil || e.EAPI == nil {
		return nil
	}
	if !e.EAPI.SlotOperators && p.hasBuiltSlotAtoms() {
		return nil
	}
	p.live = e
	return p.live
}

// recipe gives the ebuild that an installed package was made of, nil if it is
// gone. Where only what is installed is walked, or nobody has asked for the
// name yet, no other version is read.
func (u *Universe) recipe(p *Pkg) *ebuild.Package {
	if p.Root.Ebuild != nil && (u.params.Action == params.ActionRemove || !u.isLoaded(p.Root, ebuild.OriginEbuild, p.Name)) {
		return p.Root.Ebuild(p.CPV, p.Repo)
	}
	if q := u.EbuildIn(p.Root, p.CPV, p.Repo); q != nil {
		return q.Package
	}
	return nil
}

func (p *Pkg) hasBuiltSlotAtoms() bool {
	if p.EAPI == nil || !p.EAPI.SlotOperators || p.u.params.IgnoreBuiltSlotOperatorDeps == params.Yes {
		return false
	}
	for _, c := range classes {
		if len(p.builtSlotAtoms(c)) > 0 {
			return true
		}
	}
	return false
}

// builtSlotAtoms returns the recorded atoms of the form cat/pkg:slot/sub=.
func (p *Pkg) builtSlotAtoms(class atoms.DepClass) []*atoms.Atom {
	if p.EAPI == nil || !p.EAPI.SlotOperators {
		return nil
	}
	if !p.MayHaveBuiltSlots(class) {
		return nil
	}
	tree, err := p.Package.Deps(class)
	if err != nil {
		return nil
	}
	var found []*atoms.Atom
	for _, a := range tree.Leaves(p.Flags().Enabled) {
		if a.SlotOpBuilt() {
			found = append(found, a)
		}
	}
	return found
}

// withoutBuiltSlots drops slot and sub-slot of recorded slot operator atoms.
func withoutBuiltSlots(d *atoms.Dep) *atoms.Dep {
	if d.Kind == atoms.KindLeaf {
		if !d.Leaf.SlotOpBuilt() {
			return d
		}
		return &atoms.Dep{Kind: atoms.KindLeaf, Leaf: d.Leaf.WithoutSlot()}
	}
	c := *d
	c.Children = make([]*atoms.Dep, len(d.Children))
	for i, x := range d.Children {
		c.Children[i] = withoutBuiltSlots(x)
	}
	return &c
}

// Effective returns the package whose EAPI rules the dependencies of p.
func (p *Pkg) Effective() *ebuild.Package {
	if live := p.Live(); live != nil {
		return live
	}
	return p.Package
}

// judged returns the package that visibility is judged on: an installed
// package with dynamic dependencies has the keywords of its ebuild.
func (p *Pkg) judged() *ebuild.Package {
	if live := p.Live(); live != nil {
		return p.Package.WithKeywordsOf(live)
	}
	return p.Package
}
