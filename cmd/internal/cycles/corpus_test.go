package cycles_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/cases/corpus"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/cycles"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/cmd/internal/verify"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// A bench runs fronts on requests of the corpus.
type bench struct {
	testing.TB
	corpus *corpus.Corpus
	layout *corpus.Bench
	laid   map[string]*corpus.Roots
}

func newBench(tb testing.TB) *bench {
	recorded, err := corpus.Open(sharedtest.Path(tb, "corpus/flatcar"))
	if err != nil {
		tb.Fatal(err)
	}
	return &bench{tb, recorded, corpus.NewBench(recorded, resolvertest.TempDir(tb)), map[string]*corpus.Roots{}}
}

// run runs a front with the roots of a request.
func (b *bench) run(front cli.Front, r *corpus.Request, args ...string) (status int, out, errs string) {
	b.Helper()
	roots := b.laid[r.ID]
	if roots == nil {
		var err error
		if roots, err = b.layout.Lay(r); err != nil {
			b.Fatal(err)
		}
		b.laid[r.ID] = roots
	}
	vars := map[string]string{"TUMPLINE_BUILD_ROOT": roots.Build, "TUMPLINE_CACHE_DIR": filepath.Join(roots.Dir, "cache")}
	if r.Board() {
		vars["ROOT"], vars["SYSROOT"], vars["PORTAGE_CONFIGROOT"] = roots.Target, roots.Target, roots.Target
	}
	for k, v := range r.Env {
		vars[k] = v
	}
	var o, e bytes.Buffer
	env := &cli.Env{Streams: cli.Streams{Out: &o, Err: &e}, Args: args, Vars: vars, Dir: roots.Dir}
	status = cli.Run(context.Background(), env, front)
	return status, o.String(), e.String()
}

// plan runs a request and reads the plan.
func (b *bench) plan(r *corpus.Request, args ...string) (*plan.Plan, string) {
	b.Helper()
	_, out, errs := b.run(emerge.Main, r, slices.Concat([]string{"--pretend", "--json"}, args, r.Args)...)
	p, err := plan.Read(r.ID, strings.NewReader(out))
	if err != nil {
		b.Fatalf("%s: %v\n%s", r.ID, err, errs)
	}
	return p, out
}

// judge has a plan judged and returns what is wrong with it.
func (b *bench) judge(r *corpus.Request, p *plan.Plan) (ok bool, findings string) {
	b.Helper()
	file := filepath.Join(b.TempDir(), "plan.json")
	var text strings.Builder
	if err := plan.Write(&text, p); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
		b.Fatal(err)
	}
	status, out, errs := b.run(verify.Main, r, file)
	return status == cli.StatusOK && strings.Contains(out, " 0 errors, 0 weak"), out + errs
}

func (b *bench) request(id string) *corpus.Request {
	i := slices.IndexFunc(b.corpus.Requests, func(r corpus.Request) bool { return r.ID == id })
	if i < 0 {
		b.Fatalf("the corpus has no request %s", id)
	}
	return &b.corpus.Requests[i]
}

// isCircular says if Portage's recorded answer fails for want of an order.
func isCircular(a *corpus.Answer) bool {
	return a.Resolve != nil && !a.Resolve.Success && a.Resolve.Circular != nil
}

// extra counts the bootstrap merges of a plan.
func extra(p *plan.Plan) int {
	n := 0
	for _, s := range p.Steps {
		if s.Stage == plan.StageBootstrap {
			n++
		}
	}
	return n
}

// TestCorpus asks about requests of the corpus.
func TestCorpus(t *testing.T) {
	b := newBench(t)
	for _, test := range []struct {
		name string
		run  func(*bench, *testing.T)
	}{{"circular", circular}, {"spoiled", spoiled}, {"forms", forms}} {
		t.Run(test.name, func(t *testing.T) {
			b.TB = t
			test.run(b, t)
		})
	}
}

// circular gives every request that Portage ends with a circular dependency
// a plan that the judge accepts, or the proof that there is none.
func circular(b *bench, t *testing.T) {
	planned, proved := 0, 0
	for i := range b.corpus.Requests {
		r := &b.corpus.Requests[i]
		if testing.Short() && !strings.Contains(r.ID, "cycle") {
			continue
		}
		a, err := b.corpus.Answer(r.ID)
		if err != nil || !isCircular(a) {
			continue
		}
		p, _ := b.plan(r)
		unsolved := slices.ContainsFunc(p.Cycles, func(c plan.Cycle) bool { return !c.Solved })
		switch {
		case unsolved && !slices.ContainsFunc(p.Cycles, func(c plan.Cycle) bool { return !c.Solved && !c.Proved }):
			proved++
		case unsolved || len(p.Cycles) == 0 || extra(p) == 0:
			t.Errorf("%s: neither a plan nor a proof", r.ID)
		case p.Success:
			planned++
			if ok, findings := b.judge(r, p); !ok {
				t.Errorf("%s: the judge says\n%s", r.ID, findings)
			}
		default: // changes of the configuration are needed as well
			planned++
		}
	}
	t.Logf("figure: cycles-planned %d requests (and %d proofs that no cut exists)", planned, proved)
}

