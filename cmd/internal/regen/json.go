package regen

import (
	_ "embed"
	"encoding/json"
	"io"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/refresh"
)

// Name and version of the lines that --json prints, see docs/json.md.
const (
	schemaName = "tumpline.regen"
	// SchemaVersion is the semantic version of the form of those lines.
	SchemaVersion = "1.0.0"
)

//go:embed schema.json
var schemaText string

// Schema gives the JSON Schema of the lines that --json prints.
func Schema() string { return schemaText }

// An ebuildLine is what became of one ebuild.
type ebuildLine struct {
	Schema        string   `json:"schema"`
	SchemaVersion string   `json:"schema_version"`
	Event         string   `json:"event"` // "ebuild"
	Repo          string   `json:"repo"`
	CPV           string   `json:"cpv"`
	Ebuild        string   `json:"ebuild"` // path
	Status        string   `json:"status"`
	Written       bool     `json:"written"`
	Error         *failure `json:"error"`
}

// A repositoryLine is what was done in one repository.
type repositoryLine struct {
	Schema        string         `json:"schema"`
	SchemaVersion string         `json:"schema_version"`
	Event         string         `json:"event"` // "repository"
	Repo          string         `json:"repo"`
	Count         map[string]int `json:"count"` // ebuilds by status
	Written       int            `json:"written"`
	Removed       []string       `json:"removed"`
	Unknown       []atoms.CP     `json:"unknown"`
	Problems      []string       `json:"problems"`
}

func writeEbuild(w io.Writer, r *ebuild.Repository, result *refresh.Result) error {
	return writeLine(w, &ebuildLine{
		Schema: schemaName, SchemaVersion: SchemaVersion, Event: "ebuild",
		Repo: r.Name, CPV: result.Ebuild.CPV.String(), Ebuild: result.Ebuild.Path,
		Status: result.Status.String(), Written: result.Written, Error: describe(result),
	})
}

func writeRepository(w io.Writer, r *ebuild.Repository, s *refresh.Summary) error {
	line := &repositoryLine{
		Schema: schemaName, SchemaVersion: SchemaVersion, Event: "repository",
		Repo: r.Name, Count: map[string]int{}, Written: s.Written,
		Removed: append([]string{}, s.Removed...), Unknown: append([]atoms.CP{}, s.Unknown...), Problems: []string{},
	}
	for status := range refresh.Failed + 1 {
		line.Count[status.String()] = s.Count[status]
	}
	for _, p := range s.Problems {
		line.Problems = append(line.Problems, p.Error())
	}
	return writeLine(w, line)
}

// writeLine writes a document on one line.
func writeLine(w io.Writer, document any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(document)
}
