package index

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"sort"
	"strings"
	"syscall"
	"unsafe"
)

// A Stamp tells one state of a file or folder from the others. The zero Stamp is
// that of no file.
type Stamp struct {
	MTime, CTime int64 // nanoseconds since 1970
	Size         int64 // bytes; 0 for a folder
}

// StampOf gives the stamp of a stat result.
func StampOf(st *syscall.Stat_t) Stamp {
	s := Stamp{MTime: st.Mtim.Nano(), CTime: st.Ctim.Nano(), Size: st.Size}
	if st.Mode&syscall.S_IFMT == syscall.S_IFDIR {
		s.Size = 0 // file systems disagree on what it means
	}
	return s
}

// after says whether the file was changed later than limit, in nanoseconds.
func (s Stamp) after(limit int64) bool { return s.MTime > limit || s.CTime > limit }

// A Listing is the names in a folder.
type Listing struct {
	Stamp Stamp
	Names []string // sorted
}

// has says whether a package of that name can be in the folder: as a name, or as
// the start of the name of a cache entry.
func (l *Listing) has(name string) bool {
	i := sort.SearchStrings(l.Names, name)
	if i < len(l.Names) && l.Names[i] == name {
		return true
	}
	i = sort.SearchStrings(l.Names, name+"-")
	return i < len(l.Names) && strings.HasPrefix(l.Names[i], name+"-")
}

// An Entry is one version of a package.
type Entry struct {
	Name   string // of the cache entry: PN-PVR
	Cache  Stamp  // of the cache entry; zero if there is none
	Ebuild Stamp  // of the ebuild that the entry was found to be fresh for; zero if there is none
	Text   string // of the cache entry
}

// A Package is all versions of a package that were looked at.
type Package struct {
	Name    string
	Dir     Stamp    // of the folder that Names come from; zero if there is none
	Names   []string // of the ebuilds in the folder, without ".ebuild", sorted
	Entries []Entry  // by Name
}

// Find gives the entry of that name, or nil.
func (p *Package) Find(name string) *Entry {
	i := sort.Search(len(p.Entries), func(i int) bool { return p.Entries[i].Name >= name })
	if i < len(p.Entries) && p.Entries[i].Name == name {
		return &p.Entries[i]
	}
	return nil
}

// with gives a copy of a row, nil for none, that has an entry in its place.
func (p *Package) with(name string, e *Entry) *Package {
	next := &Package{Name: name}
	if p != nil {
		*next = *p
	}
	i := sort.Search(len(next.Entries), func(i int) bool { return next.Entries[i].Name >= e.Name })
	end := i
	if end < len(next.Entries) && next.Entries[end].Name == e.Name {
		end++
	}
	next.Entries = slices.Concat(next.Entries[:i], []Entry{*e}, next.Entries[end:])
	return next
}

func (p *Package) after(limit int64) bool {
	if p.Dir.after(limit) {
		return true
	}
	for _, e := range p.Entries {
		if e.Cache.after(limit) || e.Ebuild.after(limit) {
			return true
		}
	}
	return false
}

// A Digest is the digest of a file in one state.
type Digest struct {
	Stamp Stamp
	Sum   string
}

// errDamaged reports a row that is not what was written.
var errDamaged = errors.New("damaged row")

// errDriver says that the driver cannot run statements directly.
var errDriver = errors.New("the SQLite driver lacks StmtQueryContext")

// checksum is CRC-32C: processors have an instruction for it.
func checksum(key string, body []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum([]byte(key), table), table, body)
}

// An encoder writes the fields of a row; finish adds the checksum.
type encoder struct{ b []byte }

func (e *encoder) int(n int64)  { e.b = binary.AppendVarint(e.b, n) }
func (e *encoder) len(n int)    { e.b = binary.AppendUvarint(e.b, uint64(n)) }
func (e *encoder) str(s string) { e.len(len(s)); e.b = append(e.b, s...) }
func (e *encoder) flag(b bool) {
	if b {
		e.len(1)
	} else {
		e.len(0)
	}
}

func (e *encoder) stamp(s Stamp) {
	e.int(s.MTime)
	e.int(s.CTime - s.MTime)
	e.int(s.Size)
}

