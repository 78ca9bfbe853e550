package merge

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tumpline/tumpline/merge/sched"
	"github.com/tumpline/tumpline/resolver/plan"
)

// A runner is one run of a plan.
type runner struct {
	parts    Parts
	options  Options
	steps    []*plan.Step
	blockers []plan.Blocker
	world    []plan.WorldEntry

	tasks  []sched.Task
	works  []Work // of each task
	stepOf []int  // of each task
	of     []parts

	releases releases

	mu      sync.Mutex // guards what follows, and events
	report  *Report
	images  map[int]*Image
	started []time.Time // of each task
	number  []int       // of each step
	count   Counts
	failed  []bool // of each step
	over    []bool // of each task: it has ended, or will never start
	shown   Counts // that were told last
	begun   int    // merges that have begun
	kept    error  // what the Keeper could not do
}

// Run carries out a plan. It returns what came of it; the error is that of the
// context, of a part that is missing (*MissingError, before anything is changed), of
// packages that refuse to be built (*CheckError, likewise) or of the Keeper. That
// steps failed is in the report alone.
func Run(ctx context.Context, p *plan.Plan, parts Parts, o Options) (*Report, error) {
	r := newRunner(p, parts, o)
	if err := r.missing(); err != nil {
		return r.report, err
	}
	begun := o.Clock.Now()
	r.tell(Event{Kind: RunBegins, Goal: o.Goal, Jobs: r.options.Jobs, Total: r.count.Total})
	err := r.begin(ctx)
	if err == nil {
		err = r.schedule(ctx)
	}
	err = errors.Join(err, r.release(ctx), r.kept)
	outcome := AllDone
	switch {
	case ctx.Err() != nil && err != nil:
		outcome = Interrupted
	case err != nil || len(r.report.Failures) > 0:
		outcome = SomeFailed
	}
	r.tell(Event{Kind: RunEnds, Outcome: outcome, Counts: r.count, Took: o.Clock.Now().Sub(begun)})
	return r.report, err
}

func newRunner(p *plan.Plan, parts Parts, o Options) *runner {
	r := &runner{parts: parts, options: o, blockers: p.Blockers, world: p.World, report: &Report{}, images: make(map[int]*Image)}
	for i := range p.Steps {
		s := &p.Steps[i]
		r.steps = append(r.steps, s)
		if s.Operation == plan.OpMerge {
			r.count.Total++
		}
		if s.Interactive && o.Goal == ToRoot {
			r.options.Jobs = 1 // it asks questions on the terminal
		}
	}
	if o.Goal == ToFiles {
		r.options.KeepGoing = true // files do not need each other
	}
	r.number, r.failed = make([]int, len(r.steps)), make([]bool, len(r.steps))
	r.makeTasks()
	r.started, r.over = make([]time.Time, len(r.tasks)), make([]bool, len(r.tasks))
	return r
}

// missing finds steps that nobody can do.
func (r *runner) missing() error {
	for i, work := range r.works {
		s := r.steps[r.stepOf[i]]
		what := ""
		switch {
		case work == WorkFetch && r.parts.Fetcher == nil:
			what = "fetching"
		case work == WorkBuild && s.Origin == plan.OriginBinary && r.parts.Packer == nil:
			what = "merging binary packages"
		case work == WorkBuild && s.Origin == plan.OriginEbuild && r.parts.Builder == nil:
			what = "building from source"
		case work == WorkMerge && r.parts.Installer == nil:
			what = "merging to a root"
		case work == WorkUnmerge && r.parts.Installer == nil:
			what = "unmerging"
		}
		if what != "" {
			return &MissingError{What: what, CPV: s.CPV}
		}
	}
	return nil
}

// begin records what the run is about to do, and lets packages check whether they
// can be built at all. Bootstrap merges are not recorded: whoever resumes plans
// them again if they are still needed.
func (r *runner) begin(ctx context.Context) error {
	if r.parts.Keeper != nil {
		var list []*plan.Step
		for _, s := range r.steps {
			if s.Operation == plan.OpMerge && s.Stage != plan.StageBootstrap {
				list = append(list, s)
			}
		}
		if err := r.parts.Keeper.Begin(list); err != nil {
			return err
		}
		if r.options.Goal == ToRoot {
			if err := r.selectFirst(); err != nil {
				return err
			}
		}
	}
	return r.check(ctx)
}

