package index_test

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/mattn/go-sqlite3" // names the driver for database/sql

	"github.com/tumpline/tumpline/ebuild/index"
)

const location = "/repo"

// sample gives a package with some text, so that a few of them fill a shard.
func sample(name string, generation int) *index.Package {
	s := index.Stamp{MTime: 5, CTime: int64(generation), Size: 9}
	return &index.Package{
		Name: name, Dir: s, Names: []string{name + "-1", name + "-2"},
		Entries: []index.Entry{
			{Name: name + "-1", Cache: s, Text: fmt.Sprintf("DESCRIPTION=%s %d\n%3000d\n", name, generation, 1)},
			{Name: name + "-2", Cache: s, Ebuild: s, Text: "EAPI=8\n"},
		},
	}
}

func names(n int) []string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("pkg%03d", i))
	}
	return list
}

func open(path string) *index.Index {
	return index.Open(index.Options{Path: path, Location: location})
}

// fill puts packages of a generation into categories and closes the index.
func fill(t *testing.T, path string, generation int, categories []string, packages []string) {
	t.Helper()
	x := open(path)
	for _, c := range categories {
		x.PutCategory(c, &index.Listing{Stamp: index.Stamp{MTime: int64(generation)}, Names: names(100)})
		for _, n := range packages {
			x.PutPackage(c, sample(n, generation))
		}
	}
	x.PutDigest("/repo/eclass/e.eclass", index.Digest{Stamp: index.Stamp{Size: 3}, Sum: "abc"})
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

func state(t *testing.T, x *index.Index, want index.State) {
	t.Helper()
	if got, err := x.State(); got != want {
		t.Errorf("state %v (%v), want %v", got, err, want)
	}
}

// has checks that the index has the packages as put by fill.
func has(t *testing.T, x *index.Index, category string, generation int, packages []string) {
	t.Helper()
	for _, n := range packages {
		if diff := cmp.Diff(sample(n, generation), x.Package(category, n)); diff != "" {
			t.Errorf("%s/%s (-want +got):\n%s", category, n, diff)
		}
	}
}

func TestWriteAndRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.sqlite")
	fill(t, path, 1, []string{"a", "a-b"}, names(50))
	x := open(path)
	state(t, x, index.Loaded)
	has(t, x, "a", 1, names(50))
	has(t, x, "a-b", 1, names(50))
	for _, absent := range [][2]string{{"a", "pkg"}, {"a", "zzz"}, {"a", ""}, {"b", "pkg001"}, {"", "pkg001"}} {
		if p := x.Package(absent[0], absent[1]); p != nil {
			t.Errorf("Package(%q) = %v", absent, p)
		}
	}
	want := &index.Listing{Stamp: index.Stamp{MTime: 1}, Names: names(100)}
	if diff := cmp.Diff(want, x.Category("a")); diff != "" || x.Category("none") != nil {
		t.Errorf("Category (-want +got):\n%s", diff)
	}
	if sum, ok := x.Digest("/repo/eclass/e.eclass", index.Stamp{Size: 3}); sum != "abc" || !ok {
		t.Errorf("Digest = %q, %v", sum, ok)
	}
	if _, ok := x.Digest("/repo/eclass/e.eclass", index.Stamp{Size: 4}); ok {
		t.Error("a digest for another stamp")
	}
	if n := x.Installed(); n != nil {
		t.Errorf("Installed = %v", n)
	}
	before := read(t, path)
	if err := x.Close(); err != nil || read(t, path) != before {
		t.Errorf("closing an index that is only read writes, or fails: %v", err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestUpdate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.sqlite")
	fill(t, path, 1, []string{"a", "b"}, names(60))
	fill(t, path, 2, []string{"a"}, []string{"pkg003", "pkg040"})
	x := open(path)
	has(t, x, "a", 2, []string{"pkg003", "pkg040"})
	has(t, x, "a", 1, []string{"pkg000", "pkg002", "pkg004", "pkg059"})
	has(t, x, "b", 1, names(60))
	x.PutCategory("a", &index.Listing{Names: []string{"pkg002-1.2", "pkg003"}})
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = open(path)
	has(t, x, "a", 1, []string{"pkg002"})
	has(t, x, "a", 2, []string{"pkg003"})
	if p := x.Package("a", "pkg004"); p != nil {
		t.Errorf("a package that is gone is kept: %v", p)
	}
}

func TestMemory(t *testing.T) {
	x := index.Open(index.Options{Location: location})
	x.PutPackage("a", sample("p", 1))
	x.PutCategory("a", &index.Listing{Names: []string{"p"}})
	has(t, x, "a", 1, []string{"p"})
	state(t, x, index.Memory)
	if x.Category("a") == nil || x.Category("b") != nil || x.Close() != nil {
		t.Error("an index in memory forgets, invents, or fails to close")
	}
}

func TestPlaceWithoutRightToWrite(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	locked := filepath.Join(dir, "locked")
	fill(t, filepath.Join(dir, "x.sqlite"), 1, []string{"a"}, names(3))
	if err := os.Mkdir(locked, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(locked, 0o755) })
	// /sys refuses new files even to root, who may write into the others.
	for _, place := range []string{filepath.Join(dir, "none"), file, "/sys", locked} {
		x := open(filepath.Join(place, "x.sqlite"))
		x.PutPackage("a", sample("p", 1))
		has(t, x, "a", 1, []string{"p"})
		if err := x.Close(); err != nil {
			t.Errorf("%s: %v", place, err)
		}
	}
}

// TestReadOnlyFile uses an index in a folder that cannot be written to.
func TestReadOnlyFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.sqlite")
	fill(t, path, 1, []string{"a"}, names(3))
	if err := os.Remove(path + ".lock"); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o555, 0o755} {
		if err := os.Chmod(path, 0o444); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, mode); err != nil {
			t.Fatal(err)
		}
		x := open(path)
		state(t, x, index.Loaded)
		has(t, x, "a", 1, names(3))
		x.PutPackage("a", sample("q", 1))
		if err := x.Close(); err != nil {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
}

