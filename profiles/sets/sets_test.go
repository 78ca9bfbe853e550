package sets_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/profiles"
	"github.com/tumpline/tumpline/profiles/profilestest"
	"github.com/tumpline/tumpline/profiles/sets"
)

// A store yields packages written as "cat/pkg-1 KEY=value KEY=value".
type store map[atoms.CP][]*ebuild.Package

func newStore(t *testing.T, origin ebuild.Origin, lines ...string) store {
	t.Helper()
	s := store{}
	for _, line := range lines {
		words := strings.Split(line, "; ")
		cpv, err := atoms.ParseCPV(words[0])
		if err != nil {
			t.Fatal(err)
		}
		m := ebuild.Map{"EAPI": "8", "SLOT": "0"}
		for _, w := range words[1:] {
			key, value, _ := strings.Cut(w, "=")
			m[key] = value
		}
		repo := "r"
		if m["repository"] != "" {
			repo = m["repository"]
		}
		s[cpv.CP] = append(s[cpv.CP], ebuild.New(cpv, repo, origin, m))
	}
	return s
}

func (s store) Packages(cp atoms.CP) ([]*ebuild.Package, error) { return s[cp], nil }

func (s store) CPs() ([]atoms.CP, error) {
	var list []atoms.CP
	for cp := range s {
		list = append(list, cp)
	}
	slices.Sort(list)
	return list, nil
}

// members writes atoms and nested sets of a set on one line, problems after it.
func members(c *sets.Config, name string) string {
	s := c.Set(name)
	if s == nil {
		return "no such set"
	}
	m := s.Members()
	var words []string
	for _, a := range m.Atoms {
		words = append(words, a.String())
	}
	for _, n := range m.Nested {
		words = append(words, "@"+n)
	}
	out := strings.Join(words, " ")
	for _, p := range m.Problems {
		out += "\n! " + p.Error()
	}
	return out
}

func TestStockSets(t *testing.T) {
	c := sets.Load(sets.Options{Root: "/none", ConfigRoot: "/none"})
	if p := c.Problems(); len(p) > 0 {
		t.Error(p)
	}
	want := strings.Fields(`changed-deps changed-subslot deprecated-live-rebuild downgrade golang-rebuild installed
		live-rebuild module-rebuild preserved-rebuild profile rebuilt-binaries rust-rebuild security selected
		selected-packages selected-sets system unavailable world x11-module-rebuild`)
	if d := cmp.Diff(want, c.Names()); d != "" {
		t.Error(d)
	}
	if got := members(c, "world"); got != "@profile @selected @system" {
		t.Errorf("@world is %s", got)
	}
	if got := members(c, "installed"); got != "\n! installed packages cannot be asked for here" {
		t.Errorf("@installed is %s", got)
	}
}

func TestUserSets(t *testing.T) {
	dir := profilestest.LayFiles(t, map[string]string{
		"etc/portage/sets/mine":          "# c\na/b extra\n  >=a/c-1:2::r\n@other\n!a/d\nnonsense\n*/*\n",
		"etc/portage/sets/other":         "a/e\n",
		"etc/portage/sets/sub/x":         "a/f\n",
		"etc/portage/sets/.hidden":       "a/g\n",
		"etc/portage/sets/mine.metadata": "description:\n  My own\n  set\n",
		"etc/portage/sets.conf":          "[dummy]\nclass = portage.sets.base.DummyPackageSet\npackages = a/x @mine\nworld-candidate = yes\n[world]\npackages = @selected\n",
		"repo/sets.conf":                 "[repo]\nclass = portage.sets.files.StaticFileSet\nfilename = ${repository:r}/sets/file\n[none]\nfilename = ${repository:q}/x\n",
		"repo/sets/file":                 "a/r\n",
	})
	c := sets.Load(sets.Options{
		Root: dir, ConfigRoot: dir,
		Repos: repos.Load(repos.Options{Text: new(string)}),
	})
	for name, want := range map[string]string{
		"mine":    "",
		"other":   "a/e",
		"sub/x":   "a/f",
		"dummy":   "a/x @mine",
		"world":   "@selected",
		"repo":    "no such set",
		".hidden": "no such set",
	} {
		got := members(c, name)
		if name == "mine" {
			first, rest, _ := strings.Cut(got, "\n")
			if first != ">=a/c-1:2::r a/b @other" || strings.Count(rest, "!") < 3 || !strings.Contains(rest, "/sets/mine:5: ") {
				t.Errorf("@mine is %s", got)
			}
		} else if got != want {
			t.Errorf("@%s is %s, want %s", name, got, want)
		}
	}
	if s := c.Set("mine"); !s.WorldCandidate || !s.Unmerge || s.Section != "usersets" || s.Description != "My own set" {
		t.Errorf("@mine: %+v", s)
	}
	if s := c.Set("dummy"); !s.WorldCandidate || s.Unmerge {
		t.Errorf("@dummy: %+v", s)
	}
}

