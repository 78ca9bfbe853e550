package binhost_test

import (
	"crypto/md5"
	"crypto/sha1"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/merge/binhost"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/fetch"
	"github.com/tumpline/tumpline/profiles/binrepos"
)

// content is what the packages of the test hold: nobody unpacks them.
var content = strings.Repeat("a binary package\n", 5000)

// indexText is an index with a right record, one with a wrong digest, one that
// leads out.
func indexText() string {
	stanza := func(cpv, path, content string) string {
		return fmt.Sprintf("CPV: %s\nPATH: %s\nSIZE: %d\nMTIME: 1700000000\nMD5: %x\nSHA1: %x\nSLOT: 0\nKEYWORDS: amd64\n\n",
			cpv, path, len(content), md5.Sum([]byte(content)), sha1.Sum([]byte(content)))
	}
	return "VERSION: 0\nTIMESTAMP: 1\n\n" + stanza("a/good-1", "a/good-1.gpkg.tar", content) + stanza("a/more-1", "a/more/more-1-7.gpkg.tar", content) +
		stanza("a/wrong-1", "a/wrong-1.gpkg.tar", strings.Replace(content, "binary", "Binary", 1)) +
		stanza("a/out-1", "../out-1.gpkg.tar", content) + stanza("a/gone-1", "a/gone-1.gpkg.tar", content)
}

// wants gives all packages of a binhost.
func wants(t *testing.T, repo binrepos.Repo) (wanted []*binhost.Wanted, refused []error) {
	t.Helper()
	remotes := []binpkg.Remote{{Repo: repo, Index: binpkg.ParseIndex("Packages", []byte(indexText()))}}
	store := binpkg.New(binpkg.Options{Remotes: remotes})
	for _, name := range []string{"good", "more", "wrong", "out", "gone"} {
		list, err := store.Packages(atoms.CP("a/" + name))
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %v, %v", name, list, err)
		}
		w, err := binhost.Want(list[0], remotes)
		if err != nil {
			refused = append(refused, err)
			continue
		}
		wanted = append(wanted, w)
	}
	return wanted, refused
}

// host serves the packages, and counts what was asked for.
func host(t *testing.T) (uri string, asked func() []string) {
	var mu sync.Mutex
	var list []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		list = append(list, r.URL.Path+" "+r.Header.Get("Range"))
		mu.Unlock()
		if strings.Contains(r.URL.Path, "gone") {
			http.NotFound(w, r)
			return
		}
		http.ServeContent(w, r, "p", time.Time{}, strings.NewReader(content))
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return list
	}
}

func TestGet(t *testing.T) {
	uri, asked := host(t)
	location, pkgdir := t.TempDir(), t.TempDir()
	repo := binrepos.Repo{Name: "r", SyncURI: uri + "/host", Location: location}
	wanted, refused := wants(t, repo)
	if len(refused) != 1 || !errors.Is(refused[0], binhost.ErrPath) {
		t.Errorf("%v", refused)
	}
	d := &binhost.Downloader{Dir: &binpkg.Dir{Path: pkgdir}, Now: time.Unix(1700000500, 0), Fetch: fetch.Settings{Group: -1, Jobs: 2}}
	// Half of a download of an earlier run.
	part := filepath.Join(location, "a/good-1.gpkg.tar.partial.__download__")
	for _, err := range []error{os.MkdirAll(filepath.Dir(part), 0o755), os.WriteFile(part, []byte(content[:40000]), 0o644)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got := d.Get(t.Context(), wanted)
	for i, want := range []string{"a/good-1.gpkg.tar", "a/more/more-1-7.gpkg.tar"} {
		text, err := os.ReadFile(got[i].Path)
		if got[i].Err != nil || err != nil || got[i].Path != filepath.Join(location, want) || string(text) != content || got[i].State != fetch.Fetched {
			t.Errorf("%s: %+v, %v", want, got[i], err)
		}
		if st, err := os.Stat(got[i].Path); err != nil || st.ModTime().Unix() != 1700000000 {
			t.Errorf("%s: %v, %v", want, st.ModTime(), err)
		}
	}
	var fault *manifest.FileError
	var failed *fetch.FailedError
	if !errors.As(got[2].Err, &failed) || len(failed.Tried) != 1 || !errors.As(failed.Tried[0].Err, &fault) {
		t.Errorf("wrong: %v", got[2].Err)
	}
	if _, err := os.Stat(filepath.Join(location, "a/wrong-1.gpkg.tar")); err == nil {
		t.Error("a wrong file has its name")
	}
	if got[3].Err == nil || !strings.HasPrefix(got[3].Err.Error(), "fetch binary package of a/gone-1: ") {
		t.Errorf("gone: %v", got[3].Err)
	}
	if !strings.Contains(strings.Join(asked(), "\n"), "/host/a/good-1.gpkg.tar bytes=40000-") {
		t.Errorf("asked %q", asked())
	}
	before := len(asked())
	if again := d.Get(t.Context(), wanted[:2]); again[0].State != fetch.Present || again[1].State != fetch.Present || len(asked()) != before {
		t.Errorf("again: %+v, %+v", again[0], again[1])
	}
}

// TestGetIntoPKGDIR fetches from a folder into PKGDIR, whose index gets the packages.
func TestGetIntoPKGDIR(t *testing.T) {
	from, pkgdir := filepath.Join(t.TempDir(), "a host"), t.TempDir()
	for _, name := range []string{"a/good-1.gpkg.tar", "a/more/more-1-7.gpkg.tar"} {
		path := filepath.Join(from, name)
		for _, err := range []error{os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, uri := range []string{from, "file://" + strings.ReplaceAll(from, " ", "%20")} {
		wanted, _ := wants(t, binrepos.Repo{SyncURI: uri})
		d := &binhost.Downloader{Dir: &binpkg.Dir{Path: pkgdir, MultiInstance: true}, Now: time.Unix(1700000500, 0), Fetch: fetch.Settings{Group: -1}}
		wanted[1].BuildID = 7
		for _, g := range d.Get(t.Context(), wanted[:2]) {
			if g.Err != nil {
				t.Errorf("%s: %v", uri, g.Err)
			}
		}
	}
	x, err := binpkg.ReadIndex(filepath.Join(pkgdir, "Packages"))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, s := range x.Stanzas {
		list = append(list, s.Path()+" "+s.Get("KEYWORDS"))
	}
	if got := strings.Join(list, ", "); got != "a/good/good-1-1.gpkg.tar amd64, a/more/more-1-7.gpkg.tar amd64" {
		t.Error(got)
	}
	if left, _ := filepath.Glob(pkgdir + "/a/*/*partial*"); len(left) > 0 {
		t.Error(left)
	}
}
