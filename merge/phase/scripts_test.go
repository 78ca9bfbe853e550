package phase_test

import (
	"os"
	"sync"
	"testing"

	"github.com/tumpline/tumpline/merge/phase"
)

// TestWriteCommands: builds that begin at the same time make the same folder.
func TestWriteCommands(t *testing.T) {
	for range 20 {
		dir := t.TempDir() + "/commands"
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := phase.WriteCommands(dir, "/usr/bin/self"); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if to, err := os.Readlink(dir + "/dobin"); err != nil || to != "/usr/bin/self" {
			t.Errorf("dobin leads to %q, %v", to, err)
		}
		if text, err := os.ReadFile(dir + "/nonfatal"); err != nil || len(text) == 0 {
			t.Errorf("nonfatal: %q, %v", text, err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Name()[0] == '.' {
				t.Errorf("%s was left", e.Name())
			}
		}
	}
}
