package fetch_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/ebuild/manifest"
	"github.com/tumpline/tumpline/ebuild/repotest"
	"github.com/tumpline/tumpline/merge/fetch"
)

// The order in which places are asked, all of them failing, as Portage 3.0.82 asks. $S/pub is in
// GENTOO_MIRRORS, $S/loc the user's own mirror, $S/cm and $S/tm are mirrors by name.
func TestOrder(t *testing.T) {
	for _, c := range []struct {
		name, uris string
		restrict   fetch.Restrict
		force      bool // FEATURES=force-mirror
		want       string
	}{
		{"plain", "$S/up1/f $S/up2/f $S/up3/f", fetch.Restrict{}, false, "loc pub up3 up2 up1"},
		{"renamed", "$S/up1/g -> f", fetch.Restrict{}, false, "loc pub up1"},
		{"no place", "f", fetch.Restrict{}, false, "loc pub"},
		{"mirror://", "$S/up1/f mirror://m/p/f $S/up2/f", fetch.Restrict{}, false, "loc pub cm tm up2 up1"},
		{"unknown mirror", "mirror://nope/f", fetch.Restrict{}, false, "loc pub"},
		{"primaryuri", "$S/up1/f mirror://m/p/f $S/up2/f", fetch.Restrict{PrimaryURI: true}, false, "up2 up1 tm loc pub cm"},
		{"mirror", "$S/up1/f", fetch.Restrict{Mirror: true}, false, "loc up1"},
		{"mirror, mirror+", "mirror+$S/up1/f", fetch.Restrict{Mirror: true}, false, "loc pub up1"},
		{"fetch", "$S/up1/f mirror://m/p/f", fetch.Restrict{Fetch: true}, false, "loc cm tm"},
		{"fetch, fetch+", "fetch+$S/up1/f $S/up2/f", fetch.Restrict{Fetch: true}, false, "loc up1"},
		{"fetch, mirror+", "mirror+$S/up1/f", fetch.Restrict{Fetch: true}, false, "loc pub up1"},
		{"force-mirror", "$S/up1/f mirror://m/p/f", fetch.Restrict{}, true, "loc pub cm tm"},
		{"force-mirror, mirror", "$S/up1/f", fetch.Restrict{Mirror: true}, true, "loc up1"},
		{"twice", "$S/up1/f $S/up1/f", fetch.Restrict{}, false, "loc pub up1"},
	} {
		p := newPlace(t)
		p.set.ForceMirror = c.force
		p.set.Mirrors = []string{p.s.URL + "/pub/"}
		p.set.Custom = map[string][]string{"local": {p.s.URL + "/loc"}, "m": {p.s.URL + "/cm/"}}
		p.set.ThirdParty = map[string][]string{"m": {p.s.URL + "/tm/"}}
		r := p.get(c.restrict, p.file(c.uris))[0]
		var asked []string
		for _, a := range p.s.take() {
			if !strings.HasSuffix(a, "layout.conf") {
				asked = append(asked, strings.Split(a, "/")[1])
			}
		}
		if got := strings.Join(asked, " "); got != c.want || r.State != fetch.Failed {
			t.Errorf("%s: asked %q, want %q; %s", c.name, got, c.want, r.State)
		}
	}
}

// A mirror's layout says where files are; it is kept for a day, as Portage keeps it.
func TestLayout(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	p := newPlace(t)
	p.set.Mirrors = []string{p.s.URL}
	p.set.Now = func() time.Time { return now }
	p.s.rules["/distfiles/layout.conf"] = good([]byte("# a mirror\n[structure]\n0 = filename-hash NOPE 8\n1 = filename-hash BLAKE2B 8:4\n2=flat\n"))
	const path = "/distfiles/ba/7/a b+c"
	p.s.rules[path] = good(content())
	f := p.file("https://example.invalid/x -> f")
	f.Name, f.Entry.Name = "a b+c", "a b+c"
	f.URIs = nil
	if r := p.get(fetch.Restrict{}, f)[0]; r.State != fetch.Fetched {
		t.Fatalf("%+v", r)
	}
	p.asked("/distfiles/layout.conf", path)
	text, err := os.ReadFile(filepath.Join(p.dir, ".mirror-cache.json"))
	want := `{"` + p.s.URL + `":[1767323045,[["filename-hash","NOPE","8"],["filename-hash","BLAKE2B","8:4"],["flat"]]]}` + "\n"
	if err != nil || string(text) != want {
		t.Errorf("cache %s, want %s", text, want)
	}
	for _, c := range []struct {
		after time.Duration
		asked int
	}{{23 * time.Hour, 1}, {2 * time.Hour, 2}} {
		now = now.Add(c.after)
		if err := os.Remove(filepath.Join(p.dir, "a b+c")); err != nil {
			t.Fatal(err)
		}
		if r := p.get(fetch.Restrict{}, f)[0]; r.State != fetch.Fetched || len(p.s.take()) != c.asked {
			t.Errorf("after %s: %+v", c.after, r)
		}
	}
	p.put(".mirror-cache.json", []byte("{broken"))
	if r := p.get(fetch.Restrict{}, f)[0]; r.State != fetch.Present {
		t.Errorf("with a broken cache: %+v", r)
	}
}

