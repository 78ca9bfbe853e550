package ebuild

import (
	"context"
	"sync"

	"github.com/tumpline/tumpline/atoms"
)

// A prefetcher reads packages before they are asked for, while there are ebuilds
// to be sourced: who asks for one package after the other would otherwise keep
// one processor busy. What a package just sourced depends on is likely to be
// asked for next. Nothing is told about a package before it is asked for, so that
// the order of work is not seen in what a run says.
type prefetcher struct {
	ctx    context.Context
	cancel context.CancelFunc
	read   func(atoms.CP)
	jobs   int

	mu     sync.Mutex
	seen   map[atoms.CP]bool
	queue  []func()
	active int
	wait   sync.WaitGroup
}

func newPrefetcher(jobs int, read func(atoms.CP)) *prefetcher {
	ctx, cancel := context.WithCancel(context.Background())
	return &prefetcher{ctx: ctx, cancel: cancel, read: read, jobs: jobs, seen: make(map[atoms.CP]bool)}
}

// add asks for packages to be read some time.
func (p *prefetcher) add(cps []atoms.CP) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, cp := range cps {
		if !p.seen[cp] {
			p.seen[cp] = true
			p.queue = append(p.queue, func() { p.read(cp) })
		}
	}
	p.start()
}

// do asks for something to be done some time.
func (p *prefetcher) do(work func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, work)
	p.start()
}

// start starts workers as there is work for; p.mu is held.
func (p *prefetcher) start() {
	for p.active < min(p.jobs, len(p.queue)) && p.ctx.Err() == nil {
		p.active++
		p.wait.Go(p.work)
	}
}

func (p *prefetcher) work() {
	for {
		work, ok := p.next()
		if !ok {
			return
		}
		work()
	}
}

// next takes work from the queue; without any the worker ends.
func (p *prefetcher) next() (func(), bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 || p.ctx.Err() != nil {
		p.active--
		return nil, false
	}
	work := p.queue[0]
	p.queue = p.queue[1:]
	return work, true
}

// stop ends the work and waits for what is being done.
func (p *prefetcher) stop() {
	p.mu.Lock()
	p.cancel() // below the lock: add starts no worker after this
	p.mu.Unlock()
	p.wait.Wait()
}

// A purpose is why packages are read.
type purpose uint8

const (
	asked purpose = iota // somebody waits for them
	ahead                // somebody may ask for them
)

// turns shares out the work of sourcing: what somebody waits for is begun at once,
// and what is read ahead gets what is left.
type turns struct {
	mu      sync.Mutex
	changed sync.Cond
	jobs    int
	running [ahead + 1]int
}

func newTurns(jobs int) *turns {
	t := &turns{jobs: jobs}
	t.changed.L = &t.mu
	return t
}

// enter waits until work may begin; leave must follow.
func (t *turns) enter(why purpose) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for why == ahead && t.running[asked]+t.running[ahead] >= t.jobs {
		t.changed.Wait()
	}
	t.running[why]++
}

func (t *turns) leave(why purpose) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running[why]--
	t.changed.Broadcast()
}

// dependencies gives the names of everything that packages may depend on.
func dependencies(list []*Package) []atoms.CP {
	var cps []atoms.CP
	for _, p := range list {
		for class := range atoms.DepClass(depClasses) {
			tree, err := p.Deps(class)
			if err != nil {
				continue // whoever asks for the package is told
			}
			cps = appendNames(cps, tree)
		}
	}
	return cps
}

func appendNames(cps []atoms.CP, tree *atoms.Dep) []atoms.CP {
	if tree.Kind == atoms.KindLeaf {
		if tree.Leaf != nil && tree.Leaf.Blocker == atoms.BlockNone {
			cps = append(cps, tree.Leaf.CP)
		}
		return cps
	}
	for _, c := range tree.Children {
		cps = appendNames(cps, c)
	}
	return cps
}
