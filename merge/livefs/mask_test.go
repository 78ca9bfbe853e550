package livefs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/merge/livefs"
	"github.com/tumpline/tumpline/profiles/installmask"
)

func TestMask(t *testing.T) {
	for _, c := range []struct {
		mask, prefix, emptied string
		want                  string
	}{
		{"/usr/share/doc", "", "", "usr usr/share usr/share/man usr/share/man/a.1 usr/x.la usr/y"},
		{"/usr/share/doc /usr/share/man", "", "", "usr usr/share usr/x.la usr/y"},
		{"/usr/share/doc /usr/share/man", "", "/usr/share", "usr usr/x.la usr/y"},
		{"/usr/share/doc", "", "/usr/share", "usr usr/share usr/share/man usr/share/man/a.1 usr/x.la usr/y"},
		{"*.la", "", "", "usr usr/share usr/share/doc usr/share/doc/empty usr/share/doc/r usr/share/man usr/share/man/a.1 usr/y"},
		{"/usr/share/* -r", "", "", "usr usr/share usr/share/doc usr/share/doc/r usr/x.la usr/y"},
		{"/share/doc", "/usr", "", "usr usr/share usr/share/man usr/share/man/a.1 usr/x.la usr/y"},
		{"/share", "/absent", "", "usr usr/share usr/share/doc usr/share/doc/empty usr/share/doc/r usr/share/man usr/share/man/a.1 usr/x.la usr/y"},
	} {
		dir := t.TempDir()
		for _, name := range []string{"usr/share/doc/r", "usr/share/man/a.1", "usr/y"} {
			if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Mkdir(filepath.Join(dir, "usr/share/doc/empty"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("share", filepath.Join(dir, "usr/x.la")); err != nil { // counts as a file
			t.Fatal(err)
		}
		o := livefs.MaskOptions{EPrefix: c.prefix, Emptied: strings.Fields(c.emptied)}
		if err := livefs.Mask(dir, installmask.Parse(c.mask), o); err != nil {
			t.Errorf("Mask(%q): %v", c.mask, err)
		}
		var got []string
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if path != dir {
				got = append(got, strings.TrimPrefix(path, dir+"/"))
			}
			return err
		})
		if slices.Sort(got); err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("Mask(%q, %+v) leaves %q, want %q (%v)", c.mask, o, got, c.want, err)
		}
	}
}
