package merge_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/resolver/plan"
)

var update = flag.Bool("update", false, "rewrite golden files")

// step makes a merge of app/NAME-1; it needs the steps of the given numbers.
func step(p *plan.Plan, name string, needs ...plan.StepID) *plan.Step {
	p.Steps = append(p.Steps, plan.Step{
		ID: plan.StepID(len(p.Steps) + 1), Operation: plan.OpMerge, Origin: plan.OriginEbuild, CPV: "app/" + name + "-1", CP: "app/" + name,
		Version: "1", Slot: "0", Subslot: "0", Repo: "sample", Root: plan.RootTarget, Stage: plan.StageFinal,
	})
	s := &p.Steps[len(p.Steps)-1]
	for _, n := range needs {
		s.Needs = append(s.Needs, plan.Need{Class: plan.ClassRDepend, Atom: fmt.Sprintf("app/step%d", n), Root: plan.RootTarget, Step: n})
	}
	return s
}

// A clock moves on one second with each look.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Second)
	return c.now
}
func (c *clock) After(time.Duration) <-chan time.Time { return nil }

// A world is a fake of all parts. What is in fails does not work.
type world struct {
	t       *testing.T
	mu      sync.Mutex
	done    []string          // in order: "build app/a-1"
	live    map[string]string // installed: cpv to stage
	merging int
	fails   map[string]error
	kept    []string
	chosen  []string
	onBuild func(*plan.Step)
	release func(cpv string) error // of images; nil: there is nothing to give up
	plan    *plan.Plan
	strict  bool // every need must be installed when a build begins
}

func newWorld(t *testing.T, p *plan.Plan) *world {
	return &world{t: t, live: map[string]string{}, fails: map[string]error{}, plan: p}
}

func (w *world) parts() merge.Parts {
	return merge.Parts{Builder: w, Fetcher: w, Packer: w, Installer: w, Keeper: w}
}

func (w *world) do(what string, s *plan.Step) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	word := what + " " + s.CPV
	if s.Stage == plan.StageBootstrap {
		word += " bootstrap"
	}
	w.done = append(w.done, word)
	return w.fails[word]
}

func (w *world) Check(_ context.Context, s *plan.Step) error {
	return w.fails["check "+s.CPV]
}

func (w *world) Fetch(_ context.Context, s *plan.Step) error { return w.do("fetch", s) }

func (w *world) Build(ctx context.Context, s *plan.Step, pack bool, p merge.Progress) (*merge.Image, error) {
	p("compile")
	w.checkNeeds(s)
	if w.onBuild != nil {
		w.onBuild(s)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	image := &merge.Image{Dir: "/image"}
	if w.release != nil {
		image.Release = func(context.Context, bool) error { return w.release(s.CPV) }
	}
	if pack {
		image.Package = s.CPV + ".gpkg.tar"
		_ = w.do("pack", s)
	}
	return image, w.do("build", s)
}

// checkNeeds checks that what a step needs, and what that needs, is installed, but
// for what comes later in the plan.
func (w *world) checkNeeds(s *plan.Step) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.strict {
		return
	}
	for _, n := range s.Needs {
		if n.Step < s.ID && n.Step > 0 && w.live[w.plan.Steps[n.Step-1].CPV] == "" {
			w.t.Errorf("%s is built before %s is merged", s.CPV, w.plan.Steps[n.Step-1].CPV)
		}
	}
}

func (w *world) Unpack(_ context.Context, s *plan.Step, _ merge.Progress) (*merge.Image, error) {
	return &merge.Image{}, w.do("unpack", s)
}

func (w *world) Install(_ context.Context, s *plan.Step, i *merge.Image, selected []string, _ merge.Progress) error {
	if i == nil {
		w.t.Errorf("merge of %s without an image", s.CPV)
	}
	w.mu.Lock()
	if w.merging++; w.merging > 1 {
		w.t.Errorf("two merges at once")
	}
	w.mu.Unlock()
	err := w.do("merge", s)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.merging--
	var merged *merge.MergedError
	if err == nil || errors.As(err, &merged) {
		w.chosen = append(w.chosen, selected...)
		w.live[s.CPV] = string(s.Stage)
	}
	return err
}

