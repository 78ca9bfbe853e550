package index

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sort"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

// write puts what is dirty into a copy of the present file, and the copy in its
// place. A place that cannot be written to is no error.
func (x *Index) write() error {
	lock, err := atomicfile.TryAcquire(x.options.Path+".lock", atomicfile.Exclusive)
	switch {
	case errors.Is(err, atomicfile.ErrLocked), readOnly(err):
		return nil
	case err != nil:
		return fmt.Errorf("write index: %w", err)
	}
	defer lock.Release()
	if err := x.replace(); err != nil && !readOnly(err) {
		return fmt.Errorf("write index %s: %w", x.options.Path, err)
	}
	return nil
}

// readOnly says that err is about a place where nothing can be written.
func readOnly(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) ||
		errors.Is(err, unix.EROFS) || errors.Is(err, unix.ENOTDIR)
}

func (x *Index) replace() error {
	// Whatever an earlier writer left behind is ours: we have the lock.
	next := x.options.Path + ".new"
	defer os.Remove(next) // fails once it is renamed
	err := errNothingThere
	if old := x.present(); old != nil {
		err = x.update(next, old)
		old.close()
	}
	if err != nil { // also if the old file is damaged where no row was read
		err = x.create(next)
	}
	if err == nil {
		err = syncFile(next)
	}
	if err == nil {
		err = os.Rename(next, x.options.Path)
	}
	return err
}

// errNothingThere says that there is no file to update.
var errNothingThere = errors.New("no index")

// update makes next of the present file, which old reads.
func (x *Index) update(next string, old *reader) error {
	if err := copyFile(x.options.Path, next); err != nil {
		return err
	}
	return x.fill(next, old)
}

// create makes next of nothing.
func (x *Index) create(next string) error {
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return x.fill(next, nil)
}

// present opens the file as it is now: another process may have replaced it
// since this index was opened. It is nil if there is none worth keeping.
func (x *Index) present() *reader {
	if x.state == Rebuilt {
		return nil
	}
	r, err := openReader(x.options.Path, x.options.Location)
	if err != nil {
		return nil
	}
	return r
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// pageSize is that of new files, in bytes. A row is read page by page, each with
// a system call.
const pageSize = 16 << 10

// fill changes the copy; old reads the file that it is a copy of.
func (x *Index) fill(path string, old *reader) error {
	c, err := openConn(path, "_journal_mode=OFF&_synchronous=OFF&_locking_mode=EXCLUSIVE")
	if err != nil {
		return err
	}
	w := &writer{conn: c, old: old}
	if old == nil {
		w.do(fmt.Sprintf("PRAGMA page_size = %d", pageSize))
	}
	w.do("BEGIN")
	if old == nil {
		w.createTables(x.options.Location)
	}
	for _, name := range sortedKeys(x.dirty.categories) {
		if x.dirty.categories[name] {
			w.put(kindCategory, name, encodeListing(x.categories[name]))
		}
	}
	x.fillPackages(w)
	if x.dirty.digests {
		w.put(kindDigests, "", encodeDigests(x.digests))
	}
	w.do("COMMIT")
	return errors.Join(w.err, c.c.Close())
}

// fillPackages rewrites the shards of every category that changed.
func (x *Index) fillPackages(w *writer) {
	changed := make(map[string][]*Package)
	for name, put := range x.dirty.categories {
		if put {
			changed[name] = nil // what is gone has to go
		}
	}
	for _, key := range sortedKeys(x.dirty.packages) {
		category, _, _ := strings.Cut(key, "/")
		changed[category] = append(changed[category], x.packages[key])
	}
	for _, category := range sortedKeys(changed) {
		w.putPackages(category, changed[category], x.categories[category])
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// A writer changes one file; after an error it does nothing.
type writer struct {
	conn
	old *reader
	err error
}

func (w *writer) do(text string) {
	if w.err == nil {
		w.err = w.exec(text)
	}
}

// createTables makes the tables of a new file.
func (w *writer) createTables(location string) {
	w.do(fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	w.do(fmt.Sprintf("PRAGMA user_version = %d", Version))
	w.do(schema)
	w.put(kindMeta, metaLocation, &encoder{b: []byte(location)})
}

func (w *writer) put(k kind, key string, e *encoder) {
	if w.err == nil {
		w.err = w.exec("INSERT OR REPLACE INTO row (kind, key, data) VALUES (?, ?, ?)", int64(k), key, e.finish(rowKey(k, key)))
	}
}

// putPackages joins packages with those that the file has of the category, and
// writes all in shards. The first shard has the empty name, so that every name
// has a shard that covers it. Packages that the listing does not know any more
// are dropped.
func (w *writer) putPackages(category string, changed []*Package, now *Listing) {
	all := changed
	if w.old != nil && w.err == nil {
		kept, err := w.old.category(category)
		if err != nil {
			kept = nil // damaged rows are dropped
		}
		all = merge(kept, changed)
	}
	if now != nil {
		all = slices.DeleteFunc(all, func(p *Package) bool { return !now.has(p.Name) })
	}
	if w.err == nil {
		w.err = w.exec("DELETE FROM row WHERE kind = ? AND key >= ? AND key < ?", int64(kindShard), category+"/", category+"0")
	}
	if len(all) == 0 {
		return
	}
	for _, s := range split(all) {
		w.put(kindShard, category+"/"+s.first, encodeShard(s))
	}
}

// merge joins two lists of packages sorted by name; of a package in both, the
// changed one counts.
func merge(kept, changed []*Package) []*Package {
	all := append(slices.Clone(changed), kept...)
	slices.SortStableFunc(all, func(a, b *Package) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(all, func(a, b *Package) bool { return a.Name == b.Name })
}

// split cuts packages sorted by name into shards.
func split(all []*Package) []*shard {
	var shards []*shard
	current := &shard{}
	size := 0
	for _, p := range all {
		if size > shardSize {
			current.next = p.Name
			shards = append(shards, current)
			current, size = &shard{first: p.Name}, 0
		}
		current.packages = append(current.packages, p)
		for _, e := range p.Entries {
			size += len(e.Text)
		}
	}
	return append(shards, current)
}
