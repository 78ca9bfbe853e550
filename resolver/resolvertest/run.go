package resolvertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"sync"
	"time"
)

// A Request is one request of a case.
type Request struct {
	Args    []string // packages and sets as given
	Options Options  // with those that others imply, and --pretend
	Action  Action
	// Overrides holds resolver internals that the test changed, as JSON.
	Overrides string
}

// A Session answers requests in one world. The configuration is what was in
// force when the session began, except for files that Portage reads late.
type Session interface {
	// Resolve answers one request. An error means that the request could not be
	// worked on at all; a request without solution is a Result.
	Resolve(ctx context.Context, r Request) (*Result, error)
}

// A Runner begins a session in a world. It must be safe for concurrent use.
type Runner func(ctx context.Context, w *World) (Session, error)

// Options of Run.
type RunOptions struct {
	Dir     string           // an existing folder in which worlds are laid out; they are removed afterwards
	Jobs    int              // playgrounds at a time; 1 if not positive
	Filter  *regexp.Regexp   // only runs whose ID matches; nil for all
	Timeout time.Duration    // for one request; 0 for none
	Now     func() time.Time // clock for Outcome.Duration; nil: durations are not measured
	// Told is told how many playgrounds are done, one call at a time; may be nil.
	Told func(done, total int)
}

// Run runs the cases of the files and reports on each request, in the order of
// the files. A case that panics or cannot be laid out fails by itself.
func Run(ctx context.Context, files []*File, runner Runner, o RunOptions) *Report {
	type job struct {
		file *File
		p    *Playground
		out  []*Outcome
	}
	var jobs []*job
	for _, f := range files {
		for _, p := range f.Playgrounds {
			jobs = append(jobs, &job{file: f, p: p})
		}
	}
	queue := make(chan *job)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range max(o.Jobs, 1) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := range queue {
				j.out = runPlayground(ctx, j.file, j.p, runner, o)
				if o.Told != nil {
					mu.Lock()
					done++
					o.Told(done, len(jobs))
					mu.Unlock()
				}
			}
		}()
	}
	for _, j := range jobs {
		queue <- j
	}
	close(queue)
	wg.Wait()
	r := &Report{}
	for _, j := range jobs {
		r.Outcomes = append(r.Outcomes, j.out...)
	}
	return r
}

// planRuns lists the runs of a playground that are wanted.
func planRuns(f *File, p *Playground, o RunOptions) []*Outcome {
	var runs []*Outcome
	for _, c := range p.Cases {
		for i := range c.Requests {
			r := &Outcome{File: f.Path, Area: f.Area, Playground: p, Case: c, Permutation: i}
			if o.Filter == nil || o.Filter.MatchString(r.ID()) {
				runs = append(runs, r)
			}
		}
	}
	return runs
}

// runPlayground lays out one playground and runs its cases one after the other.
func runPlayground(ctx context.Context, f *File, p *Playground, runner Runner, o RunOptions) []*Outcome {
	runs := planRuns(f, p, o)
	if len(runs) == 0 {
		return nil
	}
	failAll := func(err error) []*Outcome {
		for _, r := range runs {
			r.Err = err
		}
		return runs
	}
	if err := ctx.Err(); err != nil {
		return failAll(err)
	}
	dir, err := os.MkdirTemp(o.Dir, "world")
	if err != nil {
		return failAll(err)
	}
	defer os.RemoveAll(dir) // best effort: the caller removes o.Dir
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return failAll(err)
	}
	w, session, err := prepare(ctx, dir, p, runner)
	if err != nil {
		return failAll(err)
	}
	changed := ""
	for _, r := range runs {
		// A case that changes files gets a world of its own.
		if id := p.Name(r.Case); len(r.Case.Changes) > 0 && id != changed {
			if w, session, err = prepareChanged(ctx, dir, p, r.Case, runner); err != nil {
				r.Err = err
				continue
			}
			changed = id
		}
		r.run(ctx, w, session, o)
	}
	return runs
}

