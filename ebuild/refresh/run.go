package refresh

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// A run is one update of one repository.
type run struct {
	repository *ebuild.Repository
	options    *Options
	summary    *Summary
	cps        []atoms.CP
	results    []Result

	mu      sync.Mutex
	done    []bool // by result
	told    int    // results reported
	stale   []int  // results to be worked on
	taken   int    // of those
	ready   int    // of those
	running int
}

// scan finds out what is there. Packages are looked at on all processors: what
// takes time is asking the system about files.
func (r *run) scan(ctx context.Context) error {
	r.cps = r.options.Packages
	if r.cps == nil {
		var err error
		if r.cps, err = r.repository.CPs(); err != nil {
			r.summary.Problems = append(r.summary.Problems, err)
		}
	}
	r.cps = slices.Compact(slices.Sorted(slices.Values(r.cps)))
	found := make([][]ebuild.Ebuild, len(r.cps))
	problems := make([]error, len(r.cps))
	each(len(r.cps), func(i int) {
		if ctx.Err() == nil {
			found[i], problems[i] = r.repository.Ebuilds(r.cps[i])
		}
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	for i, list := range found {
		if problems[i] != nil {
			r.summary.Problems = append(r.summary.Problems, problems[i])
		}
		for _, e := range list {
			if e.Entry == nil || !e.Shipped {
				r.stale = append(r.stale, len(r.results))
			}
			r.results = append(r.results, Result{Ebuild: e})
		}
	}
	r.done = make([]bool, len(r.results))
	return nil
}

// grain is how many things a worker of each takes at a time.
const grain = 16

// each calls do with every number below n, on all processors.
func each(n int, do func(int)) {
	var mu sync.Mutex
	next := 0
	take := func() (from, to int) {
		mu.Lock()
		defer mu.Unlock()
		from, to = next, min(next+grain, n)
		next = to
		return from, to
	}
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for from, to := take(); from < to; from, to = take() {
				for i := from; i < to; i++ {
					do(i)
				}
			}
		})
	}
	wait.Wait()
}

// update makes what is missing, and reports everything.
func (r *run) update(ctx context.Context) error {
	for i := range r.done {
		r.done[i] = true
	}
	for _, i := range r.stale {
		r.done[i] = false
	}
	r.tell()
	var wait sync.WaitGroup
	for range min(max(1, r.options.Jobs), len(r.stale)) {
		wait.Go(func() { r.work(ctx) })
	}
	wait.Wait()
	return ctx.Err()
}

func (r *run) work(ctx context.Context) {
	for {
		i, ok := r.take()
		if !ok {
			return
		}
		r.bring(ctx, &r.results[i])
		if ctx.Err() != nil {
			return // a result that was cut short is not told
		}
		r.finish(i)
	}
}

// take gives a result to be worked on, if there is one left.
func (r *run) take() (result int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken == len(r.stale) {
		return 0, false
	}
	r.taken++
	return r.stale[r.taken-1], true
}

// bring makes the entry of one ebuild.
func (r *run) bring(ctx context.Context, result *Result) {
	e := &result.Ebuild
	entry := e.Entry
	result.Status = Adopted
	if entry == nil {
		result.Status = Generated
		if result.Err = r.admit(ctx); result.Err != nil {
			return
		}
		entry, result.Err = r.repository.Source(ctx, e)
		r.leave()
	}
	var unsupported *ebuild.UnsupportedEAPIError
	switch {
	case errors.As(result.Err, &unsupported):
		result.Status, result.Err = Unsupported, nil
	case result.Err != nil:
		result.Status = Failed
	default:
		if result.Written, result.WriteErr = r.write(e, entry); result.WriteErr != nil {
			result.Status = Failed
		}
	}
}

// admit waits until one more ebuild may be sourced.
func (r *run) admit(ctx context.Context) error {
	r.mu.Lock()
	running := r.running
	r.running++
	r.mu.Unlock()
	if r.options.Admit == nil {
		return nil
	}
	err := r.options.Admit(ctx, running)
	if err != nil {
		r.leave()
	}
	return err
}

func (r *run) leave() {
	r.mu.Lock()
	r.running--
	r.mu.Unlock()
}

// finish counts a result and tells those that can be told.
func (r *run) finish(result int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done[result] = true
	r.ready++
	if r.options.Progress != nil {
		r.options.Progress(r.ready, len(r.stale))
	}
	r.tell()
}

// tell reports results up to the first that is not done.
func (r *run) tell() {
	for ; r.told < len(r.results) && r.done[r.told]; r.told++ {
		result := &r.results[r.told]
		r.summary.Count[result.Status]++
		if result.Written {
			r.summary.Written++
		}
		if r.options.Report != nil {
			r.options.Report(result)
		}
	}
}
