package ebuild

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/depcache"
	"github.com/tumpline/tumpline/ebuild/eclass"
	"github.com/tumpline/tumpline/ebuild/index"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/ebuild/md5cache"
)

// A record is the metadata of one version, or why there is none.
type record struct {
	version
	path      string // of the ebuild, or of the cache entry if there are only these
	entryPath string // where the repository's cache has or would have its entry
	entry     *md5cache.Entry
	shipped   bool  // the entry is the repository's own
	absent    error // why the repository's cache has no entry that can be used
	problem   error // why there is no metadata, if sourcing did not give any
	eapi      string
	generated bool
	stamp     index.Stamp // of the ebuild, taken before anything was read
}

// A found is the records of one package as they were found, and the index row
// that they make.
type found struct {
	records  []record
	problems []error
	known    *index.Package
	next     *index.Package
	changed  bool
}

// find gives all versions of a package in ascending order, with the metadata
// that can be had without sourcing.
func (s *store) find(cp atoms.CP) found {
	if f := s.seen.take(cp); f != nil {
		return *f
	}
	return s.look(cp)
}

// look is find, in the files.
func (s *store) look(cp atoms.CP) found {
	var f found
	c := s.category(cp.Category())
	if c.err != nil {
		f.problems = append(f.problems, c.err)
	}
	var versions []version
	if s.ebuilds {
		if _, ok := slices.BinarySearch(c.names, cp.Name()); !ok {
			return f
		}
	} else if versions = c.versions(cp); versions == nil {
		return f
	}
	if f.known = s.index.Package(cp.Category(), cp.Name()); f.known == nil {
		f.known = &index.Package{}
	}
	f.next = &index.Package{Name: cp.Name()}
	if s.ebuilds {
		var problems []error
		versions, problems = s.ebuildVersions(cp, f.known, f.next)
		f.problems = append(f.problems, problems...)
	}
	f.changed = f.known.Dir != f.next.Dir
	f.records = make([]record, 0, len(versions))
	for _, v := range versions {
		r, e := s.record(v, f.known.Find(v.pf))
		f.records = append(f.records, r)
		f.note(v.pf, e)
		if r.entry != nil {
			f.problems = append(f.problems, r.entry.Problems()...)
		}
	}
	return f
}

// note puts an entry into the row that the index should have, if there is one.
func (f *found) note(pf string, e *index.Entry) {
	known := f.known.Find(pf)
	if e == nil {
		f.changed = f.changed || known != nil
		return
	}
	f.next.Entries = append(f.next.Entries, *e)
	f.changed = f.changed || known == nil || *known != *e
}

// keep gives the row to the index.
func (s *store) keep(cp atoms.CP, f *found) {
	if !f.changed || len(f.records) == 0 {
		return
	}
	slices.SortFunc(f.next.Entries, func(a, b index.Entry) int { return strings.Compare(a.Name, b.Name) })
	s.index.PutPackage(cp.Category(), f.next)
}

// record looks for the metadata of one version: in the repository's cache, then
// in what the index has from elsewhere, then in the user-side cache. Known is
// what the index has of the version, or nil; e is what it should have, nil if
// nothing. An index entry with a stamp of a cache entry is that cache entry; one
// without belongs to the ebuild alone.
func (s *store) record(v version, known *index.Entry) (r record, e *index.Entry) {
	r = record{version: v, entryPath: s.cache + "/" + v.cpv.CP.Category() + "/" + v.pf}
	r.path = r.entryPath
	now := index.Entry{Name: v.pf, Cache: stamp(r.entryPath)}
	if s.ebuilds {
		r.path = s.location + "/" + string(v.cpv.CP) + "/" + v.pf + ebuildSuffix
		now.Ebuild = stamp(r.path)
		r.stamp = now.Ebuild
	}
	entry, err := s.shipped(&r, &now, known)
	if err == nil {
		r.entry, r.shipped = entry, true
		return r, &now
	}
	r.absent = err
	r.problem = s.missing(r.absent)
	if !s.ebuilds {
		return r, nil
	}
	now.Cache = index.Stamp{}
	if known != nil && known.Cache == now.Cache && known.Ebuild == now.Ebuild {
		entry, err := md5cache.Parse(r.entryPath, known.Text)
		if err == nil && s.fresh(entry, r.entryPath, entry.MD5()) == nil {
			r.entry, r.problem = entry, nil
			return r, known
		}
	}
	if entry := s.userEntry(&r); entry != nil {
		r.entry, r.problem, now.Text = entry, nil, entry.Text()
		return r, &now
	}
	return r, nil
}

// shipped gives the entry of the repository's cache. An ebuild that is known to
// be unchanged since it was found to be that of the entry is not read.
func (s *store) shipped(r *record, now, known *index.Entry) (*md5cache.Entry, error) {
	same := known != nil && known.Cache == now.Cache && known.Ebuild == now.Ebuild && now.Cache != index.Stamp{}
	if same {
		now.Text = known.Text
	} else {
		var err error
		if now.Text, now.Cache, err = readFile(r.entryPath); err != nil {
			return nil, err
		}
	}
	entry, err := md5cache.Parse(r.entryPath, now.Text)
	if err != nil || !s.ebuilds {
		return entry, err
	}
	sum := entry.MD5()
	if !same {
		if sum, err = eclass.FileMD5(r.path); err != nil {
			return nil, err
		}
	}
	return entry, s.fresh(entry, r.entryPath, sum)
}

// fresh says why an entry does not speak for the ebuild of that digest, if so.
func (s *store) fresh(e *md5cache.Entry, entryPath, sum string) error {
	state, culprit := e.Check(sum, s.eclasses)
	if state == md5cache.Fresh {
		return nil
	}
	return &linefile.Problem{File: entryPath, Text: culprit, Err: errors.New(state.String())}
}

// userEntry gives the entry of the user-side cache, or nil.
func (s *store) userEntry(r *record) *md5cache.Entry {
	if s.user == nil {
		return nil
	}
	sum, err := eclass.FileMD5(r.path)
	if err != nil {
		return nil
	}
	about := s.about(r)
	about.MD5 = sum
	entry, err := s.user.Get(about)
	if err != nil {
		return nil // what the cache does not have has to be made again
	}
	return entry
}

// about is a version as the user-side cache knows it.
func (s *store) about(r *record) *depcache.Ebuild {
	return &depcache.Ebuild{
		Repository: s.location, Category: r.cpv.CP.Category(), PF: r.pf,
		MTime: r.stamp.MTime / 1e9, Eclasses: s.eclasses,
	}
}

// missing makes the problem of a version without metadata.
func (s *store) missing(err error) error {
	var p *linefile.Problem
	if s.ebuilds && errors.As(err, &p) {
		err = &linefile.Problem{File: p.File, Line: p.Line, Text: p.Text, Err: fmt.Errorf("%w: %w", ErrNoMetadata, p.Err)}
	}
	return &MetadataError{Fault: FaultMetadata, Err: err}
}
