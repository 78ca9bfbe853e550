package verify_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/verify"
)

// A ruleCase is a plan and what the judge has to say about it.
type ruleCase struct {
	name  string
	world world
	args  string
	steps string           // separated by commas
	edit  func(*plan.Plan) // may be nil
	want  []string         // "severity kind package"
	tells string           // a part of some message
}

func (c *ruleCase) check(t *testing.T) []verify.Finding {
	var steps []string
	if c.steps != "" {
		steps = strings.Split(c.steps, ", ")
	}
	in := c.world.input(t, strings.Fields(c.args), steps...)
	if c.edit != nil {
		c.edit(in.Plan)
	}
	return verify.Check(in)
}

func runCases(t *testing.T, cases []ruleCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := c.check(t)
			if !slices.Equal(brief(got), c.want) {
				t.Errorf("Check(%s)\n got %q\nwant %q\n%v", c.steps, brief(got), c.want, got)
			}
			if !slices.ContainsFunc(got, func(f verify.Finding) bool { return strings.Contains(f.String(), c.tells) }) && c.tells != "" {
				t.Errorf("Check(%s): no finding tells %q: %v", c.steps, c.tells, got)
			}
		})
	}
}

func TestBuildTime(t *testing.T) {
	tool := []string{"c/app-1 BDEPEND=c/tool DEPEND=c/lib", "c/tool-1 RDEPEND=c/run", "c/run-1", "c/lib-1"}
	old := []string{"c/app-1 EAPI=6 DEPEND=c/lib", "c/lib-1"}
	loop := []string{"c/app-1 BDEPEND=c/tool", "c/tool-1 RDEPEND=c/run", "c/run-1 BDEPEND=c/app", "c/user-1 BDEPEND=c/tool"}
	runLoop := []string{"c/app-1 BDEPEND=c/a", "c/a-1 RDEPEND=c/b", "c/b-1 RDEPEND=c/a"}
	runCases(t, []ruleCase{
		{name: "all in order", world: world{ebuilds: tool}, args: "c/app", steps: "c/run-1, c/tool-1, c/lib-1, c/app-1"},
		{name: "built too early", world: world{ebuilds: tool}, args: "c/app", steps: "c/run-1, c/tool-1, c/app-1, c/lib-1",
			want: []string{"error build-dependency c/app-1"}, tells: "only by step 4 (c/lib-1)"},
		{name: "never built", world: world{ebuilds: tool}, args: "c/app", steps: "c/run-1, c/tool-1, c/app-1",
			want: []string{"error build-dependency c/app-1"}, tells: "never"},
		{name: "tool cannot run yet", world: world{ebuilds: tool}, args: "c/app", steps: "c/tool-1, c/lib-1, c/app-1, c/run-1",
			want: []string{"error closure c/app-1"}, tells: "c/tool-1 lacks RDEPEND c/run until step 4 (c/run-1)"},
		{name: "tool never runs", world: world{ebuilds: tool}, args: "c/app", steps: "c/tool-1, c/lib-1, c/app-1",
			want: []string{"error closure c/app-1", "error runtime-dependency c/tool-1"}},
		{name: "tool is installed", world: world{ebuilds: tool, installed: []string{"c/tool-1", "c/lib-1"}}, args: "c/app", steps: "c/app-1"},
		{name: "tool was broken before", world: world{ebuilds: tool, installed: []string{"c/tool-1 RDEPEND=c/gone", "c/lib-1"}}, args: "c/app",
			steps: "c/app-1", want: []string{"info broken-installed c/tool-1"}},
		{name: "a cycle", world: world{ebuilds: loop, installed: []string{"c/tool-0"}}, args: "c/user", steps: "c/tool-1, c/app-1, c/run-1, c/user-1",
			want: []string{"weak cycle c/app-1"}, tells: "until step 3 (c/run-1), which needs it in turn"},
		{name: "beside the cycle", world: world{ebuilds: []string{"c/tool-1 RDEPEND=c/run", "c/run-1", "c/user-1 BDEPEND=c/tool"}}, args: "c/user",
			steps: "c/tool-1, c/user-1, c/run-1", want: []string{"error closure c/user-1"}},
		{name: "a cycle at run time is whole", world: world{ebuilds: runLoop}, args: "c/app", steps: "c/a-1, c/b-1, c/app-1"},
		{name: "a cycle at run time is not whole", world: world{ebuilds: runLoop}, args: "c/app", steps: "c/a-1, c/app-1, c/b-1",
			want: []string{"weak cycle c/app-1"}},
		{name: "a binary needs nothing to be built", world: world{binaries: tool}, args: "c/app", steps: "binary c/app-1"},
		{name: "DEPEND in the target", world: world{ebuilds: tool, cross: true, sdk: []string{"c/tool-1"}}, args: "c/app", steps: "c/lib-1, c/app-1"},
		{name: "DEPEND in the wrong root", world: world{ebuilds: tool, cross: true, sdk: []string{"c/tool-1", "c/lib-1"}}, args: "c/app", steps: "c/app-1",
			want: []string{"error build-dependency c/app-1"}},
		{name: "BDEPEND in the wrong root", world: world{ebuilds: tool, cross: true, installed: []string{"c/tool-1", "c/lib-1"}}, args: "c/app", steps: "c/app-1",
			want: []string{"error build-dependency c/app-1"}},
		{name: "BDEPEND merged to the build root", world: world{ebuilds: tool, cross: true}, args: "c/app", steps: "sdk c/run-1, sdk c/tool-1, c/lib-1, c/app-1"},
		{name: "run-time closure in the wrong root", world: world{ebuilds: tool, cross: true}, args: "c/app", steps: "c/run-1, sdk c/tool-1, c/lib-1, c/app-1",
			want: []string{"error closure c/app-1", "error runtime-dependency c/tool-1"}},
		{name: "old DEPEND in the build root", world: world{ebuilds: old, cross: true, sdk: []string{"c/lib-1"}}, args: "c/app", steps: "c/app-1"},
		{name: "old DEPEND in the target", world: world{ebuilds: old, cross: true, installed: []string{"c/lib-1"}}, args: "c/app", steps: "c/app-1",
			want: []string{"error build-dependency c/app-1"}},
		{name: "old DEPEND with --root-deps=rdeps", world: world{ebuilds: old, cross: true, options: verify.Options{RootDepsRDeps: true}}, args: "c/app", steps: "c/app-1"},
		{name: "--nodeps", world: world{ebuilds: tool, options: verify.Options{NoDeps: true}}, args: "c/app", steps: "c/app-1"},
		{name: "--buildpkgonly merges nothing", world: world{ebuilds: tool, options: verify.Options{BuildPkgOnly: true}}, args: "c/app",
			steps: "c/run-1, c/tool-1, c/lib-1, c/app-1", want: []string{"error build-dependency c/app-1", "error build-dependency c/app-1"}},
		{name: "IDEPEND", world: world{ebuilds: []string{"c/app-1 IDEPEND=c/i", "c/i-1"}}, args: "c/app", steps: "c/app-1, c/i-1",
			want: []string{"error install-dependency c/app-1"}},
		{name: "IDEPEND in a cycle", world: world{ebuilds: []string{"c/app-1 IDEPEND=c/i", "c/i-1 BDEPEND=c/app"}}, args: "c/app", steps: "c/app-1, c/i-1",
			want: []string{"weak cycle c/app-1"}},
		{name: "replaced under the hands", world: world{ebuilds: []string{"c/app-1 BDEPEND=c/tool", "c/tool-1 RDEPEND=c/lib:=", "c/lib-2 SLOT=0/2"},
			installed: []string{"c/tool-1 RDEPEND=c/lib:0/1=", "c/lib-1 SLOT=0/1"}}, args: "c/app c/lib", steps: "c/lib-2, c/app-1, c/tool-1",
			want: []string{"error closure c/app-1"}, tells: "until step 3 (c/tool-1)"},
	})
}

