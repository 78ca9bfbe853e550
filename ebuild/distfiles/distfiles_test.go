package distfiles_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/distfiles"
)

func write(t *testing.T, size int, elem ...string) {
	t.Helper()
	path := filepath.Join(elem...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("x", size)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	repo, dist, ro := filepath.Join(dir, "repo"), filepath.Join(dir, "dist"), filepath.Join(dir, "ro")
	write(t, 0, repo, "app", "a", "Manifest")
	manifest := ""
	for _, name := range []string{"none", "done", "part", "short", "long", "copy", "free", "flag"} {
		manifest += "DIST " + name + " 100 BLAKE2B 0 SHA512 0\n"
	}
	if err := os.WriteFile(filepath.Join(repo, "app", "a", "Manifest"), []byte(manifest), 0o644); err != nil {
		t.Fatal(err)
	}
	write(t, 100, dist, "done")
	write(t, 30, dist, "part.__download__")
	write(t, 30, dist, "short") // not complete, and not where downloads are continued
	write(t, 130, dist, "long.__download__")
	write(t, 100, ro, "copy")
	s := distfiles.New([]*ebuild.Repository{{Name: "repo", Location: repo}}, dist, []string{ro})

	cpv, err := atoms.ParseCPV("app/a-1")
	if err != nil {
		t.Fatal(err)
	}
	p := ebuild.New(cpv, "repo", ebuild.OriginEbuild, ebuild.Map{
		"EAPI": "8", "IUSE": "u",
		"SRC_URI": "http://x/none http://x/done http://y/none http://x/y -> part http://x/short http://x/long http://x/copy " +
			"mirror+http://x/free http://x/unlisted u? ( http://x/flag )",
	})
	got, err := s.Files(p, func(string) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	want := []distfiles.File{
		{Name: "none", Size: 100, Left: 100}, {Name: "done", Size: 100}, {Name: "part", Size: 100, Left: 70},
		{Name: "short", Size: 100, Left: 100}, {Name: "long", Size: 100, Left: 100}, {Name: "copy", Size: 100},
		{Name: "free", Size: 100, Left: 100, Free: true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Files: -want +got\n%s", d)
	}
	got, err = s.Files(p, func(flag string) bool { return flag == "u" })
	if err != nil || len(got) != len(want)+1 || got[len(want)].Name != "flag" {
		t.Errorf("Files with the flag = %v, %v, want flag at the end", got, err)
	}
}

// Without a Manifest no size is known.
func TestFilesWithoutManifest(t *testing.T) {
	cpv, err := atoms.ParseCPV("app/b-1")
	if err != nil {
		t.Fatal(err)
	}
	p := ebuild.New(cpv, "repo", ebuild.OriginEbuild, ebuild.Map{"EAPI": "8", "SRC_URI": "http://x/a"})
	for _, repos := range [][]*ebuild.Repository{nil, {{Name: "repo", Location: t.TempDir()}}} {
		got, err := distfiles.New(repos, t.TempDir(), nil).Files(p, func(string) bool { return false })
		if got != nil || err != nil {
			t.Errorf("Files = %v, %v, want nothing", got, err)
		}
	}
}
