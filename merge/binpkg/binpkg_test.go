package binpkg_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/profiles/binrepos"
)

func ExampleParseIndex() {
	x := binpkg.ParseIndex("Packages", []byte(`VERSION: 0
REPO: gentoo

CPV: app-misc/hello-2.12
BUILD_ID: 3
SLOT: 0
EAPI: 8

CPV: app-misc/hello-2.13
`))
	for _, s := range x.Stanzas {
		fmt.Println(s.Line, s.CPV, s.Get("EAPI"), s.Get("repository"), s.Path())
	}
	// Output:
	// 4 app-misc/hello-2.12 8 gentoo app-misc/hello-2.12.tbz2
	// 9 app-misc/hello-2.13 0 gentoo app-misc/hello-2.13.tbz2
}

func TestParseIndex(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "! Packages:1: index has no VERSION that is known\n"},
		{"new", "VERSION: 1\n\nCPV: a/b-1\n", "! Packages:1: index has no VERSION that is known: \"1\"\n"},
		{"header only", "VERSION: 0\n", ""},
		{"no blank after colon", "VERSION:0\n\nCPV: a/b-1\n", "! Packages:1: index has no VERSION that is known\n"},
		{"last wins", "VERSION: 0\n\nCPV: a/b-1\nSLOT: 1\nSLOT: 2\nno colon\nX: y\n\n", "a/b-1:2/2::__unknown__\n"},
		{"invalid name", "VERSION: 0\n\nCPV: a/b\n\nSLOT: 1\n\nCPV: a/c-1\nREPO: r\n", "a/c-1:0/0::r\n! Packages:3: invalid CPV: \"a/b\"\n"},
		{"two empty lines", "VERSION: 0\n\nCPV: a/b-1\n\n\nCPV: a/c-1\n", "a/b-1:0/0::__unknown__\n! Packages:5: empty stanza: the rest of the index is not read\n"},
		{"unknown keys only", "VERSION: 0\n\nX: y\n\nCPV: a/c-1\n", "! Packages:3: empty stanza: the rest of the index is not read\n"},
		{"line ends", "VERSION: 0\r\n\r\nCPV: a/b-1\r\n", "a/b-1:0/0::__unknown__\n"},
		{"inherited", "VERSION: 0\nREPO: r\nCHOST: c\n\nCPV: a/b-1\nREPO: q\n\nCPV: a/b-2\n", "a/b-1:0/0::q\na/b-2:0/0::r\n"},
	} {
		x := binpkg.ParseIndex("Packages", []byte(c.text))
		var b strings.Builder
		for _, s := range x.Stanzas {
			fmt.Fprintln(&b, ebuild.New(s.CPV, s.Get("repository"), ebuild.OriginBinary, s))
		}
		for _, p := range x.Problems {
			fmt.Fprintf(&b, "! %v\n", p)
		}
		if d := cmp.Diff(c.want, b.String()); d != "" {
			t.Errorf("%s: (-want +got)\n%s", c.name, d)
		}
	}
}

// stanza writes one entry of an index.
func stanza(cpv string, fields ...string) string {
	return strings.Join(append([]string{"CPV: " + cpv}, fields...), "\n") + "\n\n"
}

// show lists packages with what tells builds apart.
func show(t *testing.T, s *binpkg.Store) string {
	t.Helper()
	cps, err := s.CPs()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, cp := range cps {
		packages, err := s.Packages(cp)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packages {
			fmt.Fprintf(&b, "%s id %d built %d %s%s\n", p.CPV, p.BuildID, p.BuildTime(), p.Remote, strings.TrimPrefix(p.Path, s.Dir))
		}
	}
	return b.String()
}

