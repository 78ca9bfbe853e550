package merging

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/merge"
	"github.com/tumpline/tumpline/resolver/plan"
)

// DurationsFile is the name of the record below the folder for caches. A line has
// a package, what it was merged from, and milliseconds: of fetching, building,
// merging, separated by tabs. It is never the truth: without it the order of builds
// may be worse.
const DurationsFile = "durations.tsv"

// Durations remember how long packages took.
type Durations struct {
	path string

	mu    sync.Mutex
	known map[string]merge.Duration
	fresh map[string]merge.Duration
}

// ReadDurations reads the record. One that is not to be read is empty; lines that
// are wrong are passed over.
func ReadDurations(path string) *Durations {
	d := &Durations{path: path, fresh: make(map[string]merge.Duration)}
	d.known = readDurations(path)
	return d
}

func readDurations(path string) map[string]merge.Duration {
	known := make(map[string]merge.Duration)
	text, err := os.ReadFile(path)
	if err != nil {
		return known
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 5 {
			continue
		}
		var ms [3]time.Duration
		bad := false
		for i, f := range fields[2:] {
			n, err := strconv.ParseInt(f, 10, 40)
			bad = bad || err != nil || n < 0
			ms[i] = time.Duration(n) * time.Millisecond
		}
		if !bad {
			known[fields[0]+"\t"+fields[1]] = merge.Duration{Fetch: ms[0], Build: ms[1], Merge: ms[2]}
		}
	}
	return known
}

func durationKey(s *plan.Step) string { return s.CP + "\t" + string(s.Origin) }

// What is taken where nothing is known.
const (
	usualBuild  = 30 * time.Second
	usualUnpack = time.Second
	usualMerge  = time.Second
	usualRate   = 2 << 20 // bytes fetched in a second
)

// Expected is how long a step is likely to take.
func (d *Durations) Expected(s *plan.Step) merge.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	e, ok := d.known[durationKey(s)]
	if !ok {
		e = merge.Duration{Build: usualBuild, Merge: usualMerge}
		if s.Origin == plan.OriginBinary {
			e.Build = usualUnpack
		}
	}
	e.Fetch = time.Duration(s.Fetch.Bytes) * time.Second / usualRate
	return e
}

// Note takes the time of a piece of work from an event. Bootstrap merges and what
// failed are not typical.
func (d *Durations) Note(e merge.Event) {
	if e.Kind != merge.WorkEnds || e.Step.Operation != plan.OpMerge || e.Step.Stage == plan.StageBootstrap {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	key := durationKey(e.Step)
	f := d.fresh[key]
	switch e.Work {
	case merge.WorkFetch:
		f.Fetch = e.Took
	case merge.WorkBuild:
		f.Build = e.Took
	case merge.WorkMerge:
		f.Merge = e.Took
	case merge.WorkCheck, merge.WorkUnmerge:
		return
	}
	d.fresh[key] = f
}

// Save adds what was noted to the record as it is by now: the mean of old and new.
func (d *Durations) Save() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.path == "" || len(d.fresh) == 0 {
		return nil
	}
	all := readDurations(d.path)
	for key, f := range d.fresh {
		old, ok := all[key]
		if !ok {
			old = f
		}
		all[key] = merge.Duration{Fetch: mean(old.Fetch, f.Fetch), Build: mean(old.Build, f.Build), Merge: mean(old.Merge, f.Merge)}
	}
	keys := make([]string, 0, len(all))
	for key := range all {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	var b bytes.Buffer
	for _, key := range keys {
		t := all[key]
		fmt.Fprintf(&b, "%s\t%d\t%d\t%d\n", key, t.Fetch.Milliseconds(), t.Build.Milliseconds(), t.Merge.Milliseconds())
	}
	if err := os.MkdirAll(filepath.Dir(d.path), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("record how long builds took: %w", err)
	}
	if err := atomicfile.WriteFile(d.path, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("record how long builds took: %w", err)
	}
	d.fresh = make(map[string]merge.Duration)
	return nil
}

// mean is that of two durations; one that is not known leaves the other.
func mean(old, fresh time.Duration) time.Duration {
	switch {
	case fresh == 0:
		return old
	case old == 0:
		return fresh
	}
	return (old + fresh) / 2
}
