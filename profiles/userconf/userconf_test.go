package userconf_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/profiles/profilestest"
	"github.com/tumpline/tumpline/profiles/shellconf"
	"github.com/tumpline/tumpline/profiles/userconf"
)

func ExampleParse() {
	text := linefile.ParseText("package.use", []byte(`# smaller
app-editors/vim -X VIDEO_CARDS: -* intel
`))
	entries, problems := userconf.Parse(text.WordLines(), userconf.User("package.use"))
	for _, e := range entries {
		fmt.Println(e.File, e.Line, e.Atom, e.Words, e.Comment)
	}
	fmt.Println(problems)
	// Output:
	// package.use 2 app-editors/vim [-X -video_cards_* video_cards_intel] [# smaller]
	// []
}

// show writes entries and problems, one on a line.
func show(entries []userconf.Entry, problems []error) string {
	var b strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&b, "%d %s\n", e.Line, strings.Join(append([]string{e.Text()}, e.Words...), " "))
	}
	for _, p := range problems {
		fmt.Fprintf(&b, "! %v\n", p)
	}
	return b.String()
}

func TestForms(t *testing.T) {
	old, _ := eapi.Lookup("0")
	seven, _ := eapi.Lookup("7")
	node := userconf.Profile{EAPI: seven}
	for _, c := range []struct {
		name string
		o    userconf.Options
		text string
		want string
	}{
		{"user mask", userconf.User("package.mask"), "a/b\n-a/b\n*/*::r\n=a/b-1-3\na/b[x]\na/b c\n",
			"1 a/b\n2 -a/b\n3 */*::r\n4 =a/b-1-3\n5 a/b[x]\n! f:6: "},
		{"user use", userconf.User("package.use"), "a/b x -y X: a -b Y_Z: c\na/b d\na/b[x] e\na/b\n",
			"1 a/b x -y x_a -x_b y_z_c\n2 a/b d\n4 a/b\n! f:3: "},
		{"user keywords", userconf.User("package.accept_keywords"), "a/b\na/b:2::r ~x86 **\n",
			"1 a/b\n2 a/b:2::r ~x86 **\n"},
		{"user license", userconf.User("package.license"), "a/b[x] GPL-2 @FREE -*\n",
			"1 a/b[x] GPL-2 @FREE -*\n"},
		{"profile mask", node.Options("package.mask"), "a/b\na/b::r\n*/b\na/b:2=\n",
			"1 a/b\n4 a/b:2=\n! f:2: \n! f:3: "},
		{"old profile mask", userconf.Profile{EAPI: old}.Options("package.mask"), "a/b\na/b:2\n",
			"1 a/b\n! f:2: "},
		{"profile use", node.Options("package.use.mask"), "a/b x -y X: -*\n",
			"1 a/b x -y\n! f:1: invalid USE flag for a/b: \"X:\"\n! f:1: invalid USE flag for a/b: \"-*\"\n"},
		{"user profile use", userconf.Profile{User: true}.Options("package.use"), "a/b x X: a\na/c y\na/b b\n*/* c\n",
			"1 a/b x x_a\n2 a/c y\n3 a/b x_b\n4 */* c\n"},
		{"packages", node.Options("packages"), "-*\n*a/b\na/b\n-*a/b\n-a/b\n*\n-\n",
			"1 -*\n2 *a/b\n3 a/b\n4 -*a/b\n5 -a/b\n! f:6: \n! f:7: "},
	} {
		entries, problems := userconf.Parse(linefile.ParseText("f", []byte(c.text)).WordLines(), c.o)
		if got := show(entries, problems); !sameStart(got, c.want) {
			t.Errorf("%s: Parse(%q) gives\n%swant\n%s", c.name, c.text, got, c.want)
		}
	}
}

// sameStart compares line by line; a wanted problem need only be a prefix,
// because the words of atom errors belong to package atoms.
func sameStart(got, want string) bool {
	g, w := strings.Split(strings.TrimSuffix(got, "\n"), "\n"), strings.Split(strings.TrimSuffix(want, "\n"), "\n")
	if len(g) != len(w) {
		return false
	}
	for i := range g {
		if g[i] != w[i] && !(strings.HasPrefix(w[i], "!") && strings.HasPrefix(g[i], w[i])) {
			return false
		}
	}
	return true
}

func TestReadDirectory(t *testing.T) {
	dir := profilestest.LayFiles(t, map[string]string{
		"package.mask/b":     "# one\n# two\na/b\n\na/c # tail\n",
		"package.mask/a/x":   "a/a\n",
		"package.mask/c":     "a/(\na/d\n",
		"package.mask/.h":    "a/h\n",
		"package.mask/CVS/x": "a/cvs\n",
	})
	entries, problems := userconf.Read(filepath.Join(dir, "package.mask"), userconf.User("package.mask"))
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "package.mask/c:1: ") {
		t.Errorf("problems %v", problems)
	}
	want := "1 a/a\n3 a/b\n5 a/c\n2 a/d\n"
	if d := cmp.Diff(want, show(entries, nil)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"# one", "# two"}, entries[1].Comment); d != "" || entries[2].Comment != nil {
		t.Errorf("comments %v and %v", entries[1].Comment, entries[2].Comment)
	}
	_, problems = userconf.Read(filepath.Join(dir, "package.mask"), userconf.Profile{}.Options("package.mask"))
	if len(problems) != 1 || !errors.Is(problems[0], linefile.ErrDirectory) {
		t.Errorf("a directory where a file belongs: %v", problems)
	}
	if entries, problems := userconf.Read(filepath.Join(dir, "none"), userconf.User("package.mask")); entries != nil || problems != nil {
		t.Errorf("missing file: %v, %v", entries, problems)
	}
}

