package resolvertest

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/md5cache"
)

// A World is a playground that was laid out: configuration and ebuild
// repositories (as md5-cache) in files, built packages in memory.
type World struct {
	Dir        string // the folder with all files, absolute
	ConfigRoot string // holds etc/portage
	Root       string // packages are merged to Root with EPrefix
	Sysroot    string
	EPrefix    string // the prefix of all roots: Dir
	BuildRoot  string // the running system; its files are below EPrefix too
	TargetRoot bool   // Root is not the running root

	// RunningConfigRoot holds the etc/portage of the running root: ConfigRoot,
	// unless the world gives that root a configuration of its own.
	RunningConfigRoot string

	Installed       *Store    // in the running root
	TargetInstalled *Store    // in Root, if it is not the running root
	Binary          *Store    // local binary packages
	Binhosts        []Binhost // remote ones; in use with --getbinpkg only

	layout *layout
}

// Layout lays out a playground in a folder, which is made if it is missing.
// The paths are those of Portage's test bench: a prefix installation with the
// folder as EPREFIX and, if the playground has a target root, ROOT in target_root below it.
func Layout(dir string, p *Playground) (*World, error) {
	w := &World{Dir: dir, ConfigRoot: dir, Root: "/", Sysroot: "/", EPrefix: dir, BuildRoot: "/", layout: newLayout(dir, &p.Definition)}
	if p.Definition.TargetRoot {
		w.Root, w.TargetRoot = filepath.Join(dir, "target_root"), true
	}
	w.RunningConfigRoot = dir
	if p.Definition.ownRunning() {
		w.RunningConfigRoot = filepath.Join(dir, runningDir)
	}
	if p.Definition.SysrootTarget {
		w.Sysroot = w.Root
	}
	w.layout.apply(p.Before)
	w.layout.files()
	if w.layout.err != nil {
		return nil, w.layout.err
	}
	for i := range p.Definition.Ebuilds {
		if err := w.layout.ebuild(&p.Definition.Ebuilds[i]); err != nil {
			return nil, err
		}
	}
	return w, w.fill(&p.Definition)
}

// fill makes the built packages.
func (w *World) fill(d *Definition) error {
	m := &storeMaker{pool: ebuild.NewPool(), eapi: d.eapi()}
	var err error
	if w.Installed, err = m.installed(d.Installed); err != nil {
		return err
	}
	if w.TargetInstalled, err = m.installed(d.InstalledTo); err != nil {
		return err
	}
	if w.Binary, err = m.binary(d.Binpkgs, ""); err != nil {
		return err
	}
	for _, b := range d.Binrepos {
		store, err := m.binary(b.Packages, b.Name)
		if err != nil {
			return err
		}
		w.Binhosts = append(w.Binhosts, Binhost{Name: b.Name, URI: filepath.Join(w.Dir, binrepoPath(b.Name)), Packages: store})
	}
	return nil
}

// Change makes changes to the files of the world.
func (w *World) Change(changes []FileChange) error {
	w.layout.apply(changes)
	return w.layout.err
}

// tokens puts ${EPREFIX} in place of the world's folder.
func (w *World) tokens(lines []string) []string {
	if lines == nil {
		return nil
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = strings.ReplaceAll(l, w.Dir, "${EPREFIX}")
	}
	return out
}

// ebuild writes the cache entry of one ebuild.
func (l *layout) ebuild(p *Package) error {
	name, repo := splitRepo(p.CPV)
	cpv, err := atoms.ParseCPV(name)
	if err != nil {
		return fmt.Errorf("ebuild %s: %w", p.CPV, err)
	}
	values, err := source(cpv, p.Metadata, l.d)
	if err != nil {
		return fmt.Errorf("ebuild %s: %w", p.CPV, err)
	}
	entry, err := md5cache.New(values)
	if err != nil {
		return fmt.Errorf("ebuild %s: %w", p.CPV, err)
	}
	l.write(repoPath(repo)+"/metadata/md5-cache/"+name, entry.Text())
	return l.err
}
