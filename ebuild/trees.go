package ebuild

import (
	"fmt"
	"sync/atomic"

	"github.com/tumpline/tumpline/atoms"
)

// A lazy value is made on first use. Two goroutines may both make it; equal
// values come out, and one is kept.
type lazy[T any] struct{ p atomic.Pointer[parsed[T]] }

type parsed[T any] struct {
	tree *T
	err  error
}

func (l *lazy[T]) get(parse func() (*T, error)) (*T, error) {
	v := l.p.Load()
	if v == nil {
		tree, err := parse()
		v = &parsed[T]{tree, err}
		if !l.p.CompareAndSwap(nil, v) {
			v = l.p.Load()
		}
	}
	return v.tree, v.err
}

// depClasses is the number of dependency classes.
const depClasses = int(atoms.IDepend) + 1

// trees are the parsed values of a package.
type trees struct {
	deps        [depClasses]lazy[atoms.Dep]
	license     lazy[atoms.License]
	requiredUSE lazy[atoms.RequiredUSE]
	srcURI      lazy[atoms.SrcURI]
	restrict    lazy[atoms.Words]
	properties  lazy[atoms.Words]
	invalid     lazy[[]error]
	flagUses    lazy[[]flagUse]
}

// keyed names the variable in an error.
func keyed[T any](key string, tree *T, err error) (*T, error) {
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return tree, nil
}

// Deps gives the dependencies of one class, USE conditionals included. Those of
// an installed package are read under no particular EAPI, as Portage does.
func (p *Package) Deps(c atoms.DepClass) (*atoms.Dep, error) {
	if int(c) >= depClasses {
		return nil, fmt.Errorf("internal error: no such dependency class: %v", c)
	}
	return p.trees.deps[c].get(func() (*atoms.Dep, error) {
		o := atoms.AtomOptions{EAPI: p.EAPI}
		if p.Origin == OriginInstalled {
			o.EAPI = nil
		}
		tree, err := p.pool.parseDep(p.Raw(c.String()), o)
		return keyed(c.String(), tree, err)
	})
}

// License gives LICENSE.
func (p *Package) License() (*atoms.License, error) {
	return p.trees.license.get(func() (*atoms.License, error) {
		tree, err := p.pool.parseLicense(p.Raw("LICENSE"))
		return keyed("LICENSE", tree, err)
	})
}

// RequiredUSE gives REQUIRED_USE.
func (p *Package) RequiredUSE() (*atoms.RequiredUSE, error) {
	return p.trees.requiredUSE.get(func() (*atoms.RequiredUSE, error) {
		tree, err := p.pool.parseRequiredUSE(p.Raw("REQUIRED_USE"), p.EAPI)
		return keyed("REQUIRED_USE", tree, err)
	})
}

// SrcURI gives SRC_URI.
func (p *Package) SrcURI() (*atoms.SrcURI, error) {
	return p.trees.srcURI.get(func() (*atoms.SrcURI, error) {
		tree, err := atoms.ParseSrcURI(p.Raw("SRC_URI"), p.EAPI)
		return keyed("SRC_URI", tree, err)
	})
}

// Restrict gives RESTRICT.
func (p *Package) Restrict() (*atoms.Words, error) {
	return p.trees.restrict.get(func() (*atoms.Words, error) {
		tree, err := p.pool.parseWords(p.Raw("RESTRICT"))
		return keyed("RESTRICT", tree, err)
	})
}

// Properties gives PROPERTIES.
func (p *Package) Properties() (*atoms.Words, error) {
	return p.trees.properties.get(func() (*atoms.Words, error) {
		tree, err := p.pool.parseWords(p.Raw("PROPERTIES"))
		return keyed("PROPERTIES", tree, err)
	})
}