func TestReadFlags(t *testing.T) {
	dir := profilestest.LayFiles(t, map[string]string{"use.mask": "# why\na\n-b\n@c\nd e\n\n+\n-f_x@y\n"})
	flags, problems := userconf.ReadFlags(filepath.Join(dir, "use.mask"), linefile.FileOnly)
	var got []string
	for _, f := range flags {
		got = append(got, fmt.Sprintf("%d %t %s %v", f.Line, f.Removed, f.Name, f.Comment))
	}
	if d := cmp.Diff([]string{"2 false a [# why]", "3 true b [# why]", "8 true f_x@y []"}, got); d != "" {
		t.Error(d)
	}
	if len(problems) != 3 || !errors.Is(problems[0], userconf.ErrFlag) {
		t.Errorf("problems %v", problems)
	}
}

func TestReadProvided(t *testing.T) {
	dir := profilestest.LayFiles(t, map[string]string{
		"1/package.provided": "a/a-1\na/b-2\na/b-3-r1\n",
		"2/package.provided": "-a/b-2\n-a/c-1\na/d\na/a-1\na/e-1:0\n",
		"3/package.provided": "a/f-1\n",
	})
	path := func(n string) string { return filepath.Join(dir, n, "package.provided") }
	got, problems := userconf.ReadProvided(linefile.FileOnly, path("1"), path("2"), path("none"), path("3"))
	var names []string
	for _, p := range got {
		names = append(names, p.CPV.String())
	}
	if d := cmp.Diff([]string{"a/a-1", "a/b-3-r1", "a/f-1"}, names); d != "" {
		t.Error(d)
	}
	if len(problems) != 2 || got[0].File != path("2") {
		t.Errorf("problems %v, a/a-1 from %s", problems, got[0].File)
	}
}

func TestReadEnv(t *testing.T) {
	dir := profilestest.LayFiles(t, map[string]string{
		"env/a": "A=1\nB=\"$X $A\"\n", "env/b": "source a\nC=$B\n", "env/bad": "A 1\n",
	})
	env := shellconf.Env{"X": "x"}
	files, problems := userconf.ReadEnv(dir, []string{"a", "none", "bad", "b"}, shellconf.Options{Env: env})
	if len(files) != 2 || len(problems) != 2 {
		t.Fatalf("%d files, problems %v", len(files), problems)
	}
	if got := files[1].Get("C"); got != "x 1" {
		t.Errorf("C is %q", got)
	}
	if d := cmp.Diff(shellconf.Env{"X": "x"}, env); d != "" {
		t.Errorf("the caller's environment changed: %s", d)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a/b x -y Z: a -b\n# c\n-*a/b\n*a/c\n")
	f.Add("*/*::r :\n-\n*\n")
	seven, _ := eapi.Lookup("7")
	f.Fuzz(func(t *testing.T, text string) {
		lines := linefile.ParseText("f", []byte(text)).WordLines()
		for _, o := range []userconf.Options{
			userconf.User("package.mask"), userconf.User("package.use"), userconf.User("package.env"),
			userconf.Profile{EAPI: seven}.Options("packages"), userconf.Profile{User: true}.Options("package.use"),
		} {
			entries, _ := userconf.Parse(lines, o)
			again := make([]linefile.Line, len(entries))
			for i, e := range entries {
				again[i] = linefile.Line{File: e.File, Number: e.Line, Words: append([]string{e.Text()}, e.Words...)}
			}
			if o.Groups != userconf.GroupNone {
				continue // resolved groups may end in a colon again
			}
			second, problems := userconf.Parse(again, o)
			if d := cmp.Diff(show(entries, nil), show(second, problems)); d != "" {
				t.Errorf("%q, %s: %s", text, o.Form, d)
			}
		}
	})
}

// corpus calls visit for every package.* file of the shared repositories and
// configurations.
func corpus(tb testing.TB, visit func(path, name string)) {
	tb.Helper()
	for _, sub := range []string{"trees", "config"} {
		files, _ := linefile.Files(sharedtest.Path(tb, "corpus", "flatcar", sub))
		for _, path := range files {
			name := filepath.Base(path)
			if d := filepath.Base(filepath.Dir(path)); strings.HasPrefix(d, "package.") {
				name = d
			}
			if name == "packages" || strings.HasPrefix(name, "package.") {
				visit(path, name)
			}
		}
	}
}

func TestCorpusHasNoProblems(t *testing.T) {
	entries, provided := 0, 0
	corpus(t, func(path, name string) {
		if name == "package.provided" {
			got, problems := userconf.ReadProvided(linefile.FileOnly, path)
			provided += len(got)
			if len(problems) > 0 {
				t.Error(problems)
			}
			return
		}
		got, problems := userconf.Read(path, userconf.User(name))
		entries += len(got)
		if len(problems) > 0 {
			t.Error(problems)
		}
	})
	if entries == 0 || provided == 0 {
		t.Errorf("%d entries, %d provided", entries, provided)
	}
}

func BenchmarkReadCorpus(b *testing.B) {
	type file struct{ path, name string }
	var files []file
	corpus(b, func(path, name string) {
		if name != "package.provided" {
			files = append(files, file{path, name})
		}
	})
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range files {
			userconf.Read(f.path, userconf.User(f.name))
		}
	}
	b.ReportMetric(float64(len(files)), "files")
}
