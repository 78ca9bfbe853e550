package atoms

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestOracle compares answers that Portage gave to random questions;
// testdata/oracle/generate.py tells how they were made.
func TestOracle(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "oracle", "answers.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Records []record }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	runRecords(t, "oracle", file.Records)
}
