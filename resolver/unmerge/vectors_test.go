package unmerge_test

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/unmerge"
)

// A record is one call of Portage's _unmerge_display and its answer.
type record struct {
	Function string
	Inputs   struct {
		Action  string   `json:"unmerge_action"`
		Files   []string `json:"unmerge_files"`
		Ordered bool
	}
	Expected struct {
		ReturnCode int
		Pkgmap     []group
	}
	Config struct {
		Installed []struct {
			CPV      string
			Metadata map[string]string
		}
	}
}

type group struct {
	Selected, Protected, Omitted []string
}

func TestVectors(t *testing.T) {
	data, err := os.ReadFile(sharedtest.Path(t, "vectors", "unit", "resolver_unmerge_order.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Records []record }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	passed := 0
	for i, r := range file.Records {
		if check(t, i, r) {
			passed++
		}
	}
	t.Logf("vectors: unit/resolver_unmerge_order %d/%d", passed, len(file.Records))
}

func check(t *testing.T, i int, r record) bool {
	var db database
	for _, p := range r.Config.Installed {
		db = append(db, installed(t, p.CPV, p.Metadata))
	}
	actions := map[string]unmerge.Action{"unmerge": unmerge.Unmerge, "rage-clean": unmerge.RageClean, "clean": unmerge.Clean, "prune": unmerge.Prune}
	action, ok := actions[r.Inputs.Action]
	if !ok || r.Function != "unmerge_display" {
		t.Errorf("record %d: no check for %s %s", i, r.Function, r.Inputs.Action)
		return false
	}
	got := unmerge.Select(&unmerge.Request{
		Action: action, Ordered: r.Inputs.Ordered, Args: parse(t, r.Inputs.Files), Match: db.match,
	})
	var groups []group
	for _, g := range got.Groups {
		groups = append(groups, group{texts(g.Selected), texts(g.Protected), texts(g.Omitted)})
	}
	code := 0
	if len(got.Selected()) == 0 {
		code = 1
	}
	if code != r.Expected.ReturnCode || !reflect.DeepEqual(groups, r.Expected.Pkgmap) {
		t.Errorf("record %d: Select(%s %v) = %d %v, want %d %v", i, r.Inputs.Action, r.Inputs.Files, code, groups, r.Expected.ReturnCode, r.Expected.Pkgmap)
		return false
	}
	return true
}

// A database holds the installed packages, versions of a name ascending.
type database []*ebuild.Package

func (db database) match(a *atoms.Atom) []*ebuild.Package {
	return slices.DeleteFunc(slices.Clone(db), func(p *ebuild.Package) bool { return !a.Match(p.Candidate(nil)) })
}

type metadata map[string]string

func (m metadata) Get(key string) string { return m[key] }

func installed(t *testing.T, text string, m metadata) *ebuild.Package {
	t.Helper()
	cpv, err := atoms.ParseCPV(text)
	if err != nil {
		t.Fatal(err)
	}
	return ebuild.New(cpv, "test", ebuild.OriginInstalled, m)
}

// parse reads arguments, which may lack the "=" before a version.
func parse(t *testing.T, words []string) (list []*atoms.Atom) {
	t.Helper()
	for _, w := range words {
		a, err := atoms.ParseAtom(w, atoms.AtomOptions{})
		if err != nil {
			a, err = atoms.ParseAtom("="+w, atoms.AtomOptions{})
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, a)
	}
	return list
}

func texts(list []*ebuild.Package) []string {
	out := []string{}
	for _, p := range list {
		out = append(out, p.CPV.String())
	}
	return out
}
