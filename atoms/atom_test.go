package atoms_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
)

// checkOffset requires a *ParseError about in at offset.
func checkOffset(t *testing.T, call, in string, err error, offset int) {
	t.Helper()
	var e *atoms.ParseError
	switch {
	case !errors.As(err, &e):
		t.Errorf("%s(%q): error %v, want a *ParseError", call, in, err)
	case e.Text != in || e.Offset != offset:
		t.Errorf("%s(%q): %v, want offset %d", call, in, e, offset)
	}
}

var allowAll = atoms.AtomOptions{AllowWildcard: true, AllowRepo: true, AllowBuildID: true}

func mustAtom(tb testing.TB, s string) *atoms.Atom {
	tb.Helper()
	a, err := atoms.ParseAtom(s, allowAll)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func on(flags ...string) func(string) bool {
	return func(flag string) bool { return strings.Contains(" "+strings.Join(flags, " ")+" ", " "+flag+" ") }
}

func TestParseAtomErrors(t *testing.T) {
	for _, test := range []struct {
		in, eapi string
		offset   int
	}{
		{"", "", 0},
		{"!!!cat/pkg", "", 2},
		{"cat", "", 3},
		{"cat/pkg-1", "", 7},
		{">=cat/pkg", "", 9},
		{">=cat/p.kg-1", "", 7},
		{"=cat/pkg-1-2-3", "", 8},
		{"=cat/pkg-1-02", "", 11},
		{"=cat/pkg-1-2*", "", 8},
		{"cat/pkg:", "", 8},
		{"cat/pkg:0*", "", 9},
		{"cat/pkg:0/", "", 10},
		{"cat/pkg:0/=", "", 10},
		{"cat/pkg::", "", 9},
		{"cat/pkg::r:0", "", 10},
		{"cat/pkg:0:r", "", 10},
		{"cat/pkg[]", "", 8},
		{"cat/pkg[a", "", 9},
		{"cat/pkg[a,-b?]", "", 12},
		{"cat/pkg[a,a(+)]", "", 10},
		{"cat/pkg[a]:0", "", 12},
		{"*/pkg[a]", "", 5},
		{"*/pk**", "", 5},
		{">=*/pkg", "", 2},
		{"=*/pkg-1*", "", 1},
		{"=*/pkg-**", "", 8},
		{"!!cat/pkg", "1", 0},
		{"cat/pkg:0", "0", 8},
		{"cat/pkg:0/1", "4", 8},
		{"cat/pkg:=", "4", 8},
		{"cat/pkg[a]", "1", 7},
		{"cat/pkg[a(+)]", "3", 7},
	} {
		o := allowAll
		o.EAPI, _ = eapi.Lookup(test.eapi)
		_, err := atoms.ParseAtom(test.in, o)
		checkOffset(t, "ParseAtom", test.in, err, test.offset)
	}
	for in, offset := range map[string]int{"cat/*": 4, "cat/pkg:0::r": 9, "=cat/pkg-1-2": 0} {
		_, err := atoms.ParseAtom(in, atoms.AtomOptions{})
		checkOffset(t, "ParseAtom", in, err, offset)
	}
}

// TestDepartures states where Portage accepts what is refused here. None of
// these could match a package.
func TestDepartures(t *testing.T) {
	for _, in := range []string{
		"cat/foo*-1",     // the name of a package cannot end in a version,
		"=cat/foo-1-2-3", // nor before a build id
		"+cat/pkg",       // without a wildcard this is no extended atom
		"cat/pkg-1",      // nor is this
	} {
		if a, err := atoms.ParseAtom(in, allowAll); err == nil {
			t.Errorf("ParseAtom(%q) = %v, want an error", in, a)
		}
	}
	// Portage loses the repository when it evaluates.
	a := mustAtom(t, "cat/pkg::repo[a?]").EvaluateUSE(on("a"))
	if a.String() != "cat/pkg::repo[a]" {
		t.Errorf("evaluated to %s", a)
	}
}

func TestDerivedAtoms(t *testing.T) {
	a := mustAtom(t, "!!>=cat/pkg-1-r2:3/4=::repo[a,-b]")
	for _, test := range []struct {
		name, want string
		derive     func(*atoms.Atom) *atoms.Atom
	}{
		{"Unblocked", ">=cat/pkg-1-r2:3/4=::repo[a,-b]", (*atoms.Atom).Unblocked},
		{"WithoutUSE", "!!>=cat/pkg-1-r2:3/4=::repo", (*atoms.Atom).WithoutUSE},
		{"WithoutSlot", "!!>=cat/pkg-1-r2::repo[a,-b]", (*atoms.Atom).WithoutSlot},
		{"WithoutRepo", "!!>=cat/pkg-1-r2:3/4=[a,-b]", (*atoms.Atom).WithoutRepo},
	} {
		got := test.derive(a)
		if got.String() != test.want {
			t.Errorf("%s = %s, want %s", test.name, got, test.want)
		}
		if test.derive(a) != got || test.derive(got) != got {
			t.Errorf("%s makes another atom each time", test.name)
		}
	}
	for want, got := range map[string]*atoms.Atom{
		"!!>=cat/pkg-1-r2:5::repo[a,-b]":     a.WithSlot("5", "", atoms.SlotOpNone),
		"!!>=cat/pkg-1-r2:=::repo[a,-b]":     a.WithSlot("", "", atoms.SlotOpRebuild),
		"!!>=cat/pkg-1-r2:3/4=::r[a,-b]":     a.WithRepo("r"),
		"!!>=new/name-1-r2:3/4=::repo[a,-b]": a.WithCP("new/name"),
		"!!>=cat/pkg-1-r2:3/4=::repo[c=]":    a.WithUSE([]atoms.USEDep{{Flag: "c", Kind: atoms.USEEqual}}),
		"cat/pkg":                            atoms.NewAtom("cat/pkg"),
		"=cat/pkg-1-r2*":                     atoms.NewVersionAtom(atoms.OpEqualGlob, a.CPV()),
	} {
		if got.String() != want || !got.Equal(mustAtom(t, want)) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestEvaluateUSE(t *testing.T) {
	plain := mustAtom(t, "cat/pkg[a,-b(+)]")
	if plain.EvaluateUSE(on("a")) != plain || plain.Unevaluated() != plain {
		t.Error("an atom without conditionals is not returned as it is")
	}
	a := mustAtom(t, "cat/pkg:=[a?,!b?,c=,!d=,e]")
	off := a.EvaluateUSE(on())
	if off.String() != "cat/pkg:=[-b,-c,d,e]" || off.Unevaluated() != a {
		t.Errorf("evaluated to %s of %s", off, off.Unevaluated())
	}
	all := a.EvaluateUSE(on("a", "b", "c", "d", "e"))
	if all.String() != "cat/pkg:=[a,c,-d,e]" {
		t.Errorf("evaluated to %s", all)
	}
	if a.EvaluateUSE(on()) != off || a.EvaluateUSE(on("e")) != off || a.EvaluateUSE(on("a", "b", "c", "d")) != all {
		t.Error("evaluation is not remembered")
	}
	gone := mustAtom(t, "cat/pkg[a?]").EvaluateUSE(on())
	if gone.String() != "cat/pkg" || gone.MatchUSE(flags{}) || !gone.WithoutUSE().MatchUSE(flags{}) {
		t.Error("a flag that vanished by evaluation need not be declared")
	}
	if blocker := mustAtom(t, "!cat/pkg[a?]").EvaluateUSE(on()); !blocker.MatchUSE(flags{}) {
		t.Error("a flag that vanished from a blocker must be declared")
	}
}

// flags is a FlagState: declared flags and whether they are enabled.
type flags map[string]bool

func (f flags) Declared(flag string) bool { _, ok := f[flag]; return ok }
func (f flags) Enabled(flag string) bool  { return f[flag] }

func TestEvaluateManyConditionals(t *testing.T) {
	a := mustAtom(t, "cat/pkg["+strings.Repeat("a?,", 70)+"a?]")
	if got := a.EvaluateUSE(on("a")); len(got.USE) != 71 || got.Conditional() {
		t.Errorf("evaluated to %s", got)
	}
}

func TestConcurrentUse(t *testing.T) {
	interner := atoms.NewInterner()
	o8, _ := eapi.Lookup("8")
	o7, _ := eapi.Lookup("7")
	results := make([][4]*atoms.Atom, 8)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			o := atoms.AtomOptions{EAPI: o8}
			if i%2 == 0 {
				o.EAPI = o7
			}
			d, err := interner.ParseDep("cat/pkg:=[a?,b] g? ( cat/pkg:=[a?,b] )", o)
			if err != nil {
				t.Error(err)
				return
			}
			a := d.Children[0].Leaf
			results[i] = [4]*atoms.Atom{a, d.Children[1].Children[0].Leaf, a.EvaluateUSE(on("a")), a.WithoutUSE()}
		})
	}
	wg.Wait()
	for i, r := range results {
		if r[0] == nil || r[0] != r[1] || r != results[0] {
			t.Errorf("goroutine %d got other atoms", i)
		}
	}
	if _, err := interner.ParseAtom("cat/pkg:=[a?,b]", atoms.AtomOptions{EAPI: mustEAPI(t, "4")}); err == nil {
		t.Error("a remembered atom is not checked against the EAPI")
	}
}

