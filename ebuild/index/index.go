// Package index keeps a rebuildable SQLite index over the files of one ebuild
// repository (names in folders, texts of cache entries, digests) or of one
// database of installed packages. It is never the truth: each row carries the
// stamps of the files it was made from, and the caller compares them with the
// tree before it believes the row.
//
// # Staleness
//
// A [Stamp] is modification time, change time and size. A folder's stamp changes
// when a name in it appears, goes or is replaced, so one stat for each category
// (not for each of 32,000 entries) validates all names. A file rewritten in place
// changes only its own stamp, so the caller stats each entry it uses: about one
// microsecond. The change time is set by the kernel and catches tools that keep
// modification times (rsync, tar, cp -a). A file that was changed in the clock
// tick in which it was read cannot be told from a later one: what changed shortly
// before Options.Now is not written down.
//
// # Concurrency and damage
//
// The database file is never changed in place. Readers open it with SQLite's
// immutable flag: no locks, no journal, no shared memory, so that a read-only
// place serves as well as another. A writer takes a lock, copies the present file,
// changes the copy, and renames it over the old one; readers keep the inode they
// have. Two writers follow each other and lose nothing, as each starts from the
// file of the one before; one that finds the lock taken leaves its rows for the
// next run. A write-ahead log would do for writers, but a reader would need the
// right to write and files beside the database. Every row has a checksum, so a
// truncated or torn file (which SQLite may not notice) costs its rows, nothing
// else. A file of another version, another place or with damage is replaced.
//
// # Granularity
//
// A row holds all versions of a package: a query costs some 5 µs, about as much
// as reading one small file, and most packages have several versions. Rows of
// many packages were tried; they save queries when a request touches most of a
// small repository, and cost more than they save when it touches little of a
// large one. A database of installed packages is one row: it is always read
// whole, and small.
//
// Rows that could not be written (no place given, read-only, lock taken) stay in
// memory for the life of the index.
package index

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Version is the version of the database layout. A file of another version is
// replaced.
const Version = 1

// Options says where an index is.
type Options struct {
	Path     string    // database file; "" keeps everything in memory
	Location string    // the repository or database that the index is about, absolute
	Now      time.Time // the time of the call; rows of files changed after it, or up to Margin before, are not written. Zero: write all
}

// Margin is how long before Options.Now a file must have been left alone for its
// row to be written: the coarsest clock tick of a file system.
const Margin = 2 * time.Second

// State says what became of the file of an index.
type State uint8

const (
	Memory  State = iota // no place was given
	Absent               // there was no file yet
	Loaded               // the file is in use
	Rebuilt              // the file was damaged or of another version or place, and will be replaced
)

// String names the state.
func (s State) String() string {
	switch s {
	case Memory:
		return "memory"
	case Absent:
		return "absent"
	case Loaded:
		return "loaded"
	case Rebuilt:
		return "rebuilt"
	}
	return fmt.Sprintf("State(%d)", uint8(s))
}

// An Index gives the rows of a database file and takes new ones. It is safe for
// concurrent use. Rows given out must not be changed.
type Index struct {
	options Options

	mu         sync.Mutex
	state      State
	reason     error // why a file was not used
	db         *reader
	categories map[string]*Listing // read or put; nil if the file has none
	packages   map[string]*Package // read or put, by category/name; nil if the file has none
	digests    map[string]Digest   // by path; nil until read
	installed  *Installed          // read or put
	dirty      dirt
}

// dirt is what has been put and is not in the file.
type dirt struct {
	categories map[string]bool
	packages   map[string]bool
	digests    bool
	installed  bool
}

// Open opens the index. It never fails: an index that cannot be read is empty,
// and State tells why.
func Open(o Options) *Index {
	x := &Index{
		options:    o,
		categories: make(map[string]*Listing),
		packages:   make(map[string]*Package),
		dirty:      dirt{categories: make(map[string]bool), packages: make(map[string]bool)},
	}
	if o.Path == "" {
		return x
	}
	if _, err := os.Stat(o.Path); err != nil {
		x.state = Absent
		if !errors.Is(err, os.ErrNotExist) {
			x.reason = fmt.Errorf("open index: %w", err)
		}
		return x
	}
	db, err := openReader(o.Path, o.Location)
	if err != nil {
		x.state, x.reason = Rebuilt, fmt.Errorf("open index %s: %w", o.Path, err)
		return x
	}
	x.state, x.db = Loaded, db
	return x
}

// State tells what became of the file, and why it was not used if it was not.
func (x *Index) State() (State, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.state, x.reason
}

