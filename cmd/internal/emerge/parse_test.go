package emerge

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The forms that the semantics notes name: optional values in and outside of
// clusters (S2).
func TestInsertOptionalValues(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--deep 3 x", "--deep 3 x"},
		{"--deep x", "--deep True x"},
		{"--ask n", "--ask n"},
		{"--jobs n", "--jobs n"},
		{"-j n", "-j True n"},
		{"-j4", "-j 4"},
		{"-l 2.5", "-l 2.5"},
		{"-D1", "-D 1"},
		{"-uD1", "-D True -u1"},
		{"-uD 1", "-D True -u 1"},
		{"-kn", "-k True -n"},
		{"-k n", "-k n"},
		{"-uDNv", "-D True -v True -uN"},
		{"-vv", "-v True -v True"},
		{"--root-deps rdeps x", "--root-deps rdeps x"},
		{"--root-deps x", "--root-deps True x"},
		{"-Xdev-libs/foo", "-l True -b True -v True -Xde-is/foo"},
		{"-- --deep", "-- --deep True"},
		{"-", "-"},
	} {
		got := strings.Join(insertOptionalValues(strings.Fields(c.args)), " ")
		if got != c.want {
			t.Errorf("insertOptionalValues(%q) = %q, want %q", c.args, got, c.want)
		}
	}
}

func TestParseForms(t *testing.T) {
	yes := Value{Kind: KindTrue}
	for _, c := range []struct {
		args string
		want Line
	}{
		{"-uDN @world", Line{Options: map[string]Value{"--update": yes, "--deep": yes, "--newuse": yes}, Args: []string{"@world"}}},
		{"-D 2 --jobs=3 x", Line{Options: map[string]Value{"--deep": {Kind: KindInteger, Int: 2}, "--jobs": {Kind: KindInteger, Int: 3}}, Args: []string{"x"}}},
		{"--usepkg=n --ask=n", Line{Options: map[string]Value{"--usepkg": {Kind: KindFalse}}, Args: []string{}}},
		{"-1 --select x", Line{Options: map[string]Value{"--select": yes}, Args: []string{"x"}}},
		{"--select=n", Line{Options: map[string]Value{"--select": textValue("n"), "--oneshot": yes}, Args: []string{}}},
		{"-U", Line{Options: map[string]Value{"--reinstall": textValue("changed-use")}, Args: []string{}}},
		{"--rebuild-if-new-ver --rebuild-if-unbuilt", Line{Options: map[string]Value{"--rebuild-if-unbuilt": yes}, Args: []string{}}},
		{"--exclude a/b --exclude=c", Line{Options: map[string]Value{"--exclude": {Kind: KindList, List: []string{"a/b", "c"}}}, Args: []string{}}},
		{"--pret -- -x", Line{Options: map[string]Value{"--pretend": yes}, Args: nil}},
		{"-W x", Line{Action: "deselect", Options: map[string]Value{"--deselect": yes}, Args: []string{"x"}}},
		{"-S x", Line{Action: "search", Options: map[string]Value{"--searchdesc": yes}, Args: []string{"x"}}},
		{"--json --json-version=^1 x", Line{Options: map[string]Value{"--json": yes, "--json-version": textValue("^1")}, Args: []string{"x"}}},
	} {
		got, err := Parse(strings.Fields(c.args), Strict)
		if c.want.Args == nil {
			if err == nil {
				t.Errorf("Parse(%q) = %+v, want an error", c.args, got)
			}
			continue
		}
		if err != nil {
			t.Errorf("Parse(%q): %v", c.args, err)
		} else if diff := cmp.Diff(&c.want, got); diff != "" {
			t.Errorf("Parse(%q) (-want +got):\n%s", c.args, diff)
		}
	}
}

// tumpline's own options have no abbreviations, so that emerge's keep theirs.
func TestOwnOptionsAreNotAbbreviated(t *testing.T) {
	for _, args := range [][]string{{"--jso"}, {"--build-r", "x"}} {
		if line, err := Parse(args, Strict); err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", args, line)
		}
	}
	if line, err := Parse([]string{"--job", "--js"}, Strict); err == nil || !strings.Contains(err.Error(), "ambiguous option: --job could match --jobs, --jobs-tmpdir-require-free-gb") {
		t.Errorf("Parse(--job) = %+v, %v", line, err)
	}
}

func TestTwoActions(t *testing.T) {
	_, err := Parse([]string{"--sync", "--depclean"}, Strict)
	if !errors.Is(err, ErrActions) || !strings.Contains(err.Error(), "'depclean' or 'sync'") {
		t.Errorf("Parse(--sync --depclean): %v", err)
	}
}

func TestImply(t *testing.T) {
	for _, c := range []struct {
		args     string
		features string
		want     string
	}{
		{"-p -a", "", "--pretend"},
		{"--getbinpkgonly", "", "--getbinpkg --getbinpkgonly --usepkg --usepkgonly"},
		{"--getbinpkg", "", "--getbinpkg --usepkg"},
		{"--usepkgonly", "", "--usepkg --usepkgonly"},
		{"--usepkgonly=n", "", "--usepkgonly"},
		{"x", "getbinpkg", "--getbinpkg --usepkg"},
		{"--getbinpkg=n", "getbinpkg", "--getbinpkg"},
		{"--buildpkgonly", "", "--buildpkg --buildpkgonly"},
		{"-F", "", "--fetch-all-uri --fetchonly"},
		{"--skip-first", "", "--resume --skipfirst"},
	} {
		line, err := Parse(strings.Fields(c.args), Strict)
		if err != nil {
			t.Fatal(err)
		}
		line.imply(func(word string) bool { return word == c.features })
		var got []string
		for name := range line.Options {
			got = append(got, name)
		}
		slices.Sort(got)
		if strings.Join(got, " ") != c.want {
			t.Errorf("imply(%q, FEATURES %q) = %q, want %q", c.args, c.features, got, c.want)
		}
	}
}

// Every option that is accepted without effect says why that is right.
func TestInertOptionsAreExplained(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range append(options(), ownOptions()...) {
		if o.Note == "" {
			t.Errorf("%s has no note", o.Long)
		}
		if seen[o.Long] {
			t.Errorf("%s is there twice", o.Long)
		}
		seen[o.Long] = true
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"-uDNv\n@world", "--deep\n3", "-X\na/b", "--\n-v", "-p--", "--color=y\n-l\n2e3", "-1é", "--exclude=\x00", "-D=1", "--jobs-tmpdir-require-free-gb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		args := strings.Split(s, "\n")
		once, err := Parse(args, Strict)
		again, err2 := Parse(args, Strict)
		if !reflect.DeepEqual(once, again) || (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Errorf("Parse(%q) differs from itself", args)
		}
		if _, err := Parse(args, Lenient); err != nil && once != nil {
			t.Errorf("Parse(%q): only the lenient parse fails: %v", args, err)
		}
	})
}
