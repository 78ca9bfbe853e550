package resolver

import (
	"context"
	"errors"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/depclean"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// ErrEmptyWorld says that @world has no members, so that everything would be
// up for removal (O34).
var ErrEmptyWorld = errors.New("set @world is empty")

// A RemovalRequest asks which installed packages of the target may go.
type RemovalRequest struct {
	Options *params.Options // Action must be params.ActionRemove
	Action  depclean.Action
	Atoms   []*atoms.Atom // what is up for removal; empty: everything
	// KeepSelected keeps the members of @selected required although atoms were
	// given (--deselect=n).
	KeepSelected bool
	// Libraries says which of the packages that would go hold libraries that
	// others need; nil: nobody knows.
	Libraries func(clean []*ebuild.Package) []LibraryUse
}

// A LibraryUse is an installed package whose libraries another one needs.
type LibraryUse struct {
	Package, Consumer *ebuild.Package
	Sonames           []string
}

// A Removal is the answer to a RemovalRequest.
type Removal struct {
	*depclean.Result

	System   *System
	Universe *universe.Universe
	Params   *params.Params
	// Members counts the atoms of the sets system, selected and profile, with
	// those of sets nested in them.
	Members  map[string]int
	Problems []error // of reading packages and sets
}

// Remove finds out what may be unmerged. The error is an UnknownSetError if
// @world holds a set that is not there, ErrEmptyWorld, or that of ctx.
func Remove(ctx context.Context, sys *System, req *RemovalRequest) (*Removal, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := &resolution{sys: sys, params: req.Options.Derive(), sets: make(map[setKey]*partial.Set)}
	r.buildUniverse()
	answer := &Removal{System: sys, Universe: r.u, Params: r.params, Members: make(map[string]int)}
	for _, name := range [...]string{"profile", "system", "selected", "world"} {
		n, err := r.count(name)
		if err != nil {
			return answer, err
		}
		if name == "world" && n == 0 {
			return answer, ErrEmptyWorld
		}
		if name != "world" {
			answer.Members[name] = n
		}
	}
	question := &depclean.Request{Action: req.Action, Atoms: req.Atoms, KeepSelected: req.KeepSelected, Sets: r}
	if req.Libraries != nil {
		question.Held = func(clean []*universe.Pkg) []depclean.Holding { return r.held(clean, req.Libraries) }
	}
	answer.Result = depclean.Find(r.u, r.params, question)
	answer.Problems = append(r.problems, r.u.Errors()...)
	return answer, nil
}

// count returns how many different atoms a set of the target has, with those
// of all sets nested in it; 0 if there is no such set.
func (r *resolution) count(name string) (int, error) {
	if r.Set(r.u.Target, name) == nil {
		return 0, nil
	}
	if err := r.checkNested(name, "", nil); err != nil {
		return 0, err
	}
	members, seen := make(map[string]bool), make(map[string]bool)
	var walk func(string)
	walk = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		s := r.Set(r.u.Target, name)
		for _, a := range s.Atoms {
			members[a.String()] = true
		}
		for _, n := range s.Nested {
			walk(n)
		}
	}
	walk(name)
	return len(members), nil
}

// held asks which packages of a clean list hold libraries that others need.
func (r *resolution) held(clean []*universe.Pkg, ask func([]*ebuild.Package) []LibraryUse) []depclean.Holding {
	var packages []*ebuild.Package
	for _, p := range clean {
		packages = append(packages, p.Package)
	}
	installed := func(p *ebuild.Package) *universe.Pkg {
		for _, q := range r.u.Installed(r.u.Target, r.u.NameAtom(p.CPV.CP)) {
			if q.CPV == p.CPV {
				return q
			}
		}
		return nil
	}
	var list []depclean.Holding
	for _, use := range ask(packages) {
		p, consumer := installed(use.Package), installed(use.Consumer)
		if p != nil && consumer != nil {
			list = append(list, depclean.Holding{Pkg: p, Consumer: consumer, Sonames: use.Sonames})
		}
	}
	return list
}
