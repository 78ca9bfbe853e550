package adapter_test

import (
	"errors"
	"os"
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

// How many runs pass at least, by comparison. They only grow.
var passing = [2]int{resolvertest.AgainstExpected: 0, resolvertest.AgainstActual: 0}

// The cases derived from Portage's test-suite. Differences are logged (-v);
// fewer passing runs than before are an error.
func TestPortageCases(t *testing.T) {
	files, errs := resolvertest.Read(sharedtest.Path(t, "vectors", "resolver"))
	for _, err := range errs {
		t.Error(err)
	}
	report := resolvertest.Run(t.Context(), files, adapter.Runner, resolvertest.RunOptions{Dir: scratch(t), Jobs: 2})
	for _, o := range report.Failed() {
		if o.Err != nil && !errors.Is(o.Err, adapter.ErrAction) {
			t.Logf("%s: %v", o.ID(), o.Err)
		}
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
