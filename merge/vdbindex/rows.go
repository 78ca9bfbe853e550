package vdbindex

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/ebuild/index"
)

// A writer appends fields to a row.
type writer struct{ b []byte }

func (w *writer) uint(n uint64)  { w.b = binary.AppendUvarint(w.b, n) }
func (w *writer) text(s string)  { w.uint(uint64(len(s))); w.b = append(w.b, s...) }
func (w *writer) fixed(n uint64) { w.b = binary.LittleEndian.AppendUint64(w.b, n) }
func (w *writer) stamp(s index.Stamp) {
	w.fixed(uint64(s.MTime))
	w.fixed(uint64(s.CTime))
	w.uint(uint64(s.Size))
}

func (w *writer) texts(list []string) {
	w.uint(uint64(len(list)))
	for _, s := range list {
		w.text(s)
	}
}

// A reader takes fields off a row. After an error everything is zero.
type reader struct {
	s   string
	bad bool
}

func (r *reader) uint() uint64 {
	var n uint64
	for i := 0; i < len(r.s) && i < binary.MaxVarintLen64; i++ {
		n |= uint64(r.s[i]&0x7f) << (7 * i)
		if r.s[i] < 0x80 {
			r.s = r.s[i+1:]
			return n
		}
	}
	r.fail()
	return 0
}

func (r *reader) fail() { r.s, r.bad = "", true }

func (r *reader) fixed() (n uint64) {
	if len(r.s) < 8 {
		r.fail()
		return 0
	}
	for i := range 8 {
		n |= uint64(r.s[i]) << (8 * i)
	}
	r.s = r.s[8:]
	return n
}

func (r *reader) text() string {
	n := r.uint()
	if n > uint64(len(r.s)) {
		r.fail()
		return ""
	}
	s := r.s[:n]
	r.s = r.s[n:]
	return s
}

func (r *reader) texts() (list []string) {
	for n := r.uint(); n > 0 && !r.bad; n-- {
		list = append(list, r.text())
	}
	return list
}

func (r *reader) stamp() index.Stamp {
	return index.Stamp{MTime: int64(r.fixed()), CTime: int64(r.fixed()), Size: int64(r.uint())}
}

// The rows: "owners" has the number of folders and the entries with their stamps;
// "dirs/N" a block of folders; "names/N" the postings of a bucket.
const ownersRow = "owners"

func (x *Index) readOwnerEntries() {
	row, ok := x.store.Get(ownersRow)
	if !ok {
		return
	}
	o, r := x.owners, &reader{s: row}
	dirs := int(r.uint())
	var list []ownerEntry
	for n := r.uint(); n > 0 && !r.bad; n-- {
		list = append(list, ownerEntry{r.text(), r.stamp()})
	}
	if r.bad {
		return
	}
	o.recordedDirs, o.entries = dirs, list
	for i, e := range list {
		o.byName[e.name] = i
	}
}

// bucket gives the recorded postings of a bucket. If they are lost, all entries are
// read.
func (x *Index) bucket(n int) []posting {
	o := x.owners
	list, ok := o.recordedIn[n]
	if ok || o.recordedDirs == 0 {
		return list
	}
	row, _ := x.store.Get(fmt.Sprintf("names/%d", n))
	r := &reader{s: row}
	for left := r.uint(); left > 0 && !r.bad; left-- {
		p := posting{name: r.fixed(), dir: uint32(r.uint()), entry: uint32(r.uint())}
		if int(p.entry) >= len(o.entries) || int(p.dir) >= o.recordedDirs {
			r.fail()
		}
		list = append(list, p)
	}
	if r.bad {
		x.rebuild()
		return nil
	}
	o.recordedIn[n] = list
	return list
}

// rebuild forgets what is recorded and reads all entries.
func (x *Index) rebuild() {
	o := newOwners()
	o.changed = true
	x.owners = o
	x.readContents(x.names)
}

// ownerRows writes the rows of files: those that count, with other numbers.
func (x *Index) ownerRows(rows map[string][]byte) error {
	if err := x.loadOwners(); err != nil {
		return err
	}
	if !x.whole() {
		x.rebuild()
	}
	o := x.owners
	entries := make([]uint32, len(o.entries)) // new numbers, from 1
	head := &writer{}
	var kept []ownerEntry
	for i, e := range o.entries {
		if o.valid[i] && x.settled(e.stamp) {
			kept = append(kept, e)
			entries[i] = uint32(len(kept))
		}
	}
	dirs := make(map[uint32]uint32)
	var paths []string
	for n := range 1 << bucketBits {
		w := &writer{}
		all := slices.DeleteFunc(x.allIn(n), func(p posting) bool { return entries[p.entry] == 0 })
		w.uint(uint64(len(all)))
		for _, p := range all {
			id, ok := dirs[p.dir]
			if !ok {
				id = uint32(len(paths))
				dirs[p.dir] = id
				paths = append(paths, x.dir(p.dir))
			}
			w.fixed(p.name)
			w.uint(uint64(id))
			w.uint(uint64(entries[p.entry] - 1))
		}
		rows[fmt.Sprintf("names/%d", n)] = w.b
	}
	for i := 0; i < len(paths); i += dirBlock {
		rows[fmt.Sprintf("dirs/%d", i/dirBlock)] = []byte(strings.Join(paths[i:min(i+dirBlock, len(paths))], "\x00"))
	}
	head.uint(uint64(len(paths)))
	head.uint(uint64(len(kept)))
	for _, e := range kept {
		head.text(e.name)
		head.stamp(e.stamp)
	}
	rows[ownersRow] = head.b
	return nil
}

// whole reads all rows, and says whether they are there.
func (x *Index) whole() bool {
	was := x.owners
	for n := range 1 << bucketBits {
		x.bucket(n)
	}
	for n := 0; n < was.recordedDirs; n += dirBlock {
		x.dir(uint32(n))
	}
	return x.owners == was
}

// allIn gives the postings of a bucket, recorded and fresh, in a fixed order.
func (x *Index) allIn(n int) []posting {
	o := x.owners
	if o.byBucket == nil {
		o.byBucket = make([][]posting, 1<<bucketBits)
		for h, list := range o.fresh {
			o.byBucket[bucket(h)] = append(o.byBucket[bucket(h)], list...)
		}
		for _, list := range o.byBucket {
			slices.SortFunc(list, comparePostings)
		}
	}
	return slices.Concat(x.bucket(n), o.byBucket[n])
}
