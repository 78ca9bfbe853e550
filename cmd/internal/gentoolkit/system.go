package gentoolkit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/vdb"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
)

// A System is the machine that is asked: the target root of the environment, its
// configuration, repositories and installed packages as they are recorded. Close it in
// the end.
type System struct {
	Session *Stores
	Root    *session.Root // without Binaries and Sets: ask Full for them

	options  *session.Options
	full     *session.Session // nil: not asked for
	packages map[atoms.CPV]*Package
	archs    map[string]bool // words of arch.list, with and without "~"; nil: not asked for
}

// Stores are where packages are found, and the roots.
type Stores struct {
	Places session.Places
	Repos  *ebuild.RepoSet
	Pool   *ebuild.Pool

	trees *session.Trees
}

// Open opens the system that an environment means. It is lighter than a session:
// package moves are left out of account, as gentoolkit does.
func Open(env *cli.Env) (*System, error) {
	now := time.Now()
	o := &session.Options{Vars: env.Vars, Abs: env.Abs, BuildRoot: env.Vars["TUMPLINE_BUILD_ROOT"], CacheDir: session.CacheDir(env.Vars)}
	config, err := session.LoadConfig(o)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	places := o.Places()
	places.Target = filepath.Clean(config.Get("ROOT"))
	trees, err := session.OpenTrees(o, config.Repos(), now)
	if err != nil {
		return nil, err
	}
	calculator := use.New(config)
	root := &session.Root{Path: places.Target, EPrefix: places.EPrefix, Config: config, Use: calculator, Judge: visibility.New(config, calculator)}
	root.Installed = session.OpenInstalled(o, root.EROOT(), vdb.Interest{}, now)
	return &System{
		Session: &Stores{Places: places, Repos: trees.RepoSet, Pool: trees.Pool(), trees: trees}, Root: root, options: o,
		packages: map[atoms.CPV]*Package{},
	}, nil
}

// Full opens a whole session, for its binary packages and sets.
func (s *System) Full() (*session.Session, error) {
	if s.full == nil {
		full, err := session.Open(s.options, time.Now())
		if err != nil {
			return nil, err
		}
		s.full = full
	}
	return s.full, nil
}

// Close closes what is open. Errors mean only that the next call will be slower.
func (s *System) Close() {
	_ = s.Session.trees.Close()
	_ = s.Root.Installed.Close()
	if s.full != nil {
		_ = s.full.Close()
	}
}

// Get gives the package of a name with version, whether or not there is one.
func (s *System) Get(cpv atoms.CPV) *Package {
	if p := s.packages[cpv]; p != nil {
		return p
	}
	p := &Package{system: s, cpv: cpv, CPV: cpv.String()}
	p.Name, _ = SplitName(p.CPV)
	s.packages[cpv] = p
	return p
}

// Arch is ARCH of the profile.
func (s *System) Arch() string { return s.Root.Config.Arch() }

// IsArch says if a keyword is one that the repositories know.
func (s *System) IsArch(keyword string) bool {
	if s.archs == nil {
		s.archs = map[string]bool{}
		for _, a := range s.Root.Config.Words("PORTAGE_ARCHLIST") {
			s.archs[a], s.archs["~"+a] = true, true
		}
	}
	return s.archs[keyword]
}

// MainLocation is the folder of the main repository, or "".
func (s *System) MainLocation() string {
	if main := s.Session.Repos.Main(); main != nil {
		return main.Location
	}
	return ""
}

// installed gives all installed packages.
func (s *System) installed() ([]*Package, error) {
	list, err := s.Root.Installed.All()
	out := make([]*Package, 0, len(list))
	for _, p := range list {
		q := s.Get(p.CPV)
		q.setInstalled(p)
		out = append(out, q)
	}
	return out, err
}

// ebuilds gives all packages of the repositories, each once. The names of a category
// that keep refuses are not read.
func (s *System) ebuilds(keep func(category string) bool) ([]*Package, error) {
	cps, err := s.Session.Repos.CPs()
	errs := []error{err}
	var out []*Package
	var last *Package
	for _, cp := range cps {
		if !keep(cp.Category()) {
			continue
		}
		list, err := s.Session.Repos.Packages(cp)
		errs = append(errs, err)
		for _, p := range list {
			q := s.Get(p.CPV)
			q.setEbuild(p)
			if q != last {
				out, last = append(out, q), q
			}
		}
	}
	return out, errors.Join(errs...)
}

// A store is where names are looked up: the repositories or the installed packages.
type store interface {
	// has says if there is a package of the name, in any version.
	has(cp atoms.CP) bool
	packages(cp atoms.CP) ([]*ebuild.Package, error)
}

// tree is the repositories as a store.
type tree struct{ s *System }

func (t tree) packages(cp atoms.CP) ([]*ebuild.Package, error) { return t.s.Session.Repos.Packages(cp) }

