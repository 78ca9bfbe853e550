package fetch

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/tumpline/tumpline/ebuild/manifest"
)

// A disk that is full ends the run: another server would not help.
func TestFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full to write to")
	}
	defer full.Close()
	ctx, s := watch(t.Context(), time.Minute)
	defer s.stop()
	j := &job{f: New(Settings{}), file: &File{Name: "f", Entry: manifest.Entry{Size: 10, Hashes: []manifest.Hash{{}}}}, request: &Request{}, result: &Result{}}
	b := &body{ReadCloser: io.NopCloser(bytes.NewReader(make([]byte, 10))), size: 10}
	if _, err := j.copy(ctx, full, b, io.Discard, Event{}, s); !errors.Is(err, syscall.ENOSPC) || !interrupted(t.Context(), err) {
		t.Errorf("copy to a full disk: %v", err)
	}
	if interrupted(context.Background(), &StatusError{Code: 404}) {
		t.Error("a missing file ends the run")
	}
}

func TestHidePassword(t *testing.T) {
	for _, c := range []struct{ uri, want string }{
		{"http://h/a:b@c", "http://h/a:b@c"}, {"http://u:p@h/x", "http://u:*password*@h/x"}, {"http://u@h:1/x", "http://u@h:1/x"},
		{"http://u:p@q@h:1", "http://u:*password*@h:1"}, {"f", "f"}, {"http://h:1/x", "http://h:1/x"},
	} {
		if got := hidePassword(c.uri); got != c.want {
			t.Errorf("hidePassword(%q) = %q, want %q", c.uri, got, c.want)
		}
	}
}

func TestParseContentRange(t *testing.T) {
	for _, c := range []struct {
		text        string
		start, size int64
		ok          bool
	}{
		{"bytes 5-9/10", 5, 10, true}, {"bytes 5-9/*", 5, -1, true}, {"bytes 5-10/10", 5, 10, false}, {"bytes */10", 0, 0, false},
		{"items 5-9/10", 0, 0, false}, {"", 0, 0, false}, {"bytes -1-9/10", 0, 0, false}, {"bytes 9-5/10", 0, 0, false},
	} {
		start, size, ok := parseContentRange(c.text)
		if ok != c.ok || ok && (start != c.start || size != c.size) {
			t.Errorf("parseContentRange(%q) = %d, %d, %v", c.text, start, size, ok)
		}
	}
}
