package unmerge_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/unmerge"
)

// parseDatabase reads words of the form cat/pkg-1:slot@counter.
func parseDatabase(t *testing.T, words string) (db database) {
	t.Helper()
	for w := range strings.FieldsSeq(words) {
		w, counter, _ := strings.Cut(w, "@")
		cpv, slot, _ := strings.Cut(w, ":")
		db = append(db, installed(t, cpv, metadata{"SLOT": slot, "COUNTER": counter}))
	}
	return db
}

// show writes groups as "selected | protected | omitted", separated by "; ".
func show(r *unmerge.Result) string {
	var parts []string
	for _, g := range r.Groups {
		s := fmt.Sprintf("%s | %s | %s", strings.Join(texts(g.Selected), " "), strings.Join(texts(g.Protected), " "), strings.Join(texts(g.Omitted), " "))
		if g.System {
			s += " system " + string(g.Virtual)
		}
		parts = append(parts, s)
	}
	for _, a := range r.Missing {
		parts = append(parts, "missing "+a.String())
	}
	for _, x := range r.Refused {
		parts = append(parts, "refused "+x.Package.CPV.String()+" "+x.Why.String())
	}
	for _, x := range r.Listed {
		parts = append(parts, x.Package.CPV.String()+" in "+strings.Join(x.Sets, " "))
	}
	return strings.Join(parts, "; ")
}

func TestSelect(t *testing.T) {
	for _, c := range []struct {
		name, installed string
		action          unmerge.Action
		ordered         bool
		args            string
		want            string
	}{
		{"prune keeps the best", "a/b-1:1@3 a/b-2:2@2 a/b-3:3@1", unmerge.Prune, false, "a/b",
			"a/b-1 a/b-2 | a/b-3 | "},
		{"of one slot it keeps what came last", "a/b-1:0@9 a/b-2:0@2", unmerge.Prune, false, "a/b",
			"a/b-2 | a/b-1 | "},
		{"prune leaves single ones", "a/b-1:0@1", unmerge.Prune, false, "a/b", ""},
		{"clean keeps what came last in each slot", "a/b-1:1@1 a/b-2:1@2 a/b-3:2@3 a/b-4:2@4", unmerge.Clean, false, "a/b",
			"a/b-1 a/b-3 | a/b-2 a/b-4 | "},
		{"clean protects what the argument leaves out", "a/b-1:1@1 a/b-2:1@2 a/b-3:1@3", unmerge.Clean, false, "=a/b-1",
			"a/b-1 | a/b-2 a/b-3 | "},
		{"without order names are sorted and joined", "a/b-1:0 a/b-2:0 a/a-1:0", unmerge.Unmerge, false, "=a/b-1 a/a =a/b-2",
			"a/a-1 |  | ; a/b-1 a/b-2 |  | "},
		{"what is not there is told", "a/b-1:0", unmerge.Unmerge, true, "a/c a/b", "a/b-1 |  | ; missing a/c"},
		{"the package manager stays", "sys-apps/portage-3:0 a/b-1:0", unmerge.Unmerge, true, "sys-apps/portage a/b",
			" | sys-apps/portage-3 | ; a/b-1 |  | ; refused sys-apps/portage-3 package manager"},
		{"nothing is left", "sys-apps/portage-3:0", unmerge.Unmerge, true, "sys-apps/portage",
			"refused sys-apps/portage-3 package manager"},
		{"system packages", "sys/one-1:0 sys/two-1:0 sys/two-2:0", unmerge.Unmerge, true, "sys/one =sys/two-1",
			"sys/one-1 |  |  system virtual/one; sys/two-1 |  | sys/two-2"},
		{"sets hold packages, the highest slot for a name", "set/a-1:1 set/a-2:2", unmerge.Unmerge, true, "set/a",
			"set/a-1 set/a-2 |  | ; set/a-2 in mine"},
	} {
		db := parseDatabase(t, c.installed)
		got := show(unmerge.Select(&unmerge.Request{
			Action: c.action, Ordered: c.ordered, Args: parse(t, strings.Fields(c.args)), Match: db.match,
			Protect: func(p *ebuild.Package) unmerge.Protection {
				if p.CPV.CP == "sys-apps/portage" {
					return unmerge.Manager
				}
				return unmerge.Free
			},
			System: map[atoms.CP]atoms.CP{"sys/one": "virtual/one", "sys/two": ""},
			Sets:   []unmerge.Set{{Name: "mine", Atoms: parse(t, []string{"set/a"})}},
		}))
		if got != c.want {
			t.Errorf("%s: Select(%s %s) of %s\n got %s\nwant %s", c.name, c.action, c.args, c.installed, got, c.want)
		}
	}
}
