package ebuild

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/depcache"
	"github.com/tumpline/tumpline/ebuild/eclass"
	"github.com/tumpline/tumpline/ebuild/index"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/ebuild/md5cache"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// A store reads names, versions and metadata of one repository from its files,
// with the index in between. It keeps what it has read: a repository does not
// change during a run.
type store struct {
	location string
	cache    string // metadata/md5-cache
	ebuilds  bool   // versions are ebuild files, not cache entries
	index    *index.Index
	eclasses *eclass.Set
	report   func(error)
	user     *depcache.Cache                                                                  // the user-side cache; nil: none
	source   func(ctx context.Context, cpv atoms.CPV, ebuild string) (*md5cache.Entry, error) // nil: ebuilds are not sourced
	turns    *turns                                                                           // of sourcing

	mu         sync.Mutex
	categories map[string]*category
	seen       sightings
}

// A category is the names in the folder of one category: of packages if versions
// are ebuilds, else of cache entries.
type category struct {
	once  sync.Once
	err   error
	names []string // sorted
}

// A version is one version of a package, found but not read.
type version struct {
	cpv atoms.CPV
	pf  string // PN-PVR as the file spells it
}

func newStore(r *repos.Repo, x *index.Index, user *depcache.Cache, report func(error)) *store {
	s := &store{
		location:   r.Location,
		cache:      filepath.Join(r.Location, "metadata", "md5-cache"),
		index:      x,
		user:       user,
		report:     report,
		categories: make(map[string]*category),
	}
	s.eclasses = eclass.NewSet(r.EclassLocations, s.digest)
	s.ebuilds = s.hasEbuilds()
	return s
}

// digest gives the md5 digest of a file, from the index if it knows the file as
// it is now.
func (s *store) digest(path string) (string, error) {
	now := stamp(path)
	if sum, ok := s.index.Digest(path, now); ok {
		return sum, nil
	}
	sum, err := eclass.FileMD5(path)
	if err == nil {
		s.index.PutDigest(path, index.Digest{Stamp: now, Sum: sum})
	}
	return sum, err
}

// category gives a category, read on first use. It stays empty if it is not
// there.
func (s *store) category(name string) *category {
	s.mu.Lock()
	c := s.categories[name]
	if c == nil {
		c = &category{}
		s.categories[name] = c
	}
	s.mu.Unlock()
	c.once.Do(func() {
		dir, w := s.folder(name)
		l, err := s.listing(name, dir, w)
		c.names, c.err = l.Names, err
	})
	return c
}

// folder says which names in which folder are those of a category.
func (s *store) folder(category string) (dir string, w want) {
	if s.ebuilds {
		return filepath.Join(s.location, category), wantFolders
	}
	return filepath.Join(s.cache, category), wantFiles
}

// listing gives the wanted names of a folder of a category, from the index if
// the folder has not changed.
func (s *store) listing(category, dir string, w want) (*index.Listing, error) {
	now := stamp(dir)
	if now == (index.Stamp{}) {
		return &index.Listing{}, nil
	}
	if l := s.index.Category(category); l != nil && l.Stamp == now {
		return l, nil
	}
	l, err := list(dir, w)
	if err == nil {
		s.index.PutCategory(category, l)
	}
	return l, err
}

// packages gives the names of all packages of a category, sorted. Files that are
// no cache entries are reported; folders that are no packages are common.
func (s *store) packages(name string) ([]string, error) {
	c := s.category(name)
	if c.err != nil {
		s.report(c.err)
	}
	var names []string
	for _, n := range c.names {
		if s.ebuilds {
			if _, err := atoms.ParseCP(name + "/" + n); err == nil {
				names = append(names, n)
			}
			continue
		}
		cpv, err := atoms.ParseCPV(name + "/" + n)
		if err != nil {
			s.report(&linefile.Problem{File: filepath.Join(s.cache, name, n), Err: err})
			continue
		}
		names = append(names, cpv.PN())
	}
	slices.Sort(names) // "a-1" sorts before "a-b-1", but "a-b" before "a-b+"
	return slices.Compact(names), c.err
}

// versions finds the versions of a package among the names of cache entries.
func (c *category) versions(cp atoms.CP) []version {
	var list []version
	prefix := cp.Name() + "-"
	first, _ := slices.BinarySearch(c.names, prefix)
	for _, pf := range c.names[first:] {
		if !strings.HasPrefix(pf, prefix) {
			break
		}
		cpv, err := atoms.ParseCPV(cp.Category() + "/" + pf)
		if err == nil && cpv.CP == cp {
			list = append(list, version{cpv, pf})
		}
	}
	sortVersions(list)
	return list
}

// sortVersions puts versions in ascending order. Equal versions that are written
// differently ("1", "1-r0") go by their text.
func sortVersions(list []version) {
	slices.SortFunc(list, func(a, b version) int {
		if c := a.cpv.Version.Compare(b.cpv.Version); c != 0 {
			return c
		}
		return strings.Compare(a.pf, b.pf)
	})
}

// ebuildVersions lists the ebuilds of a package and notes in next what was seen.
func (s *store) ebuildVersions(cp atoms.CP, known, next *index.Package) (versions []version, problems []error) {
	dir := filepath.Join(s.location, string(cp))
	next.Dir = stamp(dir)
	if next.Dir == known.Dir {
		next.Names = known.Names
	} else {
		l, err := list(dir, wantEbuilds)
		next.Dir, next.Names = l.Stamp, l.Names
		if err != nil {
			problems = append(problems, err)
			next.Dir = index.Stamp{} // do not believe it the next time
		}
	}
	for _, pf := range next.Names {
		cpv, err := atoms.ParseCPV(cp.Category() + "/" + pf)
		if err == nil && cpv.CP != cp {
			err = fmt.Errorf("ebuild of %s in the folder of %s", cpv.CP, cp)
		}
		if err != nil {
			problems = append(problems, &linefile.Problem{File: filepath.Join(dir, pf+ebuildSuffix), Err: err})
			continue
		}
		versions = append(versions, version{cpv, pf})
	}
	sortVersions(versions)
	return versions, problems
}