func (w *world) Remove(_ context.Context, s *plan.Step, _ merge.Progress) error {
	return w.do("unmerge", s)
}

func (w *world) Begin(list []*plan.Step) error {
	for _, s := range list {
		w.kept = append(w.kept, s.CPV)
	}
	return nil
}

func (w *world) Forget(s *plan.Step) error {
	w.kept = slices.DeleteFunc(w.kept, func(cpv string) bool { return cpv == s.CPV })
	return nil
}

func (w *world) Select(atoms []string) error { w.chosen = append(w.chosen, atoms...); return nil }

func (w *world) run(o merge.Options) (*merge.Report, error) {
	o.Clock = &clock{now: time.Unix(1_000_000_000, 0)}
	return merge.Run(context.Background(), w.plan, w.parts(), o)
}

func (w *world) want(words string) {
	w.t.Helper()
	if got := strings.Join(w.done, ", "); got != words {
		w.t.Errorf("did   %s\nwant  %s", got, words)
	}
}

func TestInOrder(t *testing.T) {
	p := &plan.Plan{World: []plan.WorldEntry{{Atom: "app/old"}, {Atom: "app/b", Step: 2}}}
	step(p, "a")
	step(p, "b")
	step(p, "c", 1)
	w := newWorld(t, p)
	report, err := w.run(merge.Options{Jobs: 1})
	if err != nil || len(report.Merged) != 3 || len(w.kept) != 0 {
		t.Errorf("got %v, %d merged, left %v", err, len(report.Merged), w.kept)
	}
	w.want("build app/a-1, merge app/a-1, build app/b-1, merge app/b-1, build app/c-1, merge app/c-1")
	if got := strings.Join(w.chosen, " "); got != "app/old app/b" {
		t.Errorf("selected %s", got)
	}
}

func TestFailureKeepsTheList(t *testing.T) {
	p := &plan.Plan{}
	step(p, "a")
	step(p, "b")
	step(p, "c")
	w := newWorld(t, p)
	w.fails["build app/b-1"] = errors.New("broken")
	report, err := w.run(merge.Options{Jobs: 1})
	if err != nil || len(report.Failures) != 1 || len(report.Left) != 1 || report.Left[0].CPV != "app/c-1" {
		t.Errorf("got %v, %+v", err, report)
	}
	if got := strings.Join(w.kept, " "); got != "app/b-1 app/c-1" {
		t.Errorf("to be resumed: %s", got)
	}
}

func TestKeepGoing(t *testing.T) {
	p := &plan.Plan{}
	step(p, "a")
	step(p, "b", 1)
	step(p, "c", 2)
	step(p, "d", 1)
	step(p, "e")
	w := newWorld(t, p)
	w.fails["merge app/a-1"] = errors.New("broken")
	met := func(s *plan.Step, n *plan.Need) bool { return s.CPV == "app/d-1" }
	report, err := w.run(merge.Options{Jobs: 1, KeepGoing: true, Met: met})
	if err != nil || len(report.Drops) != 2 || report.Drops[0].Step.CPV != "app/b-1" || report.Drops[0].Atoms[0] != "app/step1" || len(w.kept) != 0 {
		t.Errorf("got %v, %+v, to be resumed %v", err, report, w.kept)
	}
	w.want("build app/a-1, merge app/a-1, build app/d-1, merge app/d-1, build app/e-1, merge app/e-1")
}

func TestPostinstFailure(t *testing.T) {
	p := &plan.Plan{World: []plan.WorldEntry{{Atom: "app/a", Step: 1}}}
	step(p, "a")
	step(p, "b", 1)
	w := newWorld(t, p)
	w.fails["merge app/a-1"] = &merge.MergedError{Err: errors.New("postinst")}
	report, err := w.run(merge.Options{Jobs: 1})
	if err != nil || len(report.Merged) != 2 || len(report.Failures) != 1 || !report.Failures[0].Merged || len(w.chosen) != 1 || len(w.kept) != 0 {
		t.Errorf("got %v, %+v, selected %v, to be resumed %v", err, report, w.chosen, w.kept)
	}
}

