package confine

import (
	"fmt"
	"time"

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
// limit of memory waits for limitMemory, as this process needs more of it than
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

// limitMemory is the last thing before exec.
func (l Limits) limitMemory() error {
	if l.Memory <= 0 {
		return nil
	}
	value := uint64(l.Memory)
	if err := unix.Setrlimit(unix.RLIMIT_AS, &unix.Rlimit{Cur: value, Max: value}); err != nil {
		return fmt.Errorf("limit memory to %d: %w", value, err)
	}
	return nil
}
