package equery

import (
	"slices"
	"strings"
	"testing"
)

func TestSortKeywords(t *testing.T) {
	for _, test := range []struct{ words, want string }{
		{"", ""},
		{"x86 amd64", "amd64 x86"},
		{"~alpha amd64 arm arm64 ~hppa ~loong ~m68k ~mips ppc ppc64 ~riscv ~s390 ~sparc x86 ~arm64-macos ~x64-macos ~x64-solaris",
			"amd64 arm arm64 ppc ppc64 x86 ~alpha ~arm64-macos ~hppa ~loong ~m68k ~mips ~riscv ~s390 ~sparc ~x64-macos ~x64-solaris"},
	} {
		if got := sortKeywords(strings.Fields(test.words)); !slices.Equal(got, strings.Fields(test.want)) {
			t.Errorf("sortKeywords(%q) = %q, want %q", test.words, got, test.want)
		}
	}
}

func TestHumanSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 bytes", 1: "1 byte", 1182: "1.15 KiB", 1000: "1000 bytes", 1 << 20: "1 MiB", 1385790: "1.32 MiB", 3 << 30: "3 GiB",
	} {
		if number, unit := humanSize(n); number+unit != want {
			t.Errorf("humanSize(%d) = %q, want %q", n, number+unit, want)
		}
	}
}

func TestRightSplit(t *testing.T) {
	for _, test := range []struct {
		text string
		n    int
		want []string
	}{{"/usr", 0, []string{"/usr"}}, {"/usr/lib", 1, []string{"/usr", "lib"}}, {"/usr/lib/a", 2, []string{"/usr", "lib", "a"}}} {
		if got := rightSplit(test.text, test.n); !slices.Equal(got, test.want) {
			t.Errorf("rightSplit(%q, %d) = %q, want %q", test.text, test.n, got, test.want)
		}
	}
}
