package atoms_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/atoms/sharedtest"
)

// A corpusDep is the value of one dependency variable of a real package.
type corpusDep struct {
	file, key, text string
	options         atoms.AtomOptions
}

// corpusDeps returns every dependency string of the corpus.
func corpusDeps(tb testing.TB) []corpusDep {
	tb.Helper()
	pattern := filepath.Join(sharedtest.Path(tb, "corpus", "flatcar", "trees"), "*", "metadata", "md5-cache", "*", "*")
	files, err := filepath.Glob(pattern)
	if err != nil {
		tb.Fatal(err)
	}
	var deps []corpusDep
	for _, file := range files {
		deps = append(deps, fileDeps(tb, file)...)
	}
	if len(deps) == 0 {
		tb.Fatalf("no dependency strings in %s", pattern)
	}
	return deps
}

func fileDeps(tb testing.TB, file string) []corpusDep {
	tb.Helper()
	f, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close() // only read
	var deps []corpusDep
	var o atoms.AtomOptions
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		switch key {
		case "DEPEND", "RDEPEND", "BDEPEND", "PDEPEND", "IDEPEND":
			deps = append(deps, corpusDep{file: file, key: key, text: value})
		case "EAPI":
			o.EAPI, _ = eapi.Lookup(value)
		}
	}
	if err := lines.Err(); err != nil {
		tb.Fatal(err)
	}
	for i := range deps {
		deps[i].options = o
	}
	return deps
}

func TestCorpusDeps(t *testing.T) {
	interner := atoms.NewInterner()
	for _, d := range corpusDeps(t) {
		plain, err := atoms.ParseDep(d.text, d.options)
		if err != nil {
			t.Errorf("%s: %s: %v", d.file, d.key, err)
			continue
		}
		if got, want := plain.String(), strings.Join(strings.Fields(d.text), " "); got != want {
			t.Errorf("%s: %s: String() = %q, want %q", d.file, d.key, got, want)
		}
		interned, err := interner.ParseDep(d.text, d.options)
		if err != nil || interned.String() != plain.String() {
			t.Errorf("%s: %s: interner gives %v, %v, want %v", d.file, d.key, interned, err, plain)
		}
	}
}

func BenchmarkParseCorpusDeps(b *testing.B) {
	deps := corpusDeps(b)
	b.Run("interner", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			interner := atoms.NewInterner()
			for _, d := range deps {
				if _, err := interner.ParseDep(d.text, d.options); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, d := range deps {
				if _, err := atoms.ParseDep(d.text, d.options); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

func BenchmarkReduceCorpusDeps(b *testing.B) {
	interner := atoms.NewInterner()
	var trees []*atoms.Dep
	for _, d := range corpusDeps(b) {
		tree, err := interner.ParseDep(d.text, d.options)
		if err != nil {
			b.Fatal(err)
		}
		trees = append(trees, tree)
	}
	o := atoms.ReduceOptions{Enabled: func(flag string) bool { return len(flag)%2 == 0 }}
	b.ReportAllocs()
	for b.Loop() {
		for _, tree := range trees {
			atoms.Reduce(tree, o)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	v, w := mustVersion(b, "1.2.10_rc3-r1"), mustVersion(b, "1.2.9-r2")
	b.ReportAllocs()
	for b.Loop() {
		v.Compare(w)
	}
}

func mustVersion(tb testing.TB, s string) atoms.Version {
	tb.Helper()
	v, err := atoms.ParseVersion(s)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}
