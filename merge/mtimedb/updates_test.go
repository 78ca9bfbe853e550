package mtimedb_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/merge/mtimedb"
)

func TestUpdates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mtimedb")
	if got := mtimedb.Updates(path); len(got) != 0 {
		t.Errorf("Updates of no file = %v", got)
	}
	if err := os.WriteFile(path, []byte(`{"info": {"/x": 7}, "updates": {"/a": 5, "/b": 1.5}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := mtimedb.Updates(path); !maps.Equal(got, map[string]int64{"/a": 5}) {
		t.Errorf("Updates = %v", got)
	}
	if err := mtimedb.NoteUpdates(path, map[string]int64{"/a": 6, "/c": 8}); err != nil {
		t.Fatal(err)
	}
	if got := mtimedb.Updates(path); !maps.Equal(got, map[string]int64{"/a": 6, "/c": 8}) {
		t.Errorf("Updates after NoteUpdates = %v", got)
	}
	if text, err := os.ReadFile(path); err != nil || !strings.Contains(string(text), `"/x": 7`) {
		t.Errorf("the rest of the file is lost: %s %v", text, err)
	}
}
