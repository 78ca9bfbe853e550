package sched_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tumpline/tumpline/merge/sched"
)

var errBroken = errors.New("broken")

// A board runs fake tasks: they end in the order in which they are let go.
type board struct {
	starts  []string
	results []string
}

func (b *board) options(o sched.Options, tasks []sched.Task) sched.Options {
	o.Started = func(i int) { b.starts = append(b.starts, tasks[i].Name) }
	o.Ended = func(i int, r sched.Result) { b.results = append(b.results, tasks[i].Name+" "+r.Outcome.String()) }
	return o
}

func ok(context.Context) error     { return nil }
func broken(context.Context) error { return errBroken }

func needs(list ...int) (out []sched.Need) {
	for _, i := range list {
		out = append(out, sched.Need{Task: i})
	}
	return out
}

func run(t *testing.T, tasks []sched.Task, o sched.Options) (*board, []sched.Result) {
	t.Helper()
	b := &board{}
	for i := range tasks {
		if tasks[i].Run == nil {
			tasks[i].Run = ok
		}
	}
	results, err := sched.Run(context.Background(), tasks, b.options(o, tasks))
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	return b, results
}

func TestLongestPathFirst(t *testing.T) {
	tasks := []sched.Task{
		{Name: "short", Lane: "b", Expected: 3},
		{Name: "head", Lane: "b", Expected: 1},
		{Name: "tail", Lane: "b", Expected: 9, Needs: needs(1)},
	}
	lanes := map[string]sched.Lane{"b": {Limit: 1}}
	b, _ := run(t, tasks, sched.Options{Lanes: lanes})
	if got := strings.Join(b.starts, " "); got != "head tail short" {
		t.Errorf("started %s; want head tail short", got)
	}
	b, _ = run(t, tasks, sched.Options{Lanes: lanes, InOrder: true})
	if got := strings.Join(b.starts, " "); got != "short head tail" {
		t.Errorf("in order: started %s; want short head tail", got)
	}
}

func TestFailureStops(t *testing.T) {
	tasks := []sched.Task{
		{Name: "good", Lane: "b", Expected: 9},
		{Name: "bad", Lane: "b", Run: broken, Expected: 8},
		{Name: "merge good", Lane: "m", Concludes: 1},
		{Name: "merge bad", Lane: "m", Concludes: 2},
		{Name: "other", Lane: "b"},
	}
	// The merge of what was built comes after the failure, and is still done.
	tasks[2].After = []int{1}
	_, got := run(t, tasks, sched.Options{Lanes: map[string]sched.Lane{"b": {Limit: 1}}, InOrder: true})
	want := []sched.Outcome{sched.Done, sched.Failed, sched.Done, sched.Waiting, sched.Waiting}
	for i, r := range got {
		if r.Outcome != want[i] {
			t.Errorf("%s: %s, want %s", tasks[i].Name, r.Outcome, want[i])
		}
	}
}

func TestKeepGoingDropsDependants(t *testing.T) {
	tasks := []sched.Task{
		{Name: "bad", Run: broken},
		{Name: "child", Needs: needs(0)},
		{Name: "grandchild", Needs: needs(1)},
		{Name: "free"},
		{Name: "after", After: []int{0, 2}},
		{Name: "without", Needs: []sched.Need{{Task: 0, Without: func() bool { return true }}}},
	}
	_, got := run(t, tasks, sched.Options{KeepGoing: true, InOrder: true})
	want := []sched.Result{{sched.Failed, errBroken, 0}, {sched.Dropped, nil, 1}, {sched.Dropped, nil, 2}, {Outcome: sched.Done}, {Outcome: sched.Done}, {Outcome: sched.Done}}
	for i, r := range got {
		if r.Outcome != want[i].Outcome || r.Because != want[i].Because || !errors.Is(r.Err, want[i].Err) {
			t.Errorf("%s: %+v, want %+v", tasks[i].Name, r, want[i])
		}
	}
}

func TestIdleLanes(t *testing.T) {
	tasks := []sched.Task{
		{Name: "build a", Lane: "b"}, {Name: "build b", Lane: "b"}, {Name: "build c", Lane: "b"},
		{Name: "merge a", Lane: "m", Concludes: 1}, {Name: "merge b", Lane: "m", Concludes: 2},
		{Name: "build d", Lane: "b", Needs: needs(3)},
	}
	b, _ := run(t, tasks, sched.Options{InOrder: true, Lanes: map[string]sched.Lane{"b": {Limit: 2}, "m": {Limit: 1, Idle: []string{"b"}}}})
	if got := strings.Join(b.starts, ", "); got != "build a, build b, build c, merge a, build d, merge b" {
		t.Errorf("started %s", got)
	}
}

func TestCycle(t *testing.T) {
	_, err := sched.Run(context.Background(), []sched.Task{{Name: "a", Needs: needs(1)}, {Name: "b", Needs: needs(0)}, {Name: "c"}}, sched.Options{})
	var cycle *sched.CycleError
	if !errors.As(err, &cycle) || !slices.Equal(cycle.Tasks, []string{"a", "b"}) {
		t.Errorf("got %v, want a cycle of a and b", err)
	}
}

// A still clock stands, and tells who asked for how long.
type stillClock struct {
	now   time.Time
	asked []time.Duration
}

func (c *stillClock) Now() time.Time { return c.now }
func (c *stillClock) After(d time.Duration) <-chan time.Time {
	c.asked = append(c.asked, d)
	c.now = c.now.Add(d)
	ch := make(chan time.Time, 1)
	ch <- c.now
	return ch
}

