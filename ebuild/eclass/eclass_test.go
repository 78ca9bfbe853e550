package eclass_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tumpline/tumpline/ebuild/eclass"
)

func TestLaterLocationWins(t *testing.T) {
	dir := t.TempDir()
	for path, text := range map[string]string{
		"master/eclass/a.eclass":     "a",
		"master/eclass/b.eclass":     "b",
		"overlay/eclass/b.eclass":    "",
		"overlay/eclass/c.eclass~":   "c",
		"overlay/eclass/readme":      "d",
		"overlay/eclass/d.eclass/no": "e",
	} {
		full := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := eclass.NewSet([]string{filepath.Join(dir, "master"), filepath.Join(dir, "none"), filepath.Join(dir, "overlay")}, nil)
	for _, c := range []struct {
		name, want string
		ok         bool
	}{
		{"a", "0cc175b9c0f1b6a831c399e269772661", true},
		{"b", "d41d8cd98f00b204e9800998ecf8427e", true},
		{"c", "", false},
		{"d", "", false}, // a folder
		{"readme", "", false},
	} {
		for range 2 {
			if got, ok := s.MD5(c.name); got != c.want || ok != c.ok {
				t.Errorf("MD5(%q) = %q, %v; want %q, %v", c.name, got, ok, c.want, c.ok)
			}
		}
	}
	if p, _ := s.Path("b"); p != filepath.Join(dir, "overlay/eclass/b.eclass") {
		t.Errorf("Path(b) = %q", p)
	}
	if s.Empty() || !eclass.NewSet(nil, nil).Empty() {
		t.Error("Empty is wrong")
	}
}
