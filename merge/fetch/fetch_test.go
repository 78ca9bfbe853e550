package fetch_test

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/hex"
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

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/merge/fetch"
)

// content is the right file of most tests.
func content() []byte { return bytes.Repeat([]byte("tumpline "), 1000) }

// A server answers each path by its own rule and notes what was asked.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
	rules map[string]http.HandlerFunc
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{rules: map[string]http.HandlerFunc{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ask := r.URL.Path
		if r.Header.Get("Range") != "" {
			ask += " " + r.Header.Get("Range")
		}
		s.mu.Lock()
		s.asked = append(s.asked, ask)
		rule := s.rules[r.URL.Path]
		s.mu.Unlock()
		if rule == nil {
			http.NotFound(w, r)
			return
		}
		rule(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

// good serves data as servers should, with ranges.
func good(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}
}

// A place is a DISTDIR with what the tests put into it.
type place struct {
	t   *testing.T
	dir string
	set fetch.Settings
	s   *server

	mu     sync.Mutex
	events []fetch.Event
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t: t, dir: t.TempDir(), s: newServer(t)}
	p.set = fetch.Settings{Distdir: p.dir, Locks: true, Group: -1, ResumeMin: 100, Stall: 10 * time.Second, Events: func(e fetch.Event) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.events = append(p.events, e)
	}}
	return p
}

func (p *place) put(name string, data []byte) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), data, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// files lists DISTDIR: names, sizes; what is random of a name is left out.
func (p *place) files() (out []string) {
	p.t.Helper()
	entries, err := os.ReadDir(p.dir)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, e := range entries {
		st, err := e.Info()
		if err != nil {
			p.t.Fatal(err)
		}
		name := e.Name()
		if base, _, ok := strings.Cut(name, "._checksum_failure_."); ok {
			name = base + "._checksum_failure_."
		}
		out = append(out, fmt.Sprint(name, " ", st.Size()))
	}
	return out
}

func entry(name string, data []byte) manifest.Entry {
	sum := sha512.Sum512(data)
	return manifest.Entry{Name: name, Size: int64(len(data)), Line: 1, Hashes: []manifest.Hash{{Name: "SHA512", Hex: hex.EncodeToString(sum[:])}}}
}

// file makes a wanted file with the given SRC_URI, $S being the server.
func (p *place) file(uris string) *fetch.File {
	p.t.Helper()
	features, _ := eapi.Lookup("8")
	tree, err := atoms.ParseSrcURI(strings.ReplaceAll(uris, "$S", p.s.URL), features)
	if err != nil {
		p.t.Fatal(err)
	}
	leaves := tree.Leaves(nil)
	return &fetch.File{Name: leaves[0].Name, URIs: leaves, Entry: entry(leaves[0].Name, content()), Manifest: "Manifest"}
}

func (p *place) get(r fetch.Restrict, files ...*fetch.File) []*fetch.Result {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), time.Minute)
	defer cancel()
	cpv, err := atoms.ParseCPV("app/a-1")
	if err != nil {
		p.t.Fatal(err)
	}
	results, err := fetch.New(p.set).Fetch(ctx, []*fetch.Request{{CPV: cpv, Restrict: r, Files: files}})
	if err != nil {
		p.t.Fatal(err)
	}
	return results
}

// want expects one file to end in a state, and DISTDIR to hold just these files.
func (p *place) want(r *fetch.Result, state fetch.State, files ...string) {
	p.t.Helper()
	if r.State != state {
		p.t.Errorf("%s is %s (%v), want %s", r.File.Name, r.State, r.Err, state)
	}
	if d := cmp.Diff(files, p.files()); d != "" {
		p.t.Errorf("DISTDIR: -want +got\n%s", d)
	}
	if state == fetch.Fetched {
		got, err := os.ReadFile(filepath.Join(p.dir, r.File.Name))
		if err != nil || r.File.Entry.Size > 0 && !bytes.Equal(got, content()) {
			p.t.Errorf("%s has other content, %v", r.File.Name, err)
		}
		if st, _ := os.Stat(filepath.Join(p.dir, r.File.Name)); st.Mode().Perm() != 0o664 {
			p.t.Errorf("%s has mode %v", r.File.Name, st.Mode())
		}
	}
}

func (p *place) asked(want ...string) {
	p.t.Helper()
	if d := cmp.Diff(want, p.s.take()); d != "" {
		p.t.Errorf("asked: -want +got\n%s", d)
	}
}

