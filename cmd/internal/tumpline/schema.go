package tumpline

import (
	"context"
	"fmt"
	"github.com/tumpline/tumpline/cmd/internal/doctor"
	"github.com/tumpline/tumpline/cmd/internal/eclean"
	"github.com/tumpline/tumpline/cmd/internal/euse"
	"github.com/tumpline/tumpline/cmd/internal/revdep"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/board"
	"github.com/tumpline/tumpline/cmd/internal/checkroot"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/diff"
	"github.com/tumpline/tumpline/cmd/internal/enalyze"
	"github.com/tumpline/tumpline/cmd/internal/equery"
	"github.com/tumpline/tumpline/cmd/internal/eselect"
	"github.com/tumpline/tumpline/cmd/internal/glsacheck"
	"github.com/tumpline/tumpline/cmd/internal/graph"
	"github.com/tumpline/tumpline/cmd/internal/history"
	"github.com/tumpline/tumpline/cmd/internal/portageq"
	"github.com/tumpline/tumpline/cmd/internal/q"
	"github.com/tumpline/tumpline/cmd/internal/regen"
	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/resolver/explain"
	"github.com/tumpline/tumpline/resolver/plan"
)

// A form is one kind of JSON document that the program prints.
type form struct {
	name    string // without "tumpline."
	version string
	about   string
	schema  func() (string, error)
}

// kinds lists the documents of queries.
func kinds() []*answer.Kind {
	return slices.Concat(revdep.Kinds(), euse.Kinds(), eclean.Kinds(), portageq.Kinds(), q.Kinds(), equery.Kinds(), enalyze.Kinds(), []*answer.Kind{
		board.Boards, checkroot.Report, doctor.Diagnosis,
		eselect.Profiles, glsacheck.Advisories, graph.Kind, graph.PathKind, diff.Kind, history.Kind,
	})
}

// forms lists all documents.
func forms() []form {
	constant := func(text func() string) func() (string, error) {
		return func() (string, error) { return text(), nil }
	}
	out := []form{
		{"plan", plan.SchemaVersion, "the plan that emerge --pretend --json prints", constant(plan.Schema)},
		{"explanation", explain.SchemaVersion, "what emerge --pretend --json --explain prints", constant(explain.Schema)},
		{"events", merge.EventSchemaVersion, "the lines that emerge --events=json prints", constant(merge.EventsSchema)},
		{"regen", regen.SchemaVersion, "the lines that regen --json prints", constant(regen.Schema)},
	}
	for _, k := range kinds() {
		out = append(out, form{strings.TrimPrefix(k.Name, "tumpline."), k.Version, k.About, k.Schema})
	}
	return out
}

// schema lists the documents, or prints the schema of one.
func schema(_ context.Context, env *cli.Env) error {
	const usage = "[DOCUMENT]"
	switch {
	case len(env.Args) > 1:
		return usageError(env.Name, usage, fmt.Sprintf("unknown argument %q", env.Args[1]))
	case len(env.Args) == 0:
		for _, f := range forms() {
			if _, err := fmt.Fprintf(env.Out, "%-16s %-8s %s\n", f.name, f.version, f.about); err != nil {
				return err
			}
		}
		return nil
	}
	for _, f := range forms() {
		if f.name != strings.TrimPrefix(env.Args[0], "tumpline.") {
			continue
		}
		text, err := f.schema()
		if err != nil {
			return err
		}
		_, err = fmt.Fprint(env.Out, text)
		return err
	}
	return usageError(env.Name, usage, fmt.Sprintf("there is no document %q; tumpline schema lists them", env.Args[0]))
}
