package vdb

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/index"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// Variables are read in two groups, each for all entries together: what makes
// up an ebuild.Package, and what a resolver asks about every package.
var (
	identity = [...]string{"SLOT", "EAPI", "repository", "USE", "IUSE", "KEYWORDS", "COUNTER", "BUILD_TIME", "BUILD_ID"}
	relation = [...]string{"RDEPEND", "PDEPEND", "DEPEND", "BDEPEND", "IDEPEND", "LICENSE", "PROPERTIES", "RESTRICT", "PROVIDES", "REQUIRES", "DEFINED_PHASES", "CHOST"}
)

const (
	slotVar    = 0 // indices in identity
	eapiVar    = 1
	counterVar = 6
	builtVar   = 7 // BUILD_TIME

	firstLate = len(identity) + 5 // among all recorded variables: after the dependencies
)

// An entry is the metadata of one entry of the database. It implements
// ebuild.Metadata.
type entry struct {
	db       *DB
	category *category
	recorded *index.InstalledEntry // what the index has of it; at least its name
	dir      string
	cpv      atoms.CPV
	bad      bool // not a directory after all, or not readable
	recalled bool // as recorded
	made     bool // the package exists: SIZE, which it does not need, may be read
	problems []error

	stamp    index.Stamp // of the directory
	identity [len(identity)]string
	snapshot map[string]string // what the file metadata says; nil if there is none to believe

	relation [len(relation)]string // after db.relations, unless recalled
	files    []index.File          // what was read of which file, to be recorded
	complete bool                  // files has all that a record needs

	mu      sync.Mutex
	rest    map[string]string // variables read one by one
	checked uint32            // bits of late variables that were compared with their stamps,
	changed uint32            // and of those whose file is another
}

// Get returns the value of a variable with runs of white space collapsed to
// one blank, except those with meaningful lines (CONTENTS, NEEDED.*).
func (e *entry) Get(key string) string {
	for i, k := range identity {
		if k == key {
			if e.recalled && late(i) {
				return e.recalledLate(i)
			}
			return e.identity[i]
		}
	}
	switch {
	case key == "_mtime_":
		return strconv.FormatInt(e.stamp.MTime/1e9, 10)
	case key == "SIZE" && !e.made:
		return ""
	}
	for i, k := range relation {
		if k == key {
			if !e.recalled {
				e.db.relations.Do(e.db.readRelations)
			} else if number := len(identity) + i; late(number) {
				return e.recalledLate(number)
			}
			return e.relation[i]
		}
	}
	if inSnapshot(key) {
		if values := e.believed(); values != nil {
			return values[key]
		}
	}
	return e.readOne(key)
}

// read reads the identity of the entry, or recalls it.
func (e *entry) read(r *fileReader) {
	if e.recalled = e.recall(); e.recalled {
		return
	}
	dir, err := r.openDir(e.dir)
	if err != nil {
		e.bad = true
		if !errors.Is(err, syscall.ENOTDIR) && !errors.Is(err, fs.ErrNotExist) {
			e.problem("", fmt.Errorf("read entry: %w", err))
		}
		return
	}
	defer dir.close()
	if e.stamp, err = dir.stamp(); err != nil {
		e.problem("", fmt.Errorf("stat: %w", err))
	}
	stale, fresh := e.readSnapshot(dir, e.stamp.MTime)
	if fresh {
		e.believe(stale)
		e.complete = true
		return
	}
	found := e.readValues(dir, 0, identity[:], e.identity[:])
	e.checkIdentity(found, stale)
}

// believe takes the values of the file metadata.
func (e *entry) believe(values map[string]string) {
	e.snapshot = values
	for i, key := range identity {
		e.identity[i] = values[key]
	}
	for i, key := range relation {
		e.relation[i] = values[key]
	}
}

