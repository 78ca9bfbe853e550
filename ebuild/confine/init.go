package confine

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// runInit starts the program as a child of this process, the first of its pid
// namespace, and stays until it ends: it collects orphans and passes signals
// on. Its status is the program's, or 128 and the signal that ended it. All
// that is still running then ends with it.
func runInit(r *request, control descriptor) int {
	// Before the program starts, so that no signal is lost.
	passed := make(chan os.Signal, 16)
	signal.Notify(passed, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGWINCH, unix.SIGCONT)
	pid, err := startChild(r)
	if err != nil {
		return refuse(control, execError(r, err))
	}
	closeAll(r.First)
	go func() {
		for s := range passed {
			if n, ok := s.(syscall.Signal); ok {
				// It may have ended already.
				_ = unix.Kill(pid, n)
			}
		}
	}()
	for {
		var status unix.WaitStatus
		ended, err := unix.Wait4(-1, &status, 0, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return exitLost
		}
		if ended == pid {
			return exitStatus(status)
		}
	}
}

func exitStatus(s unix.WaitStatus) int {
	if s.Signaled() {
		return 128 + int(s.Signal())
	}
	return s.ExitStatus()
}

// startChild starts the program. Its memory is limited as soon as it runs, before the
// caller can know that it does and tell it anything: this process must never have that
// limit itself, since the runtime of Go ends where it cannot map memory.
func startChild(r *request) (int, error) {
	files := make([]uintptr, r.First)
	for i := range files {
		files[i] = uintptr(i)
	}
	pid, err := syscall.ForkExec(r.Path, r.Args, &syscall.ProcAttr{Env: r.Env, Files: files})
	if err != nil || r.Policy.Limits.Memory <= 0 {
		return pid, err
	}
	memory := uint64(r.Policy.Limits.Memory)
	var own unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_AS, &own); err != nil {
		return 0, err
	}
	memory = min(memory, own.Max)
	return pid, unix.Prlimit(pid, unix.RLIMIT_AS, &unix.Rlimit{Cur: memory, Max: memory}, nil)
}

// closeAll closes the program's descriptors in this process, so that their
// other ends see when the program closes them, and the control socket, so that
// the caller sees that the program runs.
func closeAll(first int) {
	for fd := 0; fd < first; fd++ {
		unix.Close(fd)
	}
	unix.Close(first)
}