func TestParseLayout(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "[]"}, {"[structure]\n0=flat\n2=flat\n", "[[flat]]"}, {"[other]\n0=flat\n", "[]"},
		{"<html>", "error"}, {"0=flat", "error"}, {"[structure]\n0: filename-hash  SHA512  4\n", "[[filename-hash SHA512 4]]"},
	} {
		got, err := fetch.ParseLayout([]byte(c.text))
		s := fmt.Sprint(got)
		if err != nil {
			s = "error"
		}
		if s != c.want {
			t.Errorf("ParseLayout(%q) = %s, %v, want %s", c.text, s, err, c.want)
		}
	}
}

func FuzzParseLayout(f *testing.F) {
	f.Add([]byte("[structure]\n0=filename-hash BLAKE2B 8\n1=flat\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		lines, err := fetch.ParseLayout(text)
		if err != nil {
			return
		}
		again := "[structure]\n"
		for i, l := range lines {
			again += fmt.Sprintf("%d=%s\n", i, strings.Join(l, " "))
		}
		if got, err := fetch.ParseLayout([]byte(again)); err != nil || fmt.Sprint(got) != fmt.Sprint(lines) {
			t.Fatalf("%q read as %v, written and read as %v, %v", text, lines, got, err)
		}
	})
}

// Folders: local mirrors are copied from, read-only ones linked to.
func TestFolders(t *testing.T) {
	mirror, ro := t.TempDir(), t.TempDir()
	write := func(dir, name string, data []byte) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p := newPlace(t)
	p.set.Mirrors, p.set.ReadOnly = []string{mirror}, []string{ro, filepath.Join(ro, "absent")}
	write(mirror, "layout.conf", []byte("[structure]\n0=filename-hash SHA512 4\n"))
	p.s.rules["/f"] = good(content())
	p.want(p.get(fetch.Restrict{}, p.file("$S/f"))[0], fetch.Fetched, "f 9000")
	p.s.take()
	write(mirror, "1/g", content()) // the SHA512 of "g" begins so
	r := p.get(fetch.Restrict{}, p.file("$S/g"))[0]
	p.want(r, fetch.Fetched, "f 9000", "g 9000")
	if r.From != mirror || len(p.s.take()) > 0 {
		t.Errorf("g came from %s", r.From)
	}
	write(ro, "h", content())
	r = p.get(fetch.Restrict{}, p.file("$S/h"))[0]
	if to, err := os.Readlink(filepath.Join(p.dir, "h")); r.State != fetch.Linked || to != filepath.Join(ro, "h") {
		t.Errorf("h: %+v, link to %s, %v", r, to, err)
	}
	if r = p.get(fetch.Restrict{}, p.file("$S/h"))[0]; r.State != fetch.Present {
		t.Errorf("h again: %+v", r)
	}
	write(ro, "h", []byte("changed"))
	p.s.rules["/h"] = good(content())
	r = p.get(fetch.Restrict{}, p.file("$S/h"))[0]
	if st, err := os.Lstat(filepath.Join(p.dir, "h")); r.State != fetch.Fetched || err != nil || !st.Mode().IsRegular() {
		t.Errorf("h after its target changed: %+v, %v", r, st)
	}
	for _, digit := range "0123456789abcdef" {
		write(mirror, string(digit)+"/i", []byte(strings.ToUpper(string(content()))))
	}
	p.s.rules["/i"] = good(content())
	if r = p.get(fetch.Restrict{}, p.file("$S/i"))[0]; r.State != fetch.Fetched || len(r.Tried) != 1 || r.From != p.s.URL+"/i" {
		t.Errorf("i, wrong in the mirror: %+v", r)
	}
}

