package bash

import (
	"context"
	"errors"
	"sync"
)

// A Pool keeps shells that have done their work for the next request of the same
// sort. It is safe for concurrent use.
type Pool[K comparable] struct {
	options PoolOptions[K]
	places  chan struct{} // one for each shell at work

	mu     sync.Mutex
	idle   []*Worker[K] // the one used last is last
	closed bool
}

// PoolOptions says how a pool works.
type PoolOptions[K comparable] struct {
	Jobs     int // shells at work at once; at least 1
	Idle     int // shells that wait; the one unused for longest is ended
	Requests int // a shell is replaced after so many; 0: never
	// Spec says how shells of a sort are started.
	Spec func(K) (Spec, error)
}

// A Worker is a shell of one sort. State is the caller's.
type Worker[K comparable] struct {
	*Shell
	Sort  K
	State map[string]int

	requests int
}

// NewPool makes a pool, which starts nothing until asked.
func NewPool[K comparable](o PoolOptions[K]) *Pool[K] {
	return &Pool[K]{options: o, places: make(chan struct{}, max(o.Jobs, 1))}
}

// errClosed reports the use of a closed pool.
var errClosed = errors.New("pool of shells is closed")

// Get waits for a place and gives a shell of a sort, which must be given back
// with Put.
func (p *Pool[K]) Get(ctx context.Context, sort K) (*Worker[K], error) {
	select {
	case p.places <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	w, err := p.take(sort)
	if w == nil && err == nil {
		w, err = p.start(sort)
	}
	if err != nil {
		<-p.places
		return nil, err
	}
	return w, nil
}

// take gives an idle shell, or nil.
func (p *Pool[K]) take(sort K) (*Worker[K], error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errClosed
	}
	for i := len(p.idle) - 1; i >= 0; i-- {
		if w := p.idle[i]; w.Sort == sort {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return w, nil
		}
	}
	return nil, nil
}

func (p *Pool[K]) start(sort K) (*Worker[K], error) {
	spec, err := p.options.Spec(sort)
	if err != nil {
		return nil, err
	}
	sh, err := startShell(spec)
	if err != nil {
		return nil, err
	}
	return &Worker[K]{Shell: sh, Sort: sort, State: make(map[string]int)}, nil
}

// Put gives a shell back. One that is dead or has done its share is ended.
func (p *Pool[K]) Put(w *Worker[K]) {
	w.requests++
	done := w.dead || p.options.Requests > 0 && w.requests >= p.options.Requests
	p.mu.Lock()
	done = done || p.closed
	var old *Worker[K]
	if !done {
		p.idle = append(p.idle, w)
		if len(p.idle) > p.options.Idle {
			old, p.idle = p.idle[0], p.idle[1:]
		}
	}
	p.mu.Unlock()
	if done {
		w.Close()
	}
	if old != nil {
		old.Close()
	}
	<-p.places
}

// Close ends all idle shells, and others when they are given back.
func (p *Pool[K]) Close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	for _, w := range idle {
		w.Close()
	}
}

// Run starts a shell for one request, outside any pool.
func Run(ctx context.Context, s Spec, request Request) (Reply, error) {
	sh, err := startShell(s)
	if err != nil {
		return Reply{}, err
	}
	defer sh.Close()
	return sh.Run(ctx, request)
}
