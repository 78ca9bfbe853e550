package build

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/phase"
	"github.com/tumpline/tumpline/merge/vdb"
	"github.com/tumpline/tumpline/profiles/use"
)

// strictDeps is the word of FEATURES with which a build sees, of all that is
// installed, only what it has declared.
const strictDeps = "strict-deps"

// hide lets a build see only its dependencies (FEATURES=strict-deps): of what the
// databases of the build root and the sysroot list, files of
//
//	BDEPEND in the build root, DEPEND in the sysroot (both in both before EAPI 7)
//	@system of either, the cross compilers (category cross-*), what FEATURES need
//	whatever these need at run time
//
// and files that no package owns. Another version of the package itself is none of
// them.
func (m *Making) hide(b *phase.Build, p *ebuild.Package, state *use.State) error {
	if !b.Features[strictDeps] {
		return nil
	}
	hidden := make(map[string]string)
	known := 0
	for _, r := range m.seen(p) {
		d := &declared{making: m, root: r.root, wanted: make(map[*ebuild.Package]bool)}
		all, err := m.Installed(r.root).All()
		if err != nil {
			return err
		}
		if len(all) == 0 {
			m.warn("FEATURES=%s: %s has no package database, so nothing of it is hidden", strictDeps, r.root.Path)
			continue
		}
		known++
		if err := d.declare(b, p, state, r.classes); err != nil {
			return err
		}
		if err := d.hide(all, hidden); err != nil {
			return err
		}
	}
	if known == 0 {
		return fmt.Errorf("%s: FEATURES=%s: there is no package database that could tell what belongs to which package", p.CPV, strictDeps)
	}
	for _, name := range []string{m.Self, b.Bash} {
		delete(hidden, name)
		if real, err := filepath.EvalSymlinks(name); err == nil {
			delete(hidden, real)
		}
	}
	b.Hides = func(path string) string { return hidden[path] }
	return nil
}

// warn tells of something once.
func (m *Making) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if _, said := m.said.LoadOrStore(text, true); !said {
		line(m.Errors, " * %s", text)
	}
}

// A seenRoot is one whose packages a build may use, by some classes of dependencies.
type seenRoot struct {
	root    *session.Root
	classes []atoms.DepClass
}

func (m *Making) seen(p *ebuild.Package) []seenRoot {
	sysroot := m.Session.Sysroot
	if m.For != nil {
		sysroot = m.For
	}
	machine := []atoms.DepClass{atoms.BDepend}
	if !p.EAPI.BDEPEND {
		machine = []atoms.DepClass{atoms.Depend}
	}
	if filepath.Clean(m.Session.Build.Path) == filepath.Clean(sysroot.Path) {
		return []seenRoot{{sysroot, []atoms.DepClass{atoms.Depend, atoms.BDepend}}}
	}
	return []seenRoot{{m.Session.Build, machine}, {sysroot, []atoms.DepClass{atoms.Depend}}}
}

// declared gathers what a build may see of a root.
type declared struct {
	making *Making
	root   *session.Root
	wanted map[*ebuild.Package]bool
}

// ofFeatures are the packages that some FEATURES use for a build.
func ofFeatures() map[string]string {
	return map[string]string{"ccache": "dev-util/ccache", "distcc": "sys-devel/distcc", "icecream": "sys-devel/icecream", "xattr": "sys-apps/attr"}
}

func (d *declared) declare(b *phase.Build, p *ebuild.Package, state *use.State, classes []atoms.DepClass) error {
	for _, class := range classes {
		if class == atoms.BDepend && !p.EAPI.BDEPEND {
			continue
		}
		if err := d.need(p, class, state); err != nil {
			return err
		}
	}
	system, err := d.root.Sets.Flatten("system")
	if err != nil {
		return err
	}
	for _, a := range system {
		if err := d.add(a); err != nil {
			return err
		}
	}
	for feature, name := range ofFeatures() {
		if !b.Features[feature] {
			continue
		}
		a, err := atoms.ParseAtom(name, atoms.AtomOptions{})
		if err != nil {
			return fmt.Errorf("internal error: %w", err)
		}
		if err := d.add(a); err != nil {
			return err
		}
	}
	all, err := d.making.Installed(d.root).All()
	for _, q := range all {
		if err == nil && strings.HasPrefix(q.CPV.CP.Category(), "cross-") {
			err = d.want(q)
		}
	}
	return err
}

// need adds what a class of a package's dependencies names; of alternatives all that
// are installed.
func (d *declared) need(p *ebuild.Package, class atoms.DepClass, flags atoms.FlagState) error {
	deps, err := p.Deps(class)
	if err != nil {
		return fmt.Errorf("%s: %w", p.CPV, err)
	}
	for _, a := range deps.Leaves(flags.Enabled) {
		if a.Blocker != atoms.BlockNone {
			continue
		}
		if err := d.add(a); err != nil {
			return err
		}
	}
	return nil
}

// add adds the installed packages that an atom matches, whatever their flags are:
// that they are wrong is told before a build.
func (d *declared) add(a *atoms.Atom) error {
	list, err := d.making.Installed(d.root).Packages(a.CP)
	if err != nil {
		return err
	}
	plain := a.WithoutUSE()
	for _, q := range list {
		if plain.Match(q.Candidate(d.root.Use.State(q))) {
			if err := d.want(q); err != nil {
				return err
			}
		}
	}
	return nil
}

// want adds an installed package with what it needs at run time.
func (d *declared) want(q *ebuild.Package) error {
	if d.wanted[q] {
		return nil
	}
	d.wanted[q] = true
	flags := d.root.Use.State(q)
	return errors.Join(d.need(q, atoms.RDepend, flags), d.need(q, atoms.PDepend, flags))
}

// hide adds the files of the packages of a root that are not wanted, by their names
// without links.
func (d *declared) hide(all []*ebuild.Package, hidden map[string]string) error {
	folders := make(map[string]string)
	name := func(c vdb.Content) string {
		path := filepath.Join(d.root.Path, c.Path)
		dir := filepath.Dir(path)
		if _, ok := folders[dir]; !ok {
			folders[dir] = dir
			if real, err := filepath.EvalSymlinks(dir); err == nil {
				folders[dir] = real
			}
		}
		return filepath.Join(folders[dir], filepath.Base(path))
	}
	db := d.making.Installed(d.root)
	var visible []string
	for _, q := range all {
		contents, problems := db.Contents(q)
		if len(problems) > 0 {
			return fmt.Errorf("FEATURES=%s: %w", strictDeps, errors.Join(problems...))
		}
		for _, c := range contents {
			switch {
			case c.Kind == vdb.KindDir:
			case d.wanted[q]:
				visible = append(visible, name(c))
			default:
				hidden[name(c)] = q.CPV.String()
			}
		}
	}
	for _, v := range visible {
		delete(hidden, v)
	}
	return nil
}
