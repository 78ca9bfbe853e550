package verify

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/cases/corpus"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/verify"
	"github.com/tumpline/tumpline/resolver/verify/verifytest"
)

// A tally is what was judged.
type tally struct {
	mu            sync.Mutex
	plans, steps  int
	kinds         map[string]int
	made, noticed map[verifytest.Kind]int
}

// TestRecordedRequestsJudged judges the plan of every recorded request that
// has one, and spoils some of them.
func TestRecordedRequestsJudged(t *testing.T) {
	if testing.Short() {
		t.Skip("judges all recorded requests")
	}
	c, err := corpus.Open(sharedtest.Path(t, "corpus", "flatcar"))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "verify")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir) // best effort: it holds nothing of value
	sum := &tally{kinds: map[string]int{}, made: map[verifytest.Kind]int{}, noticed: map[verifytest.Kind]int{}}
	report := corpus.NewBench(c, dir).Replay(t.Context(), sum.front(t), corpus.Options{
		Jobs: 2, Vars: map[string]string{"TUMPLINE_CACHE_DIR": dir + "/cache"},
		Want: func(r *corpus.Request) bool {
			a, err := c.Answer(r.ID)
			return err == nil && (a.Resolve != nil && a.Resolve.Success || a.Depclean != nil || a.Unmerge != nil)
		},
	})
	for _, o := range report.Outcomes {
		if o.Err != nil {
			t.Errorf("%s: %v", o.Request.ID, o.Err)
		}
	}
	t.Logf("%d plans with %d steps: %v", sum.plans, sum.steps, sum.kinds)
	if sum.plans < 55 {
		t.Errorf("only %d plans were judged", sum.plans)
	}
	sum.check(t)
}

// front runs emerge and judges the plan that it prints.
func (s *tally) front(t *testing.T) corpus.Front {
	return func(ctx context.Context, c corpus.Call) int {
		var doc bytes.Buffer
		env := &cli.Env{Name: "emerge", Args: c.Args, Vars: c.Vars, Dir: c.Dir}
		env.In, env.Out, env.Err = strings.NewReader(""), &doc, c.Err
		status := cli.Run(ctx, env, emerge.Main)
		_, _ = c.Out.Write(doc.Bytes()) // a buffer
		if status == cli.StatusOK {
			s.judge(t, env, doc.Bytes())
		}
		return status
	}
}

func (s *tally) judge(t *testing.T, env *cli.Env, doc []byte) {
	p, err := plan.Read("plan", bytes.NewReader(doc))
	if err != nil {
		t.Errorf("emerge %q: %v", env.Args, err)
		return
	}
	session, in, err := open(env, &options{}, p)
	if err != nil {
		t.Errorf("emerge %q: %v", env.Args, err)
		return
	}
	defer session.Close() // the index of a test
	findings := verify.Check(in)
	for _, f := range findings {
		if f.Severity == verify.Error {
			t.Errorf("emerge %q: %s", env.Args, f)
		}
	}
	s.mu.Lock()
	s.plans++
	s.steps += len(p.Steps)
	for _, f := range findings {
		s.kinds[f.Severity.String()+" "+f.Kind.String()]++
	}
	s.mu.Unlock()
	// The steps of the others are too few, or not merged.
	if len(p.Steps) >= 20 && !slices.Contains(env.Args, "--buildpkgonly") && !slices.Contains(env.Args, "--emptytree") {
		s.spoil(t, in)
	}
}

// spoil makes some mutations of each kind.
func (s *tally) spoil(t *testing.T, in *verify.Input) {
	for _, k := range verifytest.Kinds() {
		for i := range uint64(3) {
			bad, what, ok := verifytest.Spoil(in.Plan, k, rand.New(rand.NewPCG(i, uint64(k))), slots(t, in))
			if !ok {
				continue
			}
			spoiled := *in
			spoiled.Plan = bad
			noticed := slices.ContainsFunc(verify.Check(&spoiled), func(f verify.Finding) bool { return f.Severity == verify.Error })
			s.mu.Lock()
			s.made[k]++
			if noticed {
				s.noticed[k]++
			}
			s.mu.Unlock()
			if !noticed {
				t.Logf("emerge %q: not noticed: %s: %s", in.Plan.Request.Targets, k, what)
			}
		}
	}
}

// check compares the shares with what is expected: an update is seldom needed.
func (s *tally) check(t *testing.T) {
	least := map[verifytest.Kind]int{verifytest.DropNew: 90, verifytest.Advance: 95, verifytest.Remove: 80, verifytest.FlipFlag: 100, verifytest.Reslot: 100}
	for _, k := range verifytest.Kinds() {
		t.Logf("%s: %d of %d noticed", k, s.noticed[k], s.made[k])
		if s.noticed[k]*100 < s.made[k]*least[k] {
			t.Errorf("%s: %d of %d noticed, want %d%%", k, s.noticed[k], s.made[k], least[k])
		}
	}
}

func slots(t *testing.T, in *verify.Input) verifytest.Slots {
	return func(root plan.Root, cpv string) (slot, subslot string) {
		r := in.Target
		if root == plan.RootBuild {
			r = in.Build
		}
		parsed, err := atoms.ParseCPV(cpv)
		if err != nil {
			t.Error(err)
			return "", ""
		}
		list, err := r.Installed.Packages(parsed.CP)
		if err != nil {
			t.Error(err)
		}
		for _, p := range list {
			if p.CPV == parsed {
				return p.Slot, p.Subslot
			}
		}
		return "", ""
	}
}