// An image is given up beside the merges that follow, but before its package is built
// again and before the end.
func TestRelease(t *testing.T) {
	p := &plan.Plan{}
	step(p, "a").Stage = plan.StageBootstrap
	step(p, "b", 1)
	step(p, "a", 2)
	w := newWorld(t, p)
	merged := make(chan bool)
	var released atomic.Int32
	w.release = func(cpv string) error {
		if cpv == "app/b-1" {
			close(merged) // it was not waited for what is given up before
			return errors.New("busy")
		}
		<-merged
		released.Add(1)
		return nil
	}
	w.onBuild = func(s *plan.Step) {
		if s.CPV == "app/a-1" && s.Stage != plan.StageBootstrap && released.Load() != 1 {
			t.Errorf("%s is built while the image of its first merge is given up", s.CPV)
		}
	}
	report, err := w.run(merge.Options{Jobs: 2})
	if err != nil || released.Load() != 2 || len(report.Failures) != 1 || !report.Failures[0].Merged || report.Failures[0].Step.CPV != "app/b-1" {
		t.Errorf("got %v, %+v, %d images of a given up", err, report, released.Load())
	}
}

// A package that is merged twice: no binary package of the first merge, and the
// second one waits for what needs the first.
func TestStages(t *testing.T) {
	p := &plan.Plan{}
	first := step(p, "glib")
	first.Stage, first.CompletedBy, first.DroppedUse = plan.StageBootstrap, 3, []string{"introspection"}
	step(p, "gir", 1)
	step(p, "glib", 2)
	w := newWorld(t, p)
	w.strict = true
	_, err := w.run(merge.Options{Jobs: 4, Pack: func(*plan.Step) bool { return true }})
	if err != nil || w.live["app/glib-1"] != "final" {
		t.Errorf("got %v, %v", err, w.live)
	}
	w.want("build app/glib-1 bootstrap, merge app/glib-1 bootstrap, pack app/gir-1, build app/gir-1, merge app/gir-1, pack app/glib-1, build app/glib-1, merge app/glib-1")
}

