package plan

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/schematest"

	"github.com/tumpline/tumpline/atoms/sharedtest"
)

var update = flag.Bool("update", false, "rewrite schema.json and the tables of docs/json.md")

// order lists the struct types and enumerations that the document uses, in
// the order of their first use.
func order(t reflect.Type, seen []reflect.Type) []reflect.Type {
	for t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if slices.Contains(seen, t) || t.Kind() != reflect.Struct && words(t) == nil {
		return seen
	}
	seen = append(seen, t)
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			seen = order(t.Field(i).Type, seen)
		}
	}
	return seen
}

// object keeps the keys of a JSON object in order.
type object []member

type member struct {
	key   string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		value, err := marshal(m.value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q:%s", m.key, value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// makeSchema returns the schema of the document.
func makeSchema(t *testing.T, s *source) string {
	types := order(reflect.TypeFor[Plan](), nil)
	root := s.structSchema(t, types[0])
	doc := append(object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", "urn:tumpline:plan:" + SchemaVersion},
		{"title", SchemaName},
	}, root...)
	defs := object{}
	for _, typ := range types[1:] {
		if typ.Kind() == reflect.Struct {
			defs = append(defs, member{typ.Name(), s.structSchema(t, typ)})
			continue
		}
		defs = append(defs, member{typ.Name(), object{
			{"description", s.wordList(t, typ)},
			{"type", "string"},
			{"enum", words(typ)},
		}})
	}
	doc = append(doc, member{"$defs", defs})
	text, err := marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func (s *source) structSchema(t *testing.T, typ reflect.Type) object {
	properties, required := object{}, []string{}
	for i := range typ.NumField() {
		f := typ.Field(i)
		key := f.Tag.Get("json")
		required = append(required, key)
		p := append(object{{"description", s.about(t, typ.Name(), f.Name)}}, typeSchema(f.Type)...)
		if f.Tag.Get("plan") == "null" {
			p = object{p[0], {"anyOf", []any{p[1:], object{{"type", "null"}}}}}
		}
		switch {
		case key == "schema":
			p = append(p, member{"const", SchemaName})
		case key == "schema_version":
			p = append(p, member{"pattern", `^1\.[0-9]+\.[0-9]+$`})
		}
		properties = append(properties, member{key, p})
	}
	return object{
		{"description", s.types[typ.Name()]},
		{"type", "object"},
		{"required", required},
		{"properties", properties},
	}
}

// typeSchema returns the schema of a type without null.
func typeSchema(typ reflect.Type) object {
	switch {
	case typ.Kind() == reflect.Struct, words(typ) != nil:
		return object{{"$ref", "#/$defs/" + typ.Name()}}
	case typ.Kind() == reflect.Slice:
		return object{{"type", "array"}, {"items", typeSchema(typ.Elem())}}
	case typ.Kind() == reflect.String:
		return object{{"type", "string"}}
	case typ.Kind() == reflect.Bool:
		return object{{"type", "boolean"}}
	case typ.Kind() == reflect.Int:
		return object{{"type", "integer"}, {"minimum", 1}}
	}
	return object{{"type", "integer"}, {"minimum", 0}}
}

func (s *source) wordList(t *testing.T, typ reflect.Type) string {
	var list []string
	for _, w := range words(typ) {
		c, ok := s.consts[typ.Name()][w]
		if !ok {
			t.Fatalf("%s has no constant for %q", typ.Name(), w)
		}
		if c.comment != "" {
			w += ": " + c.comment
		}
		list = append(list, w)
	}
	return strings.Join(list, "; ") + "."
}

// makeTables returns the tables of docs/json.md.
func makeTables(t *testing.T, s *source) string {
	var b strings.Builder
	for _, typ := range order(reflect.TypeFor[Plan](), nil) {
		if typ.Kind() != reflect.Struct {
			continue
		}
		fmt.Fprintf(&b, "### %s\n\n%s\n\n| Key | Type | Meaning |\n| --- | --- | --- |\n", typ.Name(), s.types[typ.Name()])
		for i := range typ.NumField() {
			f := typ.Field(i)
			meaning := s.about(t, typ.Name(), f.Name)
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", f.Tag.Get("json"), cell(f), strings.ReplaceAll(meaning, "|", `\|`))
		}
		b.WriteString("\n")
	}
	b.WriteString("### Words\n")
	for _, typ := range order(reflect.TypeFor[Plan](), nil) {
		if words(typ) == nil {
			continue
		}
		fmt.Fprintf(&b, "\n%s\n\n| %s | Meaning |\n| --- | --- |\n", s.types[typ.Name()], typ.Name())
		for _, w := range words(typ) {
			fmt.Fprintf(&b, "| `%s` | %s |\n", w, s.consts[typ.Name()][w].comment)
		}
	}
	return b.String()
}

// cell names the type of a field for a reader.
func cell(f reflect.StructField) string {
	typ, suffix := f.Type, ""
	if typ.Kind() == reflect.Slice {
		typ, suffix = typ.Elem(), " list"
	}
	name := map[reflect.Kind]string{reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer from 1", reflect.Int64: "integer"}[typ.Kind()]
	if typ.Kind() == reflect.Struct {
		name = "[" + typ.Name() + "](#" + strings.ToLower(typ.Name()) + ")"
	}
	if words(typ) != nil {
		name = "[" + typ.Name() + "](#words)"
	}
	if f.Tag.Get("plan") == "null" {
		suffix += " or null"
	}
	return name + suffix
}

const (
	tablesBegin = "<!-- The tables below are generated from the comments in resolver/plan: go test ./resolver/plan -update -->\n"
	tablesEnd   = "<!-- End of the generated tables. -->\n"
)

// TestGenerated compares schema.json and the tables of docs/json.md with the
// types.
func TestGenerated(t *testing.T) {
	s := parseSource(t)
	compare(t, "schema.json", Schema(), makeSchema(t, s))
	name := filepath.Join(sharedtest.RepoRoot(t), "docs", "json.md")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), tablesBegin)
	_, after, ok2 := strings.Cut(rest, tablesEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the tables", name)
	}
	compare(t, name, string(data), before+tablesBegin+"\n"+makeTables(t, s)+"\n"+tablesEnd+after)
}

func compare(t *testing.T, name, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	if !*update {
		t.Errorf("%s is not what the types say; go test -update rewrites it", name)
		return
	}
	if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s rewritten", name)
}

// TestWords compares the list of words with the constants.
func TestWords(t *testing.T) {
	s := parseSource(t)
	for _, typ := range order(reflect.TypeFor[Plan](), nil) {
		w := words(typ)
		if w == nil {
			continue
		}
		if got, want := len(w), len(s.consts[typ.Name()]); got != want {
			t.Errorf("%s: %d words, %d constants", typ.Name(), got, want)
		}
		s.wordList(t, typ)
	}
}

// compiled returns the schema, strict or as it is.
func compiled(t *testing.T, text string) *schematest.Schema {
	t.Helper()
	s, err := schematest.Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSchema validates documents, and refuses what Read refuses.
func TestSchema(t *testing.T) {
	loose := compiled(t, Schema())
	strict := compiled(t, strings.ReplaceAll(Schema(), `"type": "object",`, `"type": "object", "additionalProperties": false,`))
	text := example(t)
	for _, s := range []*schematest.Schema{loose, strict} {
		if err := s.Validate(text); err != nil {
			t.Errorf("the example is refused: %v", err)
		}
	}
	var b strings.Builder
	if err := Write(&b, &Plan{Steps: []Step{{ID: 1, Operation: OpMerge, Origin: OriginEbuild, Root: RootTarget, Stage: StageFinal,
		Mark: MarkNone, Fetch: Fetch{Restriction: FetchFree}}}}); err != nil {
		t.Fatal(err)
	}
	if err := strict.Validate(b.String()); err != nil {
		t.Errorf("a bare plan is refused: %v", err)
	}
	for _, change := range [][2]string{
		{`"success": false,`, ``},
		{`"operation": "unmerge"`, `"operation": "remove"`},
		{`"blockers": [`, `"blockers": null, "x": [`},
		{`"id": 2`, `"id": null`},
		{`"step": 1`, `"step": 0`},
		{`"bytes": 81920`, `"bytes": -1`},
		{`"schema_version": "1.2.0"`, `"schema_version": "2.0.0"`},
	} {
		spoiled := strings.Replace(text, change[0], change[1], 1)
		if spoiled == text {
			t.Fatalf("the example has no %s", change[0])
		}
		if loose.Validate(spoiled) == nil {
			t.Errorf("%s is accepted", change[1])
		}
		if _, err := Read("p", strings.NewReader(spoiled)); err == nil {
			t.Errorf("%s is read", change[1])
		}
	}
}

// example returns the example of docs/json.md.
func example(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(sharedtest.RepoRoot(t), "docs", "json.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(data), "```json\n")
	text, _, ok2 := strings.Cut(rest, "```\n")
	if !ok || !ok2 {
		t.Fatal("docs/json.md has no example")
	}
	return text
}

// TestExample reads the example of the documentation, checks it, and writes it
// again.
func TestExample(t *testing.T) {
	text := example(t)
	p, err := Read("docs/json.md", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	var b strings.Builder
	if err := Write(&b, p); err != nil {
		t.Fatal(err)
	}
	if b.String() != text {
		t.Error("the example is not written as Write writes it")
	}
}
