// Package manifest reads, verifies and writes the Manifest files of packages
// (GLEP 44 and 74 as Portage has them): one line a file, with its type, name,
// size in bytes and hashes.
//
// Portage skips without a word every line that does not look like an entry. Here
// OpenPGP armour, blank lines and the tags of whole-tree Manifests are skipped
// likewise, and a line that has the tag of a package entry but not its form is
// a problem with file and line; the other entries stay usable. Two things Portage
// tolerates are refused: a listed file that is not a regular one, and an entry
// without a hash known here. The package fetches nothing.
package manifest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

// A Type is the kind of file an entry is about.
type Type uint8

const (
	Dist   Type = iota // a distfile
	Ebuild             // an ebuild of the package
	Aux                // a file below files/
	Misc               // metadata.xml, ChangeLog
)

// String gives the tag used in the file: DIST, EBUILD, AUX or MISC.
func (t Type) String() string {
	switch t {
	case Dist:
		return "DIST"
	case Ebuild:
		return "EBUILD"
	case Aux:
		return "AUX"
	case Misc:
		return "MISC"
	}
	return fmt.Sprintf("Type(%d)", uint8(t))
}

// ParseType gives the type of a tag.
func ParseType(tag string) (Type, bool) {
	for _, t := range []Type{Dist, Ebuild, Aux, Misc} {
		if t.String() == tag {
			return t, true
		}
	}
	return 0, false
}

// A Hash is the digest of a file under one algorithm.
type Hash struct {
	Name string // "BLAKE2B", "SHA512", ... as written
	Hex  string // as written
}

// An Entry says what one file must look like.
type Entry struct {
	Type   Type
	Name   string // without the "files/" of Aux
	Size   int64  // bytes
	Hashes []Hash // in the order of the file
	Line   int    // 1-based; of the last line about the file
}

// Hash gives the digest under the named algorithm, or "".
func (e Entry) Hash(name string) string {
	for _, h := range e.Hashes {
		if h.Name == name {
			return h.Hex
		}
	}
	return ""
}

// String gives the entry as a line of a Manifest, without line end; hashes are
// in alphabetical order as Portage writes them.
func (e Entry) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %d", e.Type, e.Name, e.Size)
	hashes := slices.Clone(e.Hashes)
	slices.SortFunc(hashes, func(a, b Hash) int { return strings.Compare(a.Name, b.Name) })
	for _, h := range hashes {
		fmt.Fprintf(&b, " %s %s", h.Name, h.Hex)
	}
	return b.String()
}

// A Manifest is the entries of one file.
type Manifest struct {
	Path     string
	Entries  []Entry // in the order of the file; one for each type and name
	Problems []error // *linefile.Problem
}

// Read reads the Manifest at path. A missing file gives fs.ErrNotExist.
func Read(path string) (*Manifest, error) {
	text, err := linefile.ReadText(path)
	if err != nil {
		return nil, err
	}
	return parse(text), nil
}

// Parse reads the text of a Manifest; path is only used for positions.
func Parse(path string, data []byte) *Manifest {
	return parse(linefile.ParseText(path, data))
}

// Find gives the entry of a file.
func (m *Manifest) Find(t Type, name string) (Entry, bool) {
	for _, e := range m.Entries {
		if e.Type == t && e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

type key struct {
	t    Type
	name string
}

func parse(text *linefile.Text) *Manifest {
	m := &Manifest{Path: text.Path, Problems: text.Problems}
	at := make(map[key]int)
	for i, line := range text.Lines {
		t, ok := ParseType(firstWord(line))
		if !ok {
			continue
		}
		e, err := parseEntry(t, line)
		if err != nil {
			m.Problems = append(m.Problems, &linefile.Problem{File: text.Path, Line: i + 1, Text: line, Err: err})
			continue
		}
		e.Line = i + 1
		if j, ok := at[key{t, e.Name}]; ok {
			m.Entries[j].update(e)
			continue
		}
		at[key{t, e.Name}] = len(m.Entries)
		m.Entries = append(m.Entries, e)
	}
	return m
}

// update takes over size and hashes of a later line about the same file, as
// Portage does.
func (e *Entry) update(later Entry) {
	e.Size, e.Line = later.Size, later.Line
	for _, h := range later.Hashes {
		i := slices.IndexFunc(e.Hashes, func(old Hash) bool { return old.Name == h.Name })
		if i >= 0 {
			e.Hashes[i] = h
		} else {
			e.Hashes = append(e.Hashes, h)
		}
	}
}

func firstWord(line string) string {
	word, _, _ := strings.Cut(line, " ")
	return word
}

// parseEntry takes a line "TAG NAME SIZE HASH HEX [HASH HEX]...", its parts
// separated by single spaces.
func parseEntry(t Type, line string) (Entry, error) {
	parts := strings.Split(line, " ")
	if len(parts) < 5 || len(parts)%2 == 0 {
		return Entry{}, errors.New("expected a tag, a name, a size, and pairs of hash name and value")
	}
	for _, p := range parts {
		if p == "" || strings.ContainsFunc(p, linefile.IsSpace) {
			return Entry{}, errors.New("fields must be parted by single spaces")
		}
	}
	size, err := strconv.ParseUint(parts[2], 10, 63)
	if err != nil {
		return Entry{}, errors.New("size is not a number of bytes")
	}
	e := Entry{Type: t, Name: parts[1], Size: int64(size)}
	for i := 3; i < len(parts); i += 2 {
		e.Hashes = append(e.Hashes, Hash{Name: parts[i], Hex: parts[i+1]})
	}
	return e, nil
}