func TestRunTime(t *testing.T) {
	app := []string{"c/app-1 RDEPEND=c/lib:= PDEPEND=c/late", "c/lib-1 SLOT=0/1", "c/lib-2 SLOT=0/2", "c/late-1"}
	bound := []string{"c/app-1 DEPEND=c/lib:= RDEPEND=c/lib:=", "c/lib-1 SLOT=0/1", "c/lib-2 SLOT=0/2"}
	flag := []string{"c/app-1 RDEPEND=c/lib[f]", "c/lib-1 IUSE=f", "c/lib-2 IUSE=+f", "c/any-1 RDEPEND=|| ( c/x ( c/lib:0 c/app ) )", "c/if-1 IUSE=+g RDEPEND=g? ( c/x ) !g? ( c/y )"}
	runCases(t, []ruleCase{
		{name: "all there", world: world{ebuilds: app}, args: "c/app", steps: "c/lib-1, c/app-1, c/late-1"},
		{name: "RDEPEND may come later", world: world{ebuilds: app}, args: "c/app", steps: "c/app-1, c/late-1, c/lib-1"},
		{name: "RDEPEND missing", world: world{ebuilds: app}, args: "c/app", steps: "c/app-1, c/late-1", want: []string{"error runtime-dependency c/app-1"}},
		{name: "PDEPEND missing", world: world{ebuilds: app}, args: "c/app", steps: "c/lib-1, c/app-1", want: []string{"error runtime-dependency c/app-1"}},
		{name: "RDEPEND is removed", world: world{ebuilds: app, installed: []string{"c/lib-1"}}, args: "c/app", steps: "c/app-1, - c/lib-1, c/late-1",
			want: []string{"error runtime-dependency c/app-1"}},
		{name: "provided", world: world{ebuilds: app, provided: []string{"c/lib-1", "c/late-1"}}, args: "c/app", steps: "c/app-1"},
		{name: "flag off", world: world{ebuilds: flag}, args: "c/app", steps: "c/lib-1, c/app-1", want: []string{"error runtime-dependency c/app-1"}, tells: "c/lib[f]"},
		{name: "flag on", world: world{ebuilds: flag}, args: "c/app", steps: "c/lib-2, c/app-1"},
		{name: "alternatives, met", world: world{ebuilds: flag, installed: []string{"c/lib-1", "c/app-1"}}, args: "c/any", steps: "c/any-1"},
		{name: "alternatives, one met by half", world: world{ebuilds: flag, installed: []string{"c/lib-1"}}, args: "c/any", steps: "c/any-1", want: []string{"error runtime-dependency c/any-1"}},
		{name: "conditionals", world: world{ebuilds: flag, installed: []string{"c/x-1"}}, args: "c/if", steps: "c/if-1"},
		{name: "conditionals, unmet", world: world{ebuilds: flag, installed: []string{"c/y-1"}}, args: "c/if", steps: "c/if-1", want: []string{"error runtime-dependency c/if-1"}},
		{name: "bound and kept", world: world{ebuilds: bound, installed: []string{"c/lib-1 SLOT=0/1"}}, args: "c/app", steps: "c/app-1"},
		{name: "bound to what goes", world: world{ebuilds: bound, installed: []string{"c/lib-1 SLOT=0/1"}}, args: "c/app", steps: "c/app-1, c/lib-2",
			want: []string{"error binding c/app-1"}, tells: "c/lib:0/1="},
		{name: "installed is bound", world: world{ebuilds: bound, installed: []string{"c/lib-1 SLOT=0/1", "c/app-1 RDEPEND=c/lib:0/1="}}, args: "c/lib", steps: "c/lib-2",
			want: []string{"error broken-installed c/app-1"}},
		{name: "installed is rebuilt", world: world{ebuilds: bound, installed: []string{"c/lib-1 SLOT=0/1", "c/app-1 RDEPEND=c/lib:0/1="}}, args: "c/lib", steps: "c/lib-2, c/app-1"},
		{name: "rebuilt too early", world: world{ebuilds: bound, installed: []string{"c/lib-1 SLOT=0/1", "c/app-1 RDEPEND=c/lib:0/1="}}, args: "c/lib", steps: "c/app-1, c/lib-2",
			want: []string{"error binding c/app-1"}},
		{name: "binding does not count", world: world{ebuilds: bound, installed: []string{"c/lib-1 SLOT=0/1", "c/app-1 RDEPEND=c/lib:0/1="},
			options: verify.Options{IgnoreBuiltSlotOps: true}}, args: "c/lib", steps: "c/lib-2"},
		{name: "broken before", world: world{ebuilds: bound, installed: []string{"c/old-1 RDEPEND=c/gone"}}, args: "c/lib", steps: "c/lib-1", want: []string{"info broken-installed c/old-1"}},
		{name: "removed but needed", world: world{installed: []string{"c/old-1 RDEPEND=c/lib", "c/lib-1"}, options: verify.Options{Action: verify.ActionClean}},
			steps: "- c/lib-1", want: []string{"error broken-installed c/old-1"}},
		{name: "removed as asked", world: world{installed: []string{"c/old-1 RDEPEND=c/lib", "c/lib-1"}, options: verify.Options{Action: verify.ActionUnmerge}},
			steps: "- c/lib-1", want: []string{"info broken-installed c/old-1"}},
		{name: "today's ebuild asks for less", world: world{ebuilds: []string{"c/old-1", "c/lib-2"}, installed: []string{"c/old-1 RDEPEND=<c/lib-2", "c/lib-1"},
			options: verify.Options{DynamicDeps: true}}, args: "c/lib", steps: "c/lib-2", want: []string{"weak broken-installed c/old-1"}},
	})
}

