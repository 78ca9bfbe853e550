package confine

import (
	"errors"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An Answer is what becomes of a watched call.
type Answer struct {
	Continue bool          // the kernel goes on with it
	Errno    syscall.Errno // else it fails so
	File     *os.File      // else it gives a descriptor of this file, which is then closed here
	Exec     bool          // the descriptor is closed on exec
}

// The kernel's struct seccomp_notif, seccomp_notif_resp and seccomp_notif_addfd.
type notification struct {
	id     uint64
	pid    uint32
	flags  uint32
	number int32
	arch   uint32
	ip     uint64
	args   [6]uint64
}

type response struct {
	id    uint64
	value int64
	errno int32
	flags uint32
}

type addition struct {
	id       uint64
	flags    uint32
	file     uint32
	newFile  uint32
	newFlags uint32
}

// A listener receives the watched calls of a process and its children.
type listener struct {
	fd    int
	calls map[uint32]watched
	judge func(*Access) Answer
	names *resolver
	end   [2]int // a pipe, closed when there is nobody to hear any more
	done  chan struct{}
}

func newListener(fd int, judge func(*Access) Answer) (*listener, error) {
	l := &listener{fd: fd, calls: map[uint32]watched{}, judge: judge, names: newResolver(), done: make(chan struct{})}
	for _, c := range watchedCalls() {
		l.calls[c.number] = c
	}
	return l, unix.Pipe2(l.end[:], unix.O_CLOEXEC)
}

// close ends serve and waits for it.
func (l *listener) close() {
	unix.Close(l.end[1])
	<-l.done
	unix.Close(l.end[0])
}

// serve answers calls until the last process has gone, or close is called.
func (l *listener) serve() {
	defer close(l.done)
	defer unix.Close(l.fd)
	defer l.names.close()
	// Caller and judge take turns: let them share a processor. Kernels before 6.6
	// do not know it.
	_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(l.fd), unix.SECCOMP_IOCTL_NOTIF_SET_FLAGS, unix.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
	for {
		poll := []unix.PollFd{{Fd: int32(l.fd), Events: unix.POLLIN}, {Fd: int32(l.end[0])}}
		if _, err := unix.Poll(poll, -1); errors.Is(err, unix.EINTR) {
			continue
		}
		if poll[0].Revents&unix.POLLIN == 0 {
			return
		}
		var n notification
		if err := l.ioctl(unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&n)); err != nil {
			if errors.Is(err, unix.EINTR) || errors.Is(err, unix.ENOENT) { // the caller was killed meanwhile
				continue
			}
			return
		}
		l.respond(&n, l.answer(&n))
	}
}

func (l *listener) answer(n *notification) Answer {
	c, ok := l.calls[uint32(n.number)]
	if !ok {
		return Answer{Errno: unix.ENOSYS}
	}
	access, err := l.names.newAccess(c, n)
	if err != nil {
		// The kernel finds the same fault, or the caller has gone.
		return Answer{Continue: true}
	}
	return l.judge(access)
}

func (l *listener) respond(n *notification, a Answer) {
	if a.File != nil {
		defer a.File.Close()
		add := addition{id: n.id, flags: unix.SECCOMP_ADDFD_FLAG_SEND, file: uint32(a.File.Fd())}
		if a.Exec {
			add.newFlags = unix.O_CLOEXEC
		}
		if err := l.ioctl(unix.SECCOMP_IOCTL_NOTIF_ADDFD, unsafe.Pointer(&add)); err == nil || errors.Is(err, unix.ENOENT) {
			return
		}
		a = Answer{Errno: unix.EMFILE}
	}
	r := response{id: n.id, errno: -int32(a.Errno)}
	if a.Continue {
		r = response{id: n.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
	}
	// An error means that the caller has gone.
	_ = l.ioctl(unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&r))
}

func (l *listener) ioctl(request uintptr, arg unsafe.Pointer) error {
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(l.fd), request, uintptr(arg)); e != 0 {
		return e
	}
	return nil
}