func TestStoreOrder(t *testing.T) {
	dir := t.TempDir()
	local := "VERSION: 0\nUSE_EXPAND: A\n\n" +
		stanza("a/b-2", "BUILD_TIME: 5", "PATH: one") +
		stanza("a/b-10", "BUILD_TIME: 1", "BUILD_ID: 9", "SIZE: 3", "MTIME: 4") +
		stanza("a/b-2", "BUILD_TIME: 5", "BUILD_ID: 2", "PATH: two") +
		stanza("a/b-2", "BUILD_TIME: 7", "BUILD_ID: 1", "PATH: three") +
		stanza("a/b-2", "PATH: four") +
		stanza("a/b-2", "BUILD_TIME: 5", "PATH: one again")
	if err := os.WriteFile(filepath.Join(dir, "Packages"), []byte(local), 0o666); err != nil {
		t.Fatal(err)
	}
	remote := func(name, text string) binpkg.Remote {
		return binpkg.Remote{Repo: binrepos.Repo{Name: name}, Index: binpkg.ParseIndex(name, []byte("VERSION: 0\nUSE_EXPAND: B A\nARCH: "+name+"\n\n"+text))}
	}
	a, err := atoms.ParseAtom("a/excluded", atoms.AtomOptions{})
	if err != nil {
		t.Fatal(err)
	}
	low := remote("low", stanza("a/b-10", "BUILD_TIME: 1", "BUILD_ID: 9", "SIZE: 3", "MTIME: 4")+stanza("a/b-11")+stanza("a/excluded-1"))
	low.Filter.Exclude = []*atoms.Atom{a}
	high := remote("high", stanza("a/b-11", "PATH: x")+stanza("a/b-12"))
	s := binpkg.New(binpkg.Options{Dir: dir, Trusted: true, Remotes: []binpkg.Remote{low, high, remote("broken", "")}, Pool: ebuild.NewPool()})
	want := `a/b-2 id -1 built 0 /four
a/b-2 id 2 built 5 /two
a/b-2 id -1 built 5 /one again
a/b-2 id 1 built 7 /three
a/b-10 id 9 built 1 /a/b-10.tbz2
a/b-11 id -1 built 0 highx
a/b-12 id -1 built 0 higha/b-12.tbz2
`
	if d := cmp.Diff(want, show(t, s)); d != "" || len(s.Problems()) > 0 {
		t.Error(d, s.Problems())
	}
	if d := cmp.Diff(map[string]string{"USE_EXPAND": "A B", "ARCH": "broken"}, s.ProfileVars()); d != "" {
		t.Error(d)
	}
	// A binhost whose signatures are verified gives gpkg only, and so do all.
	low.Repo.VerifySignature = true
	signed := binpkg.New(binpkg.Options{Remotes: []binpkg.Remote{low, remote("g", stanza("a/g-1", "PATH: a/g-1.gpkg.tar"))}})
	if got := show(t, signed); got != "a/g-1 id -1 built 0 ga/g-1.gpkg.tar\n" {
		t.Errorf("signed: %s", got)
	}
	signed = binpkg.New(binpkg.Options{Dir: dir, Trusted: true, SignedOnly: true})
	if got := show(t, signed); strings.Contains(got, "b-10") || !strings.Contains(got, "/one again") {
		t.Errorf("signed: %s", got)
	}
}

func TestStoreWithoutIndex(t *testing.T) {
	s := binpkg.New(binpkg.Options{Dir: filepath.Join(t.TempDir(), "none"), Trusted: true})
	if got := show(t, s); got != "" || len(s.Problems()) > 0 {
		t.Errorf("%s, %v", got, s.Problems())
	}
}

// xpakFile makes a package file out of names and values in turn.
func xpakFile(fields ...string) []byte {
	var index, data []byte
	for i := 0; i < len(fields); i += 2 {
		index = binary.BigEndian.AppendUint32(index, uint32(len(fields[i])))
		index = append(index, fields[i]...)
		index = binary.BigEndian.AppendUint32(index, uint32(len(data)))
		index = binary.BigEndian.AppendUint32(index, uint32(len(fields[i+1])))
		data = append(data, fields[i+1]...)
	}
	out := binary.BigEndian.AppendUint32([]byte("XPAKPACK"), uint32(len(index)))
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	out = append(append(append(out, index...), data...), "XPAKSTOP"...)
	return append(binary.BigEndian.AppendUint32(out, uint32(len(out))), "STOP"...)
}

