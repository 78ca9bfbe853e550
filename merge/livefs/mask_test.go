package livefs_test

import (
	"context"
	"errors"
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

// Files that are consumed are the same as files that are copied, and those of the
// image can go.
func TestConsume(t *testing.T) {
	trees := make(map[livefs.Use]string)
	for _, use := range []livefs.Use{livefs.Keep, livefs.Consume} {
		top := scratch(t)
		root := filepath.Join(top, "root")
		base(t, root)
		for _, p := range []pkg{first, second, again} {
			image, entry := p.make(t, top)
			image.Use = use
			if _, err := livefs.Merge(t.Context(), livefs.Root{Dir: root}, image, entry, options()); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(image.Dir); err != nil {
				t.Fatal(err)
			}
		}
		trees[use] = show(t, root)
	}
	if trees[livefs.Keep] != trees[livefs.Consume] {
		t.Errorf("copied:\n%s\nconsumed:\n%s", trees[livefs.Keep], trees[livefs.Consume])
	}
}

// A merge that fails leaves the image as it was.
func TestConsumeAndFail(t *testing.T) {
	top := scratch(t)
	root := filepath.Join(top, "root")
	base(t, root)
	image, entry := first.make(t, top)
	image.Use = livefs.Consume
	before := show(t, image.Dir)
	o := options()
	o.Scripts = func(_ context.Context, c livefs.Call) error {
		if c.Phase == livefs.Preinst {
			return errors.New("no")
		}
		return nil
	}
	if _, err := livefs.Merge(t.Context(), livefs.Root{Dir: root}, image, entry, o); err == nil {
		t.Fatal("a failing pkg_preinst does not stop the merge")
	}
	if after := show(t, image.Dir); after != before {
		t.Errorf("the image was\n%s\nand is\n%s", before, after)
	}
}

// What Portage has left half-made is told and let be.
func TestUnfinishedOfPortage(t *testing.T) {
	root := newRoot(t)
	left := filepath.Join(root, "var/db/pkg/app-misc/-MERGING-thing-1")
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	r := mustMerge(t, root, first, options())
	if !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "merge of app-misc/thing-1 unfinished") }) {
		t.Errorf("notes %q", r.Notes)
	}
	if _, err := os.Stat(left); err != nil {
		t.Error(err)
	}
}
