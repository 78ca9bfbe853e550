package ebuild_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/index"
	"github.com/tumpline/tumpline/ebuild/repotest"
)

// view tells everything that a set yields, one package a line.
func view(t *testing.T, tree *repotest.Tree, indexDir string) string {
	t.Helper()
	set, err := ebuild.Open(tree.Config(t), ebuild.OpenOptions{Index: indexDir})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, p := range all(t, set) {
		b.WriteString(p.String() + " " + p.Raw("DESCRIPTION"))
		if len(p.Invalid()) > 0 {
			b.WriteString(" invalid")
		}
		b.WriteByte('\n')
	}
	if err := set.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A change is something that happens to a tree between two starts.
type change struct {
	name string
	do   func(t *testing.T, tree *repotest.Tree)
}

// keepTime writes a file and gives it back its modification time, as rsync and
// tar do.
func keepTime(t *testing.T, path, text string) {
	t.Helper()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, text)
	if err := os.Chtimes(path, time.Time{}, st.ModTime()); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

// later waits until the clock of the file system has moved on: only a change in
// the tick in which a file was read cannot be noticed, see package index.
func later(t *testing.T, dir string) {
	t.Helper()
	probe := filepath.Join(dir, "probe")
	write(t, probe, "")
	first, err := os.Stat(probe)
	if err != nil {
		t.Fatal(err)
	}
	for {
		write(t, probe, "")
		if st, err := os.Stat(probe); err != nil {
			t.Fatal(err)
		} else if st.ModTime().After(first.ModTime()) {
			remove(t, probe)
			return
		}
	}
}

// TestIndexFollowsTree compares a start through the index with one from files,
// after every change.
func TestIndexFollowsTree(t *testing.T) {
	cache := func(tree *repotest.Tree, name string) string {
		return filepath.Join(tree.Repo("r"), "metadata/md5-cache", name)
	}
	common := []change{
		{"nothing", func(*testing.T, *repotest.Tree) {}},
		{"entry rewritten in place", func(t *testing.T, tree *repotest.Tree) {
			f, err := os.OpenFile(cache(tree, "a/b-1"), os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				t.Fatal(err)
			}
			f.WriteString("DESCRIPTION=appended\n")
			f.Close()
		}},
		{"entry of the same size and time", func(t *testing.T, tree *repotest.Tree) {
			data, err := os.ReadFile(cache(tree, "a/b-1"))
			if err != nil {
				t.Fatal(err)
			}
			keepTime(t, cache(tree, "a/b-1"), strings.Replace(string(data), "one", "two", 1))
		}},
		{"entry removed", func(t *testing.T, tree *repotest.Tree) { remove(t, cache(tree, "a/b-1")) }},
		{"entry broken", func(t *testing.T, tree *repotest.Tree) { write(t, cache(tree, "a/b-1"), "what") }},
		{"category removed", func(t *testing.T, tree *repotest.Tree) { remove(t, cache(tree, "a")) }},
	}
	for _, layout := range []struct {
		name, text string
		changes    []change
	}{
		{"cache only", "-- r/a/b-1 --\nDESCRIPTION=one\n-- r/a/b-2 --\n-- r/c/d-1 --\n-- r/profiles/categories --\na\nc\ne\n", append(common,
			change{"entry added", func(t *testing.T, tree *repotest.Tree) { write(t, cache(tree, "a/b-3"), "SLOT=3\n") }},
			change{"entry renamed", func(t *testing.T, tree *repotest.Tree) {
				if err := os.Rename(cache(tree, "a/b-2"), cache(tree, "a/b-4")); err != nil {
					t.Fatal(err)
				}
			}},
			change{"category added", func(t *testing.T, tree *repotest.Tree) { write(t, cache(tree, "e/f-1"), "SLOT=3\n") }},
		)},
		{"ebuilds", "-- r/a/b-1.ebuild --\nDESCRIPTION=one\n-- r/a/b-2.ebuild --\n-- r/c/d-1.ebuild --\n-- r/profiles/categories --\na\nc\ne\n", append(common,
			change{"ebuild changed", func(t *testing.T, tree *repotest.Tree) {
				write(t, filepath.Join(tree.Repo("r"), "a/b/b-1.ebuild"), "changed")
			}},
			change{"ebuild of the same size and time", func(t *testing.T, tree *repotest.Tree) {
				path := filepath.Join(tree.Repo("r"), "a/b/b-1.ebuild")
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				keepTime(t, path, strings.Replace(string(data), "one", "two", 1))
			}},
			change{"ebuild added", func(t *testing.T, tree *repotest.Tree) {
				write(t, filepath.Join(tree.Repo("r"), "a/b/b-3.ebuild"), "foo")
				write(t, cache(tree, "a/b-3"), "SLOT=0\n_md5_="+fooMD5+"\n")
			}},
			change{"ebuild removed", func(t *testing.T, tree *repotest.Tree) {
				remove(t, filepath.Join(tree.Repo("r"), "a/b/b-2.ebuild"))
			}},
			change{"package removed", func(t *testing.T, tree *repotest.Tree) { remove(t, filepath.Join(tree.Repo("r"), "a/b")) }},
			change{"package added", func(t *testing.T, tree *repotest.Tree) {
				write(t, filepath.Join(tree.Repo("r"), "e/f/f-1.ebuild"), "foo")
				write(t, cache(tree, "e/f-1"), "SLOT=0\n_md5_="+fooMD5+"\n")
			}},
		)},
	} {
		for _, c := range layout.changes {
			t.Run(layout.name+", "+c.name, func(t *testing.T) {
				tree := repotest.Write(t, layout.text)
				dir := t.TempDir()
				first := view(t, tree, dir)
				if warm := view(t, tree, dir); warm != first {
					t.Fatalf("the second start gives\n%s, the first gave\n%s", warm, first)
				}
				later(t, tree.Dir)
				c.do(t, tree)
				want := view(t, tree, "")
				if changed := want != first; changed != (c.name != "nothing") {
					t.Fatalf("changed: %v; the tree gives\n%s", changed, want)
				}
				for range 2 {
					if got := view(t, tree, dir); got != want {
						t.Errorf("through the index:\n%s; from files:\n%s", got, want)
					}
				}
			})
		}
	}
}

// TestEclassChangeThroughIndex: an entry whose eclass changed is stale although
// neither it nor its ebuild changed.
func TestEclassChangeThroughIndex(t *testing.T) {
	tree := repotest.Write(t, "-- r/a/b/b-1.ebuild --\n-- r/profiles/categories --\na\n")
	path := filepath.Join(tree.Repo("r"), "eclass/e.eclass")
	write(t, filepath.Join(tree.Repo("r"), "a/b/b-1.ebuild"), "foo")
	write(t, path, "a")
	write(t, filepath.Join(tree.Repo("r"), "metadata/md5-cache/a/b-1"), "SLOT=0\n_eclasses_=e\t0cc175b9c0f1b6a831c399e269772661\n_md5_="+fooMD5+"\n")
	dir := t.TempDir()
	for _, step := range []struct{ text, want string }{{"a", ""}, {"a", ""}, {"b", " invalid"}, {"b", " invalid"}, {"a", ""}} {
		later(t, tree.Dir)
		write(t, path, step.text)
		if got, want := view(t, tree, dir), "a/b-1:0/0::r "+step.want+"\n"; got != want {
			t.Errorf("eclass %q: %q, want %q", step.text, got, want)
		}
	}
}

// TestIndexIsUsed plants a row that tells another text: it must be believed, or
// the index serves nobody.
func TestIndexIsUsed(t *testing.T) {
	tree := repotest.Write(t, "-- r/a/b-1 --\nDESCRIPTION=true\n")
	dir := t.TempDir()
	view(t, tree, dir)
	location := tree.Repo("r")
	x := index.Open(index.Options{Path: filepath.Join(dir, index.FileName("r", location)), Location: location})
	if state, err := x.State(); state != index.Loaded {
		t.Fatalf("index is %v: %v", state, err)
	}
	row := *x.Package("a", "b")
	row.Entries = append([]index.Entry(nil), row.Entries...)
	row.Entries[0].Text = strings.Replace(row.Entries[0].Text, "true", "planted", 1)
	x.PutPackage("a", &row)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if got := view(t, tree, dir); !strings.Contains(got, "planted") {
		t.Errorf("the index is not used: %s", got)
	}
}

func TestIndexPlaceIsAFile(t *testing.T) {
	tree := repotest.Write(t, "-- r/a/b-1 --\n")
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	if got := view(t, tree, filepath.Join(file, "index")); got != "a/b-1:0/0::r \n" {
		t.Errorf("without a place: %q", got)
	}
}

// TestPartialUse: packages not asked for keep their rows.
func TestPartialUse(t *testing.T) {
	tree := repotest.Write(t, "-- r/a/b-1 --\n-- r/a/c-1 --\n")
	dir := t.TempDir()
	for _, cp := range []atoms.CP{"a/b", "a/c"} {
		set, err := ebuild.Open(tree.Config(t), ebuild.OpenOptions{Index: dir})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := set.Packages(cp); err != nil {
			t.Fatal(err)
		}
		if err := set.Close(); err != nil {
			t.Fatal(err)
		}
	}
	location := tree.Repo("r")
	x := index.Open(index.Options{Path: filepath.Join(dir, index.FileName("r", location)), Location: location})
	for _, name := range []string{"b", "c"} {
		if x.Package("a", name) == nil {
			t.Errorf("a/%s is not in the index", name)
		}
	}
}
