package metagen

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/bash"
	"github.com/tumpline/tumpline/ebuild/md5cache"
)

// Options says how metadata is generated.
type Options struct {
	Bash    []string      // programs to try, in this order; each EAPI takes the first that is new enough
	Jobs    int           // shells at work at once; 0: 1
	Timeout time.Duration // for one ebuild; 0: 30 seconds
	// Confine says how ebuilds are kept from everything but their repository; nil
	// lets them do what this process may.
	Confine *Confinement
	// Output is told what ebuilds print; it may be nil, and is called by one
	// goroutine at a time.
	Output func(cpv atoms.CPV, text string)
}

// DefaultTimeout is how long an ebuild may take if nothing else is said.
const DefaultTimeout = 30 * time.Second

// A Generator makes metadata. It implements ebuild.MetadataGenerator and is
// safe for concurrent use.
type Generator struct {
	options Options
	pool    *bash.Pool[sort]
	output  sync.Mutex
	bash    func() []interpreter

	reserved map[string]bool // functions that mean something without an eclass

	mu        sync.Mutex
	libraries map[*ebuild.Repository]*library
}

// A sort is what a shell is made for.
type sort struct {
	repo  *ebuild.Repository
	eapi  *eapi.Features
	bash  string
	exact bool // for one ebuild, without a fork
	whole bool // no function of an eclass is left out
}

// An interpreter is a bash that was found.
type interpreter struct {
	path    string
	version bash.Version
	err     error
}

// requestsPerShell is after how many ebuilds a shell is replaced.
const requestsPerShell = 2000

// New makes a generator, which starts no process until needed.
func New(o Options) (*Generator, error) {
	if len(o.Bash) == 0 {
		return nil, errors.New("generate metadata: no bash named")
	}
	o.Jobs = max(o.Jobs, 1)
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	reserved, err := bash.Reserved()
	if err != nil {
		return nil, err
	}
	g := &Generator{options: o, reserved: reserved, libraries: make(map[*ebuild.Repository]*library)}
	g.bash = sync.OnceValue(g.findBash)
	g.pool = bash.NewPool(bash.PoolOptions[sort]{Jobs: o.Jobs, Idle: 4 * o.Jobs, Requests: requestsPerShell, Spec: g.spec})
	return g, nil
}

func (g *Generator) findBash() []interpreter {
	var list []interpreter
	for _, path := range g.options.Bash {
		v, err := bash.AskVersion(path)
		list = append(list, interpreter{path, v, err})
	}
	return list
}

// spec says how a shell is started.
func (g *Generator) spec(s sort) (bash.Spec, error) {
	set := s.repo.Eclasses()
	o := bash.DependOptions{Bash: s.bash, EAPI: s.eapi, Phases: phaseFunctions(s.eapi), Exact: s.exact}
	for _, name := range set.Names() {
		path, _ := set.Path(name) // it was just listed
		o.Eclasses = append(o.Eclasses, bash.Eclass{Name: name, Path: path})
	}
	if g.options.Confine != nil {
		policy, err := g.options.Confine.policy(s.repo, o)
		if err != nil {
			return bash.Spec{}, err
		}
		o.Policy = policy
	}
	return bash.DependSpec(o)
}

// Close ends all shells.
func (g *Generator) Close() error {
	g.pool.Close()
	return nil
}

// Generate makes the metadata of an ebuild, see ebuild.MetadataGenerator.
func (g *Generator) Generate(r *ebuild.Repository, cpv atoms.CPV, path string) (ebuild.Metadata, error) {
	e, err := g.Entry(context.Background(), r, cpv, path)
	if err != nil {
		return nil, err
	}
	return e, nil
}

// Entry makes the whole cache entry of the ebuild at path, with its digest and
// those of its eclasses. It waits for a free shell. The error is an *Error, or
// that of ctx.
func (g *Generator) Entry(ctx context.Context, r *ebuild.Repository, cpv atoms.CPV, path string) (*md5cache.Entry, error) {
	t := &task{g: g, repo: r, library: g.library(r), cpv: cpv, path: path}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, t.fail(KindRead, "cannot be read", err)
	}
	sum := md5.Sum(data)
	t.text, t.digest = string(data), hex.EncodeToString(sum[:])
	if err := t.prepare(); err != nil {
		return nil, err
	}
	m, err := t.run(ctx)
	if err != nil {
		return nil, err
	}
	return t.entry(m)
}

// library gives what is known of the eclasses of a repository.
func (g *Generator) library(r *ebuild.Repository) *library {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.libraries[r]
	if l == nil {
		l = newLibrary(r, g.reserved)
		g.libraries[r] = l
	}
	return l
}

// nonce makes a number that no ebuild can know before it runs.
func nonce() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fmt.Errorf("make nonce: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// tell passes on what an ebuild has printed.
func (g *Generator) tell(cpv atoms.CPV, text string) {
	if g.options.Output == nil || text == "" {
		return
	}
	g.output.Lock()
	defer g.output.Unlock()
	g.options.Output(cpv, text)
}
