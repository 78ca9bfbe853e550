package profiles

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/profiles/shellconf"
)

// evaluate reads a file of variables, or a folder of such files if tree is
// set. A missing one has no variables.
func (l *loader) evaluate(path string, tree bool, o shellconf.Options) (scope, error) {
	read := shellconf.ReadFile
	if tree {
		read = shellconf.ReadTree
	}
	file, err := read(path, o)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, statErr := os.Stat(path); statErr != nil {
			return make(scope), nil
		}
		return nil, err // a file that it sources
	case err != nil:
		return nil, err
	}
	l.warn.add(file.Warnings...)
	s := make(scope, file.Len())
	for v := range file.All() {
		s.set(v.Name, part{text: v.Value, pos: Pos{v.File, v.Line}, source: &v})
	}
	return s, nil
}

// evaluateMakeConf reads both places of make.conf. Variables starting with two
// underscores are the file's own.
func (l *loader) evaluateMakeConf(env shellconf.Env, warn bool) (scope, error) {
	all := make(scope)
	for _, path := range l.makeConfPaths(warn) {
		s, err := l.evaluate(path, true, shellconf.Options{Source: true, Env: env, Locate: l.locateSourced(path)})
		if err != nil {
			return nil, fmt.Errorf("read make.conf: %w", err)
		}
		for name, parts := range s {
			if !strings.HasPrefix(name, "__") {
				all[name] = parts
			}
		}
	}
	return all, nil
}

// locateSourced returns where the files are that a make.conf sources, nil for
// where it says. What make.conf calls / is the root of the build host.
func (l *loader) locateSourced(makeConf string) func(path string) string {
	root := filepath.Clean(l.o.SourceRoot)
	if l.o.SourceRoot == "" || root == "/" {
		return nil
	}
	return func(path string) string {
		if path == makeConf || !filepath.IsAbs(path) {
			return path
		}
		moved := filepath.Join(root, path)
		if _, err := os.Stat(moved); err != nil {
			return path
		}
		return moved
	}
}

func (l *loader) makeConfPaths(warn bool) []string {
	root := withSlash(l.o.ConfigRoot)
	if l.o.ConfigRoot == "" {
		root = withSlash(cleanPrefix(l.o.BRoot))
	}
	old, path := filepath.Join(root, "etc/make.conf"), filepath.Join(root, "etc/portage/make.conf")
	oldSt, err := os.Stat(old)
	if err != nil {
		return []string{path}
	}
	st, err := os.Stat(path)
	if err != nil || os.SameFile(st, oldSt) {
		return []string{old}
	}
	if warn {
		l.warn.add(problem(Pos{File: old}, "", errBothMakeConf))
	}
	return []string{old, path}
}

// readEnvD reads etc/profile.env of the build root and of the target. Some
// variables count in one of them only, the rest prefer the target's.
func (l *loader) readEnvD() error {
	build, err := l.profileEnv(filepath.Join(l.roots.broot+"/", "etc/profile.env"))
	if err != nil {
		return err
	}
	target, err := l.profileEnv(filepath.Join(l.roots.eroot, "etc/profile.env"))
	if err != nil {
		return err
	}
	all := l.vars.layers[LayerEnvD]
	for name, parts := range build {
		if !fromTarget(name) {
			all[name] = parts
		}
	}
	for name, parts := range target {
		if !fromBuildRoot(name) {
			all[name] = parts
		}
	}
	for name, parts := range all {
		if _, fixed := l.env[name]; !fixed {
			l.env[name] = joinParts(parts)
		}
	}
	return nil
}

func (l *loader) profileEnv(path string) (scope, error) {
	s, err := l.evaluate(path, false, shellconf.Options{Literal: true, Tolerant: true})
	if err != nil {
		return nil, fmt.Errorf("read environment of the root: %w", err)
	}
	return s, nil
}

// readGlobals takes make.globals, or the values built in if there is none.
func (l *loader) readGlobals() error {
	s := make(scope)
	if l.o.GlobalsDir != "" {
		var err error
		s, err = l.evaluate(filepath.Join(l.o.GlobalsDir, "make.globals"), false, shellconf.Options{Env: l.env})
		if err != nil {
			return fmt.Errorf("read make.globals: %w", err)
		}
	}
	if len(s) == 0 {
		for _, v := range builtinGlobals {
			s.set(v[0], part{text: v[1]})
			l.env[v[0]] = v[1]
		}
	}
	for _, v := range [...][2]string{{"ACCEPT_PROPERTIES", "*"}, {"PORTAGE_BZIP2_COMMAND", "bzip2"}} {
		if _, ok := s[v[0]]; !ok {
			s.set(v[0], part{text: v[1]})
		}
	}
	l.vars.layers[LayerGlobals] = s
	return nil
}

