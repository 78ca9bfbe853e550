package build

import (
	"fmt"
	"io"
	"sync"

	"github.com/tumpline/tumpline/merge/phase"
)

// A live writer passes text on at once, from several goroutines.
type live struct {
	mu sync.Mutex
	to io.Writer
}

// flusher is a writer that holds text back until it is told.
type flusher interface{ Flush() error }

// Write implements io.Writer.
func (w *live) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.to.Write(p)
	if f, ok := w.to.(flusher); ok && err == nil {
		err = f.Flush()
	}
	return n, err
}

// line prints a line. A stream that is closed cannot be told anything.
func line(w io.Writer, format string, args ...any) {
	if w != nil {
		_, _ = fmt.Fprintf(w, format+"\n", args...)
	}
}

// Say prints a line of progress to where a job's output goes.
func (j *Job) Say(format string, args ...any) { line(output(j.Build), format, args...) }

// Notice prints what the packager should know, and keeps it as a message of a phase.
func (j *Job) Notice(p phase.Phase, text string, more ...string) { notice(j.Build, p, text, more...) }

func notice(b *phase.Build, p phase.Phase, text string, more ...string) {
	lines := append([]string{"QA Notice: " + text}, more...)
	out := output(b)
	for _, l := range lines {
		line(out, " * %s", l)
	}
	// A message that is not kept has been seen.
	_ = b.Dir.Message(p, "QA", lines...)
}
