package ebuild_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repotest"
)

const sourced = `
-- r/a/b/b-1.ebuild --
DESCRIPTION=one
INHERIT=e
-- r/a/b/b-2.ebuild --
broken
-- r/a/b/b-3.ebuild --
EAPI=future
-- r/c/d/d-1.ebuild --
DEPEND=a/b
-- r/eclass/e.eclass --
-- r/profiles/categories --
a
c
`

// TestGeneratedOnce asks four times, with an index, with a user-side cache, after
// an eclass changed, and without either.
func TestGeneratedOnce(t *testing.T) {
	tree := repotest.Write(t, sourced)
	index, user := t.TempDir(), t.TempDir()
	for _, c := range []struct {
		name  string
		index string
		user  string
		do    func()
		want  int // ebuilds sourced: the broken one and that of the future always are
	}{
		{name: "nothing known", index: index, user: user, want: 3},
		{name: "through the index", index: index, want: 2},
		{name: "through the user-side cache", user: user, want: 2},
		{name: "nothing kept", want: 3},
		{name: "eclass changed", index: index, user: user, want: 3, do: func() {
			write(t, filepath.Join(tree.Repo("r"), "eclass/e.eclass"), "changed")
		}},
		{name: "user-side cache after that", user: user, want: 2},
	} {
		if c.do != nil {
			c.do()
		}
		g := &repotest.Generator{}
		set := tree.Open(t, ebuild.OpenOptions{Generator: g, Index: c.index, Depcache: c.user})
		if got, want := versions(t, set, "a/b"), "1 2! 3!"; got != want {
			t.Errorf("%s: versions %s, want %s", c.name, got, want)
		}
		if len(g.Read()) != c.want {
			t.Errorf("%s: sourced %v, want %d", c.name, g.Read(), c.want)
		}
		if p := repotest.Package(t, set, "a/b-3"); p.EAPIName != "future" || p.EAPI != nil {
			t.Errorf("%s: EAPI %q", c.name, p.EAPIName)
		}
		if got := problems(tree, set); !strings.Contains(got, "b-2.ebuild:1: broken") || strings.Contains(got, "b-3") {
			t.Errorf("%s: problems %s", c.name, got)
		}
		if err := set.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestReadAhead wants what a sourced package depends on to be read before it is
// asked for, and nothing to be told of it.
func TestReadAhead(t *testing.T) {
	tree := repotest.Write(t, sourced)
	g := &repotest.Generator{}
	set := tree.Open(t, ebuild.OpenOptions{Generator: g, Jobs: 2})
	repotest.Package(t, set, "c/d-1")
	for len(g.Read()) < 4 { // d-1, and all versions of a/b
		if t.Context().Err() != nil {
			t.Fatal("nothing was read ahead")
		}
		runtime.Gosched()
	}
	if got := problems(tree, set); got != "" {
		t.Errorf("told before it was asked for: %s", got)
	}
	if got, want := versions(t, set, "a/b"), "1 2! 3!"; got != want {
		t.Errorf("versions %s, want %s", got, want)
	}
	if got := problems(tree, set); !strings.Contains(got, "broken") {
		t.Errorf("problems %q", got)
	}
	if len(g.Read()) != 4 {
		t.Errorf("sourced %v, want each once", g.Read())
	}
	if err := set.Close(); err != nil {
		t.Error(err)
	}
}

// TestReadAheadAsked wants packages that a caller has read ahead to be the same
// that are asked for, nothing to be told of them before, and nothing sourced.
func TestReadAheadAsked(t *testing.T) {
	tree := repotest.Write(t, sourced+`
-- r/metadata/md5-cache/c --
not a folder
-- r/metadata/md5-cache/a/b-1 --
_md5_=0
`)
	g := &repotest.Generator{}
	set := tree.Open(t, ebuild.OpenOptions{Generator: g})
	var wait sync.WaitGroup
	for range 2 {
		for _, cp := range []atoms.CP{"a/b", "c/d", "un/known", "a/none"} {
			wait.Go(func() { set.ReadAhead(cp) })
		}
	}
	wait.Wait()
	if got := problems(tree, set); got != "" || len(g.Read()) > 0 {
		t.Errorf("told before it was asked for: %s; sourced %v", got, g.Read())
	}
	if got, want := versions(t, set, "a/b"), "1 2! 3!"; got != want {
		t.Errorf("versions %s, want %s", got, want)
	}
	if got := problems(tree, set); !strings.Contains(got, "broken") || len(g.Read()) != 3 {
		t.Errorf("problems %q; sourced %v", got, g.Read())
	}
	shipped := repotest.Write(t, "-- r/a/b-1 --\nEAPI=8\nDEPEND=)\n-- r/a/b-2 --\nKEYWORDS=x\n-- r/c/file --\n")
	set = shipped.Open(t, ebuild.OpenOptions{})
	set.ReadAhead("a/b")
	set.ReadAhead("c/file")
	if got := problems(shipped, set); got != "" {
		t.Errorf("told before it was asked for: %s", got)
	}
	if got, want := versions(t, set, "a/b"), "1! 2"; got != want {
		t.Errorf("versions %s, want %s", got, want)
	}
}

func TestEbuilds(t *testing.T) {
	tree := repotest.Write(t, sourced+"-- r/a/b-4.ebuild --\nDESCRIPTION=four\n")
	user := t.TempDir()
	g := &repotest.Generator{}
	set := tree.Open(t, ebuild.OpenOptions{Generator: g, Depcache: user})
	versions(t, set, "a/b")
	if err := set.Close(); err != nil {
		t.Error(err)
	}
	set = tree.Open(t, ebuild.OpenOptions{Depcache: user})
	list, err := set.Get("r").Ebuilds("a/b")
	if err != nil || len(list) != 4 {
		t.Fatal(list, err)
	}
	got := ""
	for _, e := range list {
		got += fmt.Sprintf("%s %v %v %v\n", e.PF, e.Entry != nil, e.Shipped, e.Stale != nil)
	}
	if want := "b-1 true false true\nb-2 false false true\nb-3 false false true\nb-4 true true false\n"; got != want {
		t.Errorf("version, known, shipped, stale:\n%swant\n%s", got, want)
	}
}
