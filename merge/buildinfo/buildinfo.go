// Package buildinfo writes what the package manager itself has to say of a built
// package: the files of build-info that become its entry in the package database,
// beside those that come from the shell.
//
// Values are reduced to what holds for the build: conditionals are evaluated, and
// `:=` is bound to the slot that was there (PMS, slot dependencies).
package buildinfo

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/elfscan"
	"github.com/tumpline/tumpline/merge/linkage"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// Facts are what is known of a built package.
type Facts struct {
	Package       *ebuild.Package
	Enabled       func(flag string) bool // its USE flags
	IUSEEffective []string
	CHOST         string // of the configuration: an ebuild may have changed its own
	Built         time.Time
	Size          int64 // of the image as src_install left it
	// Installed gives the best match that is installed where packages are merged
	// to, Running on the machine that builds; nil if there is none.
	Installed, Running func(*atoms.Atom) *ebuild.Package
	// LibC are the installed packages that provide the C library of the root.
	LibC []*ebuild.Package
	// Revisions are the commits of repositories, as a JSON object.
	Revisions string
	Objects   []elfscan.Object
}

// Write writes the files into a build-info folder. Those whose value is empty are
// removed, but for IUSE.
func Write(dir string, f *Facts) error {
	w := &writer{dir: dir, Facts: f}
	w.value("IUSE", f.Package.Raw("IUSE"), true)
	if f.Package.EAPI.IUSEEffective {
		w.value("IUSE_EFFECTIVE", strings.Join(sorted(f.IUSEEffective), " "), false)
	}
	w.value("CHOST", f.CHOST, false)
	w.value("BUILD_TIME", strconv.FormatInt(f.Built.Unix(), 10), false)
	w.value("SIZE", strconv.FormatInt(f.Size, 10), false)
	w.value("REPO_REVISIONS", f.Revisions, false)
	w.words()
	w.objects()
	w.dependencies()
	return w.err
}

func sorted(words []string) []string {
	words = slices.Clone(words)
	slices.Sort(words)
	return words
}

// A writer writes files until one fails.
type writer struct {
	*Facts
	dir string
	err error
}

// value writes one value with a line end; an empty one has a file only if kept.
func (w *writer) value(name, text string, kept bool) {
	if w.err != nil {
		return
	}
	file := filepath.Join(w.dir, name)
	if text == "" && !kept {
		if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
			w.err = err
		}
		return
	}
	w.err = os.WriteFile(file, []byte(text+"\n"), 0o644)
}

// words writes LICENSE, PROPERTIES and RESTRICT.
func (w *writer) words() {
	p := w.Package
	license, err := p.License()
	w.reduced("LICENSE", license, err)
	properties, err := p.Properties()
	w.reduced("PROPERTIES", properties, err)
	restrict, err := p.Restrict()
	w.reduced("RESTRICT", restrict, err)
}

func (w *writer) reduced(name string, s *atoms.Spec[string], err error) {
	if err != nil {
		w.fail(name, err)
		return
	}
	w.value(name, atoms.Reduce(s, atoms.ReduceOptions{EAPI: w.Package.EAPI, Enabled: w.Enabled}).String(), false)
}

func (w *writer) fail(name string, err error) {
	if w.err == nil {
		w.err = fmt.Errorf("%s of %s: %w", name, w.Package.CPV, err)
	}
}

// dependencies writes the *DEPEND variables, with `:=` bound.
func (w *writer) dependencies() {
	e := w.Package.EAPI
	for _, class := range []atoms.DepClass{atoms.Depend, atoms.RDepend, atoms.PDepend, atoms.BDepend, atoms.IDepend} {
		if class == atoms.BDepend && !e.BDEPEND || class == atoms.IDepend && !e.IDEPEND {
			w.value(class.String(), "", false)
			continue
		}
		dep, err := w.Package.Deps(class)
		if err != nil {
			w.fail(class.String(), err)
			return
		}
		dep = atoms.Reduce(dep, atoms.ReduceOptions{EAPI: e, Enabled: w.Enabled})
		if e.SlotOperators {
			dep = bind(dep, w.roots(class))
		}
		text := dep.String()
		if class == atoms.RDepend {
			text = w.withLibC(text)
		}
		w.value(class.String(), text, false)
	}
}

// roots gives where the packages that satisfy a class are looked for, first first.
func (w *writer) roots(class atoms.DepClass) []func(*atoms.Atom) *ebuild.Package {
	switch {
	case class == atoms.BDepend:
		return []func(*atoms.Atom) *ebuild.Package{w.Running}
	case class == atoms.Depend && !w.Package.EAPI.BDEPEND:
		return []func(*atoms.Atom) *ebuild.Package{w.Installed, w.Running}
	}
	return []func(*atoms.Atom) *ebuild.Package{w.Installed}
}

// bind puts the slot that was there into slot operators. An atom that nothing
// satisfies stays as it is: it may be of a branch that was not taken.
func bind(s *atoms.Dep, roots []func(*atoms.Atom) *ebuild.Package) *atoms.Dep {
	out := *s
	if s.Kind == atoms.KindLeaf {
		if s.Leaf.SlotOp != atoms.SlotOpRebuild {
			return &out
		}
		for _, best := range roots {
			if p := best(s.Leaf); p != nil {
				out.Leaf = s.Leaf.WithSlot(p.Slot, p.Subslot, atoms.SlotOpRebuild)
				break
			}
		}
		return &out
	}
	out.Children = make([]*atoms.Dep, len(s.Children))
	for i, c := range s.Children {
		out.Children[i] = bind(c, roots)
	}
	return &out
}

// withLibC adds the C library that a package with ELF objects was linked with.
func (w *writer) withLibC(rdepend string) string {
	if len(w.Objects) == 0 {
		return rdepend
	}
	words := []string{rdepend}
	for _, p := range w.LibC {
		if p.CPV.CP == w.Package.CPV.CP {
			return rdepend
		}
		words = append(words, ">="+p.CPV.String())
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

// objects writes NEEDED, NEEDED.ELF.2, PROVIDES and REQUIRES.
func (w *writer) objects() {
	var needed, elf2 strings.Builder
	var entries []linkage.Entry
	for i := range w.Objects {
		o := &w.Objects[i]
		needed.WriteString(o.NeededLine() + "\n")
		elf2.WriteString(o.Entry.String() + "\n")
		entries = append(entries, o.Entry)
	}
	w.value("NEEDED", strings.TrimSuffix(needed.String(), "\n"), false)
	w.value("NEEDED.ELF.2", strings.TrimSuffix(elf2.String(), "\n"), false)
	w.value("PROVIDES", elfscan.Provides(entries, w.exclude("PROVIDES_EXCLUDE")), false)
	w.value("REQUIRES", elfscan.Requires(entries, w.exclude("REQUIRES_EXCLUDE")), false)
}

// exclude reads the patterns that the ebuild set, which the shell has recorded.
func (w *writer) exclude(name string) elfscan.Exclude {
	text, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		return nil // there is no file for an empty value
	}
	words, err := shellconf.Split(string(text))
	if err != nil {
		w.fail(name, err)
	}
	return words
}
