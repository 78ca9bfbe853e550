package explain

import (
	_ "embed"
	"fmt"
	"io"
	"reflect"

	"github.com/Masterminds/semver/v3"
)

// SchemaName is the name of the document.
const SchemaName = "tumpline.explanation"

// SchemaVersion is the semantic version of the document that WriteJSON
// produces. A new key or a new word of an enumeration raises the minor number,
// whatever could break a reader the major one.
const SchemaVersion = "1.1.0"

// schema is generated from the types and their comments by the tests of this
// package (go test ./resolver/explain -update).
//
//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of the document, with a
// newline at the end. It allows keys it does not know.
func Schema() string { return schema }

// A VersionError says that the document would not satisfy a constraint.
type VersionError struct {
	Constraint string // as given
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s %s does not satisfy %q", SchemaName, SchemaVersion, e.Constraint)
}

// CheckVersion says whether the document satisfies a semantic version
// constraint such as "^1". The error is a *VersionError if it does not, another
// one if the constraint cannot be read.
func CheckVersion(constraint string) error {
	c, err := semver.NewConstraint(constraint)
	if err != nil {
		return fmt.Errorf("version constraint: %w", err)
	}
	if !c.Check(semver.MustParse(SchemaVersion)) {
		return &VersionError{Constraint: constraint}
	}
	return nil
}

// WriteJSON writes an explanation as one JSON object, indented by two blanks,
// with a newline at the end. Keys are never missing: an empty list is [], an
// absent value null. e itself is left alone.
func WriteJSON(w io.Writer, e *Explanation) error {
	c := *e
	c.Schema, c.SchemaVersion = SchemaName, SchemaVersion
	text, err := plainJSON(complete(reflect.ValueOf(c)).Interface(), "  ")
	if err == nil {
		_, err = w.Write(text)
	}
	if err != nil {
		return fmt.Errorf("write explanation: %w", err)
	}
	return nil
}

// complete returns a copy of v in which no list is nil.
func complete(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Struct:
		c := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			c.Field(i).Set(complete(v.Field(i)))
		}
		return c
	case reflect.Slice:
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			c.Index(i).Set(complete(v.Index(i)))
		}
		return c
	}
	return v
}
