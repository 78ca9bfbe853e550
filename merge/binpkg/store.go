package binpkg

import (
	"cmp"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/profiles/binrepos"
)

// Options says what a Store holds.
type Options struct {
	Dir string // PKGDIR; "" for none
	// Trusted believes the index of Dir (FEATURES=pkgdir-index-trusted).
	Trusted bool
	// SignedOnly leaves out xpak packages, which cannot be signed
	// (FEATURES=binpkg-request-signature).
	SignedOnly bool
	Remotes    []Remote // by ascending priority, as binrepos.Read returns them
	Pool       *ebuild.Pool
	// Category tells if a category is known; nil: all are.
	Category func(string) bool
}

// A Remote is the index of one binhost.
type Remote struct {
	Repo   binrepos.Repo
	Index  *Index
	Filter binrepos.Filter // of Repo.Filter
}

// A Store is the binary packages of PKGDIR and of binhosts. It implements
// ebuild.Source, reads on first use, and does not notice later changes. It is
// safe for concurrent use.
type Store struct {
	Options

	once     sync.Once
	err      error
	cps      []atoms.CP
	packages map[atoms.CP][]*ebuild.Package
	headers  []*Stanza
	problems []error
}

// New returns the store that o describes. Nothing is read yet.
func New(o Options) *Store { return &Store{Options: o} }

// CPs returns the names of all packages, sorted. The slice must not be changed.
func (s *Store) CPs() ([]atoms.CP, error) {
	s.once.Do(s.load)
	return s.cps, s.err
}

// Packages returns the packages called cp in ascending order of version, then
// of build time, then of the place in the index; local ones come before remote
// ones. The slice must not be changed.
func (s *Store) Packages(cp atoms.CP) ([]*ebuild.Package, error) {
	s.once.Do(s.load)
	return s.packages[cp], s.err
}

// Headers returns the headers of all indices in use, the local one first.
func (s *Store) Headers() []*Stanza {
	s.once.Do(s.load)
	return s.headers
}

// Problems returns what was wrong with indices and package files:
// *linefile.Problem values.
func (s *Store) Problems() []error {
	s.once.Do(s.load)
	return s.problems
}

// instance identifies one build of a version.
type instance struct {
	cpv     string
	buildID int
	size    int64
	built   int64
	mtime   int64
}

// instanceOf returns the identity of p.
func instanceOf(p *ebuild.Package) instance {
	return instance{p.CPV.String(), p.BuildID, p.Size, p.BuildTime(), p.MTime}
}

// load reads everything.
func (s *Store) load() {
	var local []*ebuild.Package
	if s.Dir != "" {
		local = s.loadLocal()
	}
	known := make(map[instance]bool)
	all := lastOfEach(local)
	for _, p := range all {
		known[instanceOf(p)] = true
	}
	// One binhost that wants signatures makes Portage take gpkg only from all.
	signed := s.SignedOnly || slices.ContainsFunc(s.Remotes, func(r Remote) bool { return r.Repo.VerifySignature })
	for _, r := range slices.Backward(s.Remotes) {
		s.use(r.Index)
		for _, p := range s.remotePackages(r, signed) {
			if id := instanceOf(p); !known[id] {
				known[id] = true
				all = append(all, p)
			}
		}
	}
	s.packages = make(map[atoms.CP][]*ebuild.Package)
	for _, p := range all {
		s.packages[p.CP()] = append(s.packages[p.CP()], p)
	}
	for cp, list := range s.packages {
		slices.SortStableFunc(list, func(a, b *ebuild.Package) int {
			return cmp.Or(a.CPV.Version.Compare(b.CPV.Version), cmp.Compare(a.BuildTime(), b.BuildTime()))
		})
		s.cps = append(s.cps, cp)
	}
	slices.Sort(s.cps)
}

// lastOfEach returns packages without those that are there again later.
func lastOfEach(packages []*ebuild.Package) []*ebuild.Package {
	last := make(map[instance]int, len(packages))
	for i, p := range packages {
		last[instanceOf(p)] = i
	}
	kept := packages[:0:0]
	for i, p := range packages {
		if last[instanceOf(p)] == i {
			kept = append(kept, p)
		}
	}
	return kept
}

// loadLocal returns the packages of PKGDIR, in the order indexed.
func (s *Store) loadLocal() []*ebuild.Package {
	path := filepath.Join(s.Dir, "Packages")
	x, err := ReadIndex(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		x = ParseIndex(path, []byte("VERSION: 0\n"))
	case err != nil:
		s.problem(path, err)
		x = ParseIndex(path, []byte("VERSION: 0\n"))
	}
	s.use(x)
	if !s.Trusted {
		return s.scan(x)
	}
	var packages []*ebuild.Package
	for _, stanza := range x.Stanzas {
		if s.SignedOnly && stanza.Get("PATH") == "" {
			continue // xpak by default; Portage asks no further
		}
		packages = append(packages, s.local(stanza.CPV, stanza, stanza.Path()))
	}
	return packages
}

// use notes the header and the problems of an index.
func (s *Store) use(x *Index) {
	s.problems = append(s.problems, x.Problems...)
	if x.Stanzas != nil {
		s.headers = append(s.headers, x.Header)
	}
}

// local makes a package of PKGDIR.
func (s *Store) local(cpv atoms.CPV, m ebuild.Metadata, path string) *ebuild.Package {
	return ebuild.Make(ebuild.Input{
		CPV: cpv, Repo: m.Get("repository"), Origin: ebuild.OriginBinary, Metadata: m,
		Path: filepath.Join(s.Dir, path), Pool: s.Pool,
	})
}

// remotePackages returns the packages of a binhost that its filter lets pass,
// of formats that can be signed only if signed is set.
func (s *Store) remotePackages(r Remote, signed bool) []*ebuild.Package {
	var packages []*ebuild.Package
	for _, stanza := range r.Index.Stanzas {
		p := ebuild.Make(ebuild.Input{
			CPV: stanza.CPV, Repo: stanza.Get("repository"), Origin: ebuild.OriginBinary, Metadata: stanza,
			Path: stanza.Path(), Remote: r.Repo.Label(), Pool: s.Pool,
		})
		if signed && FormatOf(stanza.Path()) != FormatGPKG || !r.Filter.Passes(p) {
			continue
		}
		packages = append(packages, p)
	}
	return packages
}

// problem notes a problem of a file.
func (s *Store) problem(path string, err error) {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	s.problems = append(s.problems, &linefile.Problem{File: path, Err: err})
}
