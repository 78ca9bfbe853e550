package confine

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls here are made without telling the runtime, as they wait for nobody: each
// of the usual ones wakes the runtime's watchdog up if all was quiet before, which
// takes longer than to judge a call.

// promptPoll tells what can be had of a descriptor now.
func promptPoll(fd int) (events int16, err error) {
	list := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	var now unix.Timespec
	_, _, e := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&list)), 1, uintptr(unsafe.Pointer(&now)), 0, 0, 0)
	return list[0].Revents, failed(e)
}

// promptReadlink gives what a link holds.
func promptReadlink(dir int, name string) (string, error) {
	p, err := unix.BytePtrFromString(name)
	if err != nil {
		return "", err
	}
	var buf [maxPath]byte
	size, _, e := unix.RawSyscall6(unix.SYS_READLINKAT, uintptr(dir), uintptr(unsafe.Pointer(p)), uintptr(unsafe.Pointer(&buf)), maxPath, 0, 0)
	runtime.KeepAlive(p)
	if e != 0 {
		return "", e
	}
	return string(buf[:size]), nil
}

// promptOpen opens a folder below a root, as a place only.
func promptOpen(root int, dir string) (int, error) {
	p, err := unix.BytePtrFromString(dir)
	if err != nil {
		return -1, err
	}
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC | unix.O_DIRECTORY, Resolve: unix.RESOLVE_IN_ROOT}
	fd, _, e := unix.RawSyscall6(unix.SYS_OPENAT2, uintptr(root), uintptr(unsafe.Pointer(p)), uintptr(unsafe.Pointer(&how)), unsafe.Sizeof(how), 0, 0)
	runtime.KeepAlive(p)
	return int(fd), failed(e)
}

// promptClose closes a place.
func promptClose(fd int) {
	_, _, _ = unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0)
}

// promptRead reads memory of a process, and says how much there was.
func promptRead(pid int, at uintptr, into []byte) (int, error) {
	local := unix.Iovec{Base: &into[0]}
	local.SetLen(len(into))
	remote := unix.RemoteIovec{Base: at, Len: len(into)}
	n, _, e := unix.RawSyscall6(unix.SYS_PROCESS_VM_READV, uintptr(pid), uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1, 0)
	runtime.KeepAlive(into)
	if e != 0 {
		return 0, e
	}
	return int(n), nil
}

func failed(e unix.Errno) error {
	if e != 0 {
		return e
	}
	return nil
}
