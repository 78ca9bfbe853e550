// Package session opens everything that one run needs: the configurations of
// the roots, the repositories, the databases of installed packages, the sets.
//
// It knows where things are and how they are wired, and refuses to know what
// they are for: it neither resolves nor prints. What is wrong with single files
// is collected as warnings; an error means that nothing can be done at all.
package session

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/ebuild/updates"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/vdb"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver"
)

// A Root is one root of a run with its configuration.
type Root struct {
	Path    string // ROOT: absolute, clean
	EPrefix string
	Config  *profiles.Config
	Use     *use.Calculator
	Judge   *visibility.Judge
	// Installed is the database of installed packages.
	Installed *vdb.DB
	// Binaries are the binary packages in PKGDIR.
	Binaries *Binaries
	Sets     *sets.Config
}

// EROOT is the root with its prefix, with a slash at the end.
func (r *Root) EROOT() string { return slash(filepath.Join(r.Path, r.EPrefix)) }

// A Session is everything that one run has open. Close it in the end.
type Session struct {
	Places Places
	// Target is where packages are merged to, Build is the machine that builds,
	// Sysroot is where DEPEND is looked for. Any two may be the same.
	Target, Build, Sysroot *Root
	Repos                  *ebuild.RepoSet
	Pool                   *ebuild.Pool

	// Jobs is how many ebuilds are sourced at a time.
	Jobs int

	sourcing *sourcing
	shelf    profiles.Shelf // what the files of profiles say, for all roots

	updates *updates.Set
	moves   map[string]*moves // by EROOT
	globals string
	cache   string // where indexes are kept; empty: nowhere
	now     time.Time
	moving  sync.Mutex // guards updates and moves
	ahead   ahead
}

// Open opens a session. now is the time of the call.
func Open(o *Options, now time.Time) (*Session, error) {
	s := newSession(o, now)
	beside := s.readBeside()
	defer beside.wait.Wait()
	if err := s.openTarget(o, func(found *repos.Config) { beside.loadBuild(o, found) }); err != nil {
		return nil, err
	}
	if err := s.openOthers(o, beside); err != nil {
		return nil, errors.Join(err, s.Repos.Close())
	}
	for _, r := range s.Roots() {
		r.Sets = s.sets(r, o, now)
	}
	return s, nil
}

// OpenTarget opens a session of the target alone, for queries: Build and Sysroot are
// nil, and there are no sets.
func OpenTarget(o *Options, now time.Time) (*Session, error) {
	s := newSession(o, now)
	if err := s.openTarget(o, nil); err != nil {
		return nil, err
	}
	return s, nil
}

func newSession(o *Options, now time.Time) *Session {
	s := &Session{Places: o.Places(), Pool: ebuild.NewPool(), moves: make(map[string]*moves), cache: o.CacheDir, now: now}
	if o.NoMoves {
		s.updates = updates.Load(&repos.Config{})
	}
	s.globals = filepath.Join(s.Places.Build, "usr/share/portage/config")
	return s
}

// openTarget reads the target's configuration and opens the repositories. found, unless
// it is nil, is called when it is known which they are.
func (s *Session) openTarget(o *Options, found func(*repos.Config)) error {
	config, err := profiles.Load(profiles.Options{
		ConfigRoot: s.Places.Config, Root: s.Places.Target, DefaultRoot: s.Places.Build,
		Sysroot: s.Places.Sysroot, EPrefix: s.Places.EPrefix, Env: o.targetVars(), GlobalsDir: s.globals,
		Moved: s.moved, SourceRoot: s.Places.Build, Shelf: &s.shelf, Found: found,
	})
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	s.Places.Target = filepath.Clean(config.Get("ROOT"))
	s.Jobs = o.workers()
	s.sourcing = &sourcing{options: o, jobs: s.Jobs}
	s.Repos, err = ebuild.Open(config.Repos(), ebuild.OpenOptions{
		Index: o.CacheDir, Now: s.now, UserCategories: config.UserDir, Pool: s.Pool,
		Depcache: s.depcacheDir(config), Generator: s.sourcing, Jobs: s.Jobs,
	})
	if err != nil {
		return fmt.Errorf("open repositories: %w", err)
	}
	s.loadUpdates(config.Repos())
	s.Target = s.root(s.Places.Target, s.Places.EPrefix, config)
	return nil
}

// openOthers opens the build root and the sysroot, where they are not the target. The
// sysroot has a configuration of its own, as the build root has.
func (s *Session) openOthers(o *Options, beside *beside) error {
	s.Build, s.Sysroot = s.Target, s.Target
	if s.buildsElsewhere() {
		config, err := beside.buildConfig(o)
		if err != nil {
			return fmt.Errorf("read configuration of the build root: %w", err)
		}
		s.Build = s.root(s.Places.Build, "", config)
	}
	switch s.Places.Sysroot {
	case s.Places.Target:
	case s.Places.Build:
		s.Sysroot = s.Build
	default:
		config, err := s.loadBeside(o, s.Places.Sysroot, s.Target.Config.Repos())
		if err != nil {
			return fmt.Errorf("read configuration of SYSROOT: %w", err)
		}
		s.Sysroot = s.root(s.Places.Sysroot, "", config)
	}
	return nil
}

