package vdb

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// A Rewrite gives an entry the name and metadata that package moves since its
// merge would give it. It may return its arguments, and must be safe for
// concurrent use. If another entry has the new name already, the entry keeps
// its own.
type Rewrite func(cpv atoms.CPV, repo string, m ebuild.Metadata) (atoms.CPV, ebuild.Metadata)

// Options says what a DB reads.
type Options struct {
	Dir     string       // the database: <EROOT>/var/db/pkg
	Pool    *ebuild.Pool // may be nil
	Rewrite Rewrite      // may be nil
	// Workers is the number of goroutines that read entries; 0 means 2.
	Workers int
}

// A DB is the packages installed below one root. It implements ebuild.Source,
// reads the database on first use, and does not notice later changes. It is
// safe for concurrent use.
type DB struct {
	Options

	once      sync.Once
	relations sync.Once // reads the second group of variables of all entries

	err      error
	entries  []entry
	cps      []atoms.CP
	packages map[atoms.CP][]*ebuild.Package
	problems []error
}

// New returns the database that o describes. Nothing is read yet.
func New(o Options) *DB {
	if o.Workers <= 0 {
		o.Workers = 2
	}
	return &DB{Options: o}
}

// CPs returns the names of all installed packages, sorted. A missing database
// is an empty one. The slice must not be changed.
func (db *DB) CPs() ([]atoms.CP, error) {
	db.once.Do(db.load)
	return db.cps, db.err
}

// Packages returns the installed versions of cp in ascending order, several in
// one version (1 and 1-r0) by the text of the version. The slice must not be
// changed.
func (db *DB) Packages(cp atoms.CP) ([]*ebuild.Package, error) {
	db.once.Do(db.load)
	return db.packages[cp], db.err
}

// All returns all installed packages, by name and version.
func (db *DB) All() ([]*ebuild.Package, error) {
	db.once.Do(db.load)
	var all []*ebuild.Package
	for _, cp := range db.cps {
		all = append(all, db.packages[cp]...)
	}
	return all, db.err
}

// Problems returns what was wrong with entries, in the order of their names:
// *linefile.Problem values that name the file or directory.
func (db *DB) Problems() []error {
	db.once.Do(db.load)
	return db.problems
}

// Problems of entries.
var (
	ErrName    = errors.New("not the name of a package with version")
	ErrMissing = errors.New("missing file")
	ErrCounter = errors.New("not a number")
	ErrStale   = errors.New("out of date, but the only copy of the entry's variables")
)

// load reads the whole database.
func (db *DB) load() {
	entries, err := db.list()
	if err != nil {
		db.err = fmt.Errorf("read installed packages: %w", err)
		return
	}
	db.entries = entries
	db.each(func(e *entry, r *fileReader) { e.read(r) })
	db.packages = make(map[atoms.CP][]*ebuild.Package, len(entries))
	taken := make(map[string]bool, len(entries))
	for i := range entries {
		taken[entries[i].cpv.String()] = true
	}
	for i := range entries {
		e := &entries[i]
		db.problems = append(db.problems, e.problems...)
		p := db.build(e, taken)
		if p != nil {
			db.packages[p.CP()] = append(db.packages[p.CP()], p)
		}
	}
	for cp, list := range db.packages {
		slices.SortFunc(list, func(a, b *ebuild.Package) int {
			if c := a.CPV.Version.Compare(b.CPV.Version); c != 0 {
				return c
			}
			return strings.Compare(a.CPV.Version.String(), b.CPV.Version.String())
		})
		db.cps = append(db.cps, cp)
	}
	slices.Sort(db.cps)
}

// build makes the package of an entry; nil if the entry is none.
func (db *DB) build(e *entry, taken map[string]bool) *ebuild.Package {
	if e.bad {
		return nil
	}
	in := ebuild.Input{
		CPV: e.cpv, Repo: e.Get("repository"), Origin: ebuild.OriginInstalled,
		Metadata: e, Path: e.dir, Pool: db.Pool,
	}
	if db.Rewrite != nil {
		cpv, m := db.Rewrite(in.CPV, in.Repo, e)
		if cpv != e.cpv && taken[cpv.String()] {
			cpv = e.cpv
		}
		in.CPV, in.Metadata = cpv, m
	}
	p := ebuild.Make(in)
	e.made = true
	return p
}

// list returns the entries of all categories, sorted, with their names.
func (db *DB) list() ([]entry, error) {
	categories, err := os.ReadDir(db.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, c := range categories {
		if excluded(c) || !validCategory(c.Name()) {
			continue
		}
		dir := filepath.Join(db.Dir, c.Name())
		names, err := os.ReadDir(dir)
		if err != nil {
			db.problem(dir, fmt.Errorf("read category: %w", cause(err)))
			continue
		}
		for _, n := range names {
			if excluded(n) {
				continue
			}
			path := filepath.Join(dir, n.Name())
			cpv, err := atoms.ParseCPV(c.Name() + "/" + n.Name())
			if err != nil {
				db.problem(path, ErrName)
				continue
			}
			entries = append(entries, entry{db: db, dir: path, cpv: cpv})
		}
	}
	return entries, nil
}

// problem notes a problem of a file or directory.
func (db *DB) problem(path string, err error) {
	db.problems = append(db.problems, &linefile.Problem{File: path, Err: err})
}

// excluded reports whether an entry of a directory is none of the database.
// Symbolic links may lead to directories; reading them will tell.
func excluded(d fs.DirEntry) bool {
	name := d.Name()
	return !d.IsDir() && d.Type()&fs.ModeSymlink == 0 ||
		strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-MERGING-") ||
		name == "CVS" || name == "lost+found"
}

// validCategory checks PMS "Category names".
func validCategory(name string) bool {
	_, err := atoms.ParseCP(name + "/x")
	return err == nil
}

// cause strips operation and path, which problems name already.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// readRelations reads the second group of variables.
func (db *DB) readRelations() {
	db.each(func(e *entry, r *fileReader) { e.readRelation(r) })
}

// each calls do for every entry, several at a time.
func (db *DB) each(do func(*entry, *fileReader)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(db.Workers, len(db.entries)) {
		wg.Go(func() {
			var r fileReader
			for i := next.Add(1) - 1; i < int64(len(db.entries)); i = next.Add(1) - 1 {
				do(&db.entries[i], &r)
			}
		})
	}
	wg.Wait()
}
