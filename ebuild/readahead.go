package ebuild

import (
	"slices"
	"sync"

	"github.com/tumpline/tumpline/atoms"
)

// ReadAhead reads a package that is likely to be asked for, beside other work,
// and checks the version that is likely to be chosen. It tells nothing about the
// package and sources nothing. It must not be called after Close.
func (s *RepoSet) ReadAhead(cp atoms.CP) {
	if !s.readAhead(cp) {
		return
	}
	for _, r := range s.all {
		for _, p := range slices.Backward(r.loaded(cp)) {
			if len(p.Keywords) > 0 {
				p.Invalid()
				break
			}
		}
	}
}

// ReadAheadOf is ReadAhead for who will ask only what the ebuild that an
// installed package came from says of dependencies (see Repository.Package). One
// that has to be sourced is, beside other work: it will be asked for.
func (s *RepoSet) ReadAheadOf(installed *Package) {
	for _, r := range s.all {
		if r.Name != installed.Repo {
			continue
		}
		if p := r.peekSingle(installed.CPV); p != nil {
			p.ParseDeps()
			installed.parseBuiltSlots()
			return
		}
	}
	installed.ParseDeps()
}

// parseBuiltSlots parses the recorded dependencies that count beside those of
// the ebuild.
func (p *Package) parseBuiltSlots() {
	for _, class := range depOrder() {
		if p.MayHaveBuiltSlots(class) {
			_, _ = p.Deps(class) // errors are told when they are asked for
		}
	}
}

// readAhead reads a package unless there is something to source: that is for
// who needs the package.
func (s *RepoSet) readAhead(cp atoms.CP) bool {
	if !s.HasCategory(cp.Category()) {
		return false
	}
	for _, r := range s.all {
		if !r.lookAhead(cp) {
			return false
		}
	}
	s.load(cp)
	return true
}

// ParseDeps parses the dependencies of all classes, so that they are ready when
// they are asked for. Errors are told then.
func (p *Package) ParseDeps() {
	for _, class := range depOrder() {
		_, _ = p.Deps(class)
	}
}

// lookAhead looks for the versions of a package unless that was done, and says
// whether there is nothing to source.
func (r *Repository) lookAhead(cp atoms.CP) bool {
	r.mu.Lock()
	asked := r.packages[cp] != nil
	r.mu.Unlock()
	if asked {
		return true // at worst, this waits for who asked
	}
	f := r.store.look(cp)
	fresh := !slices.ContainsFunc(f.records, func(rec record) bool { return rec.entry == nil })
	r.store.seen.put(cp, &f)
	return fresh
}

// loaded gives the packages of a name that has been loaded.
func (r *Repository) loaded(cp atoms.CP) []*Package {
	r.mu.Lock()
	v := r.packages[cp]
	r.mu.Unlock()
	if v == nil {
		return nil
	}
	return v.list
}

// sightings are packages that were looked for and not loaded yet.
type sightings struct {
	mu   sync.Mutex
	byCP map[atoms.CP]*found
}

func (s *sightings) put(cp atoms.CP, f *found) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byCP == nil {
		s.byCP = make(map[atoms.CP]*found)
	}
	s.byCP[cp] = f
}

// take gives what was found of a package, once, or nil.
func (s *sightings) take(cp atoms.CP) *found {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.byCP[cp]
	delete(s.byCP, cp)
	return f
}
