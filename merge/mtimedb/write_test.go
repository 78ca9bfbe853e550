package mtimedb_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/merge/mtimedb"
)

func task(cpv string) mtimedb.Task { return mtimedb.Task{"ebuild", "/board/", cpv, "merge"} }

// A run that is killed after each merge leaves exactly the rest of its list.
func TestListShrinks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "var/cache/edb/mtimedb")
	list := &mtimedb.List{
		Tasks: []mtimedb.Task{task("app/a-1"), task("app/b-1"), task("app/c-1")}, Favorites: []string{"app/c", "@world"},
		Options:  map[string]any{"--jobs": 4.0, "--verbose": true},
		Binaries: []mtimedb.Binary{{EROOT: "/board/", CPV: "app/d-1", BuildID: 1, BuildTime: 2, MTime: 3, Size: 4}},
	}
	w, err := mtimedb.Begin(path, list, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, cpv := range []string{"app/b-1", "app/a-1", "app/c-1"} {
		got, err := mtimedb.Read(path, []string{"/board/"})
		if err != nil || got == nil || len(got.Tasks) != w.Left() || got.Options["--jobs"] != 4.0 || len(got.Favorites) != 2 || got.Binaries[0] != list.Binaries[0] {
			t.Fatalf("before %s: %+v, %v; want %d tasks", cpv, got, err, w.Left())
		}
		if err := w.Forget(task(cpv)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := mtimedb.Read(path, []string{"/board/"}); got != nil || err != nil {
		t.Errorf("at the end: %+v, %v; want no list", got, err)
	}
}

func TestBackup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mtimedb")
	begin := func(resuming bool, cpvs ...string) {
		t.Helper()
		list := &mtimedb.List{}
		for _, cpv := range cpvs {
			list.Tasks = append(list.Tasks, task(cpv))
		}
		if _, err := mtimedb.Begin(path, list, resuming); err != nil {
			t.Fatal(err)
		}
	}
	first := func() string {
		t.Helper()
		list, err := mtimedb.Read(path, []string{"/board/"})
		if err != nil {
			t.Fatal(err)
		}
		if list == nil {
			return ""
		}
		return list.Tasks[0].CPV
	}
	begin(false, "app/a-1", "app/b-1")
	begin(false, "app/c-1")
	if got := first(); got != "app/c-1" {
		t.Errorf("the new list comes first: %s", got)
	}
	begin(false)
	if got := first(); got != "app/a-1" {
		t.Errorf("a list of one is not kept, and the one before is: %q", got)
	}
	begin(true, "app/b-1")
	begin(true)
	if got := first(); got != "" {
		t.Errorf("a list that was resumed is gone: %q", got)
	}
	begin(false, "app/a-1", "app/b-1")
	if err := mtimedb.Clear(path); err != nil || first() != "" {
		t.Errorf("Clear: %v, left %s", err, first())
	}
}

// What Portage keeps there stays as it is.
func TestOtherKeysStay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mtimedb")
	if err := os.WriteFile(path, []byte(`{"info": {"/usr/share/info": 7}, "version": "3.0", "ldpath": {"/lib": 12345678901234567}, "starttime": 5, "updates": {}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	w, err := mtimedb.Begin(path, &mtimedb.List{Tasks: []mtimedb.Task{task("app/a-1")}, Favorites: []string{">=app/a-1"}}, false)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\"ldpath\": {\n\t\t\"/lib\": 12345678901234567\n\t}", "\t\"starttime\": 5", ">=app/a-1", "\t\t\"mergelist\": [\n\t\t\t[\n\t\t\t\t\"ebuild\""} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if err := w.Forget(task("app/a-1")); err != nil {
		t.Fatal(err)
	}
	if text, err = os.ReadFile(path); err != nil || strings.Contains(string(text), "resume") {
		t.Errorf("at the end: %s, %v", text, err)
	}
}
