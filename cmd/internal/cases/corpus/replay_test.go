package corpus

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/plan"
)

// planOf makes the plan that says what the recorded answer says.
func planOf(r *Request, a *Answer) *plan.Plan {
	c := &comparison{board: r.Board()}
	p := &plan.Plan{Success: a.ReturnCode == 0, Roots: plan.Roots{Target: "/", Sysroot: "/", Build: "/", Config: "/"}}
	res := a.Resolve
	switch {
	case a.Depclean != nil:
		p.Steps = unmergeSteps(a.Depclean.cpvs())
	case a.Unmerge != nil:
		p.Steps = unmergeSteps(a.Unmerge.cpvs())
	}
	if res == nil {
		return p
	}
	p.Success = res.Success
	for i := range res.Mergelist {
		t := &res.Mergelist[i]
		s := plan.Step{ID: plan.StepID(i + 1), Operation: plan.OpMerge, Origin: plan.Origin(t.Type), CPV: t.CPV, Slot: t.Slot, Subslot: t.Subslot,
			Repo: t.Repo, EAPI: t.EAPI, Root: c.root(t.Root), Stage: plan.StageFinal, Status: plan.Status(strings.ReplaceAll(t.Status, "_", "-")),
			Use: t.Use, Replaces: t.Replaces}
		for _, o := range t.OtherSlots {
			s.Installed = append(s.Installed, plan.Installed{CPV: o})
		}
		p.Steps = append(p.Steps, s)
	}
	for _, u := range res.UseChanges {
		change := plan.UseChange{CPV: u.CPV, Root: c.root(u.Root)}
		for f, on := range u.Changes {
			if on {
				change.Enable = append(change.Enable, f)
			} else {
				change.Disable = append(change.Disable, f)
			}
		}
		p.Changes.Use = append(p.Changes.Use, change)
	}
	for _, k := range res.Keywords {
		p.Changes.Keywords = append(p.Changes.Keywords, plan.KeywordChange{CPV: k.CPV, Root: c.root(k.Root)})
	}
	for _, u := range res.Unsatisfied {
		p.Problems = append(p.Problems, plan.Problem{Kind: plan.ProblemNoMatch, Atoms: []string{u.Atom}})
	}
	if len(res.Circular) > 0 {
		p.Problems = append(p.Problems, plan.Problem{Kind: plan.ProblemCircular})
	}
	if len(res.SlotConflicts) > 0 {
		p.Problems = append(p.Problems, plan.Problem{Kind: plan.ProblemSlotConflict})
	}
	if len(res.Provided) > 0 {
		p.Problems = append(p.Problems, plan.Problem{Kind: plan.ProblemProvided, Atoms: res.Provided})
	}
	return p
}

// complete fills in what a plan document needs and no comparison looks at.
func complete(p *plan.Plan) *plan.Plan {
	for i := range p.Steps {
		s := &p.Steps[i]
		s.Mark, s.Fetch.Restriction = plan.MarkNone, plan.FetchFree
		cpv, err := atoms.ParseCPV(s.CPV)
		if err != nil {
			panic(err)
		}
		s.CP, s.Version = string(cpv.CP), cpv.Version.String()
	}
	return p
}

func unmergeSteps(cpvs []string) (out []plan.Step) {
	for _, cpv := range cpvs {
		out = append(out, plan.Step{Operation: plan.OpUnmerge, CPV: cpv, Root: plan.RootTarget})
	}
	return out
}

// The plan that says what Portage said has no differences, for every answer.
func TestRecordedAnswersMatch(t *testing.T) {
	c := openCorpus(t)
	for i := range c.Requests {
		r := &c.Requests[i]
		a, err := c.Answer(r.ID)
		if err != nil {
			t.Error(err)
			continue
		}
		o := &Outcome{Request: r, Answer: a}
		cmp := &comparison{out: o, answer: a, board: r.Board()}
		cmp.exit(a.ReturnCode)
		cmp.plan(planOf(r, a))
		cmp.text(a.Output)
		if d := o.First(3); len(d) > 0 || !o.Matched() || o.Passed(Document) {
			t.Errorf("%s: %q", r.ID, d)
		}
		for _, aspect := range Aspects() {
			if !aspect.Text() && aspect != Document && o.expects(aspect) != o.Compared[aspect] {
				t.Errorf("%s: %v: expects %t, compared %t", r.ID, aspect, o.expects(aspect), o.Compared[aspect])
			}
		}
	}
}

