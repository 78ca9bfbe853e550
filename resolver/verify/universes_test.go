package verify_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/randworld"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
	"github.com/tumpline/tumpline/resolver/verify"
)

var (
	firstUniverse = flag.Uint64("first", 0, "seed of the first random universe")
	universes     = flag.Int("universes", 300, "how many random universes are tried; the whole is 10000")
)

// Bounds of one universe. The time is that of the processor, so that a machine
// with other work to do does not matter; passes and models are counted.
const (
	maxTime   = 5 * time.Second
	maxPasses = 24 // the default of --backtrack, and passes made for display
	maxModels = 2000
)

// universeSize is the size of the universe of a seed: small ones, ones with more
// names, and ones that are likely to be circular or in conflict.
func universeSize(seed uint64) randworld.Size {
	switch seed % 4 {
	case 0:
		return randworld.Small()
	case 1:
		return sizes()[400]
	case 2:
		return randworld.Size{Names: 8, Versions: 2, Deps: 4, Slots: 10, Subslots: 30, Groups: 15, Blockers: 3, Flags: 60, Built: 20, Required: 20, Roots: 4, Deep: 30}
	default:
		return randworld.Size{Names: 30, Versions: 4, Deps: 3, Slots: 25, Subslots: 30, Groups: 25, Blockers: 8, Flags: 40, Built: 25, Required: 15, Roots: 4, Deep: 60}
	}
}

// An outcome is the whole answer in one universe: Portage's search, cycles
// broken, and the complete search.
type outcome struct {
	res   *resolver.Result
	input *verify.Input
	text  string // the plan document
	time  time.Duration
	err   error
}

// staged says if packages are merged twice.
func (o *outcome) staged() bool { return o.res.Staged != nil && o.res.Staged.Plan != nil }

// answer lays a world out and gives the answer.
func answer(t *testing.T, w *randworld.World) *outcome {
	t.Helper()
	out := &outcome{}
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "universe")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir) // best effort
	runner := func(ctx context.Context, world *resolvertest.World) (resolvertest.Session, error) {
		s, err := adapter.Runner(ctx, world)
		if err != nil {
			return nil, err
		}
		return &wholeSession{s.(answerer), out}, nil
	}
	resolvertest.Run(t.Context(), []*resolvertest.File{worldFile(t, w)}, runner, resolvertest.RunOptions{Dir: dir})
	if out.err != nil || out.res == nil {
		t.Fatalf("seed %d: %v\n%s", w.Seed, out.err, w.Text())
	}
	return out
}

type wholeSession struct {
	answerer
	out *outcome
}

// Resolve answers as emerge does without --beyond=n and --break-cycles=n.
func (s *wholeSession) Resolve(ctx context.Context, r resolvertest.Request) (*resolvertest.Result, error) {
	first, err := s.Answer(ctx, r)
	if err != nil {
		s.out.err = err
		return nil, err
	}
	asked := *first.Request
	asked.Beyond, asked.BreakCycles = true, true
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := processorTime()
	res, err := resolver.Resolve(ctx, first.System, &asked)
	s.out.time = processorTime() - before
	if s.out.res, s.out.err = res, err; err != nil {
		return nil, err
	}
	s.out.input = inputOf(res, r)
	var b bytes.Buffer
	s.out.err = plan.Write(&b, s.out.input.Plan)
	s.out.text = strings.ReplaceAll(b.String(), first.System.Target.Path, "TARGET/")
	return &resolvertest.Result{}, s.out.err
}

