package manifest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/manifest"
)

// A target is a repository, or some packages of it.
type target struct {
	root string     // of the repository, links resolved
	cps  []atoms.CP // sorted; empty if whole
	// whole says that all of the repository is meant.
	whole bool
}

// find finds what a path means: the repository around it, and how much of that.
func find(path string) (*target, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("find repository: %w", err)
	}
	root := real
	for !isRepository(root) {
		if root == filepath.Dir(root) {
			return nil, fmt.Errorf("find repository: %s is in none: no folder above it has profiles/repo_name or metadata/layout.conf", path)
		}
		root = filepath.Dir(root)
	}
	below, err := filepath.Rel(root, real)
	if err != nil {
		return nil, fmt.Errorf("find repository: %w", err)
	}
	t := &target{root: root}
	parts := strings.Split(below, "/")
	switch {
	case below == ".":
		t.whole = true
		return t, nil
	case len(parts) == 1:
		t.cps = packages(root, parts[0])
	default:
		if _, err := atoms.ParseCP(parts[0] + "/" + parts[1]); err == nil {
			t.cps = []atoms.CP{atoms.CP(parts[0] + "/" + parts[1])}
		}
	}
	if len(t.cps) == 0 {
		return nil, fmt.Errorf("%s holds no package of the repository %s", path, root)
	}
	return t, nil
}

func isRepository(dir string) bool {
	for _, name := range []string{"profiles/repo_name", "metadata/layout.conf"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// packages lists the package folders of a category: those with an ebuild or a
// Manifest.
func packages(root, category string) []atoms.CP {
	var cps []atoms.CP
	entries, _ := os.ReadDir(filepath.Join(root, category)) // one that cannot be read has none
	for _, d := range entries {
		cp, err := atoms.ParseCP(category + "/" + d.Name())
		if err != nil {
			continue
		}
		files, _ := os.ReadDir(filepath.Join(root, category, d.Name())) // likewise
		if slices.ContainsFunc(files, func(f os.DirEntry) bool {
			return f.Name() == manifest.FileName || strings.HasSuffix(f.Name(), ".ebuild")
		}) {
			cps = append(cps, cp)
		}
	}
	return cps
}

// all lists the packages of a target by looking at folders.
func (t *target) all() []atoms.CP {
	if !t.whole {
		return t.cps
	}
	var cps []atoms.CP
	entries, _ := os.ReadDir(t.root) // its files were just read
	for _, d := range entries {
		if !strings.HasPrefix(d.Name(), ".") {
			cps = append(cps, packages(t.root, d.Name())...)
		}
	}
	slices.Sort(cps)
	return cps
}

// join adds a target to those before it: those of one repository become one.
func join(targets []*target, t *target) []*target {
	for _, old := range targets {
		if old.root != t.root {
			continue
		}
		old.whole = old.whole || t.whole
		old.cps = append(old.cps, t.cps...)
		slices.Sort(old.cps)
		old.cps = slices.Compact(old.cps)
		return targets
	}
	return append(targets, t)
}
