package complete_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
)

// tally counts what becomes of requests that Portage fails.
type tally struct {
	mu                                       sync.Mutex
	requests, found, proved, open, unordered int
	lines                                    []string
	slowest                                  time.Duration
}

// answering is what the adapter's sessions do.
type answering interface {
	Answer(context.Context, resolvertest.Request) (*resolver.Result, error)
}

// beyond answers requests with the complete policy where Portage's fails.
type beyond struct {
	resolvertest.Session
	tally *tally
}

func (b beyond) Resolve(ctx context.Context, r resolvertest.Request) (*resolvertest.Result, error) {
	if r.Action != resolvertest.ActionMerge {
		return &resolvertest.Result{}, nil
	}
	res, err := b.Session.(answering).Answer(ctx, r)
	if err != nil {
		return nil, err
	}
	if !res.Success {
		req := *res.Request
		req.Beyond = true
		start := time.Now()
		if res, err = resolver.Resolve(ctx, res.System, &req); err != nil {
			return nil, err
		}
		b.tally.count(r, res, time.Since(start))
	}
	return &resolvertest.Result{Success: res.Success}, nil
}

func (t *tally) count(r resolvertest.Request, res *resolver.Result, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests++
	t.slowest = max(t.slowest, took)
	var b strings.Builder
	fmt.Fprintf(&b, "%s %v: ", strings.Join(r.Args, " "), r.Options)
	switch {
	case res.Beyond:
		t.found++
		b.WriteString("plan")
		for _, item := range res.Pass.Order.List {
			if item.Task >= 0 && int(item.Task) < res.Universe.Len() {
				if p := res.Pass.Removal(item.Task); p != nil {
					fmt.Fprintf(&b, " -%v", p)
				} else if p := res.Universe.Pkg(universeID(item.Task)); p != nil && p.Merges() {
					fmt.Fprintf(&b, " %v", p)
				}
			}
		}
	case res.Proof != nil:
		t.proved++
		b.WriteString("none, since")
		for _, why := range res.Proof.Reasons {
			fmt.Fprintf(&b, "\n      %v", why)
		}
	case res.Portage == nil:
		t.unordered++
		b.WriteString("only an order is missing")
	default:
		t.open++
		b.WriteString("given up")
	}
	t.lines = append(t.lines, b.String())
}

// The requests of Portage's test-suite that Portage fails.
func TestVectorsThatPortageFails(t *testing.T) {
	files, errs := resolvertest.Read(sharedtest.Path(t, "vectors", "resolver"))
	for _, err := range errs {
		t.Error(err)
	}
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "beyond")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var count tally
	runner := func(ctx context.Context, w *resolvertest.World) (resolvertest.Session, error) {
		s, err := adapter.Runner(ctx, w)
		return beyond{s, &count}, err
	}
	report := resolvertest.Run(t.Context(), files, runner, resolvertest.RunOptions{Dir: dir, Jobs: 1})
	for _, o := range report.Outcomes {
		if o.Err != nil {
			t.Errorf("%s: %v", o.ID(), o.Err)
		}
	}
	slices.Sort(count.lines)
	for _, l := range count.lines {
		t.Log(l)
	}
	t.Logf("of %d requests that Portage fails, %d have a plan, %d are proved to have none, %d lack an order only, %d were given up; slowest %v",
		count.requests, count.found, count.proved, count.unordered, count.open, count.slowest)
}