// The file is had in spite of servers that misbehave; the last URI is tried first.
func TestServers(t *testing.T) {
	altered := bytes.ToUpper(content())
	for _, c := range []struct {
		name  string
		rule  http.HandlerFunc
		asked []string // of the misbehaving server; default: once
		aside string   // what is left in DISTDIR beside the file
		err   string   // of its try; empty: it served in the end
	}{
		{name: "right", rule: good(content())},
		{name: "missing", rule: nil, err: "the server says 404 Not Found"},
		{name: "broken", rule: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, err: "the server says 500 Internal Server Error"},
		{name: "altered", rule: good(altered), aside: "f._checksum_failure_. 9000", err: "Manifest:1: $S/bad/f was altered: its SHA512 is"},
		{name: "short, announced", rule: good(content()[:99]), err: "Manifest:1: $S/bad/f is too short: it has 99 bytes, not 9000"},
		{name: "long, announced", rule: good(append(content(), 'x')), err: "Manifest:1: $S/bad/f is too long: it has 9001 bytes, not 9000"},
		{name: "short, in chunks", rule: chunks(content()[:5000]), aside: "f._checksum_failure_. 5000", err: "Manifest:1: $S/bad/f is too short: it has 5000 bytes"},
		{name: "long, in chunks", rule: chunks(append(content(), content()...)), aside: "f._checksum_failure_. ", err: "Manifest:1: $S/bad/f is too long"},
		{name: "empty, in chunks", rule: chunks(nil), err: "Manifest:1: $S/bad/f is too short: it has 0 bytes"},
		{name: "error page", rule: good([]byte("<title>404 not found</title>")), err: "Manifest:1: $S/bad/f is too short"},
		{name: "endless redirect", rule: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/bad/f", http.StatusFound) }, err: "stopped after 10 redirects"},
		{name: "redirect", rule: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/good/f", http.StatusFound) }},
		{name: "hangs up at once", rule: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, err: "EOF"},
		{name: "packs what it sends", rule: func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Accept-Encoding") != "" {
				w.Header().Set("Content-Encoding", "gzip")
			}
			good(content())(w, r)
		}},
		{name: "hangs up midway, then goes on", rule: once(hangUp(content(), 5000), good(content())), asked: []string{"/bad/f", "/bad/f bytes=5000-"}},
		{name: "hangs up midway, cannot continue", rule: once(hangUp(content(), 5000), whole(content())), asked: []string{"/bad/f", "/bad/f bytes=5000-"}},
		{name: "hangs up midway, wrong range", rule: once(hangUp(content(), 5000), wrongRange, good(content())), asked: []string{"/bad/f", "/bad/f bytes=5000-", "/bad/f"}},
		{name: "continues with another file", rule: once(hangUp(content(), 5000), good(altered)), asked: []string{"/bad/f", "/bad/f bytes=5000-"},
			aside: "f._checksum_failure_. 9000", err: "Manifest:1: $S/bad/f was altered"},
	} {
		p := newPlace(t)
		p.s.rules["/bad/f"], p.s.rules["/good/f"] = c.rule, good(content())
		r := p.get(fetch.Restrict{}, p.file("$S/good/f $S/bad/f"))[0]
		got := p.files()
		want := []string{"f 9000"}
		if c.aside != "" {
			want = append(want, c.aside)
		}
		if r.State != fetch.Fetched || len(got) != len(want) || got[0] != want[0] || c.aside != "" && !strings.HasPrefix(got[1], c.aside) {
			t.Errorf("%s: %s, %v; DISTDIR %q, want %q", c.name, r.State, r.Err, got, want)
			continue
		}
		if c.err != "" {
			want := strings.ReplaceAll(c.err, "$S", p.s.URL)
			if len(r.Tried) != 1 || !strings.Contains(r.Tried[0].Err.Error(), want) || r.From != p.s.URL+"/good/f" {
				t.Errorf("%s: tried %v, from %s; want %q", c.name, r.Tried, r.From, want)
			}
		} else if len(r.Tried) != 0 {
			t.Errorf("%s: tried %v", c.name, r.Tried)
		}
		if c.asked != nil {
			if asked := p.s.take(); len(asked) < len(c.asked) || cmp.Diff(c.asked, asked[:len(c.asked)]) != "" {
				t.Errorf("%s: asked %q, want %q first", c.name, asked, c.asked)
			}
		}
	}
}

// chunks sends data without saying how much it is.
func chunks(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		_, _ = w.Write(data) // the client may have gone
	}
}

// whole sends everything, whatever range is asked for.
func whole(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }
}

func hangUp(data []byte, after int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		_, _ = w.Write(data[:after])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

func wrongRange(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Range", "bytes 0-9/10")
	w.WriteHeader(http.StatusPartialContent)
}

// once uses the rules one after the other, the last for all that follows.
func once(rules ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		rule := rules[0]
		if len(rules) > 1 {
			rules = rules[1:]
		}
		mu.Unlock()
		rule(w, r)
	}
}