func TestOtherVersion(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.sqlite")
	for _, pragma := range []string{"user_version = 999", "application_id = 1"} {
		fill(t, path, 1, []string{"a"}, names(3))
		db, err := sql.Open("sqlite3", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec("PRAGMA " + pragma); err != nil {
			t.Fatal(err)
		}
		db.Close()
		x := open(path)
		state(t, x, index.Rebuilt)
		if x.Package("a", "pkg000") != nil {
			t.Errorf("%s: rows of another version are believed", pragma)
		}
		x.PutPackage("a", sample("pkg000", 2))
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
		x = open(path)
		state(t, x, index.Loaded)
		has(t, x, "a", 2, []string{"pkg000"})
	}
}

func TestOtherLocation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.sqlite")
	fill(t, path, 1, []string{"a"}, names(3))
	x := index.Open(index.Options{Path: path, Location: "/elsewhere"})
	state(t, x, index.Rebuilt)
	if x.Package("a", "pkg000") != nil {
		t.Error("rows of another repository are believed")
	}
	if a, b := index.FileName("r", "/a"), index.FileName("r", "/b"); a == b {
		t.Errorf("two locations share the file %s", a)
	}
}

// TestDamage truncates the file and turns bits of it. Whatever is read must be
// right, and the next index must work.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	whole := filepath.Join(dir, "whole.sqlite")
	fill(t, whole, 1, []string{"a"}, names(40))
	good := read(t, whole)
	var damaged []string
	for _, n := range []int{0, 1, 15, 16, 100, 4096, 16384, 16385, 40000, len(good) - 16384, len(good) - 1} {
		damaged = append(damaged, good[:n])
	}
	for at := 0; at < len(good); at += 1 + len(good)/60 {
		b := []byte(good)
		b[at] ^= 0x41
		damaged = append(damaged, string(b))
	}
	damaged = append(damaged, "not a database at all", good+"tail")
	lost := 0
	for i, data := range damaged {
		path := filepath.Join(dir, fmt.Sprintf("%d.sqlite", i))
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
		x := open(path)
		x.Category("a")
		x.Digest("/repo/eclass/e.eclass", index.Stamp{})
		for _, n := range names(40) {
			if p := x.Package("a", n); p == nil {
				lost++
			} else if diff := cmp.Diff(sample(n, 1), p); diff != "" {
				t.Fatalf("damage %d: %s is wrong:\n%s", i, n, diff)
			}
		}
		x.PutPackage("a", sample("pkg001", 2))
		if err := x.Close(); err != nil {
			t.Fatalf("damage %d: %v", i, err)
		}
		x = open(path)
		has(t, x, "a", 2, []string{"pkg001"})
	}
	if lost == 0 {
		t.Error("no damage was noticed: the test tests nothing")
	}
}

func TestRecentChangesAreNotWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.sqlite")
	now := time.Unix(1000, 0)
	old, young := now.Add(-time.Hour).UnixNano(), now.Add(-time.Second).UnixNano()
	x := index.Open(index.Options{Path: path, Location: location, Now: now})
	for _, c := range []struct {
		name         string
		mtime, ctime int64
	}{{"old", old, old}, {"young", old, young}, {"future", now.Add(time.Hour).UnixNano(), old}} {
		s := index.Stamp{MTime: c.mtime, CTime: c.ctime}
		x.PutPackage("a", &index.Package{Name: c.name, Entries: []index.Entry{{Name: c.name + "-1", Cache: s}}})
		x.PutPackage("b", &index.Package{Name: c.name, Entries: []index.Entry{{Name: c.name + "-1", Ebuild: s}}})
		x.PutPackage("c", &index.Package{Name: c.name, Dir: s})
		x.PutCategory(c.name, &index.Listing{Stamp: s})
		x.PutDigest(c.name, index.Digest{Stamp: s, Sum: "x"})
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = open(path)
	for _, name := range []string{"old", "young", "future"} {
		want := name == "old"
		for _, c := range []string{"a", "b", "c"} {
			if got := x.Package(c, name) != nil; got != want {
				t.Errorf("package %s/%s written: %v, want %v", c, name, got, want)
			}
		}
		if got := x.Category(name) != nil; got != want {
			t.Errorf("category %s written: %v, want %v", name, got, want)
		}
	}
}

func TestGoroutines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.sqlite")
	fill(t, path, 1, []string{"a"}, names(30))
	x := open(path)
	var wait sync.WaitGroup
	for w := range 4 {
		wait.Go(func() {
			has(t, x, "a", 1, names(30))
			x.PutPackage("b", sample(names(4)[w], 1))
			x.Category("a")
		})
	}
	wait.Wait()
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	has(t, open(path), "b", 1, names(4))
}

// workerEnv tells a second process of the test binary what to do.
const workerEnv = "INDEX_TEST_WORKER"

// TestProcesses lets processes read and write one index at the same time.
func TestProcesses(t *testing.T) {
	if path := os.Getenv(workerEnv); path != "" {
		work(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "x.sqlite")
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProcesses$")
			cmd.Env = append(os.Environ(), workerEnv+"="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("worker: %v\n%s", err, out)
			}
		})
	}
	wait.Wait()
	x := open(path)
	state(t, x, index.Loaded)
	found := 0
	for _, n := range names(25) {
		if p := x.Package("a", n); p != nil {
			found++
			if diff := cmp.Diff(sample(n, 1), p); diff != "" {
				t.Errorf("%s (-want +got):\n%s", n, diff)
			}
		}
	}
	if found != 25 {
		t.Errorf("%d packages are in the index, want 25", found)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.new"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// work puts packages one by one, opening the index each time, until all are
// there. A writer that finds the lock taken leaves out what it had, so that some
// rounds are lost.
func work(t *testing.T, path string) {
	for _, n := range names(25) {
		for round := 0; ; round++ {
			x := open(path)
			if s, err := x.State(); s == index.Rebuilt {
				t.Fatalf("a process sees a broken index: %v", err)
			}
			p := x.Package("a", n)
			if p == nil {
				x.PutPackage("a", sample(n, 1))
			}
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			if p != nil {
				has(t, open(path), "a", 1, []string{n})
				break
			}
			if round > 1000 {
				t.Fatal("never gets the lock")
			}
			time.Sleep(time.Millisecond) // let another have it
		}
	}
}

// TestLostUpdate: a writer that started before another one does not undo what
// the other wrote.
func TestLostUpdate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.sqlite")
	first, second := open(path), open(path)
	first.PutPackage("a", sample("one", 1))
	second.PutPackage("a", sample("two", 1))
	second.PutPackage("b", sample("two", 1))
	for _, x := range []*index.Index{first, second} {
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	x := open(path)
	has(t, x, "a", 1, []string{"one", "two"})
	has(t, x, "b", 1, []string{"two"})
}

// TestLeftover: what a killed writer left behind does no harm.
func TestLeftover(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.sqlite")
	if err := os.WriteFile(path+".new", []byte("half a database"), 0o644); err != nil {
		t.Fatal(err)
	}
	fill(t, path, 1, []string{"a"}, names(3))
	has(t, open(path), "a", 1, names(3))
}

func TestInstalledRow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.sqlite")
	want := &index.Installed{Keys: []string{"SLOT"}, Categories: []index.InstalledCategory{{
		Name: "a", Stamp: index.Stamp{MTime: 1},
		Entries: []index.InstalledEntry{{Name: "p-1", Dir: index.Stamp{MTime: 2}, Files: []index.File{{Stamp: index.Stamp{Size: 2}, Value: "0"}}}},
	}}}
	x := open(path)
	x.PutInstalled(want)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	fill(t, path, 1, []string{"a"}, names(3)) // other rows come and go beside it
	before := read(t, path)
	x = open(path)
	got := x.Installed()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	x.PutInstalled(got)
	if err := x.Close(); err != nil || read(t, path) != before {
		t.Errorf("what the file has already is written again, or fails: %v", err)
	}
}

func TestOddPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?c%20#d&e.sqlite")
	fill(t, path, 1, []string{"a"}, names(3))
	has(t, open(path), "a", 1, names(3))
}
