package index

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

// kindBlob is the kind of the rows of a Store: their meaning is the caller's.
const kindBlob kind = 5

// A Store is rows of bytes by key, in a file that is made, checked and replaced like
// that of an Index. It is not safe for concurrent use.
type Store struct {
	path, location string
	db             *reader
}

// OpenStore opens the file at path; what it is about is location. It never fails: a
// file that is absent, damaged or about something else has no rows.
func OpenStore(path, location string) *Store {
	s := &Store{path: path, location: location}
	if _, err := os.Stat(path); path == "" || err != nil {
		return s
	}
	if db, err := openReader(path, location); err == nil {
		s.db = db
	}
	return s
}

// Get gives a row; false if there is none, or it is damaged.
func (s *Store) Get(key string) (string, bool) {
	if s.db == nil {
		return "", false
	}
	data, err := s.db.get(kindBlob, key)
	return data, err == nil && data != ""
}

// Replace makes the file hold these rows, and no others. A place that cannot be
// written to, or somebody else who is writing, is no error.
func (s *Store) Replace(rows map[string][]byte) error {
	if s.path == "" {
		return nil
	}
	lock, err := atomicfile.TryAcquire(s.path+".lock", atomicfile.Exclusive)
	switch {
	case errors.Is(err, atomicfile.ErrLocked), readOnly(err):
		return nil
	case err != nil:
		return fmt.Errorf("write index: %w", err)
	}
	defer lock.Release()
	next := s.path + ".new"
	defer os.Remove(next) // fails once it is renamed
	_ = os.Remove(next)   // it is ours: we have the lock
	// It is not synced: rows have checksums, and what a crash takes is made again.
	if err = s.fill(next, rows); err == nil {
		err = os.Rename(next, s.path)
	}
	if err != nil && !readOnly(err) {
		return fmt.Errorf("write index %s: %w", s.path, err)
	}
	return nil
}

func (s *Store) fill(path string, rows map[string][]byte) error {
	c, err := openConn(path, "_journal_mode=OFF&_synchronous=OFF&_locking_mode=EXCLUSIVE")
	if err != nil {
		return err
	}
	w := &writer{conn: c}
	w.do(fmt.Sprintf("PRAGMA page_size = %d", pageSize))
	w.do("BEGIN")
	w.createTables(s.location)
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		w.put(kindBlob, key, &encoder{b: rows[key]})
	}
	w.do("COMMIT")
	return errors.Join(w.err, c.c.Close())
}

// Close lets go of the file.
func (s *Store) Close() {
	if s.db != nil {
		s.db.close()
		s.db = nil
	}
}