// processorTime is what this thread has used so far.
func processorTime() time.Duration {
	const thread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	if err := syscall.Getrusage(thread, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestUniverses resolves random universes: none is a pathological case, every
// plan is judged, the same question gets the same answer, and whether there is
// one hangs neither on the order of arguments nor on packages that are not
// selected.
func TestUniverses(t *testing.T) {
	n := *universes
	if testing.Short() {
		n = min(n, 60)
	}
	u := &universeCount{T: t}
	for seed := *firstUniverse; seed < *firstUniverse+uint64(n); seed++ {
		u.try(seed)
	}
	t.Logf("figure: random-universes %d worlds (%d plans, %d of them staged, %d beyond Portage; %d errors of Portage's known holes; worst %.2f s, %d passes, %d models)",
		n, u.plans, u.staged, u.beyond, u.holes, u.worst.Seconds(), u.passes, u.models)
	if u.changed*50 > u.removed {
		t.Errorf("packages that are not selected change %d of %d plans, want 2%% at most", u.changed, u.removed)
	}
	t.Logf("%d unselected packages removed, %d of them change a plan; %d answers without an order, with changes to make, or given up (%d) left out", u.removed, u.changed, u.left, u.tired)
}

// TestMendedUniverses resolves the universes that had a wrong answer once.
func TestMendedUniverses(t *testing.T) {
	u := &universeCount{T: t}
	for _, seed := range []uint64{
		4627, // an order that leaned on an installed package that the plan breaks
	} {
		u.try(seed)
	}
}

type universeCount struct {
	*testing.T
	plans, staged, beyond, holes  int
	passes, models                int
	removed, changed, left, tired int
	worst                         time.Duration
}

func (u *universeCount) try(seed uint64) {
	w := randworld.Generate(seed, universeSize(seed))
	o := answer(u.T, w)
	u.bound(seed, o)
	u.judge(seed, w, o)
	if again := answer(u.T, w); again.text != o.text {
		u.Errorf("seed %d: two answers (-first +second)\n%s", seed, cmp.Diff(o.text, again.text))
	}
	if len(w.Args) > 1 {
		turned := *w
		turned.Args = slices.Clone(w.Args)
		slices.Reverse(turned.Args)
		if other := answer(u.T, &turned); other.res.Success != o.res.Success && !u.stuck(o) && !u.stuck(other) {
			u.Errorf("seed %d: success %v, with the arguments turned around %v\n%s", seed, o.res.Success, other.res.Success, w.Text())
		}
	}
	u.remove(seed, w, o)
}

// bound checks that the answer took no more than it may.
func (u *universeCount) bound(seed uint64, o *outcome) {
	models := 0
	if o.res.Complete != nil {
		models = o.res.Complete.Models
	}
	u.worst, u.passes, u.models = max(u.worst, o.time), max(u.passes, o.res.Restarts+1), max(u.models, models)
	if o.time > maxTime || o.res.Restarts+1 > maxPasses || models > maxModels {
		u.Errorf("seed %d: pathological: %v, %d restarts, %d models", seed, o.time, o.res.Restarts, models)
	}
}

// judge checks the plan. Only what Portage plans itself may have an error, and
// only its known hole: an installed package is broken that no dependency of
// @world reaches, or that has lost the last of its alternatives.
func (u *universeCount) judge(seed uint64, w *randworld.World, o *outcome) {
	if !o.res.Success {
		return
	}
	u.plans++
	own := o.staged() || o.res.Beyond
	if o.staged() {
		u.staged++
	}
	if o.res.Beyond {
		u.beyond++
	}
	var reached []string
	for _, f := range verify.Check(o.input) {
		if f.Severity != verify.Error {
			continue
		}
		if reached == nil {
			reached = reachedFromWorld(u.T, o.input)
		}
		if hole := f.Kind == verify.KindBroken && (!slices.Contains(reached, f.Package) || strings.HasPrefix(f.Atom, "|| ")); hole && !own {
			u.holes++
			continue
		}
		u.Errorf("seed %d (beyond %v, staged %v): %s\n%s", seed, o.res.Beyond, o.staged(), f, w.Text())
	}
}

// remove takes one ebuild away that the plan does not merge: there is still a
// plan, and hardly ever another one.
func (u *universeCount) remove(seed uint64, w *randworld.World, o *outcome) {
	var idle []int
	for i, p := range w.Ebuilds {
		named := func(s plan.Step) bool { return s.CPV == p.CPV }
		kept := func(q randworld.Package) bool { return q.CPV == p.CPV }
		if !slices.ContainsFunc(o.input.Plan.Steps, named) && !slices.ContainsFunc(w.Installed, kept) {
			idle = append(idle, i)
		}
	}
	if len(idle) == 0 || !o.res.Success {
		return
	}
	i := idle[rand.New(rand.NewPCG(seed, 9)).IntN(len(idle))]
	less := *w
	less.Ebuilds = slices.Delete(slices.Clone(w.Ebuilds), i, i+1)
	u.removed++
	other := answer(u.T, &less)
	same := slices.Equal(merged(o), merged(other))
	if !same {
		u.changed++
	}
	if u.stuck(other) {
		return
	}
	// Portage's own choice may change: what is masked or solved on the way counts.
	// A plan in stages does not, unless without the package only the complete search has one.
	if !other.res.Success || !same && o.staged() && !other.res.Beyond {
		u.Errorf("seed %d: without %s, success %v: %q, with it %q\n%s", seed, w.Ebuilds[i].CPV, other.res.Success, merged(other), merged(o), w.Text())
	}
}

// stuck says if there is no plan for want of an order, for which the complete
// search makes a small effort only, or of a change of the configuration that
// Portage names, where it makes none; or if that search gave up, which it tells. So
// the order of arguments, and packages that are not selected, may decide.
func (u *universeCount) stuck(o *outcome) bool {
	circular := o.res.Pass.Order != nil && o.res.Pass.Order.Circular != nil
	tired := o.res.Complete != nil && o.res.Proof == nil
	if o.res.Success || !circular && !tired && !o.res.Pass.Facts.OnlyChanges {
		return false
	}
	if tired {
		u.tired++
	}
	u.left++
	return true
}

// merged writes the steps of a plan.
func merged(o *outcome) []string {
	var out []string
	for _, s := range o.input.Plan.Steps {
		out = append(out, fmt.Sprint(s.Operation, " ", s.CPV))
	}
	return out
}
