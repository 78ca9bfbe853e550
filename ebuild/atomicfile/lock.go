package atomicfile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// ErrLocked says that another holder has the lock.
var ErrLocked = errors.New("locked by another process")

// A Mode is how a lock is shared.
type Mode uint8

const (
	Shared    Mode = iota // many readers
	Exclusive             // one writer, no reader
)

// String names the mode.
func (m Mode) String() string {
	switch m {
	case Shared:
		return "shared"
	case Exclusive:
		return "exclusive"
	}
	return fmt.Sprintf("Mode(%d)", uint8(m))
}

// A Lock is held from [TryAcquire] or [Acquire] until Release, or until the
// process ends.
//
// Locks are open file description locks on the whole file: like flock(2) they
// belong to the open file, not to the process (two locks of one process exclude
// each other, closing an unrelated descriptor loses nothing), and unlike
// flock(2) they exclude the fcntl(2) locks that Portage takes on the same file.
type Lock struct {
	file *os.File
	path string
}

// pollInterval is how often Acquire asks for a lock that is taken. The kernel's
// blocking call cannot be given up when the context ends.
const pollInterval = 10 * time.Millisecond

// Acquire locks the file at path, creating it (with bits 0666 less the umask) if
// it is missing, and waits until it is free or ctx is done.
func Acquire(ctx context.Context, path string, mode Mode) (*Lock, error) {
	for {
		l, err := TryAcquire(path, mode)
		if !errors.Is(err, ErrLocked) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("lock %s: %w", path, ctx.Err())
		case <-time.After(pollInterval):
		}
	}
}

// TryAcquire locks the file at path without waiting. The error is ErrLocked if
// somebody else has the lock.
func TryAcquire(path string, mode Mode) (*Lock, error) {
	for {
		l, err := tryOnce(path, mode)
		if err != nil {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if l.current(path) {
			return l, nil
		}
		l.Release() // the file was removed or replaced while we waited for it
	}
}

func tryOnce(path string, mode Mode) (*Lock, error) {
	flags := os.O_RDWR | os.O_CREATE
	kind := int16(unix.F_WRLCK)
	if mode == Shared {
		kind = unix.F_RDLCK
	}
	f, err := os.OpenFile(path, flags, 0o666)
	if err != nil && mode == Shared {
		f, err = os.Open(path) // a reader needs no right to write
	}
	if err != nil {
		return nil, err
	}
	how := unix.Flock_t{Type: kind}
	err = unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &how)
	if err == nil {
		return &Lock{file: f, path: path}, nil
	}
	f.Close() // nothing was written
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EACCES) {
		err = ErrLocked
	}
	return nil, err
}

// current says whether path still names the locked file: holders may remove the
// lock file before they let go, as Portage does.
func (l *Lock) current(path string) bool {
	mine, err := l.file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(mine, named)
}

// Release lets go of the lock. The lock file stays. Releasing twice does nothing.
func (l *Lock) Release() {
	if l.file != nil {
		l.file.Close() // closing the description drops the lock
		l.file = nil
	}
}

// Remove removes the lock file and lets go of the lock: whoever waits for it takes
// a new one, as Portage does after its own. It is for locks whose files are seen by
// others as a sign that something is at work.
func (l *Lock) Remove() {
	if l.file != nil && l.current(l.path) {
		_ = os.Remove(l.path) // a file that stays does no harm
	}
	l.Release()
}
