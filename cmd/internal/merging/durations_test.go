package merging_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/merging"
	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/resolver/plan"
)

func ended(s *plan.Step, work merge.Work, took time.Duration) merge.Event {
	return merge.Event{Kind: merge.WorkEnds, Step: s, Work: work, Took: took}
}

// What was measured is expected next time; a second measurement counts half.
func TestDurations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache", merging.DurationsFile)
	s := &plan.Step{Operation: plan.OpMerge, Origin: plan.OriginEbuild, CP: "app/a", Stage: plan.StageFinal}
	bootstrap := *s
	bootstrap.Stage = plan.StageBootstrap
	for _, took := range []time.Duration{40 * time.Second, 20 * time.Second} {
		d := merging.ReadDurations(path)
		d.Note(ended(s, merge.WorkBuild, took))
		d.Note(ended(s, merge.WorkMerge, 2*time.Second))
		d.Note(ended(&bootstrap, merge.WorkBuild, time.Hour))
		if err := d.Save(); err != nil {
			t.Fatal(err)
		}
	}
	got := merging.ReadDurations(path).Expected(s)
	if want := (merge.Duration{Build: 30 * time.Second, Merge: 2 * time.Second}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A record that is no good is no record, whatever is in it.
func FuzzDurations(f *testing.F) {
	f.Add("app/a\tebuild\t1\t2\t3\n")
	f.Add("app/a\tebuild\t-1\t2\t3\n\n\t\t\t\t\napp/b\tbinary\t9999999999999999999\t0\t0")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), merging.DurationsFile)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(text) {
			cp, _, _ := strings.Cut(line, "\t")
			e := merging.ReadDurations(path).Expected(&plan.Step{CP: cp, Origin: plan.OriginEbuild})
			if e.Build < 0 || e.Merge < 0 || e.Fetch < 0 {
				t.Errorf("%q: %+v", line, e)
			}
		}
	})
}

// Lines are those that programs which read emerge.log look for.
func TestEmergeLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log/emerge.log")
	log := &merging.EmergeLog{
		Path: path, Now: func() time.Time { return time.Unix(7, 0) },
		Place: func(*plan.Step) (string, string) { return "/board/", "/repo/app/a/a-1.ebuild" },
	}
	s := &plan.Step{CPV: "app/a-1", Origin: plan.OriginEbuild}
	for _, e := range []merge.Event{
		{Kind: merge.WorkBegins, Step: s, Work: merge.WorkBuild, Number: 1, Total: 2},
		{Kind: merge.WorkBegins, Step: s, Work: merge.WorkMerge, Number: 1, Total: 2},
		{Kind: merge.WorkEnds, Step: s, Work: merge.WorkMerge, Number: 1, Total: 2},
	} {
		log.Tell(e)
	}
	text, err := os.ReadFile(path)
	if err != nil || log.Err() != nil {
		t.Fatal(err, log.Err())
	}
	want := `7:  >>> emerge (1 of 2) app/a-1 to /board/
7:  === (1 of 2) Cleaning (app/a-1::/repo/app/a/a-1.ebuild)
7:  === (1 of 2) Compiling/Merging (app/a-1::/repo/app/a/a-1.ebuild)
7:  === (1 of 2) Merging (app/a-1::/repo/app/a/a-1.ebuild)
7:  === (1 of 2) Post-Build Cleaning (app/a-1::/repo/app/a/a-1.ebuild)
7:  ::: completed emerge (1 of 2) app/a-1 to /board/
`
	if string(text) != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}
