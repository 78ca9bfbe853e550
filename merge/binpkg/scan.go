package binpkg

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/merge/binpkg/gpkg"
	"github.com/tumpline/tumpline/merge/binpkg/xpak"
)

// A Format is the format of a package file.
type Format uint8

const (
	FormatNone Format = iota // not a package file
	FormatXPAK               // .tbz2, .xpak
	FormatGPKG               // .gpkg.tar
)

// String returns the name in BINPKG_FORMAT.
func (f Format) String() string {
	switch f {
	case FormatXPAK:
		return "xpak"
	case FormatGPKG:
		return "gpkg"
	}
	return "none"
}

// ErrFormatName reports a BINPKG_FORMAT that nobody knows.
var ErrFormatName = errors.New("unknown format of binary packages")

// ParseFormat reads BINPKG_FORMAT.
func ParseFormat(name string) (Format, error) {
	for _, f := range []Format{FormatXPAK, FormatGPKG} {
		if f.String() == name {
			return f, nil
		}
	}
	return FormatNone, fmt.Errorf("%w: %q", ErrFormatName, name)
}

// FormatOf returns the format of the file called name.
func FormatOf(name string) Format {
	switch {
	case strings.HasSuffix(name, ".tbz2"), strings.HasSuffix(name, ".xpak"):
		return FormatXPAK
	case strings.HasSuffix(name, ".gpkg.tar"):
		return FormatGPKG
	}
	return FormatNone
}

// Problems of package files.
var (
	ErrIncomplete = errors.New("binary package lacks CATEGORY, PF or SLOT")
	ErrFileName   = errors.New("binary package is not named for its content")
	ErrBuildID    = errors.New("binary package has an invalid BUILD_ID")
	ErrCategory   = errors.New("binary package has an unknown category")
)

// scan returns the packages whose files lie below PKGDIR, in the order of
// their paths. The stanzas of x stand for files that they still describe.
func (s *Store) scan(x *Index) []*ebuild.Package {
	stanzas := make(map[string][]*Stanza, len(x.Stanzas)) // by base name
	for _, stanza := range x.Stanzas {
		base := path.Base(stanza.Path())
		stanzas[base] = append(stanzas[base], stanza)
	}
	var packages []*ebuild.Package
	err := filepath.WalkDir(s.Dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			if !errors.Is(err, fs.ErrNotExist) {
				s.problem(file, err)
			}
			return nil
		}
		kind := FormatOf(d.Name())
		if !d.Type().IsRegular() || kind == FormatNone || s.SignedOnly && kind != FormatGPKG {
			return nil
		}
		p, err := s.scanFile(file, kind, d, stanzas[d.Name()])
		if err != nil {
			s.problem(file, err)
		}
		if p != nil {
			packages = append(packages, p)
		}
		return nil
	})
	if err != nil {
		s.problem(s.Dir, err) // the function above returns no errors
	}
	return packages
}

// scanFile returns the package in a file; nil if it lies in the wrong place.
func (s *Store) scanFile(file string, kind Format, d fs.DirEntry, stanzas []*Stanza) (*ebuild.Package, error) {
	fi, err := d.Info()
	if err != nil {
		return nil, err
	}
	relative, err := filepath.Rel(s.Dir, file)
	if err != nil {
		return nil, err
	}
	for _, stanza := range stanzas {
		if stanza.describes(fi) {
			return s.local(stanza.CPV, stanza, relative), nil
		}
	}
	m, err := readMetadata(file, kind)
	if err != nil {
		return nil, err
	}
	m["SIZE"] = strconv.FormatInt(fi.Size(), 10)
	m["_mtime_"] = strconv.FormatInt(fi.ModTime().Unix(), 10)
	cpv, err := s.place(filepath.ToSlash(relative), m)
	if err != nil || cpv.IsZero() {
		return nil, err
	}
	return s.local(cpv, m, relative), nil
}