// prepare lays out a playground and begins a session; changes after the set-up
// are made before it if the configuration is to be read again, and
// otherwise afterwards.
func prepare(ctx context.Context, dir string, p *Playground, runner Runner) (*World, Session, error) {
	w, err := Layout(dir, p)
	if err != nil {
		return nil, nil, fmt.Errorf("lay out %s: %w", p.Method, err)
	}
	if p.Reloaded {
		if err := w.Change(p.After); err != nil {
			return nil, nil, err
		}
	}
	session, err := begin(ctx, w, runner)
	if err != nil {
		return nil, nil, err
	}
	if !p.Reloaded {
		if err := w.Change(p.After); err != nil {
			return nil, nil, err
		}
	}
	return w, session, nil
}

// prepareChanged is prepare for a case before which files change: they change
// before the configuration is read.
func prepareChanged(ctx context.Context, dir string, p *Playground, c *Case, runner Runner) (*World, Session, error) {
	dir = filepath.Join(dir, fmt.Sprintf("case%d", c.Index))
	w, err := Layout(dir, p)
	if err != nil {
		return nil, nil, fmt.Errorf("lay out %s: %w", p.Method, err)
	}
	for _, changes := range [][]FileChange{p.After, c.Changes} {
		if err := w.Change(changes); err != nil {
			return nil, nil, err
		}
	}
	session, err := begin(ctx, w, runner)
	return w, session, err
}

func begin(ctx context.Context, w *World, runner Runner) (s Session, err error) {
	defer recovered(&err)
	if s, err = runner(ctx, w); err != nil {
		return nil, fmt.Errorf("begin session: %w", err)
	}
	return s, nil
}

// recovered turns a panic into an error with its stack.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("internal error: panic: %v\n%s", r, debug.Stack())
	}
}

// run resolves one request and compares the answer.
func (r *Outcome) run(ctx context.Context, w *World, s Session, o RunOptions) {
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	now := o.Now
	if now == nil {
		now = func() time.Time { return time.Time{} }
	}
	start := now()
	result, err := r.resolve(ctx, s)
	r.Duration = now().Sub(start)
	r.compare(w, result, err)
}

func (r *Outcome) resolve(ctx context.Context, s Session) (result *Result, err error) {
	defer recovered(&err)
	c := r.Case
	result, err = s.Resolve(ctx, Request{Args: c.Requests[r.Permutation], Options: c.Options.effective(), Action: c.Action, Overrides: c.Overrides})
	if err == nil && result == nil {
		err = errors.New("internal error: the runner gave neither a result nor an error")
	}
	return result, err
}

// compare fills in the two verdicts.
func (r *Outcome) compare(w *World, result *Result, err error) {
	c := r.Case
	var recorded Recorded
	if len(c.Recorded) > 0 {
		recorded = c.Recorded[r.Permutation]
	}
	if err != nil || recorded.Error != "" {
		r.compareError(recorded.Error, err)
		return
	}
	result.Display = w.tokens(result.Display)
	r.Result = result
	if c.Expected != nil || c.Lines != nil {
		diffs, err := c.CompareExpected(result)
		r.settle(AgainstExpected, diffs, err)
	}
	if recorded.Actual != nil {
		diffs, err := c.CompareActual(recorded.Actual, result)
		r.settle(AgainstActual, diffs, err)
	}
}

// compareError judges a request that gave an error, or should have.
func (r *Outcome) compareError(want string, got error) {
	var diffs []Difference
	switch {
	case want == "":
		r.Err = got
	case got == nil:
		diffs = []Difference{{Key: "error", Want: want, Got: "a result"}}
	}
	if r.Case.Expected != nil || r.Case.Lines != nil {
		r.settle(AgainstExpected, diffs, r.Err)
	}
	if len(r.Case.Recorded) > 0 {
		r.settle(AgainstActual, diffs, r.Err)
	}
}

func (r *Outcome) settle(against Comparison, diffs []Difference, err error) {
	v := &r.Verdicts[against]
	v.Compared, v.Differences = true, diffs
	if err != nil {
		r.Err = err
	}
	v.Passed = len(diffs) == 0 && r.Err == nil
}