func TestBlockersAndSlots(t *testing.T) {
	weak := []string{"c/new-1 RDEPEND=!c/old", "c/new-2 RDEPEND=!!c/old", "c/new-3 DEPEND=!!c/old", "c/new-4 DEPEND=!c/old", "c/new-5 RDEPEND=!!<c/new-5",
		"c/old-1", "c/old-2"}
	old := []string{"c/old-1"}
	runCases(t, []ruleCase{
		{name: "weak, unmerged later", world: world{ebuilds: weak, installed: old}, args: "c/new", steps: "c/new-1, - c/old-1"},
		{name: "weak, stays", world: world{ebuilds: weak, installed: old}, args: "c/new", steps: "c/new-1", want: []string{"error blocker c/new-1"}},
		{name: "strong, unmerged before", world: world{ebuilds: weak, installed: old}, args: "c/new", steps: "- c/old-1, c/new-2"},
		{name: "strong, unmerged later", world: world{ebuilds: weak, installed: old}, args: "c/new", steps: "c/new-2, - c/old-1",
			want: []string{"error blocker c/new-2"}, tells: "c/old-1 is there when the package is merged"},
		{name: "strong for building", world: world{ebuilds: weak, installed: old}, args: "c/new", steps: "c/new-3", want: []string{"error blocker c/new-3"}},
		{name: "strong for building, merged later", world: world{ebuilds: weak}, args: "c/new", steps: "c/new-3, c/old-1"},
		{name: "weak for building, gone", world: world{ebuilds: weak, installed: old}, args: "c/new", steps: "c/new-4, - c/old-1"},
		{name: "weak for building, stays", world: world{ebuilds: weak, installed: old}, args: "c/new", steps: "c/new-4", want: []string{"error blocker c/new-4"}},
		{name: "what it replaces", world: world{ebuilds: weak, installed: []string{"c/new-1"}}, args: "c/new", steps: "c/new-5"},
		{name: "an installed one blocks", world: world{ebuilds: weak, installed: []string{"c/new-1 RDEPEND=!c/old"}}, args: "c/old", steps: "c/old-1", want: []string{"error blocker c/new-1"}},
		{name: "both were there", world: world{ebuilds: weak, installed: []string{"c/new-1 RDEPEND=!c/old", "c/old-1", "c/x-1"}}, steps: "- c/x-1", want: []string{"info blocker c/new-1"}},
		{name: "in the other root", world: world{ebuilds: weak, cross: true, sdk: old}, args: "c/new", steps: "c/new-1"},
		{name: "a slot twice", world: world{ebuilds: weak}, args: "c/old", steps: "c/old-1, c/old-2", want: []string{"error form", "error slot c/old-2"}},
	})
}

