package profiles_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/profilestest"
)

// layered is a configuration that sets variables everywhere.
const layered = mainRepo + `
-- etc/portage/make.profile/parent --
a_main:base
-- etc/portage/make.profile/make.defaults --
USE="one two"
USE_EXPAND="VID"
VID="a b"
CONFIG_PROTECT="/profile"
PROFILE_ONLY_VARIABLES="GUARDED"
GUARDED="profile"
PLAIN="profile"
CHAIN="${PLAIN}+"
FEATURES="keepwork"
-- etc/portage/make.profile/use.force --
forced
-- etc/portage/make.profile/use.mask --
two
-- etc/portage/make.conf --
FEATURES="
	ccache
	-keepwork
"
source ${ROOT}/etc/portage/more.conf
GUARDED="user"
PLAIN="${PLAIN} user"
__private="x"
ACCEPT_LICENSE="A * -B"
USE="three -vid_a"
-- etc/portage/more.conf --
SOURCED="yes"
CONFIG_PROTECT="/user -/profile"
-- etc/profile.env --
export CONFIG_PROTECT='/usr/share/config $X'
export PLAIN='env.d'
export ONLY='env.d'
-- etc/portage/package.use --
*/* four -three
cat/pkg five
-- etc/portage/package.license --
*/* C
`

func TestVars(t *testing.T) {
	root := profilestest.Lay(t, layered)
	o := profilestest.Options(t, root)
	o.Env = map[string]string{"GUARDED": "env", "FEATURES": "distcc", "TERM": "dumb", "ONLY": "env.d", "EAPI": "x"}
	o.Features = []string{"buildpkg", "-distcc"}
	c, err := profiles.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, want, origin string }{
		{"USE", "forced four one vid_b x86", ""},
		{"VID", "b", "etc/portage/make.profile/make.defaults:3"},
		{"CONFIG_PROTECT", "$X /etc /user /usr/share/config", "etc/portage/more.conf:2"},
		{"GUARDED", "profile", "etc/portage/make.profile/make.defaults:6"},
		{"PLAIN", "profile user", "etc/portage/make.conf:7"},
		{"CHAIN", "profile+", "etc/portage/make.profile/make.defaults:8"},
		{"SOURCED", "yes", "etc/portage/more.conf:1"},
		{"__private", "", ""},
		{"ACCEPT_LICENSE", "* -B C", "etc/portage/package.license:1"},
		{"ONLY", "env.d", "etc/profile.env:3"},
		{"TERM", "dumb", "env"},
		{"EAPI", "", ""},
		{"ROOT", root + "/", "fixed"},
		{"PORTDIR", root + "/repos/a_main", "fixed"},
		{"PKGDIR", "/var/cache/binpkgs", "globals"},
		{"PORTAGE_ARCHLIST", "x86", "conf"},
	}
	for _, tt := range tests {
		v, _ := c.Vars.Lookup(tt.name)
		if v.Text != tt.want || c.Get(tt.name) != tt.want {
			t.Errorf("Get(%s) = %q, want %q", tt.name, v.Text, tt.want)
		}
		got := strings.TrimPrefix(v.Origin.String(), root+"/")
		if tt.origin != "" && got != tt.origin {
			t.Errorf("origin of %s = %s, want %s", tt.name, got, tt.origin)
		}
	}
	for name, want := range map[string]bool{"ccache": true, "keepwork": false, "distcc": false, "buildpkg": true, "sandbox": true} {
		if c.Feature(name) != want || slices.Contains(c.Features(), name) != want {
			t.Errorf("Feature(%s) = %v, want %v", name, c.Feature(name), want)
		}
	}
	if len(c.Warnings()) > 0 {
		t.Errorf("warnings: %v", c.Warnings())
	}
}

