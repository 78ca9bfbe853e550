package vdbindex

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/index"
	"github.com/tumpline/tumpline/merge/vdb"
)

// Postings are kept in rows by a part of the hash of a file's name.
const (
	bucketBits = 10
	dirBlock   = 512 // folders in a row
)

// A posting says that an entry owns a file of some name in some folder. That no two
// names have the same hash is believed.
type posting struct {
	name  uint64 // hash of the last element of the path
	dir   uint32
	entry uint32
}

// owners are the files of all entries.
type owners struct {
	entries []ownerEntry // by name; what is recorded, then what was read
	byName  map[string]int
	changed bool

	recordedDirs   int // folders that are in rows
	blocks         map[int][]string
	dirs           []string // read now; their ids follow the recorded ones
	dirID          map[string]uint32
	fresh          map[uint64][]posting // read now
	recordedIn     map[int][]posting    // rows that were asked for
	byBucket       [][]posting          // fresh, for writing
	valid          []bool               // by entry: as recorded, or read now
	inodes         map[string]inode
	problemsOfRead []error
}

type ownerEntry struct {
	name  string
	stamp index.Stamp // of CONTENTS
}

type inode struct{ dev, ino uint64 }

func hash(name string) uint64 {
	sum := sha256.Sum256([]byte(name))
	return binary.LittleEndian.Uint64(sum[:])
}

func bucket(h uint64) int { return int(h >> (64 - bucketBits)) }

// Owners gives for each path, absolute below ROOT and beginning with EPREFIX if there
// is one, the entries that own it, sorted. A package owns what it lists and the folders
// above. Paths that differ by links to folders are the same. Paths that nobody owns are
// left out.
func (x *Index) Owners(paths []string) (map[string][]string, error) {
	if err := x.loadOwners(); err != nil {
		return nil, err
	}
	o := x.owners
	found := make(map[string][]string)
	for _, given := range paths {
		if list := x.owned(path.Clean("/" + given)); len(list) > 0 {
			found[given] = list
		}
		if x.owners != o { // the rows were damaged
			return x.Owners(paths)
		}
	}
	return found, errors.Join(o.problemsOfRead...)
}

// owned lists the entries that own a path.
func (x *Index) owned(clean string) (list []string) {
	if clean == "/" {
		return nil
	}
	h, dir := hash(path.Base(clean)), path.Dir(clean)
	recorded := x.bucket(bucket(h))
	o := x.owners
	for _, p := range slices.Concat(recorded, o.fresh[h]) {
		if p.name != h || !o.valid[p.entry] {
			continue
		}
		if name := o.entries[p.entry].name; !slices.Contains(list, name) && x.sameDir(x.dir(p.dir), dir) {
			list = append(list, name)
		}
		if x.owners != o {
			return nil
		}
	}
	slices.Sort(list)
	return list
}

func newOwners() *owners {
	return &owners{byName: make(map[string]int), blocks: make(map[int][]string), dirID: make(map[string]uint32),
		fresh: make(map[uint64][]posting), recordedIn: make(map[int][]posting), inodes: make(map[string]inode)}
}

func comparePostings(a, b posting) int {
	return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.dir, b.dir), cmp.Compare(a.entry, b.entry))
}

// sameDir says whether two paths lead to one folder.
func (x *Index) sameDir(a, b string) bool {
	if a == b {
		return true
	}
	first := x.inode(a)
	return first != inode{} && first == x.inode(b)
}

func (x *Index) inode(dir string) inode {
	id, ok := x.owners.inodes[dir]
	if !ok {
		var st unix.Stat_t
		if err := unix.Stat(filepath.Join(x.options.Root, dir), &st); err == nil {
			id = inode{uint64(st.Dev), st.Ino}
		}
		x.owners.inodes[dir] = id
	}
	return id
}

// loadOwners finds out which rows count, and reads the entries that have none.
func (x *Index) loadOwners() error {
	if x.owners != nil {
		return nil
	}
	if err := x.list(); err != nil {
		return err
	}
	o := newOwners()
	x.owners = o
	x.readOwnerEntries()
	o.valid = make([]bool, len(o.entries))
	var stale []string
	count := 0
	for _, name := range x.names {
		now := x.stamp(name, "CONTENTS")
		if i, ok := o.byName[name]; ok && o.entries[i].stamp == now && now != (index.Stamp{}) {
			o.valid[i] = true
			count++
			continue
		}
		if now != (index.Stamp{}) {
			stale = append(stale, name)
		}
	}
	o.changed = len(stale) > 0 || count < len(o.entries)
	x.readContents(stale)
	return nil
}

// A parsed file is what CONTENTS of an entry says.
type parsed struct {
	stamp index.Stamp
	paths []string
	hash  []uint64 // of the last elements
	err   error
}

// readContents reads CONTENTS of some entries.
func (x *Index) readContents(names []string) {
	list := make([]parsed, len(names))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(x.options.Workers, len(names)) {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(names)); i = next.Add(1) - 1 {
				list[i] = x.parse(names[i])
			}
		})
	}
	wait.Wait()
	o := x.owners
	for i, p := range list {
		if p.err != nil {
			o.problemsOfRead = append(o.problemsOfRead, p.err)
			continue
		}
		id := uint32(len(o.entries))
		o.entries = append(o.entries, ownerEntry{names[i], p.stamp})
		o.valid = append(o.valid, true)
		for n, file := range p.paths {
			o.fresh[p.hash[n]] = append(o.fresh[p.hash[n]], posting{p.hash[n], x.freshDir(path.Dir(file)), id})
		}
	}
}

func (x *Index) parse(name string) (p parsed) {
	file := filepath.Join(x.options.Dir, name, "CONTENTS")
	p.stamp = x.stamp(name, "CONTENTS") // before it is read: what comes later is another
	text, err := os.ReadFile(file)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			p.err = fmt.Errorf("read installed files: %w", err)
		}
		return p
	}
	contents, _ := vdb.ParseContents(file, text) // a line that is wrong owns nothing
	contents = vdb.WithParents(contents, "")
	for _, c := range contents {
		if c.Path != "/" {
			p.paths, p.hash = append(p.paths, c.Path), append(p.hash, hash(path.Base(c.Path)))
		}
	}
	return p
}

func (x *Index) freshDir(dir string) uint32 {
	o := x.owners
	id, ok := o.dirID[dir]
	if !ok {
		id = uint32(o.recordedDirs + len(o.dirs))
		o.dirID[dir] = id
		o.dirs = append(o.dirs, dir)
	}
	return id
}

// dir gives the path of a folder.
func (x *Index) dir(id uint32) string {
	o, n := x.owners, int(id)
	if n >= o.recordedDirs {
		return o.dirs[n-o.recordedDirs]
	}
	block, ok := o.blocks[n/dirBlock]
	if !ok {
		row, _ := x.store.Get(fmt.Sprintf("dirs/%d", n/dirBlock))
		block = strings.Split(row, "\x00")
		o.blocks[n/dirBlock] = block
	}
	if n%dirBlock >= len(block) {
		x.rebuild()
		return ""
	}
	return block[n%dirBlock]
}
