package phase

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// TestRest checks that what is in a pipe is read however late the reader is, and that
// the end of a pipe that somebody keeps open is not waited for.
func TestRest(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close() // by a process that outlives the phase
	want := strings.Repeat("x", 40<<10)
	if _, err := w.WriteString(want); err != nil {
		t.Fatal(err)
	}
	if err := r.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	if _, err := io.Copy(&got, newRest(r)); err == nil || got.String() != want {
		t.Errorf("read %d bytes, error %v; want all %d, and that there is no more yet", got.Len(), err, len(want))
	}
}
