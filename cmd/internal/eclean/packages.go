package eclean

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/merge/binpkg"
)

// cleanPackages removes binary packages that are not needed.
func (c *cleaner) cleanPackages() error {
	dir := c.system.Root.Config.Get("PKGDIR")
	if err := c.permitted(dir); err != nil {
		return err
	}
	c.info("Building file list for packages cleaning...")
	if _, err := os.ReadDir(dir); err != nil {
		if c.ignoreFailure {
			return nil
		}
		return c.failed("Error accessing PKGDIR.", "(Check your make.conf file and environment).", "Error: "+pythonError(err))
	}
	store := binpkg.New(binpkg.Options{Dir: dir, Pool: c.system.Session.Pool, Category: c.system.Session.Repos.HasCategory})
	dead, err := c.deadPackages(store)
	if err != nil {
		return err
	}
	if err := c.removeAll("binary packages", dead, nil); err != nil {
		return err
	}
	invalid := invalidPackages(dir, store.Problems())
	if len(invalid) == 0 || c.keepInvalid {
		return nil
	}
	return c.removeInvalid(invalid)
}

// pythonError is an error of the system in Python's form.
func pythonError(err error) string {
	var path *os.PathError
	var number syscall.Errno
	if errors.As(err, &path) && errors.As(err, &number) {
		text := number.Error()
		return fmt.Sprintf("[Errno %d] %s: '%s'", int(number), strings.ToUpper(text[:1])+text[1:], path.Path)
	}
	return err.Error()
}

// deadPackages gives the files of binary packages that nothing needs, by CATEGORY/PF.
func (c *cleaner) deadPackages(store *binpkg.Store) (map[string][]string, error) {
	cps, err := store.CPs()
	if err != nil {
		return nil, fmt.Errorf("read binary packages: %w", err)
	}
	dead := map[string][]string{}
	kept := map[string]*ebuild.Package{} // by version, EAPI and USE
	for _, cp := range cps {
		if c.exclude.keepsPackage(cp) {
			continue
		}
		list, err := store.Packages(cp)
		if err != nil {
			return nil, fmt.Errorf("read binary packages: %w", err)
		}
		for _, p := range list {
			if p.Remote != "" || c.since != 0 && p.MTime >= c.since {
				continue
			}
			if err := c.judge(p, kept, dead); err != nil {
				return nil, err
			}
		}
	}
	return dead, nil
}

// judge adds a binary package to the dead if nothing needs it.
func (c *cleaner) judge(p *ebuild.Package, kept map[string]*ebuild.Package, dead map[string][]string) error {
	name := p.CPV.String()
	key := ""
	if c.uniqueUSE && !c.deep {
		key = strings.Join([]string{name, p.EAPIName, p.Raw("USE")}, "_")
		if old := kept[key]; old != nil {
			if newer(old, p) {
				dead[name] = append(dead[name], p.Path)
				return nil
			}
			dead[name] = append(dead[name], old.Path)
		}
		kept[key] = p
	}
	needed, err := c.needed(p)
	if err != nil || needed {
		return err
	}
	delete(kept, key)
	dead[name] = append(dead[name], p.Path)
	return nil
}

// newer says if a was built after b.
func newer(a, b *ebuild.Package) bool {
	x, y := a.Raw("BUILD_TIME"), b.Raw("BUILD_TIME")
	return len(x) > len(y) || len(x) == len(y) && x > y
}

// needed says if a binary package is needed: it has an ebuild, or with --deep it is the
// one that is installed.
func (c *cleaner) needed(p *ebuild.Package) (bool, error) {
	known := c.system.Get(p.CPV)
	if !c.deep {
		e := known.Ebuild()
		if e == nil {
			return false, nil
		}
		return !c.changedDeps || c.sameDeps(p, e), nil
	}
	installed := known.Installed()
	if installed == nil {
		return false, nil
	}
	if c.names && known.Ebuild() != nil {
		return true, nil
	}
	return installed.Raw("BUILD_TIME") == p.Raw("BUILD_TIME"), nil
}

// sameDeps says if the ebuild has the dependencies that a binary package was built
// with, as far as they matter after the merge. Slots that a build fills in, and the C
// library, do not count. Broken ones of the ebuild are no reason to remove anything.
func (c *cleaner) sameDeps(p, e *ebuild.Package) bool {
	libc := c.libc()
	enabled := func(flag string) bool { return slices.Contains(p.USE, flag) }
	for _, class := range []atoms.DepClass{atoms.RDepend, atoms.PDepend} {
		built, err := p.Deps(class)
		if err != nil {
			c.error(fmt.Sprintf("Warning: Invalid binpkg DEPEND string found for: %s | tagging for removal", p.CPV))
			return false
		}
		now, err := e.Deps(class)
		if err != nil {
			c.error(fmt.Sprintf("Warning: Invalid ebuild DEPEND String found for: %s", p.CPV))
			return true
		}
		flat := func(d *atoms.Dep, from *ebuild.Package) string {
			return atoms.StripLibcDeps(withoutBuiltSlots(atoms.Reduce(d, atoms.ReduceOptions{EAPI: from.EAPI, Enabled: enabled})), libc).String()
		}
		if flat(built, p) != flat(now, e) {
			return false
		}
	}
	return true
}

// libc gives the atoms of the C library that is installed.
func (c *cleaner) libc() []*atoms.Atom {
	var out []*atoms.Atom
	list, _ := c.system.Root.Installed.Packages("virtual/libc") // what cannot be read is not there
	for _, p := range list {
		tree, err := p.Deps(atoms.RDepend)
		if err != nil {
			continue // the dependencies of the virtual say nothing then
		}
		for _, a := range tree.Leaves(func(flag string) bool { return slices.Contains(p.USE, flag) }) {
			if found, _ := c.system.Root.Installed.Packages(a.CP); a.Blocker == atoms.BlockNone && len(found) > 0 {
				out = append(out, a)
			}
		}
	}
	if out == nil {
		out = []*atoms.Atom{atoms.NewAtom("virtual/libc")}
	}
	return out
}

// withoutBuiltSlots reduces slot dependencies with := to that operator.
func withoutBuiltSlots(d *atoms.Dep) *atoms.Dep {
	if d.Kind == atoms.KindLeaf {
		if a := d.Leaf; a.SlotOp == atoms.SlotOpRebuild && a.Slot != "" {
			return &atoms.Dep{Kind: atoms.KindLeaf, Leaf: a.WithSlot("", "", atoms.SlotOpRebuild)}
		}
		return d
	}
	n := *d
	n.Children = make([]*atoms.Dep, len(d.Children))
	for i, child := range d.Children {
		n.Children[i] = withoutBuiltSlots(child)
	}
	return &n
}

// invalidPackages gives the package files that cannot be used, by their path below
// PKGDIR without the extension.
func invalidPackages(dir string, problems []error) map[string][]string {
	out := map[string][]string{}
	for _, err := range problems {
		var p *linefile.Problem
		if !errors.As(err, &p) || binpkg.FormatOf(p.File) == binpkg.FormatNone {
			continue
		}
		if errors.Is(err, binpkg.ErrCategory) || errors.Is(err, binpkg.ErrFileName) || errors.Is(err, binpkg.ErrBuildID) {
			continue
		}
		name, err := filepath.Rel(dir, p.File)
		if err != nil {
			continue // not below PKGDIR
		}
		for _, end := range []string{".gpkg.tar", ".tbz2", ".xpak"} {
			name = strings.TrimSuffix(name, end)
		}
		if !slices.Contains(out[name], p.File) {
			out[name] = append(out[name], p.File)
		}
	}
	return out
}
