// Package answer is what queries share to answer as data: --json and --json-version
// taken from a command line, documents with a name and a semantic version, and their
// JSON Schemas, made from the types.
//
// A document is a struct that embeds Head and belongs to one Kind. It keeps the
// promise of docs/json.md: keys are never missing (an empty list is [], an absent
// value null), and the same input gives the same bytes. Fields say what they are in
// their jsonschema tag.
//
//	var Owners = answer.NewKind[owners]("tumpline.owners", "1.0.0", "who owns files")
//
//	type owners struct {
//		answer.Head
//		Files []file `json:"files" jsonschema:"in the order of the request"`
//	}
//
//	func Main(ctx context.Context, env *cli.Env) error {
//		env, want, err := answer.Take(env, Owners)
//		...
//		if want {
//			return Owners.Write(env.Out, &owners{Files: files})
//		}
package answer

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/google/jsonschema-go/jsonschema"

	"github.com/tumpline/tumpline/cmd/internal/cli"
)

// A Head opens a document. Write fills it in.
type Head struct {
	Schema        string `json:"schema" jsonschema:"name of the form of this document"`
	SchemaVersion string `json:"schema_version" jsonschema:"semantic version of that form"`
}

func (h *Head) head() *Head { return h }

// A Document is a pointer to a struct that embeds Head.
type Document interface{ head() *Head }

// A Kind is one form of documents.
type Kind struct {
	Name    string // "tumpline.owners"
	Version string // semantic version of the form
	About   string // what such a document tells, as a phrase

	of     reflect.Type
	schema func() (*jsonschema.Schema, error)
}

// NewKind describes the documents whose type is T.
func NewKind[T any, P interface {
	*T
	Document
}](name, version, about string) *Kind {
	return &Kind{
		Name: name, Version: version, About: about, of: reflect.TypeFor[P](),
		schema: func() (*jsonschema.Schema, error) { return jsonschema.For[T](nil) },
	}
}

// Write writes a document of this kind, indented, and a newline.
func (k *Kind) Write(w io.Writer, d Document) error {
	return k.encode(w, d, "  ")
}

// WriteLine writes a document of this kind on one line.
func (k *Kind) WriteLine(w io.Writer, d Document) error {
	return k.encode(w, d, "")
}

func (k *Kind) encode(w io.Writer, d Document, indent string) error {
	if t := reflect.TypeOf(d); t != k.of {
		return fmt.Errorf("write %s: a document of type %s, want %s", k.Name, t, k.of)
	}
	*d.head() = Head{Schema: k.Name, SchemaVersion: k.Version}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(d); err != nil {
		return fmt.Errorf("write %s: %w", k.Name, err)
	}
	return nil
}

// Schema gives the JSON Schema (draft 2020-12) of the documents. It leaves room for
// the keys that later minor versions may add.
func (k *Kind) Schema() (string, error) {
	s, err := k.schema()
	if err != nil {
		return "", fmt.Errorf("schema of %s: %w", k.Name, err)
	}
	loosen(s)
	s.Schema, s.Title, s.Description = "https://json-schema.org/draft/2020-12/schema", k.Name+" "+k.Version, k.About
	var name any = k.Name
	s.Properties["schema"].Const = &name
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return "", fmt.Errorf("schema of %s: %w", k.Name, err)
	}
	return string(text) + "\n", nil
}

// loosen allows unknown keys in objects with known ones.
func loosen(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if s.Properties != nil {
		s.AdditionalProperties = nil
	}
	for _, p := range s.Properties {
		loosen(p)
	}
	for _, d := range s.Defs {
		loosen(d)
	}
	loosen(s.Items)
	loosen(s.AdditionalProperties)
}

// Asked says if a command line asks for data: --json, or --json-version with which
// it is meant, before a "--".
func Asked(args []string) bool {
	for _, a := range args {
		switch {
		case a == "--":
			return false
		case a == "--json" || a == "--json-version" || strings.HasPrefix(a, "--json-version="):
			return true
		}
	}
	return false
}

// Take takes --json and --json-version from the arguments before a "--", and says if
// one of them was there. A version that the kind cannot satisfy is a *cli.UsageError.
func Take(env *cli.Env, k *Kind) (*cli.Env, bool, error) {
	var rest, constraints []string
	asked := false
	for i := 0; i < len(env.Args); i++ {
		a := env.Args[i]
		value, isVersion := strings.CutPrefix(a, "--json-version=")
		switch {
		case a == "--":
			rest = append(rest, env.Args[i:]...)
			i = len(env.Args)
			continue
		case a == "--json":
			asked = true
			continue
		case a == "--json-version":
			i++
			if i == len(env.Args) {
				return env, true, usage(env, "a constraint is missing")
			}
			value, isVersion = env.Args[i], true
		}
		if !isVersion {
			rest = append(rest, a)
			continue
		}
		asked = true
		constraints = append(constraints, value)
	}
	for _, c := range constraints {
		if err := k.check(c); err != nil {
			return env, true, usage(env, err.Error())
		}
	}
	return env.With(env.Name, rest), asked, nil
}

func usage(env *cli.Env, msg string) error {
	return &cli.UsageError{Program: env.Name, Msg: "argument --json-version: " + msg}
}

// check says if the kind's version satisfies a constraint such as "^1".
func (k *Kind) check(constraint string) error {
	c, err := semver.NewConstraint(constraint)
	if err != nil {
		return fmt.Errorf("version constraint: %w", err)
	}
	if v, err := semver.StrictNewVersion(k.Version); err != nil || !c.Check(v) {
		return fmt.Errorf("%s %s does not satisfy %q", k.Name, k.Version, constraint)
	}
	return nil
}
