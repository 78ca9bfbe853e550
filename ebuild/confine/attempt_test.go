package confine_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/confine"
)

// attempt is what the test binary does when a test runs it confined: it tries
// something and prints "ok", with what it got, or the error.
func attempt(args []string) string {
	f, ok := attempts()[args[0]]
	if !ok {
		return "no such attempt: " + args[0]
	}
	got, err := f(args[1:])
	var errno syscall.Errno
	switch {
	case err == nil:
		return strings.TrimSpace("ok " + got)
	case errors.As(err, &errno):
		return unix.ErrnoName(errno)
	}
	return err.Error()
}

func errno(e syscall.Errno) (string, error) {
	if e != 0 {
		return "", e
	}
	return "", nil
}

func attempts() map[string]func(args []string) (string, error) {
	return map[string]func(args []string) (string, error){
		"read": func(a []string) (string, error) {
			text, err := os.ReadFile(a[0])
			return string(text), err
		},
		"list": func(a []string) (string, error) {
			entries, err := os.ReadDir(a[0])
			var names []string
			for _, e := range entries {
				names = append(names, e.Name())
			}
			return strings.Join(names, " "), err
		},
		"stat": func(a []string) (string, error) { _, err := os.Stat(a[0]); return "", err },
		"write": func(a []string) (string, error) {
			f, err := os.OpenFile(a[0], os.O_WRONLY|os.O_CREATE, 0o666)
			if err != nil {
				return "", err
			}
			_, err = f.WriteString("written")
			return "", err
		},
		"chmod":    func(a []string) (string, error) { return "", os.Chmod(a[0], 0o777) },
		"utime":    func(a []string) (string, error) { return "", os.Chtimes(a[0], time.Unix(1, 0), time.Unix(1, 0)) },
		"xattr":    func(a []string) (string, error) { return "", unix.Setxattr(a[0], "user.x", []byte("y"), 0) },
		"chown":    func(a []string) (string, error) { return "", os.Lchown(a[0], os.Getuid(), os.Getgid()) },
		"truncate": func(a []string) (string, error) { return "", os.Truncate(a[0], 0) },
		"remove":   func(a []string) (string, error) { return "", os.Remove(a[0]) },
		"rename":   func(a []string) (string, error) { return "", os.Rename(a[0], a[1]) },
		"link":     func(a []string) (string, error) { return "", os.Link(a[0], a[1]) },
		"symlink":  func(a []string) (string, error) { return "", os.Symlink(a[0], a[1]) },
		"mkdir":    func(a []string) (string, error) { return "", os.Mkdir(a[0], 0o777) },
		"mknod":    func(a []string) (string, error) { return "", unix.Mknod(a[0], unix.S_IFCHR|0o666, 0x103) },
		"exec": func(a []string) (string, error) {
			out, err := exec.Command(a[0], a[1:]...).CombinedOutput()
			return string(out), err
		},
		"env": func([]string) (string, error) { return strings.Join(os.Environ(), " "), nil },
		"kill": func(a []string) (string, error) {
			pid, err := strconv.Atoi(a[0])
			if err != nil {
				return "", err
			}
			return "", unix.Kill(pid, 0)
		},
		"ptrace": func(a []string) (string, error) {
			pid, err := strconv.Atoi(a[0])
			if err != nil {
				return "", err
			}
			_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(pid), 0, 0, 0, 0)
			return errno(e)
		},
		"memory of": func(a []string) (string, error) {
			pid, err := strconv.Atoi(a[0])
			if err != nil {
				return "", err
			}
			var b [1]byte
			local := []unix.Iovec{{Base: &b[0], Len: 1}}
			_, err = unix.ProcessVMReadv(pid, local, []unix.RemoteIovec{{Base: uintptr(unsafe.Pointer(&b[0])), Len: 1}}, 0)
			return "", err
		},
		"socket": func(a []string) (string, error) {
			family, err := strconv.Atoi(a[0])
			if err != nil {
				return "", err
			}
			_, err = unix.Socket(family, unix.SOCK_STREAM, 0)
			return "", err
		},
		"connect": func(a []string) (string, error) {
			c, err := net.DialTimeout(a[0], a[1], 2*time.Second)
			if err == nil {
				c.Close()
			}
			return "", err
		},
		"listen": func(a []string) (string, error) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return "", err
			}
			defer l.Close()
			c, err := net.Dial("tcp", l.Addr().String())
			if err == nil {
				c.Close()
			}
			return "", err
		},
		"unshare": func([]string) (string, error) { return "", unix.Unshare(unix.CLONE_NEWUSER) },
		"clone": func([]string) (string, error) {
			_, _, e := unix.RawSyscall6(unix.SYS_CLONE, unix.CLONE_NEWUSER|uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
			return errno(e)
		},
		"clone3": func([]string) (string, error) { _, _, e := unix.RawSyscall(unix.SYS_CLONE3, 0, 0, 0); return errno(e) },
		"mount":  func(a []string) (string, error) { return "", unix.Mount("none", a[0], "tmpfs", 0, "") },
		"bpf":    func([]string) (string, error) { _, _, e := unix.RawSyscall(unix.SYS_BPF, 0, 0, 0); return errno(e) },
		"keyctl": func([]string) (string, error) { _, err := unix.KeyctlGetKeyringID(-3, true); return "", err },
		"module": func([]string) (string, error) { return "", unix.DeleteModule("none", 0) },
		"kexec": func([]string) (string, error) {
			_, _, e := unix.RawSyscall6(unix.SYS_KEXEC_LOAD, 0, 0, 0, 0, 0, 0)
			return errno(e)
		},
		"io_uring": func([]string) (string, error) {
			_, _, e := unix.RawSyscall(unix.SYS_IO_URING_SETUP, 1, 0, 0)
			return errno(e)
		},
		"tiocsti": func([]string) (string, error) {
			b := byte('x')
			_, _, e := unix.RawSyscall(unix.SYS_IOCTL, 0, unix.TIOCSTI, uintptr(unsafe.Pointer(&b)))
			return errno(e)
		},
		"listener": func([]string) (string, error) {
			_, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, 0)
			return errno(e)
		},
		"status": func(a []string) (string, error) {
			text, err := os.ReadFile("/proc/self/status")
			for _, line := range strings.Split(string(text), "\n") {
				if value, ok := strings.CutPrefix(line, a[0]+":"); ok {
					return strings.TrimSpace(value), err
				}
			}
			return "", err
		},
		"user": func([]string) (string, error) { return fmt.Sprint(os.Getuid(), os.Getgid()), nil },
		"name": func([]string) (string, error) { return os.Hostname() },
		"dir":  func([]string) (string, error) { return os.Getwd() },
		"sysv": func(a []string) (string, error) {
			id, err := strconv.Atoi(a[0])
			if err != nil {
				return "", err
			}
			_, err = unix.SysvShmAttach(id, 0, unix.SHM_RDONLY)
			return "", err
		},
		"descriptor": func(a []string) (string, error) {
			fd, err := strconv.Atoi(a[0])
			if err != nil {
				return "", err
			}
			_, err = unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
			return "", err
		},
		"map": func(a []string) (string, error) {
			n, err := strconv.Atoi(a[0])
			if err != nil {
				return "", err
			}
			_, err = unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
			return "", err
		},
		"grow": func(a []string) (string, error) {
			signal.Ignore(unix.SIGXFSZ)
			n, err := strconv.Atoi(a[1])
			if err != nil {
				return "", err
			}
			f, err := os.Create(a[0])
			if err != nil {
				return "", err
			}
			_, err = f.Write(make([]byte, n))
			return "", err
		},
		"open many": func([]string) (string, error) {
			for n := 0; n < 1000; n++ {
				if _, err := unix.Open("/dev/null", unix.O_RDONLY, 0); err != nil {
					return "", err
				}
			}
			return "", nil
		},
		"spin": func([]string) (string, error) {
			for n := 0; ; n++ {
				if n < 0 {
					return "", nil
				}
			}
		},
		"probe":  func([]string) (string, error) { return confine.Probe().String(), nil },
		"nest":   nest,
		"inside": inside,
		"parent": func(a []string) (string, error) {
			p := confine.Policy{Exec: append(libraries(), a[0]), OwnUsers: true}
			cmd, err := confine.Command(context.Background(), p, a[0], "-c", "while :; do read -t 1000 <> <(:); done")
			if err != nil {
				return "", err
			}
			cmd.ExtraFiles = []*os.File{os.NewFile(3, "pipe")}
			if err := cmd.Start(); err != nil {
				return "", err
			}
			fmt.Println("started")
			return "", cmd.Wait()
		},
	}
}

