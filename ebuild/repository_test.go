package ebuild_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/md5cache"
	"github.com/tumpline/tumpline/ebuild/repotest"
)

// problems gives the problems of a set with paths below the tree.
func problems(tree *repotest.Tree, set *ebuild.RepoSet) string {
	var b strings.Builder
	for _, p := range set.Problems() {
		b.WriteString(strings.ReplaceAll(p.Error(), tree.Dir+"/", "") + "\n")
	}
	return b.String()
}

// versions lists the packages of a name, with what is wrong with each.
func versions(t *testing.T, s ebuild.Source, cp atoms.CP) string {
	t.Helper()
	list, err := s.Packages(cp)
	if err != nil {
		t.Errorf("Packages(%s): %v", cp, err)
	}
	var words []string
	for _, p := range list {
		w := p.CPV.PVR()
		if len(p.Invalid()) > 0 {
			w += "!"
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}

func TestBadFilesDoNotHideOthers(t *testing.T) {
	tree := repotest.Write(t, `
-- r/a/b-1 --
-- r/a/b-2 --
-- r/a/b-10 --
-- r/a/b-c-1 --
-- r/a/b-1-r1 --
-- r/metadata/md5-cache/a/b-3 --
-- r/metadata/md5-cache/a/b-4 --
EAPI=8
<<<<<<< HEAD
-- r/metadata/md5-cache/a/noversion --
SLOT=0
-- r/metadata/md5-cache/x/y-1 --
SLOT=0
`)
	folder := filepath.Join(tree.Repo("r"), "metadata/md5-cache/a/b-5")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(tree.Repo("r"), "metadata/md5-cache/a/b-6"), "SLOT=0\nDESCRIPTION=\xff\r\n")
	set := tree.Open(t, ebuild.OpenOptions{})
	for _, c := range []struct {
		cp   atoms.CP
		want string
	}{
		{"a/b", "1 1-r1 2 3! 4! 6 10"}, {"a/b-c", "1"}, {"a/no", ""}, {"x/y", ""}, {"q/y", ""}, {"", ""},
	} {
		if got := versions(t, set, c.cp); got != c.want {
			t.Errorf("Packages(%s) = %s, want %s", c.cp, got, c.want)
		}
	}
	cps, err := set.CPs()
	if diff := cmp.Diff([]atoms.CP{"a/b", "a/b-c"}, cps); diff != "" || err != nil {
		t.Errorf("CPs (-want +got):\n%s%v", diff, err)
	}
	want := `r/metadata/md5-cache/a/b-3: empty cache entry
r/metadata/md5-cache/a/b-4:2: expected "KEY=value": "<<<<<<< HEAD"
r/metadata/md5-cache/a/b-6:2: carriage return at the end of a line
r/metadata/md5-cache/a/b-6:2: invalid UTF-8
r/metadata/md5-cache/a/noversion: invalid package version "a/noversion": offset 11: expected a version
r/metadata/md5-cache/x: category is not listed in profiles/categories of any repository
`
	if diff := cmp.Diff(want, problems(tree, set)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

const fooMD5 = "acbd18db4cc2f85cedef654fccc4a4d8" // of "foo"

func TestFreshness(t *testing.T) {
	tree := repotest.Write(t, `
-- r/a/b-1.ebuild --
-- r/a/b-2.ebuild --
DESCRIPTION=with eclass
-- r/a/b/b-3.ebuild --
no cache entry
-- r/a/b/b-4.ebuild --
foo
-- r/a/b/b-5.ebuild --
foo
-- r/a/b/b-6.ebuild --
foo
-- r/a/b/c-1.ebuild --
-- r/a/b/b-x.ebuild --
-- r/a/b/metadata.xml --
-- r/a/gone-1 --
-- r/metadata/md5-cache/a/b-4 --
SLOT=0
_md5_=00000000000000000000000000000000
-- r/metadata/md5-cache/a/b-5 --
SLOT=0
_eclasses_=e	0cc175b9c0f1b6a831c399e269772661
_md5_=00000000000000000000000000000000
-- r/metadata/md5-cache/a/b-6 --
SLOT=0
-- r/eclass/e.eclass --
`)
	repo := tree.Repo("r")
	cache := filepath.Join(repo, "metadata/md5-cache/a")
	write(t, filepath.Join(repo, "eclass/e.eclass"), "a")
	write(t, filepath.Join(repo, "a/b/b-5.ebuild"), "foo")
	write(t, filepath.Join(cache, "b-5"), "SLOT=0\n_eclasses_=e\t0cc175b9c0f1b6a831c399e269772661\n_md5_="+fooMD5+"\n")
	set := tree.Open(t, ebuild.OpenOptions{})
	if got, want := versions(t, set, "a/b"), "1 2 3! 4! 5 6!"; got != want {
		t.Errorf("versions %s, want %s", got, want)
	}
	if got := versions(t, set, "a/gone"); got != "" {
		t.Errorf("a cache entry without ebuild yields %s", got)
	}
	p := repotest.Package(t, set, "a/b-3")
	var m *ebuild.MetadataError
	if len(p.Invalid()) != 1 || !errors.As(p.Invalid()[0], &m) || m.Fault != ebuild.FaultMetadata || !errors.Is(m, ebuild.ErrNoMetadata) {
		t.Errorf("invalid: %v", p.Invalid())
	}
	want := `r/a/b/b-x.ebuild: invalid package version "a/b-x": offset 5: expected a version
r/a/b/c-1.ebuild: ebuild of a/c in the folder of a/b
r/metadata/md5-cache/a/b-3: metadata is missing or stale: read: no such file or directory
r/metadata/md5-cache/a/b-4: metadata is missing or stale: ebuild changed
r/metadata/md5-cache/a/b-6: metadata is missing or stale: no digest in cache entry
`
	if diff := cmp.Diff(want, problems(tree, set)); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	// The same after the eclass changes, and after it goes.
	write(t, filepath.Join(repo, "eclass/e.eclass"), "b")
	if got, want := versions(t, tree.Open(t, ebuild.OpenOptions{}), "a/b"), "1 2 3! 4! 5! 6!"; got != want {
		t.Errorf("eclass changed: versions %s, want %s", got, want)
	}
	if err := os.Remove(filepath.Join(repo, "eclass/e.eclass")); err != nil {
		t.Fatal(err)
	}
	set = tree.Open(t, ebuild.OpenOptions{})
	p = repotest.Package(t, set, "a/b-5")
	if got := p.Invalid(); len(got) != 1 || !strings.HasSuffix(got[0].Error(), `eclass missing: "e"`) {
		t.Errorf("eclass gone: %v", got)
	}
}

// generator makes the same metadata for every ebuild but one.
type generator struct{}

func (generator) Entry(_ context.Context, r *ebuild.Repository, cpv atoms.CPV, path string) (*md5cache.Entry, error) {
	if cpv.Version.String() == "2" {
		return nil, errors.New("bash says no")
	}
	return md5cache.New(map[string]string{"SLOT": "gen", "EAPI": "8", "DESCRIPTION": r.Name + " " + filepath.Base(path)})
}

func TestMetadataGenerator(t *testing.T) {
	tree := repotest.Write(t, `
-- r/a/b-1.ebuild --
-- r/a/b/b-2.ebuild --
-- r/a/b/b-3.ebuild --
`)
	set := tree.Open(t, ebuild.OpenOptions{Generator: generator{}})
	if got, want := versions(t, set, "a/b"), "1 2! 3"; got != want {
		t.Errorf("versions %s, want %s", got, want)
	}
	if p := repotest.Package(t, set, "a/b-3"); p.Slot != "gen" || p.Raw("DESCRIPTION") != "r b-3.ebuild" {
		t.Errorf("%v: %q", p, p.Raw("DESCRIPTION"))
	}
	if p := repotest.Package(t, set, "a/b-1"); p.Slot != "0" {
		t.Errorf("generated in spite of a fresh entry: %v", p)
	}
	if got := problems(tree, set); !strings.Contains(got, "bash says no") || strings.Contains(got, "b-3") {
		t.Errorf("problems: %s", got)
	}
}

func TestUnreadableFolder(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("permissions do not bind root")
	}
	tree := repotest.Write(t, "-- r/a/b-1 --\n-- r/c/d-1 --\n")
	dir := filepath.Join(tree.Repo("r"), "metadata/md5-cache/a")
	if err := os.Chmod(dir, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o755) })
	set := tree.Open(t, ebuild.OpenOptions{})
	if _, err := set.Packages("a/b"); err == nil {
		t.Error("no error for an unreadable category")
	}
	cps, err := set.CPs()
	if len(cps) != 1 || err == nil {
		t.Errorf("CPs = %v, %v", cps, err)
	}
}

