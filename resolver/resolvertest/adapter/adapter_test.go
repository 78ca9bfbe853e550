package adapter_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
)

// scratch returns a folder for worlds, in memory where possible.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "cases")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// The cases derived from Portage's test-suite. The numbers of runs that pass
// at least, against what the tests demand and what Portage answered, only grow.
func TestPortageCases(t *testing.T) {
	run(t, sharedtest.Path(t, "vectors", "resolver"), [2]int{672, 675})
}

// The text worlds of the repository.
func TestWorlds(t *testing.T) {
	run(t, filepath.Join(sharedtest.RepoRoot(t), "testdata", "worlds"), [2]int{59, 0})
}

// run runs the cases at a path. Differences are logged (-v); fewer passing
// runs than before are an error.
func run(t *testing.T, path string, passing [2]int) {
	t.Helper()
	files, errs := resolvertest.Read(path)
	for _, err := range errs {
		t.Error(err)
	}
	report := resolvertest.Run(t.Context(), files, adapter.Runner, resolvertest.RunOptions{Dir: scratch(t), Jobs: 2})
	for _, o := range report.Failed() {
		for i, d := range o.Differences() {
			if i < 6 {
				t.Logf("%s (%s): %s", o.ID(), o.Request(), d)
			}
		}
	}
	total := report.Total()
	for _, against := range []resolvertest.Comparison{resolvertest.AgainstExpected, resolvertest.AgainstActual} {
		c := total.Counts[against]
		t.Logf("%v: %v", against, c)
		if c.Passed < passing[against] {
			t.Errorf("%v: %v pass, want at least %d", against, c, passing[against])
		}
	}
}