func TestLoad(t *testing.T) {
	clock := &stillClock{now: time.Unix(1, 0)}
	loads := []float64{4, 4, 1, 1, 1, 1}
	release := make(chan struct{})
	both := func(context.Context) error { <-release; return nil }
	var starts int
	o := sched.Options{
		Lanes: map[string]sched.Lane{"b": {Load: true}}, MaxLoad: 2, Clock: clock,
		Load: func() (float64, bool) { l := loads[0]; loads = loads[1:]; return l, true },
		Started: func(int) {
			if starts++; starts == 2 {
				close(release)
			}
		},
	}
	if _, err := sched.Run(context.Background(), []sched.Task{{Name: "a", Lane: "b", Run: both}, {Name: "b", Lane: "b", Run: both}}, o); err != nil {
		t.Fatal(err)
	}
	if len(clock.asked) != 2 || clock.asked[0] != 5*time.Second {
		t.Errorf("waited %v; want twice, while the load was too high", clock.asked)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	tasks := []sched.Task{
		{Name: "a", Run: func(ctx context.Context) error { cancel(); <-ctx.Done(); return ctx.Err() }},
		{Name: "b", Needs: needs(0), Run: ok},
	}
	got, err := sched.Run(ctx, tasks, sched.Options{KeepGoing: true})
	if !errors.Is(err, context.Canceled) || got[0].Outcome != sched.Canceled || got[1].Outcome != sched.Waiting {
		t.Errorf("got %v, %v", got, err)
	}
}

// watch checks while random tasks run that everything before them has ended, and
// that lanes keep their limits.
type watch struct {
	t       *testing.T
	mu      sync.Mutex
	tasks   []sched.Task
	ended   map[int]sched.Outcome
	running map[string]int
	lanes   map[string]sched.Lane
}

func (w *watch) start(i int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	task := w.tasks[i]
	for _, n := range task.Needs {
		if w.ended[n.Task] != sched.Done {
			w.t.Errorf("%s started, but %s is %s", task.Name, w.tasks[n.Task].Name, w.ended[n.Task])
		}
	}
	for _, a := range task.After {
		if w.ended[a] == sched.Waiting {
			w.t.Errorf("%s started before the end of %s", task.Name, w.tasks[a].Name)
		}
	}
	if task.Concludes > 0 && w.ended[task.Concludes-1] != sched.Done {
		w.t.Errorf("%s started, but what it concludes is not done", task.Name)
	}
	if w.running[task.Lane]++; w.running[task.Lane] > w.lanes[task.Lane].Limit {
		w.t.Errorf("%d tasks run in lane %s", w.running[task.Lane], task.Lane)
	}
}

func (w *watch) end(i int, r sched.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended[i] = r.Outcome
	if r.Outcome != sched.Dropped {
		w.running[w.tasks[i].Lane]--
	}
}

func TestRandom(t *testing.T) {
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 1))
		tasks, fails := randomTasks(rng)
		w := &watch{t: t, tasks: tasks, ended: map[int]sched.Outcome{}, running: map[string]int{}, lanes: map[string]sched.Lane{"b": {Limit: 1 + rng.IntN(3)}, "m": {Limit: 1}}}
		if rng.IntN(2) == 0 {
			w.lanes["m"] = sched.Lane{Limit: 1, Idle: []string{"b"}}
		}
		keep := rng.IntN(2) == 0
		got, err := sched.Run(context.Background(), tasks, sched.Options{Lanes: w.lanes, KeepGoing: keep, InOrder: rng.IntN(2) == 0, Started: w.start, Ended: w.end})
		if err != nil {
			t.Fatal(err)
		}
		if keep {
			checkDropped(t, tasks, fails, got)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// randomTasks makes pairs of tasks, of which the second concludes the first.
func randomTasks(rng *rand.Rand) (tasks []sched.Task, fails map[int]bool) {
	fails = map[int]bool{}
	for i := range 1 + rng.IntN(12) {
		build := sched.Task{Name: fmt.Sprintf("build %d", i), Lane: "b", Run: ok, Expected: time.Duration(rng.IntN(9))}
		for j := range i {
			switch rng.IntN(6) {
			case 0:
				build.Needs = append(build.Needs, sched.Need{Task: 2*j + 1})
			case 1:
				build.After = append(build.After, 2*j+1)
			}
		}
		if rng.IntN(5) == 0 {
			build.Run, fails[2*i] = broken, true
		}
		merge := sched.Task{Name: fmt.Sprintf("merge %d", i), Lane: "m", Run: ok, Concludes: 2*i + 1}
		if rng.IntN(9) == 0 {
			merge.Run, fails[2*i+1] = broken, true
		}
		tasks = append(tasks, build, merge)
	}
	return tasks, fails
}

// checkDropped compares with what must come of each task when all that can be done is done.
func checkDropped(t *testing.T, tasks []sched.Task, fails map[int]bool, got []sched.Result) {
	t.Helper()
	good := make([]bool, len(tasks))
	for i, task := range tasks {
		needs := task.Concludes == 0 || good[task.Concludes-1]
		for _, n := range task.Needs {
			needs = needs && good[n.Task]
		}
		good[i] = needs && !fails[i]
		want := sched.Done
		switch {
		case !needs:
			want = sched.Dropped
		case fails[i]:
			want = sched.Failed
		}
		if got[i].Outcome != want {
			t.Errorf("%s: %s, want %s", task.Name, got[i].Outcome, want)
		}
	}
}