func TestBootstrapIsNotResumed(t *testing.T) {
	p := &plan.Plan{}
	first := step(p, "glib")
	first.Stage, first.CompletedBy = plan.StageBootstrap, 3
	step(p, "gir", 1)
	step(p, "glib", 2)
	w := newWorld(t, p)
	w.fails["build app/gir-1"] = errors.New("broken")
	if _, err := w.run(merge.Options{Jobs: 1}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(w.kept, " "); got != "app/gir-1 app/glib-1" {
		t.Errorf("to be resumed: %s", got)
	}
}

func TestUnmergeWaitsForEarlierMerges(t *testing.T) {
	p := &plan.Plan{}
	step(p, "a")
	u := step(p, "old")
	u.Operation, u.Origin = plan.OpUnmerge, plan.OriginInstalled
	step(p, "b")
	p.Blockers = []plan.Blocker{{Root: plan.RootTarget, Step: 2, Blocking: []string{"app/b-1"}, Satisfied: true}}
	w := newWorld(t, p)
	if _, err := w.run(merge.Options{Jobs: 0, MergeWait: true}); err != nil {
		t.Fatal(err)
	}
	w.want("build app/a-1, merge app/a-1, unmerge app/old-1, build app/b-1, merge app/b-1")
}

func TestGoals(t *testing.T) {
	p := &plan.Plan{}
	step(p, "a")
	step(p, "b", 1)
	w := newWorld(t, p)
	if _, err := w.run(merge.Options{Jobs: 1, Goal: merge.ToPackage}); err != nil {
		t.Fatal(err)
	}
	w.want("pack app/a-1, build app/a-1, pack app/b-1, build app/b-1")
	w = newWorld(t, p)
	w.fails["fetch app/a-1"] = errors.New("gone")
	report, err := w.run(merge.Options{Jobs: 1, Goal: merge.ToFiles})
	if err != nil || len(report.Failures) != 1 {
		t.Errorf("got %v, %+v", err, report)
	}
	w.want("fetch app/a-1, fetch app/b-1")
}

func TestMissingPart(t *testing.T) {
	p := &plan.Plan{}
	step(p, "a")
	w := newWorld(t, p)
	parts := w.parts()
	parts.Installer = nil
	_, err := merge.Run(context.Background(), p, parts, merge.Options{Jobs: 1, Clock: &clock{}})
	var missing *merge.MissingError
	if !errors.As(err, &missing) || missing.CPV != "app/a-1" || len(w.done) > 0 {
		t.Errorf("got %v after %v", err, w.done)
	}
}

func TestCheckStopsAll(t *testing.T) {
	p := &plan.Plan{}
	step(p, "a")
	step(p, "b")
	w := newWorld(t, p)
	w.fails["check app/b-1"] = errors.New("no space")
	report, err := w.run(merge.Options{Jobs: 1})
	var refused *merge.CheckError
	if !errors.As(err, &refused) || len(report.Failures) != 1 || len(w.done) > 0 || len(w.kept) != 2 {
		t.Errorf("got %v, %+v, did %v, to be resumed %v", err, report, w.done, w.kept)
	}
}

// Interrupted at any build, what is left is exactly what is not merged, and a second
// run does the rest.
func TestInterruptAndResume(t *testing.T) {
	for at := range 4 {
		p := &plan.Plan{}
		step(p, "a")
		step(p, "b", 1)
		step(p, "c")
		step(p, "d", 3)
		w := newWorld(t, p)
		ctx, cancel := context.WithCancel(context.Background())
		w.onBuild = func(s *plan.Step) {
			if int(s.ID) == at+1 {
				cancel()
			}
		}
		report, err := merge.Run(ctx, p, w.parts(), merge.Options{Jobs: 1, Clock: &clock{}})
		if !errors.Is(err, context.Canceled) || len(report.Merged) != at || len(report.Left) != 4-at || len(w.kept) != 4-at {
			t.Errorf("at %d: %v, %d merged, %d left, to be resumed %v", at, err, len(report.Merged), len(report.Left), w.kept)
		}
	}
}

func TestRandomPlans(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 7))
		p := &plan.Plan{}
		for i := range 2 + rng.IntN(14) {
			s := step(p, fmt.Sprintf("p%d", i))
			for j := range i {
				if rng.IntN(4) == 0 {
					s.Needs = append(s.Needs, plan.Need{Step: plan.StepID(j + 1)})
				}
			}
		}
		for i := range p.Steps { // needs at run time of what comes later
			if later := i + 1 + rng.IntN(len(p.Steps)); later < len(p.Steps) && rng.IntN(5) == 0 {
				p.Steps[i].Needs = append(p.Steps[i].Needs, plan.Need{Step: plan.StepID(later + 1)})
			}
		}
		w := newWorld(t, p)
		w.strict = true
		o := merge.Options{Jobs: rng.IntN(4), MergeWait: rng.IntN(2) == 0, KeepGoing: rng.IntN(2) == 0}
		report, err := w.run(o)
		if err != nil || len(report.Merged) != len(p.Steps) || len(w.kept) > 0 {
			t.Errorf("%d of %d merged, %v", len(report.Merged), len(p.Steps), err)
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestEvents(t *testing.T) {
	p := &plan.Plan{World: []plan.WorldEntry{{Atom: "app/b", Step: 2}}}
	step(p, "a").Fetch = plan.Fetch{Bytes: 9, Restriction: plan.FetchFree}
	step(p, "b")
	step(p, "c", 2)
	step(p, "d", 3)
	w := newWorld(t, p)
	w.fails["build app/c-1"] = errors.New("compile: exit status 1")
	var b strings.Builder
	tell := func(e merge.Event) {
		line, err := json.Marshal(e)
		if err != nil {
			t.Error(err)
		}
		b.Write(append(line, '\n'))
	}
	expected := func(*plan.Step) merge.Duration { return merge.Duration{Build: 9 * time.Second, Merge: time.Second} }
	if _, err := w.run(merge.Options{Jobs: 1, Fetches: 1, KeepGoing: true, Tell: tell, Expected: expected, Pack: func(s *plan.Step) bool { return s.ID == 2 }}); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/events.jsonl", b.String())
	golden(t, "testdata/events.schema.json", merge.EventsSchema())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs:\n%s", path, got)
	}
}
