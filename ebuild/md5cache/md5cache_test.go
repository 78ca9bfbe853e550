package md5cache_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/ebuild/md5cache"
)

const entry = `DEFINED_PHASES=-
DESCRIPTION=a=b
EAPI=8
SLOT=0
_eclasses_=bar	0123456789abcdef0123456789abcdef	foo	00000000000000000000000000000000
_md5_=ffffffffffffffffffffffffffffffff
`

func TestParse(t *testing.T) {
	e := parse(t, entry)
	for key, want := range map[string]string{
		"DESCRIPTION": "a=b", "EAPI": "8", "SLOT": "0", "DEPEND": "", "EAP": "", "": "",
	} {
		if got := e.Get(key); got != want {
			t.Errorf("Get(%q) = %q, want %q", key, got, want)
		}
	}
	if e.Text() != entry {
		t.Errorf("Text() = %q, want %q", e.Text(), entry)
	}
	want := []md5cache.Eclass{{"bar", "0123456789abcdef0123456789abcdef"}, {"foo", strings.Repeat("0", 32)}}
	if got, err := e.Eclasses(); err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("Eclasses() = %v, %v", got, err)
	}
}

func TestParseOdd(t *testing.T) {
	for _, c := range []struct{ in, key, want, problem string }{
		{"SLOT=0\nSLOT=1\n", "SLOT", "1", ""},
		{"SLOT=0", "SLOT", "0", ""},
		{"=x\n", "", "x", ""},
		{"SLOT=0\r\nEAPI=7\r\n", "EAPI", "7", "E:1: carriage return at the end of a line"},
		{"SLOT=0\nDESCRIPTION=\xe9\n", "DESCRIPTION", "\uFFFD", "E:2: invalid UTF-8"},
	} {
		e := parse(t, c.in)
		if got := e.Get(c.key); got != c.want {
			t.Errorf("Parse(%q).Get(%q) = %q, want %q", c.in, c.key, got, c.want)
		}
		got := ""
		if p := e.Problems(); len(p) > 0 {
			got = p[0].Error()
		}
		if got != c.problem {
			t.Errorf("Parse(%q).Problems() = %q, want %q", c.in, got, c.problem)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		in   string
		is   error
		want string
	}{
		{"", md5cache.ErrEmpty, "E: empty cache entry"},
		{"\n", md5cache.ErrEmpty, "E: empty cache entry"},
		{"EAPI=8\nSLOT\n", md5cache.ErrNoValue, `E:2: expected "KEY=value": "SLOT"`},
		{"EAPI=8\n\nSLOT=0\n", md5cache.ErrNoValue, `E:2: expected "KEY=value"`},
		{"EAPI=8\n<<<<<<< HEAD\n", md5cache.ErrNoValue, `E:2: expected "KEY=value": "<<<<<<< HEAD"`},
	} {
		_, err := md5cache.Parse("E", c.in)
		var p *linefile.Problem
		if !errors.Is(err, c.is) || !errors.As(err, &p) || err.Error() != c.want {
			t.Errorf("Parse(%q) error = %v, want %s", c.in, err, c.want)
		}
	}
	if _, err := md5cache.Read(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read of a missing file: %v", err)
	}
}

func TestNew(t *testing.T) {
	e, err := md5cache.New(map[string]string{"SLOT": "0", "EAPI": "8", "IUSE": ""})
	if err != nil || e.Text() != "EAPI=8\nSLOT=0\n" {
		t.Errorf("New = %v, %v", e, err)
	}
	for _, bad := range []map[string]string{{"A": "x\ny"}, {"A=": "x"}, {}} {
		if _, err := md5cache.New(bad); err == nil {
			t.Errorf("New(%q) succeeded", bad)
		}
	}
}

type digests map[string]string

func (d digests) MD5(name string) (string, bool) {
	v, ok := d[name]
	return v, ok
}

func TestCheck(t *testing.T) {
	const f, zero, bar = "ffffffffffffffffffffffffffffffff", "00000000000000000000000000000000", "0123456789abcdef0123456789abcdef"
	for _, c := range []struct {
		text, ebuild string
		digests      md5cache.Digests
		want         md5cache.Freshness
		culprit      string
	}{
		{entry, f, digests{"bar": bar, "foo": zero}, md5cache.Fresh, ""},
		{entry, f, nil, md5cache.Fresh, ""},
		{entry, zero, nil, md5cache.EbuildChanged, ""},
		{"SLOT=0\n", f, nil, md5cache.NoDigest, ""},
		{entry, f, digests{"bar": bar}, md5cache.EclassMissing, "foo"},
		{entry, f, digests{"bar": zero, "foo": zero}, md5cache.EclassChanged, "bar"},
		{"_md5_=" + f + "\n_eclasses_=foo\n", f, nil, md5cache.EclassesBroken, ""},
		{"_md5_=" + f + "\n_eclasses_=foo\t12\n", f, nil, md5cache.EclassesBroken, ""},
		{"_md5_=" + f + "\n_eclasses_= \n", f, digests{}, md5cache.Fresh, ""},
	} {
		got, culprit := parse(t, c.text).Check(c.ebuild, c.digests)
		if got != c.want || culprit != c.culprit {
			t.Errorf("Check(%s) of %q = %v, %q; want %v, %q", c.ebuild, c.text, got, culprit, c.want, c.culprit)
		}
	}
}

func TestCorpus(t *testing.T) {
	for _, path := range corpus(t) {
		e, err := md5cache.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		data, _ := os.ReadFile(path)
		if e.Text() != string(data) || len(e.Problems()) > 0 {
			t.Errorf("%s is not read as written: %v", path, e.Problems())
		}
		if !sort.StringsAreSorted(e.Keys()) {
			t.Errorf("%s: keys %q not in order", path, e.Keys())
		}
		if _, err := e.Eclasses(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func BenchmarkReadCorpus(b *testing.B) {
	paths := corpus(b)
	b.ReportMetric(float64(len(paths)), "entries")
	for b.Loop() {
		for _, path := range paths {
			if _, err := md5cache.Read(path); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile(corpus(b)[1000])
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := md5cache.Parse("E", string(data)); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{entry, "", "A", "A=1\r\n", "=\n=\xff", "A=1\n\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data string) {
		e, err := md5cache.Parse("E", data)
		if err != nil {
			return
		}
		again, err := md5cache.Parse("E", e.Text())
		if err != nil || again.Text() != e.Text() {
			t.Fatalf("%q written as %q, read as %v, %v", data, e.Text(), again, err)
		}
		for _, k := range e.Keys() {
			if again.Get(k) != e.Get(k) {
				t.Fatalf("key %q: %q, then %q", k, e.Get(k), again.Get(k))
			}
		}
		e.Check("x", digests{})
	})
}

func parse(t *testing.T, text string) *md5cache.Entry {
	t.Helper()
	e, err := md5cache.Parse("E", text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return e
}

func corpus(tb testing.TB) []string {
	paths, err := filepath.Glob(filepath.Join(sharedtest.Path(tb, "corpus/flatcar/trees"), "*/metadata/md5-cache/*/*"))
	if err != nil || len(paths) == 0 {
		tb.Fatalf("no cache entries: %v", err)
	}
	return paths
}
