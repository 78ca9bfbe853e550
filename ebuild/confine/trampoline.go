package confine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Exit statuses of a trampoline that did not become the program. What went
// wrong is told over the control socket.
const (
	exitRefused = 125
	exitLost    = 124 // without its caller
)

// Trampoline must be the first call of main, and of TestMain in tests that use
// Command: in a process that Start has made it applies the policy and becomes
// the program, or ends the process. In any other it returns at once.
func Trampoline() {
	control, ok := isTrampoline()
	if !ok {
		return
	}
	// Confinement is a matter of threads; the thread that applied it is the one
	// that execs.
	runtime.LockOSThread()
	syscall.Exit(bounce(control))
}

// isTrampoline finds the control socket if this process was started by Start.
func isTrampoline() (int, bool) {
	line, err := os.ReadFile("/proc/self/cmdline")
	if err != nil {
		return 0, false
	}
	name, rest, _ := bytes.Cut(line, []byte{0})
	if string(name) != marker {
		return 0, false
	}
	number, _, _ := bytes.Cut(rest, []byte{0})
	fd, err := strconv.Atoi(strings.TrimPrefix(string(number), option))
	if err != nil || fd < 3 {
		return 0, false
	}
	return fd, true
}

// bounce does what the trampoline is for and returns an exit status.
func bounce(fd int) int {
	unix.CloseOnExec(fd)
	control := descriptor(fd)
	// Only the thread that applies the policy is bound by it. If this process
	// stays as the first of its namespace, nothing inside may reach its memory.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return refuse(control, err)
	}
	var r request
	if err := readMessage(control, &r); err != nil {
		return exitLost
	}
	if r.Probe {
		return 0
	}
	a := &applier{request: &r, control: control}
	if err := a.apply(); err != nil {
		return refuse(control, err)
	}
	if orphaned(fd) {
		return exitLost
	}
	if err := writeMessage(control, answer{Missing: a.missing, Ready: true}); err != nil {
		return exitLost
	}
	if r.Policy.Init {
		return runInit(&r, control)
	}
	return refuse(control, r.become())
}

// become makes this process the program. The error says why it did not.
func (r *request) become() error {
	if r.Policy.Limits.Memory <= 0 {
		return execError(r, syscall.Exec(r.Path, r.Args, r.Env))
	}
	return r.becomeLimited()
}

func execError(r *request, err error) error { return fmt.Errorf("execute %s: %w", r.Path, err) }

func refuse(control descriptor, err error) int {
	var part *partError
	msg := answer{Err: err.Error()}
	if errors.As(err, &part) {
		msg = answer{Failed: part.report()}
	}
	// There is nobody else to tell if this fails.
	_ = writeMessage(control, msg)
	return exitRefused
}

// orphaned says if the caller has died: its parent-death signal may have come
// while changing the user had switched it off.
func orphaned(control int) bool {
	poll := []unix.PollFd{{Fd: int32(control), Events: unix.POLLRDHUP}}
	n, err := unix.Poll(poll, 0)
	return err == nil && n > 0 && poll[0].Revents&(unix.POLLHUP|unix.POLLRDHUP) != 0
}

// A partError says which part failed. Its error tells what was tried.
type partError struct {
	part Part
	err  error
}

func (e *partError) Error() string { return e.part.String() + ": " + e.err.Error() }
func (e *partError) Unwrap() error { return e.err }

func (e *partError) report() *Error {
	return newError(e.part, "apply it", e.err)
}

// An applier applies a policy to this process.
type applier struct {
	*request
	control descriptor
	missing []*Error
}

// apply confines this thread. The order matters: each step needs what later
// ones take away.
func (a *applier) apply() error {
	p := &a.Policy
	var rules *ruleset
	for _, step := range []struct {
		part Part
		skip bool
		do   func() error
	}{
		{PartHostname, !a.Hostname, func() error { return unix.Sethostname([]byte("localhost")) }},
		{PartNetwork, !a.Net || p.Network != NetLoopback, raiseLoopback},
		{PartMounts, !a.Mounts, func() error { return setView(p, a.PIDs) }},
		{PartLandlock, false, func() (err error) { rules, err = newRuleset(p); return err }},
		{PartLimits, false, p.Limits.set},
		{PartCapabilities, false, a.dropPrivileges},
		{PartNoNewPrivs, false, func() error { return unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }},
		{PartLandlock, false, func() error {
			if rules == nil {
				return nil // missing, and allowed to
			}
			return rules.apply()
		}},
		{PartSeccomp, p.Watch == 0, a.watch},
		{PartSeccomp, false, func() error {
			filter, err := newFilter(p)
			if err == nil {
				_, err = filter.install(0)
			}
			return err
		}},
	} {
		if step.skip || slices.Contains(a.Without, step.part) {
			continue
		}
		if err := a.allow(step.part, step.do()); err != nil {
			return err
		}
	}
	if err := unix.Chdir(p.dir()); err != nil {
		return fmt.Errorf("go to %s: %w", p.dir(), err)
	}
	return unix.CloseRange(uint(a.First), ^uint(0)>>32, unix.CLOSE_RANGE_CLOEXEC)
}

// allow drops the error of a part that may be missing, and remembers it.
func (a *applier) allow(part Part, err error) error {
	if err == nil {
		return nil
	}
	var inner *partError
	if !errors.As(err, &inner) {
		inner = &partError{part, err}
	}
	if !a.Policy.allows(inner.part) {
		return inner
	}
	a.missing = append(a.missing, inner.report())
	return nil
}

// dropPrivileges does what it can even if one step fails, which may be allowed.
func (a *applier) dropPrivileges() error {
	return errors.Join(
		becomeUser(a.Policy.User),
		setCapabilities(a.Policy.Capabilities),
		// Changing the user switched it off.
		unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0),
	)
}

// watch installs the filter that tells of calls, and hands the listening end over.
func (a *applier) watch() error {
	filter := newWatchFilter(a.Policy.Watch)
	// A call that is being judged should not be interrupted by signals, since it
	// would be told of and done again. Kernels before 5.19 do not know that.
	fd, err := filter.install(unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
	if errors.Is(err, unix.EINVAL) {
		fd, err = filter.install(unix.SECCOMP_FILTER_FLAG_NEW_LISTENER)
	}
	if err != nil {
		return fmt.Errorf("watch calls: %w", err)
	}
	if err := writeMessage(a.control, answer{Listener: true}); err != nil {
		return err
	}
	if err := sendFile(int(a.control), fd); err != nil {
		return err
	}
	return unix.Close(fd)
}
