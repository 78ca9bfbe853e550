package index_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tumpline/tumpline/ebuild/index"
)

// Rows are what was put; a file about something else, or with damage, has none.
func TestStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows.sqlite")
	s := index.OpenStore(path, "/here")
	if _, ok := s.Get("a"); ok {
		t.Error("a file that is absent has a row")
	}
	if err := s.Replace(map[string][]byte{"a": []byte("one"), "b": []byte("two")}); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = index.OpenStore(path, "/here")
	defer s.Close()
	if row, ok := s.Get("b"); row != "two" || !ok {
		t.Errorf(`Get("b") = %q, %v`, row, ok)
	}
	if _, ok := s.Get("c"); ok {
		t.Error("there is a row that was not put")
	}
	other := index.OpenStore(path, "/there")
	defer other.Close()
	if _, ok := other.Get("b"); ok {
		t.Error("the rows of another place are given")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range text {
		if string(text[i:min(i+3, len(text))]) == "two" {
			text[i]++
		}
	}
	if err := os.WriteFile(path+"2", text, 0o644); err != nil {
		t.Fatal(err)
	}
	damaged := index.OpenStore(path+"2", "/here")
	defer damaged.Close()
	if row, ok := damaged.Get("b"); ok {
		t.Errorf("a damaged row is given: %q", row)
	}
	if row, ok := damaged.Get("a"); !ok || row != "one" {
		t.Errorf("damage of one row hides another: %q, %v", row, ok)
	}
}
