package atoms_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/atoms"
)

func TestParseVersion(t *testing.T) {
	for _, test := range []struct {
		in, base, revision string
		offset             int // of the error; -1 for none
	}{
		{"1", "1", "", -1},
		{"1.2.3b_rc4_p-r05", "1.2.3b_rc4_p", "05", -1},
		{"0-r0", "0", "0", -1},
		{"20240101_pre", "20240101_pre", "", -1},
		{"", "", "", 0},
		{"a1", "", "", 0},
		{"1.", "", "", 2},
		{"1ab", "", "", 2},
		{"1_foo", "", "", 2},
		{"1-r", "", "", 2},
		{"1-r1x", "", "", 2},
		{"1-r1-r2", "", "", 2},
		{"1 ", "", "", 1},
	} {
		v, err := atoms.ParseVersion(test.in)
		if test.offset >= 0 {
			checkOffset(t, "ParseVersion", test.in, err, test.offset)
			continue
		}
		if err != nil || v.String() != test.in || v.Base().String() != test.base || v.Revision() != test.revision {
			t.Errorf("ParseVersion(%q) = %q, %q, %q, %v, want %q, %q", test.in, v, v.Base(), v.Revision(), err, test.base, test.revision)
		}
	}
}

// versions holds groups of equal versions in ascending order.
var versions = [][]string{
	{"0"}, {"0.0"}, {"0.01_alpha"}, {"0.01", "0.010", "00.01-r0"}, {"0.1"}, {"0.9"}, {"0.10"},
	{"1_alpha_alpha"}, {"1_alpha", "1_alpha0"}, {"1_alpha_p"}, {"1_alpha1_beta"}, {"1_alpha1"}, {"1_alpha2"},
	{"1_beta"}, {"1_pre"}, {"1_rc"}, {"1", "01", "1-r0", "1-r00"}, {"1-r1", "1-r01"}, {"1-r10"}, {"1_p_alpha"},
	{"1_p", "1_p0-r0"}, {"1_p-r1"}, {"1_p1"}, {"1_p1_p"}, {"1a_alpha"}, {"1a"}, {"1b"}, {"1.0", "1.00"}, {"1.0a"},
	{"1.0.0"}, {"1.001"}, {"1.01", "1.010"}, {"1.1"}, {"1.1a"}, {"1.1.1"}, {"1.2"}, {"1.10"}, {"2"},
	{"18446744073709551615"}, {"18446744073709551616"},
}

func TestCompare(t *testing.T) {
	for i, group := range versions {
		for j, other := range versions {
			for _, a := range group {
				for _, b := range other {
					want := 0
					if i != j {
						want = -1
						if i > j {
							want = 1
						}
					}
					if got := mustVersion(t, a).Compare(mustVersion(t, b)); got != want {
						t.Errorf("%s Compare %s = %d, want %d", a, b, got, want)
					}
				}
			}
		}
	}
	if one := mustVersion(t, "0_alpha"); (atoms.Version{}).Compare(one) != -1 || one.Compare(atoms.Version{}) != 1 {
		t.Error("the zero version does not come first")
	}
}

// randomVersion makes versions of few parts, so that many are alike.
func randomVersion(r *rand.Rand) string {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	s := pick("0", "1", "01", "10", "2")
	for range r.IntN(3) {
		s += "." + pick("0", "1", "01", "010", "00", "10", "2", "9")
	}
	s += pick("", "", "", "a", "b")
	for range r.IntN(3) {
		s += pick("_alpha", "_beta", "_pre", "_rc", "_p") + pick("", "0", "1", "01", "10")
	}
	return s + pick("", "", "-r0", "-r1", "-r01", "-r2")
}

func TestCompareIsTotalOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		a, b, c := mustVersion(t, randomVersion(r)), mustVersion(t, randomVersion(r)), mustVersion(t, randomVersion(r))
		if a.Compare(b) != -b.Compare(a) {
			t.Fatalf("%s and %s: Compare %d and %d", a, b, a.Compare(b), b.Compare(a))
		}
		if a.Compare(b) <= 0 && b.Compare(c) <= 0 && a.Compare(c) > 0 {
			t.Fatalf("%s <= %s <= %s, but not %[1]s <= %[3]s", a, b, c)
		}
		if a.Compare(b) == 0 && a.Compare(c) != b.Compare(c) {
			t.Fatalf("%s = %s, but they compare differently with %s", a, b, c)
		}
	}
}

func TestCompareDoesNotAllocate(t *testing.T) {
	a, b := mustVersion(t, "1.02.3_rc1_p2-r4"), mustVersion(t, "1.02.3_rc1_p2-r5")
	if n := testing.AllocsPerRun(100, func() { a.Compare(b) }); n != 0 {
		t.Errorf("Compare allocates %v times", n)
	}
}

func TestCPV(t *testing.T) {
	c, err := atoms.ParseCPV("dev-lang/foo-bar-1.2_p3-r4")
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.String(), string(c.CP), c.CP.Category(), c.PN(), c.P(), c.PF(), c.PV(), c.PR(), c.PVR()}
	want := []string{"dev-lang/foo-bar-1.2_p3-r4", "dev-lang/foo-bar", "dev-lang", "foo-bar", "foo-bar-1.2_p3",
		"foo-bar-1.2_p3-r4", "1.2_p3", "r4", "1.2_p3-r4"}
	if !slices.Equal(got, want) {
		t.Errorf("parts of %s: %q, want %q", c, got, want)
	}
	if d, err := atoms.ParseCPV("dev-lang/foo-bar-1.2_p3"); err != nil || d.PR() != "r0" || d.PVR() != "1.2_p3" || d.Compare(c) != -1 {
		t.Errorf("%s: PR %s, PVR %s, Compare %d, %v", d, d.PR(), d.PVR(), d.Compare(c), err)
	}
	for in, offset := range map[string]int{
		"foo-1": 5, "cat/foo": 7, "cat/foo-1-2": 7, "/foo-1": 0, "cat/-foo-1": 4, "c at/foo-1": 1, "cat/fo.o-1": 6, "cat/-1": 6,
	} {
		_, err := atoms.ParseCPV(in)
		checkOffset(t, "ParseCPV", in, err, offset)
	}
}

func TestParseCP(t *testing.T) {
	for _, in := range []string{"cat/pkg", "_c.+-/7-Z+", "cat/foo-bar", "cat/foo-1xy", "cat/foo-r1", "virtual/2"} {
		if cp, err := atoms.ParseCP(in); err != nil || string(cp) != in {
			t.Errorf("ParseCP(%q) = %q, %v", in, cp, err)
		}
	}
	for in, offset := range map[string]int{
		"": 0, "pkg": 3, "cat/": 4, "-cat/pkg": 0, "cat/pkg-1": 7, "cat/pkg-1_p2-r3": 7, "cat/p/q": 5, "cat/*": 4,
	} {
		_, err := atoms.ParseCP(in)
		checkOffset(t, "ParseCP", in, err, offset)
	}
}