func (t tree) has(cp atoms.CP) bool {
	for _, r := range t.s.Session.Repos.All() {
		if r.HasEbuilds() {
			if info, err := os.Stat(filepath.Join(r.Location, string(cp))); err != nil || !info.IsDir() {
				continue
			}
		}
		if list, _ := r.Packages(cp); len(list) > 0 { // what cannot be read is not there
			return true
		}
	}
	return false
}

// database is the installed packages as a store.
type database struct{ s *System }

func (d database) packages(cp atoms.CP) ([]*ebuild.Package, error) {
	return d.s.Root.Installed.Packages(cp)
}

func (d database) has(cp atoms.CP) bool {
	list, _ := d.packages(cp) // what cannot be read is not there
	return len(list) > 0
}

// expand gives the atom that a text means, a name without category being looked up. A
// name that there is none of has the category "null".
func (s *System) expand(text string, in store) (*atoms.Atom, error) {
	text = strings.TrimPrefix(text, "*")
	options := atoms.AtomOptions{AllowRepo: true, AllowBuildID: true}
	name, _, _ := strings.Cut(text, ":")
	full := text
	hasCategory := strings.Contains(name, "/")
	if !hasCategory {
		var ok bool
		if full, ok = atoms.InsertCategory(text, "null"); !ok {
			return nil, invalidAtom(text)
		}
	}
	a, err := atoms.ParseAtom(full, options)
	if err != nil {
		if a, err = atoms.ParseAtom("="+full, options); err != nil {
			return nil, invalidAtom(text)
		}
	}
	if a.Blocker != atoms.BlockNone {
		a = a.Unblocked()
	}
	if hasCategory {
		return a, nil
	}
	cp, err := s.choose(a.CP.Name(), in)
	if err != nil || cp == "" {
		return a, err
	}
	return a.WithCP(cp), nil
}

// choose finds the package that a name without category stands for, or "". Groups,
// users and virtuals stand back behind other packages.
func (s *System) choose(name string, in store) (atoms.CP, error) {
	var found []atoms.CP
	for _, category := range s.Session.Repos.Categories() {
		if cp := atoms.CP(category + "/" + name); in.has(cp) {
			found = append(found, cp)
		}
	}
	switch len(found) {
	case 0:
		return "", nil
	case 1:
		return found[0], nil
	}
	second := func(cp atoms.CP) bool {
		return slices.Contains([]string{"acct-group", "acct-user", "virtual"}, cp.Category())
	}
	if !slices.ContainsFunc(found, second) {
		return "", &AmbiguousError{Choices: found}
	}
	found = slices.DeleteFunc(found, second)
	if len(found) == 0 {
		return "", nil
	}
	return found[len(found)-1], nil
}

// match gives the packages of a store that an atom matches, in ascending order. Those
// without metadata count as absent.
func (s *System) match(text string, in store) ([]*ebuild.Package, error) {
	a, err := s.expand(text, in)
	if err != nil {
		return nil, err
	}
	list, err := in.packages(a.CP)
	if err != nil && len(list) == 0 {
		return nil, fmt.Errorf("read %s: %w", a.CP, err)
	}
	var out []*ebuild.Package
	for _, p := range list {
		if s.matches(a, p) {
			out = append(out, p)
		}
	}
	return out, nil
}

func (s *System) matches(a *atoms.Atom, p *ebuild.Package) bool {
	if p.Origin == ebuild.OriginEbuild && !HasMetadata(p) {
		return false
	}
	if !a.Match(p.Candidate(nil)) {
		return false
	}
	if len(a.USE) == 0 {
		return true
	}
	state := s.Root.Use.State(p)
	for _, u := range a.USE {
		if u.Default == atoms.USENoDefault && !state.Declared(u.Flag) {
			return false
		}
	}
	return a.MatchUSE(state)
}

// HasMetadata says if the metadata of an ebuild could be had.
func HasMetadata(p *ebuild.Package) bool { return p.Raw("SLOT") != "" || p.Raw("DEFINED_PHASES") != "" }

// ExpandIn gives the package that a text means among some repositories.
func (s *System) ExpandIn(text string, repos []*ebuild.Repository) (atoms.CP, error) {
	a, err := s.expand(text, someRepos(repos))
	var ambiguous *AmbiguousError
	switch {
	case errors.As(err, &ambiguous):
		return "", fmt.Errorf("Ambiguous package name %q.\nPossibilities: %v", text, ambiguous.Choices)
	case err != nil:
		return "", fmt.Errorf("No such package %q", text)
	}
	return a.CP, nil
}

// someRepos is some repositories as a store.
type someRepos []*ebuild.Repository

func (r someRepos) packages(cp atoms.CP) ([]*ebuild.Package, error) {
	var out []*ebuild.Package
	for _, repo := range r {
		list, err := repo.Packages(cp)
		if err != nil {
			return out, err
		}
		out = append(out, list...)
	}
	return out, nil
}

func (r someRepos) has(cp atoms.CP) bool {
	list, _ := r.packages(cp) // what cannot be read is not there
	return len(list) > 0
}
