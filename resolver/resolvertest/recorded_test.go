package resolvertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
)

// UnmarshalJSON reads what MarshalJSON writes.
func (c *FlagChange) UnmarshalJSON(b []byte) error {
	var pair []any
	if err := json.Unmarshal(b, &pair); err != nil {
		return err
	}
	c.Flag, c.Enabled = pair[0].(string), pair[1].(bool)
	return nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Task) UnmarshalJSON(b []byte) error {
	var j struct {
		Type, Operation, CPV, Slot, Repo, Root, Atom string
		Subslot                                      string `json:"sub_slot"`
		IUSE, USE                                    []string
		BuildID                                      *int `json:"build_id"`
		Remote, Satisfied                            bool
		ForbidOverlap                                bool `json:"forbid_overlap"`
	}
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	*t = Task{CPV: j.CPV, Slot: j.Slot, Subslot: j.Subslot, Repo: j.Repo, Target: j.Root == "target", IUSE: j.IUSE, USE: j.USE,
		BuildID: -1, Remote: j.Remote, Atom: j.Atom, Satisfied: j.Satisfied, ForbidOverlap: j.ForbidOverlap}
	t.Type = TaskType(slices.Index([]string{"ebuild", "binary", "installed", "blocker"}, j.Type))
	t.Operation = Operation(max(0, slices.Index([]string{"merge", "nomerge", "uninstall"}, j.Operation)))
	if j.BuildID != nil {
		t.BuildID = *j.BuildID
	}
	return nil
}

// decodeResult reads a recorded answer back.
func decodeResult(tb testing.TB, k Kind, actual map[string]any) *Result {
	tb.Helper()
	r := &Result{}
	m := map[string]any{}
	for key, v := range actual {
		if key != "unsatisfied_deps" || k == KindMerge {
			m[key] = v
		}
	}
	b, err := json.Marshal(m)
	if err == nil {
		err = json.Unmarshal(b, r)
	}
	if err == nil && k == KindRemove {
		b, err = json.Marshal(actual["unsatisfied_deps"])
	}
	if err == nil && k == KindRemove {
		err = json.Unmarshal(b, &r.BrokenDeps)
	}
	if err != nil {
		tb.Fatalf("decode recorded answer: %v", err)
	}
	return r
}

// An oracle answers with what was recorded for the playground.
type oracle struct {
	tb testing.TB
	p  *Playground
}

func (o oracle) Resolve(_ context.Context, r Request) (*Result, error) {
	for _, c := range o.p.Cases {
		for i, req := range c.Requests {
			if i < len(c.Recorded) && slices.Equal(req, r.Args) && c.Options.effective().String() == r.Options.String() && c.Action == r.Action {
				return decodeResult(o.tb, c.Kind, c.Recorded[i].Actual), nil
			}
		}
	}
	return nil, fmt.Errorf("no answer for %q", r.Args)
}

// scratch returns a folder for worlds, in memory where possible.
func scratch(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp(Scratch(), "cases")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// readVectors reads the cases derived from Portage's test-suite.
func readVectors(tb testing.TB) []*File {
	tb.Helper()
	files, errs := Read(sharedtest.Path(tb, "vectors", "resolver"))
	for _, err := range errs {
		tb.Error(err)
	}
	for _, f := range files {
		for _, w := range f.Warnings {
			tb.Error(w)
		}
	}
	return files
}

// Real Portage's answers must pass both comparisons: this checks reading,
// laying out and the rules at once.
func TestRecordedAnswersPass(t *testing.T) {
	files := readVectors(t)
	runs := 0
	for _, f := range files {
		for _, p := range f.Playgrounds {
			one := &File{Path: f.Path, Area: f.Area, Playgrounds: []*Playground{p}}
			report := Run(t.Context(), []*File{one}, func(context.Context, *World) (Session, error) {
				return oracle{t, p}, nil
			}, RunOptions{Dir: scratch(t)})
			for _, o := range report.Outcomes {
				runs++
				checkTasks(t, o)
				for _, d := range o.Differences() {
					t.Errorf("%s: %s", o.ID(), d)
				}
			}
		}
	}
	if runs < 600 {
		t.Errorf("Read: %d runs, want more than 600", runs)
	}
}

// checkTasks checks that the entries of the merge list follow from the details.
func checkTasks(t *testing.T, o *Outcome) {
	t.Helper()
	if o.Result == nil {
		return
	}
	for i, task := range o.Result.Tasks {
		if got, want := task.MergelistEntry(), o.Result.Mergelist[i]; got != want {
			t.Errorf("%s: MergelistEntry(%v) = %q, want %q", o.ID(), task, got, want)
		}
	}
}

// Keys counts what is as recorded, key by key.
func TestKeys(t *testing.T) {
	f, err := ReadFile(sharedtest.Path(t, "vectors", "resolver", "simple.json"))
	if err != nil {
		t.Fatal(err)
	}
	f.Playgrounds = f.Playgrounds[:1]
	report := Run(t.Context(), []*File{f}, func(context.Context, *World) (Session, error) {
		return oracle{t, f.Playgrounds[0]}, nil
	}, RunOptions{Dir: scratch(t)})
	n := len(report.Outcomes)
	report.Outcomes[0].Verdicts[AgainstActual].Differences = []Difference{{Key: "mergelist[3]"}, {Key: "success"}}
	for _, k := range report.Keys() {
		want := Count{k.Total, k.Total}
		if k.Key == "mergelist" || k.Key == "success" {
			want = Count{n - 1, n}
		}
		if k.Count != want {
			t.Errorf("Keys: %s %v, want %v", k.Key, k.Count, want)
		}
	}
}
