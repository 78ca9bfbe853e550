package atoms_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
)

// checkParseError requires that a parser's error has its fields in order.
func checkParseError(t *testing.T, text string, err error) {
	t.Helper()
	var e *atoms.ParseError
	if !errors.As(err, &e) {
		t.Fatalf("error of type %T, want *ParseError: %v", err, err)
	}
	if e.Text != text || e.Kind == "" || e.Msg == "" || e.Offset < 0 || e.Offset > len(text) {
		t.Fatalf("parse %q: %#v", text, e)
	}
}

func FuzzParseVersion(f *testing.F) {
	seeds := []string{"1", "1.2.3b_rc4_p-r5", "0-r0", "01.010", "1_", "1-r", "a", ""}
	for _, s := range seeds {
		for _, t := range seeds {
			f.Add(s, t)
		}
	}
	f.Fuzz(func(t *testing.T, s, other string) {
		v, err := atoms.ParseVersion(s)
		if err != nil {
			checkParseError(t, s, err)
			return
		}
		text := v.Base().String()
		if r := v.Revision(); r != "" {
			text += "-r" + r
		}
		if v.String() != s || text != s {
			t.Fatalf("version %q prints as %q, with parts %q", s, v, text)
		}
		w, err := atoms.ParseVersion(other)
		if err != nil {
			return
		}
		if v.Compare(w) != -w.Compare(v) || v.Compare(v) != 0 {
			t.Fatalf("%q and %q: Compare %d and %d", s, other, v.Compare(w), w.Compare(v))
		}
	})
}

func FuzzParseAtom(f *testing.F) {
	for _, s := range []string{
		"cat/pkg", "!!>=cat/pkg-1.2_p3-r4:0/1=::repo[a,-b,c?,!d?,e=,!f(+)=]", "=cat/pkg-1*", "~cat/p-1", "=cat/pkg-1-2",
		"*/*", "=*/*-*9999*:0::r", "cat/*:=", "cat/pkg:*", "cat/pkg[a", "cat/pkg-1", "<=c/p-1-r1-3",
	} {
		f.Add(s)
	}
	allowed := atoms.AtomOptions{AllowWildcard: true, AllowRepo: true, AllowBuildID: true}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := atoms.ParseAtom(s, allowed)
		if err != nil {
			checkParseError(t, s, err)
			return
		}
		if a.String() != s {
			t.Fatalf("atom %q prints as %q", s, a)
		}
		// Derived atoms are printed from their parts; undoing what was
		// derived must give the text back.
		if again := a.WithSlot("x", "", atoms.SlotOpNone).WithSlot(a.Slot, a.Subslot, a.SlotOp); !again.Equal(a) {
			t.Fatalf("atom %q prints as %q from its parts", s, again)
		}
		for _, b := range []*atoms.Atom{a.Unblocked(), a.WithoutUSE(), a.WithoutSlot(), a.WithoutRepo(), a.EvaluateUSE(func(string) bool { return true })} {
			if c, err := atoms.ParseAtom(b.String(), allowed); err != nil || !c.Equal(b) {
				t.Fatalf("derived atom %q does not parse: %v", b, err)
			}
		}
	})
}

// fuzzSpec checks that a tree prints as text that parses to the same tree.
func fuzzSpec[L any](t *testing.T, text string, parse func(string) (*atoms.Spec[L], error)) *atoms.Spec[L] {
	tree, err := parse(text)
	if err != nil {
		checkParseError(t, text, err)
		return nil
	}
	printed := tree.String()
	again, err := parse(printed)
	if err != nil || again.String() != printed {
		t.Fatalf("%q prints as %q, which gives %v, %v", text, printed, again, err)
	}
	isSpace := func(r rune) bool { return strings.ContainsRune(" \t\n\v\f\r", r) }
	if want := strings.Join(strings.FieldsFunc(text, isSpace), " "); printed != want {
		t.Fatalf("%q prints as %q", text, printed)
	}
	return tree
}

func FuzzParseDep(f *testing.F) {
	f.Add("")
	f.Add("a/b || ( c/d ( e/f[g?] !g? ( h/i ) ) ) ( ( j/k ) )")
	f.Add("|| ( || ( a/b ) )\n g? (\t!!a/b )")
	f.Add("( a/b")
	f.Fuzz(func(t *testing.T, text string) {
		tree := fuzzSpec(t, text, func(s string) (*atoms.Dep, error) { return atoms.ParseDep(s, atoms.AtomOptions{}) })
		if tree == nil {
			return
		}
		for _, on := range []bool{false, true} {
			o := atoms.ReduceOptions{Enabled: func(string) bool { return on }}
			once := atoms.Reduce(tree, o)
			checkReduced(t, once, true)
			if len(text) < 64 {
				atoms.OverlapDNF(once)
			}
		}
	})
}

// checkReduced requires the form that Reduce promises.
func checkReduced(t *testing.T, d *atoms.Dep, root bool) {
	t.Helper()
	for _, child := range d.Children {
		switch child.Kind {
		case atoms.KindLeaf:
			if child.Leaf.Conditional() {
				t.Fatalf("atom %s is not evaluated", child.Leaf)
			}
		case atoms.KindAny, atoms.KindAll:
			if len(child.Children) == 0 {
				t.Fatalf("empty group in %s", d)
			}
			checkReduced(t, child, false)
		default:
			t.Fatalf("%v group in %s", child.Kind, d)
		}
	}
}

func FuzzParseRequiredUSE(f *testing.F) {
	f.Add("a || ( b !c ) ^^ ( d e ) ?? ( f ) g? ( !h? ( i ) )")
	f.Add("|| ( ) ( ( a ) )")
	f.Add("?? ( a")
	f.Fuzz(func(t *testing.T, text string) {
		tree := fuzzSpec(t, text, func(s string) (*atoms.RequiredUSE, error) { return atoms.ParseRequiredUSE(s, nil) })
		if tree == nil {
			return
		}
		for _, on := range []bool{false, true} {
			ok, rest, err := atoms.CheckRequiredUSE(tree, constant{on}, nil)
			if err != nil || ok != (rest == nil) {
				t.Fatalf("check %q: %v, %v, %v", text, ok, rest, err)
			}
			if rest == nil {
				continue
			}
			fuzzSpec(t, rest.String(), func(s string) (*atoms.RequiredUSE, error) { return atoms.ParseRequiredUSE(s, nil) })
		}
	})
}

// constant is a FlagState in which every flag is declared and has one state.
type constant struct{ on bool }

func (constant) Declared(string) bool  { return true }
func (c constant) Enabled(string) bool { return c.on }

func FuzzParseSrcURI(f *testing.F) {
	f.Add("https://a/b.tar.gz -> c.tar.gz mirror://d/e f? ( fetch+https://g/h mirror+i )")
	f.Add("a -> b -> c")
	f.Add("|| ( a )")
	f.Fuzz(func(t *testing.T, text string) {
		fuzzSpec(t, text, func(s string) (*atoms.SrcURI, error) { return atoms.ParseSrcURI(s, nil) })
	})
}
