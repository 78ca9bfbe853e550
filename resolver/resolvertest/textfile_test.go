package resolvertest

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
)

// sample has every feature of the text form.
const sample = `# A rebuild follows its provider to a new subslot.
-- repo --
dev-libs/lib-2  SLOT=0/2
app-misc/app-1  EAPI=8 IUSE="+a b"  DEPEND=dev-libs/lib:=
  RDEPEND=dev-libs/lib:= || ( a/b
    c/d[x=] )   # no comment
-- repo other --
# a comment
dev-libs/other-1.0-r1
-- installed --
dev-libs/lib-1  SLOT=0/1
app-misc/app-1::other  RDEPEND=dev-libs/lib:0/1=
-- installed target --
-- binary --
a/b-1  BUILD_ID=1
a/b-1  BUILD_ID=2
-- binary host --
a/c-1
-- world --
app-misc/app
-- world_sets --
@one
-- etc/portage/package.use --
# kept
app-misc/app a

dev-libs/lib b
-- etc/portage/sets/one --
a/b
-- profile/package.mask --
>=a/b-3
-- repo/other/metadata/layout.conf --
masters = test_repo
-- repo/test_repo/profiles/package.mask --
a/x
-- emerge -uD --exclude=a/b --exclude=a/c --backtrack=3 dev-libs/lib @world --
merge dev-libs/lib-2 replaces dev-libs/lib-1
{
merge app-misc/app-1::other rebuild dev-libs/lib:0/1= -> :0/2=
merge a/b-1 binary build-id 2 use +a -b
}
uninstall a/c-1
block !a/c
merge a/c-1 remote to target
-- emerge app-misc/none --
fail: no-match
-- emerge app-misc/masked --
merge app-misc/masked-1
use app-misc/masked-1 +a -b
keyword app-misc/masked-1
unmask app-misc/masked-1
license app-misc/masked-1 EULA
-- emerge --depclean --
clean a/x-1
-- emerge -n dev-libs/lib --
nothing
-- world target --
app-misc/app
-- sysroot target --
-- running/etc/portage/package.use --
app-misc/app -a
-- running/profile/make.defaults --
USE="b"
`

func TestParseText(t *testing.T) {
	f, err := ParseText("dir/sample.txtar", []byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	p := f.Playgrounds[0]
	d := p.Definition
	if got, want := d.Ebuilds[1].Metadata["RDEPEND"], "dev-libs/lib:= || ( a/b c/d[x=] ) # no comment"; got != want {
		t.Errorf("RDEPEND = %q, want %q", got, want)
	}
	if got, want := d.Ebuilds[1].Metadata["IUSE"], "+a b"; got != want {
		t.Errorf("IUSE = %q, want %q", got, want)
	}
	if got, want := d.Ebuilds[2].CPV, "dev-libs/other-1.0-r1::other"; got != want {
		t.Errorf("CPV = %q, want %q", got, want)
	}
	if !d.TargetRoot || len(d.Binpkgs) != 2 || d.Binrepos[0].Name != "host" {
		t.Errorf("definition = %+v", d)
	}
	if got, want := d.UserConfig["package.use"], []string{"# kept", "app-misc/app a", "", "dev-libs/lib b"}; !reflect.DeepEqual(got, want) {
		t.Errorf("package.use = %q, want %q", got, want)
	}
	if got := d.RepoConfigs["other"]["layout.conf"]; !reflect.DeepEqual(got, []string{"masters = test_repo"}) {
		t.Errorf("layout.conf = %q", got)
	}
	c := p.Cases[0]
	if got, want := c.Options.String(), "--backtrack=3 --deep --exclude=a/b --exclude=a/c --update"; got != want {
		t.Errorf("options = %q, want %q", got, want)
	}
	if c.Lines[1].Group != 1 || c.Lines[2].Group != 1 || c.Lines[3].Group != 0 {
		t.Errorf("groups of %v", c.Lines)
	}
	if got := p.Cases[3].Action; got != ActionDepclean {
		t.Errorf("action = %v, want depclean", got)
	}
}

func TestParseTextErrors(t *testing.T) {
	const head = "-- repo --\na/b-1\n-- emerge a/b --\nmerge a/b-1\n"
	tests := []struct{ text, want string }{
		{"", "w:1: no section"},
		{"a\x00b", "w:1: not a text"},
		{"-- repo --\na/b-1\n", `w:1: no request`},
		{"-- what --\n", `w:1: section "what" is unknown`},
		{"-- repo a b --\n", `w:1: section "repo a b" is unknown`},
		{"-- repo .. --\n", `w:1: repository name ".." is not valid`},
		{"-- repo --\n-- repo --\n", `w:2: section "repo" occurs again (first in line 1)`},
		{"-- repo --\n  SLOT=0\n", `w:2: indented line "SLOT=0" continues no package`},
		{"-- repo --\nfoo\n", `w:2: "foo" is not a package`},
		{"-- repo --\na/b-1::x\n", `w:2: "a/b-1::x": the repository is named by the section`},
		{"-- repo --\na/b-1 word\n", `w:2: "word": KEY=value is expected`},
		{"-- repo --\na/b-1 SLOT=0\n  SLOT=1\n", `w:3: SLOT is given twice`},
		{"-- repo --\na/b-1 SLOT=\"0\n", `w:2: value of SLOT: the quote is not closed`},
		{"-- repo --\na/b-1 SLOT=0\"\n", `w:2: "0\"": a quote inside the value of SLOT`},
		{"-- ../x/y --\n", `w:1: path "../x/y" is not a clean relative path`},
		{"-- home/x --\n", `w:1: path "home/x" is neither below`},
		{"-- etc/portage/make.profile/parent --\n", `w:1: "etc/portage/make.profile/parent": files of the profile`},
		{"-- var/lib/portage/world --\n", `w:1: "var/lib/portage/world" is given as section "world"`},
		{head + "-- emerge -Z a/b --\n", `w:5: option -Z of "-Z" is unknown`},
		{head + "-- emerge --deep= a/b --\n", `w:5: option "--deep="`},
		{head + "-- emerge a/b --\n", `w:5: the request expects nothing`},
		{head + "fetch a/b-1\n", `w:5: "fetch a/b-1": the line starts with none of merge,`},
		{head + "merge\n", `w:5: "merge": a package or atom is expected`},
		{head + "merge a/b-1 from x\n", `w:5: "merge a/b-1 from x": attribute from is unknown`},
		{head + "merge a/b-1 use a\n", `w:5: "merge a/b-1 use a": flag a needs a + or -`},
		{head + "merge a/b-1 replaces binary\n", `w:5: "merge a/b-1 replaces binary": something is expected after replaces`},
		{head + "clean a/b-1\n", `w:5: "clean a/b-1": a merge request has no such line`},
		{head + "{\nmerge a/b-1\n", `w:5: the group is not closed`},
		{head + "block !a/b !a/c\n", `w:5: "block !a/b !a/c": nothing is expected after !a/b`},
		{head + "use a/b-1\n", `w:5: "use a/b-1": flags or licences are expected`},
	}
	for _, tt := range tests {
		_, err := ParseText("w", []byte(tt.text))
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("ParseText(%q) = %v, want %s...", tt.text, err, tt.want)
		}
	}
}

