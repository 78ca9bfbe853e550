package build

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/course"
	"github.com/tumpline/tumpline/merge/phase"
)

// A queue builds packages, some at once.
type queue struct {
	*options
	making   *Making
	env      *cli.Env
	packages []*ebuild.Package

	mu     sync.Mutex
	failed []string
	told   []*Job
}

// find finds all packages before the first is built.
func (q *queue) find() error {
	var errs []error
	seen := make(map[string]bool)
	for _, word := range q.words {
		p, err := q.making.Find(word)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if name := p.CPV.String(); !seen[name] {
			seen[name] = true
			q.packages = append(q.packages, p)
		}
	}
	return errors.Join(errs...)
}

// all builds all packages; after a failure no further one is begun unless the user
// wants to go on.
func (q *queue) all(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	slots := make(chan struct{}, q.jobs)
	var wait sync.WaitGroup
	for i, p := range q.packages {
		slots <- struct{}{}
		if ctx.Err() != nil || !q.keepGoing && q.anyFailed() {
			break
		}
		wait.Add(1)
		go func() {
			defer wait.Done()
			q.one(ctx, i, p)
			<-slots
		}()
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, j := range q.told {
		j.ShowTold(q.making.Errors)
	}
	if err := q.making.CleanLogs(ctx); err != nil {
		line(q.making.Errors, "!!! %v", err)
	}
	if len(q.failed) > 0 {
		return &cli.FailedError{Status: cli.StatusFailure}
	}
	return nil
}

func (q *queue) anyFailed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.failed) > 0
}

// one builds one package and tells how that went.
func (q *queue) one(ctx context.Context, i int, p *ebuild.Package) {
	name := fmt.Sprintf("(%d of %d) %s::%s", i+1, len(q.packages), p.CPV, p.Repo)
	q.tell(event{Event: "start", Package: p.CPV.String()}, ">>> Building %s", name)
	j, err := q.making.Job(p)
	if err == nil {
		err = q.build(ctx, j)
		q.mu.Lock()
		q.told = append(q.told, j)
		q.mu.Unlock()
	}
	if err == nil {
		e := event{Event: "built", Package: p.CPV.String(), Dir: string(j.Build.Dir), Image: j.Build.Dir.Image()}
		if q.fetchOnly {
			e = event{Event: "fetched", Package: p.CPV.String()}
			q.tell(e, ">>> Fetched %s", name)
			return
		}
		q.tell(e, ">>> Built %s: %s", name, e.Image)
		return
	}
	q.mu.Lock()
	q.failed = append(q.failed, p.CPV.String())
	q.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	e := failedEvent(p.CPV.String(), err)
	q.tell(e, ">>> Failed %s", name)
	if !q.json {
		Explain(q.making.Errors, err)
		if q.making.Output == nil {
			showLog(q.making.Errors, e.Log)
		}
	}
}

// build takes a package from start to image.
func (q *queue) build(ctx context.Context, j *Job) error {
	if err := j.Verify(ctx); err != nil {
		return err
	}
	if q.fetchOnly {
		return j.Fetch(ctx)
	}
	if err := j.Open(ctx); err != nil {
		return err
	}
	defer j.Close()
	j.SkipSourceless = true
	if !q.resume {
		if err := j.Clean(ctx); err != nil {
			return err
		}
	}
	err := j.To(ctx, phase.Install)
	j.Done()
	if err != nil && j.Build.Features["fail-clean"] && ctx.Err() == nil {
		return errors.Join(err, j.Clean(ctx))
	}
	return err
}

// An event is what --json prints.
type event struct {
	Event    string `json:"event"` // start, fetched, built, failed
	Package  string `json:"package"`
	Phase    string `json:"phase,omitempty"`
	Message  string `json:"message,omitempty"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Function string `json:"function,omitempty"`
	Log      string `json:"log,omitempty"`
	Dir      string `json:"dir,omitempty"`
	Image    string `json:"image,omitempty"`
}

func failedEvent(name string, err error) event {
	e := event{Event: "failed", Package: name, Message: err.Error()}
	var f *course.Failure
	if errors.As(err, &f) {
		e.Phase, e.Log, e.Dir = f.Phase.String(), f.Log, f.Dir
	}
	var p *phase.Error
	if errors.As(err, &p) {
		e.Message, e.File, e.Line, e.Function = p.Message, p.File, p.Line, p.Function
	}
	return e
}

// tell prints what happened.
func (q *queue) tell(e event, format string, args ...any) {
	if !q.json {
		line(q.making.Errors, format, args...)
		return
	}
	text, err := json.Marshal(e)
	if err != nil {
		return // an event is made of strings
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	line(&live{to: q.env.Out}, "%s", text)
}

// maxShown bounds how much of a log is shown, in bytes.
const maxShown = 256 << 10

// showLog prints the log of a failed build.
func showLog(w io.Writer, path string) {
	f, err := os.Open(path)
	if err != nil || strings.HasSuffix(path, ".gz") {
		return // its last lines and where it should be have been told
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > maxShown {
		line(w, "--- the last %d KiB of %s:", maxShown>>10, path)
		_, _ = f.Seek(-maxShown, io.SeekEnd) // else it is shown from its start
	} else {
		line(w, "--- %s:", path)
	}
	_, _ = io.Copy(w, f) // as far as it can be read
	line(w, "---")
}
