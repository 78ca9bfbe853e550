package profiles

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// Options says where a configuration is. All paths are absolute.
type Options struct {
	ConfigRoot string // holds etc/portage; empty: EPrefix, or /
	Root       string // empty: ROOT of make.conf, else DefaultRoot
	// DefaultRoot is the root if nothing names one; empty: /.
	DefaultRoot string
	Sysroot     string            // empty: /
	EPrefix     string            // empty: none
	BRoot       string            // prefix of the running package manager; empty: none
	Env         map[string]string // the calling environment
	GlobalsDir  string            // usr/share/portage/config of the build host; what is missing there is built in
	Repos       *repos.Config     // nil: as repos.conf says
	// Found, if not nil, is called once with the repositories, as soon as they
	// are known: what needs no more can be done at the same time as the rest.
	Found    func(repos *repos.Config)
	Profile  string   // directory of the profile; empty: make.profile
	Features []string // words added to FEATURES after all else
	// SourceRoot is where absolute paths that make.conf sources are looked for
	// first, for a build host whose root is not /; empty: nowhere else than at /.
	SourceRoot string
	// Moved tells what an atom of the package.* files in etc/portage has become
	// by package moves, for a root (EROOT) with the given repositories; nil:
	// nothing has moved. Files are left as they are.
	Moved func(repos *repos.Config, eroot string, a *atoms.Atom) *atoms.Atom
	// Shelf is shared by the configurations of a run, which must see the same
	// repositories; nil: this one is alone.
	Shelf *Shelf
}

