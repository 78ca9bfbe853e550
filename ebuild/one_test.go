package ebuild_test

import (
	"path/filepath"
	"testing"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repotest"
)

// TestOneVersion: Package gives the version that Packages has, whoever asked
// first, and tells nothing of the other versions.
func TestOneVersion(t *testing.T) {
	tree := repotest.Write(t, `
-- r/a/b-1 --
EAPI=8
RDEPEND=x/y
-- r/a/b-2 --
EAPI=8
`)
	bad := filepath.Join(tree.Repo("r"), "metadata/md5-cache/a/b-3")
	write(t, bad, "EAPI=8\n<<<<<<< HEAD\n")
	for _, c := range []struct{ name, want string }{
		{"a/b-1", "x/y"}, {"a/b-2", ""}, {"a/b-9", "none"}, {"a/c-1", "none"}, {"q/c-1", "none"},
	} {
		for _, wholeFirst := range []bool{false, true} {
			set := tree.Open(t, ebuild.OpenOptions{})
			repo := set.All()[0]
			id := cpv(t, c.name)
			if wholeFirst {
				if _, err := repo.Packages(id.CP); err != nil {
					t.Fatal(err)
				}
			}
			p := repo.Package(id)
			if got := len(set.Problems()) > 0; got != (wholeFirst && id.CP == "a/b") {
				t.Errorf("Package(%s), all versions asked for: %v: problems %v", c.name, wholeFirst, set.Problems())
			}
			if p == nil {
				if c.want != "none" {
					t.Errorf("Package(%s) = nil", c.name)
				}
				continue
			}
			if got := p.Raw("RDEPEND"); got != c.want {
				t.Errorf("Package(%s).Raw(RDEPEND) = %q, want %q", c.name, got, c.want)
			}
			if p != repotest.Package(t, repo, c.name) || p != repo.Package(id) {
				t.Errorf("Package(%s) and Packages(%s) differ", c.name, id.CP)
			}
		}
	}
}

// asked is metadata that knows what it was asked for.
type asked struct {
	ebuild.Map
	keys map[string]int
}

func (a asked) Get(key string) string {
	a.keys[key]++
	return a.Map.Get(key)
}

// TestLateNumbers: BUILD_TIME and COUNTER lie in files of their own, which most
// requests need not read.
func TestLateNumbers(t *testing.T) {
	for _, c := range []struct {
		origin         ebuild.Origin
		built, counter string
		wantBuilt      int64
		wantCounter    int64
	}{
		{ebuild.OriginInstalled, "1700000000", "42", 1700000000, 42},
		{ebuild.OriginInstalled, "", "", 0, 0},
		{ebuild.OriginInstalled, "soon", "many", -1, 0},
		{ebuild.OriginBinary, " 7 ", "", 7, 0},
		{ebuild.OriginEbuild, "7", "42", 0, 0},
	} {
		m := asked{ebuild.Map{"SLOT": "0", "BUILD_TIME": c.built, "COUNTER": c.counter}, map[string]int{}}
		p := ebuild.New(cpv(t, "a/b-1"), "r", c.origin, m)
		if n := m.keys["BUILD_TIME"] + m.keys["COUNTER"]; n > 0 {
			t.Errorf("%v: numbers were read %d times before they were asked for", c.origin, n)
		}
		if built, counter := p.BuildTime(), p.Counter(); built != c.wantBuilt || counter != c.wantCounter {
			t.Errorf("%v %q %q: BuildTime() = %d, Counter() = %d; want %d, %d",
				c.origin, c.built, c.counter, built, counter, c.wantBuilt, c.wantCounter)
		}
	}
}
