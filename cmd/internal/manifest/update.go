package manifest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/fetching"
	"github.com/tumpline/tumpline/ebuild/manifest/renew"
	"github.com/tumpline/tumpline/profiles"
)

// update makes the Manifests of a target anew, and says if one failed.
func update(ctx context.Context, env *cli.Env, o *options, t *target) (failed bool, err error) {
	opened, err := Open(env, t.root, time.Now())
	if err != nil {
		return false, err
	}
	defer func() { _ = opened.Session.Close() }() // losing the index costs time, nothing else
	with := Renewal(opened.Repo, opened.Session.Target.Config)
	with.Jobs = o.jobs
	if o.distdir != "" {
		with.Distdir = env.Abs(o.distdir)
	}
	env = env.With(env.Name, env.Args)
	env.Streams = inTurn(env.Streams)
	if !o.noFetch {
		with.Fetcher = fetcher(env, opened.Session.Target.Config, with.Distdir)
	}
	cps := t.cps
	if t.whole {
		if cps, err = opened.Repo.CPs(); err != nil {
			return false, err
		}
	}
	return Renew(ctx, env.Streams, with, requests(cps, o.force), o.json)
}

// fetcher gets distfiles into a folder and shows that on standard error: the
// output is of Manifests.
func fetcher(env *cli.Env, c *profiles.Config, distdir string) renew.Fetcher {
	inner := env.With(env.Name, env.Args)
	inner.Out = env.Err
	return Fetcher(inner, c, distdir)
}

// inTurn makes streams that several goroutines may write to, each call as a whole.
func inTurn(s cli.Streams) cli.Streams {
	mu := &sync.Mutex{}
	s.Out, s.Err = &turns{mu, s.Out}, &turns{mu, s.Err}
	return s
}

type turns struct {
	mu *sync.Mutex
	w  io.Writer
}

// Write writes when it is its turn.
func (t *turns) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.w.Write(p)
}

// Fetcher gets distfiles into a folder and shows that on env's streams. What is
// wrong with its configuration is told there.
func Fetcher(env *cli.Env, c *profiles.Config, distdir string) renew.Fetcher {
	s, problems := fetching.Settings(env, c)
	for _, p := range problems {
		_, _ = fmt.Fprintf(env.Err, "!!! %s\n", p) // a closed standard error cannot be told anything
	}
	s.Distdir = distdir
	return fetching.NewForManifests(s, fetching.NewDisplay(env.Streams).Show)
}

func requests(cps []atoms.CP, force bool) []renew.Request {
	out := make([]renew.Request, len(cps))
	for i, cp := range cps {
		out[i] = renew.Request{CP: cp, ForceAll: force}
	}
	return out
}

// Renew makes Manifests anew and shows what became of them: on Out a line for
// each that changed, or a JSON object for each; on Err what failed and, unless
// JSON is wanted, a summary.
func Renew(ctx context.Context, s cli.Streams, o *renew.Options, requests []renew.Request, asJSON bool) (failed bool, err error) {
	count := map[renew.State]int{}
	var bad error // of writing
	err = o.All(ctx, requests, func(r *renew.Result) {
		count[r.State]++
		if err := showResult(s, r, asJSON); err != nil && bad == nil {
			bad = err
		}
	})
	if err == nil {
		err = bad
	}
	if err != nil {
		return true, err
	}
	if count[renew.Skipped] > 0 {
		fmt.Fprintf(s.Err, "%s: the repository %s is configured not to use Manifests\n", program, o.Repo.Name)
	} else if !asJSON {
		fmt.Fprintf(s.Err, "%s: %s of %d changed, %d failed\n", program, plural(count[renew.Written]+count[renew.Removed], "Manifest"), len(requests), count[renew.Failed])
	}
	return count[renew.Failed] > 0, nil
}

func showResult(s cli.Streams, r *renew.Result, asJSON bool) error {
	if asJSON {
		return writeJSON(s.Out, resultJSON(r))
	}
	switch r.State {
	case renew.Failed:
		// A closed standard error cannot be told anything.
		_, _ = fmt.Fprintf(s.Err, "%s: %s: %s\n", program, r.CP, lines(r.Err.Error()))
	case renew.Written, renew.Removed:
		_, err := fmt.Fprintf(s.Out, "%s\t%s\n", r.State, r.CP)
		return err
	}
	return nil
}

// A renewed is the JSON object about one package.
type renewed struct {
	Package string   `json:"package"`
	State   string   `json:"state"` // unchanged, written, removed, skipped, failed
	Entries int      `json:"entries"`
	Assumed []string `json:"assumed"` // distfiles whose digests were kept unseen
	Error   string   `json:"error,omitempty"`
}

func resultJSON(r *renew.Result) *renewed {
	out := &renewed{Package: string(r.CP), State: r.State.String(), Entries: r.Entries, Assumed: []string{}}
	seen := map[string]bool{}
	for _, a := range r.Assumed {
		if !seen[a.File] {
			out.Assumed = append(out.Assumed, a.File)
		}
		seen[a.File] = true
	}
	if r.Err != nil {
		out.Error = r.Err.Error()
	}
	return out
}

func writeJSON(w io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	_, err = w.Write(append(text, '\n'))
	return err
}
