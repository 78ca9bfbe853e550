package confine

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// raiseLoopback sets the loopback interface of this network namespace up; the
// kernel gives it 127.0.0.1 and ::1.
func raiseLoopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open a socket: %w", err)
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if _, _, e := unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCSIFFLAGS, uintptr(unsafe.Pointer(request))); e != 0 {
		return fmt.Errorf("raise the loopback interface: %w", e)
	}
	return nil
}
