package answer_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/schematest"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
)

type part struct {
	Path  string  `json:"path" jsonschema:"absolute"`
	Owner *string `json:"owner" jsonschema:"CATEGORY/PF, or null"`
}

type parts struct {
	answer.Head
	Parts []part `json:"parts"`
}

var kind = answer.NewKind[parts]("tumpline.parts", "1.2.0", "what parts there are")

func TestWrite(t *testing.T) {
	var out strings.Builder
	if err := kind.WriteLine(&out, &parts{Parts: []part{{Path: "/a<b"}}}); err != nil {
		t.Fatal(err)
	}
	const want = `{"schema":"tumpline.parts","schema_version":"1.2.0","parts":[{"path":"/a<b","owner":null}]}` + "\n"
	if out.String() != want {
		t.Errorf("got %s want %s", &out, want)
	}
	other := answer.NewKind[struct{ answer.Head }]("tumpline.other", "1.0.0", "")
	if err := other.Write(&out, &parts{}); err == nil {
		t.Error("a document of another kind was written")
	}
}

func TestSchema(t *testing.T) {
	text, err := kind.Schema()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := schematest.Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		doc  string
		fits bool
	}{
		{`{"schema":"tumpline.parts","schema_version":"1.2.0","parts":[{"path":"/a","owner":null}]}`, true},
		{`{"schema":"tumpline.parts","schema_version":"1.3.0","more":1,"parts":[{"path":"/a","owner":"a/b-1","more":2}]}`, true},
		{`{"schema":"tumpline.others","schema_version":"1.2.0","parts":[]}`, false},
		{`{"schema":"tumpline.parts","schema_version":"1.2.0"}`, false},
		{`{"schema":"tumpline.parts","schema_version":"1.2.0","parts":[{"path":1,"owner":null}]}`, false},
	} {
		if err := schema.Validate(test.doc); (err == nil) != test.fits {
			t.Errorf("%s: %v", test.doc, err)
		}
	}
}

func TestTake(t *testing.T) {
	for _, test := range []struct {
		args, rest []string
		asked, bad bool
	}{
		{args: []string{"a", "-b"}, rest: []string{"a", "-b"}},
		{args: []string{"--json", "a"}, rest: []string{"a"}, asked: true},
		{args: []string{"a", "--", "--json"}, rest: []string{"a", "--", "--json"}},
		{args: []string{"--json-version=^1", "a"}, rest: []string{"a"}, asked: true},
		{args: []string{"--json-version", ">=1.2, <2", "a"}, rest: []string{"a"}, asked: true},
		{args: []string{"--json-version=^2"}, asked: true, bad: true},
		{args: []string{"--json-version", "nonsense"}, asked: true, bad: true},
		{args: []string{"--json-version"}, asked: true, bad: true},
	} {
		if got := answer.Asked(test.args); got != test.asked {
			t.Errorf("%q: asked %v", test.args, got)
		}
		env, asked, err := answer.Take(&cli.Env{Name: "qfile", Args: test.args}, kind)
		if usage := (*cli.UsageError)(nil); errors.As(err, &usage) != test.bad {
			t.Errorf("%q: %v", test.args, err)
		}
		if !test.bad && (asked != test.asked || !slices.Equal(env.Args, test.rest)) {
			t.Errorf("%q: asked %v, left %q", test.args, asked, env.Args)
		}
	}
}