// damaged stops using the file after a row could not be read. What was read
// before passed its checksum, and goes into the new file.
func (x *Index) damaged(err error) {
	x.state, x.reason = Rebuilt, fmt.Errorf("read index %s: %w", x.options.Path, err)
	x.db.close()
	x.db = nil
	for name, l := range x.categories {
		if l != nil {
			x.dirty.categories[name] = true
		}
	}
	for key, p := range x.packages {
		if p != nil {
			x.dirty.packages[key] = true
		}
	}
	x.dirty.installed = x.installed != nil
}

// Category gives the recorded listing of a category, or nil.
func (x *Index) Category(name string) *Listing {
	x.mu.Lock()
	defer x.mu.Unlock()
	l, known := x.categories[name]
	if !known && x.db != nil {
		l = x.readCategory(name)
		x.categories[name] = l
	}
	return l
}

func (x *Index) readCategory(name string) *Listing {
	data, err := x.db.get(kindCategory, name)
	if data == "" && err == nil {
		return nil
	}
	var l *Listing
	if err == nil {
		l, err = decodeListing(data)
	}
	if err != nil {
		x.damaged(err)
		return nil
	}
	return l
}

// PutCategory records the listing of a category.
func (x *Index) PutCategory(name string, l *Listing) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.categories[name] = l
	x.dirty.categories[name] = true
}

// Package gives what is recorded about a package, or nil.
func (x *Index) Package(category, name string) *Package {
	x.mu.Lock()
	defer x.mu.Unlock()
	key := category + "/" + name
	p, known := x.packages[key]
	if !known && x.db != nil {
		p = x.readPackage(key)
		x.packages[key] = p
	}
	return p
}

func (x *Index) readPackage(key string) *Package {
	data, err := x.db.get(kindPackage, key)
	if data == "" && err == nil {
		return nil
	}
	var p *Package
	if err == nil {
		p, err = decodePackage(data)
	}
	if err != nil {
		x.damaged(err)
		return nil
	}
	return p
}

// PutPackage records a package of a category, replacing what was recorded.
func (x *Index) PutPackage(category string, p *Package) {
	x.mu.Lock()
	defer x.mu.Unlock()
	key := category + "/" + p.Name
	x.packages[key] = p
	x.dirty.packages[key] = true
}

// PutEntry records one version of a package, beside what is recorded of it. What
// is known of its folder stays.
func (x *Index) PutEntry(category, name string, e *Entry) {
	x.mu.Lock()
	defer x.mu.Unlock()
	key := category + "/" + name
	p, known := x.packages[key]
	if !known && x.db != nil {
		p = x.readPackage(key)
	}
	x.packages[key] = p.with(name, e)
	x.dirty.packages[key] = true
}

// Digest gives the recorded digest of the file at path if the file has the
// stamp.
func (x *Index) Digest(path string, s Stamp) (string, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.loadDigests()
	d, ok := x.digests[path]
	return d.Sum, ok && d.Stamp == s
}

// PutDigest records the digest of the file at path.
func (x *Index) PutDigest(path string, d Digest) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.loadDigests()
	x.digests[path] = d
	x.dirty.digests = true
}

func (x *Index) loadDigests() {
	if x.digests != nil {
		return
	}
	x.digests = make(map[string]Digest)
	if x.db == nil {
		return
	}
	data, err := x.db.get(kindDigests, "")
	if err == nil && data != "" {
		err = decodeDigests(data, x.digests)
	}
	if err != nil {
		x.damaged(err)
	}
}

// Close writes what is new to the file and lets go of it. The index must not be
// used any more. The error is about writing only: nothing read is affected, and
// without a right to write there is none.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.settle()
	x.dirty.installed = x.dirty.installed && !x.sameInstalled()
	var err error
	if x.options.Path != "" && x.isDirty() {
		err = x.write()
	}
	if x.db != nil {
		x.db.close()
		x.db = nil
	}
	return err
}

func (x *Index) isDirty() bool {
	return len(x.dirty.categories) > 0 || len(x.dirty.packages) > 0 || x.dirty.digests || x.dirty.installed
}

// settle drops from what is to be written everything that changed too shortly
// before it was read.
func (x *Index) settle() {
	if x.options.Now.IsZero() {
		return
	}
	limit := x.options.Now.Add(-Margin).UnixNano()
	for name := range x.dirty.categories {
		if x.categories[name].Stamp.after(limit) {
			delete(x.dirty.categories, name)
		}
	}
	for key := range x.dirty.packages {
		if x.packages[key].after(limit) {
			delete(x.dirty.packages, key)
		}
	}
	for path, d := range x.digests {
		if d.Stamp.after(limit) {
			delete(x.digests, path)
		}
	}
	if x.dirty.installed {
		x.installed.settle(limit)
	}
}

// FileName gives a file name for the index of a repository: its name, and a
// digest of its location, as two repositories may share a name.
func FileName(name, location string) string {
	return fmt.Sprintf("%s-%08x.sqlite", filepath.Base(name), checksum(location, nil))
}
