package vdb

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/index"
)

// An index spares reading a dozen small files for each entry. What it has is
// believed as follows.
//
// Portage trusts the modification time of an entry's directory, for its own
// cache (var/cache/edb/vdb_metadata.pickle) as for the file metadata: it changes
// when a file comes, goes or is replaced. A file that is rewritten in place
// leaves it as it was, and Portage goes on with what the file once said. Here
// that time, with the time of the last change of the directory itself, only
// tells which files there are; each file that was read must have the stamp that
// it had then. This costs one system call for each file, where reading it takes
// four, and ten milliseconds of a processor for a thousand packages. Entries that
// have a believed file metadata need two. Files that few requests ask for are
// looked at when they are asked for (see late).
//
// Entries with problems are not recorded: what is wrong with them is told each
// time. The names in a category are recorded with the stamp of its directory.

// snapshotKey is the number of the file metadata among the recorded variables,
// after those of identity and relation.
const snapshotKey = len(identity) + len(relation)

// keys are the recorded variables.
func keys() []string {
	return slices.Concat(identity[:], relation[:], []string{snapshotName})
}

// A category is the directory of a category.
type category struct {
	name, dir string
	fd        int // open while entries are read
	stamp     index.Stamp
	same      bool // the names are as recorded
	names     []*index.InstalledEntry
}

// openIndex opens the index, if there is a place for one.
func (db *DB) openIndex() {
	if db.Index == "" || db.Only != (Interest{}) {
		return
	}
	db.index = index.Open(index.Options{
		Path: filepath.Join(db.Index, index.FileName("installed", db.Dir)), Location: db.Dir, Now: db.Now,
	})
	if recorded := db.index.Installed(); recorded != nil && slices.Equal(recorded.Keys, keys()) {
		db.recorded = recorded
	}
}

// recordedCategory returns what the index has of a category, or nil.
func (db *DB) recordedCategory(name string) *index.InstalledCategory {
	if db.recorded == nil {
		return nil
	}
	list := db.recorded.Categories
	i, found := slices.BinarySearchFunc(list, name, func(c index.InstalledCategory, name string) int {
		return strings.Compare(c.Name, name)
	})
	if !found {
		return nil
	}
	return &list[i]
}

