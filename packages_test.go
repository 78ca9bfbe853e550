package tumpline_test

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// TestPackageTable holds the table of docs/architecture.md to the packages that
// there are: each stands there once, in a first cell, either by its path or, after
// another of the same folder, by its name.
func TestPackageTable(t *testing.T) {
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := tabled(string(text))
	there := map[string]bool{}
	for _, s := range parseSources(t) {
		dir := path.Dir(s.path)
		if dir == "." || strings.HasSuffix(s.path, "_test.go") || s.file.Name.Name == "main" && !strings.HasPrefix(dir, "cmd/internal/") {
			continue
		}
		there[dir] = true
		if listed[dir] == 0 {
			t.Errorf("docs/architecture.md does not list the package %s", dir)
			listed[dir] = 1 // told once
		}
	}
	for dir, n := range listed {
		if !there[dir] {
			t.Errorf("docs/architecture.md lists %s, which is no package", dir)
		} else if n > 1 {
			t.Errorf("docs/architecture.md lists %s %d times", dir, n)
		}
	}
}

var quoted = regexp.MustCompile("`([^`]+)`")

// tabled counts how often each package stands in the table.
func tabled(text string) map[string]int {
	listed := map[string]int{}
	for line := range strings.Lines(text) {
		cell, ok := strings.CutPrefix(line, "| `")
		if !ok {
			continue
		}
		cell, _, _ = strings.Cut("`"+cell, "|")
		folder := ""
		for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
			name := m[1]
			if floor, _, _ := strings.Cut(name, "/"); floors[floor] == nil {
				name = path.Join(folder, name)
			}
			folder = path.Dir(name)
			listed[name]++
		}
	}
	return listed
}
