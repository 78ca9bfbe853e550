package ebuild

import (
	"context"
	"errors"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/ebuild/md5cache"
)

// An Ebuild is one ebuild of a repository, and what is known of its metadata
// without sourcing it.
type Ebuild struct {
	CPV       atoms.CPV
	PF        string // PN-PVR as the file spells it
	Path      string
	EntryPath string          // where the repository's cache has its entry, or would have it
	Entry     *md5cache.Entry // fresh metadata; nil: there is none
	Shipped   bool            // Entry is that of the repository's cache, not from the user's side
	Stale     error           // why the repository's cache has no fresh entry; nil if Shipped
}

// Ebuilds gives the ebuilds of a package in ascending order of versions, without
// sourcing any: what it takes to bring the repository's cache up to date. Problems
// with files are in the error and leave the others as they are. A repository that
// was shipped without ebuilds has none.
func (r *Repository) Ebuilds(cp atoms.CP) ([]Ebuild, error) {
	if !r.store.ebuilds || !r.set.HasCategory(cp.Category()) {
		return nil, nil
	}
	f := r.store.find(cp)
	r.store.keep(cp, &f)
	list := make([]Ebuild, len(f.records))
	for i, rec := range f.records {
		list[i] = Ebuild{
			CPV: rec.cpv, PF: rec.pf, Path: rec.path, EntryPath: rec.entryPath,
			Entry: rec.entry, Shipped: rec.shipped, Stale: rec.absent,
		}
	}
	return list, errors.Join(f.problems...)
}

// HasEbuilds says whether the versions of the repository are ebuilds. If not, it
// was shipped as a cache alone.
func (r *Repository) HasEbuilds() bool { return r.store.ebuilds }

// CacheDir gives the folder of the repository's md5-dict cache.
func (r *Repository) CacheDir() string { return r.store.cache }

// Source makes the metadata of an ebuild with the set's generator.
func (r *Repository) Source(ctx context.Context, e *Ebuild) (*md5cache.Entry, error) {
	if r.store.source == nil {
		return nil, &linefile.Problem{File: e.Path, Err: errNotSourced}
	}
	return r.store.source(ctx, e.CPV, e.Path)
}

// errNotSourced says that a set was opened without a generator.
var errNotSourced = errors.New("ebuilds are not sourced here")

// Keep writes metadata to the user-side cache, if there is one and the metadata is
// not in it.
func (r *Repository) Keep(e *Ebuild, entry *md5cache.Entry) (written bool, err error) {
	if r.store.user == nil {
		return false, nil
	}
	about := r.store.about(&record{version: version{e.CPV, e.PF}})
	about.MD5 = entry.MD5()
	if old, err := r.store.user.Get(about); err == nil && old.Text() == entry.Text() {
		return false, nil
	}
	err = r.store.user.Put(about, entry)
	return err == nil, err
}

// UserCacheDir gives the folder of the repository's entries in the user-side
// cache, or "" without such a cache.
func (r *Repository) UserCacheDir() string {
	if r.store.user == nil {
		return ""
	}
	return r.store.user.Location(r.Location)
}
