package cli

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// A statusLine is a line on a terminal that says what is going on. It goes as soon
// as something is printed, and leaves nothing behind.
type statusLine struct {
	terminal io.Writer

	mu    sync.Mutex
	shown bool
	last  time.Time
}

// redrawAfter is the least time between two states of the line.
const redrawAfter = 100 * time.Millisecond

// set shows a text. Texts that come too soon after another are left out. A
// terminal that is gone shows nothing.
func (s *statusLine) set(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Sub(s.last) < redrawAfter {
		return
	}
	s.last, s.shown = now, true
	_, _ = io.WriteString(s.terminal, "\r"+text+"\x1b[K")
}

// clear takes the line away.
func (s *statusLine) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shown {
		s.shown = false
		_, _ = io.WriteString(s.terminal, "\r\x1b[K") // as above
	}
}

// A clearing takes the status line away before it writes.
type clearing struct {
	to   io.Writer
	line *statusLine
}

// Write writes p.
func (c *clearing) Write(p []byte) (int, error) {
	c.line.clear()
	return c.to.Write(p)
}

// ShowStatus tells what is going on, in few words, if standard error is a
// terminal. It may be called by any goroutine, and as often as there is news.
func (e *Env) ShowStatus(text string) {
	if e.status != nil {
		e.status.set(text)
	}
}

// ShowSourced tells how many ebuilds have been sourced because they had no fresh
// metadata.
func (e *Env) ShowSourced(count int) {
	e.ShowStatus(fmt.Sprintf("Sourcing ebuilds without fresh metadata: %d", count))
}
