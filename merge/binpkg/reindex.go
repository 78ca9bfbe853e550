package binpkg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/binpkg/gpkg"
	"github.com/tumpline/tumpline/merge/binpkg/xpak"
)

// Faults are the packages about which the index of a Dir and its files disagree.
type Faults struct {
	Missing  []atoms.CPV // files that no stanza describes, sorted as text
	Stale    []atoms.CPV // stanzas without a file, in the order of the index
	Problems []error     // what is wrong with single files and stanzas
}

// Check compares the index with the files, whether the index is trusted or not.
// category tells if a category is known; nil: all are.
func (d *Dir) Check(category func(string) bool) (*Faults, error) {
	x, err := d.read()
	if err != nil {
		return nil, err
	}
	c, err := d.compare(x, category)
	if err != nil {
		return nil, err
	}
	return c.faults, nil
}

// Reindex makes the index anew where it disagrees with the files: stanzas of files
// that are gone are left out, those of files that it does not describe are made of
// what the files say. It returns what was wrong.
func (d *Dir) Reindex(ctx context.Context, category func(string) bool, now time.Time) (*Faults, error) {
	var faults *Faults
	err := d.update(ctx, now, func(x *Index) error {
		c, err := d.compare(x, category)
		if err != nil {
			return err
		}
		faults = c.faults
		for _, p := range c.missing {
			s, err := d.stanza(p)
			if err != nil {
				faults.Problems = append(faults.Problems, err)
				continue
			}
			s.header = x.Header
			c.kept = append(c.kept, s)
		}
		x.Stanzas = c.kept
		return nil
	})
	return faults, err
}

// A comparison is an index beside the files.
type comparison struct {
	faults  *Faults
	missing []*ebuild.Package
	kept    []*Stanza
}

func (d *Dir) compare(x *Index, category func(string) bool) (*comparison, error) {
	store := New(Options{Dir: d.Path, Category: category})
	c := &comparison{faults: &Faults{Problems: slices.Clone(x.Problems)}}
	cps, err := store.CPs()
	if err != nil {
		return nil, err
	}
	files := map[instance]*ebuild.Package{}
	var all []*ebuild.Package
	for _, cp := range cps {
		list, err := store.Packages(cp)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			if files[instanceOf(p)] == nil {
				all = append(all, p)
			}
			files[instanceOf(p)] = p
		}
	}
	c.faults.Problems = append(c.faults.Problems, store.Problems()...)
	described := map[instance]*Stanza{}
	for _, s := range x.Stanzas {
		k := instanceOf(store.local(s.CPV, s, s.Path()))
		if files[k] == nil {
			c.faults.Stale = append(c.faults.Stale, s.CPV)
			continue
		}
		described[k] = s
	}
	slices.SortStableFunc(all, func(a, b *ebuild.Package) int { return strings.Compare(a.CPV.String(), b.CPV.String()) })
	for _, p := range all {
		p = files[instanceOf(p)]
		if s := described[instanceOf(p)]; s != nil && s.current(p.Path) {
			c.kept = append(c.kept, s)
			continue
		}
		c.missing = append(c.missing, p)
		c.faults.Missing = append(c.faults.Missing, p.CPV)
	}
	return c, nil
}

// current says if a stanza describes a file as it is now, so that readers need not
// look at it.
func (s *Stanza) current(path string) bool {
	if s.Get("MD5") == "" {
		return false
	}
	fi, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true // it went away meanwhile: nothing can be said of it
	}
	return err == nil && s.describes(fi)
}

// stanza makes the stanza of a package file.
func (d *Dir) stanza(p *ebuild.Package) (*Stanza, error) {
	read := xpak.ReadFile
	if FormatOf(p.Path) == FormatGPKG {
		read = gpkg.ReadFile
	}
	files, err := read(p.Path, func(name string) bool { return fileKeys(name) && name != "DESCRIPTION" })
	if err != nil {
		return nil, err
	}
	values := make(map[string]string, len(files))
	for name, content := range files {
		values[name] = string(content)
	}
	s, err := NewStanza(p.CPV, values)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.Path, err)
	}
	if err := s.Describe(p.Path); err != nil {
		return nil, err
	}
	relative, err := filepath.Rel(d.Path, p.Path)
	if err != nil {
		return nil, err
	}
	s.set("PATH", relative)
	return s, nil
}