// TestFileInPlaceOfFolder: a category that cannot be listed does not hide others.
func TestFileInPlaceOfFolder(t *testing.T) {
	tree := repotest.Write(t, "-- r/a/b-1 --\n-- r/profiles/categories --\na\nc\n-- r/metadata/md5-cache/c --\nnot a folder\n")
	set := tree.Open(t, ebuild.OpenOptions{})
	if _, err := set.Packages("c/d"); err == nil || !strings.Contains(err.Error(), "metadata/md5-cache/c: ") {
		t.Errorf("Packages: %v", err)
	}
	if cps, err := set.CPs(); len(cps) != 1 || err == nil {
		t.Errorf("CPs = %v, %v", cps, err)
	}
	if got := problems(tree, set); strings.Count(got, "\n") != 1 {
		t.Errorf("problems: %s", got)
	}
}

func TestVersionControlFolders(t *testing.T) {
	tree := repotest.Write(t, "-- r/a/b-1.ebuild --\n-- r/a/CVS/Entries --\n-- r/a/.git/x --\n-- r/a/empty/metadata.xml --\n-- r/a/skel.txt --\n")
	cps, err := tree.Open(t, ebuild.OpenOptions{}).CPs()
	if diff := cmp.Diff([]atoms.CP{"a/b", "a/empty"}, cps); diff != "" || err != nil {
		t.Errorf("CPs (-want +got):\n%s%v", diff, err)
	}
}

