package ebuild

import (
	"errors"
	"slices"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/eclass"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// A Source yields the packages of one store: an ebuild repository, the package
// database, a binhost. It must be safe for concurrent use, and give the same
// packages (the same pointers) every time.
type Source interface {
	// Packages gives all packages of a name in ascending order of versions. An
	// unknown name has none and is no error. With an error, the packages given are
	// those that could be read.
	Packages(cp atoms.CP) ([]*Package, error)
	// CPs gives the names of all packages, sorted.
	CPs() ([]atoms.CP, error)
}

// A Repository is one ebuild repository. It is a Source.
//
// Its versions are its ebuild files, and their metadata comes from the md5-dict
// cache where an entry is fresh: made from the ebuild and the eclasses as they
// are now; else from the user-side cache. An ebuild without a fresh entry is
// sourced if there is a MetadataGenerator, else yielded without metadata, its
// Invalid telling why. A repository that was
// shipped with a cache and without ebuilds is usable as well: then its versions
// are the entries of the cache, which is believed.
type Repository struct {
	Name     string
	Location string
	Priority int
	Masters  []*Repository
	Aliases  []string
	Layout   repos.Layout
	Config   *repos.Repo // everything configured about it

	set   *RepoSet
	store *store

	mu       sync.Mutex
	packages map[atoms.CP]*versions
	singles  map[atoms.CPV]*single // versions that were looked for alone
	problems []error
}

// versions are the packages of one name.
type versions struct {
	once     sync.Once
	list     []*Package
	err      error
	told     sync.Once
	problems []error // told when the packages are first asked for
}

// String gives the name.
func (r *Repository) String() string { return r.Name }

// Eclasses gives the eclasses that ebuilds of the repository see.
func (r *Repository) Eclasses() *eclass.Set { return r.store.eclasses }

// Packages gives all versions of a package, see Source. A category that no
// categories file lists has none, as in Portage.
func (r *Repository) Packages(cp atoms.CP) ([]*Package, error) {
	v := r.load(cp, asked)
	v.told.Do(func() {
		for _, p := range v.problems {
			r.report(p)
		}
	})
	return v.list, v.err
}

// Peek gives what Packages gives, for who expects that a package will be asked
// for: it tells nothing of problems, which are left to Packages.
func (r *Repository) Peek(cp atoms.CP) []*Package { return r.load(cp, ahead).list }

// load reads all versions of a package, once.
func (r *Repository) load(cp atoms.CP, why purpose) *versions {
	r.mu.Lock()
	v := r.packages[cp]
	if v == nil {
		v = &versions{}
		r.packages[cp] = v
	}
	r.mu.Unlock()
	v.once.Do(func() { r.read(cp, v, why) })
	return v
}

func (r *Repository) read(cp atoms.CP, v *versions, why purpose) {
	if !r.set.HasCategory(cp.Category()) {
		if dir, _ := r.store.folder(cp.Category()); cp.Category() != "" && isFolder(dir) {
			v.problems = append(v.problems, &linefile.Problem{File: dir, Err: errUnlisted})
		}
		return
	}
	v.err = r.store.category(cp.Category()).err
	records, problems := r.store.records(r.set.ahead.ctx, cp, why)
	v.problems = problems
	var generated []*Package
	for _, rec := range records {
		p := r.built(&rec)
		v.list = append(v.list, p)
		if rec.problem != nil {
			v.problems = append(v.problems, rec.problem)
		}
		if rec.generated {
			generated = append(generated, p)
		}
	}
	if generated != nil {
		r.set.ahead.add(dependencies(generated))
	}
}

func (r *Repository) build(rec *record) *Package {
	in := Input{CPV: rec.cpv, Repo: r.Name, Origin: OriginEbuild, Path: rec.path, Pool: r.set.pool}
	switch {
	case rec.entry != nil:
		in.Metadata = rec.entry
	case rec.eapi != "":
		in.Metadata = Map{"EAPI": rec.eapi}
	case rec.problem != nil:
		in.Problems = []error{rec.problem}
	}
	return Make(in)
}

// errUnlisted reports the folder of a category that no categories file lists.
var errUnlisted = errors.New("category is not listed in profiles/categories of any repository")

// CPs gives the names of all packages, sorted. If versions are ebuild files, a
// package folder without ebuilds counts as well, as in Portage.
func (r *Repository) CPs() ([]atoms.CP, error) {
	var cps []atoms.CP
	var errs []error
	for _, name := range r.set.Categories() {
		names, err := r.store.packages(name)
		if err != nil {
			errs = append(errs, err)
		}
		for _, pn := range names {
			cps = append(cps, atoms.CP(name+"/"+pn))
		}
	}
	slices.Sort(cps) // "a/" sorts after "a-b/"
	return cps, errors.Join(errs...)
}

// report notes a problem of the repository.
func (r *Repository) report(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.problems = append(r.problems, err)
}

// Problems lists what has been found wrong with files of the repository so far,
// sorted by text. Most are *linefile.Problem or *MetadataError.
func (r *Repository) Problems() []error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return sortErrors(r.problems)
}

func sortErrors(errs []error) []error {
	errs = slices.Clone(errs)
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return slices.CompactFunc(errs, func(a, b error) bool { return a.Error() == b.Error() })
}
