package merge

import (
	"time"

	"github.com/tumpline/tumpline/merge/sched"
	"github.com/tumpline/tumpline/resolver/plan"
)

// begins notes that a task starts.
func (r *runner) begins(task int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i, work := r.stepOf[task], r.works[task]
	r.started[task] = r.options.Clock.Now()
	switch work {
	case WorkBuild:
		r.count.Building++
		r.begun++
		r.number[i] = r.begun
	case WorkFetch:
		if r.options.Goal == ToFiles {
			r.begun++
			r.number[i] = r.begun
		}
	case WorkMerge:
		r.count.Waiting--
		r.count.Merging++
	}
	r.tell(Event{Kind: WorkBegins, Step: r.steps[i], Work: work, Number: r.number[i], Total: r.count.Total})
	r.status()
}

// ends notes that a task has ended, or was dropped.
func (r *runner) ends(task int, result sched.Result) {
	i, work := r.stepOf[task], r.works[task]
	s := r.steps[i]
	r.counts(task, result.Outcome)
	switch result.Outcome {
	case sched.Done:
		r.done(task)
	case sched.Failed:
		r.fails(i, work, result.Err, false)
		r.forgetFailed(s)
	case sched.Dropped:
		r.dropped(i, r.stepOf[result.Because-1])
	case sched.Canceled, sched.Waiting:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status()
}

// counts adds up what runs.
func (r *runner) counts(task int, outcome sched.Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over[task] = true
	if outcome == sched.Dropped {
		return
	}
	switch r.works[task] {
	case WorkBuild:
		r.count.Building--
		if outcome == sched.Done && r.of[r.stepOf[task]].last != task+1 {
			r.count.Waiting++
		}
	case WorkMerge:
		r.count.Merging--
	}
}

// done notes that a task has ended well.
func (r *runner) done(task int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i, work := r.stepOf[task], r.works[task]
	s := r.steps[i]
	last := r.of[i].last == task+1
	event := Event{Kind: WorkEnds, Step: s, Work: work, Number: r.number[i], Total: r.count.Total, Took: r.took(task)}
	if image := r.images[i]; image != nil && work == WorkBuild {
		event.Package = image.Package
	}
	if last && work != WorkUnmerge && r.options.Goal == ToRoot {
		r.tellSelected(s.ID)
	}
	if !r.failed[i] {
		r.tell(event)
	}
	if !last {
		return
	}
	if work == WorkUnmerge {
		r.report.Unmerged = append(r.report.Unmerged, s)
		return
	}
	r.count.Complete++
	if r.options.Goal == ToRoot {
		r.report.Merged = append(r.report.Merged, s)
	}
	r.forget(s)
}

// forgetFailed takes what failed out of the record of a run that goes on without it.
func (r *runner) forgetFailed(s *plan.Step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.options.KeepGoing && r.options.Goal != ToFiles {
		r.forget(s)
	}
}

// dropped notes that a step is not tried, once for all its tasks.
func (r *runner) dropped(i, because int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i == because || r.failed[i] {
		return
	}
	r.failed[i] = true
	s, b := r.steps[i], r.steps[because]
	drop := Drop{Step: s, Because: b}
	for k := range s.Needs {
		n := &s.Needs[k]
		if n.Step == b.ID && (r.options.Met == nil || !r.options.Met(s, n)) {
			drop.Atoms = append(drop.Atoms, n.Atom)
		}
	}
	r.report.Drops = append(r.report.Drops, drop)
	if s.Operation == plan.OpMerge {
		r.count.Dropped++
	}
	r.tell(Event{Kind: StepDrops, Step: s, Because: b})
	r.forget(s)
}

// forget takes a step out of the record of what is to be done. A bootstrap merge
// is not in it.
func (r *runner) forget(s *plan.Step) {
	if r.parts.Keeper != nil && s.Operation == plan.OpMerge && s.Stage != plan.StageBootstrap {
		r.keep(r.parts.Keeper.Forget(s))
	}
}

// keep remembers the first thing that could not be recorded. The run goes on: what
// is merged is merged.
func (r *runner) keep(err error) {
	if r.kept == nil {
		r.kept = err
	}
}

// selected lists what the plan selects with a step, or with 0 before all.
func (r *runner) selected(id plan.StepID) (list []string) {
	for _, w := range r.world {
		if w.Step == id {
			list = append(list, w.Atom)
		}
	}
	return list
}

// selectFirst records what is selected before anything is merged.
func (r *runner) selectFirst() error {
	list := r.selected(0)
	if len(list) == 0 {
		return nil
	}
	if err := r.parts.Keeper.Select(list); err != nil {
		return err
	}
	r.tellSelected(0)
	return nil
}

func (r *runner) tellSelected(id plan.StepID) {
	for _, atom := range r.selected(id) {
		r.tell(Event{Kind: Selected, Atom: atom})
	}
}

// status tells the numbers if they have changed.
func (r *runner) status() {
	now := r.count
	now.Left = 0
	if now == r.shown {
		return
	}
	r.shown = now
	r.count.Left = r.timeLeft()
	r.tell(Event{Kind: Status, Counts: r.count})
}

// timeLeft estimates the rest: the work that is left, shared among the jobs.
func (r *runner) timeLeft() time.Duration {
	if r.options.Expected == nil {
		return -1
	}
	var sum, longest time.Duration
	for t := range r.tasks {
		if r.over[t] {
			continue
		}
		left := r.tasks[t].Expected
		if !r.started[t].IsZero() {
			left = max(0, left-r.took(t))
		}
		sum, longest = sum+left, max(longest, left)
	}
	if jobs := r.options.Jobs; jobs > 1 {
		sum /= time.Duration(jobs)
	}
	return max(sum, longest)
}
