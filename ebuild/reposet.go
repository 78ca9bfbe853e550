package ebuild

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/depcache"
	"github.com/tumpline/tumpline/ebuild/index"
	"github.com/tumpline/tumpline/ebuild/md5cache"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// OpenOptions says how repositories are opened. The zero value is usable.
type OpenOptions struct {
	Index          string    // folder of index files, made if missing; "" keeps indexes in memory
	Now            time.Time // time of the call, see index.Options
	UserCategories string    // folder of the user's file "categories" (/etc/portage); "" for none
	Pool           *Pool     // shared values; nil makes one
	Depcache       string    // folder of the user-side cache of metadata (/var/cache/edb/dep); "" for none
	Generator      MetadataGenerator
	Jobs           int // packages that are read ahead at once while ebuilds are sourced; 0: none
}

// A RepoSet is all configured repositories. It is a Source of the packages of
// all of them: in ascending order of versions, and of priorities among equal
// versions.
type RepoSet struct {
	config     *repos.Config
	all        []*Repository
	byConfig   map[*repos.Repo]*Repository
	main       *Repository
	categories []string
	listed     map[string]bool
	pool       *Pool
	generator  MetadataGenerator
	user       *depcache.Cache
	ahead      *prefetcher
	turns      *turns
	problems   []error
}

// Open opens the repositories of a configuration. No repository is read yet. What
// is wrong with one is told by Problems; an error means that none can be used.
func Open(cfg *repos.Config, o OpenOptions) (*RepoSet, error) {
	if cfg == nil {
		return nil, errors.New("open repositories: no configuration")
	}
	s := &RepoSet{
		config:    cfg,
		byConfig:  make(map[*repos.Repo]*Repository),
		pool:      o.Pool,
		generator: o.Generator,
		problems:  slices.Clone(cfg.Problems),
	}
	if s.pool == nil {
		s.pool = NewPool()
	}
	if o.Depcache != "" {
		s.user = depcache.Open(o.Depcache)
	}
	s.ahead, s.turns = newPrefetcher(o.Jobs, s.load), newTurns(o.Jobs)
	var errs []error
	s.categories, errs = cfg.Categories(o.UserCategories)
	s.problems = append(s.problems, errs...)
	s.listed = make(map[string]bool, len(s.categories))
	for _, c := range s.categories {
		s.listed[c] = true
	}
	for _, c := range cfg.Repos {
		s.open(c, o)
	}
	for _, r := range s.all {
		for _, m := range r.Config.Masters {
			if master := s.byConfig[m]; master != nil {
				r.Masters = append(r.Masters, master)
			}
		}
	}
	s.main = s.byConfig[cfg.Main]
	return s, nil
}

func (s *RepoSet) open(c *repos.Repo, o OpenOptions) {
	x := index.Options{Location: c.Location, Now: o.Now}
	if o.Index != "" && os.MkdirAll(o.Index, 0o755) == nil {
		x.Path = filepath.Join(o.Index, index.FileName(c.Name, c.Location))
	}
	r := &Repository{
		Name:     c.Name,
		Location: c.Location,
		Priority: c.Priority,
		Aliases:  c.Aliases,
		Layout:   c.Layout,
		Config:   c,
		set:      s,
		packages: make(map[atoms.CP]*versions),
		singles:  make(map[atoms.CPV]*single),
	}
	r.store = newStore(c, index.Open(x), s.user, r.report)
	r.store.turns = s.turns
	if s.generator != nil {
		r.store.source = func(ctx context.Context, cpv atoms.CPV, path string) (*md5cache.Entry, error) {
			return s.generator.Entry(ctx, r, cpv, path)
		}
	}
	s.all = append(s.all, r)
	s.byConfig[c] = r
}

// All gives the repositories in ascending order of priority. The result is
// shared.
func (s *RepoSet) All() []*Repository { return s.all }

// Main gives the main repository, or nil.
func (s *RepoSet) Main() *Repository { return s.main }

// Get gives the repository of that name or alias, or nil.
func (s *RepoSet) Get(name string) *Repository { return s.byConfig[s.config.Get(name)] }

// Config gives the configuration that was opened.
func (s *RepoSet) Config() *repos.Config { return s.config }

// Pool gives the shared values of the packages.
func (s *RepoSet) Pool() *Pool { return s.pool }

// Categories gives all listed categories, sorted. The result is shared.
func (s *RepoSet) Categories() []string { return s.categories }

// HasCategory says whether some categories file lists the category.
func (s *RepoSet) HasCategory(name string) bool { return s.listed[name] }

// Packages gives the packages of all repositories, see Source.
func (s *RepoSet) Packages(cp atoms.CP) ([]*Package, error) {
	var list []*Package
	var errs []error
	for _, r := range s.all {
		p, err := r.Packages(cp)
		list = append(list, p...)
		if err != nil {
			errs = append(errs, err)
		}
	}
	slices.SortStableFunc(list, (*Package).Compare)
	return list, errors.Join(errs...)
}

// load reads a package of all repositories, and tells nothing about it.
func (s *RepoSet) load(cp atoms.CP) {
	for _, r := range s.all {
		r.load(cp, ahead)
	}
}

// CPs gives the names of all packages of all repositories, sorted.
func (s *RepoSet) CPs() ([]atoms.CP, error) {
	var list []atoms.CP
	var errs []error
	for _, r := range s.all {
		cps, err := r.CPs()
		list = append(list, cps...)
		if err != nil {
			errs = append(errs, err)
		}
	}
	slices.SortFunc(list, func(a, b atoms.CP) int { return strings.Compare(string(a), string(b)) })
	return slices.Compact(list), errors.Join(errs...)
}

// Problems lists what has been found wrong so far: first with the configuration,
// then with each repository.
func (s *RepoSet) Problems() []error {
	list := slices.Clone(s.problems)
	for _, r := range s.all {
		list = append(list, r.Problems()...)
	}
	return list
}

// Close ends what is read ahead and writes the indexes. Packages stay usable; the repositories must not be
// asked any more. An error means that the next start will be slower.
func (s *RepoSet) Close() error {
	s.ahead.stop()
	var errs []error
	for _, r := range s.all {
		errs = append(errs, r.store.index.Close())
	}
	return errors.Join(errs...)
}