// A server that goes silent is given up.
func TestStall(t *testing.T) {
	p := newPlace(t)
	p.set.Stall = 50 * time.Millisecond
	end := make(chan struct{})
	t.Cleanup(func() { close(end) })
	silent := func(after int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9000")
			_, _ = w.Write(content()[:after])
			w.(http.Flusher).Flush()
			<-end
		}
	}
	p.s.rules["/a/f"], p.s.rules["/b/f"] = silent(0), silent(10)
	r := p.get(fetch.Restrict{}, p.file("$S/a/f $S/b/f"))[0]
	p.want(r, fetch.Failed, "f.__download__ 0")
	var stalled *fetch.StalledError
	var failed *fetch.FailedError
	if !errors.As(r.Err, &stalled) || !errors.As(r.Err, &failed) || len(failed.Tried) != 2 {
		t.Errorf("error %v", r.Err)
	}
}

// What is in DISTDIR decides what is asked for, as with Portage 3.0.82 but for the
// partial file that is complete, which that fetches again.
func TestThere(t *testing.T) {
	data := content()
	altered := bytes.ToUpper(data)
	for _, c := range []struct {
		name     string
		before   map[string][]byte
		restrict fetch.Restrict
		uris     string
		state    fetch.State
		asked    []string
		after    []string
	}{
		{name: "present", before: map[string][]byte{"f": data}, state: fetch.Present, after: []string{"f 9000"}},
		{name: "altered", before: map[string][]byte{"f": altered}, asked: []string{"/f"}, after: []string{"f 9000", "f._checksum_failure_. 9000"}},
		{name: "altered as before", before: map[string][]byte{"f": altered, "f._checksum_failure_.x": altered}, asked: []string{"/f"}, after: []string{"f 9000", "f._checksum_failure_. 9000"}},
		{name: "short", before: map[string][]byte{"f": data[:500]}, asked: []string{"/f"}, after: []string{"f 9000", "f._checksum_failure_. 500"}},
		{name: "partial", before: map[string][]byte{"f.__download__": data[:500]}, asked: []string{"/f bytes=500-"}, after: []string{"f 9000"}},
		{name: "partial, small", before: map[string][]byte{"f.__download__": data[:50]}, asked: []string{"/f"}, after: []string{"f 9000", "f._checksum_failure_. 50"}},
		{name: "partial, empty", before: map[string][]byte{"f.__download__": nil}, asked: []string{"/f"}, after: []string{"f 9000"}},
		{name: "partial, too large", before: map[string][]byte{"f.__download__": append(data, 'x')}, asked: []string{"/f"}, after: []string{"f 9000", "f._checksum_failure_. 9001"}},
		{name: "partial, complete", before: map[string][]byte{"f.__download__": data}, after: []string{"f 9000"}},
		{name: "partial, complete and wrong", before: map[string][]byte{"f.__download__": altered}, asked: []string{"/f"}, after: []string{"f 9000", "f._checksum_failure_. 9000"}},
		{name: "partial and wrong", before: map[string][]byte{"f.__download__": altered[:500]}, uris: "$S/f $S/g/f",
			asked: []string{"/g/f bytes=500-", "/f"}, after: []string{"f 9000", "f._checksum_failure_. 9000"}},
		{name: "partial, restricted", before: map[string][]byte{"f.__download__": data[:500]}, restrict: fetch.Restrict{Fetch: true},
			uris: "fetch+$S/f", asked: []string{"/f"}, after: []string{"f 9000", "f._checksum_failure_. 500"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlace(t)
			p.s.rules["/f"], p.s.rules["/g/f"] = good(data), good(data)
			for name, text := range c.before {
				p.put(name, text)
			}
			if c.uris == "" {
				c.uris = "$S/f"
			}
			if c.state == 0 && c.name != "present" {
				c.state = fetch.Fetched
			}
			p.want(p.get(c.restrict, p.file(c.uris))[0], c.state, c.after...)
			p.asked(c.asked...)
		})
	}
}

