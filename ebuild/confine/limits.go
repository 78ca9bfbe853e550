package confine

import (
	"fmt"
	"runtime/debug"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A limit is one resource limit to set.
type limit struct {
	resource int
	name     string
	value    uint64
}

// list gives the limits that are set, without the one of memory.
func (l Limits) list() []limit {
	all := []limit{
		{unix.RLIMIT_CPU, "CPU time", uint64((l.CPU + time.Second - 1) / time.Second)},
		{unix.RLIMIT_FSIZE, "file size", uint64(l.FileSize)},
		{unix.RLIMIT_NPROC, "processes", uint64(l.Processes)},
		{unix.RLIMIT_NOFILE, "open files", uint64(l.OpenFiles)},
	}
	set := all[:0]
	for _, one := range all {
		if one.value > 0 {
			set = append(set, one)
		}
	}
	return set
}

// set lowers the limits of this process for good, and forbids core dumps. The
// limit of memory waits for becomeLimited, as this process needs more of it than
// the program will.
func (l Limits) set() error {
	for _, one := range append(l.list(), limit{unix.RLIMIT_CORE, "core dumps", 0}) {
		// A limit of the caller that is lower already stays.
		var now unix.Rlimit
		if err := unix.Getrlimit(one.resource, &now); err != nil {
			return fmt.Errorf("read limit of %s: %w", one.name, err)
		}
		value := min(one.value, now.Max)
		if err := unix.Setrlimit(one.resource, &unix.Rlimit{Cur: value, Max: value}); err != nil {
			return fmt.Errorf("limit %s to %d: %w", one.name, value, err)
		}
	}
	return nil
}

// usualFiles is the limit of open files that programs start with on most systems.
const usualFiles = 1024

// becomeLimited limits memory and becomes the program. This process has more
// address space than the limit, so that it cannot get any memory in between: all
// that the calls need is made before, and nothing is collected.
func (r *request) becomeLimited() error {
	if r.Policy.Limits.OpenFiles <= 0 {
		// The runtime has raised the limit for itself, which syscall.Exec takes back.
		var files unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
			return &partError{PartLimits, fmt.Errorf("read limit of open files: %w", err)}
		}
		files.Cur = min(files.Cur, usualFiles)
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
			return &partError{PartLimits, fmt.Errorf("limit open files to %d: %w", files.Cur, err)}
		}
	}
	path, err := syscall.BytePtrFromString(r.Path)
	if err != nil {
		return execError(r, err)
	}
	args, err := syscall.SlicePtrFromStrings(r.Args)
	if err != nil {
		return execError(r, err)
	}
	env, err := syscall.SlicePtrFromStrings(r.Env)
	if err != nil {
		return execError(r, err)
	}
	debug.SetGCPercent(-1)
	value := uint64(r.Policy.Limits.Memory)
	limit := unix.Rlimit{Cur: value, Max: value}
	_, _, e := unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_AS, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	if e != 0 {
		return &partError{PartLimits, fmt.Errorf("limit memory to %d: %w", value, e)}
	}
	_, _, e = unix.RawSyscall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&args[0])), uintptr(unsafe.Pointer(&env[0])))
	return execError(r, e)
}
