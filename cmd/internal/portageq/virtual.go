package portageq

import (
	"context"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/vdb"
)

// expandVirtual tells what the installed packages of category virtual behind an
// atom need to run, virtual ones expanded in turn. A virtual package that is not
// installed stands for itself.
func expandVirtual(_ context.Context, c *call) error {
	a, err := atoms.ParseAtom(c.args[0], atoms.AtomOptions{AllowRepo: true})
	if err != nil {
		return c.invalid(&invalidError{c.args[0]}, statusFew)
	}
	db := c.installed(vdb.Interest{})
	defer db.Close() // losing the index costs time, nothing else
	e := &expansion{call: c, db: db}
	if err := e.expand(a, true); err != nil {
		return err
	}
	slices.Sort(e.out)
	if c.json {
		return Atoms.Write(c.env.Out, &atomsDoc{Request: c.args[0], Atoms: append([]string{}, e.out...)})
	}
	return c.lines(e.out...)
}

// An expansion of an atom.
type expansion struct {
	*call
	db   *vdb.DB
	done []string // the virtual packages that were expanded
	out  []string
}

// expand adds what an atom stands for. first is the atom of the request, which may
// be a blocker.
func (e *expansion) expand(a *atoms.Atom, first bool) error {
	if a.Blocker != atoms.BlockNone && !first {
		return nil
	}
	if a.CP.Category() != "virtual" || a.Blocker != atoms.BlockNone {
		if a.Blocker == atoms.BlockNone {
			e.out = append(e.out, a.String())
		}
		return nil
	}
	found, err := e.matches(a)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		e.out = append(e.out, a.String())
		return nil
	}
	p := found[len(found)-1]
	if slices.Contains(e.done, p.CPV.String()) {
		return nil
	}
	e.done = append(e.done, p.CPV.String())
	deps, err := p.Deps(atoms.RDepend)
	if err != nil || p.EAPI == nil {
		e.out = append(e.out, a.String())
		return nil
	}
	enabled := func(flag string) bool { return slices.Contains(p.USE, flag) }
	chosen, err := e.choose(atoms.Reduce(deps, atoms.ReduceOptions{Enabled: enabled}), enabled)
	if err != nil {
		return err
	}
	for _, next := range chosen {
		if err := e.expand(next, false); err != nil {
			return err
		}
	}
	return nil
}

func (e *expansion) matches(a *atoms.Atom) ([]*ebuild.Package, error) {
	list, err := e.db.Packages(a.CP)
	if err != nil {
		return nil, err
	}
	return e.filter(a, list)
}

// choose takes of a reduced dependency what is needed: of alternatives the first
// whose packages are all installed, else the first.
func (e *expansion) choose(d *atoms.Dep, enabled func(string) bool) ([]*atoms.Atom, error) {
	if d.Kind == atoms.KindLeaf {
		return []*atoms.Atom{d.Leaf.EvaluateUSE(enabled)}, nil
	}
	var all []*atoms.Atom
	for i, child := range d.Children {
		list, err := e.choose(child, enabled)
		if err != nil {
			return nil, err
		}
		if d.Kind != atoms.KindAny {
			all = append(all, list...)
			continue
		}
		ok, err := e.satisfied(list)
		if err != nil {
			return nil, err
		}
		if ok {
			return list, nil
		}
		if i == 0 {
			all = list
		}
	}
	return all, nil
}

func (e *expansion) satisfied(list []*atoms.Atom) (bool, error) {
	for _, a := range list {
		found, err := e.matches(a.Unblocked())
		if err != nil || (len(found) > 0) == (a.Blocker != atoms.BlockNone) {
			return false, err
		}
	}
	return true, nil
}
