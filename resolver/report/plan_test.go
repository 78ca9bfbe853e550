package report_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/planning"
	"github.com/tumpline/tumpline/resolver/report"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
)

// document states a result as a plan with everything that this package adds.
func document(res *resolver.Result) *plan.Plan {
	roots := plan.Roots{Target: "/", Sysroot: "/", Build: "/", Config: "/"}
	p := planning.Build(res, planning.Heading{Roots: roots}, planning.Sources{})
	p.Problems = report.PlanProblems(res, report.Options{})
	p.Changes = report.PlanChanges(res)
	return p
}

// The documents of all cases from Portage's test-suite have the form they must
// have: problems fit success and changes, and messages are plain text.
func TestPlanDocuments(t *testing.T) {
	files, errs := resolvertest.Read(sharedtest.Path(t, "vectors", "resolver"))
	for _, err := range errs {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "report")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	kinds := make(map[plan.ProblemKind]int)
	inspect := func(res *resolver.Result) {
		p := document(res)
		for _, fault := range faults(p) {
			t.Error(fault)
		}
		for _, x := range p.Problems {
			kinds[x.Kind]++
			if x.Message == "" || strings.ContainsAny(x.Message, "\x1b") || strings.Trim(x.Message, "\n") != x.Message {
				t.Errorf("%s: message %q", x.Kind, x.Message)
			}
		}
	}
	resolvertest.Run(t.Context(), files, inspecting(inspect), resolvertest.RunOptions{Dir: dir})
	for _, k := range []plan.ProblemKind{
		plan.ProblemCircular, plan.ProblemSlotConflict, plan.ProblemBlocked, plan.ProblemSkippedUpdate,
		plan.ProblemChangesNeeded, plan.ProblemMasked, plan.ProblemUse, plan.ProblemRequiredUse, plan.ProblemNoMatch,
		plan.ProblemVirtualCycle,
	} {
		if kinds[k] == 0 {
			t.Errorf("no case has a problem of the kind %s", k)
		}
	}
	t.Logf("problems: %v", kinds)
}

// faults returns what contradicts itself in problems and changes; steps are
// not the business of this package.
func faults(p *plan.Plan) []string {
	err := p.Check()
	if err == nil {
		return nil
	}
	return slices.DeleteFunc(strings.Split(err.Error(), "\n"), func(f string) bool { return strings.HasPrefix(f, "steps[") })
}

// inspecting returns a runner that shows each answer to a function.
func inspecting(inspect func(*resolver.Result)) resolvertest.Runner {
	return func(ctx context.Context, w *resolvertest.World) (resolvertest.Session, error) {
		s, err := adapter.Runner(ctx, w)
		if err != nil {
			return nil, err
		}
		return inspector{s, inspect}, nil
	}
}

type inspector struct {
	resolvertest.Session
	inspect func(*resolver.Result)
}

func (i inspector) Resolve(ctx context.Context, r resolvertest.Request) (*resolvertest.Result, error) {
	if r.Action == resolvertest.ActionMerge {
		res, err := i.Session.(session).Answer(ctx, r)
		if err != nil {
			return nil, err
		}
		i.inspect(res)
	}
	return &resolvertest.Result{}, nil
}

// What cuts the notice of a calculation is told apart from the report.
func TestInterruption(t *testing.T) {
	s, _ := open(t, []byte(`{"playgrounds": [{"method": "interruption", "definition": {"ebuilds": [
		{"cpv": "app/plain-1", "metadata": {"EAPI": "8"}},
		{"cpv": "app/either-1", "metadata": {"EAPI": "8", "IUSE": "a b", "REQUIRED_USE": "|| ( a b )"}},
		{"cpv": "app/needs-1", "metadata": {"EAPI": "8", "RDEPEND": "app/either"}},
		{"cpv": "app/round-1", "metadata": {"EAPI": "8", "RDEPEND": "virtual/a"}},
		{"cpv": "virtual/a-1", "metadata": {"EAPI": "8", "RDEPEND": "|| ( virtual/b app/plain )"}},
		{"cpv": "virtual/b-1", "metadata": {"EAPI": "8", "RDEPEND": "|| ( virtual/a app/plain )"}}
	]}}]}`))
	for _, tt := range []struct{ arg, want string }{
		{"app/plain", ""},
		{"app/either", "\n\n!!! Problem resolving dependencies for app/either\n"},
		{"app/needs", ""},
		{"app/round", "\n\n!!! virtual cycle detected:\n\n  virtual/a-1::test_repo\n  virtual/b-1::test_repo\n\n"},
	} {
		res, err := s.Answer(t.Context(), resolvertest.Request{Args: []string{tt.arg}})
		if err != nil {
			t.Fatal(err)
		}
		if got := report.Interruption(res); got != tt.want {
			t.Errorf("Interruption of %s = %q, want %q", tt.arg, got, tt.want)
		}
	}
}
