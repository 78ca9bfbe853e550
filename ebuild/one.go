package ebuild

import (
	"context"
	"errors"
	"io/fs"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/index"
)

// A single is one version of a package that was looked for alone.
type single struct {
	find   sync.Once // fills record and exists, without sourcing
	record record
	exists bool

	made sync.Once // fills pkg
	pkg  *Package  // nil: there is none

	told sync.Once
}

// Package gives one version of a package, the one that Packages has of that
// name; nil if there is none. Nothing is read, sourced or told of the other
// versions, so that it serves who wants to know what became of the ebuild that
// an installed package was made of.
func (r *Repository) Package(cpv atoms.CPV) *Package {
	s, whole := r.single(cpv)
	if whole {
		list, _ := r.Packages(cpv.CP) // an error is not of this version
		for _, p := range list {
			if p.CPV == cpv {
				return p
			}
		}
		return nil
	}
	p := r.makeSingle(s, cpv, asked)
	s.told.Do(func() { r.tellSingle(s) })
	return p
}

// single gives the place of a version; whole says that all versions are read
// or being read.
func (r *Repository) single(cpv atoms.CPV) (s *single, whole bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.packages[cpv.CP] != nil {
		return nil, true
	}
	s = r.singles[cpv]
	if s == nil {
		s = &single{}
		r.singles[cpv] = s
	}
	return s, false
}

// findSingle looks for the version, and says if it has to be sourced.
func (r *Repository) findSingle(s *single, cpv atoms.CPV) (stale bool) {
	s.find.Do(func() {
		if r.set.HasCategory(cpv.CP.Category()) {
			s.record, s.exists = r.store.one(cpv)
		}
	})
	return s.exists && s.record.entry == nil && r.store.sources()
}

func (r *Repository) makeSingle(s *single, cpv atoms.CPV, why purpose) *Package {
	stale := r.findSingle(s, cpv)
	s.made.Do(func() {
		if !s.exists {
			return
		}
		if stale {
			r.store.sourceOne(r.set.ahead.ctx, &s.record, why)
		}
		s.pkg = r.build(&s.record)
	})
	return s.pkg
}

func (r *Repository) tellSingle(s *single) {
	if !s.exists {
		return
	}
	if s.record.problem != nil {
		r.report(s.record.problem)
	}
	if s.record.entry != nil {
		for _, p := range s.record.entry.Problems() {
			r.report(p)
		}
	}
}

// built makes the package of a record, unless that was done for the version
// alone.
func (r *Repository) built(rec *record) *Package {
	r.mu.Lock()
	s := r.singles[rec.cpv]
	r.mu.Unlock()
	if s == nil {
		return r.build(rec)
	}
	s.made.Do(func() { s.pkg = r.build(rec) })
	if s.pkg == nil { // it came meanwhile
		return r.build(rec)
	}
	return s.pkg
}

// peekSingle reads a version that is likely to be asked for alone, unless it has
// to be sourced: then it is put into the queue for that, and nil is returned.
func (r *Repository) peekSingle(cpv atoms.CPV) *Package {
	s, whole := r.single(cpv)
	if whole {
		return nil
	}
	if r.findSingle(s, cpv) {
		r.set.ahead.do(func() { r.makeSingle(s, cpv, ahead) })
		return nil
	}
	return r.makeSingle(s, cpv, ahead)
}

// sources says that ebuilds without a fresh entry are sourced.
func (s *store) sources() bool { return s.source != nil && s.ebuilds }

// one is look for one version; false if there is none.
func (s *store) one(cpv atoms.CPV) (record, bool) {
	category, name, pf := cpv.CP.Category(), cpv.CP.Name(), cpv.PF()
	var known *index.Entry
	if row := s.index.Package(category, name); row != nil {
		known = row.Find(pf)
	}
	r, e := s.record(version{cpv, pf}, known)
	if s.ebuilds && r.stamp == (index.Stamp{}) || r.entry == nil && !s.ebuilds && errors.Is(r.absent, fs.ErrNotExist) {
		return r, false
	}
	if e != nil && (known == nil || *known != *e) {
		s.index.PutEntry(category, name, e)
	}
	return r, true
}

// sourceOne makes the metadata of a version that has none.
func (s *store) sourceOne(ctx context.Context, r *record, why purpose) {
	s.turns.enter(why)
	s.generateOne(ctx, r)
	s.turns.leave(why)
	if r.generated {
		s.index.PutEntry(r.cpv.CP.Category(), r.cpv.CP.Name(), r.indexed())
	}
}

// indexed is what the index should have of a record that was sourced.
func (r *record) indexed() *index.Entry {
	return &index.Entry{Name: r.pf, Ebuild: r.stamp, Text: r.entry.Text()}
}
