package treediff_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/repotest"
	"github.com/tumpline/tumpline/ebuild/treediff"
)

const before = `
-- tree/a/up-1 --
KEYWORDS=amd64
RDEPEND=dev-libs/x ssl? ( dev-libs/ssl )
-- tree/a/up-9999 --
PROPERTIES=live
-- tree/a/same-1 --
RDEPEND=dev-libs/x dev-libs/y
-- tree/a/gone-1 --
SLOT=0
-- tree/a/down-2 --
SLOT=0
-- tree/a/slots-1 --
SLOT=1
-- tree/a/slots-2 --
SLOT=2/2.1
-- tree/a/meta-1 --
IUSE=a b
`

const after = `
-- tree/a/up-1 --
KEYWORDS=amd64
RDEPEND=dev-libs/x ssl? ( dev-libs/ssl )
-- tree/a/up-2 --
KEYWORDS=~amd64
RDEPEND=dev-libs/x ssl? ( dev-libs/ssl:= )
-- tree/a/up-9999 --
PROPERTIES=live
-- tree/a/same-1 --
RDEPEND=dev-libs/y dev-libs/x
-- tree/a/new-1 --
SLOT=0
-- tree/a/down-1 --
SLOT=0
-- tree/a/slots-2 --
SLOT=2/2.2
-- tree/a/slots-3 --
SLOT=3
-- tree/a/meta-1 --
IUSE=+a b c
`

func TestCompare(t *testing.T) {
	list, err := treediff.Compare(repotest.Build(t, before), repotest.Build(t, after), treediff.Options{
		Same: func(cp atoms.CP) bool { return false },
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range list {
		got = append(got, fmt.Sprintf("%s %s +%v -%v %s->%s", p.Kind, p.CP, p.Added, p.Removed, p.OldSlot, p.NewSlot))
		for _, s := range p.Slots {
			line := "  " + s.Name
			if s.Old != nil {
				line += " from " + s.Old.CPV.Version.String()
			}
			if s.New != nil {
				line += " to " + s.New.CPV.Version.String()
			}
			for _, k := range s.Keys {
				line += fmt.Sprintf(" %s-%v+%v", k.Name, k.Removed, k.Added)
			}
			got = append(got, line)
		}
	}
	want := []string{
		"downgraded a/down +[1] -[2] 0->0", "  0 from 2 to 1",
		"removed a/gone +[] -[1] 0->", "  0 from 1",
		"changed a/meta +[] -[] 0->0", "  0 from 1 to 1 IUSE-[a]+[+a c]",
		"added a/new +[1] -[] ->0", "  0 to 1",
		"changed a/slots +[3] -[1] 2/2.1->3", "  1 from 1", "  2 from 2 to 2 SLOT-[2/2.1]+[2/2.2]", "  3 to 3",
		"upgraded a/up +[2] -[] 0->0", "  0 from 1 to 2 KEYWORDS-[amd64]+[~amd64] RDEPEND-[dev-libs/ssl]+[dev-libs/ssl:=]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOnly(t *testing.T) {
	list, err := treediff.Compare(repotest.Build(t, before), repotest.Build(t, after), treediff.Options{
		Only: func(cp atoms.CP) bool { return cp != "a/down" },
		Same: func(cp atoms.CP) bool { return cp != "a/new" && cp != "a/down" },
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].CP != "a/new" {
		t.Errorf("got %v", list)
	}
}
