package profiles_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/profilestest"
)

// main is a repository of format portage-2, to which archives add profiles.
const mainRepo = `
-- repos/a_main/profiles/repo_name --
a_main
-- repos/a_main/metadata/layout.conf --
masters =
profile-formats = portage-2
-- repos/a_main/profiles/arch.list --
x86
-- repos/a_main/profiles/base/make.defaults --
ARCH=x86
ACCEPT_KEYWORDS=x86
`

func nodes(root string, c *profiles.Config) []string {
	var list []string
	for _, n := range c.Nodes {
		path := strings.TrimPrefix(n.Path, root+"/")
		list = append(list, strings.TrimPrefix(path, "repos/"))
	}
	return list
}

func TestStack(t *testing.T) {
	tests := []struct {
		name, archive string
		want          []string
	}{
		{"symbolic link", `
-- repos/a_main/profiles/x86/parent --
../base
-- etc/portage/make.profile --
-> ../../repos/a_main/profiles/x86
`, []string{"a_main/profiles/base", "a_main/profiles/x86"}},
		{"directory of the user, parents in two repositories", `
-- repos/b/profiles/repo_name --
b
-- repos/b/metadata/layout.conf --
masters = a_main
profile-formats = portage-2
-- repos/b/profiles/top/parent --
a_main:base
:mixin
-- repos/b/profiles/mixin/eapi --
8
-- etc/portage/make.profile/parent --
# what we build
b:top
`, []string{"a_main/profiles/base", "b/profiles/mixin", "b/profiles/top", "etc/portage/make.profile"}},
		{"a parent twice", `
-- repos/a_main/profiles/l/parent --
../base
-- repos/a_main/profiles/r/parent --
../base
-- etc/portage/make.profile/parent --
a_main:l
a_main:r
`, []string{"a_main/profiles/base", "a_main/profiles/l", "a_main/profiles/base", "a_main/profiles/r", "etc/portage/make.profile"}},
		{"old place, user profile last", `
-- etc/make.profile/parent --
a_main:base
-- etc/portage/profile/use.mask --
x
`, []string{"a_main/profiles/base", "etc/make.profile", "etc/portage/profile"}},
		{"no profile", `
-- etc/portage/profile/use.mask --
x
`, nil},
	}
	for _, tt := range tests {
		root := profilestest.Lay(t, mainRepo+tt.archive)
		c := profilestest.Load(t, root)
		if diff := cmp.Diff(tt.want, nodes(root, c)); diff != "" {
			t.Errorf("%s: nodes: -want +got\n%s", tt.name, diff)
		}
	}
}

func TestStackErrors(t *testing.T) {
	tests := []struct {
		archive string
		want    error
		place   string // file:line
		culprit string
	}{
		{`
-- etc/portage/make.profile/parent --

a_main:none
`, profiles.ErrUnknownParent, "etc/portage/make.profile/parent:2", "a_main:none"},
		{`
-- etc/portage/make.profile/parent --
nobody:base
`, profiles.ErrUnknownRepo, "etc/portage/make.profile/parent:1", "nobody:base"},
		{`
-- repos/a_main/profiles/x/parent --
../y
-- repos/a_main/profiles/y/parent --
../base
../x
-- etc/portage/make.profile/parent --
a_main:x
`, profiles.ErrParentLoop, "repos/a_main/profiles/y/parent:2", "profiles/x"},
		{`
-- etc/portage/make.profile/parent --
# nothing
`, profiles.ErrEmptyParent, "etc/portage/make.profile/parent", ""},
		{`
-- repos/a_main/profiles/x/eapi --
99
-- etc/portage/make.profile/parent --
a_main:x
`, profiles.ErrUnsupportedEAPI, "repos/a_main/profiles/x/eapi:1", "99"},
		{`
-- repos/a_main/profiles/x/parent --
../base/make.defaults
-- etc/portage/make.profile/parent --
a_main:x
`, profiles.ErrUnknownParent, "repos/a_main/profiles/x/parent:1", "../base/make.defaults"},
		{`
-- repos/b/profiles/repo_name --
b
-- repos/b/metadata/layout.conf --
masters =
profile-formats = portage-1
-- repos/b/profiles/x/parent --
a_main:base
-- etc/portage/make.profile/parent --
../../../repos/b/profiles/x
`, profiles.ErrUnknownParent, "repos/b/profiles/x/parent:1", "a_main:base"},
	}
	for _, tt := range tests {
		root := profilestest.Lay(t, mainRepo+tt.archive)
		_, err := profiles.Load(profilestest.Options(t, root))
		if !errors.Is(err, tt.want) {
			t.Errorf("Load of %s = %v, want %v", tt.archive, err, tt.want)
			continue
		}
		for _, part := range []string{filepath.Join(root, tt.place) + ": ", tt.culprit} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("error %q does not name %q", err, part)
			}
		}
	}
}

