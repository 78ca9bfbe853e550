package corpus

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tumpline/tumpline/resolver/plan"
)

// A Call is one run of the emerge front.
type Call struct {
	Args     []string
	Vars     map[string]string // the environment, all of it
	Dir      string            // the working directory
	Out, Err io.Writer
}

// A Front runs emerge in this process and returns its exit status. It must be
// safe for concurrent use.
type Front func(ctx context.Context, c Call) int

// Options of Replay.
type Options struct {
	Jobs int // requests at a time; 1 if not positive
	// Want chooses requests; nil for all.
	Want func(*Request) bool
	// Args are given to every call, before those of the request.
	Args []string
	// Vars are added to the environment of every call: where caches are.
	Vars    map[string]string
	Text    bool          // run again for the text output and compare it
	Timeout time.Duration // for one call; 0 for none
	// Told is told how many requests are done, one call at a time; may be nil.
	Told func(done, total int)
}

// Replay gives the requests of the corpus to the front and compares the
// answers, in the order of the corpus.
func (b *Bench) Replay(ctx context.Context, front Front, o Options) *Report {
	var requests []*Request
	for i := range b.corpus.Requests {
		if r := &b.corpus.Requests[i]; o.Want == nil || o.Want(r) {
			requests = append(requests, r)
		}
	}
	report := &Report{Outcomes: make([]*Outcome, len(requests))}
	next := make(chan int)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range max(o.Jobs, 1) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				report.Outcomes[i] = b.replay(ctx, requests[i], front, o)
				if err := ctx.Err(); err != nil { // what was interrupted says nothing of the answer
					report.Outcomes[i] = &Outcome{Request: requests[i], Err: err, CutOff: true}
					continue
				}
				if o.Told != nil {
					mu.Lock()
					done++
					o.Told(done, len(requests))
					mu.Unlock()
				}
			}
		}()
	}
	for i := range requests {
		next <- i
	}
	close(next)
	wg.Wait()
	return report
}

// replay gives one request to the front.
func (b *Bench) replay(ctx context.Context, r *Request, front Front, o Options) *Outcome {
	out := &Outcome{Request: r}
	if out.Err = ctx.Err(); out.Err != nil {
		return out // marked by the caller
	}
	answer, err := b.corpus.Answer(r.ID)
	if err != nil {
		out.Err = err
		return out
	}
	out.Answer = answer
	roots, err := b.Lay(r)
	if err != nil {
		out.Err = err
		return out
	}
	var doc, messages bytes.Buffer
	call := r.call(roots, o, "--json")
	call.Out, call.Err = &doc, &messages
	start := time.Now()
	status, err := run(ctx, front, call, o.Timeout)
	out.Seconds = time.Since(start).Seconds()
	if err != nil {
		out.Err = err
		return out
	}
	c := &comparison{out: out, answer: answer, board: r.Board()}
	c.exit(status)
	p := &plan.Plan{}
	if err := json.Unmarshal(doc.Bytes(), p); err != nil {
		out.Err = fmt.Errorf("read plan: %w; messages: %s", err, firstLines(roots.tokens(messages.String()), 3))
		return out
	}
	c.document(doc.Bytes())
	c.plan(p)
	if o.Text {
		out.Err = b.replayText(ctx, r, roots, front, o, c)
	}
	return out
}

// replayText runs the request again for its text output.
func (b *Bench) replayText(ctx context.Context, r *Request, roots *Roots, front Front, o Options, c *comparison) error {
	var text bytes.Buffer
	call := r.call(roots, o)
	call.Out, call.Err = &text, &text
	if _, err := run(ctx, front, call, o.Timeout); err != nil {
		return err
	}
	c.text(roots.tokens(text.String()))
	return nil
}

// call makes the command line and environment of a request, as they were when
// the answer was recorded.
func (r *Request) call(roots *Roots, o Options, extra ...string) Call {
	vars := map[string]string{
		"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": roots.Dir, "TERM": "dumb", "LC_ALL": "C.UTF-8",
		"COLUMNS": "80", "NOCOLOR": "true", "TUMPLINE_BUILD_ROOT": roots.Build,
	}
	if r.Board() {
		vars["PORTAGE_CONFIGROOT"], vars["SYSROOT"], vars["ROOT"] = roots.Target, roots.Target, roots.Target
	}
	maps.Copy(vars, o.Vars)
	maps.Copy(vars, r.Env)
	args := slices.Concat([]string{"--pretend", "--color=n"}, o.Args, extra, r.Args)
	return Call{Args: args, Vars: vars, Dir: roots.Dir}
}

// run calls the front; a panic becomes an error.
func run(ctx context.Context, front Front, c Call, timeout time.Duration) (status int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("internal error: panic: %v\n%s", r, debug.Stack())
		}
	}()
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	return front(ctx, c), nil
}

// tokens puts the tokens of the answers in place of the paths of this run.
func (roots *Roots) tokens(s string) string {
	if roots.Target != roots.Build {
		s = strings.ReplaceAll(s, roots.Target, "${BOARD_ROOT}")
	}
	s = strings.ReplaceAll(s, roots.Build+"/", "/")
	s = strings.ReplaceAll(s, roots.Build, "/")
	return strings.ReplaceAll(s, roots.Trees, "${TREES}")
}

func firstLines(s string, n int) string {
	l := strings.SplitN(strings.TrimSpace(s), "\n", n+1)
	return strings.Join(l[:min(n, len(l))], " | ")
}
