package ebuild_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/eclass"
	"github.com/tumpline/tumpline/ebuild/md5cache"
	"github.com/tumpline/tumpline/ebuild/repotest"
)

// A reader makes metadata of ebuilds whose text is that of a cache entry, and
// notes which it read. The text "broken" is an error, "EAPI=future" an EAPI that
// is not supported.
type reader struct {
	mu   sync.Mutex
	read []string
}

func (g *reader) Entry(_ context.Context, r *ebuild.Repository, cpv atoms.CPV, path string) (*md5cache.Entry, error) {
	g.mu.Lock()
	g.read = append(g.read, cpv.String())
	g.mu.Unlock()
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	sum, err := eclass.FileMD5(path)
	if err != nil {
		return nil, err
	}
	values := map[string]string{"EAPI": "8", "SLOT": "0", "_md5_": sum}
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		key, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, fmt.Errorf("%s:1: %s", path, line)
		}
		values[key] = value
	}
	if values["EAPI"] == "future" {
		return nil, &ebuild.UnsupportedEAPIError{EAPI: "future"}
	}
	if name := values["INHERIT"]; name != "" {
		digest, _ := r.Eclasses().MD5(name)
		values["_eclasses_"] = name + "\t" + digest
	}
	return md5cache.New(values)
}

func (g *reader) count() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.read)
}

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
		g := &reader{}
		set := tree.Open(t, ebuild.OpenOptions{Generator: g, Index: c.index, Depcache: c.user})
		if got, want := versions(t, set, "a/b"), "1 2! 3!"; got != want {
			t.Errorf("%s: versions %s, want %s", c.name, got, want)
		}
		if g.count() != c.want {
			t.Errorf("%s: sourced %v, want %d", c.name, g.read, c.want)
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
	g := &reader{}
	set := tree.Open(t, ebuild.OpenOptions{Generator: g, Jobs: 2})
	repotest.Package(t, set, "c/d-1")
	for g.count() < 4 { // d-1, and all versions of a/b
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
	if g.count() != 4 {
		t.Errorf("sourced %v, want each once", g.read)
	}
	if err := set.Close(); err != nil {
		t.Error(err)
	}
}

func TestEbuilds(t *testing.T) {
	tree := repotest.Write(t, sourced+"-- r/a/b-4.ebuild --\nDESCRIPTION=four\n")
	user := t.TempDir()
	g := &reader{}
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