func mustEAPI(tb testing.TB, name string) *eapi.Features {
	tb.Helper()
	f, ok := eapi.Lookup(name)
	if !ok {
		tb.Fatalf("no EAPI %s", name)
	}
	return f
}

func TestMatchUnknowns(t *testing.T) {
	cpv, err := atoms.ParseCPV("cat/pkg-1")
	if err != nil {
		t.Fatal(err)
	}
	bare := atoms.Candidate{CPV: cpv, BuildID: atoms.NoBuildID}
	for text, want := range map[string]bool{
		"cat/pkg:5::r[a]": true, "=cat/pkg-1-3": false, ">=cat/pkg-1-3": true, "cat/other": false, "*/p*g:7": true,
		"c*/*": true, "=c*t/*-*1*": true, "=cat/*-*2*": false, "*t/pk": false, "*/*g*k*": false,
	} {
		if got := mustAtom(t, text).Match(bare); got != want {
			t.Errorf("%s Match %s = %v, want %v", text, cpv, got, want)
		}
	}
	built := bare
	built.BuildID = 3
	if !mustAtom(t, "=cat/pkg-1-3").Match(built) || mustAtom(t, "=cat/pkg-1-4").Match(built) {
		t.Error("the build id is not compared")
	}
}

func TestInsertCategory(t *testing.T) {
	for in, want := range map[string]string{"pkg": "c/pkg", ">=pkg-1": ">=c/pkg-1", "*": "c/*", "=": "", "": ""} {
		if got, ok := atoms.InsertCategory(in, "c"); got != want || ok != (want != "") {
			t.Errorf("InsertCategory(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
}
