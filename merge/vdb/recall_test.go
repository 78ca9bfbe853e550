package vdb_test

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/mattn/go-sqlite3" // names the driver for database/sql

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/vdb"
)

// indexed opens a database with an index.
func indexed(dir, cache string) *vdb.DB {
	return vdb.New(vdb.Options{Dir: dir, Pool: ebuild.NewPool(), Index: cache})
}

// shown are the variables that describe compares.
var shown = []string{"SLOT", "EAPI", "USE", "RDEPEND", "DEPEND", "LICENSE", "CHOST", "DESCRIPTION", "INHERITED"}

// describe tells everything that is asked of packages, and what is wrong.
func describe(t *testing.T, db *vdb.DB) string {
	t.Helper()
	all, err := db.All()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, p := range all {
		fmt.Fprintf(&b, "%s %d %d %d", p, p.Counter(), p.BuildTime(), p.MTime)
		for _, key := range shown {
			fmt.Fprintf(&b, " %s=%q", key, p.Raw(key))
		}
		fmt.Fprintln(&b)
	}
	for _, p := range db.Problems() {
		fmt.Fprintln(&b, p)
	}
	return b.String()
}

// check compares what an index makes of a database with the files, and which
// entries it had to spare reading; then it closes the index.
func check(t *testing.T, dir, cache string, recalled ...string) {
	t.Helper()
	db := indexed(dir, cache)
	want := describe(t, vdb.New(vdb.Options{Dir: dir}))
	if d := cmp.Diff(want, describe(t, db)); d != "" {
		t.Errorf("with an index (-without +with):\n%s", d)
	}
	if got := db.Recalled(); !slices.Equal(got, recalled) {
		t.Errorf("recalled %v, want %v", got, recalled)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func set(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// three makes a database of three plain entries.
func three(t *testing.T) (dir, cache string) {
	t.Helper()
	dir = write(t, map[string]string{
		"a/one-1/SLOT": "0\n", "a/one-1/EAPI": "8\n", "a/one-1/RDEPEND": "x/y\n", "a/one-1/COUNTER": "5\n", "a/one-1/DESCRIPTION": "d\n",
		"a/two-1/SLOT": "1/2\n", "a/two-1/EAPI": "7\n", "a/two-1/USE": "f  g\n", "a/two-1/BUILD_TIME": "9\n",
		"b/three-1/SLOT": "0\n", "b/three-1/EAPI": "8\n", "b/three-1/CHOST": "c\n",
	})
	return dir, t.TempDir()
}

func TestRecall(t *testing.T) {
	dir, cache := three(t)
	check(t, dir, cache)
	check(t, dir, cache, "a/one-1", "a/two-1", "b/three-1")
}

// TestStale changes the database behind the index in every way.
func TestStale(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(dir string) error
		recalled []string
	}{
		"a file is written in place, with its old time and size": {func(dir string) error {
			path := filepath.Join(dir, "a/one-1/RDEPEND")
			st, err := os.Stat(path)
			if err != nil {
				return err
			}
			set(t, path, "x/z\n")
			return os.Chtimes(path, st.ModTime(), st.ModTime())
		}, []string{"a/two-1", "b/three-1"}},
		"a file goes": {func(dir string) error {
			return os.Remove(filepath.Join(dir, "a/two-1/USE"))
		}, []string{"a/one-1", "b/three-1"}},
		"a file comes": {func(dir string) error {
			set(t, filepath.Join(dir, "b/three-1/DEPEND"), "x/y\n")
			return nil
		}, []string{"a/one-1", "a/two-1"}},
		"a file metadata comes": {func(dir string) error {
			snapshot(t, filepath.Join(dir, "a/one-1"), "#format=1\nSLOT=7\nEAPI=8\n", 0)
			return nil
		}, []string{"a/two-1", "b/three-1"}},
		"a package is replaced": {func(dir string) error {
			if err := os.Rename(filepath.Join(dir, "a/one-1"), filepath.Join(dir, "a/one-2")); err != nil {
				return err
			}
			return os.Rename(filepath.Join(dir, "a/two-1"), filepath.Join(dir, "a/one-1"))
		}, []string{"b/three-1"}},
		"a package goes": {func(dir string) error {
			return os.RemoveAll(filepath.Join(dir, "a/one-1"))
		}, []string{"a/two-1", "b/three-1"}},
		"a category goes": {func(dir string) error {
			return os.RemoveAll(filepath.Join(dir, "a"))
		}, []string{"b/three-1"}},
		"a category comes": {func(dir string) error {
			return os.CopyFS(filepath.Join(dir, "c"), os.DirFS(filepath.Join(dir, "a")))
		}, []string{"a/one-1", "a/two-1", "b/three-1"}},
		"an entry becomes a file": {func(dir string) error {
			if err := os.RemoveAll(filepath.Join(dir, "a/one-1")); err != nil {
				return err
			}
			set(t, filepath.Join(dir, "a/one-1"), "")
			return nil
		}, []string{"a/two-1", "b/three-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir, cache := three(t)
			check(t, dir, cache)
			if err := c.change(dir); err != nil {
				t.Fatal(err)
			}
			check(t, dir, cache, c.recalled...)
			db := indexed(dir, cache)
			if all, err := db.All(); err != nil || len(db.Recalled()) != len(all) {
				t.Errorf("then %v are recalled, want all; %v", db.Recalled(), err)
			}
		})
	}
}

// TestRecallOddEntries: what is wrong is told each time; file metadata is
// believed as without an index.
func TestRecallOddEntries(t *testing.T) {
	dir := write(t, map[string]string{
		"a/noversion/SLOT": "0\n",
		"a/empty-1/":       "",
		"a/counter-1/SLOT": "0\n", "a/counter-1/EAPI": "8\n", "a/counter-1/COUNTER": "x\n",
		"a/dir-1/SLOT": "0\n", "a/dir-1/EAPI": "8\n", "a/dir-1/RDEPEND/x": "",
		"a/fresh-1/SLOT": "1\n", "a/fresh-1/EAPI": "8\n", "a/fresh-1/INHERITED": "e\n", "a/fresh-1/RDEPEND": "un/believed\n",
		"a/lost-1/":      "",
		"a/stale-1/SLOT": "1\n", "a/stale-1/EAPI": "8\n", "a/stale-1/RDEPEND": "x/y\n",
		"a/good-1/SLOT": "3\n", "a/good-1/EAPI": "8\n",
	})
	const body = "#format=1\nDEPEND=d/d\nEAPI=7\nSLOT=2/2\nrepository=r\nDESCRIPTION=text\n"
	snapshot(t, filepath.Join(dir, "a/fresh-1"), body, 0)
	snapshot(t, filepath.Join(dir, "a/stale-1"), body, 1)
	snapshot(t, filepath.Join(dir, "a/lost-1"), body, 1)
	if err := os.Symlink("nowhere", filepath.Join(dir, "a/link-1")); err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	check(t, dir, cache)
	good := []string{"a/fresh-1", "a/good-1", "a/stale-1"}
	check(t, dir, cache, good...)
	snapshot(t, filepath.Join(dir, "a/fresh-1"), strings.Replace(body, "d/d", "e/e", 1), 0)
	check(t, dir, cache, good[1:]...)
	check(t, dir, cache, good...)
}

// TestIdentityOnly: a run that asks for no dependencies records nothing, and
// loses nothing.
func TestIdentityOnly(t *testing.T) {
	dir, cache := three(t)
	db := indexed(dir, cache)
	if _, err := db.All(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	check(t, dir, cache)
	check(t, dir, cache, "a/one-1", "a/two-1", "b/three-1")
}

// TestLate: a file that is looked at when it is asked for was written in place,
// with its old time and size. The next run records it.
func TestLate(t *testing.T) {
	dir, cache := three(t)
	check(t, dir, cache)
	path := filepath.Join(dir, "b/three-1/CHOST")
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	set(t, path, "d\n")
	if err := os.Chtimes(path, st.ModTime(), st.ModTime()); err != nil {
		t.Fatal(err)
	}
	check(t, dir, cache, "a/one-1", "a/two-1", "b/three-1") // and compares what is read
	check(t, dir, cache, "a/one-1", "a/two-1")
	check(t, dir, cache, "a/one-1", "a/two-1", "b/three-1")
}

// TestForeignIndex: the index of another database, of another version, or with
// damage costs reading, nothing else.
func TestForeignIndex(t *testing.T) {
	dir, cache := three(t)
	check(t, dir, cache)
	path := indexFile(t, cache)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	query := func(text string) func() {
		return func() {
			db, err := sql.Open("sqlite3", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(text); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, spoil := range map[string]func(){
		"version":  query("PRAGMA user_version = 999"),
		"place":    query("UPDATE row SET data = X'00' WHERE kind = 0"),
		"bit":      query("UPDATE row SET data = X'00' || data WHERE kind > 0"),
		"cut":      func() { set(t, path, string(good[:len(good)-5000])) },
		"short":    func() { set(t, path, string(good[:100])) },
		"empty":    func() { set(t, path, "") },
		"nonsense": func() { set(t, path, "nonsense") },
	} {
		t.Run(name, func(t *testing.T) {
			set(t, path, string(good))
			spoil()
			check(t, dir, cache)
			check(t, dir, cache, "a/one-1", "a/two-1", "b/three-1")
		})
	}
	other, _ := three(t)
	set(t, filepath.Join(cache, filepath.Base(path)), string(good))
	check(t, other, cache)
}

// indexFile returns the only index in a folder.
func indexFile(t *testing.T, cache string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(cache, "installed-*.sqlite"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	return found[0]
}

// TestReadOnlyPlace: a place that is missing or cannot be written to is no error.
func TestReadOnlyPlace(t *testing.T) {
	dir, cache := three(t)
	check(t, dir, filepath.Join(cache, "none"))
	check(t, dir, "/sys") // refuses new files even to root
	check(t, dir, cache)
	if err := os.Chmod(indexFile(t, cache), 0o444); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(cache, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(cache, 0o755) })
	set(t, filepath.Join(dir, "a/one-1/SLOT"), "9\n")
	check(t, dir, cache, "a/two-1", "b/three-1")
}

// TestRecentEntries: what changed just before it was read is not recorded, and
// what is never recorded does not have the file written again and again.
func TestRecentEntries(t *testing.T) {
	dir, cache := three(t)
	ahead := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "a/one-1/SLOT"), ahead, ahead); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	run := func() []string {
		db := vdb.New(vdb.Options{Dir: dir, Index: cache, Now: now})
		describe(t, db)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		return db.Recalled()
	}
	for range 2 {
		if got := run(); len(got) > 0 {
			t.Errorf("recalled %v, which is too young", got)
		}
	}
	now = now.Add(time.Minute)
	run()
	before, err := os.Stat(indexFile(t, cache))
	if err != nil {
		t.Fatal(err)
	}
	if got := run(); !slices.Equal(got, []string{"a/two-1", "b/three-1"}) {
		t.Errorf("recalled %v, want all but one", got)
	}
	if after, err := os.Stat(indexFile(t, cache)); err != nil || !os.SameFile(before, after) {
		t.Errorf("an index without news was written again; %v", err)
	}
}

// workerEnv tells a second process of the test binary what to do.
const workerEnv = "VDB_TEST_WORKER"

// TestProcesses lets processes change a database, and read it with one index.
func TestProcesses(t *testing.T) {
	if args := strings.Fields(os.Getenv(workerEnv)); len(args) == 3 {
		for i := range 20 {
			set(t, filepath.Join(args[0], "a", args[2], "USE"), fmt.Sprintf("u%d\n", i))
			db := indexed(args[0], args[1])
			p, err := db.Packages("a/pkg")
			if err != nil || len(p) != 3 {
				t.Fatal(p, err)
			}
			for _, q := range p {
				q.Raw("RDEPEND")
				if q.CPV.PF() == args[2] && strings.Join(q.USE, " ") != fmt.Sprintf("u%d", i) {
					t.Fatalf("%s has USE %v, want u%d", q, q.USE, i)
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	files := map[string]string{}
	for i := range 3 {
		files[fmt.Sprintf("a/pkg-%d/SLOT", i)], files[fmt.Sprintf("a/pkg-%d/EAPI", i)] = "0\n", "8\n"
		files[fmt.Sprintf("a/pkg-%d/USE", i)] = "none\n"
	}
	dir, cache := write(t, files), t.TempDir()
	var wait sync.WaitGroup
	for i := range 3 {
		wait.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestProcesses$")
			cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s pkg-%d", workerEnv, dir, cache, i))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("worker: %v\n%s", err, out)
			}
		})
	}
	wait.Wait()
	db := indexed(dir, cache)
	describe(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	check(t, dir, cache, "a/pkg-0", "a/pkg-1", "a/pkg-2")
}

// TestReadBesideOthers: Read, the packages and their variables may be asked for
// at the same time.
func TestReadBesideOthers(t *testing.T) {
	dir, cache := three(t)
	for range 2 {
		db := indexed(dir, cache)
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(db.Read)
			wait.Go(func() { describe(t, db) })
		}
		wait.Wait()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
