package plan

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
)

// A CycleList is the document that "tumpline cycles --json" prints: the cycles
// of a request without its plan.
type CycleList struct {
	// Schema is the constant "tumpline.cycles"; WriteCycles sets it.
	Schema string `json:"schema"`
	// SchemaVersion is that of the plan document, the cycles of which have the same form.
	SchemaVersion string `json:"schema_version"`
	// Circular is true if the request fails for want of an order.
	Circular bool `json:"circular"`
	// Merges is how many merges a plan would make besides those of the request; 0 if there is none.
	Merges int64 `json:"extra_merges"`
	// Solved is true if there is a plan with these merges.
	Solved bool `json:"solved"`
	// Cycles are the circular dependencies.
	Cycles []Cycle `json:"cycles"`
}

// WriteCycles writes a list of cycles as one JSON object, indented. Lists are
// never null.
func WriteCycles(w io.Writer, l *CycleList) error {
	q := *l
	q.Schema, q.SchemaVersion = "tumpline.cycles", SchemaVersion
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(complete(reflect.ValueOf(q)).Interface()); err != nil {
		return fmt.Errorf("write cycles: %w", err)
	}
	return nil
}
