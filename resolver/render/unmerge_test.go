package render_test

import (
	"strings"
	"testing"

	"github.com/tumpline/tumpline/resolver/render"
)

// both joins messages; what goes to standard error has "E " before each line.
func both(list []render.Message) string {
	var b strings.Builder
	for _, m := range list {
		for l := range strings.Lines(m.Text) {
			if m.Err {
				b.WriteString("E ")
			}
			b.WriteString(l)
		}
	}
	return b.String()
}

func TestSelection(t *testing.T) {
	selection := render.Selection{
		Action: "unmerge", Announce: true, Found: true, Missing: []string{"null/none"},
		Refused: []render.RefusedRemoval{{CPV: "sys-apps/portage-3"}, {CPV: "dev-lang/python-3.11", Interpreter: true}},
		Listed:  []render.ListedRemoval{{CPV: "a/b-1", Sets: []string{"mine", "yours"}}},
		Unknown: []string{"gone"}, WorldSets: "/var/lib/portage/world_sets",
		Groups: []render.RemovalGroup{
			{CP: "a/b", Selected: []string{"1", "2"}, Protected: []string{"3"}},
			{},
			{CP: "a/v", Selected: []string{"1"}, System: true, Virtual: "virtual/v"},
		},
		Selected: []string{"a/b-1", "a/b-2", "a/v-1"},
	}
	const refused = `E  * Not unmerging package sys-apps/portage-3 since there is no valid reason for
E  * Portage to unmerge itself.
E  * Not unmerging package dev-lang/python-3.11 since there is no valid reason
E  * for Portage to unmerge currently used Python interpreter.
E  * Unknown set '@gone' in /var/lib/portage/world_sets
Package a/b-1 is going to be unmerged,
but still listed in the following package sets:
    mine, yours

`
	const system = `E 
E 
E !!! 'a/v' (virtual/v) is part of your system profile.
E !!! Unmerging it may be damaging to your system.
E 
`
	const missing = "E \nE --- Couldn't find 'none' to unmerge.\n"
	for _, c := range []struct {
		o    render.Options
		want string
	}{
		{render.Options{}, "\n>>> These are the packages that would be unmerged:\n" + missing + refused +
			"\n a/b\n    selected: 1 2 \n   protected: 3 \n     omitted: none \n" + system +
			"\n a/v\n    selected: 1 \n   protected: none \n     omitted: none \n" +
			"\nAll selected packages: =a/b-1 =a/b-2 =a/v-1\n" +
			"\n>>> 'Selected' packages are slated for removal.\n>>> 'Protected' and 'omitted' packages will not be removed.\n\n"},
		{render.Options{Quiet: true}, missing + refused + "a/b: 1 2 3 none \n" + system + "a/v: 1 none none \n" +
			"\nAll selected packages: =a/b-1 =a/b-2 =a/v-1\n"},
	} {
		if got := both(selection.Messages(c.o)); got != c.want {
			t.Errorf("Messages(quiet %t):\n got %s\nwant %s", c.o.Quiet, got, c.want)
		}
	}
}

func TestSelectionOfNothing(t *testing.T) {
	for _, c := range []struct {
		s    render.Selection
		want string
	}{
		{render.Selection{Action: "clean"}, "\n>>> No packages selected for removal by clean\n"},
		{render.Selection{Action: "clean", Global: true, Root: "/b/"},
			"\n>>> Using system located in ROOT tree /b/\n\n>>> No outdated packages were found on your system.\n"},
		{render.Selection{Action: "unmerge", Found: true}, "\n>>> No packages selected for removal by unmerge\n"},
	} {
		if got := both(c.s.Messages(render.Options{})); got != c.want {
			t.Errorf("%+v.Messages:\n got %q\nwant %q", c.s, got, c.want)
		}
	}
}

func TestDepcleanLibraries(t *testing.T) {
	d := render.Depclean{
		Action: "depclean", Selected: 1, Sonames: []render.BrokenDep{{Atom: "x86_64: libz.so.1", CPV: "a/z-1"}},
		Libraries: &render.LibraryCheck{
			Searched: true,
			Held: []render.HeldPackage{{CPV: "a/lib-1", Consumers: []render.LibraryConsumer{
				{CPV: "a/user-1", Sonames: []string{"liba.so.1", "libb.so.1"}},
			}}},
			After: &render.Depclean{Action: "depclean", Kept: []render.KeptPackage{
				{CPV: "a/k-1", Needed: []render.NeededBy{{Name: "b/b-1", Atoms: []string{"a/k"}}, {Name: "@world", Atoms: []string{"a/k:0", "a/k"}}}},
				{CPV: "a/lib-1"},
			}},
		},
	}
	want := `E  * Broken soname dependencies found:
E  * 
E  *   x86_64: libz.so.1 required by:
E  *     a/z-1
E  * 
>>> Checking for lib consumers...
>>> Assigning files to packages...
E  * In order to avoid breakage of link level dependencies, one or more
E  * packages will not be removed. This can be solved by rebuilding the
E  * packages that pulled them in.
E  * 
E  *   a/lib-1 pulled in by:
E  *     a/user-1 needs liba.so.1, libb.so.1
E  * 
>>> Adding lib providers to graph...
  a/k-1 pulled in by:
    @world requires a/k:0, a/k
    b/b-1 requires a/k

>>> No packages selected for removal by depclean
`
	if got := both(d.Messages(render.Options{Verbose: true})); got != want {
		t.Errorf("Messages:\n got %s\nwant %s", got, want)
	}
}

func TestWorldFaults(t *testing.T) {
	f := render.WorldFaults{
		Missing:  []render.MissingSet{{In: "selected", Name: "x"}, {In: "world", Name: "x"}},
		NoSystem: true, NoWorld: true, EmptyWorld: true, Aborts: true,
	}
	want := "!!! The set 'selected' contains a non-existent set named 'x'.\n!!! You have no system list.\n!!! You have no world file.\n" +
		"!!! The set 'world' contains a non-existent set named 'x'.\n!!! Your @world set is empty.\n" +
		"!!! Aborting due to set configuration errors displayed above.\n"
	if got := f.Text(); got != want {
		t.Errorf("Text:\n got %s\nwant %s", got, want)
	}
}
