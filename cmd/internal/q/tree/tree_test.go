package tree_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/tumpline/tumpline/cmd/internal/q/loose"
	"github.com/tumpline/tumpline/cmd/internal/q/tree"
	"github.com/tumpline/tumpline/merge/binpkg/xpak"
)

func build(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// names are the packages that a query wants.
func names(t *testing.T, s *tree.Tree, query string) string {
	t.Helper()
	var q *loose.Atom
	if query != "" {
		q = loose.Parse(query)
	}
	all, err := s.Packages(q)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range all {
		out = append(out, p.Name)
	}
	return strings.Join(out, " ")
}

func TestInstalled(t *testing.T) {
	root := build(t, `
-- var/db/pkg/a-b/c-1/SLOT --
0/2
-- var/db/pkg/a-b/c-1/repository --
r
-- var/db/pkg/a-b/c-10/SLOT --
1
-- var/db/pkg/a-b/c-2/CONTENTS --
-- var/db/pkg/a-b/-MERGING-c-3/SLOT --
0
-- var/db/pkg/virtual/d-1/SLOT --
0
-- var/db/pkg/nocategory/d-1/SLOT --
0
-- var/db/pkg/world --
`)
	s, err := tree.OpenInstalled(root, "/var/db/pkg")
	if err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"": "a-b/c-10 a-b/c-2 a-b/c-1 virtual/d-1", "c": "a-b/c-10 a-b/c-2 a-b/c-1", "a-b/c:1": "a-b/c-10", "c:0/2::r": "a-b/c-1",
		"c::r": "a-b/c-1", "<c-10": "a-b/c-2 a-b/c-1", "virtual/": "virtual/d-1", "c:0/3": "", "x": "",
	} {
		if got := names(t, s, query); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	all, _ := s.Packages(loose.Parse("=c-1"))
	if a := all[0].Full(); a.Slot != "0" || a.Subslot != "2" || a.Repo != "r" {
		t.Errorf("Full: %+v", a)
	}
	if _, ok := all[0].Get("NOSUCH"); ok {
		t.Error("a missing file has a value")
	}
	if _, err := tree.OpenInstalled(root, "/nosuch"); err == nil {
		t.Error("a missing database is no error")
	}
}

const ebuild = `EAPI=8
DESCRIPTION="two
 \"lines\""
SLOT='0/3' # here
inherit x
	IUSE="no"
KEYWORDS=~amd64
`

func TestRepo(t *testing.T) {
	root := build(t, "-- r/profiles/repo_name --\nrepo\n-- r/a-b/c/c-1.ebuild --\n"+ebuild+"-- r/a-b/c/c-2.ebuild --\nSLOT=9\n-- r/a-b/c/Manifest --\n-- r/a-b/metadata.xml --\n")
	s, err := tree.OpenRepo(root, "/r")
	if err != nil || s.Kind != tree.Ebuilds || s.Repo != "repo" {
		t.Fatalf("%+v, %v", s, err)
	}
	if got := names(t, s, ""); got != "a-b/c-2 a-b/c-1" {
		t.Errorf("ebuilds: %q", got)
	}
	all, _ := s.Packages(loose.Parse("=c-1"))
	for key, want := range map[string]string{"DESCRIPTION": "two\n \"lines\"", "SLOT": "0/3", "KEYWORDS": "~amd64", "EAPI": "8", "IUSE": ""} {
		if got, _ := all[0].Get(key); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
	cached := build(t, "-- r/metadata/md5-cache/a-b/c-1 --\nSLOT=4\nDEPEND=x/y\n-- r/profiles/repo_name --\nrepo\n")
	if s, err = tree.OpenRepo(cached, "/r"); err != nil || s.Kind != tree.Cache {
		t.Fatalf("%+v, %v", s, err)
	}
	all, _ = s.Packages(nil)
	if a := all[0].Full(); a.Slot != "4" || a.Repo != "repo" {
		t.Errorf("cached: %+v", a)
	}
	if _, ok := all[0].Get("RDEPEND"); ok {
		t.Error("a key that the entry lacks has a value")
	}
}

func TestBinaries(t *testing.T) {
	segment, err := xpak.Segment(map[string][]byte{"SLOT": []byte("5\n"), "repository": []byte("r\n"), "CONTENTS": []byte("dir /x\n")})
	if err != nil {
		t.Fatal(err)
	}
	file := "-- pkg/a-b/c-1.tbz2 --\n" + "tar\n"
	root := build(t, file+"-- pkg/a-b/note --\n")
	path := root + "/pkg/a-b/c-1.tbz2"
	if err := os.WriteFile(path, append([]byte("tar"), segment...), 0o666); err != nil {
		t.Fatal(err)
	}
	s, err := tree.OpenBinaries(root, "/pkg")
	if err != nil || s.Kind != tree.Binaries || names(t, s, "") != "a-b/c-1" || names(t, s, "c:5::r") != "a-b/c-1" {
		t.Errorf("without an index: %+v, %v", s, err)
	}
	index := "PACKAGES: 1\nVERSION: 0\n\nCPV: a-b/c-1\nBUILD_ID: 7\nSLOT: 6\nPATH: a-b/c-1.tbz2\n\n"
	if err := os.WriteFile(root+"/pkg/Packages", []byte(index), 0o666); err != nil {
		t.Fatal(err)
	}
	if s, err = tree.OpenBinaries(root, "/pkg"); err != nil || s.Kind != tree.Indexed {
		t.Fatalf("%+v, %v", s, err)
	}
	all, err := s.Packages(nil)
	if err != nil || len(all) != 1 || all[0].Full().Slot != "6" || all[0].Atom().BuildID != 7 || all[0].Path() != path {
		t.Fatalf("with an index: %+v, %v", all, err)
	}
	if got, _ := all[0].Get("CONTENTS"); !slices.Equal(strings.Fields(got), []string{"dir", "/x"}) {
		t.Errorf("what the index lacks is read from the package: %q", got)
	}
}

func FuzzEbuild(f *testing.F) {
	f.Add(ebuild)
	f.Add("A='")
	f.Add("A=\"\\")
	f.Fuzz(func(t *testing.T, text string) {
		root := t.TempDir()
		if err := os.MkdirAll(root+"/a-b/c", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(root+"/a-b/c/c-1.ebuild", []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		s, err := tree.OpenRepo(root, "/")
		if err != nil {
			t.Fatal(err)
		}
		all, err := s.Packages(nil)
		if err != nil || len(all) != 1 {
			t.Fatalf("%d packages, %v", len(all), err)
		}
		all[0].Full()
	})
}
