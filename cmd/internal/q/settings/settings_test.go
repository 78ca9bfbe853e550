package settings_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/tumpline/tumpline/cmd/internal/q/settings"
)

// build writes the files of a txtar archive, with @DIR@ for the folder, which it returns.
func build(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(strings.ReplaceAll(archive, "@DIR@", dir))).Files {
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

const files = `
-- etc/portage/repos.conf/a.conf --
[DEFAULT]
main-repo = two   # the second
[one]
location = @DIR@/one
[two]
location=@DIR@/two
-- etc/portage/make.profile/parent --
# a comment
two:base
../other
-- etc/portage/make.profile/make.defaults --
USE="c -a"
-- etc/portage/make.profile/package.mask --
# why
# it is masked
=a/b-1
-c/d
-- etc/portage/other/parent --
../make.profile
-- etc/portage/other/make.defaults --
ARCH='amd64'
-- etc/portage/make.conf --
# of the user
source extra.conf
PKGDIR = ${ROOT}pkg   # here
CONFIG_PROTECT="/opt
  /srv"
FEATURES="${FEATURES} -* x y"
-- etc/portage/extra.conf --
USE="$USE d"
-- two/profiles/base/make.defaults --
USE="a b"
CONFIG_PROTECT="/etc"
FEATURES="z"
-- two/profiles/package.mask --
c/d
-- one/profiles/repo_name --
one
`

func TestRead(t *testing.T) {
	dir := build(t, files)
	s := settings.Read(settings.Options{Vars: map[string]string{"PORTAGE_CONFIGROOT": dir + "/", "ROOT": "/x", "USE": "-b e"}})
	for name, want := range map[string]string{
		"ROOT": "/x/", "ARCH": "amd64", "PKGDIR": "/xpkg", "CONFIG_PROTECT": "/etc /opt /srv", "PORTDIR": dir + "/two", "NOCOLOR": "0", "Q_VDB": "/var/db/pkg",
	} {
		if got := s.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"USE": "c d e", "FEATURES": "x y"} {
		got := strings.Fields(s.Get(name))
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s = %q, want %q in some order", name, got, want)
		}
	}
	if !s.Enabled("USE", "e") || s.Enabled("USE", "a") {
		t.Error("Enabled is wrong about USE")
	}
	if len(s.Repos) != 2 || s.Main() == nil || s.Main().Name != "two" || s.Repos[0].Name != "one" {
		t.Errorf("repositories: %+v", s.Repos)
	}
	masks := s.Masks()
	want := dir + "/etc/portage/make.profile/package.mask:3:1-2"
	if len(masks) != 1 || masks[0].Atom != "=a/b-1" || masks[0].Origin != want {
		t.Errorf("masks: %+v, want =a/b-1 of %s", masks, want)
	}
	for _, v := range s.Variables() {
		if v.Name == "PKGDIR" && v.Origin != dir+"/etc/portage/make.conf:3:1-1" {
			t.Errorf("PKGDIR comes from %s", v.Origin)
		}
	}
}

func TestNothing(t *testing.T) {
	s := settings.Read(settings.Options{Vars: map[string]string{"PORTAGE_CONFIGROOT": t.TempDir(), "NO_COLOR": "1"}, Dir: "/"})
	if s.Root() != "/" || s.Get("NOCOLOR") != "1" || s.Main() == nil || s.Main().Location != "/var/db/repos/gentoo" {
		t.Errorf("root %q, NOCOLOR %q, main %+v", s.Root(), s.Get("NOCOLOR"), s.Main())
	}
	s.SetRoot("/a/b//")
	if s.Root() != "/a/b/" {
		t.Errorf("SetRoot gives %q", s.Root())
	}
}

// The order is that of a table of 128 lists, by the FNV-1a hash.
func TestWords(t *testing.T) {
	w := &settings.Words{}
	for _, word := range []string{"virtual/greeter", "dev-util/builder", ">=dev-libs/slotted-2:2/2.3=", "virtual/greeter"} {
		w.Add(word)
	}
	want := []string{"virtual/greeter", ">=dev-libs/slotted-2:2/2.3=", "dev-util/builder"}
	if got := w.List(); !slices.Equal(got, want) || w.Len() != 3 {
		t.Errorf("got %q (%d), want %q", got, w.Len(), want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("USE=\"a\nb\" c\nsource make.conf\nPKGDIR=${PKGDIR}$", "[DEFAULT]\nmain-repo=x\n[x]\nlocation=/")
	f.Fuzz(func(t *testing.T, conf, repos string) {
		dir := t.TempDir()
		if err := os.MkdirAll(dir+"/etc/portage", 0o777); err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"make.conf": conf, "repos.conf": repos} {
			if err := os.WriteFile(dir+"/etc/portage/"+name, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		s := settings.Read(settings.Options{Vars: map[string]string{"PORTAGE_CONFIGROOT": dir}})
		if s.Main() == nil || !strings.HasSuffix(s.Root(), "/") {
			t.Errorf("main repository %v, root %q", s.Main(), s.Root())
		}
		s.Masks()
	})
}