func TestDescription(t *testing.T) {
	w := world{ebuilds: []string{"c/a-1 IUSE=f +g REQUIRED_USE=^^ ( f g )", "c/a-2", "c/b-1 SLOT=1/2"}, installed: []string{"c/a-0", "c/b-0 SLOT=0"}, masked: []string{"c/a-2"}}
	step := func(f func(*plan.Step)) func(*plan.Plan) { return func(p *plan.Plan) { f(&p.Steps[0]) } }
	runCases(t, []ruleCase{
		{name: "agrees", world: w, args: "c/a", steps: "c/a-1, c/b-1"},
		{name: "slot", world: w, args: "c/b", steps: "c/b-1", edit: step(func(s *plan.Step) { s.Slot = "2" }), want: []string{"error metadata c/b-1"}},
		{name: "sub-slot", world: w, args: "c/b", steps: "c/b-1", edit: step(func(s *plan.Step) { s.Subslot = "1" }), want: []string{"error metadata c/b-1"}},
		{name: "EAPI", world: w, args: "c/b", steps: "c/b-1", edit: step(func(s *plan.Step) { s.EAPI = "7" }), want: []string{"error metadata c/b-1"}},
		{name: "repository", world: w, args: "c/b", steps: "c/b-1", edit: step(func(s *plan.Step) { s.Repo = "x" }), want: []string{"error package c/b-1"}},
		{name: "status", world: w, args: "c/a", steps: "c/a-1", edit: step(func(s *plan.Step) { s.Status = plan.StatusDowngrade }), want: []string{"error installed c/a-1"}},
		{name: "replaces", world: w, args: "c/b", steps: "c/b-1", edit: step(func(s *plan.Step) { s.Status, s.Replaces = plan.StatusUpdate, []string{"c/b-0"} }),
			want: []string{"error installed c/b-1", "error installed c/b-1"}},
		{name: "installed", world: w, args: "c/b", steps: "c/b-1", edit: step(func(s *plan.Step) { s.Installed[0].Slot = "7" }), want: []string{"error installed c/b-1"}},
		{name: "flag switched", world: w, args: "c/a", steps: "c/a-1", edit: step(func(s *plan.Step) { s.Use, s.Disabled = []string{"f", "g"}, nil }),
			want: []string{"error use c/a-1", "error required-use c/a-1"}},
		{name: "flag that is not there", world: w, args: "c/a", steps: "c/a-1", edit: step(func(s *plan.Step) { s.Use = []string{"g", "h"} }), want: []string{"error use c/a-1"}},
		{name: "masked", world: w, args: "c/a", steps: "c/a-2", want: []string{"error masked c/a-2"}, tells: "package.mask"},
		{name: "not installed", world: w, steps: "- c/a-0, - c/a-0", want: []string{"error installed c/a-0"}},
		{name: "no success", world: w, args: "c/a", steps: "c/a-2", edit: func(p *plan.Plan) {
			p.Success = false
			p.Problems = []plan.Problem{{Kind: plan.ProblemMasked, Severity: plan.SeverityError, Message: "no"}}
		}},
		{name: "form", world: w, args: "c/a", steps: "c/a-1", edit: step(func(s *plan.Step) { s.Version = "3" }), want: []string{"error form"}},
		{name: "bootstrap", world: w, args: "c/a", steps: "c/a-1, c/a-1", edit: step(func(s *plan.Step) {
			s.Stage, s.Use, s.Disabled = plan.StageBootstrap, []string{"f"}, []string{"g"}
			s.AddedUse, s.DroppedUse, s.CompletedBy = []string{"f"}, []string{"g"}, 2
		})},
		{name: "bootstrap against REQUIRED_USE", world: w, args: "c/a", steps: "c/a-1, c/a-1", edit: step(func(s *plan.Step) {
			s.Stage, s.Use, s.Disabled = plan.StageBootstrap, nil, []string{"f", "g"}
			s.DroppedUse, s.CompletedBy = []string{"g"}, 2
		}), want: []string{"error required-use c/a-1"}},
		{name: "bootstrap that stays", world: w, args: "c/a", steps: "c/a-1", edit: step(func(s *plan.Step) { s.Stage = plan.StageBootstrap }),
			want: []string{"error form", "error form", "error use c/a-1"}, tells: "no later step"},
		{name: "need", world: w, args: "c/a c/b", steps: "c/a-1, c/b-1", edit: func(p *plan.Plan) {
			p.Steps[0].Needs = []plan.Need{{Class: plan.ClassRDepend, Atom: "c/b:0", Root: plan.RootTarget, Step: 2, SatisfiedBy: "c/b-1"}}
		}, want: []string{"error need c/a-1"}},
	})
}