// TestWordOrigins asks where single words of sets come from.
func TestWordOrigins(t *testing.T) {
	root := profilestest.Lay(t, layered)
	c := profilestest.Load(t, root)
	want := map[string]string{
		"ccache": "etc/portage/make.conf:2", "four": "etc/portage/package.use:1",
		"one": "etc/portage/make.profile/make.defaults:1", "forced": "etc/portage/make.profile/use.force:1",
		"vid_b": "etc/portage/make.profile/make.defaults:3",
	}
	got := make(map[string]string)
	for _, name := range []string{"USE", "FEATURES"} {
		v, _ := c.Vars.Lookup(name)
		for _, w := range v.Words {
			if _, asked := want[w.Text]; asked {
				got[w.Text] = strings.TrimPrefix(w.Pos.String(), root+"/")
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestGlobals(t *testing.T) {
	root := profilestest.Lay(t, layered+`
-- globals/make.globals --
PKGDIR="${EROOT}pkgs"
CONFIG_PROTECT="/globals"
`)
	o := profilestest.Options(t, root)
	o.GlobalsDir = filepath.Join(root, "globals")
	c, err := profiles.Load(o)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"PKGDIR": root + "/pkgs", "CONFIG_PROTECT": "$X /globals /user /usr/share/config",
		"DISTDIR": "", "ACCEPT_PROPERTIES": "*", "ACCEPT_RESTRICT": "",
	} {
		if got := c.Get(name); got != want {
			t.Errorf("Get(%s) = %q, want %q", name, got, want)
		}
	}
}

// TestRootFromMakeConf lets make.conf choose the root and the repositories.
func TestRootFromMakeConf(t *testing.T) {
	root := profilestest.Lay(t, mainRepo+`
-- target/etc/profile.env --
MANPATH="/target"
-- etc/portage/make.conf --
ROOT="${ROOT}/target"
PORTDIR_OVERLAY="'${ROOT}/over lay'"
-- etc/portage/repos.conf --
[DEFAULT]
main-repo = a_main
[a_main]
location = ${ROOT}/repos/a_main
-- over lay/profiles/repo_name --
over
-- over lay/metadata/layout.conf --
masters = a_main
-- etc/portage/make.profile/parent --
a_main:base
`)
	c, err := profiles.Load(profiles.Options{ConfigRoot: root})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"ROOT": root + "/target/", "EROOT": root + "/target/", "SYSROOT": "/", "MANPATH": "/target",
		"PORTDIR": root + "/repos/a_main", "PORTDIR_OVERLAY": "'" + root + "/over lay'",
	} {
		if got := c.Get(name); got != want {
			t.Errorf("Get(%s) = %q, want %q", name, got, want)
		}
	}
	if got := c.RepoChain("over"); !slices.Equal(got, []string{"over", "a_main"}) {
		t.Errorf("RepoChain(over) = %v", got)
	}
	if _, err := profiles.Load(profiles.Options{ConfigRoot: root, Root: "/", Sysroot: root}); err == nil {
		t.Error("SYSROOT elsewhere with ROOT=/ is no error")
	}
}

func TestPackageEnv(t *testing.T) {
	root := profilestest.Lay(t, layered+`
-- repos/a_main/profiles/make.defaults --
REPO_SAYS="${PKGDIR}"
-- etc/portage/package.env --
cat/pkg one.conf sub/two.conf
>=cat/pkg-2 missing.conf
*/* all.conf
-- etc/portage/env/one.conf --
FEATURES="-ccache nostrip"
CFLAGS="-O1"
SLOT="9"
GUARDED="env"
-- etc/portage/env/sub/two.conf --
CFLAGS="${CFLAGS} -g"
FEATURES="splitdebug"
-- etc/portage/env/all.conf --
FEATURES="keeptemp"
EVERYWHERE="yes"
`)
	c := profilestest.Load(t, root)
	p := atoms.Candidate{CPV: cpv(t, "cat/pkg-1"), Slot: "0", Repo: "a_main"}
	vars := c.PackageVars(p)
	for name, want := range map[string]string{"CFLAGS": "-O1 -g", "SLOT": "", "GUARDED": "profile", "EVERYWHERE": "yes", "REPO_SAYS": "/var/cache/binpkgs"} {
		if got := vars.Get(name); got != want {
			t.Errorf("Get(%s) = %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]bool{"ccache": false, "nostrip": true, "splitdebug": true, "keeptemp": true, "sandbox": true} {
		if got := c.FeatureFor(p, name); got != want {
			t.Errorf("FeatureFor(%s) = %v, want %v", name, got, want)
		}
	}
	other := atoms.Candidate{CPV: cpv(t, "cat/other-1"), Slot: "0"}
	if c.PackageVars(other) != c.Vars {
		t.Error("a package without settings of its own has variables of its own")
	}
	if !c.FeatureFor(other, "ccache") || !c.Feature("keeptemp") {
		t.Error("wrong FEATURES of other packages")
	}
	var got []string
	for _, w := range c.Warnings() {
		got = append(got, strings.ReplaceAll(w.Error(), root+"/", ""))
	}
	want := []string{
		`etc/portage/env/one.conf:3: variable must not be set here: "SLOT"`,
		`etc/portage/env/one.conf:4: variable must not be set here: "GUARDED"`,
	}
	if len(got) != 3 || !slices.Equal(got[:2], want) || !strings.Contains(got[2], "env/missing.conf") {
		t.Errorf("warnings: %q", got)
	}
}

func TestFeatureWords(t *testing.T) {
	c := profilestest.Load(t, profilestest.Lay(t, mainRepo+`
-- etc/portage/make.profile/parent --
a_main:base
-- etc/portage/make.conf --
FEATURES="unknown-features-filter bogus +ccache"
ACCEPT_KEYWORDS="~amd65"
ACCEPT_LICENSE="@NONE"
-- repos/a_main/profiles/license_groups --
FREE A
`))
	if c.Feature("bogus") || !c.Feature("ccache") {
		t.Errorf("FEATURES = %v", c.Features())
	}
	var culprits []string
	for _, w := range c.Warnings() {
		text := w.Error()
		culprits = append(culprits, text[strings.LastIndexByte(text, ' ')+1:])
	}
	slices.Sort(culprits)
	if want := []string{`"+ccache"`, `"@NONE"`, `"bogus"`, `"~amd65"`}; !slices.Equal(culprits, want) {
		t.Errorf("culprits %v, want %v", culprits, want)
	}
}

func TestShellWords(t *testing.T) {
	for _, words := range [][]string{nil, {"a", "b c", "d'e", `f"g\h`, ""}, {"$x", "é"}} {
		if got := profiles.SplitShell(profiles.QuoteShell(words)); !slices.Equal(got, words) {
			t.Errorf("round trip of %q = %q", words, got)
		}
	}
	if got := profiles.SplitShell(`a\ b "c\"d\e" 'f\' g"h"`); !slices.Equal(got, []string{"a b", `c"d\e`, `f\`, "gh"}) {
		t.Errorf("SplitShell = %q", got)
	}
}

func FuzzShellWords(f *testing.F) {
	f.Add("a 'b c'", "d")
	f.Add(`\`, `'"`)
	f.Fuzz(func(t *testing.T, text, word string) {
		profiles.SplitShell(text)
		if got := profiles.SplitShell(profiles.QuoteShell([]string{word, text})); !slices.Equal(got, []string{word, text}) {
			t.Errorf("round trip of %q, %q = %q", word, text, got)
		}
	})
}
