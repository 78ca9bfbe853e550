package manifest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// FileName is the name of every Manifest.
const FileName = "Manifest"

// Open reads the Manifest of a package folder. One that is absent, or that the
// policy does not use, is empty.
func Open(dir string, p Policy) (*Manifest, error) {
	path := filepath.Join(dir, FileName)
	if p.Unused {
		return &Manifest{Path: path}, nil
	}
	m, err := Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Manifest{Path: path}, nil
	}
	return m, err
}

// A Check is the verification of one package folder.
type Check struct {
	Dir    string // the package folder
	Policy Policy
	// Distdir holds distfiles; those that are there and listed are verified as
	// well. Empty: none.
	Distdir string
}

// A Report is what a Check found.
type Report struct {
	Dir      string
	Verified int     // files
	Bytes    int64   // of them
	Errors   []error // *FileError, *linefile.Problem; in the order of Manifest and folder
	Warnings []error // what the policy tolerates
}

// Run verifies the folder. The error is that of ctx or of reading the Manifest;
// what is wrong with files is in the report.
func (c *Check) Run(ctx context.Context) (*Report, error) {
	r := &Report{Dir: c.Dir}
	m, err := Open(c.Dir, c.Policy)
	if err != nil {
		return nil, err
	}
	r.Errors = append(r.Errors, m.Problems...)
	for _, e := range m.Entries {
		path, verified := c.place(e)
		if !verified {
			continue
		}
		err := m.CheckFile(ctx, e, path, c.Policy.Filter)
		var file *FileError
		switch {
		case err == nil:
			r.Verified++
			r.Bytes += e.Size
		case !errors.As(err, &file):
			return nil, err
		case e.Type == Misc && file.Fault == Missing: // Portage ignores it
		default:
			r.Errors = append(r.Errors, err)
		}
	}
	if !c.Policy.Thin && !c.Policy.Optional {
		c.unlisted(m, r)
	}
	return r, nil
}

// place says where the file of an entry is, and whether it is verified.
func (c *Check) place(e Entry) (path string, verified bool) {
	thick := !c.Policy.Thin && !c.Policy.Lenient
	switch e.Type {
	case Dist:
		path = filepath.Join(c.Distdir, e.Name)
		if c.Distdir == "" || strings.Contains(e.Name, "/") {
			return path, false
		}
		_, err := os.Lstat(path)
		return path, err == nil
	case Aux:
		return filepath.Join(c.Dir, "files", e.Name), thick
	case Misc:
		return filepath.Join(c.Dir, e.Name), thick && !c.Policy.LooseMisc
	default:
		return filepath.Join(c.Dir, e.Name), thick
	}
}

// unlisted looks for ebuilds and files that a full Manifest must list.
func (c *Check) unlisted(m *Manifest, r *Report) {
	report := func(fault Fault, path string) {
		err := &FileError{Fault: fault, File: path, Manifest: m.Path}
		if c.Policy.Lenient {
			r.Warnings = append(r.Warnings, err)
		} else {
			r.Errors = append(r.Errors, err)
		}
	}
	listed := m.names()
	entries, err := os.ReadDir(c.Dir)
	if err != nil {
		r.Errors = append(r.Errors, fmt.Errorf("read package folder: %w", err))
		return
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".ebuild") && !listed[key{Ebuild, e.Name()}] {
			report(Unlisted, filepath.Join(c.Dir, e.Name()))
		}
	}
	files := filepath.Join(c.Dir, "files")
	err = walkFiles(files, func(name string) {
		switch {
		case strings.HasPrefix(filepath.Base(name), ".") || strings.HasPrefix(name, "digest-") || listed[key{Aux, name}]:
		case !utf8.ValidString(name):
			report(BadName, filepath.Join(files, name))
		default:
			report(Unlisted, filepath.Join(files, name))
		}
	}, func(dir string) bool { return !strings.HasPrefix(dir, ".") && dir != "CVS" })
	if err != nil {
		r.Errors = append(r.Errors, err)
	}
}

func (m *Manifest) names() map[key]bool {
	names := make(map[key]bool, len(m.Entries))
	for _, e := range m.Entries {
		names[key{e.Type, e.Name}] = true
	}
	return names
}

// walkFiles calls found for each file below root that is no folder, with its
// path relative to root, in sorted order. It goes into the folders that enter
// takes by name, not through links. A root that is absent has no files.
func walkFiles(root string, found func(name string), enter func(name string) bool) error {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && path == root && errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case d.IsDir():
			if path != root && !enter(d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if d.Type()&fs.ModeSymlink != 0 {
			if st, err := os.Stat(path); err == nil && st.IsDir() {
				return nil
			}
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return fmt.Errorf("internal error: %s is not below %s", path, root)
		}
		found(name)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read folder %s: %w", root, err)
	}
	return nil
}

// sorted orders entries as Portage writes them: by tag, then by name.
func sorted(entries []Entry) []Entry {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b Entry) int {
		if a.Type != b.Type {
			return strings.Compare(a.Type.String(), b.Type.String())
		}
		return strings.Compare(a.Name, b.Name)
	})
	return entries
}
