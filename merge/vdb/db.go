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
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/index"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/ebuild/updates"
)

// Options says what a DB reads.
type Options struct {
	Dir  string       // the database: <EROOT>/var/db/pkg, absolute
	Pool *ebuild.Pool // may be nil
	// Updates gives the package moves to apply to what is read; nil for none. It
	// is called when packages are first asked for. An entry keeps its name if
	// another has the new one already.
	Updates func() *updates.Set
	// Workers is the number of goroutines that read entries; 0 means 2.
	Workers int
	// Index is the folder of index files, which must exist; "" for none. An index
	// spares most of the reading, see recall.
	Index string
	Now   time.Time // the time of the call, see index.Options
	// Owned finds the entries ("category/PF") that own paths below a root, by an index
	// (merge/vdbindex); nil: each entry is read.
	Owned func(root string, paths []string) (map[string][]string, error)
	// Only limits what there is to the packages of one name, so that others need
	// not be read. The index is left alone then.
	Only Interest
}

// An Interest says which packages matter; an empty field is any.
type Interest struct{ Category, Name string }

func (i Interest) category(name string) bool { return i.Category == "" || i.Category == name }

func (i Interest) cpv(cpv atoms.CPV) bool { return i.Name == "" || i.Name == cpv.CP.Name() }

// A DB is the packages installed below one root. It implements ebuild.Source,
// reads the database on first use, and does not notice later changes. It is
// safe for concurrent use.
type DB struct {
	Options

	reading   sync.Once
	once      sync.Once
	relations sync.Once // reads the second group of variables of all entries

	err        error
	index      *index.Index
	recorded   *index.Installed
	categories []category
	entries    []entry
	relisted   bool // some category is not as recorded
	updates    *updates.Set
	cps        []atoms.CP
	packages   map[atoms.CP][]*ebuild.Package
	problems   []error
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

// Read reads the database, if that was not done yet. It need not be called: it
// lets a caller have the database read beside other work.
func (db *DB) Read() { db.reading.Do(db.read) }

// read lists the entries and reads what identifies each.
func (db *DB) read() {
	db.openIndex()
	err := db.list()
	if err != nil {
		db.err = fmt.Errorf("read installed packages: %w", err)
		return
	}
	db.each(func(e *entry, r *fileReader) { e.read(r) })
	for i := range db.categories {
		db.categories[i].close()
	}
}

// load makes the packages of all entries.
func (db *DB) load() {
	db.Read()
	if db.Updates != nil {
		db.updates = db.Updates()
	}
	db.packages = make(map[atoms.CP][]*ebuild.Package, len(db.entries))
	taken := make(map[string]bool, len(db.entries))
	for i := range db.entries {
		taken[db.entries[i].cpv.String()] = true
	}
	for i := range db.entries {
		e := &db.entries[i]
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

// build makes the package of an entry; nil if the entry is none. taken has the
// names of all entries.
func (db *DB) build(e *entry, taken map[string]bool) *ebuild.Package {
	if e.bad {
		return nil
	}
	in := ebuild.Input{
		CPV: e.cpv, Repo: e.Get("repository"), Origin: ebuild.OriginInstalled,
		Metadata: e, Path: e.dir, Pool: db.Pool,
	}
	p := ebuild.Make(in)
	if db.updates != nil {
		p = db.update(p, in, taken)
	}
	e.made = true
	return p
}

// update returns the package as moves since its merge make it.
func (db *DB) update(p *ebuild.Package, in ebuild.Input, taken map[string]bool) *ebuild.Package {
	now, changed := db.updates.Package(p.Repo, p.Candidate(nil))
	if now.CPV != p.CPV && taken[now.CPV.String()] {
		now.CPV = p.CPV
	}
	m := &moved{Metadata: in.Metadata, updates: db.updates, pool: db.Pool, repo: p.Repo, now: now}
	if !changed && len(db.updates.For(p.Repo)) == 0 {
		return p
	}
	if now.Slot != p.Slot || now.Subslot != p.Subslot {
		m.slot = now.Slot
		if now.Subslot != now.Slot {
			m.slot += "/" + now.Subslot
		}
	}
	in.CPV, in.Metadata = now.CPV, m
	return ebuild.Make(in)
}

// moved is the metadata of an entry to which package moves apply.
type moved struct {
	ebuild.Metadata
	updates *updates.Set
	pool    *ebuild.Pool
	repo    string
	now     atoms.Candidate
	slot    string // new value of SLOT, "" for the old one
}

// Recorded returns the variables without moves.
func (m *moved) Recorded() ebuild.Metadata { return m.Metadata }

// Get returns the value of a variable as moves make it.
func (m *moved) Get(key string) string {
	text := m.Metadata.Get(key)
	switch key {
	case "SLOT":
		if m.slot != "" {
			return m.slot
		}
	case "BDEPEND", "DEPEND", "IDEPEND", "PDEPEND", "RDEPEND":
		text, _ = m.updates.Deps(m.repo, text, atoms.AtomOptions{}, &m.now, m.pool)
	}
	return text
}

// list lists the entries of all categories, sorted, with their names.
func (db *DB) list() error {
	categories, err := os.ReadDir(db.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	db.categories = make([]category, 0, len(categories))
	for _, c := range categories {
		if !excluded(c) && validCategory(c.Name()) && db.Only.category(c.Name()) {
			db.categories = append(db.categories, category{name: c.Name(), dir: filepath.Join(db.Dir, c.Name())})
		}
	}
	for i := range db.categories {
		c := &db.categories[i]
		if err := c.list(db.recordedCategory(c.name)); err != nil {
			db.problem(c.dir, fmt.Errorf("read category: %w", cause(err)))
			continue
		}
		db.relisted = db.relisted || !c.same
		for _, n := range c.names {
			path := c.dir + "/" + n.Name
			cpv, err := atoms.ParseCPV(c.name + "/" + n.Name)
			if err != nil {
				db.problem(path, ErrName)
				continue
			}
			if !db.Only.cpv(cpv) {
				continue
			}
			db.entries = append(db.entries, entry{db: db, category: c, recorded: n, dir: path, cpv: cpv})
		}
	}
	return nil
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