// Each spoiled plan differs in the aspect that was spoiled and in no other.
func TestSpoiledPlansDiffer(t *testing.T) {
	c := openCorpus(t)
	const bash, depclean, broken = "amd64-usr-bash-empty", "amd64-usr-depclean-noworld", "amd64-usr-autounmask-use-n"
	tests := []struct {
		id    string
		spoil func(*plan.Plan)
		want  []Aspect
	}{
		{bash, func(p *plan.Plan) { p.Success = false }, []Aspect{Success}},
		{bash, func(p *plan.Plan) { p.Steps = p.Steps[:2] }, []Aspect{Packages, Order}},
		{bash, func(p *plan.Plan) { p.Steps = append(p.Steps, p.Steps[0]) }, []Aspect{Packages, Order}},
		{bash, func(p *plan.Plan) { p.Steps[0].CPV = "sys-libs/ncurses-6" }, []Aspect{Packages, Order}},
		{bash, func(p *plan.Plan) { p.Steps[0].Root = plan.RootBuild }, []Aspect{InRoots, Order}},
		{bash, func(p *plan.Plan) { p.Steps[0].Origin = plan.OriginBinary }, []Aspect{Origin}},
		{bash, func(p *plan.Plan) { p.Steps[0].Subslot = "7" }, []Aspect{Metadata}},
		{bash, func(p *plan.Plan) { p.Steps[0].Use = nil }, []Aspect{Use}},
		{bash, func(p *plan.Plan) { p.Steps[0].Status = plan.StatusUpdate }, []Aspect{Status}},
		{bash, func(p *plan.Plan) { p.Steps[0].Replaces = []string{"a/b-1"} }, []Aspect{Replaced}},
		{bash, func(p *plan.Plan) { p.Steps[0], p.Steps[1] = p.Steps[1], p.Steps[0] }, []Aspect{Order}},
		{bash, func(p *plan.Plan) { p.Blockers = []plan.Blocker{{Atom: "!a/b"}} }, []Aspect{Blockers}},
		{bash, func(p *plan.Plan) { p.Changes.Masks = []plan.MaskChange{{CPV: "a/b-1"}} }, []Aspect{Changes}},
		{bash, func(p *plan.Plan) {
			p.Problems = []plan.Problem{{Kind: plan.ProblemProvided, Atoms: []string{"a/b"}}}
		}, []Aspect{Provided}},
		{broken, func(p *plan.Plan) { p.Problems[0].Atoms = nil }, []Aspect{Lacking}},
		{broken, func(p *plan.Plan) { p.Problems[0].Kind = plan.ProblemCircular }, []Aspect{Lacking, Failure}},
		{"amd64-usr-lvm2-empty", func(p *plan.Plan) { p.Problems = nil }, []Aspect{Failure}},
		{depclean, func(p *plan.Plan) { slices.Reverse(p.Steps) }, []Aspect{Removed}},
		{depclean, func(p *plan.Plan) { p.Steps = p.Steps[1:] }, []Aspect{Removed}},
	}
	for i, tt := range tests {
		r := request(t, c, tt.id)
		a, err := c.Answer(tt.id)
		if err != nil {
			t.Fatal(err)
		}
		p := planOf(r, a)
		tt.spoil(p)
		o := &Outcome{Request: r, Answer: a}
		(&comparison{out: o, answer: a, board: r.Board()}).plan(p)
		var got []Aspect
		for _, aspect := range Aspects() {
			if len(o.Differences[aspect]) > 0 {
				got = append(got, aspect)
			}
		}
		if !slices.Equal(got, tt.want) || o.Matched() {
			t.Errorf("test %d: differences in %v, want %v: %q", i, got, tt.want, o.First(5))
		}
	}
}

func TestText(t *testing.T) {
	o := &Outcome{}
	c := &comparison{out: o, answer: &Answer{Output: "!!! Problem with sandbox binary. Disabling...\n\nA took 0.66 s.\n[ebuild  N     ] a/b-1 \nTotal: 1 package\n"}}
	c.text("A took 0.01 s.\n[ebuild  N     ] a/b-1\nTotal: 1 package\n")
	if d := o.First(2); len(d) > 0 {
		t.Errorf("text: %q, want no difference", d)
	}
	c.text("A took 0.01 s.\n[ebuild  R     ] a/b-1\nTotal: 1 package\n")
	if len(o.Differences[ListText]) != 1 || len(o.Differences[WholeText]) != 1 {
		t.Errorf("text: %q, want two differences", o.First(5))
	}
}

// Replay runs a front that writes the plan of the answer.
func TestReplay(t *testing.T) {
	c := openCorpus(t)
	const id = "amd64-usr-bash-empty"
	b := NewBench(c, scratch(t))
	var calls []string
	front := func(_ context.Context, call Call) int {
		calls = append(calls, strings.Join(call.Args, " "))
		if call.Vars["ROOT"] == "" || call.Vars["ROOT"] != call.Vars["PORTAGE_CONFIGROOT"] || call.Vars["TUMPLINE_BUILD_ROOT"] == "" {
			t.Errorf("environment %v", call.Vars)
		}
		a, err := c.Answer(id)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(call.Args, "--json") {
			fmt.Fprint(call.Out, strings.ReplaceAll(a.Output, "${BOARD_ROOT}", call.Vars["ROOT"]))
		} else if err := plan.Write(call.Out, complete(planOf(request(t, c, id), a))); err != nil {
			t.Error(err)
		}
		return a.ReturnCode
	}
	want := func(r *Request) bool { return r.ID == id }
	report := b.Replay(t.Context(), front, Options{Want: want, Text: true, Args: []string{"--beyond=n"}})
	if len(report.Outcomes) != 1 || !report.Outcomes[0].Passed(WholeText) || report.Matched(false) != (Count{1, 1}) {
		t.Errorf("outcome %q", report.Outcomes[0].First(5))
	}
	if got := fmt.Sprint(calls); got != "[--pretend --color=n --beyond=n --json app-shells/bash --pretend --color=n --beyond=n app-shells/bash]" {
		t.Errorf("calls %s", got)
	}
	report = NewBench(c, scratch(t)).Replay(t.Context(), func(context.Context, Call) int { panic("x") }, Options{Want: want})
	if o := report.Outcomes[0]; o.Err == nil || report.Aspect(Packages) != (Count{0, 1}) {
		t.Errorf("a front that panics: %v, packages %v", o.Err, report.Aspect(Packages))
	}
	ctx, cancel := context.WithCancel(t.Context())
	interrupted := func(context.Context, Call) int { cancel(); return 1 }
	report = NewBench(c, scratch(t)).Replay(ctx, interrupted, Options{Want: want})
	if report.CutOff() != 1 || report.Aspect(Exit) != (Count{}) || report.Matched(false) != (Count{}) {
		t.Errorf("an interrupted replay: %d cut off, exit status %v, matched %v", report.CutOff(), report.Aspect(Exit), report.Matched(false))
	}
}
