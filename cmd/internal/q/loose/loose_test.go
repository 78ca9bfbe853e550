package loose_test

import (
	"slices"
	"testing"

	"github.com/tumpline/tumpline/cmd/internal/q/loose"
)

const all = "%{CATEGORY} %{PN} %{PV} %{PR} %{PVR} %{P} %{PF} %{SLOT} %{SUBSLOT} %{REPO} %{pfx} %{sfx} %{USE} %{BUILDID}"

func TestFormat(t *testing.T) {
	for _, test := range []struct{ atom, format, want string }{
		{"app-shells/bash", "%{CATEGORY}/%{PN}", "app-shells/bash"},
		{"a/b/c", "%{CATEGORY}/%{PN}", "b/c"},
		{"", "%{CATEGORY}/%{PN}", "<unset>/"},
		{"app-shells/bash-5", "%[CATEGORY]%[PN]%[PV]%[PR]%[SLOT]%[REPO]", "app-shells/bash5"},
		{"a/b-1.2-r3:0/4=::r", all, "a b 1.2 r3 1.2-r3 b-1.2 b-1.2-r3 0 4= r <unset> <unset> <unset> 0"},
		{"a/", all, "a <unset> <unset> r0 <unset> <unset> (null) <unset> <unset> <unset> <unset> <unset> <unset> 0"},
		{">=a/b-1*:2[x,-y,!z?]", all, "a b 1 r0 1 b-1 b-1 2 2 <unset> >= * x -y !z? 0"},
		{">=a/b-1.2_p3-r4*:0/2=[a,b]::r", "%[pfx]%[CAT]%[PF]%[SLOT]%[SUBSLOT]%[sfx]%[USE]%[REPO]", ">=a/b-1.2_p3-r4:0/2=*[a,b]::r"},
		{"b:0", "%[CATEGORY]%[PN]%[SLOT]", "b:0"},
		{"b:0", "%[PN] %[SLOT]", "b 0"},
		{"b-1", "100%%{PN}%", "100%b%"},
		{"b-1", "%c %{PN", "%c %{PN"},
		{"b-1", "%{NOSUCH}", "<BAD:NOSUCH>"},
		{"/var/db/repos/x/app-misc/hello/hello-1.0.ebuild", "%{CATEGORY}/%{PF}", "hello/hello-1.0"},
		{"hello-1.0.tbz2", "%{PVR}", "1.0"},
		{"dev-libs/libfoo-2-bar-3", "%{PN} %{PV}", "libfoo-2-bar 3"},
		{"x11/font-100dpi-1.0.4", "%{PN} %{PV}", "font-100dpi 1.0.4"},
	} {
		if got := loose.Parse(test.atom).Format(test.format, &loose.Colours{}); got != test.want {
			t.Errorf("Parse(%q).Format(%q) = %q, want %q", test.atom, test.format, got, test.want)
		}
	}
	c := &loose.Colours{Norm: "0", Bold: "1", Blue: "2"}
	if got := loose.Parse("a/b").Format("%[CAT]%[PN]", c); got != "1a/02b0" {
		t.Errorf("with colours: %q", got)
	}
}

func TestString(t *testing.T) {
	for _, text := range []string{
		"a/b", "!!>=a/b-1.2_p3-r4*:0/2=[a,-b,!c?,d=,e(+)]::r", "^b:0", "~b-1", "b:=", "=b-1*", "!a/b-1:0*",
	} {
		if got := loose.Parse(text).String(); got != text {
			t.Errorf("Parse(%q) = %q", text, got)
		}
	}
	if got := loose.Parse("a[b(-)]").String(); got != "a[b(+)]" {
		t.Errorf("a default is shown as %q, as portage-utils shows it", got)
	}
}

func TestCompare(t *testing.T) {
	for _, test := range []struct {
		data, query string
		want        loose.Relation
	}{
		{"a/b-1", "a/b-1", loose.Equal},
		{"a/b-1", "a/b-1-r0", loose.Equal},
		{"a/b-1.0", "a/b-1", loose.Newer},
		{"a/b-1_rc1", "a/b-1", loose.Older},
		{"a/b-1", "a/c-1", loose.Different},
		{"a/b-1", "c/b-1", loose.Different},
		{"a/b-1", "b", loose.Equal},
		{"b-1", "a/b", loose.Different},
		{"a/b-1", "a/", loose.Equal},
		{"a/b-1", ">=a/b-1", loose.Equal},
		{"a/b-1", ">a/b-1", loose.Different},
		{"a/b-2", "!>a/b-1", loose.Different},
		{"a/b-1", "!>a/b-1", loose.Equal},
		{"a/b-1-r2", "~a/b-1", loose.Equal},
		{"a/b-1-r2", "=a/b-1", loose.Different},
		{"a/b-1.2", "=a/b-1*", loose.Equal},
		{"a/b-10", "=a/b-1*", loose.Different},
		{"a/b-1:0", "a/b:0", loose.Equal},
		{"a/b-1:0/2", "a/b:0", loose.Equal},
		{"a/b-1:0/2", "a/b:0/2", loose.Equal},
		{"a/b-1:0/2", "a/b:0/3", loose.Different},
		{"a/b-1:1", "^a/b:0", loose.Equal},
		{"a/b-1:0", "^a/b:0", loose.Different},
		{"a/b-1:0/2", "^a/b:0/3", loose.Equal},
		{"a/b-1", "^a/b", loose.Different},
		{"a/b-1::x", "a/b::x", loose.Equal},
		{"a/b-1", "a/b::x", loose.Different},
		{"a/b-1-x-2", "a/b-1-x-10", loose.Older},
	} {
		if got := loose.Compare(loose.Parse(test.data), loose.Parse(test.query), 0); got != test.want {
			t.Errorf("Compare(%q, %q) = %v, want %v", test.data, test.query, got, test.want)
		}
	}
	a, b := loose.Parse("a/b-1:0::x"), loose.Parse("a/b:1::y")
	if loose.Compare(a, b, 0) != loose.Different || loose.Compare(a, b, loose.IgnoreSlot|loose.IgnoreRepo) != loose.Equal {
		t.Error("slot and repository count where they should not, or the reverse")
	}
}

func TestSorted(t *testing.T) {
	names := []string{"b/a-1", "a/B-1", "a/a-1", "a/a-10", "a/a-2", "a/b-2"}
	slices.SortFunc(names, func(x, y string) int { return loose.Sorted(loose.Parse(x), loose.Parse(y)) })
	want := []string{"a/a-10", "a/a-2", "a/a-1", "a/B-1", "a/b-2", "b/a-1"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a/b-1.2_p3-r4:0/1=[x(+)?,-y]::r", "!!>=/[", "^:", "a-1-r", "-", "a[b,]", "*", "a/b[?(-)"} {
		f.Add(seed, "%{CAT}%[PF]%[")
	}
	f.Fuzz(func(t *testing.T, text, format string) {
		a := loose.Parse(text)
		a.Format(format, &loose.Colours{})
		b := loose.Parse(a.String())
		loose.Compare(a, b, 0)
		if loose.Sorted(a, a) != 0 {
			t.Errorf("%q is not equal to itself", text)
		}
	})
}
