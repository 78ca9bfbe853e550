// Package tree lists the packages of a store as the q applets see them: names first,
// and metadata only when it is asked for, one value at a time. A store is the database
// of installed packages, a repository (by its md5-cache, else by its ebuilds), or a
// PKGDIR (by its Packages file, else by its files).
//
// It knows no configuration, checks no cache entry for being fresh and parses no
// dependencies; other packages of the program do.
package tree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/q/loose"
)

// A Kind is what a store is made of.
type Kind uint8

const (
	Installed Kind = iota // var/db/pkg
	Cache                 // metadata/md5-cache of a repository
	Ebuilds               // a repository without a cache
	Binaries              // a PKGDIR without an index
	Indexed               // a PKGDIR with a Packages file
)

// A Tree is a store.
type Tree struct {
	Kind Kind
	// Path is where packages are, as it is shown: the root, a slash, and the path
	// below it as given.
	Path string
	// Location is the repository, or the store itself, as it is shown.
	Location string
	Repo     string // the name of the repository; "" if it has none
	Root     string // what paths in CONTENTS are below

	dir string
}

// A Package is one package of a Tree. It is not safe for concurrent use.
type Package struct {
	Tree *Tree
	Name string // category and version, as files are named

	atom     *loose.Atom
	complete bool
	metadata metadata
	path     string // of the package: a folder, a cache entry, an ebuild, a binary package
	text     map[string]*string
}

// OpenInstalled opens a database of installed packages below a root.
func OpenInstalled(root, dir string) (*Tree, error) {
	t, err := open(Installed, root, dir)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// OpenRepo opens a repository, whose location is below a root.
func OpenRepo(root, location string) (*Tree, error) {
	t, err := open(Cache, root, location+"/metadata/md5-cache")
	if err != nil {
		if t, err = open(Ebuilds, root, location); err != nil {
			return nil, err
		}
	}
	name, _ := os.ReadFile(filepath.Join(root, location, "profiles/repo_name")) // a repository may have no name
	t.Location, t.Repo = shown(root, location), strings.TrimSpace(string(name))
	return t, nil
}

// OpenBinaries opens a PKGDIR below a root.
func OpenBinaries(root, dir string) (*Tree, error) {
	t, err := open(Binaries, root, dir)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(t.dir + "/Packages"); err == nil && info.Mode().IsRegular() {
		t.Kind = Indexed
	}
	return t, nil
}

func open(kind Kind, root, dir string) (*Tree, error) {
	full := filepath.Join(root, dir)
	info, err := os.Stat(full)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: full, Err: errors.New("not a directory")}
	}
	return &Tree{Kind: kind, Path: shown(root, dir), Location: shown(root, dir), Root: root, dir: full}, nil
}

// shown is how a path below a root is printed.
func shown(root, dir string) string {
	if root == "/" {
		root = ""
	}
	return root + "/" + strings.TrimPrefix(dir, "/")
}

// Packages lists the packages that a query wants, all if it is nil: by category and
// name, the newest version first.
func (t *Tree) Packages(query *loose.Atom) ([]*Package, error) {
	var all []*Package
	var err error
	if t.Kind == Indexed {
		all, err = t.indexed()
	} else {
		all, err = t.walk(query)
	}
	if err != nil {
		return nil, err
	}
	if query != nil {
		all = slices.DeleteFunc(all, func(p *Package) bool { return !p.Matches(query) })
	}
	slices.SortStableFunc(all, func(a, b *Package) int { return loose.Sorted(a.Atom(), b.Atom()) })
	return all, nil
}

// walk lists the packages that folders and file names tell of.
func (t *Tree) walk(query *loose.Atom) ([]*Package, error) {
	categories, err := os.ReadDir(t.dir)
	if err != nil {
		return nil, err
	}
	var all []*Package
	for _, c := range categories {
		if !isCategory(c.Name()) || query != nil && query.HasCategory && query.Blocker == loose.BlockNone && query.Category != c.Name() {
			continue
		}
		entries, err := os.ReadDir(t.dir + "/" + c.Name())
		if err != nil {
			continue // not a folder, or not ours to read
		}
		for _, e := range entries {
			// A name that does not even begin right is not worth an atom.
			if !isPackage(e.Name()) || query != nil && query.HasName && query.Blocker == loose.BlockNone && !strings.HasPrefix(e.Name(), query.PN) {
				continue
			}
			all = append(all, t.named(c.Name(), e.Name())...)
		}
	}
	return all, nil
}

// named is the package with a file name; of a folder of ebuilds, each of them.
func (t *Tree) named(category, name string) []*Package {
	dir := t.dir + "/" + category + "/"
	switch t.Kind {
	case Ebuilds:
		entries, err := os.ReadDir(dir + name)
		if err != nil {
			return nil // a file beside the packages
		}
		var out []*Package
		for _, e := range entries {
			if pf, ok := strings.CutSuffix(e.Name(), ".ebuild"); ok {
				out = append(out, &Package{Tree: t, Name: category + "/" + pf, path: dir + name + "/" + e.Name()})
			}
		}
		return out
	case Binaries:
		for _, suffix := range []string{".tbz2", ".gpkg.tar"} {
			if pf, ok := strings.CutSuffix(name, suffix); ok {
				return []*Package{{Tree: t, Name: category + "/" + pf, path: dir + name}}
			}
		}
		return nil
	}
	return []*Package{{Tree: t, Name: category + "/" + name, path: dir + name}}
}

// isCategory says if a folder may be a category.
func isCategory(name string) bool {
	if name[0] == '-' || name[0] == '+' || name[0] == '.' {
		return false
	}
	for i := range len(name) {
		if !isWord(name[i]) && !strings.ContainsRune("-+.", rune(name[i])) {
			return false
		}
	}
	return strings.Contains(name, "-") || name == "virtual"
}

// isPackage says if a file name may be that of a package.
func isPackage(name string) bool {
	if name[0] == '-' || name[0] == '+' {
		return false // so are the folders of unfinished merges
	}
	hyphen := false
	for i := range len(name) {
		switch c := name[i]; {
		case c == '-':
			hyphen = true
		case c != '+' && !isWord(c):
			return hyphen
		}
	}
	return true
}

func isWord(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// Atom is the package's name.
func (p *Package) Atom() *loose.Atom {
	if p.atom == nil {
		category, name, _ := strings.Cut(p.Name, "/")
		p.atom = loose.ParseIn(category, name)
	}
	return p.atom
}

// Full is the package's name with slot and repository.
func (p *Package) Full() *loose.Atom {
	a := p.Atom()
	if p.complete {
		return a
	}
	p.complete = true
	slot, _ := p.Get("SLOT")
	a.Slot, a.Subslot, _ = strings.Cut(slot, "/")
	a.Repo = p.Tree.Repo
	if a.Repo == "" && p.Tree.Kind != Cache && p.Tree.Kind != Ebuilds {
		a.Repo, _ = p.Get("repository")
	}
	return a
}

// For is the package's name with as much as a query asks for.
func (p *Package) For(query *loose.Atom) *loose.Atom {
	if query.Slot != "" || query.Repo != "" || query.Blocker != loose.BlockNone {
		return p.Full()
	}
	return p.Atom()
}

// Matches says if a query wants the package.
func (p *Package) Matches(query *loose.Atom) bool { return loose.Matches(p.For(query), query) }

// Category is the category of the package.
func (p *Package) Category() string { return p.Atom().Category }

// Path is where the package is, on this machine: its folder or its file.
func (p *Package) Path() string { return p.path }
