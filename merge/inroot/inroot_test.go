package inroot_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tumpline/tumpline/merge/inroot"
)

// Links lead inside the root, whatever their text says.
func TestLinksStayInside(t *testing.T) {
	top := t.TempDir()
	root := filepath.Join(top, "root")
	for _, d := range []string{"root/etc", "root/usr/lib64", "outside"} {
		if err := os.MkdirAll(filepath.Join(top, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	links := map[string]string{"lib": "usr/lib64", "abs": "/usr/lib64", "up": "../../outside", "loop": "loop", "far": filepath.Join(top, "outside")}
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	f, err := inroot.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, c := range []struct {
		dir, real string
		ok        bool
	}{
		{"/lib", "/usr/lib64", true}, {"/abs", "/usr/lib64", true}, {"/etc/../../../lib", "/usr/lib64", true},
		{"/up", "", false}, {"/far", "", false}, {"/loop", "", false}, {"/missing", "", false}, {"/", "/", true},
	} {
		real, err := f.Real(c.dir)
		if (err == nil) != c.ok || real != c.real {
			t.Errorf("Real(%q) = %q, %v; want %q", c.dir, real, err, c.real)
		}
		file, err := f.Create(c.dir+"/x", 0o640)
		if (err == nil) != c.ok {
			t.Errorf("Create(%q/x): %v", c.dir, err)
			continue
		}
		if !c.ok {
			continue
		}
		file.Close()
		if _, err := os.Lstat(filepath.Join(root, c.real, "x")); err != nil {
			t.Error(err)
		}
		if err := f.Rename(c.dir+"/x", "/etc/y"); err != nil {
			t.Error(err)
		}
		if err := f.Remove("/etc/y"); err != nil {
			t.Error(err)
		}
	}
	names, err := os.ReadDir(filepath.Join(top, "outside"))
	if err != nil || len(names) != 0 {
		t.Errorf("outside has %v, %v", names, err)
	}
}

// A folder that becomes a link is seen as one at once.
func TestForgetsReplacedFolders(t *testing.T) {
	root := t.TempDir()
	f, err := inroot.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.MkdirAll("/a/b", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := f.MkdirAll("/c/b", 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Lstat("/a/b/x"); !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if err := f.RemoveAll("/a"); err != nil {
		t.Fatal(err)
	}
	if err := f.Symlink("c", "/a"); err != nil {
		t.Fatal(err)
	}
	if err := f.Symlink("x", "/a/b/y"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Join(root, "c/b/y")); err != nil {
		t.Error(err)
	}
}
