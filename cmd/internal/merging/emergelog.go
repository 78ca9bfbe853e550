package merging

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/resolver/plan"
)

// An EmergeLog writes emerge.log as Portage does: seconds since 1970, a colon, and
// what happened. Programs that show times of builds read it.
type EmergeLog struct {
	Path  string           // of the file; empty: nothing is written
	Now   func() time.Time // the clock
	Place func(s *plan.Step) (root, file string)
	Packs func(s *plan.Step) bool

	mu  sync.Mutex
	err error // the first one
}

// Write writes lines. An error is kept for Err: the log is no reason to stop.
func (l *EmergeLog) Write(lines ...string) {
	if l.Path == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.append(lines); err != nil && l.err == nil {
		l.err = fmt.Errorf("emerge.log: %w", err)
	}
}

// Err is the first error of writing.
func (l *EmergeLog) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

func (l *EmergeLog) append(lines []string) error {
	if err := os.MkdirAll(filepath.Dir(l.Path), 0o755); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockPatience)
	defer cancel()
	lock, err := atomicfile.Acquire(ctx, filepath.Join(filepath.Dir(l.Path), "."+filepath.Base(l.Path)+".portage_lockfile"), atomicfile.Exclusive)
	if err != nil {
		return err
	}
	defer lock.Remove()
	f, err := os.OpenFile(l.Path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o660)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&b, "%d: %s\n", l.Now().Unix(), line)
	}
	_, err = io.WriteString(f, b.String())
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// lockPatience is how long another program may hold the log.
const lockPatience = 10 * time.Second

// Tell writes what an event is in Portage's words.
func (l *EmergeLog) Tell(e merge.Event) {
	switch e.Kind {
	case merge.WorkBegins:
		l.begins(e)
	case merge.WorkEnds:
		l.ends(e)
	case merge.WorkFails:
		if e.Work == merge.WorkUnmerge {
			l.Write(" !!! unmerge FAILURE: " + e.Step.CPV)
		}
	case merge.RunEnds:
		l.Write(" *** Finished. Cleaning up...")
	case merge.RunBegins, merge.InPhase, merge.StepDrops, merge.Selected, merge.Status:
	}
}

func count(e merge.Event) string { return fmt.Sprintf("(%d of %d)", e.Number, e.Total) }

func (l *EmergeLog) begins(e merge.Event) {
	s := e.Step
	root, file := l.Place(s)
	switch {
	case e.Work == merge.WorkUnmerge:
		l.Write("=== Unmerging... (" + s.CPV + ")")
	case e.Work == merge.WorkMerge && s.Origin == plan.OriginEbuild:
		l.Write(fmt.Sprintf(" === %s Merging (%s::%s)", count(e), s.CPV, file))
	case e.Number == 0: // files are fetched ahead
	case e.Work == merge.WorkFetch, e.Work == merge.WorkBuild:
		lines := []string{fmt.Sprintf(" >>> emerge %s %s to %s", count(e), s.CPV, root)}
		switch {
		case e.Work == merge.WorkFetch:
		case s.Origin == plan.OriginBinary:
			lines = append(lines, fmt.Sprintf(" === %s Merging Binary (%s::%s)", count(e), s.CPV, file))
		default:
			lines = append(lines, fmt.Sprintf(" === %s Cleaning (%s::%s)", count(e), s.CPV, file))
			what := "Compiling/Merging"
			if l.Packs != nil && l.Packs(s) {
				what = "Compiling/Packaging"
			}
			lines = append(lines, fmt.Sprintf(" === %s %s (%s::%s)", count(e), what, s.CPV, file))
		}
		l.Write(lines...)
	}
}

func (l *EmergeLog) ends(e merge.Event) {
	s := e.Step
	root, file := l.Place(s)
	switch e.Work {
	case merge.WorkUnmerge:
		l.Write(" >>> unmerge success: " + s.CPV)
	case merge.WorkMerge:
		l.Write(fmt.Sprintf(" === %s Post-Build Cleaning (%s::%s)", count(e), s.CPV, file),
			fmt.Sprintf(" ::: completed emerge %s %s to %s", count(e), s.CPV, root))
	case merge.WorkCheck, merge.WorkFetch, merge.WorkBuild:
	}
}
