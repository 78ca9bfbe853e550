package infoindex_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/merge/infoindex"
	"github.com/tumpline/tumpline/merge/inroot"
)

func lay(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// install does as install-info does: an entry for each file that has one.
func install(_ context.Context, args ...string) (string, error) {
	text, err := os.ReadFile(args[1])
	if err != nil {
		return "", err
	}
	switch {
	case strings.HasPrefix(string(text), "broken"):
		return "install-info: menu item is missing\n", errors.New("exit status 1")
	case !strings.HasPrefix(string(text), "* "):
		return "install-info: warning: no info dir entry in `" + args[1] + "'\n", nil
	}
	f, err := os.OpenFile(strings.TrimPrefix(args[0], "--dir-file="), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return "", err
	}
	defer f.Close()
	_, err = f.Write(text)
	return "", err
}

func TestUpdate(t *testing.T) {
	root := t.TempDir()
	lay(t, root, map[string]string{
		"usr/share/info/b.info": "* b\n", "usr/share/info/a.info": "* a\n", "usr/share/info/plain.info": "none\n", "usr/share/info/bad.info": "broken\n",
		"usr/share/info/dir": "* gone\n", "usr/share/info/dir.gz": "x", "usr/share/info/dir.old": "x", "usr/share/info/sub/c.info": "* c\n",
		"kept/.keepinfodir": "", "kept/a.info": "* a\n",
		"empty/plain.info": "none\n", "empty/dir": "* old\n",
	})
	f, err := inroot.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	o := infoindex.Options{Dirs: []string{"", "/usr/share/info", "/missing", "/kept", "/empty"}, Times: map[string]int64{}, Install: install}
	r, err := infoindex.Update(t.Context(), f, o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&infoindex.Result{Folders: 2, Files: 5, Errors: []string{"install-info: menu item is missing"}}, r); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for dir, want := range map[string]string{
		"usr/share/info": "a.info b.info bad.info dir plain.info sub: * a\n* b\n", "kept": ".keepinfodir a.info: ", "empty": "dir plain.info: * old\n",
	} {
		entries, err := os.ReadDir(filepath.Join(root, dir))
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		text, err := os.ReadFile(filepath.Join(root, dir, "dir"))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if got := strings.Join(names, " ") + ": " + string(text); got != want {
			t.Errorf("%s: got %q, want %q", dir, got, want)
		}
	}
	if r, err := infoindex.Update(t.Context(), f, o); err != nil || r.Folders != 0 {
		t.Errorf("again: %+v, %v; nothing has changed", r, err)
	}
	lay(t, root, map[string]string{"empty/new.info": "* new\n"})
	o.Times[filepath.Join(root, "empty")] = 1
	if r, err := infoindex.Update(t.Context(), f, o); err != nil || r.Folders != 1 {
		t.Errorf("after a change: %+v, %v", r, err)
	}
	if text, err := os.ReadFile(filepath.Join(root, "empty/dir")); string(text) != "* new\n" {
		t.Errorf("index after a change: %q, %v", text, err)
	}
}

// A link that leads to a file outside the root is not followed there.
func TestInsideTheRoot(t *testing.T) {
	top := t.TempDir()
	lay(t, top, map[string]string{"out.info": "* out\n", "root/info/a.info": "* a\n", "root/out.info": "* in\n"})
	if err := os.Symlink("/out.info", filepath.Join(top, "root/info/link.info")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../../../out.info", filepath.Join(top, "root/info/up.info")); err != nil {
		t.Fatal(err)
	}
	f, err := inroot.Open(filepath.Join(top, "root"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := infoindex.Update(t.Context(), f, infoindex.Options{Dirs: []string{"/info"}, Times: map[string]int64{}, Install: install}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(top, "root/info/dir"))
	if err != nil || strings.Contains(string(text), "out") {
		t.Errorf("index: %q, %v", text, err)
	}
}
