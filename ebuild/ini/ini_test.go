package ini_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/ebuild/ini"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

func Example() {
	c := ini.New(map[string]string{"EPREFIX": "/opt/gentoo"})
	c.Read(linefile.ParseText("sets.conf", []byte(`
[usersets]
class = StaticFileSet
directory = %(EPREFIX)s/etc/portage/sets
`)))
	options, problems := c.Section("usersets").Options()
	for _, o := range options {
		fmt.Printf("%s:%d: %s is %q\n", o.File, o.Line, o.Key, o.Value)
	}
	fmt.Println(problems, c.Problems())
	// Output:
	// sets.conf:3: class is "StaticFileSet"
	// sets.conf:4: directory is "/opt/gentoo/etc/portage/sets"
	// :0: eprefix is "/opt/gentoo"
	// [] []
}

// show writes all sections and problems.
func show(c *ini.Config) string {
	var b strings.Builder
	for _, s := range c.Sections() {
		options, problems := s.Options()
		for _, o := range options {
			fmt.Fprintf(&b, "%s.%s=%q\n", s.Name, o.Key, o.Value)
		}
		for _, p := range problems {
			fmt.Fprintf(&b, "! %v\n", p)
		}
	}
	for _, p := range c.Problems() {
		fmt.Fprintf(&b, "! %v\n", p)
	}
	return b.String()
}

func TestRead(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[a]\nX = 1\ny:2\n", "a.x=\"1\"\na.y=\"2\"\n"},
		{"[a]\nx = 1\n  2\n\n # c\n  3\n\n\n[b]\n", "a.x=\"1\\n2\\n\\n3\"\n"},
		{"[DEFAULT]\nx = d\n[a]\n[b]\nx = b\n[a]\ny = %(x)s%%\n", "a.x=\"d\"\na.y=\"d%\"\nb.x=\"b\"\n! f:6: given twice; the last one is used: \"[a]\"\n"},
		{"x = 1\n[a]\nx\n= 2\n", "! f:1: option before the first section: \"x = 1\"\n! f:3: expected \"option = value\": \"x\"\n! f:4: expected \"option = value\": \"= 2\"\n"},
		{"[a]\nx = 1\nX = 2\n", "a.x=\"2\"\n! f:3: given twice; the last one is used: \"x\"\n"},
		{"[a]\nx = %(y)s\ny = %z\n", "! f:2: section a: % must be followed by % or (name)s, found \"%z\": \"x\"\n! f:3: section a: % must be followed by % or (name)s, found \"%z\": \"y\"\n"},
		{"[a]\nx = %(x)s\nz = %(q)s\n", "! f:2: section a: references are nested too deeply: \"x\"\n! f:3: section a: unknown reference \"q\": \"z\"\n"},
		{"[a]\n  x = 1\n  y = 2\n[b] z\n", "a.x=\"1\"\na.y=\"2\"\n"},
		{"[]\n[a]\nx =\n", "a.x=\"\"\n! f:1: option before the first section: \"[]\"\n"},
	} {
		config := ini.New(nil)
		config.Read(linefile.ParseText("f", []byte(c.text)))
		if d := cmp.Diff(c.want, show(config)); d != "" {
			t.Errorf("%q: (-want +got)\n%s", c.text, d)
		}
	}
}

func TestFilesMergeAndSet(t *testing.T) {
	c := ini.New(map[string]string{"Frozen": "false"})
	c.Read(linefile.ParseText("1", []byte("[a]\nx = 1\ny = 1\n")))
	c.Read(linefile.ParseText("2", []byte("[b]\nfrozen = yes\n[a]\nx = 2\n")))
	c.Set("b", "Z", "%(frozen)s")
	c.Set("c", "k", "v")
	want := "a.frozen=\"false\"\na.x=\"2\"\na.y=\"1\"\nb.frozen=\"yes\"\nb.z=\"yes\"\nc.frozen=\"false\"\nc.k=\"v\"\n"
	if d := cmp.Diff(want, show(c)); d != "" {
		t.Error(d)
	}
	if o, ok, err := c.Section("a").Get("X"); !ok || err != nil || o.File != "2" || o.Line != 4 {
		t.Errorf("a.x comes from %s:%d, %t, %v", o.File, o.Line, ok, err)
	}
	if c.Section("none") != nil {
		t.Error("a section out of nothing")
	}
	if is, ok := ini.ParseBool("Yes"); !is || !ok {
		t.Error("Yes is not true")
	}
	if _, ok := ini.ParseBool("2"); ok {
		t.Error("2 is a truth value")
	}
}

func FuzzRead(f *testing.F) {
	f.Add("[a]\nx = %(y)s\n y\n; c\n[DEFAULT]\ny: 1\n")
	f.Add("[a]\nx = %(x)s%(x)s%(x)s\n")
	f.Fuzz(func(t *testing.T, text string) {
		first, second := ini.New(nil), ini.New(nil)
		first.Read(linefile.ParseText("f", []byte(text)))
		second.Read(linefile.ParseText("f", []byte(text)))
		if a, b := show(first), show(second); a != b {
			t.Errorf("%q gives %q and %q", text, a, b)
		}
	})
}