func (s *Session) root(path, eprefix string, config *profiles.Config) *Root {
	calculator := use.New(config)
	return &Root{
		Path: path, EPrefix: eprefix, Config: config, Use: calculator, Judge: visibility.New(config, calculator),
		Installed: s.movesIn(slash(filepath.Join(path, eprefix))).installed,
		Binaries: &Binaries{store: binpkg.New(binpkg.Options{
			Dir: config.Get("PKGDIR"), Trusted: config.Feature("pkgdir-index-trusted"),
			SignedOnly: config.Feature("binpkg-request-signature"), Pool: s.Pool, Category: s.Repos.HasCategory,
		})},
	}
}

// Binaries are binary packages that are read when they are first asked for.
type Binaries struct {
	store *binpkg.Store
	asked atomic.Bool
	added ebuild.Source // installed packages that are offered as binary ones; may be nil

	mutex   sync.Mutex
	offered map[atoms.CP][]*ebuild.Package // of names that added has
}

// Packages gives the binary packages of a name in ascending order.
func (b *Binaries) Packages(cp atoms.CP) ([]*ebuild.Package, error) {
	b.asked.Store(true)
	list, err := b.store.Packages(cp)
	if err != nil || b.added == nil {
		return list, err
	}
	return b.withAdded(cp, list)
}

// CPs gives the names of all binary packages, sorted.
func (b *Binaries) CPs() ([]atoms.CP, error) {
	b.asked.Store(true)
	cps, err := b.store.CPs()
	if err != nil || b.added == nil {
		return cps, err
	}
	more, err := b.added.CPs()
	all := slices.Concat(cps, more)
	slices.Sort(all)
	return slices.Compact(all), err
}

// Problems lists what is wrong with binary packages, if any were asked for:
// reading them only to find fault would be waste.
func (b *Binaries) Problems() []error {
	if !b.asked.Load() {
		return nil
	}
	return b.store.Problems()
}

// sets reads which package sets a root has.
func (s *Session) sets(r *Root, o *Options, now time.Time) *sets.Config {
	visible := func(p *ebuild.Package) bool { return r.Judge.Verdict(p).Visible() }
	return sets.Load(sets.Options{
		Root: r.Path, EPrefix: r.EPrefix, ConfigRoot: filepath.Dir(filepath.Dir(r.Config.UserDir)), GlobalsDir: s.globals,
		Nodes: r.Config.Nodes, Repos: r.Config.Repos(),
		Queries: sets.Queries{
			Installed: r.Installed,
			Binaries:  r.Binaries,
			Ebuilds:   s.Repos,
			Visible:   visible,
			Owners: func(paths []string) (map[string][]*ebuild.Package, error) {
				return r.Installed.Owners(r.Path, paths)
			},
			Libraries:  &libraries{root: r},
			Advisories: &advisories{root: r, main: s.Repos.Main(), ebuilds: s.Repos, visible: visible},
			Category:   s.Repos.HasCategory,
			Moved:      s.movesIn(r.EROOT()).atom,
			Output:     o.output,
			Now:        now,
		},
	})
}

// Roots lists the roots, each once: the target first.
func (s *Session) Roots() []*Root {
	list := []*Root{s.Target}
	for _, r := range []*Root{s.Build, s.Sysroot} {
		if r != nil && !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	return list
}

// Warnings lists what is wrong with files that could be passed over, in the
// order in which they are read: configuration, repositories, databases, sets.
func (s *Session) Warnings() []error {
	var out []error
	for _, r := range s.Roots() {
		out = append(out, r.Config.Warnings()...)
	}
	out = append(out, s.Repos.Problems()...)
	out = append(out, s.updates.Problems()...)
	for _, r := range s.Roots() {
		out = append(out, r.Installed.Problems()...)
		out = append(out, r.Binaries.Problems()...)
		out = append(out, r.Sets.Problems()...)
	}
	return out
}

// System is the session as the resolver takes it.
func (s *Session) System() *resolver.System {
	roots := map[*Root]*resolver.Root{}
	for _, r := range s.Roots() {
		roots[r] = &resolver.Root{
			Path: r.EROOT(), Config: r.Config, USE: r.Use, Judge: r.Judge,
			Repos: s.Repos.All(), Installed: r.Installed, Binaries: r.Binaries, Sets: r.Sets,
		}
	}
	return &resolver.System{Target: roots[s.Target], Running: roots[s.Build], Sysroot: roots[s.Sysroot]}
}

// Close closes the repositories and databases, and ends the shells. An error
// means only that the next run will be slower.
func (s *Session) Close() error {
	s.ahead.stop()
	errs := []error{s.Repos.Close(), s.sourcing.close()}
	for _, r := range s.Roots() {
		errs = append(errs, r.Installed.Close())
	}
	return errors.Join(errs...)
}

// CacheDir is the folder for indexes: TUMPLINE_CACHE_DIR, else tumpline below
// XDG_CACHE_HOME or the home directory's .cache, or "" if there is none.
func CacheDir(vars map[string]string) string {
	if dir := vars["TUMPLINE_CACHE_DIR"]; dir != "" {
		return dir
	}
	for _, base := range []string{vars["XDG_CACHE_HOME"], joined(vars["HOME"], ".cache")} {
		if filepath.IsAbs(base) {
			return filepath.Join(base, "tumpline")
		}
	}
	return ""
}

func joined(dir, name string) string {
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, name)
}

func slash(path string) string { return strings.TrimSuffix(path, "/") + "/" }

// Exists says if there is something at a path.
func Exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// IsDir says if there is a folder at a path.
func IsDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
