package cycles_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/cycles"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
)

// suggest resolves a request in a world of ebuilds and returns the suggestions
// as "package: changes", with "?" if parents may have to follow. What Portage
// suggests in its own worlds is compared by the resolver cases.
func suggest(t *testing.T, ebuilds []resolvertest.Package, profile map[string][]string, args ...string) []string {
	t.Helper()
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "cycles")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	w, err := resolvertest.Layout(dir, &resolvertest.Playground{Definition: resolvertest.Definition{EAPI: "8", Ebuilds: ebuilds, Profile: profile}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := adapter.Runner(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.(interface {
		Answer(context.Context, resolvertest.Request) (*resolver.Result, error)
	}).Answer(t.Context(), resolvertest.Request{Args: args})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, x := range cycles.Suggest(res.Pass) {
		text := x.Pkg.CPV.String() + ":"
		for _, c := range x.Changes {
			sign := "-"
			if c.On {
				sign = "+"
			}
			text += " " + sign + c.Flag
		}
		if x.Followup {
			text += " ?"
		}
		list = append(list, text)
	}
	return list
}

func ebuild(cpv string, metadata ...string) resolvertest.Package {
	p := resolvertest.Package{CPV: cpv, Metadata: map[string]string{}}
	for _, m := range metadata {
		key, value, _ := strings.Cut(m, "=")
		p.Metadata[key] = value
	}
	return p
}

func TestSuggest(t *testing.T) {
	b := ebuild("app/b-1", "DEPEND=app/a")
	var many strings.Builder
	for i := range 11 {
		fmt.Fprintf(&many, "+f%d ", i)
	}
	for _, tt := range []struct {
		name    string
		ebuilds []resolvertest.Package
		profile map[string][]string
		want    []string
	}{
		{"no cycle", []resolvertest.Package{ebuild("app/a-1")}, nil, nil},
		{"no flag decides", []resolvertest.Package{ebuild("app/a-1", "DEPEND=app/b"), b}, nil, nil},
		{"a flag to disable", []resolvertest.Package{ebuild("app/a-1", "IUSE=+u", "DEPEND=u? ( app/b )"), b}, nil, []string{"app/a-1: -u"}},
		{"a flag to enable", []resolvertest.Package{ebuild("app/a-1", "IUSE=u", "DEPEND=!u? ( app/b )"), b}, nil, []string{"app/a-1: +u"}},
		{"any of two", []resolvertest.Package{ebuild("app/a-1", "IUSE=+u +v", "DEPEND=u? ( v? ( app/b ) )"), b}, nil,
			[]string{"app/a-1: -u", "app/a-1: -v"}},
		{"both of two", []resolvertest.Package{ebuild("app/a-1", "IUSE=+u +v", "DEPEND=u? ( app/b ) v? ( app/b )"), b}, nil,
			[]string{"app/a-1: -u -v"}},
		{"both edges", []resolvertest.Package{ebuild("app/a-1", "IUSE=+u", "DEPEND=u? ( app/b )"), ebuild("app/b-1", "IUSE=+w", "DEPEND=w? ( app/a )")}, nil,
			[]string{"app/a-1: -u", "app/b-1: -w"}},
		{"forced", []resolvertest.Package{ebuild("app/a-1", "IUSE=+u", "DEPEND=u? ( app/b )"), b}, map[string][]string{"use.force": {"u"}}, nil},
		{"REQUIRED_USE brings another flag", []resolvertest.Package{
			ebuild("app/a-1", "IUSE=+u v", "DEPEND=u? ( app/b )", "REQUIRED_USE=^^ ( u v )"), b}, nil, []string{"app/a-1: -u +v"}},
		{"REQUIRED_USE forbids", []resolvertest.Package{ebuild("app/a-1", "IUSE=+u", "DEPEND=u? ( app/b )", "REQUIRED_USE=u"), b}, nil, nil},
		{"a parent needs the flag", []resolvertest.Package{
			ebuild("app/a-1", "IUSE=+u", "DEPEND=u? ( app/b )"), ebuild("app/b-1", "DEPEND=app/a[u]")}, nil, nil},
		{"a parent may need the flag", []resolvertest.Package{
			ebuild("app/a-1", "IUSE=+u", "DEPEND=u? ( app/b )"), ebuild("app/b-1", "IUSE=+u", "DEPEND=app/a[u?]")}, nil, []string{"app/a-1: -u ?"}},
		{"too many flags", []resolvertest.Package{
			ebuild("app/a-1", "IUSE="+many.String(), "DEPEND="+nest(11, "app/b")), b}, nil, nil},
	} {
		got := suggest(t, tt.ebuilds, tt.profile, "app/a")
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: Suggest = %q, want %q", tt.name, got, tt.want)
		}
	}
}

// nest puts an atom below n conditionals.
func nest(n int, atom string) string {
	for i := range n {
		atom = fmt.Sprintf("f%d? ( %s )", i, atom)
	}
	return atom
}
