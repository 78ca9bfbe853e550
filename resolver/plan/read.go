package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// A FormatError says what is wrong with a document at one place.
type FormatError struct {
	File string // as given to Read
	Path string // "steps[3].slot"; empty for the document as a whole
	Line int    // counted from 1, only if the text is no JSON
	Msg  string
}

func (e *FormatError) Error() string {
	s := e.File + ": "
	if e.Line > 0 {
		s = e.File + ":" + strconv.Itoa(e.Line) + ": "
	}
	if e.Path != "" {
		s += e.Path + ": "
	}
	return s + e.Msg
}

// maxFaults is how many faults of one document are reported.
const maxFaults = 20

// Read reads the document that Write wrote. Missing and unknown keys, values
// of the wrong type and words that no enumeration has are errors, each with
// its place (*FormatError, joined); the file name serves the messages. A
// document of another major version is refused with a *VersionError; one of a
// higher minor version may have keys that are not known here, which are
// ignored; one of a lower may lack those that came later, which stay empty. Read does not look at the sense of the plan: see Check.
func Read(file string, r io.Reader) (*Plan, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read plan %s: %w", file, err)
	}
	doc, err := parse(file, data)
	if err != nil {
		return nil, err
	}
	version, err := checkHead(file, doc)
	if err != nil {
		return nil, err
	}
	s := &shape{file: file, version: version, newer: version.GreaterThan(semver.MustParse(SchemaVersion))}
	s.object("", doc, reflect.TypeFor[Plan]())
	if s.faults != nil {
		return nil, errors.Join(s.faults...)
	}
	p := &Plan{}
	if err := json.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("read plan %s: %w", file, err)
	}
	return p, nil
}

// parse returns the one object that the text consists of.
func parse(file string, data []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var doc any
	err := d.Decode(&doc)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("more than one value")
		}
	}
	if err != nil {
		at := d.InputOffset()
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			at = syntax.Offset
		}
		at = min(at, int64(len(data)))
		return nil, &FormatError{File: file, Line: 1 + bytes.Count(data[:at], []byte("\n")), Msg: err.Error()}
	}
	object, ok := doc.(map[string]any)
	if !ok {
		return nil, &FormatError{File: file, Msg: "want an object, got " + typeName(doc)}
	}
	return object, nil
}

// checkHead checks name and version of a document, and returns the version.
func checkHead(file string, doc map[string]any) (*semver.Version, error) {
	if doc["schema"] != SchemaName {
		return nil, &FormatError{File: file, Path: "schema", Msg: fmt.Sprintf("want %q, got %s", SchemaName, show(doc["schema"]))}
	}
	text, _ := doc["schema_version"].(string)
	v, err := semver.StrictNewVersion(text)
	if err != nil {
		return nil, &FormatError{File: file, Path: "schema_version", Msg: fmt.Sprintf("want a semantic version, got %s", show(doc["schema_version"]))}
	}
	own := semver.MustParse(SchemaVersion)
	if v.Major() != own.Major() {
		return nil, fmt.Errorf("read plan %s: %w", file, &VersionError{Constraint: "^" + strconv.FormatUint(own.Major(), 10), Version: text})
	}
	return v, nil
}

// A shape compares a document with the types of this package.
type shape struct {
	file    string
	version *semver.Version // of the document
	newer   bool            // than this package
	faults  []error
}

// expects says if a document of its version has a key.
func (s *shape) expects(f reflect.StructField) bool {
	since := f.Tag.Get("since")
	return since == "" || !s.version.LessThan(semver.MustParse(since))
}

func (s *shape) fault(path, format string, args ...any) {
	if len(s.faults) < maxFaults {
		s.faults = append(s.faults, &FormatError{File: s.file, Path: path, Msg: fmt.Sprintf(format, args...)})
	}
}

// object checks the keys of an object.
func (s *shape) object(path string, object map[string]any, t reflect.Type) {
	known := map[string]bool{}
	for i := range t.NumField() {
		f := t.Field(i)
		key := f.Tag.Get("json")
		known[key] = true
		at := strings.TrimPrefix(path+"."+key, ".")
		v, ok := object[key]
		switch {
		case !ok && s.expects(f):
			s.fault(at, "missing")
		case !ok:
		case v == nil && f.Tag.Get("plan") == "null":
		default:
			s.value(at, v, f.Type)
		}
	}
	if s.newer {
		return
	}
	var unknown []string
	for key := range object {
		if !known[key] {
			unknown = append(unknown, key)
		}
	}
	slices.Sort(unknown)
	for _, key := range unknown {
		s.fault(strings.TrimPrefix(path+"."+key, "."), "unknown key")
	}
}

// value checks any value.
func (s *shape) value(path string, v any, t reflect.Type) {
	switch t.Kind() {
	case reflect.Struct:
		if object, ok := v.(map[string]any); ok {
			s.object(path, object, t)
			return
		}
	case reflect.Slice:
		if items, ok := v.([]any); ok {
			for i, item := range items {
				s.value(path+"["+strconv.Itoa(i)+"]", item, t.Elem())
			}
			return
		}
	case reflect.String:
		if text, ok := v.(string); ok {
			s.word(path, text, t)
			return
		}
	case reflect.Bool:
		if _, ok := v.(bool); ok {
			return
		}
	default:
		if n, ok := v.(json.Number); ok {
			s.number(path, n, t)
			return
		}
	}
	s.fault(path, "want %s, got %s", kind(t), typeName(v))
}

func (s *shape) word(path, text string, t reflect.Type) {
	if w := words(t); w != nil && !slices.Contains(w, text) {
		s.fault(path, "%q is none of %s", text, strings.Join(w, ", "))
	}
}

func (s *shape) number(path string, n json.Number, t reflect.Type) {
	i, err := n.Int64()
	switch {
	case err != nil:
		s.fault(path, "want an integer, got %s", n)
	case i < 0:
		s.fault(path, "want no negative number, got %s", n)
	case i == 0 && (t == reflect.TypeFor[StepID]() || t == reflect.TypeFor[BuildID]()):
		s.fault(path, "want a number from 1 on, got 0")
	case i > maxID && t.Kind() == reflect.Int:
		s.fault(path, "%s is too large", n)
	}
}

// maxID keeps ids within the int of every machine.
const maxID = 1<<31 - 1

// kind names the JSON type of a Go type.
func kind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct:
		return "an object"
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "a boolean"
	}
	return "a number"
}

// typeName names the JSON type of a value.
func typeName(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	}
	return "a number"
}

// show returns a value as JSON, "nothing" if it is missing.
func show(v any) string {
	if v == nil {
		return "nothing"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return typeName(v)
	}
	return string(text)
}
