package emerge_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/atoms/schematest"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/cases/corpus"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/resolver/explain"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// asking asks about requests of the corpus.
type asking struct {
	t      *testing.T
	roots  *corpus.Roots
	vars   map[string]string
	args   []string
	schema *schematest.Schema
}

func newAsking(t *testing.T, c *corpus.Corpus, bench *corpus.Bench, id string) *asking {
	t.Helper()
	i := slices.IndexFunc(c.Requests, func(r corpus.Request) bool { return r.ID == id })
	if i < 0 {
		t.Fatalf("the corpus has no request %s", id)
	}
	r := &c.Requests[i]
	roots, err := bench.Lay(r)
	if err != nil {
		t.Fatal(err)
	}
	a := &asking{t: t, roots: roots, args: r.Args}
	a.vars = map[string]string{"TUMPLINE_BUILD_ROOT": roots.Build, "TUMPLINE_CACHE_DIR": filepath.Join(filepath.Dir(filepath.Dir(roots.Dir)), "cache")}
	if r.Board() {
		a.vars["ROOT"], a.vars["SYSROOT"], a.vars["PORTAGE_CONFIGROOT"] = roots.Target, roots.Target, roots.Target
	}
	for name, value := range r.Env {
		a.vars[name] = value
	}
	if a.schema, err = schematest.Compile(explain.Schema()); err != nil {
		t.Fatal(err)
	}
	return a
}

// run runs emerge and returns what it printed.
func (a *asking) run(args ...string) (status int, out []byte) {
	a.t.Helper()
	var o, e bytes.Buffer
	env := &cli.Env{Streams: cli.Streams{Out: &o, Err: &e}, Args: slices.Concat([]string{"--pretend"}, args, a.args), Vars: a.vars, Dir: a.roots.Dir}
	status = cli.Run(a.t.Context(), env, emerge.Main)
	return status, o.Bytes()
}

// document asks a question and checks the document against the schema.
func (a *asking) document(args ...string) *explain.Explanation {
	a.t.Helper()
	status, out := a.run(append([]string{"--json"}, args...)...)
	if status != cli.StatusOK {
		a.t.Fatalf("%q: status %d\n%s", args, status, out)
	}
	if err := a.schema.Validate(string(out)); err != nil {
		a.t.Errorf("%q: %v", args, err)
	}
	e := &explain.Explanation{}
	if err := json.Unmarshal(out, e); err != nil {
		a.t.Fatal(err)
	}
	return e
}

// steps returns some of the steps of the plan: one from the middle and the last.
func (a *asking) steps() []plan.Step {
	a.t.Helper()
	_, out := a.run("--json")
	p := &plan.Plan{}
	if err := json.Unmarshal(out, p); err != nil {
		a.t.Fatal(err)
	}
	var some []plan.Step
	for i, s := range p.Steps {
		if n := len(p.Steps); i == n/2 || i == n-1 {
			some = append(some, s)
		}
	}
	return some
}

// TestExplainCorpus asks about steps of recorded requests: each has a chain
// from an argument, whose last member asks for it, and a reason against every
// package that was passed over.
func TestExplainCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("a plan of the corpus for each question")
	}
	c, err := corpus.Open(sharedtest.Path(t, "corpus/flatcar"))
	if err != nil {
		t.Fatal(err)
	}
	bench := corpus.NewBench(c, resolvertest.TempDir(t))
	for _, id := range []string{
		"amd64-usr-bash-empty", "arm64-usr-docker-step1", "amd64-usr-opt-update-one", "amd64-usr-opt-usepkg-step1",
		"amd64-usr-opt-onlydeps", "amd64-usr-lvm2-empty", "sdk-newuse",
	} {
		t.Run(id, func(t *testing.T) {
			a := newAsking(t, c, bench, id)
			for _, s := range a.steps() {
				a.check(&s)
			}
		})
	}
}

// check asks about one step.
func (a *asking) check(s *plan.Step) {
	for _, answer := range a.document("--explain", s.CPV).Answers {
		if s.Operation == plan.OpMerge && answer.Package.CPV == s.CPV && answer.Outcome == explain.OutcomeMerged && len(answer.Chain) == 0 {
			a.t.Errorf("%s: no chain", s.CPV)
		}
		if n := len(answer.Chain); n > 0 && answer.Chain[n-1].Atom == "" {
			a.t.Errorf("%s: the chain ends in %+v", s.CPV, answer.Chain[n-1])
		}
		for _, o := range answer.Others {
			a.reasoned(o.Package.CPV, o.Reasons)
		}
	}
	for _, answer := range a.document("--explain-not", s.CP).Answers {
		if answer.Outcome == explain.OutcomeAbsent {
			a.reasoned(answer.Package.CPV, answer.Reasons)
		}
	}
}

// reasoned checks that something is said against a package, and no empty words.
func (a *asking) reasoned(cpv string, reasons []explain.Reason) {
	if len(reasons) == 0 {
		a.t.Errorf("%s: no reason", cpv)
	}
	for _, r := range reasons {
		if r.Text == "" {
			a.t.Errorf("%s: %s has no text", cpv, r.Kind)
		}
		if r.Kind == explain.ReasonSettled {
			a.t.Logf("%s: %s", cpv, r.Text)
		}
	}
}
