package refresh_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/refresh"
	"github.com/tumpline/tumpline/ebuild/repotest"
)

const tree = `
-- r/a/b/b-1.ebuild --
DESCRIPTION=one
INHERIT=e
-- r/a/b/b-2.ebuild --
broken
-- r/a/b/b-3.ebuild --
EAPI=future
-- r/a/b-4.ebuild --
DESCRIPTION=four
-- r/c/d/d-1.ebuild --
INHERIT=e
-- r/c/d/d-2.ebuild --
INHERIT=f
-- r/metadata/md5-cache/a/b-0 --
SLOT=0
-- r/metadata/md5-cache/g/h-1 --
SLOT=0
-- r/eclass/e.eclass --
-- r/eclass/f.eclass --
-- r/profiles/categories --
a
c
`

// A world is a tree that is updated again and again, each time by a new process.
type world struct {
	tree *repotest.Tree
	user string // user-side cache; "" for none
}

// update gives what was reported, a line for each ebuild and then what was done.
func (w *world) update(t *testing.T, o refresh.Options) string {
	t.Helper()
	g := &repotest.Generator{}
	set := w.tree.Open(t, ebuild.OpenOptions{Generator: g, Depcache: w.user})
	var b strings.Builder
	o.Jobs = 3
	o.Report = func(r *refresh.Result) {
		fmt.Fprintf(&b, "%s %s", r.Ebuild.PF, r.Status)
		if r.Written {
			b.WriteString(" written")
		}
		if r.Err != nil {
			fmt.Fprintf(&b, " %s", strings.ReplaceAll(r.Err.Error(), w.tree.Dir, ""))
		}
		b.WriteString("\n")
	}
	s, err := refresh.Repository(t.Context(), set.Get("r"), &o)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "removed %v unknown %v problems %v", s.Removed, s.Unknown, s.Problems)
	return b.String()
}

