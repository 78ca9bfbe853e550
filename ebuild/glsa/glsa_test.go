package glsa_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/glsa"
)

const doctype = `<!DOCTYPE glsa SYSTEM "http://www.gentoo.org/dtd/glsa.dtd">`

// advisory returns the text of an advisory; affected begins on line 6.
func advisory(id, affected string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
` + doctype + `
<glsa id="` + id + `">
  <title>Tar: <b>two</b>
    holes&nbsp;&amp; more</title><revised count="2">2013-01-18</revised>
` + affected + `
</glsa>
`
}

// affected returns the element affected with one package.
func affected(name, arch, ranges string) string {
	return `<affected><package name="` + name + `" auto="yes" arch="` + arch + `">` + ranges + `</package></affected>`
}

// describe returns an advisory as a line of text.
func describe(a *glsa.Advisory) string {
	if a == nil {
		return ""
	}
	var parts []string
	for _, p := range a.Packages {
		parts = append(parts, fmt.Sprintf("%s %v %t v%v u%v", p.CP, p.Arches, p.Auto, p.Vulnerable, p.Unaffected))
	}
	return fmt.Sprintf("%s r%d %s", a.ID, a.Revision, strings.Join(parts, "; "))
}

func TestParse(t *testing.T) {
	const id = "201301-01"
	for _, c := range []struct{ text, want, problems string }{
		{advisory(id, affected("a/tar", "*", `<unaffected range="ge">2</unaffected><vulnerable range="lt">2</vulnerable>`)),
			"201301-01 r2 a/tar [] true v[<2] u[>=2]", ""},
		{advisory(id, affected("a/tar", "amd64 x86", `<unaffected range="rge" slot="2"> 2-r3
			</unaffected><vulnerable range="le" slot="*">1.<!-- c -->9</vulnerable><vulnerable range="eq">1*</vulnerable>`)),
			"201301-01 r2 a/tar [amd64 x86] true v[<=1.9 =1*] u[>=~2-r3:2]", ""},
		{advisory(id, `<affected><package name="a/b" arch="*"></package><package name="a/b" arch="x86"/><service/></affected>`),
			"201301-01 r2 a/b [] false v[] u[]; a/b [x86] false v[] u[]", ""},
		// One bad package leaves the others.
		{advisory(id, `<affected><package name="a b" arch="*"></package>
<package name="a/arch" arch="x86,arm"/>
<package name="a/range" arch="*"><vulnerable range="none">1</vulnerable></package>
<package name="a/version" arch="*"><vulnerable range="lt">one</vulnerable>
<vulnerable range="lt">1*</vulnerable><vulnerable range="rlt">1*</vulnerable></package>
<package name="a/op" arch="*"><vulnerable range="req">1</vulnerable></package>
<package name="a/good" arch="*"><vulnerable range="gt">1</vulnerable></package></affected>`),
			"201301-01 r2 a/good [] false v[>1] u[]",
			`f:6: not the name of a package: "a b"
f:7: not a list of architectures: "x86,arm"
f:8: not a range: "none"
f:9: not a version of the range: *: "one"
f:10: not a version of the range: *: "1*"
f:10: not a version of the range: *: "1*"
f:11: not a range: "req"`},
		// What is wrong with all of it.
		{advisory("201301-02", affected("a/b", "*", "")), "", `f:3: the id differs from the name of the file: "201301-02"`},
		{strings.Replace(advisory(id, affected("a/b", "*", "")), "dtd/glsa", "dtd/other", 1), "",
			`f:2: the document type is not that of an advisory: "http://www.gentoo.org/dtd/other.dtd"`},
		{strings.Replace(advisory(id, affected("a/b", "*", "")), doctype, "", 1), "", `f: the document type is not that of an advisory`},
		{strings.Replace(advisory(id, affected("a/b", "*", "")), `"2"`, `"two"`, 1), "", `f:5: count of revised is not a number: "two"`},
		{advisory(id, ""), "", `f: missing element: "affected"`},
		{advisory(id, "<affected>"), "", `f:7: element <affected> closed by </glsa>`},
		{"", "", "f: the document type is not that of an advisory\nf: missing element: \"glsa\"\n" +
			"f: missing element: \"revised\"\nf: missing element: \"affected\""},
		{"<glsa", "", "f:1: unexpected EOF"},
	} {
		a, problems := glsa.Parse("f", id, []byte(c.text))
		if got := describe(a); got != c.want {
			t.Errorf("Parse(%s) = %q, want %q", c.text, got, c.want)
		}
		if a != nil && a.Title != "Tar: two holes & more" {
			t.Errorf("Parse(%s): title %q", c.text, a.Title)
		}
		var lines []string
		for _, p := range problems {
			lines = append(lines, p.Error())
		}
		if got := strings.Join(lines, "\n"); !like(got, c.problems) {
			t.Errorf("Parse(%s): problems\n%s\nwant\n%s", c.text, got, c.problems)
		}
	}
}

// like says if lines of text are those wanted, where "*: " stands for words.
func like(got, want string) bool {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	return slices.EqualFunc(g, w, func(g, w string) bool {
		before, after, any := strings.Cut(w, "*: ")
		return g == w || any && strings.HasPrefix(g, before) && strings.HasSuffix(g, after)
	})
}

// store is a Source of packages.
type store map[atoms.CP][]*ebuild.Package

var errBroken = errors.New("broken")

func (s store) Packages(cp atoms.CP) ([]*ebuild.Package, error) {
	if cp == "a/broken" {
		return nil, errBroken
	}
	return s[cp], nil
}
func (s store) CPs() ([]atoms.CP, error) { return nil, nil }

type metadata string // SLOT

func (m metadata) Get(key string) string {
	switch key {
	case "SLOT":
		return string(m)
	case "EAPI":
		return "8"
	}
	return ""
}

// newStore makes a store of packages, ascending: "a/b-1:slot::repo".
func newStore(t *testing.T, origin ebuild.Origin, packages string) store {
	t.Helper()
	s := store{}
	for _, text := range strings.Fields(packages) {
		text, repo, _ := strings.Cut(text, "::")
		text, slot, ok := strings.Cut(text, ":")
		if !ok {
			slot = "0"
		}
		cpv, err := atoms.ParseCPV(text)
		if err != nil {
			t.Fatal(err)
		}
		s[cpv.CP] = append(s[cpv.CP], ebuild.New(cpv, repo, origin, metadata(slot)))
	}
	return s
}

func TestSystem(t *testing.T) {
	const below2 = `<unaffected range="ge">2</unaffected><vulnerable range="lt">2</vulnerable>`
	for _, c := range []struct {
		name, affected, installed, ebuilds string
		vulnerable                         bool
		least, highest                     string
	}{
		{"an upgrade", affected("a/b", "*", below2), "a/b-1", "a/b-1 a/b-2 a/b-3 a/b-4-r1::hidden", true, "a/b-2", "a/b-3"},
		{"not installed", affected("a/b", "*", below2), "", "a/b-2", false, "", ""},
		{"not vulnerable", affected("a/b", "*", below2), "a/b-2", "a/b-2 a/b-3", false, "", ""},
		{"nothing to upgrade to", affected("a/b", "*", below2), "a/b-1", "a/b-1.5", true, "", ""},
		{"another slot", affected("a/b", "*", below2), "a/b-1:1", "a/b-2:2 a/b-3:1", true, "a/b-3", "a/b-3"},
		{"no downgrade", affected("a/b", "*", `<unaffected range="le">1</unaffected><vulnerable range="gt">1</vulnerable>`),
			"a/b-2", "a/b-1 a/b-3", true, "", ""},
		{"another architecture: not affected, but what is chosen nevertheless is no question of it", affected("a/b", "x86 arm", below2),
			"a/b-1", "a/b-2", false, "a/b-2", "a/b-2"},
		{"this architecture", affected("a/b", "x86 amd64", below2), "a/b-1", "a/b-2", true, "a/b-2", "a/b-2"},
		{"unaffected wins", affected("a/b", "*", below2+`<unaffected range="rge">1.5-r2</unaffected>`), "a/b-1.5-r3", "a/b-2", false, "", ""},
		{"a fix in a revision", affected("a/b", "*", below2+`<unaffected range="rge">1.5-r2</unaffected>`), "a/b-1.5-r1",
			"a/b-1.5-r2 a/b-1.6 a/b-2", true, "a/b-1.5-r2", "a/b-2"},
		{"revisions below", affected("a/b", "*", `<vulnerable range="rle">1-r1</vulnerable><unaffected range="rgt">1-r1</unaffected>`), "a/b-1",
			"a/b-1-r1 a/b-1-r2 a/b-2", true, "a/b-1-r2", "a/b-1-r2"},
		{"another version than that of the revision", affected("a/b", "*", `<vulnerable range="rlt">1-r1</vulnerable>`), "a/b-0.9", "", false, "", ""},
		{"slots of ranges", affected("a/b", "*", `<vulnerable range="lt" slot="1">2</vulnerable><unaffected range="ge" slot="2">2</unaffected>`),
			"a/b-1:2", "a/b-2:2", false, "", ""},
		{"several installed slots", affected("a/b", "*", below2), "a/b-1:1 a/b-1.1:2", "a/b-2:1 a/b-3:1 a/b-4:2", true, "a/b-2 a/b-4", "a/b-3 a/b-4"},
		{"the repository that counts most", affected("a/b", "*", below2), "a/b-1", "a/b-2:9::low a/b-2:0::high", true, "a/b-2", "a/b-2"},
		{"its slot counts", affected("a/b", "*", below2), "a/b-1", "a/b-2:0::low a/b-2:9::high", true, "", ""},
		{"a version that is installed in another slot", affected("a/b", "*", below2), "a/b-1 a/b-2:2", "a/b-2", true, "", ""},
	} {
		a, problems := glsa.Parse("f", "201301-01", []byte(advisory("201301-01", c.affected)))
		if a == nil || problems != nil {
			t.Fatalf("%s: %v", c.name, problems)
		}
		s := &glsa.System{
			Arch: "amd64", Installed: newStore(t, ebuild.OriginInstalled, c.installed), Ebuilds: newStore(t, ebuild.OriginEbuild, c.ebuilds),
			Visible: func(p *ebuild.Package) bool { return p.Repo != "hidden" },
		}
		vulnerable, err := s.Vulnerable(a)
		if vulnerable != c.vulnerable || err != nil {
			t.Errorf("%s: Vulnerable = %t, %v, want %t", c.name, vulnerable, err, c.vulnerable)
		}
		for effort, want := range map[glsa.Effort]string{glsa.LeastChange: c.least, glsa.Highest: c.highest} {
			list, err := s.Upgrades(a, effort)
			var got []string
			for _, p := range list {
				got = append(got, p.CPV.String())
			}
			if strings.Join(got, " ") != want || err != nil {
				t.Errorf("%s: Upgrades(%d) = %v, %v, want %s", c.name, effort, got, err, want)
			}
		}
	}
}

func TestBrokenSource(t *testing.T) {
	a, _ := glsa.Parse("f", "201301-01", []byte(advisory("201301-01", affected("a/broken", "*", ""))))
	s := &glsa.System{Installed: store{}, Ebuilds: store{}}
	if _, err := s.Vulnerable(a); !errors.Is(err, errBroken) {
		t.Errorf("Vulnerable: %v, want %v", err, errBroken)
	}
	if _, err := s.Upgrades(a, glsa.LeastChange); !errors.Is(err, errBroken) {
		t.Errorf("Upgrades: %v, want %v", err, errBroken)
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"glsa-201302-01.xml": advisory("201302-01", affected("a/b", "*", "")),
		"glsa-201301-09.xml": advisory("201301-09", affected("a/b", "*", "")),
		"glsa-201301-10.xml": `<glsa id="201301-10">`,
		"glsa-first.xml":     "",
		"index.xml":          "",
		"applied":            "# comment\n201301-09\n\n 201302-07 # why\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	list, problems := glsa.Read(dir)
	var ids []string
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	if got := strings.Join(ids, " "); got != "201301-09 201302-01" {
		t.Errorf("Read: %s", got)
	}
	if len(problems) != 2 || !strings.Contains(problems[0].Error(), "201301-10.xml:1: ") || !errors.Is(problems[1], glsa.ErrID) {
		t.Errorf("Read: problems %v, want one of 201301-10 and one of first", problems)
	}
	if list, problems := glsa.Read(filepath.Join(dir, "missing")); list != nil || problems != nil {
		t.Errorf("Read of a missing folder = %v, %v, want nothing", list, problems)
	}
	applied, problems := glsa.Applied(filepath.Join(dir, "applied"))
	if len(applied) != 2 || !applied["201301-09"] || !applied["201302-07"] || problems != nil {
		t.Errorf("Applied = %v, %v, want 201301-09 and 201302-07", applied, problems)
	}
	if applied, problems := glsa.Applied(filepath.Join(dir, "missing")); len(applied) != 0 || problems != nil {
		t.Errorf("Applied of a missing file = %v, %v, want nothing", applied, problems)
	}
}

// A range is found again by its own text, and no input is too much.
func FuzzParse(f *testing.F) {
	f.Add(advisory("201301-01", affected("a/b", "*", `<vulnerable range="rle" slot="1">1-r1</vulnerable>`)))
	f.Add(advisory("201301-01", affected("a/b", "x86", `<vulnerable range="eq">1*</vulnerable><package name="a/c"/>`)))
	f.Add(`<glsa><affected><vulnerable><title><package></package></title></vulnerable></affected></glsa>`)
	f.Add("<!DOCTYPE [")
	f.Fuzz(func(t *testing.T, text string) {
		a, problems := glsa.Parse("f", "201301-01", []byte(text))
		if a == nil && len(problems) == 0 {
			t.Errorf("Parse(%q): no advisory and no problem", text)
		}
		if a == nil {
			return
		}
		for _, p := range a.Packages {
			for _, r := range slices.Concat(p.Vulnerable, p.Unaffected) {
				if strings.Contains(r.Version, "*") {
					continue
				}
				v, err := atoms.ParseVersion(r.Version)
				if err != nil {
					t.Errorf("Parse(%q): range %s: %v", text, r, err)
				}
				c := atoms.Candidate{CPV: atoms.CPV{CP: p.CP, Version: v}}
				strict := r.Relation == glsa.Less || r.Relation == glsa.Greater
				if r.Match(c) == strict {
					t.Errorf("Parse(%q): range %s matches its own version: %t", text, r, !strict)
				}
			}
		}
	})
}
