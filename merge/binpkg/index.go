package binpkg

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// An Index is the content of a Packages file: a header and a stanza for each
// binary package.
type Index struct {
	File     string
	Header   *Stanza
	Stanzas  []*Stanza // in the order written; nil if the version of the index is not known
	Problems []error   // *linefile.Problem values
}

// A Stanza is a block of "Key: value" lines. It implements ebuild.Metadata with
// Portage's names of variables: DESCRIPTION for DESC, _mtime_ for MTIME,
// repository for REPO. Variables that it lacks have the default of the format,
// or are inherited from the header (CHOST, repository).
type Stanza struct {
	CPV  atoms.CPV // zero in a header
	Line int       // of its first line

	fields []field
	header *Stanza // nil in a header
}

// field is one line of a stanza.
type field struct{ key, value string }

// Get returns the value of a variable.
func (s *Stanza) Get(key string) string {
	if value, ok := s.lookup(key); ok {
		return value
	}
	switch key {
	case "EAPI", "SLOT":
		if s.header != nil {
			return "0"
		}
	case "CHOST", "repository":
		if s.header != nil {
			return s.header.Get(key)
		}
	}
	return ""
}

// lookup returns the value of the last line with a key.
func (s *Stanza) lookup(key string) (string, bool) {
	for i := len(s.fields) - 1; i >= 0; i-- {
		if s.fields[i].key == key {
			return s.fields[i].value, true
		}
	}
	return "", false
}

// Keys returns the variables that the stanza itself has, in the order written.
func (s *Stanza) Keys() []string {
	keys := make([]string, len(s.fields))
	for i, f := range s.fields {
		keys[i] = f.key
	}
	return keys
}

// Path returns the path of the package file below the folder of the index.
func (s *Stanza) Path() string {
	if path := s.Get("PATH"); path != "" {
		return path
	}
	return s.CPV.String() + ".tbz2"
}

// Problems of an index.
var (
	// ErrVersion reports an index of an unknown format, which is ignored.
	ErrVersion = errors.New("index has no VERSION that is known")
	// ErrEmptyStanza reports two empty lines on end, or a stanza without any
	// known key: what follows is not read.
	ErrEmptyStanza = errors.New("empty stanza: the rest of the index is not read")
	// ErrCPV reports a stanza whose CPV is no name with version.
	ErrCPV = errors.New("invalid CPV")
)

// ReadIndex reads the Packages file at path. An error is one of reading.
func ReadIndex(path string) (*Index, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseIndex(path, text), nil
}

// ParseIndex parses text as the Packages file called file. An index of an
// unknown version has its header, a problem, and no stanzas.
func ParseIndex(file string, text []byte) *Index {
	x := &Index{File: file}
	r := stanzaReader{rest: clean(text)}
	x.Header = &Stanza{Line: 1}
	r.read(x.Header, func(string) bool { return true })
	version, err := strconv.Atoi(strings.TrimSpace(x.Header.Get("VERSION")))
	if err != nil || version > 0 {
		x.problem(1, x.Header.Get("VERSION"), ErrVersion)
		return x
	}
	x.Stanzas = make([]*Stanza, 0, strings.Count(r.rest, "\n\n")+1)
	for r.rest != "" {
		s := &Stanza{Line: r.line + 1, header: x.Header}
		r.read(s, allowed)
		if len(s.fields) == 0 {
			x.rest(&r, s.Line)
			return x
		}
		if s.CPV, err = atoms.ParseCPV(s.Get("CPV")); err != nil {
			if s.Get("CPV") != "" {
				x.problem(s.Line, s.Get("CPV"), ErrCPV)
			}
			continue
		}
		x.Stanzas = append(x.Stanzas, s)
	}
	return x
}

// rest reports text that is not read.
func (x *Index) rest(r *stanzaReader, line int) {
	if strings.TrimSpace(r.rest) != "" {
		x.problem(line, "", ErrEmptyStanza)
	}
}

// problem notes a problem of a line.
func (x *Index) problem(line int, culprit string, err error) {
	x.Problems = append(x.Problems, &linefile.Problem{File: x.File, Line: line, Text: culprit, Err: err})
}

// A stanzaReader cuts a text into stanzas.
type stanzaReader struct {
	rest string
	line int // lines read
}

// read reads the lines of one stanza for whose keys keep is true.
func (r *stanzaReader) read(s *Stanza, keep func(key string) bool) {
	s.fields = make([]field, 0, 18)
	for r.rest != "" {
		var line string
		line, r.rest, _ = strings.Cut(r.rest, "\n")
		r.line++
		if line == "" {
			return
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		_, blank := utf8.DecodeRuneInString(value) // whatever it is
		value = value[blank:]
		if key = internal(key); keep(key) {
			s.fields = append(s.fields, field{key, value})
		}
	}
}

// internal returns the name of the variable behind a key of the file.
func internal(key string) string {
	switch key {
	case "DESC":
		return "DESCRIPTION"
	case "MTIME":
		return "_mtime_"
	case "REPO":
		return "repository"
	}
	return key
}

// allowed reports whether a stanza of a package may have the key.
func allowed(key string) bool {
	switch key {
	case "BASE_URI", "BDEPEND", "BUILD_ID", "BUILD_TIME", "CHOST", "CPV", "DEFINED_PHASES", "DEPEND",
		"DESCRIPTION", "EAPI", "FETCHCOMMAND", "IDEPEND", "IUSE", "KEYWORDS", "LICENSE", "MD5", "PATH",
		"PDEPEND", "PKGINDEX_URI", "PROPERTIES", "PROVIDES", "RDEPEND", "REQUIRES", "RESTRICT",
		"RESUMECOMMAND", "SHA1", "SIZE", "SLOT", "USE", "_mtime_", "repository":
		return true
	}
	return false
}

// clean returns text with the line ends and the encoding that Portage reads.
func clean(text []byte) string {
	s := strings.ToValidUTF8(string(text), "\uFFFD")
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	return s
}
