package atoms_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
)

func mustDep(tb testing.TB, s string) *atoms.Dep {
	tb.Helper()
	d, err := atoms.ParseDep(s, atoms.AtomOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func TestParseDepErrors(t *testing.T) {
	for in, offset := range map[string]int{
		"a/b (":          5,
		"a/b )":          4,
		"|| a/b":         3,
		"||":             2,
		"|| ( )":         5,
		"a/b ( )":        6,
		"? ( a/b )":      0,
		"a/b !? ( c/d )": 4,
		"g? a/b":         3,
		"a/b c/d-1":      7,
		"a/b (c/d )":     4,
		"^^ ( a/b )":     0,
		"a/b -> c":       4,
		strings.Repeat("( ", 2000) + "a/b" + strings.Repeat(" )", 2000): 2000,
	} {
		_, err := atoms.ParseDep(in, atoms.AtomOptions{})
		checkOffset(t, "ParseDep", in, err, offset)
	}
}

func TestParseSrcURI(t *testing.T) {
	tree, err := atoms.ParseSrcURI("https://h/a.tar -> b.tar fetch+https://h/c g? ( mirror+mirror://m/d -> e ) f", mustEAPI(t, "8"))
	if err != nil {
		t.Fatal(err)
	}
	want := []atoms.URI{
		{URI: "https://h/a.tar", Name: "b.tar", Renamed: true},
		{URI: "https://h/c", Name: "c", Override: atoms.URIFetch},
		{URI: "mirror://m/d", Name: "e", Renamed: true, Override: atoms.URIMirror},
		{URI: "f", Name: "f"},
	}
	if got := tree.Leaves(nil); !slices.Equal(got, want) {
		t.Errorf("leaves %+v, want %+v", got, want)
	}
	for _, test := range []struct {
		in, eapi string
		offset   int
	}{
		{"a -> b", "1", 2},
		{"a -> b/c", "2", 5},
		{"a -> g? ( b )", "2", 5},
		{"a ->", "2", 4},
		{"-> a", "2", 0},
		{"fetch+a", "7", 0},
		{"|| ( a )", "8", 0},
	} {
		_, err := atoms.ParseSrcURI(test.in, mustEAPI(t, test.eapi))
		checkOffset(t, "ParseSrcURI", test.in, err, test.offset)
	}
}

func TestLeavesAndFlags(t *testing.T) {
	d := mustDep(t, "a/a f? ( a/b[g?] ) !f? ( a/c ) || ( a/d ( a/e ) )")
	names := func(list []*atoms.Atom) (text string) {
		for _, a := range list {
			text += " " + a.String()
		}
		return text
	}
	if got := names(d.Leaves(on("f"))); got != " a/a a/b a/d a/e" {
		t.Errorf("leaves%s", got)
	}
	if got := names(d.Leaves(nil)); got != " a/a a/b[g?] a/c a/d a/e" {
		t.Errorf("all leaves%s", got)
	}
	if got := d.Flags(); !slices.Equal(got, []string{"f", "g"}) {
		t.Errorf("flags %q", got)
	}
	for range d.All() {
		break // an iteration may end early
	}
	var undeclared *atoms.UndeclaredFlagError
	if err := d.CheckFlags(on("f")); !errors.As(err, &undeclared) || undeclared.Flag != "g" {
		t.Errorf("CheckFlags: %v", err)
	}
	if err := d.CheckFlags(on("f", "g")); err != nil {
		t.Error(err)
	}
}

func TestReduce(t *testing.T) {
	for _, test := range []struct{ in, enabled, want string }{
		{"( ( a/a ) )", "", "a/a"},
		{"|| ( a/a )", "", "a/a"},
		{"|| ( a/a || ( a/b ( a/c a/d ) ) )", "", "|| ( a/a a/b ( a/c a/d ) )"},
		{"|| ( f? ( a/a a/b ) a/c )", "f", "|| ( ( a/a a/b ) a/c )"},
		{"|| ( f? ( a/a ) g? ( a/b ) )", "", "__const__/empty-any-of"},
		{"|| ( f? ( a/a ) g? ( a/b ) )", "g", "a/b"},
		{"!f? ( a/a[f=] )", "", "a/a[-f]"},
	} {
		got := atoms.Reduce(mustDep(t, test.in), atoms.ReduceOptions{Enabled: on(test.enabled)})
		if got.String() != test.want {
			t.Errorf("Reduce(%s) with %q = %s, want %s", test.in, test.enabled, got, test.want)
		}
	}
	old := atoms.Reduce(mustDep(t, "|| ( f? ( a/a ) )"), atoms.ReduceOptions{EAPI: mustEAPI(t, "6")})
	if len(old.Children) != 0 {
		t.Errorf("in EAPI 6 an empty any-of group gives %s", old)
	}
	use, err := atoms.ParseRequiredUSE("( a ) ^^ ( ( b ) c f? ( d ) )", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := atoms.Reduce(use, atoms.ReduceOptions{}).String(); got != "a ^^ ( b c )" {
		t.Errorf("REQUIRED_USE reduces to %s", got)
	}
}

func TestReducedLeavesKeepTheirSource(t *testing.T) {
	d := mustDep(t, "|| ( a/a[f?] a/b )")
	for leaf := range atoms.Reduce(d, atoms.ReduceOptions{Enabled: on("f")}).All() {
		if leaf.CP == "a/a" && (leaf.String() != "a/a[f]" || leaf.Unevaluated() != d.Children[0].Children[0].Leaf) {
			t.Errorf("leaf %s of %s", leaf, leaf.Unevaluated())
		}
	}
}

func TestOverlapDNFIsBounded(t *testing.T) {
	var text strings.Builder
	for range 40 {
		text.WriteString("|| ( a/a a/b a/c a/d ) || ( a/d a/a a/b ) ")
	}
	text.WriteString("|| ( " + strings.Repeat("( a/a a/x ) ", 40000) + ") || ( a/a a/y a/z )")
	d := atoms.Reduce(mustDep(t, text.String()), atoms.ReduceOptions{})
	if got, converted := atoms.OverlapDNF(d); !converted || len(got.Children) != 4 {
		t.Errorf("%d children, %v", len(got.Children), converted)
	}
}

func TestHumanRequiredUSE(t *testing.T) {
	tree, err := atoms.ParseRequiredUSE("a? ( ^^ ( b !c ) ) || ( d e ) ?? ( f g )", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "a? ( exactly-one-of ( b !c ) ) any-of ( d e ) at-most-one-of ( f g )"
	if got := atoms.HumanRequiredUSE(tree); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := atoms.ParseRequiredUSE("?? ( a )", mustEAPI(t, "4")); err == nil {
		t.Error("EAPI 4 has no at-most-one-of groups")
	}
}

func TestStrings(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{atoms.Op(99).String(), "Op(?)"},
		{atoms.SlotOp(99).String(), "SlotOp(?)"},
		{atoms.USEKind(99).String(), "USEKind(?)"},
		{atoms.USEDefault(99).String(), "USEDefault(?)"},
		{atoms.Kind(99).String(), "Kind(?)"},
		{atoms.DepClass(99).String(), "DepClass(?)"},
		{atoms.URIRestriction(99).String(), "URIRestriction(?)"},
		{atoms.BlockStrong.String(), "!!"},
		{atoms.USENotEqual.String(), "!f="},
		{atoms.KindExactlyOne.String(), "exactly-one-of"},
		{atoms.BDepend.String(), "BDEPEND"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}
