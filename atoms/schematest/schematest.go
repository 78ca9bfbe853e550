// Package schematest validates documents in tests by the JSON Schemas that the
// program prints.
package schematest

import (
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A Schema is a JSON Schema.
type Schema struct{ compiled *jsonschema.Schema }

// Compile reads a JSON Schema; it is an error if it is none.
func Compile(text string) (*Schema, error) {
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", document); err != nil {
		return nil, err
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		return nil, err
	}
	return &Schema{compiled}, nil
}

// Validate says why a document, JSON text, does not satisfy the schema, or is none.
func (s *Schema) Validate(document string) error {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
	if err != nil {
		return err
	}
	return s.compiled.Validate(value)
}
