package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/manifest"
)

// download tries the sources one after the other until one gives the right file.
func (j *job) download(ctx context.Context) error {
	route := j.f.set.route(j.file, j.request.Restrict)
	for _, p := range route.problems {
		j.try("", p)
	}
	tried := map[string]bool{}
	wrong := 0
	for queue := route.all; len(queue) > 0; {
		uri := queue[0].uri
		if queue[0].mirror != "" {
			uri = j.f.layouts.uri(ctx, queue[0].mirror, j.file)
		}
		queue = queue[1:]
		if tried[uri] {
			continue
		}
		tried[uri] = true
		err := j.from(ctx, uri)
		if err == nil {
			j.result.State, j.result.From = Fetched, uri
			return j.admit()
		}
		if interrupted(ctx, err) {
			return fmt.Errorf("fetch %s from %s: %w", j.file.Name, hidePassword(uri), err)
		}
		j.try(uri, err)
		var fault *manifest.FileError
		if !errors.As(err, &fault) {
			continue
		}
		if wrong++; wrong == primaryAfter {
			queue = append(append([]source{}, route.primary...), queue...)
		}
		if wrong >= j.f.set.Tries {
			break
		}
	}
	return &FailedError{Name: j.file.Name, Restricted: j.request.Restrict.Fetch, Tried: j.result.Tried}
}

// from gets the file from one URI. A *manifest.FileError says that the server has
// another file; what came of that is set aside. After other errors the part may be
// continued with the next source.
func (j *job) from(ctx context.Context, uri string) error {
	c := j.f.set.Commands.of(scheme(uri))
	if c == nil && !served(scheme(uri)) {
		return fmt.Errorf("there is no command for the protocol %q", scheme(uri))
	}
	if c != nil {
		return j.byCommand(ctx, c, uri)
	}
	var err error
	for range attempts {
		before := j.result.Bytes
		err = j.byClient(ctx, uri)
		var dropped *DroppedError
		if !errors.As(err, &dropped) || interrupted(ctx, err) || j.result.Bytes == before {
			break // done, or it would only be the same again
		}
	}
	return err
}

// A DroppedError says that a connection ended before the file did.
type DroppedError struct {
	Got, Want int64 // bytes; Want is -1 if unknown
	Err       error
}

// Error tells how far it came.
func (e *DroppedError) Error() string {
	want := "?"
	if e.Want >= 0 {
		want = fmt.Sprint(e.Want)
	}
	return fmt.Sprintf("connection ended after %d of %s bytes: %s", e.Got, want, e.Err)
}

// Unwrap gives the error of the connection.
func (e *DroppedError) Unwrap() error { return e.Err }

// start says from which byte on the part is continued; a part that is not worth it
// is dropped.
func (j *job) start() int64 {
	st, err := os.Stat(j.part)
	if err != nil || !j.resume || st.Size() < j.f.set.ResumeMin || j.file.known() && st.Size() >= j.file.Entry.Size {
		return 0
	}
	return st.Size()
}

// byClient gets the file with the built-in client.
func (j *job) byClient(ctx context.Context, uri string) error {
	ctx, stall := watch(ctx, j.f.set.Stall)
	defer stall.stop()
	from := j.start()
	body, err := j.f.open(ctx, uri, from)
	var r *rangeError
	if errors.As(err, &r) { // what is there does not fit what the server has
		body, err = j.f.open(ctx, uri, 0)
	}
	if err != nil {
		return stall.reason(err)
	}
	defer body.Close()
	e := Event{Kind: EventStart, Name: j.file.Name, CPV: j.request.CPV, URI: uri, From: body.from, Bytes: body.from, Size: body.size}
	if j.file.known() {
		e.Size = j.file.Entry.Size
		if body.size >= 0 && body.size != e.Size {
			return j.file.manifest().CheckSize(j.file.Entry, hidePassword(uri), body.size)
		}
	}
	j.f.event(e)
	sums, size, err := j.receive(ctx, body, e, stall)
	if err != nil {
		return err
	}
	return j.judge(uri, size, sums)
}

// receive writes the body to the part, and hashes it with what was there.
func (j *job) receive(ctx context.Context, body *body, e Event, stall *stall) (sums []manifest.Hash, size int64, err error) {
	digest, err := manifest.NewDigester(j.file.Entry.Names(j.f.set.Filter))
	if err != nil {
		return nil, 0, err
	}
	defer digest.Close()
	out, err := j.openPart(body.from, digest)
	if err != nil {
		return nil, 0, err
	}
	j.resume = true // whatever comes now
	size, err = j.copy(ctx, out, body, digest, e, stall)
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, 0, err
	}
	return digest.Sum(), size, nil
}

// openPart opens the part for the bytes from an offset on; those before are hashed.
func (j *job) openPart(from int64, digest io.Writer) (*os.File, error) {
	if from == 0 {
		return os.OpenFile(j.part, partFlags|os.O_TRUNC, fileMode)
	}
	f, err := os.OpenFile(j.part, os.O_RDWR|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	if _, err := io.CopyN(digest, f, from); err != nil {
		f.Close() // nothing was written
		return nil, fmt.Errorf("read partial file: %w", err)
	}
	return f, nil
}

// progressStep is how many bytes arrive between two events.
const progressStep = 256 << 10

// copy moves bytes until the body ends, or there are more than the file has.
func (j *job) copy(ctx context.Context, out io.Writer, body *body, digest io.Writer, e Event, stall *stall) (size int64, err error) {
	buf := make([]byte, 64<<10)
	size, told := body.from, body.from
	for {
		n, rerr := body.Read(buf)
		stall.alive()
		if n > 0 {
			j.result.Bytes += int64(n)
			if j.file.known() && size+int64(n) > j.file.Entry.Size {
				// The surplus is dropped, so that the part tells what it was.
				return size + int64(n), nil
			}
			if _, err := out.Write(buf[:n]); err != nil {
				return size, err
			}
			_, _ = digest.Write(buf[:n]) // a hash never fails
			size += int64(n)
		}
		if size-told >= progressStep || rerr != nil && size > told {
			told = size
			e.Kind, e.Bytes = EventProgress, size
			j.f.event(e)
		}
		if errors.Is(rerr, io.EOF) && (body.size < 0 || size >= body.size) {
			return size, nil
		}
		if rerr != nil {
			if ctx.Err() != nil && stall.reason(rerr) == rerr {
				return size, ctx.Err()
			}
			return size, &DroppedError{Got: size, Want: e.Size, Err: stall.reason(rerr)}
		}
	}
}

// judge decides about a transfer that came to its end.
func (j *job) judge(uri string, size int64, sums []manifest.Hash) error {
	if !j.file.known() {
		if size == 0 {
			return errors.Join(errors.New("the answer is empty"), os.Remove(j.part))
		}
		return nil
	}
	m := j.file.manifest()
	err := m.CheckSize(j.file.Entry, hidePassword(uri), size)
	if err == nil && len(sums) == 0 {
		err = m.Fail(j.file.Entry, hidePassword(uri), manifest.NoHash)
	}
	if err == nil {
		err = m.CheckSums(j.file.Entry, hidePassword(uri), sums)
	}
	if err == nil {
		return nil
	}
	j.resume = false
	if size == 0 {
		return errors.Join(err, os.Remove(j.part))
	}
	if aside := j.SetAside(j.part); aside != nil {
		return errors.Join(err, aside)
	}
	return err
}
