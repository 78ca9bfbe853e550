package index

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
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
	if x.keeps() {
		err = x.update(next)
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

// update makes next of the present file.
func (x *Index) update(next string) error {
	if err := copyFile(x.options.Path, next); err != nil {
		return err
	}
	return x.fill(next, false)
}

// create makes next of nothing.
func (x *Index) create(next string) error {
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return x.fill(next, true)
}

// keeps says whether the file as it is now is worth keeping: another process may
// have replaced it since this index was opened.
func (x *Index) keeps() bool {
	if x.state == Rebuilt {
		return false
	}
	r, err := openReader(x.options.Path, x.options.Location)
	if err == nil {
		r.close()
	}
	return err == nil
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
const pageSize = 8 << 10

// fill changes the copy, or fills an empty file.
func (x *Index) fill(path string, empty bool) error {
	c, err := openConn(path, "_journal_mode=OFF&_synchronous=OFF&_locking_mode=EXCLUSIVE")
	if err != nil {
		return err
	}
	w := &writer{conn: c}
	if empty {
		w.do(fmt.Sprintf("PRAGMA page_size = %d", pageSize))
	}
	w.do("BEGIN")
	if empty {
		w.createTables(x.options.Location)
	}
	for _, name := range sortedKeys(x.dirty.categories) {
		w.put(kindCategory, name, encodeListing(x.categories[name]))
		w.prune(name, x.categories[name])
	}
	for _, key := range sortedKeys(x.dirty.packages) {
		w.put(kindPackage, key, encodePackage(x.packages[key]))
	}
	if x.dirty.digests {
		w.put(kindDigests, "", encodeDigests(x.digests))
	}
	if x.dirty.installed {
		w.put(kindInstalled, "", encodeInstalled(x.installed))
	}
	w.do("COMMIT")
	return errors.Join(w.err, c.c.Close())
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

// prune drops the packages of a category that its listing does not know.
func (w *writer) prune(category string, now *Listing) {
	if w.err != nil {
		return
	}
	keys, err := w.column("SELECT key FROM row WHERE kind = ? AND key > ? AND key < ?", int64(kindPackage), category+"/", category+"0")
	w.err = err
	for _, key := range keys {
		if _, name, _ := strings.Cut(key, "/"); w.err == nil && !now.has(name) {
			w.err = w.exec("DELETE FROM row WHERE kind = ? AND key = ?", int64(kindPackage), key)
		}
	}
}