// entries lists the files of the repository's cache.
func (w *world) entries(t *testing.T) string {
	t.Helper()
	var list []string
	base := filepath.Join(w.tree.Repo("r"), "metadata/md5-cache")
	err := filepath.WalkDir(base, func(path string, _ os.DirEntry, err error) error {
		if rel, _ := filepath.Rel(base, path); rel != "." {
			list = append(list, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func (w *world) write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(w.tree.Repo("r"), path), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestRepository(t *testing.T) {
	w := &world{tree: repotest.Write(t, tree)}
	for _, c := range []struct {
		name string
		do   func()
		o    refresh.Options
		want string
	}{
		{
			name: "first",
			want: "b-1 generated written\nb-2 failed /r/a/b/b-2.ebuild:1: broken\nb-3 unsupported\nb-4 fresh\n" +
				"d-1 generated written\nd-2 generated written\nremoved [a/b-0 g/h-1] unknown [] problems []",
		},
		{
			name: "again",
			want: "b-1 fresh\nb-2 failed /r/a/b/b-2.ebuild:1: broken\nb-3 unsupported\nb-4 fresh\n" +
				"d-1 fresh\nd-2 fresh\nremoved [] unknown [] problems []",
		},
		{
			name: "eclass changed",
			do:   func() { w.write(t, "eclass/e.eclass", "changed") },
			want: "b-1 generated written\nb-2 failed /r/a/b/b-2.ebuild:1: broken\nb-3 unsupported\nb-4 fresh\n" +
				"d-1 generated written\nd-2 fresh\nremoved [] unknown [] problems []",
		},
		{
			name: "one package",
			do: func() {
				w.write(t, "eclass/e.eclass", "again")
				w.write(t, "metadata/md5-cache/a/b-0", "SLOT=0\n")
				w.write(t, "metadata/md5-cache/c/d-0", "SLOT=0\n")
				w.write(t, "metadata/md5-cache/c/e-0", "SLOT=0\n")
			},
			o:    refresh.Options{Packages: []atoms.CP{"x/y", "c/d", "c/e", "c/d"}},
			want: "d-1 generated written\nd-2 fresh\nremoved [c/d-0 c/e-0] unknown [x/y] problems []",
		},
	} {
		if c.do != nil {
			c.do()
		}
		if got := w.update(t, c.o); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
	if got, want := w.entries(t), "a a/b-0 a/b-1 a/b-4 c c/d-1 c/d-2"; got != want {
		t.Errorf("entries %s, want %s", got, want)
	}
}

// TestUserSide updates the user-side cache alone, and then the repository from it.
func TestUserSide(t *testing.T) {
	w := &world{tree: repotest.Write(t, tree), user: t.TempDir()}
	before := w.entries(t)
	broken := "b-2 failed /r/a/b/b-2.ebuild:1: broken\nb-3 unsupported\nb-4 fresh\n"
	for _, c := range []struct {
		external bool
		want     string
	}{
		{true, "b-1 generated written\n" + broken + "d-1 generated written\nd-2 generated written\nremoved [] unknown [] problems []"},
		{true, "b-1 adopted\n" + broken + "d-1 adopted\nd-2 adopted\nremoved [] unknown [] problems []"},
		{false, "b-1 adopted written\n" + broken + "d-1 adopted written\nd-2 adopted written\nremoved [a/b-0 g/h-1] unknown [] problems []"},
	} {
		if got := w.update(t, refresh.Options{External: c.external}); got != c.want {
			t.Errorf("external %v:\n%s\nwant\n%s", c.external, got, c.want)
		}
		if got := w.entries(t); c.external && got != before {
			t.Errorf("the repository has %s, had %s", got, before)
		}
	}
}

func TestStop(t *testing.T) {
	w := &world{tree: repotest.Write(t, tree)}
	set := w.tree.Open(t, ebuild.OpenOptions{Generator: &repotest.Generator{}})
	ctx, cancel := context.WithCancel(t.Context())
	var once sync.Once
	s, err := refresh.Repository(ctx, set.Get("r"), &refresh.Options{Progress: func(int, int) { once.Do(cancel) }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, %v; want that it was canceled", s, err)
	}
	if got, want := w.entries(t), "a a/b-0 a/b-1 a/b-4 g g/h-1"; got != want {
		t.Errorf("entries %s, want %s", got, want)
	}
}

// TestNotWritable: what cannot be written is not made, and said once.
func TestNotWritable(t *testing.T) {
	w := &world{tree: repotest.Write(t, "-- r/a/b/b-1.ebuild --\nSLOT=0\n-- r/metadata/md5-cache --\n-- r/profiles/categories --\na\n"), user: t.TempDir()}
	set := w.tree.Open(t, ebuild.OpenOptions{Generator: &repotest.Generator{}, Depcache: w.user})
	o := &refresh.Options{Admit: func(context.Context, int) error {
		t.Error("an ebuild is sourced for nothing")
		return nil
	}}
	_, err := refresh.Repository(t.Context(), set.Get("r"), o)
	if err == nil || !strings.Contains(err.Error(), "repository r: its cache cannot be written") {
		t.Errorf("error %v, want one that says that the cache cannot be written", err)
	}
	want := "b-1 generated written\nremoved [] unknown [] problems []"
	if got := w.update(t, refresh.Options{External: true}); got != want {
		t.Errorf("with the user-side cache:\n%s\nwant\n%s", got, want)
	}
}

func TestAdmit(t *testing.T) {
	w := &world{tree: repotest.Write(t, tree)}
	set := w.tree.Open(t, ebuild.OpenOptions{Generator: &repotest.Generator{}})
	asked := 0
	o := &refresh.Options{Admit: func(_ context.Context, running int) error {
		asked++
		if running != 0 {
			t.Errorf("%d running, want none: one at a time", running)
		}
		return nil
	}}
	if _, err := refresh.Repository(t.Context(), set.Get("r"), o); err != nil {
		t.Fatal(err)
	}
	if asked != 5 {
		t.Errorf("asked %d times, want once for each ebuild without an entry", asked)
	}
}

func TestNothingToWorkOn(t *testing.T) {
	for text, want := range map[string]string{
		"-- r/a/b-1 --\nSLOT=0\n": "without ebuilds",
		"-- r/a/b-1.ebuild --\nSLOT=0\n-- r/metadata/layout.conf --\nmasters =\ncache-formats = pms\n": "md5-dict",
	} {
		set := repotest.Write(t, text).Open(t, ebuild.OpenOptions{})
		if _, err := refresh.Repository(t.Context(), set.Get("r"), &refresh.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
}
