package profiles

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tumpline/tumpline/profiles/userconf"
)

// TestShelf: what a shelf has of a file is not read again, each way of reading
// is kept by itself, and one file read by several at once is read once.
func TestShelf(t *testing.T) {
	dir := t.TempDir()
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "use.mask"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("a\n-b\n")
	var s Shelf
	flags := reading{name: "use.mask", kind: asFlags}
	got := make([]*reader, 8)
	var wait sync.WaitGroup
	for i := range got {
		wait.Go(func() { got[i] = s.folder(dir).reader(flags) })
	}
	wait.Wait()
	for _, r := range got {
		if r != got[0] {
			t.Fatal("one file was read twice")
		}
	}
	if f := got[0].flags; len(f) != 2 || f[0].Text != "a" || f[1].Text != "-b" {
		t.Errorf("flags %v, want a and -b", f)
	}
	put("c\n")
	if r := s.folder(dir).reader(flags); r != got[0] {
		t.Error("a file on the shelf was read again")
	}
	if r := s.folder(dir).reader(reading{name: "use.mask", kind: asLines}); r == got[0] || len(r.lines) != 1 || len(r.flags) != 0 {
		t.Errorf("read as lines: %d lines, %d flags; want one line", len(r.lines), len(r.flags))
	}
	if r := new(Shelf).folder(dir).reader(flags); len(r.flags) != 1 || r.flags[0].Text != "c" {
		t.Errorf("another shelf has %v, want c", r.flags)
	}
	missing := reading{name: "package.use", kind: asEntries, options: userconf.Options{}}
	for _, path := range []string{dir, filepath.Join(dir, "none")} {
		if r := s.folder(path).reader(missing); len(r.entries)+len(r.problems) > 0 || r.words() != nil {
			t.Errorf("a file that is missing in %s: %v, %v", path, r.entries, r.problems)
		}
	}
}
