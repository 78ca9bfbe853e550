package profiles

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/profiles/userconf"
)

// A Shelf keeps what the files of profiles and repositories say, so that who
// loads the configurations of several roots, one after the other or at the same
// time, reads each file once. What a shelf has is not read again: it serves one
// run. The zero Shelf is empty.
type Shelf struct {
	mu      sync.Mutex
	folders map[string]*contents
}

// folder gives the contents of a folder, nothing of which need have been read.
func (s *Shelf) folder(path string) *contents {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.folders[path]
	if c == nil {
		if s.folders == nil {
			s.folders = make(map[string]*contents)
		}
		c = &contents{path: path}
		s.folders[path] = c
	}
	return c
}

// contents is what is read of one folder, each file when it is first asked for.
// What it gives is shared and must not be changed.
type contents struct {
	path   string
	listed sync.Once
	names  map[string]bool // nil: not known

	mu    sync.Mutex
	files map[reading]*reader
}

// A reading is one file, read one way.
type reading struct {
	name    string
	kind    fileKind
	shape   linefile.Shape   // of lines and flags
	options userconf.Options // of entries
}

// fileKind is what a file is read as.
type fileKind uint8

const (
	asLines   fileKind = iota // words on lines
	asFlags                   // USE flags, each perhaps with "-"
	asEntries                 // package.*
)

// A reader is what a reading gave.
type reader struct {
	once     sync.Once
	lines    []linefile.Line
	flags    []Word
	entries  []userconf.Entry
	problems []error

	tabled sync.Once
	table  *Table
}

// has says if there may be a file of that name.
func (c *contents) has(name string) bool {
	c.listed.Do(func() {
		list, err := os.ReadDir(c.path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return // the files may be readable nevertheless
		}
		c.names = make(map[string]bool, len(list))
		for _, entry := range list {
			c.names[entry.Name()] = true
		}
	})
	return c.names == nil || c.names[name]
}

func (c *contents) join(name string) string { return filepath.Join(c.path, name) }

// reader gives what a reading gave; a missing file is empty.
func (c *contents) reader(r reading) *reader {
	c.mu.Lock()
	x := c.files[r]
	if x == nil {
		if c.files == nil {
			c.files = make(map[reading]*reader)
		}
		x = &reader{}
		c.files[r] = x
	}
	c.mu.Unlock()
	x.once.Do(func() {
		if c.has(r.name) {
			x.read(c.join(r.name), &r)
		}
	})
	return x
}

func (x *reader) read(path string, r *reading) {
	switch r.kind {
	case asEntries:
		x.entries, x.problems = userconf.Read(path, r.options)
	case asFlags:
		var flags []userconf.Flag
		flags, x.problems = userconf.ReadFlags(path, r.shape)
		x.flags = make([]Word, len(flags))
		for i, flag := range flags {
			text := flag.Name
			if flag.Removed {
				text = "-" + text
			}
			x.flags[i] = Word{text, Pos{flag.File, flag.Line}}
		}
	case asLines:
		x.lines, x.problems = linefile.Read(path, r.shape)
	}
}

// words gives the entries as a table, nil if there are none.
func (x *reader) words() *Table {
	x.tabled.Do(func() { x.table = tableOf(x.entries) })
	return x.table
}
