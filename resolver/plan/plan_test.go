package plan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/resolver/plan"
)

// sample is a plan with something in every list; it is the example of
// docs/json.md.
func sample() *plan.Plan {
	return &plan.Plan{
		Request: plan.Request{
			Command: "emerge",
			Args:    []string{"--pretend", "--update", "--json", "app-editors/vim"},
			Targets: []string{"app-editors/vim"},
		},
		Roots:     plan.Roots{Target: "/build/amd64-usr/", Sysroot: "/build/amd64-usr/", Build: "/", Config: "/build/amd64-usr/"},
		UseExpand: []string{"PYTHON_TARGETS"},
		Steps: []plan.Step{
			{
				ID: 1, Operation: plan.OpMerge, Origin: plan.OriginBinary,
				CPV: "dev-util/patchutils-0.4.2", CP: "dev-util/patchutils", Version: "0.4.2", BuildID: 3,
				Slot: "0", Subslot: "0", Repo: "gentoo", EAPI: "8", Root: plan.RootBuild,
				Stage: plan.StageFinal, Status: plan.StatusNew, Mark: plan.MarkNone,
				Fetch:   plan.Fetch{Bytes: 81920, Restriction: plan.FetchFree, Remote: true},
				Reasons: []plan.Reason{{Kind: plan.ReasonDependency, Parent: "app-editors/vim-9.1", Step: 3, Class: plan.ClassBDepend, Atom: "dev-util/patchutils"}},
			},
			{
				ID: 2, Operation: plan.OpUnmerge, Origin: plan.OriginInstalled,
				CPV: "app-editors/vi-1.0", CP: "app-editors/vi", Version: "1.0",
				Slot: "0", Subslot: "0", Repo: "gentoo", EAPI: "7", Root: plan.RootTarget,
				Stage: plan.StageFinal, Mark: plan.MarkNone, Fetch: plan.Fetch{Restriction: plan.FetchFree},
				Reasons: []plan.Reason{{Kind: plan.ReasonBlocker, Parent: "app-editors/vim-9.1", Step: 3, Atom: "!app-editors/vi"}},
			},
			{
				ID: 3, Operation: plan.OpMerge, Origin: plan.OriginEbuild,
				CPV: "app-editors/vim-9.1", CP: "app-editors/vim", Version: "9.1",
				Slot: "0", Subslot: "0", Repo: "gentoo", EAPI: "8", Root: plan.RootTarget,
				Stage: plan.StageFinal, Status: plan.StatusUpdate, Replaces: []string{"app-editors/vim-9.0"},
				Installed: []plan.Installed{{CPV: "app-editors/vim-9.0", Slot: "0", Subslot: "0", Repo: "gentoo"}},
				Use:       []string{"acl", "python_targets_python3_12"}, Disabled: []string{"X", "selinux"}, Fixed: []string{"selinux"},
				Mark: plan.MarkTesting, Fetch: plan.Fetch{Bytes: 18350080, Restriction: plan.FetchFree},
				Reasons: []plan.Reason{{Kind: plan.ReasonArgument, Atom: "app-editors/vim"}},
				Needs: []plan.Need{
					{Class: plan.ClassBDepend, Atom: "dev-util/patchutils", Root: plan.RootBuild, Step: 1, SatisfiedBy: "dev-util/patchutils-0.4.2"},
					{Class: plan.ClassRDepend, Atom: ">=sys-libs/ncurses-5.2-r2:0/6=", Root: plan.RootTarget, SatisfiedBy: "sys-libs/ncurses-6.5"},
				},
			},
		},
		World: []plan.WorldEntry{{Atom: "app-editors/vim", Step: 3}},
		Blockers: []plan.Blocker{{
			Atom: "!app-editors/vi", Strength: plan.StrengthWeak, Root: plan.RootTarget, Satisfied: true, Step: 2,
			Blocking: []string{"app-editors/vim-9.1"}, Blocked: []string{"app-editors/vi-1.0"},
		}},
		Problems: []plan.Problem{{
			Kind: plan.ProblemChangesNeeded, Severity: plan.SeverityError,
			Message: "The following keyword changes are necessary to proceed:\n=app-editors/vim-9.1 ~amd64", Root: plan.RootTarget,
			Packages: []string{"app-editors/vim-9.1"}, Atoms: []string{"app-editors/vim"},
			RequiredBy: []plan.Link{{Name: "app-editors/vim", Kind: plan.LinkArgument}},
		}},
		Changes: plan.Changes{
			Keywords: []plan.KeywordChange{{CPV: "app-editors/vim-9.1", Root: plan.RootTarget, Atom: "=app-editors/vim-9.1", Keyword: "~amd64"}},
		},
	}
}

