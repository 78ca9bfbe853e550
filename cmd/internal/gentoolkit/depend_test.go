package gentoolkit

import (
	"slices"
	"testing"
)

func TestDependencies(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{"a/a >=b/b-1:0[x] !c/c !!c/d", []string{"a/a", ">=b/b-1:0[x]"}},
		{"x? ( a/a b/b ) c/c", []string{"x a/a", "x b/b", "c/c"}},
		{"|| ( a/a ( b/b c/c ) )", []string{"a/a", "b/b", "c/c"}},
		{"|| ( a/a )", []string{"a/a"}},
		{"!x? ( a/a )", []string{"!x a/a"}},
		{"x? ( y? ( a/a ) b/b ) c/c", []string{"y a/a", "b/b", "c/c"}},
		{"x? ( ) a/a", []string{"a/a"}},
		{"( ( a/a ) )", []string{"a/a"}},
		{"x? ( x? ( a/a ) )", []string{"x a/a"}},
		{"a/a -bad- b/b", []string{"a/a", "b/b"}},
		{"( a/a", nil}, {"a/a )", nil}, {"x? a/a", nil}, {"||", nil},
	} {
		var got []string
		for _, d := range Dependencies(test.text) {
			text := d.Atom.String()
			if d.Condition != "" {
				text = d.Condition + " " + text
			}
			got = append(got, text)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("Dependencies(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func FuzzDependencies(f *testing.F) {
	f.Add("|| ( a/a x? ( b/b ) ) !c/c")
	f.Add("x? ( ( ) || ( ( a/a ) ) )")
	f.Fuzz(func(t *testing.T, text string) { Dependencies(text) })
}

func TestIntersects(t *testing.T) {
	for _, test := range []struct {
		query, dep string
		want       bool
	}{
		{"a/b", ">=a/b-1", true}, {"b", ">=a/b-1", true}, {"c", "a/b", false}, {"a/b-1", "<a/b-1", true},
		{"=a/b-1", "<a/b-1", false}, {"=a/b-1", "<=a/b-1", true}, {"=a/b-1*", "=a/b-1.5", true}, {"=a/b-1.5", "=a/b-2*", false},
		{">a/b-1", "<a/b-1", false}, {">=a/b-1", "<=a/b-1", true}, {"~a/b-1", "=a/b-1-r3", true}, {"~a/b-1", "~a/b-2", false},
		{">=a/b-1-r1", "~a/b-1", true}, {"<a/b-1", "~a/b-1", false}, {">=a/b-1.5", "=a/b-1*", true}, {"<a/b-0.5", "=a/b-1*", false},
		{"a/b:1", "a/b:2", false}, {"a/b:1", "a/b:1/3=", true}, {"a/b:1", "a/b:=", true},
	} {
		q, err := ParseQuery(test.query)
		if err != nil {
			t.Fatal(err)
		}
		deps := Dependencies(test.dep)
		if len(deps) != 1 {
			t.Fatalf("%q is no atom", test.dep)
		}
		if got := q.Intersects(deps[0].Atom); got != test.want {
			t.Errorf("%q and %q: %v", test.query, test.dep, got)
		}
	}
}
