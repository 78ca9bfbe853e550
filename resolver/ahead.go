package resolver

import (
	"runtime"
	"slices"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/universe"
)

// aheadLevels is how many dependencies lie at most between a name that the
// search has reached and one that is made ready for it.
const aheadLevels = 3

// An ahead works beside the search: it reads and judges packages that the ones
// reached so far depend on, since these are likely to be asked for next. The
// search is one thread of thought and would leave the other processors idle.
// Nothing of it shows in an answer: what it makes ready are values that are
// made once and shared, and problems are told when they are asked for.
type ahead struct {
	u       *universe.Universe
	roots   map[*universe.Root]*Root
	verdict map[*universe.Root]*verdicts

	mu      sync.Mutex
	wake    *sync.Cond
	queue   []expected // the last one is the next
	stopped bool
	done    sync.WaitGroup

	// Of the worker alone: names that were read, and from where names were followed.
	seen     map[expectedName]bool
	followed map[expectedName]int
}

// expected are the ebuilds of a name at one root, best first.
type expected struct {
	root  *universe.Root
	list  []*ebuild.Package
	level int
}

type expectedName struct {
	root *universe.Root
	cp   atoms.CP
}

// lookAhead starts the work, if there is a processor for it. It is to be
// stopped.
func (r *resolution) lookAhead() *ahead {
	if runtime.GOMAXPROCS(0) < 2 {
		return nil
	}
	a := &ahead{u: r.u, roots: r.roots, verdict: r.verdicts, seen: make(map[expectedName]bool), followed: make(map[expectedName]int)}
	a.wake = sync.NewCond(&a.mu)
	for _, root := range r.u.Roots {
		root.Reached = func(list []*ebuild.Package) { a.expect(expected{root: root, list: list}) }
	}
	a.done.Go(a.work)
	return a
}

// stop ends the work and waits for what is being done.
func (a *ahead) stop() {
	if a == nil {
		return
	}
	a.mu.Lock()
	a.stopped = true
	a.mu.Unlock()
	a.wake.Signal()
	a.done.Wait()
	for _, root := range a.u.Roots {
		root.Reached = nil
	}
}

func (a *ahead) expect(x expected) {
	a.mu.Lock()
	a.queue = append(a.queue, x)
	a.mu.Unlock()
	a.wake.Signal()
}

func (a *ahead) work() {
	for {
		x, ok := a.next()
		if !ok {
			return
		}
		a.follow(x)
	}
}

// next waits for something to do; false: nothing more.
func (a *ahead) next() (expected, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.queue) == 0 && !a.stopped {
		a.wake.Wait()
	}
	if a.stopped {
		return expected{}, false
	}
	n := len(a.queue) - 1
	x := a.queue[n]
	a.queue[n] = expected{}
	a.queue = a.queue[:n]
	return x, true
}

// follow judges the ebuilds of a name down to the first visible one, and goes
// on with what that one depends on.
func (a *ahead) follow(x expected) {
	k := expectedName{x.root, x.list[0].CPV.CP}
	if level, ok := a.followed[k]; ok && level <= x.level {
		return
	}
	a.followed[k] = x.level
	i := slices.IndexFunc(x.list, func(p *ebuild.Package) bool { return a.verdict[x.root].of(p).Visible() })
	if i < 0 {
		return
	}
	p := x.list[i]
	state := a.roots[x.root].USE.State(p)
	if x.level == aheadLevels {
		return
	}
	for _, class := range universe.Classes() {
		tree, err := p.Deps(class)
		if err != nil {
			continue // whoever asks for the package is told
		}
		root := a.rootOf(x.root, p, class)
		for _, atom := range tree.Leaves(state.Enabled) {
			if atom.Blocker == atoms.BlockNone {
				a.read(root, atom.CP, x.level+1)
			}
		}
	}
}

// rootOf returns where a class of dependencies has to be, as the walk has it.
func (a *ahead) rootOf(r *universe.Root, p *ebuild.Package, class atoms.DepClass) *universe.Root {
	switch {
	case class == atoms.RDepend || class == atoms.PDepend:
		return r
	case class == atoms.Depend && p.EAPI != nil && p.EAPI.BDEPEND && !r.Running:
		return a.u.Sysroot
	default:
		return a.u.Running
	}
}

// read reads the ebuilds of a name, and expects them.
func (a *ahead) read(r *universe.Root, cp atoms.CP, level int) {
	k := expectedName{r, cp}
	if r == nil || a.seen[k] {
		return
	}
	a.seen[k] = true
	var list []*ebuild.Package
	for _, repo := range slices.Backward(a.roots[r].Repos) {
		list = append(list, repo.Peek(cp)...)
	}
	if len(list) > 0 {
		slices.SortStableFunc(list, universe.BestFirst)
		a.expect(expected{r, list, level})
	}
}

// verdicts keeps what a judge says about ebuilds. It is safe for concurrent use.
type verdicts struct {
	judge *visibility.Judge
	known sync.Map // *ebuild.Package -> visibility.Verdict
}

func (v *verdicts) of(p *ebuild.Package) visibility.Verdict {
	if p.Origin != ebuild.OriginEbuild {
		return v.judge.Verdict(p)
	}
	if known, ok := v.known.Load(p); ok {
		return known.(visibility.Verdict)
	}
	verdict := v.judge.Verdict(p)
	v.known.Store(p, verdict)
	return verdict
}
