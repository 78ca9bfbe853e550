package binrepos_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/profiles/binrepos"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	conf := filepath.Join(dir, "binrepos.conf")
	if err := os.MkdirAll(conf, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"1": "[b]\nsync-uri = https://example.org/b//\npriority = 7\ngetbinpkg-exclude = x/y foo =z/z-1 both\ngetbinpkg-include = a/* both\nfrozen = yes\n[nouri]\npriority = 1\n",
		"2": "[a]\nsync-uri = file://%(ROOT)srepo\nverify-signature = false\nlocation = %(EPREFIX)s/cache\n[c]\nsync-uri = x\npriority = high\n",
	} {
		if err := os.WriteFile(filepath.Join(conf, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	repos, problems := binrepos.Read(binrepos.Options{
		UserPath: conf, Root: "/r", EPrefix: "/p", ConfigRoot: "/", Binhost: "https://h1/ https://example.org/b https://h2",
	})
	var got []string
	for _, r := range repos {
		got = append(got, fmt.Sprint(r.Priority, " ", r.Name, " ", r.SyncURI, " ", r.Location, " ", r.VerifySignature, r.Frozen, r.Exclude, r.Include))
	}
	want := []string{
		"0 a file:///r/repo /p/cache false false [] []",
		"0 c x  true false [] []",
		"1  https://h2  false false [] []",
		"2  https://h1  false false [] []",
		"7 b https://example.org/b  true true [x/y */foo] [a/*]",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if len(problems) != 3 || !errors.Is(problems[0], binrepos.ErrAtom) || !errors.Is(problems[1], binrepos.ErrBothLists) || !errors.Is(problems[2], binrepos.ErrNoURI) {
		t.Errorf("problems %v", problems)
	}
	parse := func(text string) []*atoms.Atom {
		a, err := atoms.ParseAtom(text, atoms.AtomOptions{AllowWildcard: true})
		if err != nil {
			t.Fatal(err)
		}
		return []*atoms.Atom{a}
	}
	f, lost := repos[4].Filter(parse("a/*"), parse("x/y"))
	if got := fmt.Sprint(f.Exclude, f.Include, lost); got != "[*/foo a/*] [x/y] [x/y a/*]" {
		t.Errorf("filter %s", got)
	}
	repos, problems = binrepos.Read(binrepos.Options{UserPath: filepath.Join(conf, "2")})
	if len(repos) != 2 || repos[1].Location != "/var/cache/binhost/c" || len(problems) > 0 {
		t.Errorf("%+v, %v", repos, problems)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("[b]\nsync-uri = https://example.org/b//\npriority = 7\ngetbinpkg-exclude = x/y foo =z/z-1 both\n")
	f.Add("[DEFAULT]\nx = %(y)s\n[a]\nsync-uri: %(x)s\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "binrepos.conf")
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		repos, _ := binrepos.Read(binrepos.Options{UserPath: path})
		for _, r := range repos {
			if r.SyncURI == "" && r.Name == "" {
				t.Errorf("%q: a binhost without name and address", text)
			}
		}
	})
}
