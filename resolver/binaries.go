package resolver

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/partial"
)

// repoBinaries reads what repos.conf says about binary packages.
func (r *resolution) repoBinaries() []params.RepoBinaries {
	lists, problems := r.sys.ReadRepoBinaries()
	r.problems = append(r.problems, problems...)
	return lists
}

// ReadRepoBinaries returns what repos.conf says about binary packages of the
// target's repositories; the errors tell what was left out.
func (s *System) ReadRepoBinaries() (lists []params.RepoBinaries, problems []error) {
	for _, repo := range s.Target.Repos {
		b, errs := params.ReadRepoBinaries(repo.Name, repo.Config.Option("usepkg-exclude"), repo.Config.Option("usepkg-include"))
		problems = append(problems, errs...)
		lists = append(lists, b)
	}
	return lists, problems
}

// named returns the names that the arguments ask for, with the members of
// sets: the packages that --nobindeps takes binary packages of.
func (r *resolution) named(args []*partial.Arg) []*atoms.Atom {
	var list []*atoms.Atom
	add := func(a *atoms.Atom) {
		if name := r.u.NameAtom(a.CP); !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	seen := make(map[string]bool)
	var members func(s *partial.Set)
	members = func(s *partial.Set) {
		if s == nil || seen[s.Name] {
			return
		}
		seen[s.Name] = true
		for _, a := range s.Atoms {
			add(a)
		}
		for _, name := range s.Nested {
			members(r.Set(r.u.Target, name))
		}
	}
	for _, arg := range args {
		if arg.Set != nil {
			members(arg.Set)
			continue
		}
		for _, a := range arg.Atoms() {
			add(a)
		}
	}
	return list
}
