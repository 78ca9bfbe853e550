package installmask_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/profiles/installmask"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		mask, path string
		want       bool
	}{
		{"", "usr/bin/x", false},
		{"/usr", "usr", true},
		{"/usr", "usr/bin/x", true},
		{"/usr", "usr2/x", false},
		{"/usr/", "usr", false},
		{"*.la", "usr/lib/libx.la", true},
		{"*.la -/usr/lib/keep", "usr/lib/keep/libx.la", false},
		{"-/usr/lib/keep *.la", "usr/lib/keep/libx.la", true},
		{"lib?.so", "usr/lib/libx.so", true},
		{"lib?.so", "usr/lib/libß.so", true},
		{"lib[a-c].so", "usr/lib/libb.so", true},
		{"lib[!a-c].so", "usr/lib/libb.so", false},
		{"lib[c-a].so", "usr/lib/libb.so", false},
		{"lib[]].so", "usr/lib/lib].so", true},
		{"lib[.so", "usr/lib/lib[.so", true},
		{"/a[bc]/d", "ab/d", false},
		{"/*a[bc]/d", "ab/d", true},
		{"/*", "any/thing", true},
		{"a*b*c", "x/aXbYbc", true},
		{"a*b*c", "x/aXbY", false},
	}
	for _, tt := range tests {
		if got := installmask.Parse(tt.mask).Match(tt.path); got != tt.want {
			t.Errorf("Parse(%q).Match(%q) = %v, want %v", tt.mask, tt.path, got, tt.want)
		}
	}
}

// TestVectors runs the recorded answers of Portage's own test-suite.
func TestVectors(t *testing.T) {
	data, err := os.ReadFile(sharedtest.Path(t, "vectors", "unit", "util_install_mask.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Records []struct {
			Function string
			Inputs   struct {
				InstallMask string `json:"install_mask"`
				Path        string
			}
			Expected bool
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	failed := map[int]bool{}
	for i, r := range file.Records {
		if r.Function != "InstallMask.match" {
			t.Fatalf("unknown function %q", r.Function)
		}
		if got := installmask.Parse(r.Inputs.InstallMask).Match(r.Inputs.Path); got != r.Expected {
			failed[i] = true
			t.Errorf("Parse(%q).Match(%q) = %v, want %v", r.Inputs.InstallMask, r.Inputs.Path, got, r.Expected)
		}
	}
	t.Logf("vectors: unit/util_install_mask %d/%d", len(file.Records)-len(failed), len(file.Records))
}

func FuzzMatch(f *testing.F) {
	f.Add("/foo/bar/ -/foo/bar/*.foo -*.baz", "foo/bar/baz")
	f.Add("[!", "[!")
	f.Add("**a*[]-x]?", "é/a]b")
	f.Fuzz(func(t *testing.T, mask, path string) {
		m := installmask.Parse(mask)
		if got := m.Match(path); got && m.Empty() {
			t.Errorf("empty mask matches %q", path)
		}
	})
}