func TestRefused(t *testing.T) {
	p := newPlace(t)
	f := p.file("$S/f")
	f.Entry = manifest.Entry{}
	var unlisted *fetch.UnlistedError
	if r := p.get(fetch.Restrict{}, f)[0]; !errors.As(r.Err, &unlisted) {
		t.Errorf("without digest: %v", r.Err)
	}
	p.set.Unlisted = true
	p.s.rules["/f"] = good([]byte("anything"))
	p.want(p.get(fetch.Restrict{}, f)[0], fetch.Fetched, "f 8")
	p.want(p.get(fetch.Restrict{}, f)[0], fetch.Present, "f 8")
	f.Force = true
	p.s.rules["/f"] = good([]byte("other"))
	p.want(p.get(fetch.Restrict{}, f)[0], fetch.Fetched, "f 5")
	p.s.rules["/f"] = chunks(nil)
	if r := p.get(fetch.Restrict{}, f)[0]; r.State != fetch.Failed {
		t.Errorf("an empty file: %+v", r)
	}

	r := p.get(fetch.Restrict{Fetch: true}, p.file("$S/g"))[0]
	if r.Err == nil || r.Err.Error() != "g could not be fetched: it must be downloaded by hand (RESTRICT=fetch)" {
		t.Errorf("restricted: %v", r.Err)
	}
	if err := os.Mkdir(filepath.Join(p.dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if r := p.get(fetch.Restrict{}, p.file("$S/d"))[0]; r.Err == nil || !strings.Contains(r.Err.Error(), "a folder is in the way") {
		t.Errorf("a folder: %v", r.Err)
	}
	p.set.MirrorMode = true
	if r := p.get(fetch.Restrict{Mirror: true}, p.file("$S/h"))[0]; r.State != fetch.Skipped {
		t.Errorf("FEATURES=mirror: %+v", r)
	}
	huge := p.file("$S/huge")
	huge.Entry.Size = 1 << 60
	var space *fetch.SpaceError
	if r := p.get(fetch.Restrict{}, huge)[0]; !errors.As(r.Err, &space) || space.Need < 1<<60 {
		t.Errorf("no space: %v", r.Err)
	}
}

// After two wrong files SRC_URI comes next, after five it is enough.
func TestTries(t *testing.T) {
	p := newPlace(t)
	for i := range 9 {
		p.set.Mirrors = append(p.set.Mirrors, fmt.Sprint(p.s.URL, "/m", i))
		p.s.rules[fmt.Sprintf("/m%d/distfiles/f", i)] = good(bytes.Repeat([]byte{byte('a' + i)}, 9000))
	}
	p.s.rules["/up/f"] = good(bytes.Repeat([]byte("x"), 9000))
	r := p.get(fetch.Restrict{}, p.file("$S/up/f"))[0]
	if r.State != fetch.Failed || len(p.files()) != 5 {
		t.Errorf("%s, DISTDIR %q", r.State, p.files())
	}
	var asked []string
	for _, a := range p.s.take() {
		if !strings.HasSuffix(a, "layout.conf") {
			asked = append(asked, a)
		}
	}
	want := []string{"/m0/distfiles/f", "/m1/distfiles/f", "/up/f", "/m2/distfiles/f", "/m3/distfiles/f"}
	if d := cmp.Diff(want, asked); d != "" {
		t.Errorf("asked: -want +got\n%s", d)
	}
}

// Several files at once; two packages want the same one.
func TestTogether(t *testing.T) {
	p := newPlace(t)
	var files []*fetch.File
	var want []string
	for i := range 20 {
		name := fmt.Sprintf("/f%02d", i)
		p.s.rules[name] = good(content())
		files = append(files, p.file("$S"+name), p.file("$S"+name))
		want = append(want, name[1:]+" 9000")
	}
	p.set.Jobs = 8
	for i, r := range p.get(fetch.Restrict{}, files...) {
		if r.File != files[i] || r.State != fetch.Fetched && r.State != fetch.Present {
			t.Errorf("result %d: %+v", i, r)
		}
	}
	if d := cmp.Diff(want, p.files()); d != "" {
		t.Errorf("DISTDIR: -want +got\n%s", d)
	}
	if n := len(p.s.take()); n != 20 {
		t.Errorf("%d files were asked for, want 20", n)
	}
	done := 0
	for _, e := range p.events {
		if e.Kind == fetch.EventDone {
			done++
		}
	}
	if done != 40 {
		t.Errorf("%d files are told to be done, want 40", done)
	}
}

// A link that somebody put where the part goes is not followed.
func TestLinkInTheWay(t *testing.T) {
	p := newPlace(t)
	victim := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	plant := func() { _ = os.Symlink(victim, filepath.Join(p.dir, "f.__download__")) } // it may be there
	p.s.rules["/f"] = func(w http.ResponseWriter, r *http.Request) { plant(); good(content())(w, r) }
	plant()
	r := p.get(fetch.Restrict{}, p.file("$S/f"))[0]
	if text, err := os.ReadFile(victim); err != nil || string(text) != "precious" || r.State != fetch.Failed {
		t.Errorf("%+v; victim %q, %v", r, text, err)
	}
}

func TestCancel(t *testing.T) {
	p := newPlace(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p.s.rules["/f"] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "9000")
		_, _ = w.Write(content()[:5000])
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	}
	results, err := fetch.New(p.set).Fetch(ctx, []*fetch.Request{{Files: []*fetch.File{p.file("$S/f"), p.file("$S/g")}}})
	if !errors.Is(err, context.Canceled) || results[0].State != fetch.Failed || !errors.Is(results[0].Err, context.Canceled) {
		t.Errorf("results %+v, %v", results, err)
	}
	for _, f := range p.files() {
		if !strings.HasPrefix(f, "f.__download__ ") {
			t.Errorf("DISTDIR has %s", f)
		}
	}
}