func TestRepositorySets(t *testing.T) {
	dir := profilestest.LayFiles(t, map[string]string{
		"repo/sets.conf":            "[repo]\nclass = portage.sets.files.StaticFileSet\nfilename = ${repository:r}/sets/file\n[none]\nfilename = ${repository:q}/x\n",
		"repo/sets/file":            "a/r\n",
		"repo/profiles/repo_name":   "r\n",
		"repo/metadata/layout.conf": "masters =\n",
	})
	text := "[r]\nlocation = " + dir + "/repo\n"
	c := sets.Load(sets.Options{Root: dir, ConfigRoot: dir, Repos: repos.Load(repos.Options{Text: &text})})
	if got := members(c, "repo"); got != "a/r" {
		t.Errorf("@repo is %s", got)
	}
	if p := c.Problems(); len(p) != 1 || !errors.Is(p[0], sets.ErrOption) || !strings.Contains(p[0].Error(), "sets.conf:4: ") {
		t.Errorf("problems %v", p)
	}
}

func TestBrokenSections(t *testing.T) {
	dir := profilestest.LayFiles(t, map[string]string{"etc/portage/sets.conf": `[a]
class = portage.sets.none.None
[b]
class = portage.sets.files.StaticFileSet
[c]
class = portage.sets.files.WorldSelectedSet
multiset = yes
[d]
class = portage.sets.dbapi.VariableSet
variable = PROPERTIES
[e]
class = base.DummyPackageSet
name = world
packages = x/y
[f]
class = base.DummyPackageSet
world-candidate = maybe
[g]
class = dbapi.DateSet
date = 2024-01-02
dateformat = %%Q
`})
	c := sets.Load(sets.Options{Root: dir, ConfigRoot: dir})
	var got []string
	for _, p := range c.Problems() {
		got = append(got, strings.TrimPrefix(p.Error(), dir+"/etc/portage/"))
	}
	want := []string{
		`sets.conf:1: unknown class of sets: none.None: "a"`,
		`sets.conf:3: option is missing or invalid: filename: "b"`,
		`sets.conf:5: the class does not support multiset: files.WorldSelectedSet: "c"`,
		`sets.conf:8: option is missing or invalid: neither includes nor excludes: "d"`,
		`sets.conf:11: set is declared twice; the last one is used: world, also by section world: "e"`,
		`sets.conf:15: not a truth value: world-candidate = maybe: "f"`,
		`sets.conf:18: option is missing or invalid: dateformat has unknown directive %Q: "g"`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got := members(c, "world"); got != "x/y" {
		t.Errorf("@world is %s", got)
	}
}

func TestProfileSets(t *testing.T) {
	dir := profilestest.LayFiles(t, map[string]string{
		"base/packages": "*a/b\n*a/c\na/d\n",
		"mid/packages":  "-*a/c\n*>=a/e-1\na/f\n-a/none\nbad line\n",
		"top/packages":  "-a/f\na/g\n",
		"user/packages": "*a/u\n",
	})
	seven, _ := eapi.Lookup("7")
	node := func(name string, formats ...string) *profiles.Node {
		return &profiles.Node{Path: filepath.Join(dir, name), EAPI: seven, EAPIName: "7", Formats: formats}
	}
	nodes := []*profiles.Node{node("base", "profile-set"), node("mid"), node("none"), node("top", "profile-set"), node("user")}
	c := sets.Load(sets.Options{Root: dir, ConfigRoot: dir, Nodes: nodes})
	if got, want := members(c, "system"), ">=a/e-1 a/b a/u\n! "+dir+"/mid/packages:5: "; !strings.HasPrefix(got, want) {
		t.Errorf("@system is %s", got)
	}
	if got := members(c, "profile"); got != "a/d a/g" {
		t.Errorf("@profile is %s", got)
	}
	nodes = append(nodes[:2:2], &profiles.Node{Path: profilestest.LayFiles(t, map[string]string{"packages": "-*\n*a/only\n"}), EAPI: seven, EAPIName: "7"})
	c = sets.Load(sets.Options{Root: dir, ConfigRoot: dir, Nodes: nodes})
	if got := strings.SplitN(members(c, "system"), "\n", 2)[0]; got != "a/only" {
		t.Errorf("@system after -* is %s", got)
	}
}

func TestQueries(t *testing.T) {
	dir := profilestest.LayFiles(t, map[string]string{"usr/lib64/xorg/modules/x": "", "usr/bin/Xorg": "", "etc/portage/sets.conf": `[young]
class = dbapi.AgeSet
mode = newer
age = 3
[before]
class = dbapi.DateSet
date = 1970-01-03 00:00
dateformat = %%Y-%%m-%%d %%H:%%M
[cat]
class = dbapi.CategorySet
category = c
[cats]
class = dbapi.CategorySet
multiset = yes
name_pattern = all-${category}
only_visible = false
[unavailable-binaries]
class = portage.sets.dbapi.UnavailableSet
metadata-source = bintree
[no-dev]
class = dbapi.VariableSet
variable = RDEPEND
includes = >=d/lib-2
excludes = d/evil
[printed]
class = shell.CommandOutputSet
command = echo
[consumers]
class = libs.LibraryFileConsumerSet
files = "/usr/lib/libx y.so"
`})
	const day = 24 * 3600
	installed := newStore(t, ebuild.OriginInstalled,
		"c/a-1; SLOT=0/1; PROPERTIES=live; BDEPEND=x/y[f] dev-lang/go:=; BUILD_TIME=86400; RDEPEND=>=d/lib-2",
		"c/a-2; SLOT=2; INHERITED=eutils git-r3; BUILD_TIME=864000; RDEPEND=|| ( >=d/lib-3:0/3= d/evil )",
		"d/new-9; BUILD_TIME=1; RDEPEND=d/x; USE=f",
		"d/gone-1; RDEPEND=d/x:0/5= d/y; USE=f",
		"dev-lang/go-1; BDEPEND=dev-lang/go",
	)
	ebuilds := newStore(t, ebuild.OriginEbuild,
		"c/a-1; SLOT=0/2; RDEPEND=>=d/lib-2", "c/a-2; SLOT=2; RDEPEND=|| ( >=d/lib-3:= d/evil )", "c/hidden-1; KEYWORDS=-",
		"d/new-8", "d/new-9; SLOT=1; RDEPEND=f? ( d/z )", "dev-lang/go-1",
	)
	binaries := newStore(t, ebuild.OriginBinary, "c/a-1; BUILD_TIME=86401", "d/new-9; BUILD_TIME=1")
	own := map[string][]*ebuild.Package{
		"/usr/lib64/xorg/modules": {installed["c/a"][1], installed["d/new"][0]},
		"/usr/bin/Xorg":           {installed["d/new"][0]},
	}
	c := sets.Load(sets.Options{Root: dir, ConfigRoot: dir, Queries: sets.Queries{
		Installed: installed, Ebuilds: ebuilds, Binaries: binaries,
		Visible: func(p *ebuild.Package) bool { return p.CP() != "c/hidden" },
		Owners: func(paths []string) (map[string][]*ebuild.Package, error) {
			out := map[string][]*ebuild.Package{}
			for _, p := range paths {
				out[p] = own[p]
			}
			return out, nil
		},
		Libraries:  libraries{installed},
		Advisories: advisories{ebuilds},
		Now:        time.Unix(11*day, 0),
		Output:     func(command string) (string, error) { return "a/b\n\n@world\n", nil },
	}})
	for name, want := range map[string]string{
		"installed":               "c/a:0 c/a:2 d/gone:0 d/new:0 dev-lang/go:0",
		"live-rebuild":            "c/a:0",
		"deprecated-live-rebuild": "c/a:2",
		"golang-rebuild":          "c/a:0",
		"rust-rebuild":            "",
		"changed-subslot":         "c/a:0",
		"downgrade":               "d/new:0",
		"unavailable":             "d/gone:0",
		"unavailable-binaries":    "c/a:2 d/gone:0 dev-lang/go:0",
		"rebuilt-binaries":        "c/a:0",
		"changed-deps":            "=d/new-9",
		"x11-module-rebuild":      "c/a:2",
		"module-rebuild":          "",
		"young":                   "c/a:2",
		"before":                  "c/a:0 d/gone:0 d/new:0 dev-lang/go:0",
		"cat":                     "c/a",
		"all-c":                   "c/a c/hidden",
		"all-d":                   "d/new",
		"no-dev":                  "c/a:0 c/a:2",
		"printed":                 "a/b @world",
		"preserved-rebuild":       "c/a:0",
		"consumers":               "d/new:0",
		"security":                "=c/a-2 =d/new-8 =d/new-9",
	} {
		if got := members(c, name); got != want {
			t.Errorf("@%s is %s, want %s", name, got, want)
		}
	}
	if p := c.Problems(); len(p) > 0 {
		t.Error(p)
	}
}

type libraries struct{ installed store }

func (libraries) Preserved() ([]string, error) {
	return []string{"/lib/old.so", "/lib/user-of-old.so"}, nil
}
func (libraries) Consumers(path string) ([]string, error) {
	switch path {
	case "/lib/old.so":
		return []string{"/lib/user-of-old.so", "/bin/a"}, nil
	case "/usr/lib/libx y.so":
		return []string{"/bin/new"}, nil
	}
	return nil, nil
}

func (l libraries) Owners(path string) ([]*ebuild.Package, error) {
	switch path {
	case "/bin/a":
		return l.installed["c/a"][:1], nil
	case "/lib/user-of-old.so", "/bin/new":
		return l.installed["d/new"], nil
	}
	return nil, nil
}

type advisories struct{ ebuilds store }

func (a advisories) All() ([]sets.Advisory, error) {
	upgrade := func(cp atoms.CP) func(bool) ([]*ebuild.Package, error) {
		return func(least bool) ([]*ebuild.Package, error) { return a.ebuilds[cp], nil }
	}
	return []sets.Advisory{
		{ID: "1", Vulnerable: true, Upgrades: upgrade("d/new")},
		{ID: "2", Vulnerable: true, Applied: true, Upgrades: upgrade("dev-lang/go")},
		{ID: "3", Vulnerable: true, Upgrades: func(bool) ([]*ebuild.Package, error) { return a.ebuilds["c/a"][1:], nil }},
		{ID: "4", Upgrades: upgrade("c/hidden")},
	}, nil
}

func TestGreedy(t *testing.T) {
	dir := profilestest.LayFiles(t, map[string]string{
		"file":                  "a/b\na/c:1\n@x\n",
		"etc/portage/sets.conf": "[s]\nfilename = %(ROOT)sfile\ngreedy = true\n",
	})
	c := sets.Load(sets.Options{Root: dir, ConfigRoot: dir, Queries: sets.Queries{
		Installed: newStore(t, ebuild.OriginInstalled, "a/b-1; SLOT=1", "a/b-2; SLOT=2/5", "a/c-1; SLOT=2"),
	}})
	if got := members(c, "s"); got != "a/b a/b:1 a/b:2 a/c:1 @x" {
		t.Errorf("@s is %s", got)
	}
}

func TestExpandAndFlatten(t *testing.T) {
	dir := profilestest.LayFiles(t, map[string]string{
		"etc/portage/sets/a":         "x/a\n@b\n@c\n",
		"etc/portage/sets/b":         "x/b\n@a\n",
		"etc/portage/sets/c":         "x/c\n@d\nx/a\n",
		"etc/portage/sets/d":         "x/d\n",
		"etc/portage/sets/e":         "x/e\n@missing\n",
		"var/lib/portage/world":      "x/w\n",
		"var/lib/portage/world_sets": "@a\n@d\n",
	})
	c := sets.Load(sets.Options{Root: dir, ConfigRoot: dir})
	names := func(list []*sets.Set) string {
		var b strings.Builder
		for _, s := range list {
			b.WriteString(s.Name + " ")
		}
		return b.String()
	}
	list, err := c.Expand("world", "b")
	if got := names(list); err != nil || got != "world system selected d a c b profile " {
		t.Errorf("Expand: %s, %v", got, err)
	}
	flat, err := c.Flatten("a")
	if got := fmt.Sprint(flat); err != nil || got != "[x/a x/b x/c x/d]" {
		t.Errorf("Flatten: %s, %v", got, err)
	}
	var missing *sets.NotFoundError
	if _, err := c.Expand("d", "e"); !errors.As(err, &missing) || missing.Name != "missing" || missing.In != "e" {
		t.Errorf("Expand with a missing set: %v", err)
	}
	if _, err := c.Flatten("none"); !errors.As(err, &missing) || missing.In != "" {
		t.Errorf("Flatten of a missing set: %v", err)
	}
}

func TestConfigure(t *testing.T) {
	dir := profilestest.LayFiles(t, map[string]string{"etc/portage/sets/mine": "a/b\n"})
	c := sets.Load(sets.Options{Root: dir, ConfigRoot: dir})
	a := sets.ParseArgument("@new{class=base.DummyPackageSet,packages=x/y}")
	if a.Name != "new" || len(a.Settings) != 1 {
		t.Fatalf("%+v", a)
	}
	if err := c.Configure(a.Settings[0]); err != nil {
		t.Fatal(err)
	}
	if got := members(c, "new"); got != "x/y" || c.Set("new").WorldCandidate {
		t.Errorf("@new is %s", got)
	}
	if err := c.Configure(sets.ParseArgument("@world{packages=a/c}").Settings[0]); err != nil {
		t.Fatal(err)
	}
	if got := members(c, "world"); got != "a/c" {
		t.Errorf("@world is %s", got)
	}
	if err := c.Configure(sets.Setting{Set: "mine"}); !errors.Is(err, sets.ErrMultiset) {
		t.Errorf("@mine: %v", err)
	}
	if err := c.Configure(sets.Setting{Set: "usersets", Options: map[string]string{"class": "base.DummyPackageSet", "packages": "q/q"}}); err != nil {
		t.Fatal(err)
	}
	if got := members(c, "usersets"); got != "q/q" {
		t.Errorf("@usersets is %s", got)
	}
	for text, want := range map[string]string{
		"@a":          "{a []}",
		"@a{b}c{d=e}": "{ac [{a map[b:True]} {c map[d:e]}]}",
		"@{b}":        "{{b} []}",
		"@a}b{":       "{a}b{ []}",
	} {
		if got := fmt.Sprint(sets.ParseArgument(text)); got != want {
			t.Errorf("ParseArgument(%q) = %s, want %s", text, got, want)
		}
	}
}