func (e *encoder) strs(list []string) {
	e.len(len(list))
	for _, s := range list {
		e.str(s)
	}
}

// finish gives the row. The key is part of what is checked: a row must not be
// taken for another.
func (e *encoder) finish(key string) []byte {
	sum := checksum(key, e.b)
	return binary.LittleEndian.AppendUint32(e.b, sum)
}

// A decoder reads the fields of a row. Strings are parts of the row.
type decoder struct {
	s   string
	bad bool
}

// open checks a row and gives its fields.
func open(key string, row []byte) (string, error) {
	if len(row) < 4 {
		return "", errDamaged
	}
	body, sum := row[:len(row)-4], binary.LittleEndian.Uint32(row[len(row)-4:])
	if checksum(key, body) != sum {
		return "", errDamaged
	}
	// The driver made the slice for us alone and nobody writes to it any more, so
	// that it can serve as the string: rows are the bulk of what is read.
	return unsafe.String(unsafe.SliceData(body), len(body)), nil
}

func (d *decoder) int() int64 {
	u := d.uint()
	n := int64(u >> 1)
	if u&1 != 0 {
		n = ^n
	}
	return n
}

func (d *decoder) uint() uint64 {
	var n uint64
	for i := 0; i < len(d.s) && i < binary.MaxVarintLen64; i++ {
		c := d.s[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			d.s = d.s[i+1:]
			return n
		}
	}
	d.bad = true
	return 0
}

// len reads a number of things that each take at least one byte.
func (d *decoder) len() int {
	n := d.uint()
	if n > uint64(len(d.s)) {
		d.bad = true
		return 0
	}
	return int(n)
}

func (d *decoder) str() string {
	n := d.len()
	s := d.s[:n]
	d.s = d.s[n:]
	return s
}

func (d *decoder) flag() bool {
	n := d.uint()
	d.bad = d.bad || n > 1
	return n == 1
}

func (d *decoder) stamp() Stamp {
	m := d.int()
	return Stamp{MTime: m, CTime: m + d.int(), Size: d.int()}
}

func (d *decoder) strs() []string {
	n := d.len()
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = d.str()
	}
	return list
}

// done gives an error unless the row was read exactly.
func (d *decoder) done() error {
	if d.bad || d.s != "" {
		return errDamaged
	}
	return nil
}

// The names of a listing are one string, so that reading it costs one
// allocation beside the slice.
func encodeListing(l *Listing) *encoder {
	var e encoder
	e.stamp(l.Stamp)
	e.str(strings.Join(l.Names, "\n"))
	return &e
}

func decodeListing(s string) (*Listing, error) {
	d := decoder{s: s}
	l := &Listing{Stamp: d.stamp()}
	if names := d.str(); names != "" {
		l.Names = strings.Split(names, "\n")
	}
	return l, d.done()
}

func encodePackage(p *Package) *encoder {
	var e encoder
	e.str(p.Name)
	e.stamp(p.Dir)
	e.strs(p.Names)
	e.len(len(p.Entries))
	for _, v := range p.Entries {
		e.str(v.Name)
		e.stamp(v.Cache)
		e.stamp(v.Ebuild)
		e.str(v.Text)
	}
	return &e
}

func decodePackage(text string) (*Package, error) {
	d := decoder{s: text}
	p := &Package{Name: d.str(), Dir: d.stamp(), Names: d.strs()}
	p.Entries = make([]Entry, d.len())
	for i := range p.Entries {
		p.Entries[i] = Entry{Name: d.str(), Cache: d.stamp(), Ebuild: d.stamp(), Text: d.str()}
	}
	return p, d.done()
}

func encodeDigests(m map[string]Digest) *encoder {
	paths := make([]string, 0, len(m))
	for p := range m {
		paths = append(paths, p)
	}
	sort.Strings(paths)
	var e encoder
	e.len(len(paths))
	for _, p := range paths {
		e.str(p)
		e.stamp(m[p].Stamp)
		e.str(m[p].Sum)
	}
	return &e
}

func decodeDigests(text string, into map[string]Digest) error {
	d := decoder{s: text}
	for range d.len() {
		path := d.str()
		into[path] = Digest{Stamp: d.stamp(), Sum: d.str()}
	}
	return d.done()
}
