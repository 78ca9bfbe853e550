package scaletest_test

import (
	"reflect"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/scaletest"
)

func TestGenerateIsAFunctionOfItsSeed(t *testing.T) {
	size := scaletest.OfVersions(1000)
	a, b, c := scaletest.Generate(1, size), scaletest.Generate(1, size), scaletest.Generate(2, size)
	if !reflect.DeepEqual(a, b) {
		t.Error("Generate(1): two trees differ")
	}
	if reflect.DeepEqual(a, c) {
		t.Error("Generate(1) and Generate(2) are the same tree")
	}
}

func TestOfVersions(t *testing.T) {
	for _, n := range []int{2000, 8000, 32000} {
		tree := scaletest.Generate(1, scaletest.OfVersions(n))
		if got := len(tree.Ebuilds); got < n*9/10 || got > n*11/10 {
			t.Errorf("OfVersions(%d): %d versions", n, got)
		}
		if got, want := len(tree.Installed), n*17/320; got < want*9/10 || got > want*11/10 {
			t.Errorf("OfVersions(%d): %d installed packages, want about %d", n, got, want)
		}
	}
}

// TestPackagesAreValid wants no fault in the metadata of any package, and a
// match for each dependency of the installed ones.
func TestPackagesAreValid(t *testing.T) {
	tree := scaletest.Generate(3, scaletest.OfVersions(4000))
	installed := tree.InstalledSource()
	for _, s := range []*scaletest.Source{tree.EbuildSource(), installed} {
		cps, _ := s.CPs()
		for _, cp := range cps {
			list, _ := s.Packages(cp)
			for _, p := range list {
				for _, err := range p.Invalid() {
					t.Errorf("%s: %v", p, err)
				}
			}
		}
	}
	for _, p := range tree.Installed {
		list, _ := installed.Packages(p.CPV.CP)
		for _, q := range list {
			tree, err := q.Deps(atoms.RDepend)
			if err != nil {
				t.Fatal(err)
			}
			for _, child := range tree.Children {
				if child.Kind == atoms.KindLeaf && child.Leaf.Blocker == atoms.BlockNone {
					if found, _ := installed.Packages(child.Leaf.CP); len(found) == 0 {
						t.Errorf("%s: nothing installed for %s", q, child.Leaf)
					}
				}
			}
		}
	}
}
