package descindex_test

import (
	"strings"
	"testing"

	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/descindex"
	"github.com/tumpline/tumpline/ebuild/repotest"
)

func TestWrite(t *testing.T) {
	set := repotest.Write(t, `
-- r/a/b-1.ebuild --
DESCRIPTION=one
-- r/a/b-10_rc1-r2.ebuild --
DESCRIPTION=ten: the last
-- r/a/b-2.ebuild --
DESCRIPTION=two
-- r/a/b-c-1.ebuild --
-- r/a-b/c-1.ebuild --
DESCRIPTION=sorts before
-- r/a/broken/broken-1.ebuild --
die
-- r/a/empty/metadata.xml --
`).Open(t, ebuild.OpenOptions{Generator: &repotest.Generator{}})
	got, err := descindex.Write(set.Get("r"))
	if want := "a-b/c 1: sorts before\na/b 1 2 10_rc1-r2: ten: the last\na/b-c 1: \n"; string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if err == nil || !strings.Contains(err.Error(), "broken-1.ebuild:1: die") {
		t.Errorf("error %v, want that of the broken ebuild", err)
	}
}
