package confine

import (
	"errors"
	"os"
	"runtime"
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
	ready *os.File // an epoll descriptor: readable while there is a call to judge
	calls map[uint32]watched
	judge func(*Access) Answer
	names *resolver
	done  chan struct{}
}

// newListener takes over the listening descriptor. Calls are waited for by the
// runtime's poller. A thread that waits in the kernel instead seems busy to the
// runtime, whose watchdog then wakes up every 20 microseconds beside it. The poller
// asks for all that may happen to a descriptor, and so would be woken twice for each
// call; hence the epoll descriptor between.
func newListener(fd int, judge func(*Access) Answer) (*listener, error) {
	l := &listener{fd: fd, calls: map[uint32]watched{}, judge: judge, names: newResolver(), done: make(chan struct{})}
	for _, c := range watchedCalls() {
		l.calls[c.number] = c
	}
	ready, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if err = unix.EpollCtl(ready, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN}); err == nil {
		err = unix.SetNonblock(ready, true) // else the poller does not take it
	}
	if err != nil {
		unix.Close(ready)
		return nil, os.NewSyscallError("epoll_ctl", err)
	}
	l.ready = os.NewFile(uintptr(ready), "watched calls")
	return l, nil
}

// close ends serve and waits for it.
func (l *listener) close() {
	l.ready.Close() // that nobody is heard any more is all that is wanted
	<-l.done
}

// serve answers calls until the last process has gone, or close is called.
func (l *listener) serve() {
	defer close(l.done)
	defer unix.Close(l.fd)
	defer l.names.close()
	// Caller and judge take turns: let them share a processor. Kernels before 6.6
	// do not know it.
	_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(l.fd), unix.SECCOMP_IOCTL_NOTIF_SET_FLAGS, unix.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
	waiting, err := l.ready.SyscallConn()
	if err != nil {
		return // closed already
	}
	// An error means that it has been closed.
	_ = waiting.Read(func(uintptr) (ended bool) { return l.hear() })
}

// hear answers the calls that wait. It says whether no more can come.
func (l *listener) hear() (ended bool) {
	for {
		switch events, err := promptPoll(l.fd); {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return true
		case events&unix.POLLIN == 0:
			return events != 0
		}
		var n notification
		if err := l.ioctl(unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&n)); err != nil {
			if errors.Is(err, unix.ENOENT) { // the caller was killed meanwhile
				continue
			}
			return true
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
		if err := l.give(&add); err == nil || errors.Is(err, unix.ENOENT) {
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

// give puts a descriptor into the caller and lets it go on. A signal meanwhile would
// let it go on without: its call seems to have given descriptor 0.
func (l *listener) give(a *addition) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	all, before := unix.Sigset_t{}, unix.Sigset_t{}
	for i := range all.Val {
		all.Val[i] = ^all.Val[i]
	}
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &all, &before); err != nil {
		return err
	}
	_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(l.fd), unix.SECCOMP_IOCTL_NOTIF_ADDFD, uintptr(unsafe.Pointer(a)))
	return errors.Join(failed(e), unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil))
}

func (l *listener) ioctl(request uintptr, arg unsafe.Pointer) error {
	for {
		_, _, e := unix.RawSyscall(unix.SYS_IOCTL, uintptr(l.fd), request, uintptr(arg))
		if e != unix.EINTR {
			return failed(e)
		}
	}
}
