package wholetree

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/ebuild/manifest"
)

// tag is what an entry says about its path.
type tag uint8

const (
	tagData      tag = iota // DATA, EBUILD, AUX: the file must be there and as listed
	tagManifest             // likewise, and it is a Manifest itself
	tagMisc                 // likewise, but only to the strict
	tagOptional             // the file may be there, but the strict do not want it
	tagIgnore               // the file or folder is of no interest
	tagTimestamp            // when the tree was made; no path
	tagDist                 // a distfile: not of the tree
)

// An entry is one line of a Manifest of the tree.
type entry struct {
	tag   tag
	path  string // from the root of the tree
	stamp time.Time
	manifest.Entry
	from *manifest.Manifest // names the Manifest in errors
}

// parse reads the lines of a Manifest in the folder dir of the tree; name stands
// for it in problems.
func parse(name, dir string, text []byte) (entries []entry, problems []error) {
	lines := linefile.ParseText(name, text)
	problems = lines.Problems
	from := &manifest.Manifest{Path: name}
	for i, line := range lines.Lines {
		words := strings.FieldsFunc(line, linefile.IsSpace)
		if len(words) == 0 {
			continue
		}
		e, err := parseEntry(dir, words)
		if err != nil {
			problems = append(problems, &linefile.Problem{File: name, Line: i + 1, Text: line, Err: err})
			continue
		}
		if e.tag != tagDist {
			e.Line, e.from = i+1, from
			entries = append(entries, e)
		}
	}
	return entries, problems
}

func parseEntry(dir string, words []string) (e entry, err error) {
	switch words[0] {
	case "TIMESTAMP":
		return parseTimestamp(words)
	case "DIST":
		return entry{tag: tagDist}, nil
	case "DATA", "EBUILD", "AUX":
		e.tag = tagData
	case "MANIFEST":
		e.tag = tagManifest
	case "MISC":
		e.tag = tagMisc
	case "OPTIONAL":
		e.tag = tagOptional
	case "IGNORE":
		e.tag = tagIgnore
	default:
		return e, errors.New("unknown tag")
	}
	if len(words) < 2 {
		return e, errors.New("expected a path")
	}
	if words[0] == "AUX" {
		dir = path.Join(dir, "files")
	}
	if e.Name, err = decodePath(words[1]); err != nil {
		return e, err
	}
	e.path = path.Join(dir, e.Name)
	if e.tag == tagOptional || e.tag == tagIgnore {
		if len(words) > 2 {
			return e, errors.New("expected nothing after the path")
		}
		return e, nil
	}
	return e, parseDigests(&e, words[2:])
}

func parseTimestamp(words []string) (e entry, err error) {
	e.tag = tagTimestamp
	if len(words) != 2 {
		return e, errors.New("expected one time")
	}
	if e.stamp, err = time.Parse("2006-01-02T15:04:05Z", words[1]); err != nil {
		return e, errors.New("expected a time as 2006-01-02T15:04:05Z")
	}
	return e, nil
}

func parseDigests(e *entry, words []string) error {
	if len(words)%2 != 1 {
		return errors.New("expected a size, and pairs of hash name and value")
	}
	size, err := strconv.ParseUint(words[0], 10, 63)
	if err != nil {
		return errors.New("size is not a number of bytes")
	}
	e.Size = int64(size)
	for i := 1; i < len(words); i += 2 {
		h := manifest.Hash{Name: words[i], Hex: strings.ToLower(words[i+1])}
		if e.Hash(h.Name) != "" {
			return fmt.Errorf("hash %s is given twice", h.Name)
		}
		e.Hashes = append(e.Hashes, h)
	}
	return nil
}

// decodePath undoes the escapes \xHH, \uHHHH and \UHHHHHHHH, and refuses a path
// that leaves its folder.
func decodePath(text string) (string, error) {
	var b strings.Builder
	for rest := text; rest != ""; {
		plain, escaped, found := strings.Cut(rest, `\`)
		b.WriteString(plain)
		if !found {
			break
		}
		digits := 0
		if escaped != "" {
			digits = map[byte]int{'x': 2, 'u': 4, 'U': 8}[escaped[0]]
		}
		if digits == 0 || len(escaped) < 1+digits {
			return "", errors.New(`expected \xHH, \uHHHH or \UHHHHHHHH`)
		}
		r, err := strconv.ParseUint(escaped[1:1+digits], 16, 31)
		if err != nil || r == 0 {
			return "", errors.New("expected a character's number in hex")
		}
		b.WriteRune(rune(r))
		rest = escaped[1+digits:]
	}
	p := b.String()
	if path.IsAbs(p) || p != path.Clean(p) || p == "." || slices.Contains(strings.Split(p, "/"), "..") {
		return "", errors.New("path is not below its Manifest")
	}
	return p, nil
}

// A ConflictError says that two entries about one path contradict each other.
type ConflictError struct {
	Path   string // from the root of the tree
	First  string // MANIFEST:LINE
	Second string
}

// Error names path and lines.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s: %s contradicts %s", e.Second, e.Path, e.First)
}

// join takes up another entry about the same path, which must not contradict.
func (e *entry) join(other *entry) error {
	conflict := e.tag != other.tag || e.Size != other.Size
	for _, h := range other.Hashes {
		mine := e.Hash(h.Name)
		conflict = conflict || mine != "" && mine != h.Hex
		if mine == "" {
			e.Hashes = append(e.Hashes, h)
		}
	}
	if conflict {
		return &ConflictError{Path: e.path, First: e.place(), Second: other.place()}
	}
	return nil
}

func (e *entry) place() string { return fmt.Sprintf("%s:%d", e.from.Path, e.Line) }
