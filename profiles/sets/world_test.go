package sets_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/profilestest"
	"github.com/tumpline/tumpline/profiles/sets"
)

func TestWorldFiles(t *testing.T) {
	root := profilestest.LayFiles(t, map[string]string{
		"var/lib/portage/world":      "# mine\na/c:1 x\n a/b::r\nnonsense\n@set\na/b::r\n",
		"var/lib/portage/world_sets": "@two\nthree\n@one\n",
	})
	lock, err := sets.LockWorld(context.Background(), root)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	w, problems := sets.ReadWorld(root)
	if got := fmt.Sprint(w); got != "{[a/b::r a/c:1] [one two]}" {
		t.Errorf("world is %s", got)
	}
	if len(problems) != 3 || !strings.Contains(problems[0].Error(), "/world:4: ") {
		t.Errorf("problems %v", problems)
	}
	path := filepath.Join(root, sets.WorldFile)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	a, _ := atoms.ParseAtom("a/a", atoms.AtomOptions{})
	changed := w.With([]*atoms.Atom{a}, []string{"one", "four"}).Without(
		func(a *atoms.Atom) bool { return a.CP == "a/c" }, func(s string) bool { return s == "two" })
	if err := changed.Write(root); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if d := cmp.Diff("a/a\na/b::r\n", string(text)); err != nil || d != "" {
		t.Error(err, d)
	}
	text, err = os.ReadFile(filepath.Join(root, sets.WorldSetsFile))
	if d := cmp.Diff("@four\n@one\n", string(text)); err != nil || d != "" {
		t.Error(err, d)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o640 {
		t.Errorf("mode of the world file: %v, %v", fi.Mode(), err)
	}
	if got := fmt.Sprint(w); got != "{[a/b::r a/c:1] [one two]}" {
		t.Errorf("the list that was read changed to %s", got)
	}
}

func TestWorldFilesMissing(t *testing.T) {
	root := t.TempDir()
	w, problems := sets.ReadWorld(root)
	if len(w.Atoms)+len(w.Sets)+len(problems) > 0 {
		t.Errorf("%v, %v", w, problems)
	}
	if err := w.Write(root); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, sets.WorldSetsFile)); err != nil {
		t.Error(err)
	}
}

