package plan

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A source holds the comments of this package.
type source struct {
	types  map[string]string              // by type
	fields map[string]string              // by type.field
	consts map[string]map[string]constant // by type and value
}

type constant struct{ name, comment string }

// parseSource reads the comments of the package's files.
func parseSource(t *testing.T) *source {
	s := &source{map[string]string{}, map[string]string{}, map[string]map[string]constant{}}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if gen, ok := d.(*ast.GenDecl); ok {
				s.declaration(gen)
			}
		}
	}
	return s
}

func (s *source) declaration(gen *ast.GenDecl) {
	for _, spec := range gen.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			s.types[spec.Name.Name] = oneLine(gen.Doc.Text())
			if structure, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range structure.Fields.List {
					for _, name := range f.Names {
						s.fields[spec.Name.Name+"."+name.Name] = oneLine(f.Doc.Text())
					}
				}
			}
		case *ast.ValueSpec:
			typ, ok := spec.Type.(*ast.Ident)
			if !ok || len(spec.Values) != 1 {
				continue
			}
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				continue
			}
			if s.consts[typ.Name] == nil {
				s.consts[typ.Name] = map[string]constant{}
			}
			s.consts[typ.Name][value] = constant{spec.Names[0].Name, oneLine(spec.Comment.Text())}
		}
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// about returns the comment of a field without its name in front.
func (s *source) about(t *testing.T, typ, field string) string {
	text, ok := s.fields[typ+"."+field]
	if !ok || text == "" {
		t.Fatalf("%s.%s has no comment", typ, field)
	}
	for _, start := range []string{field + " is ", field + " are ", field + " "} {
		if rest, ok := strings.CutPrefix(text, start); ok {
			return rest
		}
	}
	t.Fatalf("the comment of %s.%s does not begin with its name: %s", typ, field, text)
	return ""
}
