package atoms_test

import (
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
)

func TestInternerOptions(t *testing.T) {
	old, _ := eapi.Lookup("0")
	current, _ := eapi.Lookup("8")
	in := atoms.NewInterner()
	const text = "|| ( cat/a:0= cat/b[flag] )"
	first, err := in.ParseDep(text, atoms.AtomOptions{EAPI: current})
	if err != nil {
		t.Fatal(err)
	}
	again, err := in.ParseDep(text, atoms.AtomOptions{})
	if err != nil || again != first {
		t.Errorf("ParseDep(%q, permissive) = %p, %v; want %p as under EAPI 8", text, again, err, first)
	}
	if tree, err := in.ParseDep(text, atoms.AtomOptions{EAPI: old}); err == nil {
		t.Errorf("ParseDep(%q, EAPI 0) = %v; want an error", text, tree)
	}
	if again, err := in.ParseDep(text, atoms.AtomOptions{EAPI: current}); err != nil || again != first {
		t.Errorf("ParseDep(%q, EAPI 8) = %p, %v after an error under EAPI 0; want %p", text, again, err, first)
	}
	if tree, err := in.ParseRequiredUSE("?? ( a b )", old); err == nil {
		t.Errorf("ParseRequiredUSE(?? ( a b ), EAPI 0) = %v; want an error", tree)
	}
	if _, err := in.ParseRequiredUSE("?? ( a b )", current); err != nil {
		t.Errorf("ParseRequiredUSE(?? ( a b ), EAPI 8): %v", err)
	}
}

func TestAsksOnly(t *testing.T) {
	tree, err := atoms.ParseDep("a? ( cat/p[b?] ) !c? ( || ( cat/q[d] cat/r[!e=] ) )", atoms.AtomOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		missing string
		want    bool
	}{{"", true}, {"a", false}, {"b", false}, {"c", false}, {"d", true}, {"e", false}} {
		if got := tree.AsksOnly(func(flag string) bool { return flag != c.missing }); got != c.want {
			t.Errorf("AsksOnly(all but %q) = %v; want %v", c.missing, got, c.want)
		}
	}
}
