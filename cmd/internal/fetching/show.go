package fetching

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/merge/fetch"
)

// A Display shows what happens to files: a line for each place that is asked and
// for each that fails, and on a terminal how far the running downloads are.
type Display struct {
	out, err io.Writer
	terminal bool

	running map[string]fetch.Event // by name
	drawn   time.Time
	width   int // of the progress line that is on the terminal
}

// NewDisplay returns a display on the streams of a front.
func NewDisplay(s cli.Streams) *Display {
	return &Display{out: s.Out, err: s.Err, terminal: s.ErrTerminal, running: map[string]fetch.Event{}}
}

// Show takes an event. It must not be called from two goroutines at once.
func (d *Display) Show(e fetch.Event) {
	switch e.Kind {
	case fetch.EventStart:
		d.running[e.Name] = e
		d.line(d.out, ">>> Downloading '%s'", e.URI)
	case fetch.EventProgress:
		d.running[e.Name] = e
		d.progress(false)
	case fetch.EventTry:
		delete(d.running, e.Name)
		d.line(d.err, "!!! %s: %s", e.Name, e.Err)
	case fetch.EventSetAside:
		d.line(d.out, "Refetching... File renamed to '%s'\n", e.Path)
	case fetch.EventWait:
		d.line(d.err, "waiting for lock on %s", e.Path)
	case fetch.EventDone:
		delete(d.running, e.Name)
		d.progress(true)
	}
}

// line writes a line, the progress being out of its way. A stream that is closed
// cannot be told anything.
func (d *Display) line(w io.Writer, format string, args ...any) {
	d.erase()
	_, _ = fmt.Fprintf(w, format+"\n", args...)
}

// Interval between two drawings of the progress.
const drawEvery = 100 * time.Millisecond

func (d *Display) progress(now bool) {
	if !d.terminal || !now && time.Since(d.drawn) < drawEvery {
		return
	}
	d.drawn = time.Now()
	d.erase()
	if text := d.summary(); text != "" {
		_, _ = fmt.Fprint(d.err, text)
		d.width = len(text)
	}
}

func (d *Display) erase() {
	if d.width > 0 {
		_, _ = fmt.Fprint(d.err, "\r"+strings.Repeat(" ", d.width)+"\r")
		d.width = 0
	}
}

// lineLimit is how long the progress line may be.
const lineLimit = 78

func (d *Display) summary() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(d.running)) {
		e := d.running[name]
		part := fmt.Sprintf("%s %s", name, mebibytes(e.Bytes))
		if e.Size > 0 {
			part = fmt.Sprintf("%s %d%% of %s", name, e.Bytes*100/e.Size, mebibytes(e.Size))
		}
		parts = append(parts, part)
	}
	text := strings.Join(parts, ", ")
	if len(text) > lineLimit {
		text = text[:lineLimit-3] + "..."
	}
	return text
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
