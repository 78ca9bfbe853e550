package corpus

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

func openCorpus(tb testing.TB) *Corpus {
	tb.Helper()
	c, err := Open(sharedtest.Path(tb, "corpus", "flatcar"))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// scratch returns a folder for the time of the test, in memory where possible.
func scratch(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "corpus")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func request(tb testing.TB, c *Corpus, id string) *Request {
	tb.Helper()
	for i := range c.Requests {
		if c.Requests[i].ID == id {
			return &c.Requests[i]
		}
	}
	tb.Fatalf("no request %s", id)
	return nil
}

func TestLay(t *testing.T) {
	c := openCorpus(t)
	b := NewBench(c, scratch(t))
	roots, err := b.Lay(request(t, c, "amd64-usr-break-step1"))
	if err != nil {
		t.Fatal(err)
	}
	read := func(elem ...string) string {
		data, err := os.ReadFile(filepath.Join(elem...))
		if err != nil {
			t.Error(err)
		}
		return string(data)
	}
	if got := read(roots.Target, "etc/portage/package.use/break_dep_loop"); !strings.HasPrefix(got, "sys-apps/util-linux -cryptsetup") {
		t.Errorf("package.use = %q", got)
	}
	for _, text := range []string{
		read(roots.Target, "etc/portage/make.conf"), read(roots.Build, "etc/portage/make.conf"),
		read(roots.Target, "etc/portage/repos.conf/portage-stable.conf"), read(roots.Target, "etc/portage/make.profile/parent"),
	} {
		if strings.Contains(text, "${TREES}") || strings.Contains(text, "${BOARD_ROOT}") || strings.Contains(text, "..") || strings.Contains(text, `"/etc`) {
			t.Errorf("tokens or relative paths are left:\n%s", text)
		}
	}
	parent := strings.TrimSpace(read(roots.Target, "etc/portage/make.profile/parent"))
	if _, err := os.Stat(parent); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(filepath.Join(roots.Build, "var/db/pkg"))
	if err != nil || len(entries) < 40 {
		t.Errorf("%d categories in the SDK: %v", len(entries), err)
	}
	if got := read(roots.Target, "var/lib/portage/world"); !strings.Contains(got, "sys-apps/baselayout\n") {
		t.Errorf("world = %q", got)
	}
}

func BenchmarkUnpack(b *testing.B) {
	c := openCorpus(b)
	for b.Loop() {
		if _, err := NewBench(c, scratch(b)).state("sdk.full"); err != nil {
			b.Fatal(err)
		}
	}
}
