// Package vdbindex finds out quickly which installed packages own a file, which
// depend on a package, and which provide or need a shared library.
//
// It keeps a rebuildable SQLite file (ebuild/index) beside the database of installed
// packages, which stays the only truth: before an entry's rows are believed, the files
// of the entry that they were made from are looked at (time, time of change, size), so
// that an edit in place is noticed; what is new or changed is read from the entry. An
// answer is that of reading every entry.
package vdbindex

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/index"
)

// Options say what an index is about.
type Options struct {
	Dir   string // the database: <EROOT>/var/db/pkg, absolute
	Root  string // ROOT: what paths are relative to, absolute
	Cache string // folder of index files, which must exist; "": nothing is kept
	Now   time.Time
	// Workers is the number of goroutines that read entries; 0 means 2.
	Workers int
}

// An Index answers questions about the database as it was when the first one was
// asked. It is not safe for concurrent use. Packages are named as the folders of
// their entries are: "category/PF".
type Index struct {
	options Options
	store   *index.Store

	names     []string // of the entries, sorted
	listed    bool
	owners    *owners
	relations *relations
}

// Open opens the index of a database. Nothing is read before the first question.
func Open(o Options) *Index {
	if o.Workers <= 0 {
		o.Workers = 2
	}
	path := ""
	if o.Cache != "" {
		path = filepath.Join(o.Cache, index.FileName("owners", o.Dir))
	}
	return &Index{options: o, store: index.OpenStore(path, o.Dir)}
}

// list lists the entries of the database. A missing database is an empty one.
func (x *Index) list() error {
	if x.listed {
		return nil
	}
	categories, err := os.ReadDir(x.options.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read installed packages: %w", err)
	}
	for _, c := range categories {
		if !counts(c) {
			continue
		}
		entries, err := os.ReadDir(filepath.Join(x.options.Dir, c.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("read installed packages: %w", err)
		}
		for _, e := range entries {
			if counts(e) {
				x.names = append(x.names, c.Name()+"/"+e.Name())
			}
		}
	}
	slices.Sort(x.names)
	x.listed = true
	return nil
}

// counts says whether a name in the database is a category or an entry.
func counts(d fs.DirEntry) bool {
	name := d.Name()
	return (d.IsDir() || d.Type()&fs.ModeSymlink != 0) && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "-MERGING-") &&
		name != "CVS" && name != "lost+found"
}

// stamp gives the stamp of a file of an entry, zero if there is none.
func (x *Index) stamp(entry, file string) index.Stamp {
	var st unix.Stat_t
	if err := unix.Stat(filepath.Join(x.options.Dir, entry, file), &st); err != nil {
		return index.Stamp{}
	}
	s := index.Stamp{MTime: st.Mtim.Nano(), CTime: st.Ctim.Nano(), Size: st.Size}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		s.Size = 0
	}
	return s
}

// settled says whether a file had been left alone for long enough when it was read:
// another change in the same tick of the clock could not be told.
func (x *Index) settled(s index.Stamp) bool {
	if x.options.Now.IsZero() {
		return true
	}
	limit := x.options.Now.Add(-index.Margin).UnixNano()
	return s.MTime <= limit && s.CTime <= limit
}

// Close writes what is new. An error means that the next start will be slower.
func (x *Index) Close() error {
	defer x.store.Close()
	changed := x.owners != nil && x.owners.changed || x.relations != nil && x.relations.changed
	if !changed {
		return nil
	}
	rows := make(map[string][]byte)
	if err := x.ownerRows(rows); err != nil {
		return err
	}
	x.relationRows(rows)
	return x.store.Replace(rows)
}

// Lookup gives what vdb.Options.Owned wants: each call asks an index of its own, which
// writes what it has learnt.
func Lookup(o Options) func(root string, paths []string) (map[string][]string, error) {
	return func(root string, paths []string) (map[string][]string, error) {
		o := o
		o.Root = root
		x := Open(o)
		owners, err := x.Owners(paths)
		_ = x.Close() // losing the index costs time, nothing else
		return owners, err
	}
}
