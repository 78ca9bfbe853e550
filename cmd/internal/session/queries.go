package session

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/glsa"
	"github.com/tumpline/tumpline/merge/linkage"
	"github.com/tumpline/tumpline/merge/preserved"
	"github.com/tumpline/tumpline/profiles/sets"
)

// stateFile returns the path of a file in which Portage keeps what it has done
// in a root.
func (r *Root) stateFile(name string) string {
	return filepath.Join(r.EROOT(), "var/lib/portage", name)
}

// libraries answers sets about preserved libraries. The registry and what
// objects need are read when they are first asked for.
type libraries struct {
	root *Root

	mu       sync.Mutex
	read     bool
	kept     []preserved.Record
	problems error // of the registry
	links    *linkage.Map
}

// Preserved returns the paths of all preserved libraries.
func (l *libraries) Preserved() ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.registry()
	var paths []string
	for _, r := range l.kept {
		paths = append(paths, r.Paths...)
	}
	return paths, l.problems
}

// Consumers returns the paths of the objects that need the library at a path.
// What is wrong with single objects is told with the first answer.
func (l *libraries) Consumers(path string) ([]string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	problems := l.linkage()
	list, err := l.links.Consumers(path)
	return list, errors.Join(append(problems, err)...)
}

// Owners returns the installed package of an object.
func (l *libraries) Owners(path string) ([]*ebuild.Package, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	problems := l.linkage()
	owner, err := l.links.Owner(path)
	err = errors.Join(append(problems, err)...)
	if owner == nil {
		return nil, err
	}
	return []*ebuild.Package{owner}, err
}

// registry reads which libraries are preserved, once.
func (l *libraries) registry() {
	if l.read {
		return
	}
	l.read = true
	var problems []error
	l.kept, problems = preserved.Read(l.root.stateFile("preserved_libs_registry"), l.root.Path)
	l.problems = errors.Join(problems...)
}

// linkage reads what objects need, once, and returns what is wrong with it.
func (l *libraries) linkage() []error {
	if l.links != nil {
		return nil
	}
	l.registry()
	paths, err := linkage.DefaultPaths(l.root.EROOT(), l.root.Config.Get("LD_LIBRARY_PATH"))
	links, problems := linkage.Read(l.root.Installed, linkage.Options{Root: l.root.Path, Paths: paths, Preserved: l.kept})
	l.links = links
	return append(problems, err)
}

// advisories answers sets about security advisories.
type advisories struct {
	root    *Root
	main    *ebuild.Repository // nil: none
	ebuilds ebuild.Source
	visible func(*ebuild.Package) bool
}

// All reads the advisories of the main repository, or of GLSA_DIR.
func (a *advisories) All() ([]sets.Advisory, error) {
	dir := a.root.Config.Get("GLSA_DIR")
	if dir == "" {
		if a.main == nil {
			return nil, nil
		}
		dir = filepath.Join(a.main.Location, "metadata/glsa")
	}
	found, problems := glsa.Read(dir)
	applied, errs := glsa.Applied(a.root.stateFile("glsa_injected"))
	problems = append(problems, errs...)
	system := &glsa.System{
		Arch: a.root.Config.Get("ARCH"), Installed: a.root.Installed, Ebuilds: a.ebuilds, Visible: a.visible,
	}
	list := make([]sets.Advisory, 0, len(found))
	for _, f := range found {
		vulnerable, err := system.Vulnerable(f)
		problems = append(problems, err)
		list = append(list, sets.Advisory{
			ID: f.ID, Applied: applied[f.ID], Vulnerable: vulnerable,
			Upgrades: func(leastChange bool) ([]*ebuild.Package, error) {
				effort := glsa.Highest
				if leastChange {
					effort = glsa.LeastChange
				}
				return system.Upgrades(f, effort)
			},
		})
	}
	return list, errors.Join(problems...)
}

// output runs a shell command in the environment of the run and returns what it
// prints. What it says beside that is told if it fails.
func (o *Options) output(command string) (string, error) {
	var out, told bytes.Buffer
	c := exec.Command("/bin/sh", "-c", command)
	c.Stdout, c.Stderr, c.Env = &out, &told, []string{}
	for _, name := range slices.Sorted(maps.Keys(o.Vars)) {
		c.Env = append(c.Env, name+"="+o.Vars[name])
	}
	if err := c.Run(); err != nil {
		if text := strings.TrimSpace(told.String()); text != "" {
			err = fmt.Errorf("%w: %s", err, text)
		}
		return "", fmt.Errorf("run %q: %w", command, err)
	}
	return out.String(), nil
}
