package repotest_test

import (
	"testing"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repotest"
)

const two = `
-- main/dev-libs/lib-1 --
SLOT=0/1
-- main/dev-libs/lib-2 --
SLOT=0/2
-- main/app-misc/app-1 --
RDEPEND=dev-libs/lib:=
-- other/dev-libs/lib-2 --
-- other/dev-libs/lib-1.5 --
`

const withEbuilds = `
-- main/dev-libs/lib-1.ebuild --
SLOT=0/1
-- main/dev-libs/lib-2.ebuild --
SLOT=0/2
-- main/app-misc/app-1.ebuild --
RDEPEND=dev-libs/lib:=
`

func TestSources(t *testing.T) {
	for _, c := range []struct{ name, text string }{{"cache only", two}, {"ebuilds", withEbuilds}} {
		tree := repotest.Write(t, c.text)
		index := t.TempDir()
		for _, dir := range []string{"", index} {
			name := c.name
			if dir != "" {
				name += " with index"
			}
			t.Run(name, func(t *testing.T) {
				repotest.TestSource(t, func(t *testing.T) ebuild.Source {
					return tree.Open(t, ebuild.OpenOptions{Index: dir})
				})
			})
			t.Run(name+", one repository", func(t *testing.T) {
				repotest.TestSource(t, func(t *testing.T) ebuild.Source {
					return tree.Open(t, ebuild.OpenOptions{Index: dir}).Main()
				})
			})
		}
	}
}

func TestOrderAcrossRepositories(t *testing.T) {
	set := repotest.Build(t, two)
	list, err := set.Packages("dev-libs/lib")
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, p := range list {
		got += p.String() + " "
	}
	const want = "dev-libs/lib-1:0/1::main dev-libs/lib-1.5:0/0::other dev-libs/lib-2:0/2::main dev-libs/lib-2:0/0::other "
	if got != want {
		t.Errorf("Packages = %s, want %s", got, want)
	}
	if p := repotest.Package(t, set, "app-misc/app-1"); p.Raw("RDEPEND") != "dev-libs/lib:=" || len(p.Invalid()) > 0 {
		t.Errorf("%v: RDEPEND %q, invalid %v", p, p.Raw("RDEPEND"), p.Invalid())
	}
	if set.Get("other").Masters[0] != set.Main() {
		t.Error("the main repository is not the master")
	}
}
