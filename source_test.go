package tumpline_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

const module = "github.com/tumpline/tumpline"

// A source is one parsed Go file of the module.
type source struct {
	path string // relative to the module root, with slashes
	file *ast.File
	fset *token.FileSet
}

// dir is the package's folder relative to the module root.
func (s source) dir() string { return path.Dir(s.path) }

// isTest says if the file belongs to tests: its name says so, or it lies in a
// package of test support (sharedtest, repotest, resolvertest).
func (s source) isTest() bool {
	return strings.HasSuffix(s.path, "_test.go") || strings.HasSuffix(s.dir(), "test")
}

// line is the line number of a position.
func (s source) line(p token.Pos) int { return s.fset.Position(p).Line }

// parseSources parses every Go file of the module in this process, so that the
// test cache notices when one of them changes.
func parseSources(t *testing.T) []source {
	t.Helper()
	fset := token.NewFileSet()
	var out []source
	walkFiles(t, func(name string) {
		if !strings.HasSuffix(name, ".go") {
			return
		}
		file, err := parser.ParseFile(fset, filepath.FromSlash(name), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source{name, file, fset})
	})
	return out
}

// walkFiles calls visit for the files of the module, in name order; folders
// that version control does not hold are left out.
func walkFiles(t *testing.T, visit func(name string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name == ".git" || name == "bin" {
				return filepath.SkipDir
			}
			return nil
		}
		if d.Type().IsRegular() {
			visit(filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// packages groups the files that are not tests by folder.
func packages(sources []source) map[string][]source {
	out := map[string][]source{}
	for _, s := range sources {
		if !strings.HasSuffix(s.path, "_test.go") {
			out[s.dir()] = append(out[s.dir()], s)
		}
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