func TestFileURI(t *testing.T) {
	p := newPlace(t)
	src := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(src, content(), 0o600); err != nil {
		t.Fatal(err)
	}
	p.put("f.__download__", content()[:4000])
	p.want(p.get(fetch.Restrict{}, p.file("file://"+src))[0], fetch.Fetched, "f 9000")
	if r := p.get(fetch.Restrict{}, p.file("file://"+src+"x"))[0]; !errors.Is(r.Err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", r.Err)
	}
	if r := p.get(fetch.Restrict{}, p.file("gopher://x/g"))[0]; r.Err == nil || !strings.Contains(r.Err.Error(), `there is no command for the protocol "gopher"`) {
		t.Errorf("an unknown protocol: %v", r.Err)
	}
}

func TestReadOnlyDistdir(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("the superuser writes everywhere")
	}
	p := newPlace(t)
	p.put("f", content())
	p.put("h", content()[:7])
	if err := os.Chmod(p.dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(p.dir, 0o755) }) // so that it can be removed
	results := p.get(fetch.Restrict{}, p.file("$S/f"), p.file("$S/g"), p.file("$S/h"))
	var ro *fetch.ReadOnlyError
	if results[0].State != fetch.Present || !errors.As(results[1].Err, &ro) || ro.Partial || !errors.As(results[2].Err, &ro) || !ro.Partial {
		t.Errorf("results %+v %+v %+v", results[0], results[1], results[2])
	}
}

// Who holds the lock is waited for; with NoWait the file is left to him.
func TestLocks(t *testing.T) {
	p := newPlace(t)
	p.s.rules["/f"] = good(content())
	held, err := atomicfile.TryAcquire(filepath.Join(p.dir, ".f.portage_lockfile"), atomicfile.Exclusive)
	if err != nil {
		t.Fatal(err)
	}
	p.set.NoWait = true
	if r := p.get(fetch.Restrict{}, p.file("$S/f"))[0]; r.State != fetch.Busy {
		t.Errorf("a locked file: %+v", r)
	}
	p.set.NoWait = false
	events := p.set.Events
	p.set.Events = func(e fetch.Event) {
		if e.Kind == fetch.EventWait {
			held.Release()
		}
		events(e)
	}
	p.want(p.get(fetch.Restrict{}, p.file("$S/f"))[0], fetch.Fetched, "f 9000")
}

