package vdb_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/ebuild/repotest"
	"github.com/tumpline/tumpline/ebuild/updates"
	"github.com/tumpline/tumpline/merge/vdb"
)

// write makes a database; "cat/pf/" alone makes an empty entry.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "var/db/pkg")
	for name, text := range files {
		path := filepath.Join(dir, name)
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o777); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func names(packages []*ebuild.Package) string {
	var b strings.Builder
	for _, p := range packages {
		fmt.Fprintln(&b, p)
	}
	return b.String()
}

func TestPackages(t *testing.T) {
	dir := write(t, map[string]string{
		"a/b-1/SLOT": "0\n", "a/b-1/EAPI": "8\n", "a/b-1/repository": "r\n", "a/b-1/COUNTER": "7",
		"a/b-1/RDEPEND": "x/y\n\t z/z  \n", "a/b-1/NEEDED.ELF.2": "l 1\nl  2\n", "a/b-1/DESCRIPTION": "some  text\n",
		"a/b-1/USE": "f\n", "a/b-1/BUILD_TIME": "99\n", "a/b-1/SIZE": "5\n",
		"a/b-10/SLOT": "2/3\n", "a/b-10/EAPI": "8\n",
		"a/b-9/SLOT": "1\n", "a/b-9/EAPI": "7\n",
		"a-b/c-1-r0/SLOT": "0\n", "a-b/c-1-r0/EAPI": "8\n",
		"a-b/c-1/SLOT": "0\n", "a-b/c-1/EAPI": "8\n",
		// no entries, silently:
		".hidden/x-1/SLOT": "0\n", "a/.x-1/SLOT": "0\n", "a/-MERGING-b-3/SLOT": "0\n", "a/file": "",
		"CVS/x-1/SLOT": "0\n", "lost+found/": "", "-bad-/x-1/SLOT": "0\n", "a/CVS/": "",
	})
	db := vdb.New(vdb.Options{Dir: dir, Pool: ebuild.NewPool()})
	cps, err := db.CPs()
	if d := cmp.Diff([]atoms.CP{"a-b/c", "a/b"}, cps); err != nil || d != "" {
		t.Error(err, d)
	}
	all, err := db.All()
	want := "a-b/c-1:0/0::__unknown__\na-b/c-1-r0:0/0::__unknown__\na/b-1:0/0::r\na/b-9:1/1::__unknown__\na/b-10:2/3::__unknown__\n"
	if d := cmp.Diff(want, names(all)); err != nil || d != "" {
		t.Error(err, d)
	}
	if p := db.Problems(); len(p) > 0 {
		t.Error(p)
	}
	b, err := db.Packages("a/b")
	if err != nil || len(b) != 3 || b[0].Counter() != 7 || b[0].BuildTime() != 99 || b[0].MTime == 0 || b[0].Path != filepath.Join(dir, "a/b-1") {
		t.Errorf("a/b: %+v, %v", b, err)
	}
	for key, want := range map[string]string{
		"RDEPEND": "x/y z/z", "NEEDED.ELF.2": "l 1\nl  2\n", "DESCRIPTION": "some text", "SIZE": "5", "DEPEND": "", "NONE": "",
		"USE": "f", "../b-1/SLOT": "",
	} {
		if got := b[0].Raw(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if none, err := db.Packages("a/none"); none != nil || err != nil {
		t.Errorf("unknown name: %v, %v", none, err)
	}
}

func TestProblems(t *testing.T) {
	dir := write(t, map[string]string{
		"a/noversion/SLOT": "0\n",
		"a/empty-1/":       "",
		"a/noeapi-1/SLOT":  "0\n",
		"a/counter-1/SLOT": "0\n", "a/counter-1/EAPI": "8\n", "a/counter-1/COUNTER": "x\n",
		"a/dir-1/SLOT/x": "", "a/dir-1/EAPI": "8\n",
		"a/good-1/SLOT": "3\n", "a/good-1/EAPI": "8\n",
	})
	if err := os.Symlink("nowhere", filepath.Join(dir, "a/link-1")); err != nil {
		t.Fatal(err)
	}
	db := vdb.New(vdb.Options{Dir: dir})
	var got []string
	for _, p := range db.Problems() {
		got = append(got, strings.TrimPrefix(p.Error(), dir+"/"))
	}
	want := []string{
		"a/noversion: not the name of a package with version",
		"a/counter-1/COUNTER: not a number",
		"a/dir-1/SLOT: read: is a directory",
		"a/empty-1/SLOT: missing file",
		"a/empty-1/EAPI: missing file",
		"a/noeapi-1/EAPI: missing file",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	all, err := db.All()
	if d := cmp.Diff("a/counter-1:0/0::__unknown__\na/dir-1:0/0::__unknown__\na/empty-1:0/0::__unknown__\na/good-1:3/3::__unknown__\na/noeapi-1:0/0::__unknown__\n", names(all)); err != nil || d != "" {
		t.Error(err, d)
	}
}

func TestNoDatabase(t *testing.T) {
	db := vdb.New(vdb.Options{Dir: filepath.Join(t.TempDir(), "none")})
	if all, err := db.All(); all != nil || err != nil || db.Problems() != nil {
		t.Errorf("%v, %v", all, err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := vdb.New(vdb.Options{Dir: file}).CPs(); err == nil {
		t.Error("a file was read as a database")
	}
}

// snapshot writes the file metadata of an entry with the directory's time.
func snapshot(t *testing.T, dir, body string, offset int64) {
	t.Helper()
	path := filepath.Join(dir, "metadata")
	if err := os.WriteFile(path, []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	fi, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	body += fmt.Sprintf("#dir_mtime=%d\n", fi.ModTime().UnixNano()+offset)
	if err := os.WriteFile(path, []byte(body), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestSnapshot(t *testing.T) {
	dir := write(t, map[string]string{
		"a/fresh-1/SLOT": "1\n", "a/fresh-1/EAPI": "8\n", "a/fresh-1/RDEPEND": "x/y\n", "a/fresh-1/INHERITED": "e\n",
		"a/stale-1/SLOT": "1\n", "a/stale-1/EAPI": "8\n",
		"a/format-1/SLOT": "1\n", "a/format-1/EAPI": "8\n",
		"a/only-1/": "", "a/lost-1/": "",
	})
	const body = "#format=1\nDEPEND=d/d\nEAPI=7\nSLOT=2/2\nrepository=r\n"
	snapshot(t, filepath.Join(dir, "a/fresh-1"), body, 0)
	snapshot(t, filepath.Join(dir, "a/stale-1"), body, 1)
	snapshot(t, filepath.Join(dir, "a/format-1"), strings.Replace(body, "1", "2", 1), 0)
	snapshot(t, filepath.Join(dir, "a/only-1"), body, 0)
	snapshot(t, filepath.Join(dir, "a/lost-1"), body, 1)
	db := vdb.New(vdb.Options{Dir: dir})
	var got []string
	all, err := db.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		got = append(got, fmt.Sprint(p, " ", p.EAPIName, " D=", p.Raw("DEPEND"), " R=", p.Raw("RDEPEND"), " I=", p.Raw("INHERITED")))
	}
	want := []string{
		"a/format-1:1/1::__unknown__ 8 D= R= I=",
		"a/fresh-1:2/2::r 7 D=d/d R= I=e",
		"a/lost-1:2/2::r 7 D=d/d R= I=",
		"a/only-1:2/2::r 7 D=d/d R= I=",
		"a/stale-1:1/1::__unknown__ 8 D= R= I=",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if p := db.Problems(); len(p) != 1 || !errors.Is(p[0], vdb.ErrStale) || !strings.Contains(p[0].Error(), "a/lost-1/metadata") {
		t.Error(p)
	}
}

func TestUpdates(t *testing.T) {
	dir := write(t, map[string]string{
		"a/old-1/SLOT": "0\n", "a/old-1/EAPI": "8\n", "a/old-1/RDEPEND": "a/old:2 x/y !a/old\n", "a/old-1/repository": "r\n",
		"a/old-2/SLOT": "0\n", "a/old-2/EAPI": "8\n", "a/old-2/repository": "r\n",
		"b/new-2/SLOT": "0\n", "b/new-2/EAPI": "8\n", "b/new-2/repository": "r\n",
		"c/slot-1/SLOT": "0/0.5\n", "c/slot-1/EAPI": "8\n", "c/slot-1/repository": "r\n",
		"c/slot-2/SLOT": "0\n", "c/slot-2/EAPI": "8\n", "c/slot-2/repository": "other\n",
	})
	repo := t.TempDir()
	for name, text := range map[string]string{
		"profiles/updates/1Q-2024": "move a/old b/new\nslotmove c/slot 0 3\n",
		"profiles/repo_name":       "r\n",
		"metadata/layout.conf":     "masters =\n",
	} {
		path := filepath.Join(repo, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	conf := "[r]\nlocation = " + repo + "\n"
	set := updates.Load(repos.Load(repos.Options{Text: &conf}))
	db := vdb.New(vdb.Options{Dir: dir, Updates: func() *updates.Set { return set }, Pool: ebuild.NewPool()})
	all, err := db.All()
	want := "a/old-2:0/0::r\nb/new-1:0/0::r\nb/new-2:0/0::r\nc/slot-1:3/0.5::r\nc/slot-2:0/0::other\n"
	if d := cmp.Diff(want, names(all)); err != nil || d != "" {
		t.Error(err, d)
	}
	if got := all[1].Raw("RDEPEND"); got != "b/new:2 x/y !a/old" {
		t.Errorf("RDEPEND is %q", got)
	}
}

func TestCorpus(t *testing.T) {
	for name, want := range map[string]int{"amd64-usr.setup": 19, "sdk.full": 469} {
		dir := filepath.Join(state(t, name), "var/db/pkg")
		db := vdb.New(vdb.Options{Dir: dir, Pool: ebuild.NewPool()})
		all, err := db.All()
		if err != nil || len(all) != want || len(db.Problems()) > 0 {
			t.Errorf("%s: %d packages, %v, %v", name, len(all), err, db.Problems())
		}
		for _, p := range all {
			if invalid := p.Invalid(); len(invalid) > 0 || p.Repo == ebuild.UnknownRepo {
				t.Errorf("%s: %s: %v", name, p, invalid)
			}
		}
	}
}

func TestConformance(t *testing.T) {
	dir := filepath.Join(state(t, "amd64-usr.setup"), "var/db/pkg")
	repotest.TestSource(t, func(*testing.T) ebuild.Source {
		return vdb.New(vdb.Options{Dir: dir, Pool: ebuild.NewPool()})
	})
}

func FuzzSnapshot(f *testing.F) {
	f.Add("#format=1\nSLOT=0\n#dir_mtime=5\n", "0\n")
	f.Add("#format=9\n", "a  b\tc")
	dir := f.TempDir()
	entry := filepath.Join(dir, "a/b-1")
	if err := os.MkdirAll(entry, 0o777); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, metadata, use string) {
		for name, text := range map[string]string{"metadata": metadata, "USE": use, "SLOT": "0", "EAPI": "8"} {
			if err := os.WriteFile(filepath.Join(entry, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		db := vdb.New(vdb.Options{Dir: dir})
		all, err := db.All()
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		if want := strings.Join(strings.Fields(strings.ToValidUTF8(use, "\uFFFD")), " "); !strings.ContainsAny(use, "\x1c\x1d\x1e\x1f") && !strings.Contains(metadata, "dir_mtime") && all[0].Raw("USE") != want {
			t.Errorf("USE %q reads as %q, want %q", use, all[0].Raw("USE"), want)
		}
	})
}

// What is not of interest is as if it were not there, however broken.
func TestOnly(t *testing.T) {
	dir := write(t, map[string]string{
		"a/b-1/SLOT": "0\n", "a/b-1/EAPI": "8\n", "a/b-2/SLOT": "2\n", "a/b-2/EAPI": "8\n",
		"a/bad/x": "", "a/c-1/y": "", "c/b-1/SLOT": "0\n", "c/b-1/EAPI": "8\n", "c/d-1/y": "",
	})
	for only, want := range map[vdb.Interest]string{
		{Category: "a", Name: "b"}: "a/b-1:0/0::__unknown__\na/b-2:2/2::__unknown__\n",
		{Name: "b"}:                "a/b-1:0/0::__unknown__\na/b-2:2/2::__unknown__\nc/b-1:0/0::__unknown__\n",
		{Category: "d"}:            "",
		{Category: "c"}:            "c/b-1:0/0::__unknown__\nc/d-1:0/0::__unknown__\n",
	} {
		db := vdb.New(vdb.Options{Dir: dir, Only: only, Index: t.TempDir()})
		all, err := db.All()
		if d := cmp.Diff(want, names(all)); err != nil || d != "" {
			t.Error(only, err, d)
		}
	}
}
