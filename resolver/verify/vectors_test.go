package verify_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/verify"
)

// holes are the errors that the judge finds in plans which Portage makes, too,
// and its own tests demand: by area, what is broken. See docs/verify.md.
func holes() map[string][]string {
	return map[string][]string{
		// A blocker of a package of @world has an unselected package's dependency
		// unmerged; the complete graph begins at @world and does not reach it.
		"slot_operator_exclusive_slots": {"error broken-installed sys-devel/clang-3.9.1-r100"},
	}
}

// TestPortageCasesJudged judges every successful plan of the cases derived from
// Portage's test-suite.
func TestPortageCasesJudged(t *testing.T) {
	all := judgeAreas(t, sharedtest.Path(t, "vectors", "resolver"), holes())
	if len(all) < 500 {
		t.Errorf("only %d plans judged, want 500 at least", len(all))
	}
	logCounts(t, all)
}

// TestWorldsJudged judges every successful plan of the repository's own cases.
func TestWorldsJudged(t *testing.T) {
	logCounts(t, judgeAreas(t, filepath.Join(sharedtest.RepoRoot(t), "testdata", "worlds"), nil))
}

// judgeAreas judges the cases at a path. The errors found must be those known.
func judgeAreas(t *testing.T, path string, known map[string][]string) []record {
	t.Helper()
	files, errs := resolvertest.Read(path)
	for _, err := range errs {
		t.Error(err)
	}
	var all []record
	for _, f := range files {
		records := judge(t, []*resolvertest.File{f})
		all = append(all, records...)
		var got []string
		for _, r := range records {
			for _, x := range r.findings {
				if x.Severity != verify.Info {
					t.Logf("%s: %s: %s", f.Area, r.request, x)
				}
				if x.Severity == verify.Error {
					got = append(got, brief([]verify.Finding{x})...)
				}
			}
		}
		if !slices.Equal(got, known[f.Area]) {
			t.Errorf("%s: errors %q, want %q", f.Area, got, known[f.Area])
		}
	}
	return all
}