// TestVectorsBoards sees to it that the boards are complete, with few merges
// more. It is named so that its figures are collected.
func TestVectorsBoards(t *testing.T) {
	b := newBench(t)
	for _, x := range []struct {
		id           string
		final, extra int
	}{
		{"amd64-usr-cycle-empty", 410, 5},
		{"arm64-usr-cycle-empty", 405, 4},
	} {
		b.plan(b.request(x.id)) // lays the roots out, and fills the index
		start := time.Now()
		p, _ := b.plan(b.request(x.id))
		took := time.Since(start)
		start = time.Now()
		b.plan(b.request(x.id), "--break-cycles=n")
		final := 0
		for _, s := range p.Steps {
			if s.Stage == plan.StageFinal && s.Root == plan.RootTarget {
				final++
			}
		}
		if !p.Success || final != x.final || extra(p) > x.extra {
			t.Errorf("%s: success %v, %d final packages, %d more merges; want %d and at most %d", x.id, p.Success, final, extra(p), x.final, x.extra)
		}
		t.Logf("figure: %s %d extra merges (target %d), %d ms, to fail %d ms", x.id, extra(p), x.extra,
			took.Milliseconds(), time.Since(start).Milliseconds())
	}
}

// spoiled spoils a staged plan in ways that the judge must notice.
func spoiled(b *bench, t *testing.T) {
	r := b.request("amd64-usr-lvm2-empty")
	for name, spoil := range map[string]func(p *plan.Plan){
		"final step removed": func(p *plan.Plan) {
			first := bootstrap(p)
			drop(p, int(p.Steps[first].CompletedBy)-1)
			s := &p.Steps[first]
			s.Stage, s.CompletedBy, s.DroppedUse, s.AddedUse = plan.StageFinal, 0, nil, nil
		},
		"bootstrap step removed": func(p *plan.Plan) { drop(p, bootstrap(p)) },
		"bootstrap left":         func(p *plan.Plan) { drop(p, int(p.Steps[bootstrap(p)].CompletedBy)-1) },
		"flag restored too early": func(p *plan.Plan) {
			s := &p.Steps[bootstrap(p)]
			f := s.DroppedUse[0]
			s.DroppedUse = s.DroppedUse[1:]
			s.Disabled = slices.DeleteFunc(s.Disabled, func(g string) bool { return g == f })
			s.Use = append(s.Use, f)
			slices.Sort(s.Use)
		},
		"order reversed": func(p *plan.Plan) {
			i := bootstrap(p)
			j := int(p.Steps[i].CompletedBy) - 1
			swap(p, i, j)
		},
		"completed too early": func(p *plan.Plan) {
			i := bootstrap(p)
			for j := int(p.Steps[i].CompletedBy) - 1; j > i+1; j-- {
				swap(p, j, j-1)
			}
		},
	} {
		p, _ := b.plan(r)
		spoil(p)
		if ok, _ := b.judge(r, p); ok {
			t.Errorf("%s: the judge accepts it", name)
		}
	}
}

func bootstrap(p *plan.Plan) int {
	return slices.IndexFunc(p.Steps, func(s plan.Step) bool { return s.Stage == plan.StageBootstrap })
}

// drop takes a step out and renumbers the others.
func drop(p *plan.Plan, i int) {
	number := make([]plan.StepID, len(p.Steps)+1)
	for j := range p.Steps {
		switch {
		case j < i:
			number[j+1] = plan.StepID(j + 1)
		case j > i:
			number[j+1] = plan.StepID(j)
		}
	}
	p.Steps = slices.Delete(p.Steps, i, i+1)
	renumber(p, number)
}

func swap(p *plan.Plan, i, j int) {
	number := make([]plan.StepID, len(p.Steps)+1)
	for k := range number {
		number[k] = plan.StepID(k)
	}
	number[i+1], number[j+1] = number[j+1], number[i+1]
	p.Steps[i], p.Steps[j] = p.Steps[j], p.Steps[i]
	renumber(p, number)
}

func renumber(p *plan.Plan, number []plan.StepID) {
	for i := range p.Steps {
		s := &p.Steps[i]
		s.ID, s.CompletedBy = number[s.ID], number[s.CompletedBy]
		for j := range s.Needs {
			if s.Needs[j].Step = number[s.Needs[j].Step]; s.Needs[j].Step == 0 {
				s.Needs[j].SatisfiedBy = ""
			}
		}
		for j := range s.Reasons {
			s.Reasons[j].Step = number[s.Reasons[j].Step]
		}
	}
	for i := range p.World {
		p.World[i].Step = number[p.World[i].Step]
	}
	for i := range p.Blockers {
		p.Blockers[i].Step = number[p.Blockers[i].Step]
	}
}

// forms shows the cycles of a request in each form.
func forms(b *bench, t *testing.T) {
	r := b.request("amd64-usr-lvm2-empty")
	for _, x := range []struct{ args, want string }{
		{"", "Cheapest cut:\n  sys-apps/systemd"},
		{"--json", `"schema": "tumpline.cycles"`},
		{"--dot", "digraph cycles {"},
	} {
		status, out, errs := b.run(cycles.Main, r, append(strings.Fields(x.args), r.Args...)...)
		if status != cli.StatusOK || !strings.Contains(out, x.want) {
			t.Errorf("cycles %s: status %d, %q does not have %q\n%s", x.args, status, out, x.want, errs)
		}
	}
	if status, _, _ := b.run(cycles.Main, r, "--json", "--dot", "cat/pkg"); status == cli.StatusOK {
		t.Error("--json and --dot together are taken")
	}
	if status, _, _ := b.run(cycles.Main, r); status == cli.StatusOK {
		t.Error("no target is taken")
	}
}
