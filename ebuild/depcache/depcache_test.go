package depcache_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/ebuild/depcache"
	"github.com/tumpline/tumpline/ebuild/md5cache"
)

const (
	sum   = "41ba088f38b31737655e7ae4e280b4ec"
	other = "6f9f08bb8cc10683982d2815f653e49f"
)

// eclasses has every eclass in one folder, by digest.
type eclasses struct {
	dir     string
	digests map[string]string
}

func (e eclasses) MD5(name string) (string, bool) { d, ok := e.digests[name]; return d, ok }
func (e eclasses) Path(name string) (string, bool) {
	_, ok := e.digests[name]
	return filepath.Join(e.dir, name+".eclass"), ok
}

// ebuild makes an ebuild of a repository with the eclasses "a" and "b".
func ebuild(t testing.TB) *depcache.Ebuild {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		path := filepath.Join(dir, name+".eclass")
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Unix(1234, 5)); err != nil {
			t.Fatal(err)
		}
	}
	return &depcache.Ebuild{
		Repository: "/var/db/repos/small", Category: "app-misc", PF: "hello-1", MD5: sum, MTime: 1700000000,
		Eclasses: eclasses{dir, map[string]string{"a": other, "b": sum}},
	}
}

func TestPutGet(t *testing.T) {
	e := ebuild(t)
	c := depcache.Open(filepath.Join(t.TempDir(), "edb/dep"))
	if _, err := c.Get(e); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Get of nothing: %v, want that it does not exist", err)
	}
	text := "DEFINED_PHASES=-\nEAPI=8\nINHERIT=a\nSLOT=0\n_eclasses_=a\t" + other + "\tb\t" + sum + "\n_md5_=" + sum + "\n"
	entry, err := md5cache.Parse("x", text)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Put(e, entry); err != nil {
		t.Fatal(err)
	}
	dir := e.Eclasses.(eclasses).dir
	file := filepath.Join(c.Dir(), "var/db/repos/small/app-misc/hello-1")
	want := strings.ReplaceAll(text, "a\t"+other+"\tb\t", "a\t"+dir+"\t"+other+"\tb\t"+dir+"\t")
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("file %q, %v; want %q", got, err, want)
	}
	if st, err := os.Stat(file); err != nil || st.Mode() != 0o664 {
		t.Errorf("file has mode %v, %v", st.Mode(), err)
	}
	got, err := c.Get(e)
	if err != nil {
		t.Fatal(err)
	}
	if got.Text() != text {
		t.Errorf("Get = %q, want %q", got.Text(), text)
	}
	e.MD5 = other
	if _, err := c.Get(e); !errors.Is(err, depcache.ErrStale) {
		t.Errorf("Get for a changed ebuild: %v", err)
	}
}

// TestForeign reads entries as some version of Portage wrote them.
func TestForeign(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       string // description; "" for no entry
		removed    bool
	}{
		{"digests", "DESCRIPTION=x\n_eclasses_=a\t/eclass\t" + other + "\n_md5_=" + sum + "\n", "x", false},
		{"digests and time", "DESCRIPTION=x\nINHERITED=a b\n_eclasses_=a\t/eclass\t" + other + "\n_md5_=" + sum + "\n_mtime_=1\n", "x", false},
		{"times", "DESCRIPTION=x\n_eclasses_=a\t/eclass\t1234\n_mtime_=1700000000\n", "x", false},
		{"no eclasses", "DESCRIPTION=x\n_md5_=" + sum + "\n", "x", false},
		{"other ebuild", "DESCRIPTION=x\n_md5_=" + other + "\n", "", false},
		{"other time", "DESCRIPTION=x\n_mtime_=1700000001\n", "", false},
		{"other eclass", "DESCRIPTION=x\n_eclasses_=a\t/eclass\t" + sum + "\n_md5_=" + sum + "\n", "", false},
		{"other eclass time", "DESCRIPTION=x\n_eclasses_=a\t/eclass\t1235\n_mtime_=1700000000\n", "", false},
		{"missing eclass", "DESCRIPTION=x\n_eclasses_=c\t/eclass\t" + sum + "\n_md5_=" + sum + "\n", "", false},
		{"pairs", "DESCRIPTION=x\n_eclasses_=a\t" + other + "\n_md5_=" + sum + "\n", "", false},
		{"unsupported EAPI", "DESCRIPTION=x\nEAPI=99\n_md5_=" + sum + "\n", "", false},
		{"cut", "DESCRIPTION=x\n_md5_=" + sum[:9], "", false},
		{"corrupt", "DESCRIPTION\n", "", true},
		{"empty", "", "", true},
	} {
		e := ebuild(t)
		cache := depcache.Open(t.TempDir())
		file := filepath.Join(cache.Location(e.Repository), "app-misc/hello-1")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		entry, err := cache.Get(e)
		switch {
		case c.want == "" && err == nil:
			t.Errorf("%s: Get = %q, want an error", c.name, entry.Text())
		case c.want != "" && err != nil:
			t.Errorf("%s: Get: %v", c.name, err)
		case c.want != "" && (entry.Get("DESCRIPTION") != c.want || entry.MD5() != sum || entry.Get("INHERITED")+entry.Get("_mtime_") != ""):
			t.Errorf("%s: Get = %q", c.name, entry.Text())
		}
		if _, err := os.Stat(file); (err != nil) != c.removed {
			t.Errorf("%s: removed %v, want %v", c.name, err != nil, c.removed)
		}
	}
}

func FuzzGet(f *testing.F) {
	f.Add("DESCRIPTION=x\n_eclasses_=a\t/eclass\t" + other + "\n_md5_=" + sum + "\n")
	f.Add("DESCRIPTION=x\n_eclasses_=a\t/eclass\t1234\n_mtime_=1700000000\n")
	e := ebuild(f)
	cache := depcache.Open(f.TempDir())
	file := filepath.Join(cache.Location(e.Repository), "app-misc/hello-1")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		entry, err := cache.Get(e)
		if err != nil {
			return
		}
		if err := cache.Put(e, entry); err != nil {
			t.Fatalf("Put of %q: %v", entry.Text(), err)
		}
		again, err := cache.Get(e)
		if err != nil || again.Text() != entry.Text() {
			t.Errorf("Get after Put: %v, want %q", err, entry.Text())
		}
	})
}