func TestArguments(t *testing.T) {
	w := world{ebuilds: []string{"c/a-1", "c/a-2 SLOT=2", "c/b-1"}, installed: []string{"c/b-0"}, world: []string{"c/b", "c/lost"}}
	lost := w
	lost.world = []string{"<c/b-1"}
	excluded := w
	excluded.options.Exclude = parse(t, []string{"c/x"})
	only := w
	only.options.OnlyDeps = true
	need := only
	need.ebuilds = []string{"c/a-1 RDEPEND=>=c/b-1", "c/b-1"}
	build := need
	build.options.OnlyBuildDeps = true
	runCases(t, []ruleCase{
		{name: "met", world: w, args: "=c/a-1 b", steps: "c/a-1"},
		{name: "not met", world: w, args: "c/a:2", steps: "c/a-1", want: []string{"error argument"}},
		{name: "a name", world: w, args: "zzz", want: []string{"error argument"}},
		{name: "a member", world: w, args: "@world", want: []string{"error argument"}},
		{name: "a member that the plan tells", world: w, args: "@world", edit: func(p *plan.Plan) {
			p.Problems = []plan.Problem{{Kind: plan.ProblemMissingMember, Severity: plan.SeverityWarning, Message: "x", Atoms: []string{"c/lost"}}}
		}, want: []string{"info argument"}},
		{name: "excluded", world: excluded, args: "c/x", want: []string{"info argument"}},
		{name: "--onlydeps", world: only, args: "c/a"},
		{name: "--onlydeps, needs met", world: need, args: "c/a", steps: "c/b-1"},
		{name: "--onlydeps, needs not met", world: need, args: "a", want: []string{"error argument"}, tells: "c/a-1 lacks RDEPEND >=c/b-1"},
		{name: "--onlydeps --onlydeps-with-rdeps=n", world: build, args: "a"},
		{name: "lost from world", world: lost, args: "c/b", steps: "c/b-1", want: []string{"error world"}},
		{name: "recorded", world: w, args: "c/a", steps: "c/a-1", edit: func(p *plan.Plan) { p.World = []plan.WorldEntry{{Atom: "c/a", Step: 1}} }},
		{name: "recorded wrongly", world: w, args: "c/a", steps: "c/a-1", edit: func(p *plan.Plan) { p.World = []plan.WorldEntry{{Atom: "c/a:2", Step: 1}} },
			want: []string{"error argument c/a-1"}},
	})
}
