package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// userAgent is how the built-in client names itself to servers.
const userAgent = "tumpline distfile-fetch"

// served says whether the built-in client knows a protocol.
func served(scheme string) bool { return scheme == "http" || scheme == "https" || scheme == "file" }

// Transport is how the built-in client speaks to servers: a bound on connecting,
// and files as they are, not unpacked on the way. proxy chooses a proxy for a
// request; nil: none.
func Transport(timeout time.Duration, proxy func(*http.Request) (*url.URL, error)) *http.Transport {
	return &http.Transport{
		Proxy:                 proxy,
		DialContext:           (&net.Dialer{Timeout: timeout, KeepAlive: timeout}).DialContext,
		TLSHandshakeTimeout:   timeout,
		ResponseHeaderTimeout: timeout,
		IdleConnTimeout:       timeout,
		DisableCompression:    true,
		ForceAttemptHTTP2:     true,
	}
}

// A body is what a server sends: the bytes of a file from an offset on.
type body struct {
	io.ReadCloser
	from int64
	size int64 // of the whole file; -1 if unknown
}

// A StatusError is an answer that is no file.
type StatusError struct {
	Status string // "404 Not Found"
	Code   int
}

// Error gives the status.
func (e *StatusError) Error() string { return "the server says " + e.Status }

// A rangeError says that a file cannot be continued where it was asked to be.
type rangeError struct{ text string }

func (e *rangeError) Error() string { return e.text }

// open asks for a file from an offset on; the body may start at 0 nevertheless.
func (f *Fetcher) open(ctx context.Context, uri string, from int64) (*body, error) {
	if scheme(uri) == "file" {
		return openFile(uri, from)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, errors.New("not a valid URI") // the error of url would repeat it
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept", "*/*")
	if from > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	resp, err := f.http.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, err
	}
	b, err := answer(resp, from)
	if err != nil {
		resp.Body.Close() // nothing is expected from it
		return nil, err
	}
	return b, nil
}

func answer(resp *http.Response, from int64) (*body, error) {
	switch resp.StatusCode {
	case http.StatusOK:
		return &body{ReadCloser: resp.Body, size: resp.ContentLength}, nil
	case http.StatusPartialContent:
		start, size, ok := parseContentRange(resp.Header.Get("Content-Range"))
		if !ok || start != from || from == 0 {
			return nil, &rangeError{fmt.Sprintf("asked for bytes from %d on, got %q", from, resp.Header.Get("Content-Range"))}
		}
		return &body{ReadCloser: resp.Body, from: start, size: size}, nil
	case http.StatusRequestedRangeNotSatisfiable:
		if from > 0 {
			return nil, &rangeError{resp.Status}
		}
	}
	return nil, &StatusError{Status: resp.Status, Code: resp.StatusCode}
}

// parseContentRange reads "bytes FIRST-LAST/SIZE", where SIZE may be "*": -1.
func parseContentRange(text string) (start, size int64, ok bool) {
	text, ok = strings.CutPrefix(text, "bytes ")
	span, whole, slash := strings.Cut(text, "/")
	first, last, dash := strings.Cut(span, "-")
	if !ok || !slash || !dash {
		return 0, 0, false
	}
	start, err1 := strconv.ParseInt(first, 10, 64)
	end, err2 := strconv.ParseInt(last, 10, 64)
	if err1 != nil || err2 != nil || start < 0 || end < start {
		return 0, 0, false
	}
	if whole == "*" {
		return start, -1, true
	}
	size, err := strconv.ParseInt(whole, 10, 64)
	return start, size, err == nil && end < size
}

func openFile(uri string, from int64) (*body, error) {
	u, err := url.Parse(uri)
	if err != nil || u.Host != "" && u.Host != "localhost" {
		return nil, errors.New("not a URI of a file on this machine")
	}
	st, err := os.Stat(u.Path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", u.Path)
	}
	in, err := os.Open(u.Path)
	if err != nil {
		return nil, err
	}
	if from > st.Size() {
		from = 0
	}
	if _, err := in.Seek(from, io.SeekStart); err != nil {
		in.Close() // it was only opened
		return nil, err
	}
	return &body{ReadCloser: in, from: from, size: st.Size()}, nil
}

// small fetches a small file into memory, by the user's command if there is one.
func (f *Fetcher) small(ctx context.Context, uri, name string) ([]byte, error) {
	if c := f.set.Commands.of(scheme(uri)); c != nil {
		return f.smallByCommand(ctx, c, uri, name)
	}
	if !served(scheme(uri)) {
		return nil, errors.New("there is no command for the protocol")
	}
	ctx, stall := watch(ctx, f.set.Stall)
	defer stall.stop()
	b, err := f.open(ctx, uri, 0)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	text, err := io.ReadAll(io.LimitReader(b, layoutLimit+1))
	if err == nil && len(text) > layoutLimit {
		err = errors.New("the answer is too large")
	}
	return text, err
}

// A StalledError says that a server sent nothing for too long.
type StalledError struct{ After time.Duration }

// Error tells how long.
func (e *StalledError) Error() string { return fmt.Sprintf("the server sent nothing for %s", e.After) }

// A stall ends a context if nobody is alive for some time.
type stall struct {
	after  time.Duration
	timer  *time.Timer
	cancel context.CancelFunc
	fired  atomic.Bool
}

func watch(ctx context.Context, after time.Duration) (context.Context, *stall) {
	ctx, cancel := context.WithCancel(ctx)
	s := &stall{after: after, cancel: cancel}
	s.timer = time.AfterFunc(after, func() {
		s.fired.Store(true)
		cancel()
	})
	return ctx, s
}

// alive puts off the end.
func (s *stall) alive() { s.timer.Reset(s.after) }

func (s *stall) stop() {
	s.timer.Stop()
	s.cancel()
}

// reason puts what happened in place of the error that it led to.
func (s *stall) reason(err error) error {
	if err != nil && s.fired.Load() {
		return &StalledError{After: s.after}
	}
	return err
}