// script writes a program for FETCHCOMMAND.
func script(t *testing.T, text string) string {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil || runtime.GOOS != "linux" {
		t.Skip("no shell for the program")
	}
	path := filepath.Join(t.TempDir(), "fetcher")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func (p *place) command(vars map[string]string) {
	p.set.Commands = fetch.Commands{Vars: vars, Set: map[string]bool{}, Environ: os.Environ()}
	for name := range vars {
		p.set.Commands.Set[name] = true
	}
}

func TestCommands(t *testing.T) {
	right := filepath.Join(t.TempDir(), "right")
	if err := os.WriteFile(right, content(), 0o644); err != nil {
		t.Fatal(err)
	}
	cat := func(more string) string {
		return script(t, "set -e\nd=$1 u=$2\n"+strings.ReplaceAll(more, "RIGHT", right))
	}
	const args = ` "${DISTDIR}/${FILE}" "${URI}"`
	for _, c := range []struct {
		name, fetch, resume, part string
		files                     []string
		err                       string
	}{
		{name: "right", fetch: cat(`cat RIGHT >"$d"`), files: []string{"f 9000"}},
		{name: "status does not matter", fetch: cat(`cat RIGHT >"$d"; exit 3`), files: []string{"f 9000"}},
		{name: "resumes", fetch: cat(`exit 9`), resume: cat(`tail -c +501 RIGHT >>"$d"`), part: string(content()[:500]), files: []string{"f 9000"}},
		{name: "fails", fetch: cat(`exit 3`), err: "FETCHCOMMAND: ", files: nil},
		{name: "makes nothing", fetch: cat(`exit 0`), err: "FETCHCOMMAND made no file", files: nil},
		{name: "makes a folder", fetch: cat(`mkdir "$d"`), err: "made a folder", files: []string{"f.__download__ "}},
		{name: "makes an empty file", fetch: cat(`: >"$d"`), err: "the file is empty", files: nil},
		{name: "wrong", fetch: cat(`tr a-z A-Z <RIGHT >"$d"`), err: "was altered", files: []string{"f._checksum_failure_. 9000"}},
		{name: "short with success", fetch: cat(`head -c 700 RIGHT >"$d"`), err: "is too short", files: []string{"f._checksum_failure_. 700"}},
		{name: "short with failure", fetch: cat(`head -c 700 RIGHT >"$d"; exit 1`), err: "exit status 1", files: []string{"f.__download__ 700"}},
		{name: "error page", fetch: cat(`echo '<Title>Page Not Found</title>' >"$d"; exit 1`), err: "exit status 1", files: nil},
		{name: "not there", fetch: "/nonexistent/program", err: "no such file", files: nil},
	} {
		p := newPlace(t)
		p.command(map[string]string{"FETCHCOMMAND": c.fetch + args, "RESUMECOMMAND": c.resume + args})
		if c.part != "" {
			p.put("f.__download__", []byte(c.part))
		}
		name := "longname"
		f := p.file("proto://x/" + name)
		f.Name, f.Entry.Name = "f", "f"
		if strings.Contains(c.name, "page") {
			f.Name = "f.tar"
		}
		r := p.get(fetch.Restrict{}, f)[0]
		got := p.files()
		for i := range got {
			if strings.HasPrefix(got[i], "f.__download__ ") && c.name == "makes a folder" {
				got[i] = "f.__download__ "
			}
		}
		if d := cmp.Diff(c.files, got); d != "" {
			t.Errorf("%s: DISTDIR: -want +got\n%s", c.name, d)
		}
		if (r.State == fetch.Fetched) != (c.err == "") || c.err != "" && !strings.Contains(r.Err.Error(), c.err) {
			t.Errorf("%s: %s, %v, want %q", c.name, r.State, r.Err, c.err)
		}
	}
}

// Which command is used for which protocol, and what it is told.
func TestCommandChoice(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	prog := script(t, `echo "$@" >>`+log+"\nexit 1\n")
	p := newPlace(t)
	p.set.Tries = 9
	p.command(map[string]string{
		"FETCHCOMMAND": prog + ` any ${FILE} "${URI}"`, "FETCHCOMMAND_SFTP": prog + ` sftp $FILE ${FILE} ${DIGESTS} "${PORTAGE_SSH_OPTS}" ${NONE}`,
		"RESUMECOMMAND": prog,
	})
	p.set.Commands.SSHOpts = "-p 1 -i 'a b'"
	p.set.Commands.Wrapper = "sh -c"
	delete(p.set.Commands.Set, "FETCHCOMMAND") // the default: http is served here
	f := p.file("$S/f SFTP://x/f ftp://x/f")
	f.Entry.Hashes[0].Hex = "00"
	p.get(fetch.Restrict{}, f)
	p.asked("/f")
	text, err := os.ReadFile(log)
	want := "any f.__download__ ftp://x/f\nsftp f.__download__ f.__download__ sha512:00 -p 1 -i 'a b'\n"
	if err != nil || string(text) != want {
		t.Errorf("commands: %s, want %s", text, want)
	}
	p.set.Commands.Set["FETCHCOMMAND"] = true
	r := p.get(fetch.Restrict{}, p.file("$S/f"))[0]
	p.asked()
	if r.State != fetch.Failed {
		t.Errorf("%+v", r)
	}
	p.set.Commands.Vars["FETCHCOMMAND"] = prog
	if r := p.get(fetch.Restrict{}, p.file("$S/f"))[0]; r.Err == nil || !strings.Contains(r.Err.Error(), "FETCHCOMMAND does not contain ${FILE}") {
		t.Errorf("without ${FILE}: %v", r.Err)
	}
	p.set.Commands.Vars["FETCHCOMMAND"] = prog + " ${FILE} ${URI}"
	if r := p.get(fetch.Restrict{}, p.file(`$S/"f`))[0]; r.Err == nil || !strings.Contains(r.Err.Error(), "has a quote") {
		t.Errorf("a quote in the URI: %v", r.Err)
	}
}

// A program is ended with the run, and all that it started: they hold a pipe open.
func TestCommandCancel(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	p := newPlace(t)
	p.command(map[string]string{"FETCHCOMMAND": script(t, "exec 3>"+pipe+"; echo started >&3; sleep 600 & wait\n") + " ${FILE}"})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := fetch.New(p.set).Fetch(ctx, []*fetch.Request{{Files: []*fetch.File{p.file("$S/f")}}})
		done <- err
	}()
	r, err := os.Open(pipe) // waits for the program
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if line, err := bufio.NewReader(r).ReadString('\n'); err != nil || line != "started\n" {
		t.Fatalf("the program says %q, %v", line, err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Fetch = %v", err)
	}
	if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 { // to the end of the last process
		t.Errorf("the pipe says %q, %v", rest, err)
	}
}

func TestNoFetch(t *testing.T) {
	p := newPlace(t)
	p.s.rules["/f"] = good(content())
	var called []string
	p.set.NoFetch = func(_ context.Context, cpv atoms.CPV) error {
		called = append(called, cpv.String())
		return nil
	}
	request := func(name string, r fetch.Restrict, defined bool, uri string) *fetch.Request {
		t.Helper()
		cpv, err := atoms.ParseCPV("app/" + name + "-1")
		if err != nil {
			t.Fatal(err)
		}
		return &fetch.Request{CPV: cpv, Restrict: r, HasNoFetch: defined, Files: []*fetch.File{p.file(uri)}}
	}
	_, err := fetch.New(p.set).Fetch(t.Context(), []*fetch.Request{
		request("fine", fetch.Restrict{Fetch: true}, true, "fetch+$S/f"), request("restricted", fetch.Restrict{Fetch: true}, false, "$S/g"),
		request("silent", fetch.Restrict{}, false, "$S/h"), request("speaks", fetch.Restrict{}, true, "$S/i"),
	})
	if want := []string{"app/restricted-1", "app/speaks-1"}; err != nil || !slices.Equal(called, want) {
		t.Errorf("pkg_nofetch of %v, %v, want %v", called, err, want)
	}
}

func TestForPackage(t *testing.T) {
	set := repotest.Build(t, `
-- r/app/a-1.ebuild --
SRC_URI=http://x/f u? ( http://x/g ) http://y/f http://x/f !u? ( h )
RESTRICT=mirror u? ( fetch )
IUSE=u
DEFINED_PHASES=nofetch unpack
-- r/app/a/Manifest --
DIST f 3 SHA512 00
EBUILD g 3 SHA512 00
`)
	p := repotest.Package(t, set, "app/a-1")
	show := func(enabled func(string) bool) string {
		t.Helper()
		q, err := fetch.ForPackage(p, manifest.Policy{}, enabled)
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprintf("%v %v", q.Restrict, q.HasNoFetch)
		for _, f := range q.Files {
			text += fmt.Sprintf(" %s:%d:%v", f.Name, f.Entry.Size, len(f.URIs))
		}
		return text
	}
	if got, want := show(func(string) bool { return false }), "{false true false} true f:3:2 h:0:1"; got != want {
		t.Errorf("without flags: %s, want %s", got, want)
	}
	if got, want := show(nil), "{true true false} true f:3:2 g:0:1 h:0:1"; got != want {
		t.Errorf("all: %s, want %s", got, want)
	}
	var _ ebuild.Source = set
}

func TestParseSize(t *testing.T) {
	for _, c := range []struct {
		text string
		want int64
	}{{"", 0}, {"350K", 350 << 10}, {" 1 m ", 1 << 20}, {"7", 7}, {"2G", 2 << 30}, {"x", -1}, {"1KK", -1}, {"-1", -1}, {"9999999999E", -1}} {
		got, err := fetch.ParseSize(c.text)
		if err != nil {
			got = -1
		}
		if got != c.want {
			t.Errorf("ParseSize(%q) = %d, %v, want %d", c.text, got, err, c.want)
		}
	}
}
