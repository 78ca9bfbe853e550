package corpus

import (
	"slices"
	"testing"
)

// What Portage takes from a hash table is compared as a set.
func TestWholeLines(t *testing.T) {
	for _, c := range []struct{ a, b string }{
		{"All selected packages: =b/b-1 =a/a-1\n", "All selected packages: =a/a-1 =b/b-1\n"},
		{"    c/c-1 requires b/b:=, b/b:0/1=\n", "    c/c-1 requires b/b:0/1=, b/b:=\n"},
		{
			" * x\n *   b/b pulled in by:\n *     p/p-1\n * \n *   a/a pulled in by:\n *     p/p-1\n * \n * end\n",
			" * x\n *   a/a pulled in by:\n *     p/p-1\n * \n *   b/b pulled in by:\n *     p/p-1\n * \n * end\n",
		},
		{"Dependency resolution took 1.25 s.\n", "Dependency resolution took 9.00 s.\n"},
	} {
		if a, b := wholeLines(c.a), wholeLines(c.b); !slices.Equal(a, b) {
			t.Errorf("wholeLines(%q) = %q, but wholeLines(%q) = %q", c.a, a, c.b, b)
		}
	}
	if a, b := wholeLines("x\ny\n"), wholeLines("y\nx\n"); slices.Equal(a, b) {
		t.Errorf("wholeLines leaves %q in any order", a)
	}
}