// checkIdentity reports essential variables that have no file. found has a bit
// for each file of identity that is there; stale is an outdated snapshot or nil.
func (e *entry) checkIdentity(found uint, stale map[string]string) {
	const essential = 1<<slotVar | 1<<eapiVar
	if found&essential == 0 && stale["SLOT"] != "" {
		// The single files were removed in favour of the snapshot.
		own := e.identity
		e.believe(stale)
		for i := range identity {
			if found&(1<<i) != 0 {
				e.identity[i] = own[i]
			}
		}
		e.problem(snapshotName, ErrStale)
		return
	}
	for _, i := range []int{slotVar, eapiVar} {
		if found&(1<<i) == 0 {
			e.problem(identity[i], ErrMissing)
		}
	}
	if _, err := strconv.ParseInt(e.identity[counterVar], 10, 64); err != nil && found&(1<<counterVar) != 0 {
		e.problem(identity[counterVar], ErrCounter)
	}
}

// readValues reads the files called names, the first of which is variable number
// first, and returns a bit for each that exists.
func (e *entry) readValues(dir directory, first int, names []string, values []string) (found uint) {
	for i, name := range names {
		text, stamp, err := dir.read(name)
		switch {
		case err == nil:
			values[i] = collapse(text)
			found |= 1 << i
			e.note(first+i, stamp, values[i])
		case !errors.Is(err, fs.ErrNotExist):
			e.problem(name, fmt.Errorf("read: %w", err))
			found |= 1 << i
		}
	}
	return found
}

// readRelation reads the variables of the second group. Problems have no
// place to go then: a file that cannot be read is an empty one, as in Portage.
func (e *entry) readRelation(r *fileReader) {
	if e.bad || e.recalled || e.snapshot != nil {
		return
	}
	dir, err := r.openDir(e.dir)
	if err != nil {
		return
	}
	defer dir.close()
	now, err := dir.stamp()
	e.complete = err == nil && now == e.stamp
	for i, name := range relation {
		text, stamp, err := dir.read(name)
		switch {
		case err == nil:
			e.relation[i] = collapse(text)
			e.note(len(identity)+i, stamp, e.relation[i])
		case !errors.Is(err, fs.ErrNotExist):
			e.complete = false
		}
	}
}

// readOne reads one variable.
func (e *entry) readOne(key string) string {
	if key == "" || strings.ContainsAny(key, "/\x00") || key == "." || key == ".." {
		return ""
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if v, ok := e.rest[key]; ok {
		return v
	}
	var r fileReader
	text, _, err := r.readFile(filepath.Join(e.dir, key))
	value := ""
	switch {
	case err != nil:
	case multiLine(key):
		value = valid(text)
	default:
		value = collapse(text)
	}
	if e.rest == nil {
		e.rest = make(map[string]string)
	}
	e.rest[key] = value
	return value
}

// multiLine reports whether line ends in the variable count.
func multiLine(key string) bool { return key == "CONTENTS" || strings.HasPrefix(key, "NEEDED.") }

// problem notes a problem of a file of the entry, or of the entry itself.
func (e *entry) problem(name string, err error) {
	e.problems = append(e.problems, &linefile.Problem{File: filepath.Join(e.dir, name), Err: err})
}

// collapse returns text with white space at both ends removed and every run of
// it within replaced by one blank.
func collapse(text []byte) string {
	for n := len(text); n > 0 && text[n-1] == '\n'; n-- {
		text = text[:n-1]
	}
	clean, blank := true, true // blank: the byte before was one, or there is none
	for _, c := range text {
		if c <= ' ' || c >= 0x80 {
			if c != ' ' || blank {
				clean = false
				break
			}
			blank = true
			continue
		}
		blank = false
	}
	if clean && (!blank || len(text) == 0) {
		return string(text)
	}
	return strings.Join(strings.FieldsFunc(valid(text), linefile.IsSpace), " ")
}

// valid returns text with bytes that are not UTF-8 replaced.
func valid(text []byte) string { return strings.ToValidUTF8(string(text), "\uFFFD") }
