package updates_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/ebuild/updates"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ in, commands, problems string }{
		{"", "", ""},
		{"move a/b c/d\n", "1 move a/b c/d\n", ""},
		{"\n# comment\n  move   a/b\tc/d # why\n", "3 move a/b c/d\n", ""},
		{"slotmove a/b 0 1.2\n", "1 slotmove a/b 0 1.2\n", ""},
		{"slotmove >=a/b-2 0 stable\n", "1 slotmove >=a/b-2 0 stable\n", ""},
		{"move a/b\n", "", "f:1: wrong number of words for the command: \"move a/b\"\n"},
		{"move a/b c/d e/f\n", "", "f:1: wrong number of words for the command: \"move a/b c/d e/f\"\n"},
		{"move =a/b-1 c/d\n", "", "f:1: expected a category and a package name: \"=a/b-1\"\n"},
		{"move a/b c/d-1\n", "", "f:1: expected a category and a package name: \"c/d-1\"\n"},
		{"slotmove a/b 0\n", "", "f:1: wrong number of words for the command: \"slotmove a/b 0\"\n"},
		{"slotmove !a/b 0 1\n", "", "f:1: expected a package atom that is no blocker: \"!a/b\"\n"},
		{"slotmove a/b 0/1 1\n", "", "f:1: expected a slot without subslot: \"0/1\"\n"},
		{"slotmove a/b 0 =\n", "", "f:1: expected a slot without subslot: \"=\"\n"},
		{"rename a/b c/d\nmove a/b c/d\n", "2 move a/b c/d\n", "f:1: expected move or slotmove: \"rename\"\n"},
		{"move a/b c/\xff\nmove a/b c/d\r\n", "2 move a/b c/d\n", "f:1: invalid UTF-8\nf:2: carriage return at the end of a line\nf:1: expected a category and a package name: \"c/\ufffd\"\n"},
	} {
		commands, problems := updates.Parse("f", []byte(c.in))
		var got strings.Builder
		for _, x := range commands {
			got.WriteString(string(rune('0'+x.Line)) + " " + x.String() + "\n")
		}
		if diff := cmp.Diff(c.commands, got.String()); diff != "" {
			t.Errorf("Parse(%q) (-want +got):\n%s", c.in, diff)
		}
		if diff := cmp.Diff(c.problems, text(problems)); diff != "" {
			t.Errorf("Parse(%q) problems (-want +got):\n%s", c.in, diff)
		}
	}
}

func text(errs []error) string {
	var b strings.Builder
	for _, e := range errs {
		b.WriteString(e.Error() + "\n")
	}
	return b.String()
}

func TestReadDirOrder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"1Q-2021", "4Q-2020", "2Q-2020", "zz", "2020-x", ".hidden"} {
		write(t, filepath.Join(dir, name), "move a/b c/d\n")
	}
	if err := os.Mkdir(filepath.Join(dir, "3Q-2020"), 0o755); err != nil {
		t.Fatal(err)
	}
	commands, found, problems := updates.ReadDir(dir)
	var got []string
	for _, c := range commands {
		got = append(got, filepath.Base(c.File))
	}
	if diff := cmp.Diff([]string{"2Q-2020", "4Q-2020", "1Q-2021", "2020-x", "zz"}, got); diff != "" || !found || problems != nil {
		t.Errorf("order (-want +got):\n%s%v %v", diff, found, problems)
	}
	if _, found, problems := updates.ReadDir(filepath.Join(dir, "none")); found || problems != nil {
		t.Errorf("missing folder: %v, %v", found, problems)
	}
}