// describes reports whether the stanza is complete and about a file of this
// size and time.
func (s *Stanza) describes(fi fs.FileInfo) bool {
	size, err := strconv.ParseInt(strings.TrimSpace(s.Get("SIZE")), 10, 64)
	if err != nil || size != fi.Size() {
		return false
	}
	mtime, err := strconv.ParseInt(strings.TrimSpace(s.Get("_mtime_")), 10, 64)
	if err != nil || mtime != fi.ModTime().Unix() {
		return false
	}
	for _, key := range []string{"CHOST", "repository"} {
		if _, ok := s.lookup(key); !ok && s.header.Get(key) == "" {
			return false
		}
	}
	return true
}

// fileKeys reports whether a variable is read from package files.
func fileKeys(name string) bool {
	switch name {
	case "BASE_URI", "FETCHCOMMAND", "PKGINDEX_URI", "RESUMECOMMAND", "PATH", "CPV", "MD5", "SHA1":
		return false
	case "CATEGORY", "PF", "HOMEPAGE", "DESCRIPTION":
		return true
	}
	return allowed(name)
}

// readMetadata returns the variables in a package file with white space
// collapsed.
func readMetadata(file string, kind Format) (ebuild.Map, error) {
	read := xpak.ReadFile
	if kind == FormatGPKG {
		read = gpkg.ReadFile
	}
	files, err := read(file, fileKeys)
	if err != nil {
		return nil, err
	}
	m := make(ebuild.Map, len(files)+2)
	for name, content := range files {
		m[name] = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(string(content), "\uFFFD"), linefile.IsSpace), " ")
	}
	return m, nil
}

// place returns the name of the package in the file at a path below PKGDIR,
// which must be one of <category>/<PF>.<ext>, All/<PF>.<ext>, and, with a
// BUILD_ID, <category>/<PN>/<PF>-<BUILD_ID>.<ext>. It is zero, without an
// error, for a file elsewhere, which Portage passes over silently.
func (s *Store) place(relative string, m ebuild.Map) (atoms.CPV, error) {
	category, pf := m["CATEGORY"], m["PF"]
	if category == "" || pf == "" || m["SLOT"] == "" {
		return atoms.CPV{}, ErrIncomplete
	}
	dir, base := path.Split(relative)
	dir = strings.TrimSuffix(dir, "/")
	multi, err := checkName(base, pf)
	if err != nil {
		return atoms.CPV{}, err
	}
	if id := m["BUILD_ID"]; id != "" {
		if _, err := strconv.Atoi(id); err != nil {
			return atoms.CPV{}, fmt.Errorf("%w: %q", ErrBuildID, id)
		}
	}
	cpv, err := atoms.ParseCPV(category + "/" + pf)
	switch {
	case multi && (err != nil || dir != string(cpv.CP)):
		return atoms.CPV{}, nil
	case !multi && dir != category && dir != "All":
		return atoms.CPV{}, nil
	case err != nil:
		return atoms.CPV{}, fmt.Errorf("%w: %w", ErrFileName, err)
	case s.Category != nil && !s.Category(category):
		return atoms.CPV{}, fmt.Errorf("%w: %s", ErrCategory, category)
	}
	return cpv, nil
}

// checkName compares the name of a file with PF, and tells if it has a
// build-id.
func checkName(base, pf string) (multi bool, err error) {
	stem, id := base, 0
	for _, ext := range []string{".tbz2", ".xpak", ".gpkg.tar"} {
		if s, ok := strings.CutSuffix(base, ext); ok {
			stem = s
			break
		}
	}
	if i := strings.LastIndexByte(stem, '-'); i > 0 && !strings.HasSuffix(base, ".tbz2") {
		if _, err := atoms.ParseCPV("x/" + stem[:i]); err == nil {
			if n, err := strconv.Atoi(stem[i+1:]); err == nil {
				id = n
			}
		}
	}
	switch {
	case id > 0 && stem == pf+"-"+strconv.Itoa(id):
		return true, nil
	case id <= 0 && !strings.HasSuffix(base, ".xpak") && stem == pf:
		return false, nil
	}
	return false, fmt.Errorf("%w: %s", ErrFileName, pf)
}
