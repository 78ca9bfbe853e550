package binpkg_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repotest"
	"github.com/tumpline/tumpline/merge/binpkg"
)

// pkgdir unpacks PKGDIR of a state of the shared corpus.
func pkgdir(tb testing.TB, name string) string {
	tb.Helper()
	return sharedtest.Unpack(tb, "var/lib/portage/pkgs", "corpus", "flatcar", "states", name+".tar.gz")
}

// all returns the packages of a store by name and version.
func all(tb testing.TB, s *binpkg.Store) (list []*ebuild.Package) {
	tb.Helper()
	cps, err := s.CPs()
	if err != nil {
		tb.Fatal(err)
	}
	for _, cp := range cps {
		packages, err := s.Packages(cp)
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, packages...)
	}
	if problems := s.Problems(); len(problems) > 0 {
		tb.Error(problems)
	}
	return list
}

// The index that Portage wrote, and what the files say, are the same packages.
func TestCorpusIndexAgreesWithFiles(t *testing.T) {
	dir := pkgdir(t, "amd64-usr.full")
	indexed := all(t, binpkg.New(binpkg.Options{Dir: dir, Trusted: true, Pool: ebuild.NewPool()}))
	checked := all(t, binpkg.New(binpkg.Options{Dir: dir}))
	if err := os.Remove(filepath.Join(dir, "Packages")); err != nil {
		t.Fatal(err)
	}
	scanned := all(t, binpkg.New(binpkg.Options{Dir: dir}))
	if len(indexed) != 410 || len(checked) != 410 || len(scanned) != 410 {
		t.Fatalf("%d indexed, %d checked, %d scanned packages", len(indexed), len(checked), len(scanned))
	}
	keys := []string{"SLOT", "EAPI", "KEYWORDS", "USE", "IUSE", "BUILD_TIME", "SIZE", "_mtime_", "repository", "DEFINED_PHASES", "LICENSE"}
	for i, p := range indexed {
		if invalid := p.Invalid(); len(invalid) > 0 {
			t.Errorf("%s: %v", p, invalid)
		}
		for _, q := range []*ebuild.Package{checked[i], scanned[i]} {
			if p.String() != q.String() || p.Path != q.Path {
				t.Fatalf("%s in %s, and %s in %s", p, p.Path, q, q.Path)
			}
			for _, key := range keys {
				if d := cmp.Diff(p.Raw(key), q.Raw(key)); d != "" {
					t.Errorf("%s: %s: %s", p, key, d)
				}
			}
		}
	}
}

func TestConformance(t *testing.T) {
	dir := pkgdir(t, "amd64-usr.setup")
	repotest.TestSource(t, func(*testing.T) ebuild.Source {
		return binpkg.New(binpkg.Options{Dir: dir, Trusted: true, Pool: ebuild.NewPool()})
	})
}

func BenchmarkStore410(b *testing.B) {
	dir := pkgdir(b, "amd64-usr.full")
	for _, bench := range []struct {
		name    string
		trusted bool
		index   bool
	}{{"trusted", true, true}, {"checked", false, true}, {"scanned", false, false}} {
		b.Run(bench.name, func(b *testing.B) {
			if !bench.index {
				if err := os.Remove(filepath.Join(dir, "Packages")); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				if list := all(b, binpkg.New(binpkg.Options{Dir: dir, Trusted: bench.trusted, Pool: ebuild.NewPool()})); len(list) != 410 {
					b.Fatal(len(list))
				}
			}
		})
	}
}
