package build

import (
	"fmt"
	"io"
	"sync"
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
