package walk

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// Survey returns a pass that has its arguments and follows nothing: its graph
// stays empty, and its chooser says what would be taken as things are. What
// search excludes may be changed between questions, after C.Forget.
func Survey(u *universe.Universe, p *params.Params, req *Request, search *partial.Search) *Pass {
	w := newPass(u, p, req, search, Options{NoAutounmask: true})
	w.prepareArgs()
	return w
}

// Wanted returns every atom that was asked for, sets and those nested in them
// taken apart, in the order in which arguments are added.
func (w *Pass) Wanted() []partial.ArgAtomMatch {
	var list []partial.ArgAtomMatch
	for arg := range w.expandSets(w.initial, false) {
		for _, a := range arg.Atoms() {
			list = append(list, partial.ArgAtomMatch{Arg: arg, Atom: a})
		}
	}
	return list
}

// ClassDeps is one dependency class of a package, its conditionals evaluated.
type ClassDeps struct {
	Class    atoms.DepClass
	Root     *universe.Root // where its packages have to be
	Deps     []*atoms.Dep   // all of them
	Optional bool           // the package does without
}

// DepsOf returns the dependencies of a package that the options leave in, in
// the order in which they are followed.
func (w *Pass) DepsOf(p *universe.Pkg) []ClassDeps {
	var list []ClassDeps
	if w.P.SonameDeps {
		var deps []*atoms.Dep
		for _, a := range p.Requires() {
			if !p.Root.Policy.SonameProvided(string(a.CP)) {
				deps = append(deps, &atoms.Dep{Kind: atoms.KindLeaf, Leaf: a})
			}
		}
		if len(deps) > 0 {
			list = append(list, ClassDeps{Class: atoms.RDepend, Root: p.Root, Deps: deps})
		}
	}
	withTests := w.wantsTests(p)
	for _, class := range universe.Classes() {
		c, ok := w.classOf(p, class, withTests)
		if ok {
			list = append(list, ClassDeps{
				Class: class, Root: c.root, Deps: append(c.tests, c.deps...),
				Optional: c.priority&(digraph.Optional|digraph.Ignored) != 0,
			})
		}
	}
	return list
}

// TreeOf returns a class of dependencies of a package as they are written, with
// their conditionals, as far as the options leave it in.
func (w *Pass) TreeOf(p *universe.Pkg, class atoms.DepClass) []*atoms.Dep {
	trees, _ := w.treesOf(p, class)
	var list []*atoms.Dep
	for _, t := range trees {
		list = append(list, t.Children...)
	}
	return list
}

// ProvidedBy says if package.provided of a root has what an atom asks for.
func ProvidedBy(r *universe.Root, a *atoms.Atom) bool { return providedBy(r, a) }