// check runs the checks of all packages that are built.
func (r *runner) check(ctx context.Context) error {
	if r.options.Goal == ToFiles || r.parts.Builder == nil {
		return nil
	}
	failed := &CheckError{}
	for i, s := range r.steps {
		if s.Operation != plan.OpMerge || s.Origin != plan.OriginEbuild {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := r.parts.Builder.Check(ctx, s); err != nil {
			f := Failure{Step: s, Work: WorkCheck, Err: err}
			failed.Failures = append(failed.Failures, f)
			r.failed[i] = true
			r.count.Failed++
			r.tell(Event{Kind: WorkFails, Step: s, Work: WorkCheck, Total: r.count.Total, Err: err})
		}
	}
	if len(failed.Failures) == 0 {
		return nil
	}
	r.report.Failures = failed.Failures
	r.leave(nil)
	return failed
}

// schedule runs the tasks.
func (r *runner) schedule(ctx context.Context) error {
	o := &r.options
	results, err := sched.Run(ctx, r.tasks, sched.Options{
		Lanes: r.lanes(), InOrder: o.Jobs == 1, KeepGoing: o.KeepGoing, MaxLoad: o.MaxLoad, Load: o.Load, Clock: o.Clock,
		Started: r.begins, Ended: r.ends,
	})
	r.leave(results)
	return err
}

// leave notes the steps that were not tried.
func (r *runner) leave(results []sched.Result) {
	for i, s := range r.steps {
		last := r.of[i].last
		if last == 0 || r.failed[i] {
			continue
		}
		if results == nil || results[last-1].Outcome == sched.Waiting || results[last-1].Outcome == sched.Canceled {
			r.report.Left = append(r.report.Left, s)
		}
	}
}

func (r *runner) take(step int) *Image {
	r.mu.Lock()
	defer r.mu.Unlock()
	image := r.images[step]
	delete(r.images, step)
	return image
}

func (r *runner) fetch(i int) func(context.Context) error {
	return func(ctx context.Context) error { return r.parts.Fetcher.Fetch(ctx, r.steps[i]) }
}

// packs says whether a binary package is made of a step.
func (r *runner) packs(s *plan.Step) bool {
	if s.Stage == plan.StageBootstrap || s.Origin != plan.OriginEbuild {
		return false
	}
	return r.options.Goal == ToPackage || r.options.Pack != nil && r.options.Pack(s)
}

func (r *runner) build(i int) func(context.Context) error {
	return func(ctx context.Context) error {
		s := r.steps[i]
		r.releases.wait(s.CPV)
		var image *Image
		var err error
		if s.Origin == plan.OriginBinary {
			image, err = r.parts.Packer.Unpack(ctx, s, r.progress(i, WorkBuild))
		} else {
			image, err = r.parts.Builder.Build(ctx, s, r.packs(s), r.progress(i, WorkBuild))
		}
		if err != nil {
			return err
		}
		r.mu.Lock()
		r.images[i] = image
		r.mu.Unlock()
		return nil
	}
}

func (r *runner) install(i int) func(context.Context) error {
	return func(ctx context.Context) error {
		image := r.take(i)
		err := r.parts.Installer.Install(ctx, r.steps[i], image, r.selected(r.steps[i].ID), r.progress(i, WorkMerge))
		err = r.discard(ctx, i, image, err)
		var merged *MergedError
		if errors.As(err, &merged) {
			r.fails(i, WorkMerge, err, true)
			return nil
		}
		return err
	}
}

func (r *runner) remove(i int) func(context.Context) error {
	return func(ctx context.Context) error {
		return r.parts.Installer.Remove(ctx, r.steps[i], r.progress(i, WorkUnmerge))
	}
}

func (r *runner) progress(i int, work Work) Progress {
	return func(phase string) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.tell(Event{Kind: InPhase, Step: r.steps[i], Work: work, Number: r.number[i], Total: r.count.Total, Phase: phase})
	}
}

// fails notes the failure of a step.
func (r *runner) fails(i int, work Work, err error, merged bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed[i] = true
	r.count.Failed++
	r.report.Failures = append(r.report.Failures, Failure{Step: r.steps[i], Work: work, Err: err, Merged: merged})
	r.tell(Event{
		Kind: WorkFails, Step: r.steps[i], Work: work, Number: r.number[i], Total: r.count.Total, Err: err, Took: r.took(r.taskOf(i, work)),
	})
}

// taskOf is the task of a step that does some work.
func (r *runner) taskOf(i int, work Work) int {
	for t, s := range r.stepOf {
		if s == i && r.works[t] == work {
			return t
		}
	}
	return -1
}

func (r *runner) took(task int) time.Duration {
	if task < 0 || r.started[task].IsZero() {
		return 0
	}
	return r.options.Clock.Now().Sub(r.started[task])
}

// tell tells of an event.
func (r *runner) tell(e Event) {
	if r.options.Tell == nil {
		return
	}
	e.Time = r.options.Clock.Now()
	r.options.Tell(e)
}
