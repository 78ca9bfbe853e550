package resolvertest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A scripted session answers with a function.
type scripted func(ctx context.Context, r Request) (*Result, error)

func (s scripted) Resolve(ctx context.Context, r Request) (*Result, error) { return s(ctx, r) }

const small = `{"playgrounds": [{"class": "C", "method": "m", "index": 0,
 "definition": {"ebuilds": [{"cpv": "a/b-1", "metadata": {}}]},
 "files_before_setup": {"etc/portage/package.mask": "a/before\n"},
 "files_after_setup": {"etc/portage/sets/late": "a/b\n", "etc/portage/link": {"symlink": "${EPREFIX}/x"}, "etc/portage/make.profile": null},
 "config_reloaded": RELOADED,
 "cases": [
  {"index": 0, "requests": [["a/b"]], "expected": {"success": true}, "options": {"--getbinpkgonly": true},
   "runs": [{"request": ["a/b"], "actual": {"success": true}}]},
  {"index": 1, "requests": [["a/c"]], "expected": {"success": true}, "options": {},
   "runs": [{"request": ["a/c"], "error": "AssertionError"}]},
  {"index": 2, "requests": [["a/d"]], "expected": {"success": true}, "options": {}, "files_changed_before_run": {"etc/portage/changed": "x"}}
 ]}]}`

func smallFile(t *testing.T, reloaded string) []*File {
	t.Helper()
	f, err := ParseJSON("small.json", []byte(strings.ReplaceAll(small, "RELOADED", reloaded)))
	if err != nil || len(f.Warnings) > 0 {
		t.Fatal(err, f)
	}
	return []*File{f}
}

func exists(w *World, rel string) bool {
	_, err := os.Lstat(filepath.Join(w.Dir, rel))
	return err == nil
}

// Files change before the session begins if the configuration is read again,
// and afterwards if not.
func TestRunChangesFiles(t *testing.T) {
	for _, reloaded := range []string{"true", "false"} {
		sessions := 0
		Run(t.Context(), smallFile(t, reloaded), func(_ context.Context, w *World) (Session, error) {
			sessions++
			if !exists(w, "etc/portage/package.mask") {
				t.Error("a file from before the set-up is missing")
			}
			changed := sessions == 2 // the world of the case that changes files
			if got, want := exists(w, "etc/portage/sets/late"), reloaded == "true" || changed; got != want {
				t.Errorf("reloaded %s, session %d: changed before the session: %t, want %t", reloaded, sessions, got, want)
			}
			return scripted(func(_ context.Context, r Request) (*Result, error) {
				if !exists(w, "etc/portage/sets/late") || exists(w, "etc/portage/make.profile") {
					t.Errorf("%q: the files have not changed", r.Args)
				}
				if target, err := os.Readlink(filepath.Join(w.Dir, "etc/portage/link")); err != nil || target != w.Dir+"/x" {
					t.Errorf("symlink to %q: %v", target, err)
				}
				if got, want := exists(w, "etc/portage/changed"), r.Args[0] == "a/d"; got != want {
					t.Errorf("%q: changed %t, want %t", r.Args, got, want)
				}
				if r.Args[0] == "a/b" && r.Options.String() != "--getbinpkg --getbinpkgonly --pretend --usepkg --usepkgonly" {
					t.Errorf("options %s", r.Options)
				}
				return &Result{Success: true}, nil
			}), nil
		}, RunOptions{Dir: scratch(t)})
		if sessions != 2 {
			t.Errorf("%d sessions, want 2", sessions)
		}
	}
}

// One case that goes wrong does not keep others from running, and an error is
// as good as the recorded one.
func TestRunErrors(t *testing.T) {
	boom := errors.New("boom")
	report := Run(t.Context(), smallFile(t, "true"), func(context.Context, *World) (Session, error) {
		return scripted(func(ctx context.Context, r Request) (*Result, error) {
			switch r.Args[0] {
			case "a/b":
				panic("oops")
			case "a/c":
				return nil, boom
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}), nil
	}, RunOptions{Dir: scratch(t), Timeout: time.Millisecond})
	o := report.Outcomes
	if len(o) != 3 || o[0].Err == nil || !strings.Contains(o[0].Err.Error(), "internal error: panic: oops") || o[1].Failed() ||
		!errors.Is(o[2].Err, context.DeadlineExceeded) {
		t.Errorf("outcomes: %v, %v, %v", o[0].Differences(), o[1].Differences(), o[2].Differences())
	}
	if total := report.Total(); total.Counts != [2]Count{{1, 3}, {1, 2}} {
		t.Errorf("total %v", total)
	}
	report = Run(t.Context(), smallFile(t, "true"), func(context.Context, *World) (Session, error) {
		return scripted(func(context.Context, Request) (*Result, error) { return &Result{Success: true}, nil }), nil
	}, RunOptions{Dir: scratch(t), Filter: regexp.MustCompile("/1$")})
	if len(report.Outcomes) != 1 || report.Outcomes[0].Differences()[0] != "expected error: want AssertionError, got a result" {
		t.Errorf("a result where an error was recorded: %v", report.Outcomes[0].Differences())
	}
	report = Run(t.Context(), smallFile(t, "true"), func(context.Context, *World) (Session, error) { return nil, boom }, RunOptions{Dir: scratch(t)})
	if len(report.Failed()) != 3 || !errors.Is(report.Outcomes[0].Err, boom) {
		t.Errorf("a session that cannot begin: %v", report.Outcomes[0].Err)
	}
}

func TestParseJSONErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"{\n\"playgrounds\": 1}", "x:2: "},
		{"{\n\n}}", "x:3: "},
		{`{"playgrounds": [null]}`, "x: playground 0 is null"},
		{`{"playgrounds": [{"method": "m", "cases": [{"kind": "what"}]}]}`, `x: playground 0 (m): case 0: kind "what"`},
		{`{"playgrounds": [{"method": "m", "cases": [{"action": "what"}]}]}`, `x: playground 0 (m): case 0: action "what"`},
		{`{"playgrounds": [{"method": "m", "cases": [{"expected": {"sucess": true}}]}]}`, `x: playground 0 (m): case 0: expected: a merge result has no key "sucess"`},
		{`{"playgrounds": [{"method": "m", "files_after_setup": {"../x": ""}}]}`, `x: playground 0 (m): files_after_setup: path "../x" leads out`},
		{`{"playgrounds": [{"method": "m", "definition": {"binrepos": []}}]}`, `x: playground 0 (m): binrepos: not a mapping`},
		{`{"playgrounds": [{"method": "m", "cases": [{"requests": [["a"]], "runs": [{"request": ["b"]}]}]}]}`, `x: playground 0 (m): case 0: run 0 is of another request`},
	}
	for _, tt := range tests {
		if _, err := ParseJSON("x", []byte(tt.text)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("ParseJSON(%s) = %v, want %s...", tt.text, err, tt.want)
		}
	}
	f, err := ParseJSON("x", []byte(`{"playgrounds": [{"method": "m", "colour": "red"}]}`))
	if err != nil || len(f.Warnings) != 1 {
		t.Errorf("an unknown key: %v, warnings %q, want one warning", err, f.Warnings)
	}
}
