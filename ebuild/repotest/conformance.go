package repotest

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// absent is a name that no source under test may have.
const absent = atoms.CP("no-such-category/no-such-package")

// TestSource checks what every ebuild.Source must do. The function opens the
// source anew; it must have at least one package. Run it with the race detector
// as well.
func TestSource(t *testing.T, open func(t *testing.T) ebuild.Source) {
	t.Run("names", func(t *testing.T) { testNames(t, open(t)) })
	t.Run("packages", func(t *testing.T) { testPackages(t, open(t)) })
	t.Run("unknown", func(t *testing.T) { testUnknown(t, open(t)) })
	t.Run("same again", func(t *testing.T) { testSame(t, open(t), open(t)) })
	t.Run("concurrent", func(t *testing.T) { testConcurrent(t, open(t)) })
}

func names(t *testing.T, s ebuild.Source) []atoms.CP {
	t.Helper()
	cps, err := s.CPs()
	if err != nil {
		t.Fatalf("CPs: %v", err)
	}
	if len(cps) == 0 {
		t.Fatal("CPs: none; the source under test needs a package")
	}
	return cps
}

func testNames(t *testing.T, s ebuild.Source) {
	cps := names(t, s)
	if !slices.IsSorted(cps) || len(slices.Compact(slices.Clone(cps))) != len(cps) {
		t.Errorf("CPs are not sorted, or one is given twice: %v", cps)
	}
	for _, cp := range cps {
		if _, err := atoms.ParseCP(string(cp)); err != nil {
			t.Errorf("CPs: %v", err)
		}
	}
}

func testPackages(t *testing.T, s ebuild.Source) {
	found := 0
	for _, cp := range names(t, s) {
		list, err := s.Packages(cp)
		if err != nil {
			t.Errorf("Packages(%s): %v", cp, err)
		}
		for i, p := range list {
			found++
			checkPackage(t, cp, p)
			if i > 0 && list[i-1].CPV.Version.Compare(p.CPV.Version) > 0 {
				t.Errorf("Packages(%s): %v before %v", cp, list[i-1], p)
			}
		}
	}
	if found == 0 {
		t.Error("no package under any name")
	}
}

func checkPackage(t *testing.T, cp atoms.CP, p *ebuild.Package) {
	t.Helper()
	if p.CP() != cp {
		t.Errorf("Packages(%s) has %v", cp, p)
	}
	if p.Repo == "" || p.Slot == "" || p.Subslot == "" || p.EAPIName == "" {
		t.Errorf("%v: empty repository, slot or EAPI", p)
	}
	for _, err := range p.Invalid() {
		if strings.TrimSpace(err.Error()) == "" {
			t.Errorf("%v: error without a text", p)
		}
	}
}

func testUnknown(t *testing.T, s ebuild.Source) {
	for _, cp := range []atoms.CP{absent, atoms.CP(names(t, s)[0].Category() + "/no-such-package"), "", "x"} {
		if list, err := s.Packages(cp); len(list) > 0 || err != nil {
			t.Errorf("Packages(%q) = %v, %v; want nothing", cp, list, err)
		}
	}
}

func testSame(t *testing.T, first, second ebuild.Source) {
	cps := names(t, first)
	if other := names(t, second); !slices.Equal(cps, other) {
		t.Errorf("CPs = %v, then %v", cps, other)
	}
	for _, cp := range cps {
		a, _ := first.Packages(cp)
		again, _ := first.Packages(cp)
		if !slices.Equal(a, again) {
			t.Errorf("Packages(%s) gives other pointers the second time", cp)
		}
		b, _ := second.Packages(cp)
		if !slices.EqualFunc(a, b, func(p, q *ebuild.Package) bool { return p.String() == q.String() }) {
			t.Errorf("Packages(%s) = %v, opened again %v", cp, a, b)
		}
	}
}

func testConcurrent(t *testing.T, s ebuild.Source) {
	cps := names(t, s)
	const workers = 4
	got := make([][]*ebuild.Package, workers)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for _, cp := range cps {
				list, err := s.Packages(cp)
				if err != nil {
					t.Errorf("Packages(%s): %v", cp, err)
				}
				for _, p := range list {
					p.Invalid()
				}
				got[w] = append(got[w], list...)
			}
		})
	}
	wait.Wait()
	for w := 1; w < workers; w++ {
		if !slices.Equal(got[0], got[w]) {
			t.Error("two goroutines got different packages")
		}
	}
}