// The rows follow the situations that lib/_emerge/create_world_atom.py tells apart.
func TestWorldAtom(t *testing.T) {
	for _, c := range []struct {
		name      string
		args      string
		pkg       string // the package that was merged
		ebuilds   []string
		installed []string
		selected  string
		system    string
		before    bool
		want      string // "" for none
	}{
		{name: "name", args: "c/s", pkg: "c/s-1", ebuilds: []string{"c/s-1"}, want: "c/s"},
		{name: "version", args: "=c/s-1", pkg: "c/s-1", ebuilds: []string{"c/s-1", "c/s-2"}, installed: []string{"c/s-1"}, want: "c/s"},
		{name: "no argument fits", args: "c/other =c/s-2", pkg: "c/s-1", ebuilds: []string{"c/s-1"}},
		{name: "repository", args: "c/s::r", pkg: "c/s-1", ebuilds: []string{"c/s-1"}, want: "c/s::r"},
		{name: "slotted, name only", args: "c/s", pkg: "c/s-2; SLOT=2", ebuilds: []string{"c/s-1; SLOT=1", "c/s-2; SLOT=2"}, before: true, want: "c/s"},
		{name: "slotted, version", args: "=c/s-1", pkg: "c/s-1; SLOT=1", ebuilds: []string{"c/s-1; SLOT=1", "c/s-2; SLOT=2"}, before: true, want: "c/s:1"},
		{name: "slotted, range over slots", args: ">=c/s-1", pkg: "c/s-2; SLOT=2", ebuilds: []string{"c/s-1; SLOT=1", "c/s-2; SLOT=2"}, before: true, want: "c/s"},
		{name: "slotted, slot and subslot", args: "c/s:1/5", pkg: "c/s-1; SLOT=1/5", ebuilds: []string{"c/s-1; SLOT=1/5", "c/s-2; SLOT=2"}, before: true, want: "c/s:1"},
		{name: "slotted, slot and repository", args: "c/s:1::r", pkg: "c/s-1; SLOT=1", ebuilds: []string{"c/s-1; SLOT=1", "c/s-2; SLOT=2"}, before: true, want: "c/s:1::r"},
		{name: "one slot that is not 0", args: "=c/s-1", pkg: "c/s-1; SLOT=1", ebuilds: []string{"c/s-1; SLOT=1"}, installed: []string{"c/s-1; SLOT=1"}, want: "c/s:1"},
		{name: "slotted in another repository only", args: "=c/s-1::q", pkg: "c/s-1; repository=q", ebuilds: []string{"c/s-1; repository=q", "c/s-2; SLOT=2; repository=r"}, before: true, want: "c/s::q"},
		{name: "slotted as installed", args: "=c/s-1", pkg: "c/s-1; SLOT=1", installed: []string{"c/s-1; SLOT=1"}, want: "c/s:1"},
		{name: "stays, slot gone", args: "c/s:1", pkg: "c/s-1; SLOT=1", ebuilds: []string{"c/s-1; SLOT=1", "c/s-2; SLOT=2"}, installed: []string{"c/s-1; SLOT=3"}, want: "c/s"},
		{name: "selected already", args: "c/s", pkg: "c/s-1", ebuilds: []string{"c/s-1"}, selected: "c/t c/s"},
		{name: "selected by slot", args: "c/s", pkg: "c/s-1; SLOT=1", ebuilds: []string{"c/s-1; SLOT=1"}, selected: "c/s:1", before: true, want: "c/s"},
		{name: "best selected is other", args: "c/s", pkg: "c/s-1; SLOT=1", ebuilds: []string{"c/s-1; SLOT=1"}, selected: "c/s c/s:1", before: true, want: "c/s"},
		{name: "system", args: "c/s", pkg: "c/s-1", ebuilds: []string{"c/s-1"}, system: "c/s"},
		{name: "system, repository", args: "c/s::r", pkg: "c/s-1", ebuilds: []string{"c/s-1"}, system: "c/s", want: "c/s::r"},
		{name: "system, slotted", args: "c/s", pkg: "c/s-1; SLOT=1", ebuilds: []string{"c/s-1; SLOT=1"}, system: "c/s", before: true, want: "c/s"},
		{name: "system virtual", args: "virtual/s", pkg: "virtual/s-1", ebuilds: []string{"virtual/s-1"}, system: "virtual/s", want: "virtual/s"},
		{name: "best argument", args: "c/s =c/s-1", pkg: "c/s-1; SLOT=1", ebuilds: []string{"c/s-1; SLOT=1", "c/s-2; SLOT=2"}, before: true, want: "c/s:1"},
	} {
		list := func(words string) (out []*atoms.Atom) {
			for _, w := range strings.Fields(words) {
				a, err := atoms.ParseAtom(w, atoms.AtomOptions{AllowRepo: true})
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, a)
			}
			return out
		}
		flat := func(s store) (out []*ebuild.Package) {
			cps, _ := s.CPs()
			for _, cp := range cps {
				out = append(out, s[cp]...)
			}
			return out
		}
		q := sets.WorldQuestion{
			Package:   flat(newStore(t, ebuild.OriginEbuild, c.pkg))[0],
			Args:      list(c.args),
			Ebuilds:   flat(newStore(t, ebuild.OriginEbuild, c.ebuilds...)),
			Installed: flat(newStore(t, ebuild.OriginInstalled, c.installed...)),
			Selected:  list(c.selected), System: list(c.system), BeforeInstall: c.before,
		}
		got := ""
		if a := sets.WorldAtom(q); a != nil {
			got = a.String()
		}
		if got != c.want {
			t.Errorf("%s: WorldAtom = %q, want %q", c.name, got, c.want)
		}
	}
}

func ExampleWorldAtom() {
	pkg := ebuild.New(atoms.CPV{CP: "dev-lang/python", Version: version("3.13.1")}, "gentoo", ebuild.OriginEbuild, ebuild.Map{"EAPI": "8", "SLOT": "3.13"})
	other := ebuild.New(atoms.CPV{CP: "dev-lang/python", Version: version("3.12.9")}, "gentoo", ebuild.OriginEbuild, ebuild.Map{"EAPI": "8", "SLOT": "3.12"})
	arg, _ := atoms.ParseAtom("dev-lang/python:3.13", atoms.AtomOptions{})
	fmt.Println(sets.WorldAtom(sets.WorldQuestion{
		Package: pkg, Args: []*atoms.Atom{arg}, Ebuilds: []*ebuild.Package{other, pkg}, BeforeInstall: true,
	}))
	// Output: dev-lang/python:3.13
}

func version(text string) atoms.Version {
	v, _ := atoms.ParseVersion(text)
	return v
}

// What can be read can be written and reads the same.
func FuzzReadWorld(f *testing.F) {
	f.Add("a/b\n# c\nd/e:2::r x\n@s\n", "@s\n@t u\n\nx\n")
	root := f.TempDir()
	if err := (sets.WorldList{}).Write(root); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, world, worldSets string) {
		for name, text := range map[string]string{sets.WorldFile: world, sets.WorldSetsFile: worldSets} {
			if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		first, _ := sets.ReadWorld(root)
		if err := first.Write(root); err != nil {
			t.Fatal(err)
		}
		second, problems := sets.ReadWorld(root)
		if d := cmp.Diff(fmt.Sprint(first), fmt.Sprint(second)); d != "" || len(problems) > 0 {
			t.Errorf("%q, %q: %v %s", world, worldSets, problems, d)
		}
	})
}

func FuzzParseArgument(f *testing.F) {
	f.Add("@a{b=c,d}e{}")
	f.Fuzz(func(t *testing.T, text string) {
		a := sets.ParseArgument(text)
		if !strings.Contains(text, "{") && a.Name != strings.TrimPrefix(text, "@") {
			t.Errorf("ParseArgument(%q).Name = %q", text, a.Name)
		}
	})
}