// withoutLines removes positions, which FormatText does not keep.
func withoutLines(p *Playground) *Playground {
	for _, list := range [][]Package{p.Definition.Ebuilds, p.Definition.Installed, p.Definition.InstalledTo, p.Definition.Binpkgs} {
		for i := range list {
			list[i].line = 0
		}
	}
	for _, b := range p.Definition.Binrepos {
		for i := range b.Packages {
			b.Packages[i].line = 0
		}
	}
	for _, c := range p.Cases {
		c.line = 0
		for i := range c.Lines {
			c.Lines[i].Line = 0
		}
	}
	return p
}

func FuzzParseText(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("-- repo --\na/b-1 SLOT=\"\" DEPEND= x\n-- emerge --a=1 --a=x --a b --\n{\n}\nfail\n"))
	f.Add([]byte("-- binary x --\n-- emerge --\nnothing\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := ParseText("w.txtar", data)
		if err != nil {
			return
		}
		text, err := FormatText("", file.Playgrounds[0])
		if err != nil {
			t.Fatalf("FormatText: %v", err)
		}
		again, err := ParseText("w.txtar", text)
		if err != nil {
			t.Fatalf("ParseText(FormatText): %v\n%s", err, text)
		}
		if got, want := withoutLines(again.Playgrounds[0]), withoutLines(file.Playgrounds[0]); !reflect.DeepEqual(got, want) {
			t.Fatalf("ParseText(FormatText) = %+v\nwant %+v\n%s", got, want, text)
		}
		text2, _ := FormatText("", again.Playgrounds[0])
		if string(text2) != string(text) {
			t.Fatalf("FormatText is not stable:\n%s\n%s", text, text2)
		}
	})
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"playgrounds": [{"class": "C", "method": "m", "definition": {"ebuilds": [{"cpv": "a/b-1", "metadata": {}}]},
		"cases": [{"requests": [["a/b"]], "options": {"--deep": 1, "--exclude": ["x"]}, "expected": {"success": true},
		"runs": [{"request": ["a/b"], "actual": {"success": true}}]}]}]}`))
	f.Add([]byte(`{"playgrounds": [null]}`))
	f.Add([]byte(`{"playgrounds": [{"cases": [null], "files_after_setup": {"a": {"symlink": "b"}, "c": null}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := ParseJSON("x.json", data)
		if err != nil {
			return
		}
		for _, p := range file.Playgrounds {
			for _, c := range p.Cases {
				if _, err := c.CompareExpected(&Result{}); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}

// lineResult is a result that fulfils the first request of sample.
func lineResult() *Result {
	return &Result{Success: true, Tasks: []Task{
		{CPV: "dev-libs/lib-2", Repo: MainRepo, Replaces: []string{"dev-libs/lib-1"}},
		{CPV: "a/b-1", Repo: MainRepo, Type: TaskBinary, BuildID: 2, USE: []string{"a"}},
		{CPV: "app-misc/app-1", Repo: "other", Rebuilds: []string{"dev-libs/lib:0/1= -> :0/2="}},
		{CPV: "a/c-1", Repo: MainRepo, Type: TaskInstalled, Operation: OpUninstall},
		{Type: TaskBlocker, Atom: "!a/c", Satisfied: true},
		{CPV: "a/c-1", Repo: MainRepo, Type: TaskBinary, BuildID: -1, Remote: true, Target: true},
	}}
}

func TestCompareLines(t *testing.T) {
	f, err := ParseText("sample", []byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	changes := &Result{Tasks: []Task{{CPV: "app-misc/masked-1", Repo: MainRepo}},
		UseChanges:       map[string]map[string]bool{"app-misc/masked-1": {"a": true, "b": false}},
		UnstableKeywords: []string{"app-misc/masked-1"}, NeededPMaskChanges: []string{"app-misc/masked-1"},
		LicenseChanges: map[string][]string{"app-misc/masked-1": {"EULA"}}}
	tests := []struct {
		name  string
		index int
		r     *Result
		spoil func(*Result)
		want  string // the key and the rest of the difference, "" for none
	}{
		{"as expected", 0, lineResult(), nil, ""},
		{"replaces nothing", 0, lineResult(), func(r *Result) { r.Tasks[0].Replaces = nil },
			"line 37: want merge dev-libs/lib-2 replaces dev-libs/lib-1, got merge dev-libs/lib-2"},
		{"other flag", 0, lineResult(), func(r *Result) { r.Tasks[1].USE = []string{"a", "b"} }, "line 39: "},
		{"other build", 0, lineResult(), func(r *Result) { r.Tasks[1].BuildID = 1 }, "line 39: "},
		{"other reason", 0, lineResult(), func(r *Result) { r.Tasks[2].Rebuilds = nil }, "line 39: "},
		{"other repository", 0, lineResult(), func(r *Result) { r.Tasks[2].Repo = MainRepo }, "line 39: "},
		{"other root", 0, lineResult(), func(r *Result) { r.Tasks[5].Target = false }, "line 44: "},
		{"one missing", 0, lineResult(), func(r *Result) { r.Tasks = r.Tasks[:5] }, "line 44: want merge a/c-1 remote to target, got nothing (5 steps)"},
		{"one too many", 0, lineResult(), func(r *Result) { r.Tasks = append(r.Tasks, r.Tasks[0]) }, "after the last line: "},
		{"a change too many", 0, lineResult(), func(r *Result) { r.UnstableKeywords = []string{"x/y-1"} }, "changes: want nothing, got keyword x/y-1"},
		{"failed", 0, lineResult(), func(r *Result) { r.Success = false }, "success: want success, got failure"},
		{"fails as expected", 1, &Result{Failures: []string{"no-match"}}, nil, ""},
		{"fails otherwise", 1, &Result{Failures: []string{"masked"}}, nil, "line 46: want fail: no-match, got failures: masked"},
		{"should fail", 1, &Result{Success: true}, nil, "success: want failure, got success"},
		{"changes", 2, changes, nil, ""},
		{"a change less", 2, changes, func(r *Result) { r.LicenseChanges = nil }, "changes: want license app-misc/masked-1 EULA, got nothing"},
		{"cleaned", 3, &Result{Success: true, Cleanlist: []string{"a/x-1"}}, nil, ""},
		{"another cleaned", 3, &Result{Success: true, Cleanlist: []string{"a/y-1"}}, nil, "line 54: want clean a/x-1, got clean a/y-1"},
		{"nothing", 4, &Result{Success: true}, nil, ""},
		{"something", 4, &Result{Success: true, Tasks: changes.Tasks}, nil, "after the last line: want nothing, got merge app-misc/masked-1"},
	}
	for _, tt := range tests {
		if tt.spoil != nil {
			tt.spoil(tt.r)
		}
		diffs := f.Playgrounds[0].Cases[tt.index].compareLines(tt.r)
		switch {
		case tt.want == "" && len(diffs) > 0:
			t.Errorf("%s: compareLines = %v, want no difference", tt.name, diffs)
		case tt.want != "" && (len(diffs) != 1 || !strings.HasPrefix(diffs[0].String(), tt.want)):
			t.Errorf("%s: compareLines = %v, want %s...", tt.name, diffs, tt.want)
		}
	}
}

// The worlds that the repository keeps can be read, and written again.
func TestKeptWorlds(t *testing.T) {
	files, errs := Read(filepath.Join(sharedtest.RepoRoot(t), "testdata", "worlds"))
	for _, err := range errs {
		t.Error(err)
	}
	for _, f := range files {
		text, err := FormatText("", f.Playgrounds[0])
		if err != nil {
			t.Error(err)
			continue
		}
		again, err := ParseText(f.Path, text)
		if err != nil {
			t.Error(err)
			continue
		}
		if got, want := withoutLines(again.Playgrounds[0]), withoutLines(f.Playgrounds[0]); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: ParseText(FormatText) differs", f.Path)
		}
		if _, err := Layout(scratch(t), f.Playgrounds[0]); err != nil {
			t.Error(err)
		}
	}
}
