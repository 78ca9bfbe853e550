package merge

import (
	"context"
	"errors"
	"sync"
)

// releases are images that are given up beside other work.
type releases struct {
	mu    sync.Mutex
	all   sync.WaitGroup
	byCPV map[string]*sync.WaitGroup
}

// begin gives up an image beside what follows.
func (l *releases) begin(cpv string, giveUp func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byCPV == nil {
		l.byCPV = make(map[string]*sync.WaitGroup)
	}
	if l.byCPV[cpv] == nil {
		l.byCPV[cpv] = new(sync.WaitGroup)
	}
	one := l.byCPV[cpv]
	one.Add(1)
	l.all.Go(func() {
		defer one.Done()
		giveUp()
	})
}

// wait waits until no image of a package is being given up: its folder may be used.
func (l *releases) wait(cpv string) {
	l.mu.Lock()
	one := l.byCPV[cpv]
	l.mu.Unlock()
	if one != nil {
		one.Wait()
	}
}

// discard gives up the image of a merge that has ended with an error, or nil. Of a
// merge that went well it is given up beside other work if there may be any.
func (r *runner) discard(ctx context.Context, i int, image *Image, err error) error {
	if image == nil || image.Release == nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err == nil && r.options.Jobs > 1 {
		r.releases.begin(r.steps[i].CPV, func() {
			if err := image.Release(ctx, true); err != nil {
				r.fails(i, WorkMerge, &MergedError{err}, true)
			}
		})
		return nil
	}
	released := image.Release(ctx, err == nil)
	if err == nil && released != nil {
		return &MergedError{released}
	}
	return err
}

// release gives up images that were made and not merged, and waits until the others
// are given up.
func (r *runner) release(ctx context.Context) error {
	r.releases.all.Wait()
	var errs []error
	for i := range r.steps {
		if image := r.images[i]; image != nil && image.Release != nil {
			errs = append(errs, image.Release(context.WithoutCancel(ctx), false))
		}
	}
	return errors.Join(errs...)
}
