package explain

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/schematest"
)

var update = flag.Bool("update", false, "rewrite schema.json and the golden texts")

// pair is a member of a JSON object; a list of pairs is one with its order kept.
type pair struct {
	key   string
	value any
}

type object []pair

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		value, err := plainJSON(m.value, "")
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q:%s", m.key, value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// comments maps types and type.field to their comments on one line.
func comments(t *testing.T) map[string]string {
	t.Helper()
	out := make(map[string]string)
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			gen, ok := n.(*ast.GenDecl)
			if !ok {
				return true
			}
			for _, spec := range gen.Specs {
				typ, ok := spec.(*ast.TypeSpec)
				if !ok {
					continue
				}
				out[typ.Name.Name] = oneLine(gen.Doc.Text())
				if s, ok := typ.Type.(*ast.StructType); ok {
					for _, field := range s.Fields.List {
						for _, id := range field.Names {
							out[typ.Name.Name+"."+id.Name] = oneLine(field.Doc.Text())
						}
					}
				}
			}
			return true
		})
	}
	return out
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// makeSchema returns the schema of the document.
func makeSchema(t *testing.T) string {
	about := comments(t)
	defs, seen := object{}, map[reflect.Type]bool{}
	var typeSchema func(reflect.Type) object
	structSchema := func(typ reflect.Type) object {
		properties, required := object{}, []string{}
		for i := range typ.NumField() {
			f := typ.Field(i)
			key := f.Tag.Get("json")
			required = append(required, key)
			text := about[typ.Name()+"."+f.Name]
			if text == "" {
				t.Errorf("%s.%s has no comment", typ.Name(), f.Name)
			}
			p := object{{"description", text}}
			switch s := typeSchema(f.Type); {
			case key == "schema":
				p = append(p, pair{"const", SchemaName})
			case key == "schema_version":
				p = append(p, pair{"type", "string"}, pair{"pattern", `^1\.[0-9]+\.[0-9]+$`})
			case f.Tag.Get("explain") == "null":
				p = append(p, pair{"anyOf", []any{s, object{{"type", "null"}}}})
			default:
				p = append(p, s...)
			}
			properties = append(properties, pair{key, p})
		}
		return object{{"description", about[typ.Name()]}, {"type", "object"}, {"required", required}, {"properties", properties}}
	}
	define := func(typ reflect.Type, s func() object) object {
		if !seen[typ] {
			seen[typ] = true
			i := len(defs)
			defs = append(defs, pair{key: typ.Name()})
			defs[i].value = s()
		}
		return object{{"$ref", "#/$defs/" + typ.Name()}}
	}
	typeSchema = func(typ reflect.Type) object {
		switch {
		case typ.Kind() == reflect.Struct:
			return define(typ, func() object { return structSchema(typ) })
		case words(typ) != nil:
			return define(typ, func() object { return object{{"type", "string"}, {"enum", words(typ)}} })
		case typ.Kind() == reflect.Slice:
			return object{{"type", "array"}, {"items", typeSchema(typ.Elem())}}
		case typ.Kind() == reflect.Bool:
			return object{{"type", "boolean"}}
		case typ.Kind() == reflect.Int:
			return object{{"type", "integer"}, {"minimum", 1}}
		}
		return object{{"type", "string"}}
	}
	root := structSchema(reflect.TypeFor[Explanation]())
	doc := append(object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"$id", "urn:tumpline:explanation:" + SchemaVersion}, {"title", SchemaName},
	}, root...)
	text, err := plainJSON(append(doc, pair{"$defs", defs}), "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestSchema compares the schema with what the types say.
func TestSchema(t *testing.T) {
	want := makeSchema(t)
	if *update {
		if err := os.WriteFile("schema.json", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if Schema() != want {
		t.Error("schema.json is not what the types say; go test ./resolver/explain -update rewrites it")
	}
}

// CheckDocument says if a document satisfies the schema; for the other tests.
func CheckDocument(t testing.TB, document []byte) {
	t.Helper()
	s, err := schematest.Compile(schema)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(string(document)); err != nil {
		t.Errorf("%v\n%s", err, document)
	}
}

func TestEmptyDocument(t *testing.T) {
	var b bytes.Buffer
	e := &Explanation{Question: Question{Kind: Why}, Answers: []Answer{{
		Outcome: OutcomeMerged, Package: Package{Origin: "ebuild", Root: "target"},
		Chain: []Link{{Kind: "set"}}, Others: []Other{{Package: Package{Origin: "binary", Root: "build"}}},
	}}}
	if err := WriteJSON(&b, e); err != nil {
		t.Fatal(err)
	}
	CheckDocument(t, b.Bytes())
	if text := b.String(); strings.Contains(text, `\u003`) || !strings.Contains(text, `"flags": []`) || e.Schema != "" {
		t.Errorf("document %s", text)
	}
}

func TestCheckVersion(t *testing.T) {
	for constraint, ok := range map[string]bool{"^1": true, ">=1.0, <2": true, "^2": false, "one": false} {
		if err := CheckVersion(constraint); (err == nil) != ok {
			t.Errorf("CheckVersion(%q) = %v", constraint, err)
		}
	}
}

// Every word of an enumeration that the package declares is in words.
func TestWords(t *testing.T) {
	all := words(reflect.TypeFor[ReasonKind]())
	f, err := parser.ParseFile(token.NewFileSet(), "words.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if id, ok := v.Type.(*ast.Ident); ok && id.Name == "ReasonKind" {
				if word := strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`); !slices.Contains(all, word) {
					t.Errorf("reason %s is not in words", word)
				}
			}
		}
		return true
	})
}