// load lays out a main repository, one with updates and one without.
func load(t *testing.T, main, other string) *updates.Set {
	t.Helper()
	dir := t.TempDir()
	conf := "[DEFAULT]\nmain-repo = main\n"
	for _, r := range []struct{ name, updates string }{{"main", main}, {"other", other}, {"plain", ""}} {
		write(t, filepath.Join(dir, r.name, "profiles/repo_name"), r.name+"\n")
		write(t, filepath.Join(dir, r.name, "metadata/layout.conf"), "masters =\n")
		if r.updates != "" {
			write(t, filepath.Join(dir, r.name, "profiles/updates/1Q-2020"), r.updates)
		}
		conf += "[" + r.name + "]\nlocation = " + filepath.Join(dir, r.name) + "\n"
	}
	return updates.Load(repos.Load(repos.Options{Text: &conf}))
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

func TestDepsByRepository(t *testing.T) {
	s := load(t, "move a/old a/new\nmove a/new a/newest\n", "slotmove a/old 0 1\n")
	for _, c := range []struct{ repo, in, want string }{
		{"main", "a/old:0  foo? ( >=a/old-2 )", "a/newest:0  foo? ( >=a/newest-2 )"},
		{"main", "a/older a/new", "a/older a/newest"},
		{"main", "a/x", "a/x"},
		{"main", "", ""},
		{"main", "broken( a/old", "broken( a/newest"},
		{"other", "a/old:0 a/old", "a/old:1 a/old"},
		{"plain", "a/old", "a/newest"},
		{"gone", "a/old", "a/newest"},
		{ebuild.UnknownRepo, "a/old", "a/newest"},
	} {
		for _, pool := range []*ebuild.Pool{nil, ebuild.NewPool()} {
			got, changed := s.Deps(c.repo, c.in, atoms.AtomOptions{}, nil, pool)
			if got != c.want || changed != (c.in != c.want) {
				t.Errorf("Deps(%s, %q) = %q, %v; want %q", c.repo, c.in, got, changed, c.want)
			}
		}
	}
}

func TestMetadata(t *testing.T) {
	s := load(t, "move a/old a/new\n", "")
	m := ebuild.Map{"RDEPEND": "a/old !a/old", "DEPEND": "b/c", "LICENSE": "a/old"}
	parent := candidate(t, "a/new-1", "0")
	got := s.Metadata("main", parent, m, atoms.AtomOptions{}, nil)
	for key, want := range map[string]string{"RDEPEND": "a/new !a/old", "DEPEND": "b/c", "LICENSE": "a/old", "X": ""} {
		if got.Get(key) != want {
			t.Errorf("%s = %q, want %q", key, got.Get(key), want)
		}
	}
	same := ebuild.Map{"RDEPEND": "b/c"}
	if got := s.Metadata("main", parent, same, atoms.AtomOptions{}, nil); got.Get("RDEPEND") != "b/c" {
		t.Errorf("unchanged metadata: %v", got)
	}
}

func candidate(t *testing.T, cpv, slot string) atoms.Candidate {
	t.Helper()
	parsed, err := atoms.ParseCPV(cpv)
	if err != nil {
		t.Fatal(err)
	}
	slot, subslot, both := strings.Cut(slot, "/")
	if !both {
		subslot = slot
	}
	return atoms.Candidate{CPV: parsed, Slot: slot, Subslot: subslot, BuildID: atoms.NoBuildID}
}

func TestPackage(t *testing.T) {
	s := load(t, "move a/old a/new\nslotmove >=a/new-2 0 2\nslotmove a/s 0 1\n", "slotmove a/s 0 9\n")
	for _, c := range []struct{ repo, cpv, slot, want string }{
		{"main", "a/old-1", "0", "a/new-1:0/0"},
		{"main", "a/old-2", "0", "a/new-2:2/2"},
		{"main", "a/old-2", "0/7", "a/new-2:2/7"},
		{"main", "a/s-1", "0", "a/s-1:1/1"},
		{"main", "a/s-1", "3", ""},
		{"other", "a/s-1", "0", "a/s-1:9/9"},
		{"plain", "a/s-1", "0", "a/s-1:1/1"},
		{"other", "a/old-1", "0", ""},
	} {
		got, changed := s.Package(c.repo, candidate(t, c.cpv, c.slot))
		if now := got.CPV.String() + ":" + got.Slot + "/" + got.Subslot; changed != (c.want != "") || changed && now != c.want {
			t.Errorf("Package(%s, %s:%s) = %s, %v; want %s", c.repo, c.cpv, c.slot, now, changed, c.want)
		}
	}
	if got := s.Name("main", "a/old"); got != "a/new" {
		t.Errorf("Name = %s", got)
	}
}

func TestAtom(t *testing.T) {
	s := load(t, "move a/old a/new\n", "move a/old a/other\n")
	for _, c := range []struct {
		in        string
		installed map[string]string // name to repository
		want      string
		by        string
	}{
		{"a/old", map[string]string{"a/old": "main"}, "a/new", "move a/old a/new"},
		{">=a/old-1[x]", map[string]string{"a/old": "plain"}, ">=a/new-1[x]", "move a/old a/new"},
		{"a/old", map[string]string{"a/old": "other"}, "a/other", "move a/old a/other"},
		{"a/old", map[string]string{"a/new": "main"}, "a/new", "move a/old a/new"},
		{"a/old", nil, "a/old", ""},
		{"a/x", map[string]string{"a/x": "main"}, "a/x", ""},
		{"@set", nil, "@set", ""},
	} {
		got, applied := s.Atom(c.in, atoms.AtomOptions{}, func(a *atoms.Atom) (string, bool) {
			repo, ok := c.installed[string(a.CP)]
			return repo, ok
		})
		by := ""
		for _, a := range applied {
			by += a.String()
		}
		if got != c.want || by != c.by {
			t.Errorf("Atom(%q) = %q by %q; want %q by %q", c.in, got, by, c.want, c.by)
		}
	}
}

func TestCorpus(t *testing.T) {
	commands, found, problems := updates.ReadDir(sharedtest.Path(t, "corpus/flatcar/trees/portage-stable/profiles/updates"))
	if !found || len(commands) < 500 || len(problems) > 0 {
		t.Errorf("%d commands, %v, problems %v", len(commands), found, problems)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"move a/b c/d\nslotmove a/b 0 1\n", "slotmove <=a/b-1:2[x] 0 1", "move\n\xff"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		commands, _ := updates.Parse("f", data)
		for _, c := range commands {
			again, problems := updates.Parse("f", []byte(c.String()))
			if len(problems) > 0 || len(again) != 1 || again[0].String() != c.String() {
				t.Fatalf("%q written as %q, read as %v, %v", data, c, again, problems)
			}
			c.Apply("|| ( a/b >=a/b-1:0 ) !a/b", atoms.AtomOptions{}, nil)
		}
	})
}
