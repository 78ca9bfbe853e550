package binhost_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/merge/binhost"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/profiles/binrepos"
)

const text = "VERSION: 0\nTIMESTAMP: 1000\nTTL: 60\n\nCPV: a/b-1\nSLOT: 0\n\n"

// names lists what an index holds.
func names(x *binpkg.Index) string {
	if x == nil {
		return "none"
	}
	var list []string
	for _, s := range x.Stanzas {
		list = append(list, s.CPV.String())
	}
	return strings.Join(list, " ")
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Packages"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var f binhost.Fetcher
	for _, uri := range []string{dir, "file://" + dir} {
		x, err := f.Index(t.Context(), binrepos.Repo{Name: "r", SyncURI: uri})
		if err != nil || names(x) != "a/b-1" {
			t.Errorf("%s: %s, %v", uri, names(x), err)
		}
	}
	if _, err := f.Index(t.Context(), binrepos.Repo{Name: "r", SyncURI: dir + "/none"}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing index: %v", err)
	}
	if _, err := f.Index(t.Context(), binrepos.Repo{Name: "r", SyncURI: "ftp://h/x"}); !errors.Is(err, binhost.ErrScheme) {
		t.Errorf("ftp: %v", err)
	}
}

// TestHTTP follows one binhost through its life: fetched, fresh, expired but
// unchanged, changed, gone, frozen.
func TestHTTP(t *testing.T) {
	content, asked, fail := text, 0, false
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch {
		case fail:
			http.Error(w, "gone", http.StatusGone)
		case r.URL.Path != "/r/Packages.gz":
			http.NotFound(w, r)
		case r.Header.Get("If-Modified-Since") != "" && content == text:
			w.WriteHeader(http.StatusNotModified)
		default:
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			if _, err := z.Write([]byte(content)); err != nil || z.Close() != nil {
				t.Error("gzip failed")
			}
			_, _ = w.Write(b.Bytes())
		}
	}))
	defer server.Close()
	f := binhost.Fetcher{Cache: t.TempDir(), Now: time.Unix(5000, 0)}
	repo := binrepos.Repo{Name: "r", SyncURI: server.URL + "/r"}
	check := func(step, want string, requests int, wantErr bool) {
		t.Helper()
		asked = 0
		x, err := f.Index(t.Context(), repo)
		if names(x) != want || asked != requests || (err != nil) != wantErr {
			t.Errorf("%s: %s after %d requests, %v; want %s after %d", step, names(x), asked, err, want, requests)
		}
	}
	check("first", "a/b-1", 1, false)
	f.Now = time.Unix(5059, 0)
	check("within TTL", "a/b-1", 0, false)
	f.Now = time.Unix(5061, 0)
	check("not modified", "a/b-1", 1, false)
	f.Now = time.Unix(5100, 0)
	check("the time counts anew", "a/b-1", 0, false)
	f.Now, content = time.Unix(9000, 0), strings.Replace(text, "a/b-1", "a/b-2", 1)
	check("modified", "a/b-2", 1, false)
	f.Now, fail = time.Unix(19000, 0), true
	check("gone: the copy serves, with an error", "a/b-2", 2, true)
	repo.Frozen = true
	check("frozen", "a/b-2", 0, false)
	repo.SyncURI = server.URL + "/other"
	check("frozen without copy", "none", 0, true)
}
