package vdb

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// Contents returns the files that an installed package of this database
// installed. A missing CONTENTS file is an empty one.
func (db *DB) Contents(p *ebuild.Package) ([]Content, []error) {
	file := filepath.Join(p.Path, "CONTENTS")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, []error{&linefile.Problem{File: file, Err: cause(err)}}
	}
	return ParseContents(file, text)
}

// Owners returns for each of paths, absolute below root and beginning with
// EPREFIX if there is one, the installed packages that own it, by name and
// version. A package owns what it lists and the directories above. Paths that
// differ by symbolic links to directories are the same. Paths that nobody owns
// are left out.
func (db *DB) Owners(root string, paths []string) (map[string][]*ebuild.Package, error) {
	all, err := db.All()
	if err != nil || len(paths) == 0 {
		return nil, err
	}
	if db.Owned != nil {
		return db.indexed(all, root, paths)
	}
	q := newOwnerQuery(root, paths)
	found := make([][]string, len(all)) // paths by package
	problems := make([]error, len(all))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(db.Workers, len(all)) {
		wg.Go(func() {
			var r fileReader
			for i := next.Add(1) - 1; i < int64(len(all)); i = next.Add(1) - 1 {
				found[i], problems[i] = q.ownedBy(&r, all[i])
			}
		})
	}
	wg.Wait()
	owners := make(map[string][]*ebuild.Package)
	for i, list := range found {
		for _, p := range list {
			owners[p] = append(owners[p], all[i])
		}
	}
	return owners, errors.Join(problems...)
}

// indexed is Owners by the index.
func (db *DB) indexed(all []*ebuild.Package, root string, paths []string) (map[string][]*ebuild.Package, error) {
	names, err := db.Owned(root, paths)
	entries := make(map[string]*ebuild.Package, len(all))
	for _, p := range all {
		entries[strings.TrimPrefix(p.Path, db.Dir+"/")] = p
	}
	owners := make(map[string][]*ebuild.Package, len(names))
	for path, list := range names {
		for _, name := range list {
			if p := entries[name]; p != nil {
				owners[path] = append(owners[path], p)
			}
		}
		slices.SortFunc(owners[path], func(a, b *ebuild.Package) int { return a.CPV.Compare(b.CPV) })
		if len(owners[path]) == 0 {
			delete(owners, path)
		}
	}
	return owners, err
}

// inode identifies a directory.
type inode struct{ dev, ino uint64 }

// An ownerQuery is a search for the owners of some paths.
type ownerQuery struct {
	root  string
	paths []ownerPath

	mu   sync.Mutex
	dirs map[string]inode // by path relative to root; zero if there is none
}

// An ownerPath is one path to look for.
type ownerPath struct {
	given, clean string
	needle       []byte // slash and last element
	parent       inode
}

// newOwnerQuery prepares a search.
func newOwnerQuery(root string, paths []string) *ownerQuery {
	q := &ownerQuery{root: root, dirs: make(map[string]inode)}
	for _, given := range paths {
		clean := path.Clean("/" + given)
		q.paths = append(q.paths, ownerPath{
			given: given, clean: clean, needle: []byte("/" + path.Base(clean)), parent: q.dir(path.Dir(clean)),
		})
	}
	return q
}

// dir returns what a directory is after following links.
func (q *ownerQuery) dir(name string) inode {
	q.mu.Lock()
	defer q.mu.Unlock()
	id, ok := q.dirs[name]
	if !ok {
		var st unix.Stat_t
		if err := unix.Stat(filepath.Join(q.root, name), &st); err == nil {
			id = inode{uint64(st.Dev), st.Ino}
		}
		q.dirs[name] = id
	}
	return id
}

// ownedBy returns those of the given paths that a package owns.
func (q *ownerQuery) ownedBy(r *fileReader, p *ebuild.Package) ([]string, error) {
	file := filepath.Join(p.Path, "CONTENTS")
	text, _, err := r.readFile(file)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, &linefile.Problem{File: file, Err: err}
	}
	if !slices.ContainsFunc(q.paths, func(p ownerPath) bool { return bytes.Contains(text, p.needle) }) {
		return nil, nil
	}
	contents, _ := ParseContents(file, text)
	contents = WithParents(contents, "")
	var owned []string
	for _, wanted := range q.paths {
		if slices.ContainsFunc(contents, func(c Content) bool { return q.same(c.Path, wanted) }) {
			owned = append(owned, wanted.given)
		}
	}
	return owned, nil
}

// same reports whether a recorded path is the wanted one, perhaps by way of
// links to directories.
func (q *ownerQuery) same(recorded string, wanted ownerPath) bool {
	if recorded == wanted.clean {
		return true
	}
	return strings.HasSuffix(recorded, string(wanted.needle)) && wanted.parent != inode{} &&
		q.dir(path.Dir(recorded)) == wanted.parent
}
