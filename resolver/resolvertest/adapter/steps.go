package adapter

import (
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/planning"
	"github.com/tumpline/tumpline/resolver/report"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// plan adds what only text worlds ask for, in the words of the plan document:
// the kinds of problems, what each step replaces and why it is a rebuild.
func (s *session) plan(res *resolver.Result, o resolvertest.Options, out *resolvertest.Result) {
	if !out.Success {
		for _, p := range report.PlanProblems(res, s.reportOptions(o)) {
			if p.Severity == plan.SeverityError {
				out.Failures = append(out.Failures, string(p.Kind))
			}
		}
	}
	document := planning.Build(res, planning.Heading{}, planning.Sources{})
	byID := make(map[plan.StepID]*plan.Step, len(document.Steps))
	for i := range document.Steps {
		byID[document.Steps[i].ID] = &document.Steps[i]
	}
	next := 0
	for i := range out.Tasks {
		t := &out.Tasks[i]
		if t.Type == resolvertest.TaskBlocker || next == len(document.Steps) {
			continue
		}
		step := &document.Steps[next]
		next++
		t.Replaces = step.Replaces
		for _, r := range step.Reasons {
			if cause := byID[r.Step]; r.Kind == plan.ReasonSubslot && cause != nil {
				t.Rebuilds = append(t.Rebuilds, string(r.Atom)+" -> :"+cause.Slot+"/"+cause.Subslot+"=")
			}
		}
	}
}
