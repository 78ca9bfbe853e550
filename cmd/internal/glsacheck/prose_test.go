package glsacheck

import (
	"strings"
	"testing"

	"github.com/tumpline/tumpline/ebuild/glsa"
)

func TestWrap(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"one two three", "A: one two\n   three"},
		{"one" + newline + " two", "A: one\n   two"},
		{"-" + hardTied + "x" + newline + " y", "A: - x\n   y"},
	} {
		got := wrap(test.text, 12, "A:")
		if got != test.want {
			t.Errorf("wrap(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func TestDate(t *testing.T) {
	for text, want := range map[string]string{
		"2026-01-05": "January 05, 2026", "2026-13-05": "2026-13-05", "2026-01-05: 02": "2026-01-05: 02", "x": "x", "": "",
	} {
		if got := date(text); got != want {
			t.Errorf("date(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestCentred(t *testing.T) {
	for text, want := range map[string]string{"ab": " ab ", "abc": "abc ", "abcde": "abcde"} {
		if got := centred(text, 4); got != want {
			t.Errorf("centred(%q, 4) = %q, want %q", text, got, want)
		}
	}
}

func FuzzDump(f *testing.F) {
	f.Add(`<glsa><title>x</title><description><p>a <uri link="l">t</uri></p><ul><li>x</li></ul><code> y
</code></description><affected><package name="a/b" arch="*"><vulnerable range="lt">1</vulnerable></package></affected></glsa>`)
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := readTree([]byte(text))
		if err != nil {
			return
		}
		out, err := dump(&advisory{Advisory: &glsa.Advisory{}, id: "x", tree: tree})
		if err == nil && !strings.HasPrefix(out, "GLSA x: \n") {
			t.Errorf("dump(%q) = %q", text, out)
		}
	})
}
