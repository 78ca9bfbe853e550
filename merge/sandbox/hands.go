package sandbox

import (
	"encoding/binary"
	"errors"
	"os"
	"path"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/confine"
)

// perform does a call in place of a phase that may do it only since it has said
// so, as the user who called. The thread takes on the user for so long. It must
// not end: what other goroutines have started from it would end too.
func perform(a *confine.Access) confine.Answer {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	restore, err := become(a.PID)
	if err != nil {
		return confine.Answer{Errno: unix.EACCES}
	}
	defer restore()
	f, err := act(a)
	var errno syscall.Errno
	switch {
	case errors.As(err, &errno):
		return confine.Answer{Errno: errno}
	case err != nil:
		return confine.Answer{Errno: unix.EACCES}
	}
	return confine.Answer{File: f, Exec: a.Flags&unix.O_CLOEXEC != 0}
}

// become gives this thread the user and groups of a process, for files. Without
// root there is only one user.
func become(pid int) (restore func(), err error) {
	if unix.Geteuid() != 0 {
		return func() {}, nil
	}
	uid, gid := lastNumber(status(pid, "Uid")), lastNumber(status(pid, "Gid"))
	if uid < 0 || gid < 0 {
		return nil, unix.ESRCH
	}
	own, err := unix.Getgroups()
	if err != nil {
		return nil, err
	}
	var groups []uint32
	for _, word := range strings.Fields(status(pid, "Groups")) {
		n, _ := strconv.ParseUint(word, 10, 32) // the kernel writes numbers
		groups = append(groups, uint32(n))
	}
	setUser(groups, uid, gid)
	return func() {
		var back []uint32
		for _, g := range own {
			back = append(back, uint32(g))
		}
		setUser(back, 0, 0)
	}, nil
}

// setUser changes this thread only. Root's capabilities over files go with the
// user and come back with it.
func setUser(groups []uint32, uid, gid int) {
	_, _, _ = unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(groups)), uintptr(unsafe.Pointer(unsafe.SliceData(groups))), 0)
	_, _, _ = unix.RawSyscall(unix.SYS_SETFSGID, uintptr(gid), 0, 0)
	_, _, _ = unix.RawSyscall(unix.SYS_SETFSUID, uintptr(uid), 0, 0)
}

// lastNumber reads the last of several numbers: in Uid and Gid lines that of files.
func lastNumber(text string) int {
	words := strings.Fields(text)
	if len(words) == 0 {
		return -1
	}
	n, err := strconv.Atoi(words[len(words)-1])
	if err != nil {
		return -1
	}
	return n
}

// A place is a name in a folder that is open.
type place struct {
	dir  int
	name string
}

// open opens the folder of a resolved name, in which no link may have come since.
func open(n *confine.Name) (place, error) {
	dir, err := unix.Openat2(unix.AT_FDCWD, path.Dir(n.Resolved), &unix.OpenHow{
		Flags: unix.O_PATH | unix.O_CLOEXEC | unix.O_DIRECTORY, Resolve: unix.RESOLVE_NO_SYMLINKS,
	})
	return place{dir, path.Base(n.Resolved)}, err
}

// act does a call. The file is what open gives.
func act(a *confine.Access) (*os.File, error) {
	at, err := open(&a.Target)
	if err != nil {
		return nil, err
	}
	defer unix.Close(at.dir)
	mode := a.Mode &^ umask(a.PID)
	switch a.Op {
	case confine.OpOpen:
		return at.open(a, mode)
	case confine.OpMkdir:
		return nil, at.setMode(unix.Mkdirat(at.dir, at.name, mode), mode)
	case confine.OpMknod:
		return nil, at.setMode(unix.Mknodat(at.dir, at.name, mode, int(a.Args[lastArg(a)])), mode)
	case confine.OpUnlink:
		return nil, unix.Unlinkat(at.dir, at.name, a.Flags&unix.AT_REMOVEDIR)
	case confine.OpSymlink:
		return nil, unix.Symlinkat(a.Other.Given, at.dir, at.name)
	case confine.OpRename, confine.OpLink:
		return nil, at.from(a)
	case confine.OpAccess:
		return nil, unix.Faccessat(at.dir, at.name, a.Mode, 0)
	}
	return nil, at.change(a)
}

// lastArg is the argument with mknod's device.
func lastArg(a *confine.Access) int {
	if a.Call == "mknod" {
		return 2
	}
	return 3
}

func umask(pid int) uint32 {
	n, err := strconv.ParseUint(status(pid, "Umask"), 8, 32)
	if err != nil {
		return 0o022
	}
	return uint32(n)
}