// inside makes an attempt confined to the libraries and this program; the first
// argument names a part that may be missing, or none.
func inside(args []string) (string, error) {
	p := confine.Policy{Exec: append(libraries(), self())}
	if args[0] != "" {
		part, err := confine.ParsePart(args[0])
		if err != nil {
			return "", err
		}
		p.Allow = []confine.Part{part}
	}
	cmd, err := confine.Command(context.Background(), p, append([]string{self(), "attempt"}, args[1:]...)...)
	if err != nil {
		return "", err
	}
	out, err := cmd.CombinedOutput()
	text := strings.TrimSpace(string(out))
	for _, m := range cmd.Missing() {
		text += " " + m.Part.String()
	}
	return text, err
}

// nest runs a confined program from within a confined one, allowing the parts
// named to be missing.
func nest(args []string) (string, error) {
	p := confine.Policy{Exec: []string{"/"}, Network: confine.NetHost}
	for _, name := range args {
		part, err := confine.ParsePart(name)
		if err != nil {
			return "", err
		}
		p.Allow = append(p.Allow, part)
	}
	cmd, err := confine.Command(context.Background(), p, self(), "attempt", "user")
	if err != nil {
		return "", err
	}
	out, err := cmd.CombinedOutput()
	text := string(out)
	for _, m := range cmd.Missing() {
		text += m.Part.String() + " "
	}
	return text, err
}

func self() string {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return path
}
