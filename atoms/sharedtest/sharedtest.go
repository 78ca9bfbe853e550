// Package sharedtest finds test material that several packages share.
//
// The shared directory lies beside the repository: ../shared, seen from the
// directory of go.mod. It holds recorded answers and a corpus too large to
// keep in the repository. Without it a test is skipped with the reason,
// except under CI=true, where its absence is a failure.
package sharedtest

import (
	"os"
	"path/filepath"
	"testing"
)

// RepoRoot returns the absolute path of the directory that holds go.mod,
// searching upwards from the directory of the running test.
func RepoRoot(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatalf("find the repository: %v", err)
	}
	for start := dir; ; {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			tb.Fatalf("find the repository: no go.mod in %s or above", start)
		}
		dir = parent
	}
}

// Dir returns the absolute path of the shared directory, free of symbolic
// links. If it is absent the test is skipped, or fails if the environment says
// CI=true.
func Dir(tb testing.TB) string {
	tb.Helper()
	dir := filepath.Join(filepath.Dir(RepoRoot(tb)), "shared")
	require(tb, dir)
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		tb.Fatalf("find the shared directory: %v", err)
	}
	return dir
}

// Path returns the path of a file or directory below the shared directory. If
// it is absent the test is skipped, or fails if the environment says CI=true.
func Path(tb testing.TB, elem ...string) string {
	tb.Helper()
	path := filepath.Join(append([]string{Dir(tb)}, elem...)...)
	require(tb, path)
	return path
}

func require(tb testing.TB, path string) {
	tb.Helper()
	_, err := os.Stat(path)
	if err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		tb.Fatalf("shared test material is required under CI: %v", err)
	}
	tb.Skipf("shared test material is absent: %v", err)
}

// Lacking skips a test for want of a program that .ci/install-test-tools installs;
// under CI=true it fails it: there nothing may be missing.
func Lacking(tb testing.TB, what any) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatalf("needed under CI: %v", what)
	}
	tb.Skip(what)
}
