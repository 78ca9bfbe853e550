package bash_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/ebuild/bash"
)

const sample = "n metadata\nsrc_compile 3 /a b.ebuild\nn\nn\n3:set,3: \t\n,4: a b,2: b," +
	"0:,1:d,0:,1:8,0:,0:,0:,0:,0:,0:,0:,0:,0:,0:,1:0,0:,\nn\n"

func TestParseResult(t *testing.T) {
	m, f, err := bash.ParseResult(sample, "n")
	if err != nil || f != nil {
		t.Fatal(f, err)
	}
	if m.Values["DEPEND"] != "d" || m.Values["EAPI"] != "8" || m.Values["SLOT"] != "0" || m.IFS != " \t\n" || !m.IFSSet || m.Jobs {
		t.Errorf("%+v", m)
	}
	if len(m.Functions) != 1 || m.Functions[0] != (bash.Frame{Function: "src_compile", File: "/a b.ebuild", Line: 3}) {
		t.Errorf("%+v", m.Functions)
	}
	for i := 1; i < len(sample); i++ {
		if _, _, err := bash.ParseResult(sample[:i], "n"); !errors.Is(err, bash.ErrForged) {
			t.Errorf("the first %d bytes: %v", i, err)
		}
		if _, _, err := bash.ParseResult(sample[i:], "n"); !errors.Is(err, bash.ErrForged) {
			t.Errorf("from byte %d: %v", i, err)
		}
	}
}

// FuzzParseResult: whatever an ebuild writes is a result or an error.
func FuzzParseResult(f *testing.F) {
	for _, s := range []string{sample, "", "n failure\n3:die,1:m,\nn\n", "n lazy\n1:f,1:e,\nn\n", "n metadata\nn\nn\n-1:,\nn\n", "n metadata\nn\nn\n9999999999999999999:,\nn\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, fail, err := bash.ParseResult(text, "n")
		if (m != nil) && (fail != nil) || err == nil && m == nil && fail == nil {
			t.Fatalf("ParseResult(%q) = %v, %v, %v", text, m, fail, err)
		}
	})
}

// FuzzOutline: leaving nothing out gives the text, and lines keep their numbers.
func FuzzOutline(f *testing.F) {
	for _, s := range []string{
		"f() {\n\techo a\n}\n", "# c\nX='\nf() {\n\ta\n}\n'\n", "f() { a; }\n", "f() {\n\tcat <<-E\nx\n\tE\n}\nf\n", "f() {\n", "a \\\n# b\n", "x=`a\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o := bash.NewOutline(text)
		eager := o.Eager(nil)
		got := o.Text(eager, map[string]bool{"f": true}, "___lazy")
		want := strings.Count(text, "\n")
		if n := strings.Count(got, "\n"); n != want && n != want+1 {
			t.Fatalf("Text of %q has %d lines, not %d: %q", text, n, want, got)
		}
		o.Asks(eager)
		bash.Defines(text)
	})
}
