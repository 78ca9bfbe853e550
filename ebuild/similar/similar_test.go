package similar_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/similar"
)

// recorded is what Python's difflib answers; the file says which version.
type recorded struct {
	Words   []string
	Closest [][2]any
	Ratios  [][3]any
}

func TestClosestIsDifflib(t *testing.T) {
	data, err := os.ReadFile("testdata/difflib.json")
	if err != nil {
		t.Fatal(err)
	}
	var r recorded
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	for _, c := range r.Closest {
		word := c[0].(string)
		var want []string
		for _, w := range c[1].([]any) {
			want = append(want, w.(string))
		}
		if diff := cmp.Diff(want, similar.Closest(word, r.Words, 3, 0.6)); diff != "" {
			t.Errorf("Closest(%q) (-want +got):\n%s", word, diff)
		}
	}
	for _, c := range r.Ratios {
		a, b, want := c[0].(string), c[1].(string), c[2].(float64)
		if got := similar.Closest(b, []string{a}, 1, want); len(got) != 1 {
			t.Errorf("ratio of %q and %q is less than %v", a, b, want)
		}
		if got := similar.Closest(b, []string{a}, 1, want+1e-9); len(got) != 0 {
			t.Errorf("ratio of %q and %q is more than %v", a, b, want)
		}
	}
}

// The answers are those of Portage's similar_name_search for the same names.
func TestCPs(t *testing.T) {
	all := []atoms.CP{
		"dev-lang/python", "dev-lang/perl", "app-x/python", "sys-apps/portage", "dev-python/pytest",
		"sys-apps/sed", "net-misc/Python", "sys-libs/zlib", "dev-python/python-utils",
	}
	for _, c := range []struct{ wanted, want string }{
		{"sys-apps/portag", "[sys-apps/portage sys-apps/sed]"},
		{"SYS-APPS/SED", "[sys-apps/sed sys-apps/portage]"},
		{"pythn", "[app-x/python dev-lang/python net-misc/Python]"},
		{"python", "[net-misc/Python dev-python/python-utils]"},
		{"dev-lang/python", "[dev-lang/perl dev-python/python-utils dev-python/pytest]"},
		{"nothing-like-it", "[]"},
		{"", "[]"},
	} {
		if got := fmt.Sprint(similar.CPs(c.wanted, all)); got != c.want {
			t.Errorf("CPs(%q) = %s, want %s", c.wanted, got, c.want)
		}
	}
}

func BenchmarkCPs(b *testing.B) {
	var all []atoms.CP // as many as ::gentoo has
	for i := range 19000 {
		all = append(all, atoms.CP(fmt.Sprintf("cat-%c/pack%d-%s", 'a'+i%26, i, strings.Repeat("x", i%9))))
	}
	for b.Loop() {
		similar.CPs("cat-b/pakc77-xx", all)
	}
}

func FuzzClosest(f *testing.F) {
	f.Add("abc", "abd")
	f.Add("", "")
	f.Add("\xff", "é")
	f.Fuzz(func(t *testing.T, a, b string) {
		if got := similar.Closest(a, []string{a}, 1, 1); len([]rune(a)) < 200 && len(got) != 1 {
			t.Fatalf("%q is not like itself", a)
		}
		similar.Closest(a, []string{b}, 1, 0)
	})
}

func ExampleCPs() {
	fmt.Println(similar.CPs("sys-apps/protage", []atoms.CP{"sys-apps/portage", "sys-apps/sed"}))
	// Output: [sys-apps/portage sys-apps/sed]
}
