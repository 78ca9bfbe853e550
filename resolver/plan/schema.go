package plan

import _ "embed"

// schema is generated from the types and their comments by the tests of this
// package (go test ./resolver/plan -update).
//
//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of the document, with a
// newline at the end. It allows keys it does not know, so that documents of
// higher minor versions satisfy it.
func Schema() string { return schema }
