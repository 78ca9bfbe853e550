package sched

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A run is one run of tasks. Only its own goroutine changes it.
type run struct {
	tasks   []Task
	options Options
	results []Result
	running map[string]int // by lane
	active  []bool
	left    []int           // dependants and order: how many tasks each waits for
	next    [][]int         // which tasks wait for each
	rest    []time.Duration // the longest path of expected work from each on
	stopped bool            // nothing new is started
	ended   chan end
	under   int // tasks at work
	started time.Time
}

type end struct {
	task int
	err  error
}

func newRun(tasks []Task, o Options) (*run, error) {
	r := &run{
		tasks: tasks, options: o, results: make([]Result, len(tasks)), running: make(map[string]int),
		active: make([]bool, len(tasks)), left: make([]int, len(tasks)), next: make([][]int, len(tasks)),
		rest: make([]time.Duration, len(tasks)), ended: make(chan end),
	}
	for i := range tasks {
		for _, before := range r.before(i) {
			if before < 0 || before >= len(tasks) || before == i {
				return nil, fmt.Errorf("internal error: task %s waits for %d: %w", tasks[i].Name, before, ErrNeeds)
			}
			r.left[i]++
			r.next[before] = append(r.next[before], i)
		}
	}
	return r, r.measure()
}

// before lists what a task waits for, each once.
func (r *run) before(i int) []int {
	t := &r.tasks[i]
	list := slices.Clone(t.After)
	for _, n := range t.Needs {
		list = append(list, n.Task)
	}
	if t.Concludes > 0 {
		list = append(list, t.Concludes-1)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// measure finds the longest path of work from each task on:
//
//	rest(t) = expected(t) + max over the tasks n that wait for t of rest(n)
func (r *run) measure() error {
	left, order := slices.Clone(r.left), make([]int, 0, len(r.tasks))
	for i := range r.tasks {
		if left[i] == 0 {
			order = append(order, i)
		}
	}
	for at := 0; at < len(order); at++ {
		for _, n := range r.next[order[at]] {
			if left[n]--; left[n] == 0 {
				order = append(order, n)
			}
		}
	}
	if len(order) < len(r.tasks) {
		e := &CycleError{}
		for i, n := range left {
			if n > 0 {
				e.Tasks = append(e.Tasks, r.tasks[i].Name)
			}
		}
		return e
	}
	for _, i := range slices.Backward(order) {
		for _, n := range r.next[i] {
			r.rest[i] = max(r.rest[i], r.rest[n])
		}
		r.rest[i] += r.tasks[i].Expected
	}
	return nil
}

// loop starts tasks and takes their ends until nothing is left to do.
func (r *run) loop(ctx context.Context) {
	for {
		r.stopped = r.stopped || ctx.Err() != nil
		wait := r.startAll(ctx)
		if r.under == 0 && wait == 0 {
			return
		}
		var later <-chan time.Time
		if wait > 0 {
			later = r.options.Clock.After(wait)
		}
		done := ctx.Done()
		if r.stopped {
			done = nil // it is known; what runs ends by itself
		}
		select {
		case e := <-r.ended:
			r.take(ctx, e)
		case <-later:
		case <-done:
		}
	}
}

// startAll starts what can start. If the load alone keeps tasks from starting,
// it returns when to look again.
func (r *run) startAll(ctx context.Context) (wait time.Duration) {
	for {
		i, again := r.choose(ctx)
		if i < 0 {
			return again
		}
		r.start(ctx, i)
	}
}

// choose returns the task to start, or -1.
func (r *run) choose(ctx context.Context) (best int, again time.Duration) {
	best = -1
	for i := range r.tasks {
		if !r.ready(ctx, i) || best >= 0 && (r.options.InOrder || r.rest[i] <= r.rest[best]) {
			continue
		}
		if r.crowded(i) {
			continue
		}
		if wait := r.loaded(i); wait > 0 {
			again = wait
			continue
		}
		best = i
	}
	return best, again
}

// ready says that a task waits for nothing and may still be started.
func (r *run) ready(ctx context.Context, i int) bool {
	if r.active[i] || r.results[i].Outcome != Waiting || r.left[i] > 0 {
		return false
	}
	concludes := r.tasks[i].Concludes
	return !r.stopped || concludes > 0 && r.results[concludes-1].Outcome == Done && ctx.Err() == nil
}

// crowded says that the lane of a task has no place for it now.
func (r *run) crowded(i int) bool {
	lane := r.options.Lanes[r.tasks[i].Lane]
	if lane.Limit > 0 && r.running[r.tasks[i].Lane] >= lane.Limit {
		return true
	}
	return slices.ContainsFunc(lane.Idle, func(name string) bool { return r.running[name] > 0 || r.startable(name) })
}

// startable says that a task of a lane could start now, but for the load.
func (r *run) startable(lane string) bool {
	if limit := r.options.Lanes[lane].Limit; r.stopped || limit > 0 && r.running[lane] >= limit {
		return false
	}
	for i := range r.tasks {
		if r.tasks[i].Lane == lane && !r.active[i] && r.results[i].Outcome == Waiting && r.left[i] == 0 {
			return true
		}
	}
	return false
}

// The pause after a start where the load is limited: up to this, as the load is
// to its limit.
const longestPause = 5 * time.Second

// loaded returns how long the load of the machine keeps a task from starting;
// the first one of a lane always starts.
func (r *run) loaded(i int) time.Duration {
	o := &r.options
	if o.MaxLoad <= 0 || !o.Lanes[r.tasks[i].Lane].Load || r.running[r.tasks[i].Lane] == 0 {
		return 0
	}
	load, known := o.Load()
	if !known {
		return 0
	}
	if load >= o.MaxLoad {
		return longestPause
	}
	pause := time.Duration(float64(longestPause) * load / o.MaxLoad)
	return max(0, pause-o.Clock.Now().Sub(r.started))
}

func (r *run) start(ctx context.Context, i int) {
	t := &r.tasks[i]
	r.active[i] = true
	r.running[t.Lane]++
	r.under++
	if r.options.MaxLoad > 0 && r.options.Lanes[t.Lane].Load {
		r.started = r.options.Clock.Now()
	}
	if r.options.Started != nil {
		r.options.Started(i)
	}
	go func() { r.ended <- end{i, t.Run(ctx)} }()
}

// take notes the end of a task.
func (r *run) take(ctx context.Context, e end) {
	lane := r.tasks[e.task].Lane
	r.active[e.task] = false
	r.running[lane]--
	r.under--
	result := Result{Outcome: Done}
	switch {
	case e.err == nil:
	case ctx.Err() != nil && (errors.Is(e.err, ctx.Err()) || errors.Is(e.err, context.Cause(ctx))):
		result = Result{Outcome: Canceled, Err: e.err}
		r.stopped = true
	default:
		result = Result{Outcome: Failed, Err: e.err}
		r.stopped = r.stopped || !r.options.KeepGoing
	}
	r.settle(e.task, result)
}

// settle records how a task ended and releases those that wait for it. What
// needs a failed one is dropped.
func (r *run) settle(i int, result Result) {
	r.results[i] = result
	if r.options.Ended != nil {
		r.options.Ended(i, result)
	}
	for _, n := range r.next[i] {
		r.left[n]--
		if r.left[n] > 0 || r.results[n].Outcome != Waiting {
			continue
		}
		switch because := r.lacks(n); {
		case because == 0:
		case r.options.KeepGoing && r.results[because-1].Outcome != Canceled:
			r.settle(n, Result{Outcome: Dropped, Because: because})
		default:
			r.left[n]++ // never to be released
		}
	}
}

// lacks returns a task, counted from 1, that another one needs and that did not
// end well; 0 if there is none.
func (r *run) lacks(i int) int {
	t := &r.tasks[i]
	if t.Concludes > 0 && r.results[t.Concludes-1].Outcome != Done {
		return t.Concludes
	}
	for _, n := range t.Needs {
		if r.results[n.Task].Outcome != Done && (n.Without == nil || !n.Without()) {
			return n.Task + 1
		}
	}
	return 0
}

// unfinished says that not every task has come to its own end.
func (r *run) unfinished() bool {
	return slices.ContainsFunc(r.results, func(x Result) bool { return x.Outcome == Waiting || x.Outcome == Canceled })
}
