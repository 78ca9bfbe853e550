// Package tumpline_test holds the rules of the project that a compiler does not
// know: which floor may import which, how large files and functions may be, and
// that everything is documented. It holds no program.
package tumpline_test

import (
	"go/ast"
	"strconv"
	"strings"
	"testing"
)

// floors says what each top-level folder may import beside itself. The table is
// policy, not a thing to edit to fix a build.
var floors = map[string][]string{
	"atoms":    {},
	"ebuild":   {"atoms"},
	"profiles": {"atoms", "ebuild"},
	"resolver": {"atoms", "ebuild", "profiles"},
	"merge":    {"atoms", "ebuild", "profiles", "resolver/plan"},
	"cmd":      {"atoms", "ebuild", "profiles", "resolver", "merge"},
}

func TestFloors(t *testing.T) {
	for _, s := range parseSources(t) {
		floor, _, below := strings.Cut(s.path, "/")
		if !below {
			continue
		}
		allowed, ok := floors[floor]
		if !ok {
			t.Errorf("%s: %s is no floor: add nothing beside %v", s.path, floor, sortedKeys(floors))
			continue
		}
		for _, spec := range s.file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			ours, ok := strings.CutPrefix(imported, module+"/")
			if ok && !mayImport(ours, floor, allowed) {
				t.Errorf("%s:%d: %s may not import %s, only itself and %v", s.path, s.line(spec.Pos()), floor, ours, allowed)
			}
		}
	}
}

func mayImport(imported, floor string, allowed []string) bool {
	for _, a := range append([]string{floor}, allowed...) {
		if imported == a || strings.HasPrefix(imported, a+"/") {
			return true
		}
	}
	return false
}

// outside lists what only cmd may touch: the environment, the working folder,
// the clock, the standard streams, the end of the process. The key is an import path.
var outside = map[string][]string{
	"os":   {"Getenv", "LookupEnv", "Environ", "Setenv", "ExpandEnv", "Getwd", "Chdir", "Stdin", "Stdout", "Stderr", "Args", "Exit", "UserHomeDir", "UserCacheDir"},
	"time": {"Now", "Since", "Until", "Sleep", "Local"},
	"fmt":  {"Print", "Printf", "Println"},
	"log":  {"*"},
	"flag": {"*"},
}

func TestOnlyCmdTouchesTheOutside(t *testing.T) {
	for _, s := range parseSources(t) {
		if s.isTest() || strings.HasPrefix(s.path, "cmd/") || !strings.Contains(s.path, "/") {
			continue
		}
		names := importNames(s.file)
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if !ok {
				return true
			}
			for _, name := range outside[names[pkg.Name]] {
				if name == "*" || name == sel.Sel.Name {
					t.Errorf("%s:%d: %s.%s: only cmd may", s.path, s.line(sel.Pos()), pkg.Name, sel.Sel.Name)
				}
			}
			return true
		})
	}
}

// importNames maps the name a file uses for an import to its path.
func importNames(file *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has accepted it, so it cannot be
		}
		name := p[strings.LastIndexByte(p, '/')+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = p
	}
	return names
}
