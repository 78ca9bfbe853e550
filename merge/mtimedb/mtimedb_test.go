package mtimedb_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/merge/mtimedb"
)

const list = `{"mergelist": [["ebuild", "/", "a/b-1", "merge"], ["binary", "/", "a/c-1", "merge"], ["odd"]],
  "favorites": ["a/b", "@world", 7], "myopts": {"--usepkg": true, "--deep": 3}, "binpkgs": [{"EROOT": "/", "CPV": "a/c-1", "BUILD_ID": 2}]}`

func TestParse(t *testing.T) {
	want := &mtimedb.List{
		Tasks:     []mtimedb.Task{{"ebuild", "/", "a/b-1", "merge"}, {"binary", "/", "a/c-1", "merge"}},
		Favorites: []string{"a/b", "@world"}, Options: map[string]any{"--usepkg": true, "--deep": 3.0},
		Binaries: []mtimedb.Binary{{EROOT: "/", CPV: "a/c-1", BuildID: 2}},
	}
	for _, c := range []struct {
		text string
		want *mtimedb.List
	}{
		{`{"resume": ` + list + `}`, want},
		{`{"resume_backup": ` + list + `, "resume": 3}`, want},
		{`{"resume": {"mergelist": [["ebuild", "/other/", "a/b-1", "merge"]], "favorites": [], "myopts": []}}`, nil},
		{`{"resume": {"mergelist": [], "favorites": [], "myopts": []}}`, nil},
		{`{"resume": {"mergelist": [["ebuild", "/", "a/b-1", "merge"]], "favorites": [], "myopts": ["--oneshot"]}}`,
			&mtimedb.List{Tasks: []mtimedb.Task{{"ebuild", "/", "a/b-1", "merge"}}, Options: map[string]any{"--oneshot": true}}},
		{`{"resume": {"mergelist": [["ebuild", "/", "a/b-1", "merge"]], "myopts": []}}`, nil},
		{``, nil},
	} {
		got, err := mtimedb.Parse([]byte(c.text), []string{"/"})
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.text, d)
		}
	}
	if _, err := mtimedb.Parse([]byte("{"), nil); err == nil {
		t.Error("a broken file is not told")
	}
}

func TestSkipFirst(t *testing.T) {
	l := &mtimedb.List{Tasks: []mtimedb.Task{{Action: "uninstall"}, {CPV: "a/b-1", Action: "merge"}, {CPV: "a/c-1", Action: "merge"}}}
	l.SkipFirst()
	if len(l.Tasks) != 2 || l.Tasks[1].CPV != "a/c-1" {
		t.Errorf("%v", l.Tasks)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"resume": ` + list + `}`))
	f.Add([]byte(`{"resume": {"mergelist": [["ebuild", "/", 3, "merge"]], "favorites": [], "myopts": {}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := mtimedb.Parse(text, []string{"/"})
		if l != nil && err == nil {
			l.SkipFirst()
		}
	})
}