// Load reads the configuration of a root. The error says which file, and where
// there is one which line, makes the configuration unusable.
func Load(o Options) (*Config, error) {
	l := newLoader(o)
	for _, step := range []func() error{
		l.readRootSettings, l.setRoots, l.readEnvD, l.readGlobals, l.findRepos,
		l.readStack, l.readDefaults, l.readMakeConf, l.readEnvironment,
		l.readRepoDefaults, l.readPackageFiles, l.readProvided, l.finish,
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return l.config, nil
}

// RepoOptions returns where repos.conf and the like are for a configuration,
// as Load looks for them if it is given no repositories.
func RepoOptions(o Options) (repos.Options, error) {
	l := newLoader(o)
	for _, step := range []func() error{l.readRootSettings, l.setRoots, l.readEnvD, l.readGlobals} {
		if err := step(); err != nil {
			return repos.Options{}, err
		}
	}
	return l.repoOptions(), nil
}

// A loader holds what the steps of Load hand on to later ones.
type loader struct {
	o      Options
	shelf  *Shelf
	warn   *warnings
	config *Config
	vars   *Vars

	early scope         // make.conf, evaluated by itself
	env   shellconf.Env // what later files may refer to
	roots roots

	repos       repoTable
	repoFolders map[string]*folder
	nodes       []*Node
	folders     []*folder // of nodes
	user        *folder   // etc/portage
}

func newLoader(o Options) *loader {
	vars := newVars()
	config := &Config{Vars: vars, packageEnv: new(sync.Map)}
	config.USE.c = config
	shelf := o.Shelf
	if shelf == nil {
		shelf = new(Shelf)
	}
	return &loader{
		o: o, shelf: shelf, warn: new(warnings), vars: vars, env: make(shellconf.Env),
		config: config,
	}
}

// roots are the places that variables of the same names tell, most with a
// slash at the end.
type roots struct {
	config, root, sysroot, eroot, esysroot, eprefix, broot string
}

func (l *loader) setRoots() error {
	o := l.o
	r := roots{eprefix: cleanPrefix(o.EPrefix), broot: cleanPrefix(o.BRoot)}
	configRoot := o.ConfigRoot
	if configRoot == "" {
		configRoot = r.broot
	}
	r.config = withSlash(configRoot)
	root := o.Root
	if root == "" {
		root = strings.TrimSpace(l.early.get("ROOT"))
	}
	if root == "" {
		root = o.DefaultRoot
	}
	r.root, r.sysroot = withSlash(root), withSlash(o.Sysroot)
	r.eroot = strings.TrimSuffix(r.root, "/") + r.eprefix + "/"
	switch r.sysroot {
	case r.root:
		r.esysroot = r.eroot
	case "/":
		r.esysroot = r.broot + "/"
	default:
		r.esysroot = r.sysroot
	}
	if r.sysroot != "/" && r.root == "/" {
		return fmt.Errorf("SYSROOT is %s, which must be / if ROOT is /", r.sysroot)
	}
	if st, err := os.Stat(r.config); err != nil || !st.IsDir() {
		return fmt.Errorf("PORTAGE_CONFIGROOT is %s, which is not a directory", r.config)
	}
	l.roots = r
	for name, value := range l.roots.variables() {
		l.env[name] = value
		l.vars.layers[LayerFixed].set(name, part{text: value})
	}
	l.config.UserDir = filepath.Join(r.config, "etc/portage")
	l.user = openFolder(&contents{path: l.config.UserDir}, l.warn)
	l.user.own = true
	return nil
}

func (r *roots) variables() map[string]string {
	return map[string]string{
		"BROOT": r.broot, "EPREFIX": r.eprefix, "EROOT": r.eroot, "ESYSROOT": r.esysroot,
		"PORTAGE_CONFIGROOT": r.config, "ROOT": r.root, "SYSROOT": r.sysroot,
	}
}

func withSlash(path string) string {
	path = filepath.Clean("/" + path)
	if path == "/" {
		return path
	}
	return path + "/"
}

func cleanPrefix(path string) string {
	if path == "" {
		return ""
	}
	return strings.TrimSuffix(filepath.Clean("/"+path), "/")
}

// readRootSettings evaluates make.conf by itself, since it may set ROOT and, in
// old configurations, the repositories. Nothing it refers to is known yet.
func (l *loader) readRootSettings() error {
	if l.o.Root != "" && l.o.Repos != nil {
		return nil
	}
	var err error
	l.early, err = l.evaluateMakeConf(make(shellconf.Env), false)
	return err
}

func (l *loader) repoOptions() repos.Options {
	lookup := func(name string) string {
		value := l.vars.layers[LayerGlobals].get(name)
		if v, ok := l.early[name]; ok {
			value = joinParts(v)
		}
		if v, ok := l.o.Env[name]; ok {
			value = v
		}
		return value
	}
	ro := repos.Options{
		UserPath: filepath.Join(l.config.UserDir, "repos.conf"),
		Root:     l.roots.root, EPrefix: l.roots.eprefix, ConfigRoot: l.roots.config,
		RsyncExtraOpts: lookup("PORTAGE_RSYNC_EXTRA_OPTS"),
		Portdir:        lookup("PORTDIR"),
		Overlays:       splitShell(lookup("PORTDIR_OVERLAY")),
	}
	if l.o.GlobalsDir != "" {
		ro.GlobalPath = filepath.Join(l.o.GlobalsDir, "repos.conf")
	}
	if text, ok := l.o.Env["PORTAGE_REPOSITORIES"]; ok {
		ro.Text = &text
	}
	return ro
}

func (l *loader) findRepos() error {
	config := l.o.Repos
	if config == nil {
		config = repos.Load(l.repoOptions())
		l.warn.add(config.Problems...)
	}
	if l.o.Found != nil {
		l.o.Found(config)
	}
	l.repos = newRepoTable(config, l.warn)
	l.repoFolders = make(map[string]*folder, len(l.repos.list))
	var overlays []string
	for _, r := range l.repos.list {
		l.repoFolders[r.Name] = openRepo(l.shelf.folder(r.Profiles()), r, l.warn)
		if r.Repo != config.Main {
			overlays = append(overlays, shellconf.Quote(r.Location))
		}
	}
	portdir := ""
	if config.Main != nil {
		portdir = config.Main.Location
	}
	for name, value := range map[string]string{"PORTDIR": portdir, "PORTDIR_OVERLAY": strings.Join(overlays, " ")} {
		l.env[name] = value
		l.vars.layers[LayerFixed].set(name, part{text: value})
	}
	return nil
}

// repoFolderList returns the folders of all repositories, the main one first.
func (l *loader) repoFolderList() []*folder {
	var list []*folder
	for _, r := range l.repos.list {
		if r.Repo == l.repos.config.Main {
			list = append([]*folder{l.repoFolders[r.Name]}, list...)
		} else {
			list = append(list, l.repoFolders[r.Name])
		}
	}
	return list
}

// readStack finds the profile and its parents.
func (l *loader) readStack() error {
	path := l.profilePath()
	if path == "" {
		l.warn.at(Pos{File: filepath.Join(l.config.UserDir, "make.profile")}, "", "%w", ErrNoProfile)
		return nil
	}
	l.config.ProfilePath = path
	nodes, err := loadStack(path, l.repos, l.shelf, l.warn)
	if err != nil {
		return fmt.Errorf("read profile: %w", err)
	}
	user := filepath.Join(l.config.UserDir, "profile")
	if _, err := os.Stat(user); err == nil {
		n, err := userNode(user, l.warn)
		if err != nil {
			return fmt.Errorf("read profile: %w", err)
		}
		nodes = append(nodes, n)
	}
	l.nodes = nodes
	moved := l.moves()
	l.user.moved = moved
	for _, n := range nodes {
		f := l.openNode(n)
		if n.User {
			f.moved = moved
		}
		l.folders = append(l.folders, f)
	}
	return nil
}

// openNode opens the folder of a node. The user's own is shared with nobody.
func (l *loader) openNode(n *Node) *folder {
	if !n.User {
		return openNode(l.shelf.folder(n.Path), n, l.warn)
	}
	f := openNode(&contents{path: n.Path}, n, l.warn)
	f.own = true
	return f
}

// moves returns what tells the present form of an atom, nil if nothing does.
func (l *loader) moves() func(*atoms.Atom) *atoms.Atom {
	if l.o.Moved == nil {
		return nil
	}
	return func(a *atoms.Atom) *atoms.Atom { return l.o.Moved(l.repos.config, l.roots.eroot, a) }
}

// profilePath finds make.profile, in its present or its old place.
func (l *loader) profilePath() string {
	if l.o.Profile != "" {
		return l.o.Profile
	}
	path := filepath.Join(l.config.UserDir, "make.profile")
	old := filepath.Join(l.roots.config, "etc/make.profile")
	st, err := os.Stat(path)
	oldSt, oldErr := os.Stat(old)
	isDir := err == nil && st.IsDir()
	isOldDir := oldErr == nil && oldSt.IsDir()
	switch {
	case isDir && isOldDir && !os.SameFile(st, oldSt):
		l.warn.at(Pos{File: old}, "", "ignored, there is %s", path)
		return path
	case isDir:
		return path
	case isOldDir:
		return old
	}
	return ""
}

var errBothMakeConf = errors.New("there are two make.conf, both are used")
