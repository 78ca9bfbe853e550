package confprotect_test

import (
	"strings"
	"testing"

	"github.com/tumpline/tumpline/merge/confprotect"
)

// tree is the names of folders (with a slash at the end) and files.
type tree string

func (t tree) IsDir(name string) bool {
	return name == "/" || strings.Contains(" "+string(t)+" ", " "+name+"/ ")
}

func (t tree) Exists(name string) bool {
	return t.IsDir(name) || strings.Contains(" "+string(t)+" ", " "+name+" ")
}

func TestProtected(t *testing.T) {
	const have = tree("/etc/ /etc/foo/ /etc/foo/bar/ /usr/ /usr/share/ /usr/share/file")
	for _, c := range []struct {
		protect, mask, path string
		want                bool
	}{
		{"/etc", "", "/etc/x", true},
		{"/etc", "", "/etcetera", false},
		{"/etc", "", "/etc", true},
		{"/usr/share/file", "", "/usr/share/file", true},
		{"/usr/share/file", "", "/usr/share/file2", false},
		{"/usr/share/none", "", "/usr/share/none", true},
		{"/nowhere/none", "", "/nowhere/none", false},
		{"/etc", "/etc/foo", "/etc/foo/x", false},
		{"/etc", "/etc/none", "/etc/none/x", true},
		{"/etc /etc/foo/bar", "/etc/foo", "/etc/foo/bar/x", true},
		{"/etc/foo /etc", "/etc", "/etc/foo/x", false},
		{"/etc /etc/foo", "/etc", "/etc/foo/x", true},
		{"", "", "/etc/x", false},
	} {
		p := confprotect.New(have, "", strings.Fields(c.protect), strings.Fields(c.mask))
		if got := p.Protected(c.path); got != c.want {
			t.Errorf("CONFIG_PROTECT=%q MASK=%q: Protected(%q) = %v, want %v", c.protect, c.mask, c.path, got, c.want)
		}
	}
}

func TestDecide(t *testing.T) {
	file := func(md5 string) confprotect.File { return confprotect.File{Exists: true, MD5: md5} }
	link := func(to string) confprotect.File { return confprotect.File{Exists: true, MD5: "md5 of " + to, Link: to} }
	for _, c := range []struct {
		name     string
		in       confprotect.Case
		want     confprotect.Verdict
		remember bool
	}{
		{"new", confprotect.Case{New: file("1")}, confprotect.Install, false},
		{"removed by the admin", confprotect.Case{New: file("1"), Owned: true, Record: file("0")}, confprotect.Offer, false},
		{"same", confprotect.Case{New: file("1"), Live: file("1")}, confprotect.Install, true},
		{"another", confprotect.Case{New: file("1"), Live: file("2")}, confprotect.Offer, true},
		{"offered before", confprotect.Case{New: file("1"), Live: file("2"), Remembered: "1"}, confprotect.Skip, false},
		{"offered before, not asked", confprotect.Case{New: file("1"), Live: file("2"), Remembered: "1", Ignore: true}, confprotect.Offer, true},
		{"as installed", confprotect.Case{New: file("1"), Live: file("2"), Owned: true, Record: file("2"), IfModified: true}, confprotect.Install, false},
		{"as installed, protected all the same", confprotect.Case{New: file("1"), Live: file("2"), Owned: true, Record: file("2")}, confprotect.Offer, true},
		{"edited", confprotect.Case{New: file("1"), Live: file("3"), Owned: true, Record: file("2"), IfModified: true}, confprotect.Offer, true},
		{"link as installed", confprotect.Case{New: link("b"), Live: link("a"), Owned: true, Record: confprotect.File{Link: "a"}, IfModified: true}, confprotect.Install, false},
		{"link changed", confprotect.Case{New: link("b"), Live: link("c"), Owned: true, Record: confprotect.File{Link: "a"}, IfModified: true}, confprotect.Offer, true},
	} {
		got, remember := confprotect.Decide(c.in)
		if got != c.want || remember != c.remember {
			t.Errorf("%s: Decide = %v, %v; want %v, %v", c.name, got, remember, c.want, c.remember)
		}
	}
}

func TestNextName(t *testing.T) {
	for _, c := range []struct {
		names string
		reuse bool
		want  string
	}{
		{"", false, "._cfg0000_x"},
		{"._cfg0000_x ._cfg0003_x ._cfg0007_y ._cfgabcd_x", false, "._cfg0004_x"},
		{"._cfg0000_x ._cfg0003_x", true, "._cfg0003_x"},
		{"._cfg9999_x", false, "._cfg10000_x"},
	} {
		got := confprotect.NextName("x", strings.Fields(c.names), func(string) bool { return c.reuse })
		if got != c.want {
			t.Errorf("NextName(%q) = %s, want %s", c.names, got, c.want)
		}
	}
}

// What is written reads the same again.
func FuzzMemory(f *testing.F) {
	f.Add("/etc/a 0123\n/etc/b 4567\n")
	f.Add("# comment\nx\n/etc/with blank 00\n")
	f.Fuzz(func(t *testing.T, text string) {
		m := confprotect.ParseMemory([]byte(text))
		again := confprotect.ParseMemory(m.Bytes())
		if string(again.Bytes()) != string(m.Bytes()) {
			t.Errorf("%q became %q", m.Bytes(), again.Bytes())
		}
	})
}
