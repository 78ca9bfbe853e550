// Package adapter has this program's resolver answer resolver cases: it turns a
// laid-out world into what the resolver takes, and its answer into a
// resolvertest.Result. It is the only place where the two meet.
package adapter

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/params"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// ErrAction says that the request asks for something else than packages to be merged.
var ErrAction = errors.New("not a request to merge packages")

// Runner begins a session of the resolver in a world; it is a resolvertest.Runner.
func Runner(_ context.Context, w *resolvertest.World) (resolvertest.Session, error) {
	s := &session{world: w}
	running, err := s.load("/", w.RunningConfigRoot)
	if err != nil {
		return nil, err
	}
	s.running = running
	s.target = running
	if w.TargetRoot {
		if s.target, err = s.load(w.Root, w.ConfigRoot); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// session answers requests in one world.
type session struct {
	world           *resolvertest.World
	running, target *root
	lists           []params.RepoBinaries
}

// root is one root as far as it does not depend on a request.
type root struct {
	path    string
	config  *profiles.Config
	repos   *ebuild.RepoSet
	use     *use.Calculator
	judge   *visibility.Judge
	options profiles.Options
}

func (s *session) load(dir, configRoot string) (*root, error) {
	w := s.world
	o := profiles.Options{
		ConfigRoot: configRoot, Root: dir, Sysroot: "/", EPrefix: w.EPrefix, BRoot: w.EPrefix, Env: map[string]string{},
	}
	cfg, err := profiles.Load(o)
	if err != nil {
		return nil, fmt.Errorf("load configuration of %s: %w", dir, err)
	}
	set, err := ebuild.Open(cfg.Repos(), ebuild.OpenOptions{UserCategories: filepath.Join(configRoot, "etc/portage")})
	if err != nil {
		return nil, fmt.Errorf("open repositories: %w", err)
	}
	calc := use.New(cfg)
	return &root{
		path: filepath.Join(dir, w.EPrefix) + "/", config: cfg, repos: set,
		use: calc, judge: visibility.New(cfg, calc), options: o,
	}, nil
}

// Resolve answers one request.
func (s *session) Resolve(ctx context.Context, r resolvertest.Request) (*resolvertest.Result, error) {
	if r.Action != resolvertest.ActionMerge {
		return s.remove(ctx, r)
	}
	res, err := s.Answer(ctx, r)
	if err != nil {
		return nil, err
	}
	out := (&translation{res: res, world: s.world}).result()
	out.Display = s.display(res, r.Options)
	out.CircularDependencySolutions = cycleSolutions(res)
	s.plan(res, r.Options, out)
	return out, nil
}

// bare tells an option without a value from one with the text "y": options of
// cases come as the resolver was given them.
type bare struct{ resolvertest.Options }

func (b bare) Yes(name string) bool { return b.Options.Yes(name) && b.Text(name) == "" }

// system returns the roots as a request sees them. What its options say about
// binary packages of a repository stays in force for later requests, as in
// Portage, whose settings they change.
func (s *session) system(o resolvertest.Options) (*resolver.System, error) {
	w := s.world
	binaries, err := s.binaries(o)
	if err != nil {
		return nil, err
	}
	sys := &resolver.System{}
	sys.Running = s.resolverRoot(s.running, binaries, w.Installed)
	sys.Target, sys.Sysroot = sys.Running, sys.Running
	if w.TargetRoot {
		sys.Target = s.resolverRoot(s.target, binaries, w.TargetInstalled)
	}
	if w.TargetRoot && w.Sysroot == w.Root {
		sys.Sysroot = sys.Target
	}
	if s.lists == nil {
		s.lists, _ = sys.ReadRepoBinaries()
	}
	decoded, err := params.Decode(bare{o})
	if err != nil {
		return nil, err
	}
	_, s.lists, _ = decoded.SelectBinaries(s.lists)
	sys.RepoBinaries = s.lists
	return sys, nil
}

func (s *session) resolverRoot(r *root, binaries, installed ebuild.Source) *resolver.Root {
	w := s.world
	setOptions := sets.Options{
		Root: r.options.Root, EPrefix: w.EPrefix, ConfigRoot: r.options.ConfigRoot, Nodes: r.config.Nodes, Repos: r.config.Repos(),
		Queries: sets.Queries{
			Installed: installed, Binaries: binaries, Ebuilds: r.repos,
			Visible: func(p *ebuild.Package) bool { return r.judge.Verdict(p).Visible() },
		},
	}
	return &resolver.Root{
		Path: r.path, Config: r.config, USE: r.use, Judge: r.judge, Repos: r.repos.All(),
		Binaries: binaries, Installed: installed, Sets: sets.Load(setOptions),
	}
}

// args classifies arguments as emerge does: sets, atoms, and names that get
// the one category that has them.
func (s *session) args(sys *resolver.System, o *params.Options, words []string) ([]resolver.Arg, error) {
	var args []resolver.Arg
	for _, word := range words {
		if word == "system" || word == "world" {
			word = "@" + word
		}
		if strings.HasPrefix(word, "@") {
			set := sets.ParseArgument(word)
			for _, setting := range set.Settings {
				if err := sys.Target.Sets.Configure(setting); err != nil {
					return nil, err
				}
			}
			args = append(args, resolver.Arg{Text: "@" + set.Name, Set: set.Name})
			continue
		}
		if strings.HasSuffix(word, ".tbz2") || strings.HasSuffix(word, ".gpkg.tar") {
			return nil, fmt.Errorf("%s: binary packages as arguments are not supported by cases", word)
		}
		text := word
		if name, _, _ := strings.Cut(word, ":"); !strings.Contains(name, "/") {
			var err error
			if text, err = withCategory(sys, o, word); err != nil {
				return nil, err
			}
		}
		a, err := atoms.ParseAtom(text, atoms.AtomOptions{AllowRepo: true, AllowBuildID: true})
		if err != nil {
			return nil, err
		}
		args = append(args, resolver.Arg{Text: word, Atom: a})
	}
	return args, nil
}

func withCategory(sys *resolver.System, o *params.Options, word string) (string, error) {
	text, ok := atoms.InsertCategory(word, "null")
	if !ok {
		return "", fmt.Errorf("%s: not an atom", word)
	}
	null, err := atoms.ParseAtom(text, atoms.AtomOptions{AllowRepo: true})
	if err != nil {
		return "", err
	}
	cps, err := sys.Named(null.CP.Name(), o)
	if err != nil || len(cps) == 0 {
		return text, err
	}
	text, _ = atoms.InsertCategory(word, cps[0].Category())
	return text, nil
}