// list opens the directory of the category and lists its entries by name, with
// what is recorded about each.
func (c *category) list(recorded *index.InstalledCategory) (err error) {
	c.fd, err = retry(func() (int, error) {
		return unix.Open(c.dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	})
	if err == nil {
		c.stamp, err = stampOf(c.fd)
	}
	if err != nil {
		c.fd, c.stamp = -1, index.Stamp{}
	}
	if recorded == nil {
		recorded = &index.InstalledCategory{}
	}
	c.same = c.stamp != index.Stamp{} && c.stamp == recorded.Stamp
	if c.same {
		c.names = pointers(recorded.Entries)
		return nil
	}
	found, err := os.ReadDir(c.dir)
	if err != nil {
		c.stamp = index.Stamp{} // do not believe it the next time
		return err
	}
	for _, n := range found {
		if excluded(n) {
			continue
		}
		entry := &index.InstalledEntry{Name: n.Name()}
		i, known := slices.BinarySearchFunc(recorded.Entries, n.Name(), func(e index.InstalledEntry, name string) int {
			return strings.Compare(e.Name, name)
		})
		if known {
			entry = &recorded.Entries[i]
		}
		c.names = append(c.names, entry)
	}
	return nil
}

func pointers(list []index.InstalledEntry) []*index.InstalledEntry {
	out := make([]*index.InstalledEntry, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// close closes the directory, which was only looked at.
func (c *category) close() {
	if c.fd >= 0 {
		_ = unix.Close(c.fd)
	}
}

// stampAt returns the stamp of a file below the category, zero if there is none.
func (c *category) stampAt(path string) index.Stamp { return stampAt(c.fd, path) }

// stampAt returns the stamp of a file below a directory, zero if there is none.
func stampAt(dir int, path string) index.Stamp {
	var st unix.Stat_t
	for {
		switch err := unix.Fstatat(dir, path, &st, 0); {
		case err == nil:
			return toStamp(&st)
		case !errors.Is(err, unix.EINTR):
			return index.Stamp{}
		}
	}
}

// recall takes the values of the entry from the index, if all its files are as
// they were.
func (e *entry) recall() bool {
	r := e.recorded
	none := index.Stamp{}
	if e.category.fd < 0 || r.Dir == none || e.category.stampAt(r.Name) != r.Dir {
		return false
	}
	path := append(make([]byte, 0, 128), r.Name...)
	path = append(path, '/')
	for i := range r.Files {
		f := &r.Files[i]
		if f.Stamp != none && !late(f.Key) && e.category.stampAt(string(append(path, name(f.Key)...))) != f.Stamp {
			return false
		}
	}
	e.stamp = r.Dir
	for i := range r.Files {
		switch f := &r.Files[i]; {
		case f.Key < len(identity):
			e.identity[f.Key] = f.Value
		case f.Key < snapshotKey:
			e.relation[f.Key-len(identity)] = f.Value
		}
	}
	return true
}

// late says that the file of a recorded variable is compared with its stamp when
// the variable is asked for, and read if it is another: it is not one of those
// that identify a package or tell its dependencies.
func late(key int) bool {
	return key >= firstLate && key < snapshotKey || key == counterVar || key == builtVar
}

// recalledLate returns a recorded variable of the late ones.
func (e *entry) recalledLate(key int) string {
	e.mu.Lock()
	for i := range e.recorded.Files {
		f := &e.recorded.Files[i]
		if f.Key != key || f.Stamp == (index.Stamp{}) || e.checked&(1<<key) != 0 {
			continue
		}
		e.checked |= 1 << key
		if stampAt(unix.AT_FDCWD, filepath.Join(e.dir, name(key))) != f.Stamp {
			e.changed |= 1 << key
		}
	}
	changed := e.changed&(1<<key) != 0
	e.mu.Unlock()
	if changed {
		return e.readOne(name(key))
	}
	return e.value(key)
}

// name returns the name of a recorded variable.
func name(key int) string {
	switch {
	case key < len(identity):
		return identity[key]
	case key < snapshotKey:
		return relation[key-len(identity)]
	}
	return snapshotName
}

// note keeps what was read of a file, to be recorded.
func (e *entry) note(key int, stamp index.Stamp, value string) {
	if e.db.index != nil {
		e.files = append(e.files, index.File{Key: key, Stamp: stamp, Value: value})
	}
}

// believed returns what the file metadata of an entry says, nil if there is
// none to believe. That of a recalled entry is read when it is needed.
func (e *entry) believed() map[string]string {
	if !e.recalled || !e.recorded.Snapshot {
		return e.snapshot
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.snapshot == nil {
		var r fileReader
		text, _, _ := r.readFile(filepath.Join(e.dir, snapshotName)) // it was there; what is gone now is empty
		if e.snapshot, _ = parseSnapshot(valid(text)); e.snapshot == nil {
			e.snapshot = map[string]string{}
		}
	}
	return e.snapshot
}

// recordable says that the entry was read whole, and without fault.
func (e *entry) recordable() bool {
	return e.complete && len(e.problems) == 0 && e.stamp != index.Stamp{}
}

// record returns what the index should have of the entry.
func (e *entry) record() index.InstalledEntry {
	out := index.InstalledEntry{Name: e.recorded.Name}
	switch {
	case e.stale():
		return out // to be read whole the next time
	case e.recalled:
		return *e.recorded
	case !e.recordable():
		return out
	}
	out.Dir, out.Files, out.Snapshot = e.stamp, e.files, e.snapshot != nil
	if out.Snapshot {
		for key := range snapshotKey {
			if value := e.value(key); value != "" {
				out.Files = append(out.Files, index.File{Key: key, Value: value})
			}
		}
	}
	return out
}

// stale says that a file of a recalled entry turned out to be another.
func (e *entry) stale() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.changed != 0
}

// value returns a recorded variable.
func (e *entry) value(key int) string {
	if key < len(identity) {
		return e.identity[key]
	}
	return e.relation[key-len(identity)]
}

// Close writes what is new to the index. The database may still be asked. An
// error means that the next start will be slower.
func (db *DB) Close() error {
	if db.index == nil {
		return nil
	}
	changed := db.relisted
	for i := range db.entries {
		changed = changed || db.entries[i].recordable() || db.entries[i].stale()
	}
	if changed {
		db.index.PutInstalled(db.record())
	}
	return db.index.Close()
}

// record returns what the index should have of the database.
func (db *DB) record() *index.Installed {
	out := &index.Installed{Keys: keys()}
	known := make(map[*index.InstalledEntry]*entry, len(db.entries))
	for i := range db.entries {
		known[db.entries[i].recorded] = &db.entries[i]
	}
	for i := range db.categories {
		c := &db.categories[i]
		next := index.InstalledCategory{Name: c.name, Stamp: c.stamp}
		for _, n := range c.names {
			entry := index.InstalledEntry{Name: n.Name}
			if e := known[n]; e != nil {
				entry = e.record()
			}
			next.Entries = append(next.Entries, entry)
		}
		out.Categories = append(out.Categories, next)
	}
	return out
}