// TestDirectories checks which nodes may have directories for files.
func TestDirectories(t *testing.T) {
	tests := []struct {
		formats, eapi string
		want          bool
	}{
		{"pms", "5", false},
		{"pms", "7", true},
		{"portage-1", "5", true},
		{"portage-2", "0", true},
		{"", "5", true}, // tolerated: no format is given
	}
	for _, tt := range tests {
		layout := "masters =\n"
		if tt.formats != "" {
			layout += "profile-formats = " + tt.formats + "\n"
		}
		root := profilestest.Lay(t, `
-- repos/r/profiles/repo_name --
r
-- repos/r/metadata/layout.conf --
`+layout+`
-- repos/r/profiles/p/eapi --
`+tt.eapi+`
-- repos/r/profiles/p/make.defaults --
ARCH=x86
-- repos/r/profiles/p/package.mask/one --
cat/pkg
-- etc/portage/make.profile --
-> ../../repos/r/profiles/p
`)
		c := profilestest.Load(t, root)
		masked := c.Masks.Masked(atoms.Candidate{CPV: cpv(t, "cat/pkg-1")}) != nil
		refused := slices.ContainsFunc(c.Warnings(), func(err error) bool { return errors.Is(err, linefile.ErrDirectory) })
		if masked != tt.want || refused == tt.want {
			t.Errorf("formats %q, EAPI %s: masked %v, refused %v; want %v, %v", tt.formats, tt.eapi, masked, refused, tt.want, !tt.want)
		}
	}
}

func TestDeprecation(t *testing.T) {
	const old = `
-- repos/a_main/profiles/old/deprecated --
default/new
Please move.
Soon.
-- repos/a_main/profiles/old/parent --
../base
`
	tests := []struct {
		archive, want string
	}{
		{`
-- etc/portage/make.profile --
-> ../../repos/a_main/profiles/old
`, "default/new"},
		{`
-- etc/portage/make.profile/parent --
a_main:old
`, "default/new"},
		{`
-- repos/a_main/profiles/child/parent --
../old
-- etc/portage/make.profile --
-> ../../repos/a_main/profiles/child
`, ""},
	}
	for _, tt := range tests {
		c := profilestest.Load(t, profilestest.Lay(t, mainRepo+old+tt.archive))
		got := ""
		if d := c.Deprecation(); d != nil {
			got = d.Replacement
			if d.Text != "Please move.\nSoon." {
				t.Errorf("Text = %q", d.Text)
			}
		}
		if got != tt.want {
			t.Errorf("%s: replacement %q, want %q", tt.archive, got, tt.want)
		}
	}
}

func TestProvided(t *testing.T) {
	c := profilestest.Load(t, profilestest.Lay(t, mainRepo+`
-- repos/a_main/profiles/base/package.provided --
cat/gone-1
cat/kept-2
-- repos/a_main/profiles/new/parent --
../base
-- repos/a_main/profiles/new/eapi --
8
-- repos/a_main/profiles/new/package.provided --
cat/forbidden-1
-- repos/a_main/profiles/new/soname.provided --
x86_64 liba.so.1 libb.so.2
-- etc/portage/make.profile/parent --
a_main:new
-- etc/portage/profile/package.provided --
-cat/gone-1
cat/kept-3
-- etc/portage/profile/soname.provided --
x86_64 -libb.so.2
`))
	if got := c.Provided("cat/kept"); len(got) != 2 || got[1].String() != "cat/kept-3" {
		t.Errorf("Provided(cat/kept) = %v", got)
	}
	if got := append(c.Provided("cat/gone"), c.Provided("cat/forbidden")...); len(got) > 0 {
		t.Errorf("provided: %v", got)
	}
	if !c.SonameProvided("x86_64: liba.so.1") || c.SonameProvided("x86_64: libb.so.2") {
		t.Error("wrong sonames")
	}
	if len(c.Warnings()) != 1 || !strings.Contains(c.Warnings()[0].Error(), "new/package.provided: file without meaning in EAPI 8") {
		t.Errorf("warnings: %v", c.Warnings())
	}
}

func cpv(tb testing.TB, text string) atoms.CPV {
	tb.Helper()
	v, err := atoms.ParseCPV(text)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}
