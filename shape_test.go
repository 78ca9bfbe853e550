package tumpline_test

import (
	"bytes"
	"go/ast"
	"go/token"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

const (
	maxFileLines     = 800
	maxFunctionLines = 80
)

func TestFileSizes(t *testing.T) {
	for _, s := range parseSources(t) {
		if n := s.fset.File(s.file.Pos()).LineCount(); n > maxFileLines {
			t.Errorf("%s has %d lines; none has more than %d", s.path, n, maxFileLines)
		}
	}
}

// A long switch over a closed set may be long: its lines do not count.
func TestFunctionSizes(t *testing.T) {
	for _, s := range parseSources(t) {
		if s.isTest() {
			continue // tables of cases stand in test functions
		}
		for _, decl := range s.file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			lines := s.line(fn.End()) - s.line(fn.Pos()) + 1
			if lines > maxFunctionLines && lines-longestSwitch(s, fn.Body) > maxFunctionLines {
				t.Errorf("%s:%d: %s has %d lines; none has more than %d", s.path, s.line(fn.Pos()), fn.Name.Name, lines, maxFunctionLines)
			}
			if fn.Name.Name == "init" && fn.Recv == nil {
				t.Errorf("%s:%d: no work in init", s.path, s.line(fn.Pos()))
			}
		}
	}
}

func longestSwitch(s source, body *ast.BlockStmt) int {
	longest := 0
	ast.Inspect(body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.SwitchStmt, *ast.TypeSwitchStmt:
			longest = max(longest, s.line(n.End())-s.line(n.Pos()))
		}
		return true
	})
	return longest
}

func TestPackagesAreDocumented(t *testing.T) {
	byDir := packages(parseSources(t))
	for _, dir := range sortedKeys(byDir) {
		var docs []string
		name := ""
		for _, s := range byDir[dir] {
			name = s.file.Name.Name
			if s.file.Doc != nil {
				docs = append(docs, s.file.Doc.Text())
			}
		}
		want := "Package " + name + " "
		if name == "main" {
			want = "Command " + path.Base(dir) + " "
		}
		if len(docs) != 1 || !strings.HasPrefix(docs[0], want) {
			t.Errorf("%s: %d package comments; want one that starts with %q", dir, len(docs), want)
		}
	}
}

func TestExportedNamesAreDocumented(t *testing.T) {
	for _, s := range parseSources(t) {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		for _, decl := range s.file.Decls {
			for _, id := range undocumented(decl) {
				t.Errorf("%s:%d: %s has no comment", s.path, s.line(id.Pos()), id.Name)
			}
		}
	}
}

// undocumented lists the exported names of a declaration that have no comment
// of their own. A group shares the group's comment.
func undocumented(decl ast.Decl) []*ast.Ident {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && (d.Recv == nil || ast.IsExported(receiver(d))) && !explainsItself(d) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		if d.Tok == token.IMPORT || d.Doc != nil {
			return nil
		}
		var out []*ast.Ident
		for _, spec := range d.Specs {
			out = append(out, undocumentedSpec(spec)...)
		}
		return out
	}
	return nil
}

func undocumentedSpec(spec ast.Spec) []*ast.Ident {
	var out []*ast.Ident
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Doc == nil && s.Comment == nil && s.Name.IsExported() {
			out = append(out, s.Name)
		}
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if s.Doc == nil && s.Comment == nil && name.IsExported() {
				out = append(out, name)
			}
		}
	}
	return out
}

func receiver(fn *ast.FuncDecl) string {
	t := fn.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// explainsItself knows the methods whose meaning the standard library gives.
func explainsItself(fn *ast.FuncDecl) bool {
	switch fn.Name.Name {
	case "String", "Error", "Unwrap", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText":
		return fn.Recv != nil
	}
	return false
}

// TestNoPathOfAMachine keeps folders of somebody's machine out of the project.
func TestNoPathOfAMachine(t *testing.T) {
	// Written in pieces so that this file does not hold what it forbids.
	pattern := regexp.MustCompile(`(^|[^A-Za-z0-9_.$}])/(wor` + `k|far` + `m)/|/ro` + `ot/|/home/[a-z]+/|/tm` + `p/[xyz]/`)
	walkFiles(t, func(name string) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.IndexByte(text, 0) >= 0 {
			return
		}
		for i, line := range bytes.Split(text, []byte("\n")) {
			if m := pattern.Find(line); m != nil {
				t.Errorf("%s:%d: the path %q belongs to one machine", name, i+1, m)
			}
		}
	})
}
