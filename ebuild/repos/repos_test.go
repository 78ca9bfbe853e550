package repos_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// lay writes the files of a txtar text into a new folder and gives its path.
// "$DIR" in a file is the folder.
func lay(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	for _, f := range txtar.Parse([]byte(text)).Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		data := strings.ReplaceAll(string(f.Data), "$DIR", dir)
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// load reads the file conf of the folder.
func load(dir string) *repos.Config {
	return repos.Load(repos.Options{UserPath: filepath.Join(dir, "conf"), Root: "/", ConfigRoot: "/", EPrefix: dir})
}

// summary tells the repositories in order, one a line.
func summary(c *repos.Config) string {
	var b strings.Builder
	for _, r := range c.Repos {
		fmt.Fprintf(&b, "%s %d", r.Name, r.Priority)
		for _, m := range r.Masters {
			b.WriteString(" <" + m.Name)
		}
		for _, a := range r.Aliases {
			b.WriteString(" =" + a)
		}
		if r == c.Main {
			b.WriteString(" main")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func problems(dir string, errs []error) string {
	var b strings.Builder
	for _, e := range errs {
		b.WriteString(strings.ReplaceAll(e.Error(), dir+"/", "") + "\n")
	}
	return b.String()
}

func TestLoad(t *testing.T) {
	const three = `
-- a/profiles/repo_name --
a
-- b/profiles/repo_name --
b
-- b/metadata/layout.conf --
masters = a
-- c/profiles/repo_name --
c
-- c/metadata/layout.conf --
masters =
`
	for _, c := range []struct{ name, files, want, problems string }{
		{"priorities", three + `
-- conf --
[DEFAULT]
main-repo = b
[c]
location = $DIR/c
[b]
location = %(EPREFIX)s/b
[a]
location : %(eprefix)s/a
priority = -1
`, "b -1000 <a main\na -1 <b\nc 0\n", `a/metadata/layout.conf: masters is not set; taking the main repository b
b/metadata/layout.conf: loop of masters: "b -> a -> b"
`},
		{"equal priorities go by name", three + `
-- conf/20-c.conf --
[c]
location = $DIR/c
priority = 5
-- conf/10-b.conf --
[b]
location = $DIR/b
priority = 5
masters =
-- conf/.hidden --
[broken
-- conf/x~ --
[broken
`, "b 5\nc 5\n", ""},
		{"later files override", three + `
-- conf/1 --
[a]
location = $DIR/none
priority = 1
-- conf/2 --
[a]
location = $DIR/a
`, "a 1\n", ""},
		{"bad sections do not hide others", three + `
-- d/metadata/layout.conf --
masters = a nowhere d
-- e/profiles/repo_name --
E!x
-- conf --
stray = 1
[a]
location = $DIR/a
what
priority = high
[nolocation]
sync-type = git
[gone]
location = $DIR/gone
[other]
location = $DIR/b
[d]
location = $DIR/d
sync-uri = %(nothing)s
[E-x]
location = $DIR/e
masters = a
[rel]
location = a
`, "E-x 0 <a\na 0\nd 0 <a\n", `conf:1: option before the first section: "stray = 1"
conf:4: expected "option = value": "what"
conf:2: priority is not a number: "high"
conf:14: section d: unknown reference "nothing": "sync-uri"
e/profiles/repo_name:1: not a valid repository name: "E!x"
conf:6: section has no location: "nolocation"
conf:8: location "gone" is not a directory: "gone"
conf:10: section is named otherwise than the repository, b in b: "other"
conf:18: location "a" is not an absolute path: "rel"
d/metadata/layout.conf: master repository of d is not available: "nowhere"
`},
		{"aliases", `
-- a/profiles/repo_name --
a
-- a/metadata/layout.conf --
masters =
aliases = x y z
-- b/profiles/repo_name --
b
-- b/metadata/layout.conf --
masters = x
aliases = a
-- conf --
[y]
location = $DIR/a
aliases = -z w
[b]
location = $DIR/b
[a-copy]
location = $DIR/a
`, "a 0 =w =x =y\nb 0 <a =a\n", `conf:6: section is named otherwise than the repository, a in a: "a-copy"
conf:4: name or alias is already that of repository a: "a"
`},
		{"layout names the repository", `
-- a/profiles/repo_name --
a
-- a/metadata/layout.conf --
masters =
repo-name = other
-- conf --
[other]
location = $DIR/a
`, "other 0\n", ""},
		{"no name takes the section", `
-- a/metadata/layout.conf --
masters =
-- conf --
[sect]
location = $DIR/a
`, "sect 0\n", ""},
		{"continuation, comments, duplicates", three + `
-- conf --
# comment
[c]
location = $DIR/c
   ; comment
aliases = one

  two
priority = 1
PRIORITY = 2
[c]
auto-sync = no
`, "c 2 =one =two\n", "conf:9: given twice; the last one is used: \"priority\"\nconf:10: given twice; the last one is used: \"[c]\"\n"},
		{"main repository missing", three + `
-- conf --
[DEFAULT]
main-repo = nope
[b]
location = $DIR/b
`, "b 0\n", "conf:2: main-repo is not a usable repository: \"nope\"\nb/metadata/layout.conf: master repository of b is not available: \"a\"\n"},
		{"defaults are inherited", three + `
-- conf --
[c]
location = $DIR/c
[DEFAULT]
priority = 7
`, "c 7\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := lay(t, c.files)
			got := load(dir)
			if diff := cmp.Diff(c.want, summary(got)); diff != "" {
				t.Errorf("repositories (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.problems, problems(dir, got.Problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestText(t *testing.T) {
	dir := lay(t, "-- a/profiles/repo_name --\na\n-- a/metadata/layout.conf --\nmasters=\n-- conf --\n[b]\nlocation=$DIR/b\n")
	text := "[DEFAULT]\nmain-repo = a\n[a]\nlocation = " + dir + "/a\nsync-type = git\nx = 50%%\n"
	c := repos.Load(repos.Options{Text: &text, UserPath: filepath.Join(dir, "conf"), Portdir: dir + "/b"})
	if got := summary(c); got != "a -1000 main\n" || len(c.Problems) > 0 {
		t.Errorf("got %q, %v", got, c.Problems)
	}
	a := c.Get("a")
	if a.Option("sync-type") != "git" || a.Option("x") != "50%" || a.Option("none") != "" || !a.AutoSync {
		t.Errorf("options %+v", a.Options)
	}
}

func TestBuiltIn(t *testing.T) {
	dir := lay(t, "-- var/db/repos/gentoo/profiles/repo_name --\ngentoo\n")
	if got := summary(load(dir)); got != "gentoo -1000 main\n" {
		t.Errorf("built-in: %q", got)
	}
	if c := load(t.TempDir()); len(c.Repos) > 0 || len(c.Problems) > 0 {
		t.Errorf("nothing there: %v, %v", c.Repos, c.Problems)
	}
	if err := os.WriteFile(filepath.Join(dir, "global"), []byte("[DEFAULT]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := repos.Load(repos.Options{GlobalPath: filepath.Join(dir, "global"), EPrefix: dir})
	if len(c.Repos) > 0 {
		t.Errorf("a packaged repos.conf replaces the built-in one, got %q", summary(c))
	}
}

func TestOverlays(t *testing.T) {
	dir := lay(t, `
-- main/profiles/repo_name --
main
-- one/profiles/repo_name --
one
-- one/metadata/layout.conf --
masters = main
-- two/profiles/repo_name --
two
-- two/metadata/layout.conf --
masters = main
-- conf --
[two]
location = $DIR/elsewhere
aliases = zwei
`)
	c := repos.Load(repos.Options{
		UserPath: filepath.Join(dir, "conf"), Portdir: dir + "/main/",
		Overlays: []string{dir + "/two", dir + "/none", dir + "/one"},
	})
	if got, want := summary(c), "main -1000 main\ntwo 0 <main =zwei\none 1 <main\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := problems(dir, c.Problems), "none: PORTDIR_OVERLAY: not a directory\n"; got != want {
		t.Errorf("problems %q, want %q", got, want)
	}
}

func TestEclassLocations(t *testing.T) {
	dir := lay(t, `
-- a/metadata/layout.conf --
masters =
-- b/metadata/layout.conf --
masters = a
-- c/metadata/layout.conf --
masters = b a
-- conf --
[a]
location = $DIR/a
[b]
location = $DIR/b
eclass-overrides = c none
[c]
location = $DIR/c
[d]
location = $DIR/d
masters = d a
`)
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	c := load(dir)
	for _, w := range []struct{ repo, want string }{{"a", "a"}, {"b", "a b c"}, {"c", "b a c"}, {"d", "d a"}} {
		got := strings.Join(c.Get(w.repo).EclassLocations, " ")
		if got = strings.ReplaceAll(got, dir+"/", ""); got != w.want {
			t.Errorf("eclass locations of %s = %q, want %q", w.repo, got, w.want)
		}
	}
	if got := problems(dir, c.Problems); !strings.Contains(got, `repository of eclass-overrides is not available: "none"`) {
		t.Errorf("problems %q", got)
	}
}

func TestCategories(t *testing.T) {
	dir := lay(t, `
-- a/profiles/categories --
app-a
app-b # comment
-- a/metadata/layout.conf --
masters =
-- b/profiles/categories --
-app-b
app-c
bad/name
-- b/metadata/layout.conf --
masters =
-- user/categories --
app-z
-- conf --
[DEFAULT]
main-repo = a
[a]
location = $DIR/a
[b]
location = $DIR/b
`)
	got, errs := load(dir).Categories(filepath.Join(dir, "user"))
	if diff := cmp.Diff([]string{"app-a", "app-c", "app-z"}, got); diff != "" {
		t.Errorf("Categories (-want +got):\n%s", diff)
	}
	if p, want := problems(dir, errs), "b/profiles/categories:3: not a valid category name: \"bad/name\"\n"; p != want {
		t.Errorf("problems %q, want %q", p, want)
	}
}

func TestCorpus(t *testing.T) {
	trees := sharedtest.Path(t, "corpus/flatcar/trees")
	conf := sharedtest.Path(t, "corpus/flatcar/config/amd64-usr/etc/portage/repos.conf")
	var text strings.Builder
	entries, err := os.ReadDir(conf)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(conf, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(strings.ReplaceAll(string(data), "${TREES}", trees))
	}
	s := text.String()
	c := repos.Load(repos.Options{Text: &s})
	if got, want := summary(c), "portage-stable -1000 main\ncoreos-overlay 0 <portage-stable\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, p := range c.Problems {
		if !strings.Contains(p.Error(), "masters is not set") {
			t.Errorf("problem: %v", p)
		}
	}
	if categories, errs := c.Categories(""); len(categories) < 100 || len(errs) > 0 {
		t.Errorf("%d categories, %v", len(categories), errs)
	}
}

// Raw configuration has what cannot be used here, and where it should be.
func TestRaw(t *testing.T) {
	text := "[DEFAULT]\nmain-repo = gone\n[gone]\nlocation = /no/such/folder\n[without]\n"
	for _, raw := range []bool{false, true} {
		c := repos.Load(repos.Options{Text: &text, Raw: raw})
		if got := c.Get("gone"); (got != nil) != raw || raw && (got.Location != "/no/such/folder" || c.Main != got) {
			t.Errorf("raw %v: %+v", raw, got)
		}
		if c.Get("without") != nil {
			t.Errorf("raw %v: a repository without location", raw)
		}
	}
}