func TestUserCategories(t *testing.T) {
	tree := repotest.Write(t, "-- r/a/b-1 --\n-- r/profiles/categories --\n")
	write(t, filepath.Join(tree.Dir, "etc/categories"), "a\n")
	if got := versions(t, tree.Open(t, ebuild.OpenOptions{}), "a/b"); got != "" {
		t.Errorf("category in no file: %s", got)
	}
	set := tree.Open(t, ebuild.OpenOptions{UserCategories: filepath.Join(tree.Dir, "etc")})
	if got := versions(t, set, "a/b"); got != "1" || !set.HasCategory("a") {
		t.Errorf("category in the user's file: %q", got)
	}
}

func TestRepoSet(t *testing.T) {
	tree := repotest.Write(t, "-- m/a/b-1 --\n-- o/a/b-1 --\n-- o/c/d-1 --\n-- o/metadata/layout.conf --\nmasters = m\naliases = alias\n")
	set := tree.Open(t, ebuild.OpenOptions{})
	o := set.Get("o")
	if set.Main() != set.Get("m") || o == nil || set.Get("alias") != o || set.Get("none") != nil || len(set.All()) != 2 {
		t.Errorf("repositories: %v", set.All())
	}
	if len(o.Masters) != 1 || o.Masters[0] != set.Main() || set.Main().Priority != -1000 {
		t.Errorf("masters of o: %v", o.Masters)
	}
	if diff := cmp.Diff([]string{"a", "c"}, set.Categories()); diff != "" {
		t.Errorf("categories (-want +got):\n%s", diff)
	}
	if _, err := ebuild.Open(nil, ebuild.OpenOptions{}); err == nil {
		t.Error("Open(nil) succeeded")
	}
}