// setMode gives what was just made its mode, from which the umask of this process
// has taken something. The error is that of the making, or its own.
func (at place) setMode(err error, mode uint32) error {
	if err != nil {
		return err
	}
	fd, err := unix.Openat(at.dir, at.name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Chmod("/proc/self/fd/"+strconv.Itoa(fd), mode&^unix.S_IFMT)
}

// open opens or makes a file.
func (at place) open(a *confine.Access, mode uint32) (*os.File, error) {
	flags := a.Flags | unix.O_NOFOLLOW | unix.O_CLOEXEC
	if flags&unix.O_CREAT != 0 {
		fd, err := unix.Openat(at.dir, at.name, flags|unix.O_EXCL, mode)
		if err == nil {
			return at.file(fd, unix.Fchmod(fd, mode&0o7777))
		}
		if !errors.Is(err, unix.EEXIST) || flags&unix.O_EXCL != 0 {
			return nil, err
		}
		flags &^= unix.O_CREAT
	}
	return at.openExisting(flags, mode)
}

// openExisting opens what is there. A pipe without a reader is not waited for.
func (at place) openExisting(flags int, mode uint32) (*os.File, error) {
	var st unix.Stat_t
	waits := flags&unix.O_NONBLOCK == 0 && unix.Fstatat(at.dir, at.name, &st, unix.AT_SYMLINK_NOFOLLOW) == nil && st.Mode&unix.S_IFMT == unix.S_IFIFO
	if waits {
		flags |= unix.O_NONBLOCK
	}
	fd, err := unix.Openat(at.dir, at.name, flags, mode) // the mode is for files without a name
	if err == nil && waits {
		return at.file(fd, unix.SetNonblock(fd, false))
	}
	return at.file(fd, err)
}

// file makes a file of a descriptor, unless there is an error.
func (at place) file(fd int, err error) (*os.File, error) {
	if err != nil {
		if fd >= 0 {
			unix.Close(fd)
		}
		return nil, err
	}
	return os.NewFile(uintptr(fd), at.name), nil
}

// from does calls with two names.
func (at place) from(a *confine.Access) error {
	old, err := open(&a.Other)
	if err != nil {
		return err
	}
	defer unix.Close(old.dir)
	if a.Op == confine.OpLink {
		return unix.Linkat(old.dir, old.name, at.dir, at.name, 0)
	}
	flags := uint(0)
	if a.Call == "renameat2" {
		flags = uint(a.Flags)
	}
	return unix.Renameat2(old.dir, old.name, at.dir, at.name, flags)
}

// change does calls that change what is there.
func (at place) change(a *confine.Access) error {
	fd, err := unix.Openat(at.dir, at.name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	itself := "/proc/self/fd/" + strconv.Itoa(fd)
	switch a.Op {
	case confine.OpChmod:
		return unix.Chmod(itself, a.Mode)
	case confine.OpChown:
		ids := a.Args[1:]
		if a.Call == "fchownat" {
			ids = a.Args[2:]
		}
		return unix.Fchownat(fd, "", int(int32(ids[0])), int(int32(ids[1])), unix.AT_EMPTY_PATH)
	case confine.OpTruncate:
		return unix.Truncate(itself, int64(a.Args[1]))
	case confine.OpUtime:
		times, err := readTimes(a)
		if err != nil {
			return err
		}
		return unix.UtimesNanoAt(unix.AT_FDCWD, itself, times, 0)
	}
	return unix.EOPNOTSUPP // extended attributes
}

// readTimes reads the times of utimensat, futimesat, utimes or utime.
func readTimes(a *confine.Access) ([]unix.Timespec, error) {
	now := []unix.Timespec{{Nsec: unix.UTIME_NOW}, {Nsec: unix.UTIME_NOW}}
	at := a.Args[1]
	if a.Call == "utimensat" || a.Call == "futimesat" {
		at = a.Args[2]
	}
	if at == 0 {
		return now, nil
	}
	var buf [32]byte
	text := buf[:]
	if a.Call == "utime" {
		text = buf[:16]
	}
	if err := a.ReadMemory(at, text); err != nil {
		return nil, err
	}
	number := func(i int) int64 { return int64(binary.NativeEndian.Uint64(buf[8*i:])) }
	if a.Call == "utime" {
		return []unix.Timespec{unix.NsecToTimespec(number(0) * 1e9), unix.NsecToTimespec(number(1) * 1e9)}, nil
	}
	scale := int64(1)
	if a.Call != "utimensat" {
		scale = 1000
	}
	times := now
	for i := range times {
		times[i].Sec = number(2 * i)
		times[i].Nsec = number(2*i+1) * scale
	}
	return times, nil
}