func TestScan(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, content []byte) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	file := func(category, pf string, more ...string) []byte {
		return xpakFile(append([]string{"CATEGORY", category + "\n", "PF", pf + "\n", "SLOT", "0\n", "USE", "a\n b\n"}, more...)...)
	}
	put("a/plain-1.tbz2", file("a", "plain-1"))
	put("All/all-1.tbz2", file("a", "all-1"))
	put("a/multi/multi-1-3.xpak", file("a", "multi-1", "BUILD_ID", "4\n"))
	put("a/elsewhere-1.tbz2", file("b", "elsewhere-1"))
	put("a/multi-2-1.xpak", file("a", "multi-2"))
	put("a/other-1.tbz2", file("a", "name-1"))
	put("a/id/id-1-1.xpak", file("a", "id-1", "BUILD_ID", "x"))
	put("a/reserved-1.tbz2", nil)
	put("a/noslot-1.tbz2", xpakFile("CATEGORY", "a", "PF", "noslot-1"))
	put("nocat/x-1.tbz2", file("nocat", "x-1"))
	put("a/readme", nil)
	put("a/indexed-1.tbz2", []byte("not looked at"))
	put("a/stale-1.tbz2", file("a", "stale-1"))
	fi, err := os.Stat(filepath.Join(dir, "a/indexed-1.tbz2"))
	if err != nil {
		t.Fatal(err)
	}
	known := []string{"SIZE: " + strconv.FormatInt(fi.Size(), 10), "MTIME: " + strconv.FormatInt(fi.ModTime().Unix(), 10), "CHOST: c", "REPO: r"}
	put("Packages", []byte("VERSION: 0\n\n"+stanza("a/indexed-1", append(known, "BUILD_TIME: 8")...)+
		stanza("a/stale-1", append(known, "BUILD_TIME: 9")...)+stanza("a/gone-1", known...)))
	s := binpkg.New(binpkg.Options{Dir: dir, Category: func(c string) bool { return c != "nocat" }})
	want := `a/all-1 id -1 built 0 /All/all-1.tbz2
a/indexed-1 id -1 built 8 /a/indexed-1.tbz2
a/multi-1 id 4 built 0 /a/multi/multi-1-3.xpak
a/plain-1 id -1 built 0 /a/plain-1.tbz2
a/stale-1 id -1 built 0 /a/stale-1.tbz2
`
	if d := cmp.Diff(want, show(t, s)); d != "" {
		t.Error(d)
	}
	plain, err := s.Packages("a/plain")
	if err != nil || plain[0].Raw("USE") != "a b" || plain[0].Size == 0 || plain[0].MTime == 0 {
		t.Errorf("a/plain: %+v, %v", plain[0], err)
	}
	var got []string
	for _, p := range s.Problems() {
		line, _, _ := strings.Cut(strings.TrimPrefix(p.Error(), dir+"/"), ": only")
		got = append(got, line)
	}
	wantProblems := []string{
		`a/id/id-1-1.xpak: binary package has an invalid BUILD_ID: "x"`,
		`a/noslot-1.tbz2: binary package lacks CATEGORY, PF or SLOT`,
		`a/other-1.tbz2: binary package is not named for its content: name-1`,
		`a/reserved-1.tbz2: not an xpak file`,
		`nocat/x-1.tbz2: binary package has an unknown category: nocat`,
	}
	if d := cmp.Diff(wantProblems, got); d != "" {
		t.Error(d)
	}
}

func FuzzParseIndex(f *testing.F) {
	f.Add("VERSION: 0\nREPO: r\n\nCPV: a/b-1\nSLOT: 2\nX: y\n\nCPV: c\n\n\n")
	f.Add("VERSION: 0\r\n\r\nCPV: a/b-1:\n")
	f.Fuzz(func(t *testing.T, text string) {
		x := binpkg.ParseIndex("Packages", []byte(text))
		var b strings.Builder
		b.WriteString("VERSION: 0\n\n")
		for _, s := range x.Stanzas {
			for _, key := range s.Keys() {
				fmt.Fprintf(&b, "%s: %s\n", key, s.Get(key))
			}
			b.WriteString("\n")
		}
		again := binpkg.ParseIndex("Packages", []byte(b.String()))
		if len(again.Problems) > 0 || len(again.Stanzas) != len(x.Stanzas) {
			t.Fatalf("%q: %d stanzas, written and read again %d, %v", text, len(x.Stanzas), len(again.Stanzas), again.Problems)
		}
		for i, s := range x.Stanzas {
			for _, key := range s.Keys() {
				if got := again.Stanzas[i].Get(key); got != s.Get(key) {
					t.Errorf("%q: %s of %s is %q, then %q", text, key, s.CPV, s.Get(key), got)
				}
			}
		}
	})
}
