package ebuild_test

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// corpus opens the repositories of the Flatcar corpus. An index folder may be
// given; it is written whenever the set is closed.
func corpus(tb testing.TB, index string) *ebuild.RepoSet {
	tb.Helper()
	trees := sharedtest.Path(tb, "corpus/flatcar/trees")
	text := "[DEFAULT]\nmain-repo = portage-stable\n" +
		"[portage-stable]\nlocation = " + filepath.Join(trees, "portage-stable") + "\n" +
		"[coreos-overlay]\nlocation = " + filepath.Join(trees, "coreos-overlay") + "\n"
	set, err := ebuild.Open(repos.Load(repos.Options{Text: &text}), ebuild.OpenOptions{Index: index, Now: time.Time{}})
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func all(tb testing.TB, s ebuild.Source) []*ebuild.Package {
	tb.Helper()
	cps, err := s.CPs()
	if err != nil {
		tb.Fatal(err)
	}
	var list []*ebuild.Package
	for _, cp := range cps {
		p, err := s.Packages(cp)
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, p...)
	}
	return list
}

// corpusEntries is the number of cache entries of the corpus.
const corpusEntries = 1871

func TestCorpus(t *testing.T) {
	set := corpus(t, "")
	list := all(t, set)
	if len(list) != corpusEntries {
		t.Errorf("%d packages, want %d", len(list), corpusEntries)
	}
	for _, p := range list {
		if p.EAPI == nil || p.Slot == "" || len(p.Invalid()) > 0 {
			t.Errorf("%v: EAPI %v, invalid: %v", p, p.EAPI, p.Invalid())
		}
	}
	for _, r := range set.All() {
		for _, p := range r.Problems() {
			t.Errorf("%v: %v", r, p)
		}
	}
	for i := 1; i < len(list); i++ {
		if a, b := list[i-1], list[i]; a.CP() == b.CP() && a.CPV.Version.Compare(b.CPV.Version) > 0 {
			t.Errorf("%v before %v", a, b)
		}
	}
}

func TestCorpusThroughIndex(t *testing.T) {
	dir := t.TempDir()
	want := all(t, corpus(t, ""))
	for range 3 {
		set := corpus(t, dir)
		got := all(t, set)
		if len(got) != len(want) {
			t.Fatalf("%d packages, want %d", len(got), len(want))
		}
		for i, p := range got {
			for _, key := range []string{"DEPEND", "RDEPEND", "DESCRIPTION", "_md5_"} {
				if p.String() != want[i].String() || p.Raw(key) != want[i].Raw(key) {
					t.Fatalf("%v %s = %q; want %v %q", p, key, p.Raw(key), want[i], want[i].Raw(key))
				}
			}
		}
		if err := set.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// some gives the names of about half of the packages of the corpus, with some
// 900 versions: as many as a large request touches.
func some(tb testing.TB) []atoms.CP {
	cps, err := corpus(tb, "").CPs()
	if err != nil {
		tb.Fatal(err)
	}
	var half []atoms.CP
	for i, cp := range cps {
		if i%2 == 0 {
			half = append(half, cp)
		}
	}
	return half
}

func touch(tb testing.TB, set *ebuild.RepoSet, cps []atoms.CP) int {
	n := 0
	for _, cp := range cps {
		list, err := set.Packages(cp)
		if err != nil {
			tb.Fatal(err)
		}
		n += len(list)
	}
	return n
}

func benchmarkRequest(b *testing.B, dir string) {
	cps := some(b)
	n := 0
	b.ReportAllocs()
	start := cpu(b)
	for b.Loop() {
		set := corpus(b, dir)
		n = touch(b, set, cps)
		if err := set.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n), "packages")
	b.ReportMetric((cpu(b)-start).Seconds()*1000/float64(b.N), "cpu-ms/op")
}

// cpu is the processor time used by the process: wall time says little on a
// machine that does other things as well.
func cpu(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRequestFiles opens everything and reads half of the corpus from its
// files.
func BenchmarkRequestFiles(b *testing.B) { benchmarkRequest(b, "") }

// BenchmarkRequestIndex does the same with a warm index.
func BenchmarkRequestIndex(b *testing.B) {
	dir := b.TempDir()
	set := corpus(b, dir)
	all(b, set)
	if err := set.Close(); err != nil {
		b.Fatal(err)
	}
	benchmarkRequest(b, dir)
}

// BenchmarkFillIndex reads everything and writes the index.
func BenchmarkFillIndex(b *testing.B) {
	for b.Loop() {
		set := corpus(b, b.TempDir())
		all(b, set)
		if err := set.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen opens the repositories and reads nothing.
func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		corpus(b, "")
	}
}

// BenchmarkNames lists all names with a warm index.
func BenchmarkNames(b *testing.B) {
	dir := b.TempDir()
	set := corpus(b, dir)
	all(b, set)
	if err := set.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		set := corpus(b, dir)
		if _, err := set.CPs(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInvalid parses every tree of every package.
func BenchmarkInvalid(b *testing.B) {
	for b.Loop() {
		for _, p := range all(b, corpus(b, "")) {
			p.Invalid()
		}
	}
}