func write(t testing.TB, p *plan.Plan) string {
	t.Helper()
	var b strings.Builder
	if err := plan.Write(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRoundTrip(t *testing.T) {
	text := write(t, sample())
	got, err := plan.Read("p.json", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if again := write(t, got); again != text {
		t.Errorf("written again: %s", cmp.Diff(text, again))
	}
	if err := got.Check(); err != nil {
		t.Errorf("Check: %v", err)
	}
}

// TestNoMissingKeys writes plans with as little as possible.
func TestNoMissingKeys(t *testing.T) {
	p := &plan.Plan{Steps: []plan.Step{{}}, Problems: []plan.Problem{{}}}
	text := write(t, p)
	for _, want := range []string{`"blockers": []`, `"use": []`, `"needs": []`, `"atoms": []`, `"build_id": null`,
		`"status": null`, `"id": null`, `"required_by": []`, `"targets": []`, `"bytes": 0`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if strings.Contains(strings.ReplaceAll(text, `": null`, ""), "null") {
		t.Errorf("a list is null in\n%s", text)
	}
	if p.Schema != "" || p.Steps[0].Use != nil {
		t.Error("Write changed its argument")
	}
}

// TestPlainText keeps the operators of atoms readable.
func TestPlainText(t *testing.T) {
	text := write(t, sample())
	if !strings.Contains(text, `">=sys-libs/ncurses-5.2-r2:0/6="`) || strings.Contains(text, `\u003`) {
		t.Errorf("operators are escaped in\n%s", text)
	}
}

func TestReadFaults(t *testing.T) {
	good := write(t, sample())
	tests := []struct {
		name, old, new string
		want           []string // parts of the message
	}{
		{"missing key", `"slot": "0",` + "\n      \"subslot\"", `"subslot"`, []string{"p.json: steps[0].slot: missing"}},
		{"unknown key", `"slot": "0",`, `"slot": "0", "slt": 1,`, []string{"p.json: steps[0].slt: unknown key"}},
		{"wrong type", `"cp": "app-editors/vi"`, `"cp": 5`, []string{"steps[1].cp: want a string, got a number"}},
		{"word", `"operation": "unmerge"`, `"operation": "remove"`, []string{`steps[1].operation: "remove" is none of merge, unmerge`}},
		{"null list", `"blockers": [`, `"blockers": null, "x": [`, []string{"blockers: want a list, got null", "x: unknown key"}},
		{"null id", `"id": 2`, `"id": null`, []string{"steps[1].id: want a number, got null"}},
		{"zero id", `"step": 1`, `"step": 0`, []string{"steps[2].needs[0].step: want a number from 1 on, got 0"}},
		{"fraction", `"bytes": 81920`, `"bytes": 8.5`, []string{"steps[0].fetch.bytes: want an integer, got 8.5"}},
		{"negative", `"bytes": 81920`, `"bytes": -1`, []string{"steps[0].fetch.bytes: want no negative number, got -1"}},
		{"huge", `"build_id": 3`, `"build_id": 99999999999`, []string{"steps[0].build_id: 99999999999 is too large"}},
		{"schema", `"schema": "tumpline.plan"`, `"schema": "other"`, []string{`p.json: schema: want "tumpline.plan", got "other"`}},
		{"version", `"schema_version": "1.2.0"`, `"schema_version": "x"`, []string{`schema_version: want a semantic version, got "x"`}},
		{"major", `"schema_version": "1.2.0"`, `"schema_version": "2.1.0"`, []string{`read plan p.json: tumpline.plan 2.1.0 does not satisfy "^1"`}},
		{"syntax", `"blockers": [`, `"blockers": [[}`, []string{"p.json:1", "invalid character '}'"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(good, tt.old) {
				t.Fatalf("the sample has no %s", tt.old)
			}
			_, err := plan.Read("p.json", strings.NewReader(strings.Replace(good, tt.old, tt.new, 1)))
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q, want %q in it", err, want)
				}
			}
		})
	}
}

func TestReadText(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "p.json:1: EOF",
		"[]":                 "p.json: want an object, got a list",
		"{} {}":              "p.json:1: more than one value",
		"{\n\n\"a\": nope\n": "p.json:3: invalid character 'o' in literal null (expecting 'u')",
		"{}":                 `p.json: schema: want "tumpline.plan", got nothing`,
	} {
		_, err := plan.Read("p.json", strings.NewReader(text))
		if err == nil || err.Error() != want {
			t.Errorf("Read(%q): %v, want %s", text, err, want)
		}
	}
}

// TestReadNewer reads a document of a later minor version.
func TestReadNewer(t *testing.T) {
	text := strings.Replace(write(t, sample()), `"1.2.0"`, `"1.7.0", "future": []`, 1)
	p, err := plan.Read("p.json", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if p.SchemaVersion != "1.7.0" {
		t.Errorf("version %s", p.SchemaVersion)
	}
}

func TestReadManyFaults(t *testing.T) {
	text := strings.ReplaceAll(write(t, sample()), `"0"`, `0`)
	_, err := plan.Read("p.json", strings.NewReader(text))
	if n := strings.Count(fmt.Sprint(err), "\n") + 1; n < 6 || n > 20 {
		t.Errorf("%d faults: %v", n, err)
	}
	var format *plan.FormatError
	if !errors.As(err, &format) || format.Path != "steps[0].slot" {
		t.Errorf("first fault %+v", format)
	}
}

func TestCheckVersion(t *testing.T) {
	for _, tt := range []struct{ constraint, want string }{
		{"^1", ""}, {">=1.0, <2", ""}, {"1.x", ""},
		{"^2", `tumpline.plan 1.2.0 does not satisfy "^2"`},
		{">1.2.0", `tumpline.plan 1.2.0 does not satisfy ">1.2.0"`},
		{"one", `version constraint: improper constraint: "one"`},
	} {
		err := plan.CheckVersion(tt.constraint)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("CheckVersion(%q) = %q, want %q", tt.constraint, got, tt.want)
		}
		var v *plan.VersionError
		if errors.As(err, &v) != strings.Contains(tt.want, "does not satisfy") {
			t.Errorf("CheckVersion(%q): error is %T", tt.constraint, err)
		}
	}
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*plan.Plan)
		want  string
	}{
		{"good", func(*plan.Plan) {}, ""},
		{"id", func(p *plan.Plan) { p.Steps[1].ID = 7 }, "steps[1] (app-editors/vi-1.0): id is 7, want 2"},
		{"cpv", func(p *plan.Plan) { p.Steps[0].Version = "1" }, `steps[0] (dev-util/patchutils-0.4.2): cp "dev-util/patchutils" and version "1" do not make the cpv`},
		{"word", func(p *plan.Plan) { p.Steps[0].Stage = "" }, `steps[0].stage: "" is none of bootstrap, final`},
		{"root", func(p *plan.Plan) { p.Roots.Build = "" }, `roots.build: "" does not begin and end with "/"`},
		{"slot", func(p *plan.Plan) { p.Steps[0].Subslot = "" }, `steps[0] (dev-util/patchutils-0.4.2): slot "0", sub-slot "": want both`},
		{"origin", func(p *plan.Plan) { p.Steps[1].Origin = plan.OriginEbuild }, "steps[1] (app-editors/vi-1.0): operation unmerge does not go with origin ebuild"},
		{"status", func(p *plan.Plan) { p.Steps[2].Status = plan.StatusNew }, `steps[2] (app-editors/vim-9.1): status "new" does not go with 1 installed and 1 replaced packages`},
		{"replaces", func(p *plan.Plan) { p.Steps[2].Replaces = []string{"a/b-1"} }, "steps[2] (app-editors/vim-9.1): replaces a/b-1, which is not in installed"},
		{"order of flags", func(p *plan.Plan) { p.Steps[2].Disabled = []string{"selinux", "X"} }, `steps[2] (app-editors/vim-9.1).disabled: "selinux" does not come before "X"`},
		{"fixed", func(p *plan.Plan) { p.Steps[2].Fixed = []string{"zz"} }, "steps[2] (app-editors/vim-9.1): fixed flag zz is not in IUSE"},
		{"reason", func(p *plan.Plan) { p.Steps[1].Reasons = nil }, "steps[1] (app-editors/vi-1.0): no reason"},
		{"parent", func(p *plan.Plan) { p.Steps[0].Reasons[0].Step = 2 }, `steps[0] (dev-util/patchutils-0.4.2).reasons[0]: parent "app-editors/vim-9.1" is not the package of step 2`},
		{"reference", func(p *plan.Plan) { p.Steps[0].Reasons[0].Step = -2 }, "steps[0] (dev-util/patchutils-0.4.2).reasons[0].step: there is no step -2"},
		{"need", func(p *plan.Plan) { p.Steps[2].Needs[0].Step = 9 }, "steps[2] (app-editors/vim-9.1).needs[0] (dev-util/patchutils).step: there is no step 9"},
		{"wrong need", func(p *plan.Plan) { p.Steps[2].Needs[0].Root = plan.RootTarget }, `satisfied by "dev-util/patchutils-0.4.2" in the target root, but step 1 is merge dev-util/patchutils-0.4.2 in the build root`},
		{"success", func(p *plan.Plan) { p.Success = true }, "success: true, but 1 problems are errors"},
		{"no problem", func(p *plan.Plan) { p.Problems = nil }, "success: false, but no problem is an error"},
		{"blocker", func(p *plan.Plan) { p.Blockers[0].Strength = plan.StrengthStrong }, "blockers[0] (!app-editors/vi): strength strong does not go with the atom"},
		{"world", func(p *plan.Plan) { p.World[0].Step = 12 }, "world[0].step: there is no step 12"},
		{"use change", func(p *plan.Plan) {
			p.Changes.Use = []plan.UseChange{{CPV: "a/b-1", Root: plan.RootTarget, Atom: "=a/b-1"}}
		}, "changes.use[0] (a/b-1): changes nothing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := sample()
			tt.spoil(p)
			got := fmt.Sprint(p.Check())
			if tt.want == "" && got != "<nil>" || !strings.Contains(got, tt.want) {
				t.Errorf("Check: %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestCheckOrder wants build-time dependencies before, in a plan that succeeds.
func TestCheckOrder(t *testing.T) {
	p := sample()
	p.Success, p.Problems, p.Changes = true, nil, plan.Changes{}
	p.Steps[0], p.Steps[2] = p.Steps[2], p.Steps[0]
	p.Steps[0].ID, p.Steps[2].ID = 1, 3
	p.Steps[0].Needs[0].Step = 3
	if err := fmt.Sprint(p.Check()); !strings.Contains(err, "needed to build, but merged by step 3") {
		t.Errorf("Check: %s", err)
	}
	p.Steps[2] = p.Steps[0]
	p.Steps[2].ID = 3
	if err := fmt.Sprint(p.Check()); !strings.Contains(err, "step 1 merges to the same slot") {
		t.Errorf("Check: %s", err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWriteError(t *testing.T) {
	if err := plan.Write(failingWriter{}, sample()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Write: %v", err)
	}
}

// FuzzRead never panics, and what it reads is written and read again the same.
func FuzzRead(f *testing.F) {
	small := sample() // a large seed is slow to minimise
	small.Steps, small.World, small.Blockers, small.Problems = small.Steps[1:2], nil, nil, nil
	var seed bytes.Buffer
	if err := json.Compact(&seed, []byte(write(f, small))); err != nil {
		f.Fatal(err)
	}
	f.Add(seed.Bytes())
	f.Add([]byte(`{"schema":"tumpline.plan","schema_version":"1.0.0"}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := plan.Read("fuzz", bytes.NewReader(data))
		if err != nil {
			return
		}
		_ = p.Check()
		p.SchemaVersion = ""
		text := write(t, p)
		q, err := plan.Read("again", strings.NewReader(text))
		if err != nil {
			t.Fatalf("written, but not read: %v\n%s", err, text)
		}
		if again := write(t, q); again != text {
			t.Errorf("written again: %s", cmp.Diff(text, again))
		}
	})
}
