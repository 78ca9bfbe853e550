package vdb_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/merge/vdb"
)

func TestOwners(t *testing.T) {
	dir := write(t, map[string]string{
		"a/one-1/SLOT": "0\n", "a/one-1/EAPI": "8\n",
		"a/one-1/CONTENTS": "obj /lib/modules/x.ko 1 1\nobj /usr/bin/tool 1 1\n",
		"a/two-1/SLOT":     "0\n", "a/two-1/EAPI": "8\n",
		"a/two-1/CONTENTS": "obj /bin/tool 1 1\nsym /lib -> usr/lib 1\n",
		"a/three-1/SLOT":   "0\n", "a/three-1/EAPI": "8\n",
	})
	root := strings.TrimSuffix(dir, "/var/db/pkg")
	for _, d := range []string{"usr/bin", "usr/lib/modules"} {
		if err := os.MkdirAll(filepath.Join(root, d), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{"bin": "usr/bin", "lib": "usr/lib"} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	db := vdb.New(vdb.Options{Dir: dir})
	owners, err := db.Owners(root, []string{"/lib/modules", "/usr/lib/modules/x.ko", "/usr/bin//tool", "/usr/bin/none", "/lib"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for path, packages := range owners {
		got[path] = strings.ReplaceAll(names(packages), "\n", " ")
	}
	want := map[string]string{
		"/lib/modules":          "a/one-1:0/0::__unknown__ ",
		"/usr/lib/modules/x.ko": "a/one-1:0/0::__unknown__ ",
		"/usr/bin//tool":        "a/one-1:0/0::__unknown__ a/two-1:0/0::__unknown__ ",
		"/lib":                  "a/one-1:0/0::__unknown__ a/two-1:0/0::__unknown__ ",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	all, err := db.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		contents, problems := db.Contents(p)
		if len(problems) > 0 || (len(contents) == 0) != (p.CPV.String() == "a/three-1") {
			t.Errorf("%s: %v, %v", p, contents, problems)
		}
	}
}