// readDefaults evaluates make.defaults of the nodes. USE of a parent is hidden
// from its children, so that USE="${USE} x" does not repeat the parent's flags
// on top of the parent's package.use.
func (l *loader) readDefaults() error {
	all := l.vars.layers[LayerDefaults]
	for i, n := range l.nodes {
		delete(l.env, "USE")
		s := make(scope)
		if l.folders[i].has("make.defaults") {
			var err error
			if s, err = l.evaluate(n.Join("make.defaults"), n.Dirs, shellconf.Options{Env: l.env}); err != nil {
				return fmt.Errorf("read profile: %w", err)
			}
		}
		l.vars.nodes = append(l.vars.nodes, s)
		all.merge(s)
	}
	l.config.userMayNot = make(map[string]bool)
	for _, name := range pruneSigned(strings.Fields(all.get("PROFILE_ONLY_VARIABLES"))) {
		l.config.userMayNot[name] = true
	}
	return nil
}

// pruneSigned applies "-word" and "-*" in a list.
func pruneSigned(words []string) []string {
	var list []string
	for _, w := range words {
		list = stackWord(list, w)
	}
	return list
}

// readMakeConf evaluates make.conf for good.
func (l *loader) readMakeConf() error {
	s, err := l.evaluateMakeConf(l.env, true)
	if err != nil {
		return err
	}
	l.vars.layers[LayerConf] = s
	l.set("PORTAGE_ARCHLIST", strings.Join(l.archList(), " "))
	return nil
}

// set gives make.conf's layer a value that no file tells.
func (l *loader) set(name, value string) {
	l.vars.layers[LayerConf].set(name, part{text: value})
}

// archList reads arch.list of all repositories and of the user.
func (l *loader) archList() []string {
	var list []string
	for _, f := range append(l.repoFolderList(), l.user) {
		for _, w := range f.words("arch.list", fileOnly) {
			list = stackWord(list, w.Text)
		}
	}
	slices.Sort(list)
	return list
}

// readEnvironment takes the calling environment, and then drops from all layers
// what must not be set there.
func (l *loader) readEnvironment() error {
	env := l.vars.layers[LayerEnv]
	for name, value := range l.o.Env {
		if parts, ok := l.vars.layers[LayerEnvD][name]; ok && joinParts(parts) == value {
			continue // from profile.env in the first place
		}
		env.set(name, part{text: value})
	}
	for i, s := range l.vars.layers {
		layer := Layer(i)
		if layer == LayerFixed {
			continue
		}
		for name := range s {
			users := layer == LayerConf || layer == LayerEnv || layer == LayerEnvD
			if reserved(name) || users && l.config.userMayNot[name] {
				delete(s, name)
			}
		}
	}
	return nil
}

// readRepoDefaults evaluates profiles/make.defaults of the repositories.
func (l *loader) readRepoDefaults() error {
	l.config.repoDefaults = make(map[string]scope, len(l.repos.list))
	for _, r := range l.repos.list {
		f := l.repoFolders[r.Name]
		if !f.has("make.defaults") {
			continue
		}
		env := make(shellconf.Env)
		for name, parts := range l.vars.layers[LayerGlobals] {
			env[name] = joinParts(parts)
		}
		s, err := l.evaluate(f.join("make.defaults"), r.ProfileDirs, shellconf.Options{Env: env})
		if err != nil {
			return fmt.Errorf("read defaults of repository %s: %w", r.Name, err)
		}
		for name := range s {
			if reserved(name) || globalOnly(name) || l.config.userMayNot[name] {
				delete(s, name)
			}
		}
		l.config.repoDefaults[r.Name] = s
	}
	l.config.repoScopes = make(map[string]scope, len(l.repos.list))
	for _, r := range l.repos.list {
		all := make(scope)
		for _, part := range r.chain() {
			all.merge(l.config.repoDefaults[part.Name])
		}
		l.config.repoScopes[r.Name] = all
	}
	return nil
}
