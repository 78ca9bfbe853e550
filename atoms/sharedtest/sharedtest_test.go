package sharedtest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
)

func TestRepoRoot(t *testing.T) {
	if _, err := os.Stat(filepath.Join(sharedtest.RepoRoot(t), "go.mod")); err != nil {
		t.Error(err)
	}
}

func TestAbsentMaterialSkips(t *testing.T) {
	t.Setenv("CI", "")
	skipped := false
	t.Run("absent", func(t *testing.T) {
		defer func() { skipped = t.Skipped() }()
		sharedtest.Path(t, "no", "such", "file")
	})
	if !skipped {
		t.Error("a test without its material was not skipped")
	}
}
