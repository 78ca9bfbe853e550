package bash

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/confine"
)

// Spec is what a shell is started with.
type Spec struct {
	Bash    string // the program
	Text    string // what it runs: the library and the main part
	Environ []string
	Policy  *confine.Policy // what it may do; nil: what this process may
}

// A Shell is one bash process that speaks the protocol of package bash. It
// handles one request at a time.
type Shell struct {
	cmd     *exec.Cmd
	wait    func() error
	guard   *guard // nil if it is not confined
	request *os.File
	result  int // read ends
	status  int
	output  int
	pidfd   int      // readable when the shell has ended
	timer   int      // readable when the result is to be read
	epoll   int      // waits for status, output, pidfd and timer
	events  *os.File // the same
	dead    bool
}

// A Reply is what came of one request.
type Reply struct {
	Result string         // what was written to the result descriptor
	Output string         // the end of what was written to standard output and error
	Status int            // of the fork: 0 to 255; -1 if the shell itself ended
	Parsed []string       // eclasses that the shell has parsed
	Signal syscall.Signal // that ended the shell itself, or 0

	Forbidden []Violation // what was tried and refused, if the shell is confined
	Leftover  bool        // processes were left; they ended with the shell
}

// Limits of what one request may write.
const (
	maxResult = 8 << 20
	maxOutput = 32 << 10 // older output is forgotten
)

// errTooLong reports a result that no ebuild needs.
var errTooLong = errors.New("result is larger than 8 MiB")

// startShell starts a shell.
func startShell(s Spec) (*Shell, error) {
	argv := []string{s.Bash, "--norc", "--noprofile", "-c", s.Text, SourceName}
	sh, start, err := newShell(s, argv)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", s.Bash, err)
	}
	cmd := sh.cmd
	theirs, err := sh.pipes()
	if err != nil {
		sh.closeFiles()
		return nil, fmt.Errorf("start %s: %w", s.Bash, err)
	}
	cmd.Env = s.Environ
	cmd.Stdout, cmd.Stderr = theirs[3], theirs[3]
	cmd.ExtraFiles = theirs[:3]
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setsid = true
	err = start()
	for _, f := range theirs {
		f.Close()
	}
	if err != nil {
		sh.closeFiles()
		return nil, fmt.Errorf("start %s: %w", s.Bash, err)
	}
	if err := sh.watch(); err != nil {
		sh.Close()
		return nil, fmt.Errorf("watch %s: %w", s.Bash, err)
	}
	return sh, nil
}

// watch makes what tells of the shell's doings. The result is not waited for: it is
// read when the rest tells of the end, or time has passed.
func (s *Shell) watch() error {
	var err error
	if s.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	// As one that does not block, the runtime waits for it without a thread.
	err = unix.SetNonblock(s.epoll, true)
	s.events = os.NewFile(uintptr(s.epoll), "events")
	if err != nil {
		return err
	}
	if s.pidfd, err = unix.PidfdOpen(s.cmd.Process.Pid, 0); err != nil {
		return err
	}
	if s.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK); err != nil {
		return err
	}
	for _, fd := range []int{s.status, s.output, s.pidfd, s.timer} {
		if err := unix.EpollCtl(s.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}); err != nil {
			return err
		}
	}
	return nil
}

// newShell makes the command of a shell and the function that starts it.
func newShell(s Spec, argv []string) (*Shell, func() error, error) {
	if s.Policy == nil {
		cmd := exec.Command(argv[0], argv[1:]...)
		return &Shell{cmd: cmd, wait: cmd.Wait}, cmd.Start, nil
	}
	cmd, err := confine.Command(context.Background(), *s.Policy, argv...)
	if err != nil {
		return nil, nil, err
	}
	g := newGuard(s.Policy)
	cmd.Judge = g.judge
	return &Shell{cmd: cmd.Cmd, wait: cmd.Wait, guard: g}, cmd.Start, nil
}

// pipes makes the four pipes and gives the ends that are the shell's: request,
// result, status, output.
func (s *Shell) pipes() ([]*os.File, error) {
	s.result, s.status, s.output, s.pidfd, s.timer = -1, -1, -1, -1, -1
	theirs, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	s.request = ours
	files := []*os.File{theirs}
	for _, fd := range []*int{&s.result, &s.status, &s.output} {
		var p [2]int
		if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
			for _, f := range files {
				f.Close()
			}
			return nil, err
		}
		*fd = p[0]
		files = append(files, os.NewFile(uintptr(p[1]), "pipe"))
		if err := unix.SetNonblock(p[0], true); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (s *Shell) closeFiles() {
	if s.request != nil {
		s.request.Close()
	}
	if s.events != nil {
		s.events.Close()
	}
	for _, fd := range []*int{&s.result, &s.status, &s.output, &s.pidfd, &s.timer} {
		if *fd >= 0 {
			unix.Close(*fd)
			*fd = -1
		}
	}
}

// A Request is what a shell is asked to do.
type Request struct {
	Shell string // commands for the shell itself, see ParseCommand
	Fork  string // commands for the fork in which the ebuild runs
}

// Run sends a request and waits for its end. When ctx ends, the shell is killed
// and the error is that of ctx; without an error, the shell lives unless
// Reply.Status is -1.
func (s *Shell) Run(ctx context.Context, request Request) (Reply, error) {
	stop := context.AfterFunc(ctx, s.kill)
	defer stop()
	// A shell that has died reads nothing: its end is seen below.
	if _, err := fmt.Fprintf(s.request, "%08d%s%08d%s", len(request.Shell), request.Shell, len(request.Fork), request.Fork); err != nil && !errors.Is(err, syscall.EPIPE) {
		s.Close()
		return Reply{}, fmt.Errorf("send request: %w", err)
	}
	var r Reply
	var c collector
	ended, err := s.collect(&c)
	r.Result, r.Output = string(c.result), tail(c.output)
	if ctx.Err() != nil {
		s.Close()
		return r, context.Cause(ctx)
	}
	if err != nil {
		s.Close()
		return r, err
	}
	if s.guard != nil {
		r.Forbidden = s.guard.take()
	}
	if !ended {
		r.Status = -1
		s.await()
		r.Signal = s.Close()
		return r, nil
	}
	if s.guard != nil && leaves(s.cmd.Process.Pid) {
		r.Leftover = true
		s.Close()
	}
	words := strings.Fields(string(c.status) + " 0")
	if r.Status, err = strconv.Atoi(words[0]); err != nil {
		s.Close()
		return r, fmt.Errorf("status of bash %q: %w", c.status, err)
	}
	r.Parsed = words[1 : len(words)-1]
	if r.Status != 0 && !s.dead {
		// Its last processes may have written after it had ended.
		for _, fd := range []int{s.result, s.output} {
			var rest []byte
			drain(fd, &rest)
		}
	}
	return r, nil
}

// A collector is what has been read during one request.
type collector struct {
	result, status, output []byte
}

// resultPause is after how many nanoseconds the result is read if nothing happens: one
// that does not fit into a pipe.
const resultPause = 10e6

// collect reads until the status is complete (ended) or the shell is gone.
func (s *Shell) collect(c *collector) (ended bool, err error) {
	var list [4]unix.EpollEvent
	if err := s.startTimer(); err != nil {
		return false, err
	}
	for gone := false; !ended && !gone; {
		events, err := s.next(list[:])
		if err != nil {
			return false, err
		}
		for _, e := range events {
			gone = gone || int(e.Fd) == s.pidfd
			if int(e.Fd) == s.timer {
				err = s.startTimer()
			}
		}
		// The status first: what the fork wrote was written before it.
		s.take(s.status, &c.status)
		s.take(s.result, &c.result)
		s.take(s.output, &c.output)
		ended = bytes.HasSuffix(c.status, []byte("\n"))
		if len(c.output) > 2*maxOutput {
			c.output = append(c.output[:0], c.output[len(c.output)-maxOutput:]...)
		}
		if len(c.result) > maxResult {
			err = errTooLong
		}
		if err != nil {
			return false, err
		}
	}
	return ended, nil
}

// startTimer lets the timer end once, after the pause.
func (s *Shell) startTimer() error {
	if err := unix.TimerfdSettime(s.timer, 0, &unix.ItimerSpec{Value: unix.Timespec{Nsec: resultPause}}, nil); err != nil {
		return fmt.Errorf("wait for bash: %w", err)
	}
	return nil
}

// next waits until something happens.
func (s *Shell) next(list []unix.EpollEvent) ([]unix.EpollEvent, error) {
	events, err := s.events.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("wait for bash: %w", err)
	}
	n := 0
	var failed error
	err = events.Read(func(uintptr) bool {
		n, failed = unix.EpollWait(s.epoll, list, 0)
		return n > 0 || failed != nil && !errors.Is(failed, unix.EINTR)
	})
	if err = cmp.Or(err, failed); err != nil {
		return nil, fmt.Errorf("wait for bash: %w", err)
	}
	return list[:n], nil
}

// take reads what is there. A stream that has ended is not waited for any more.
func (s *Shell) take(fd int, into *[]byte) {
	if !drain(fd, into) {
		// The result is not in it.
		_ = unix.EpollCtl(s.epoll, unix.EPOLL_CTL_DEL, fd, nil)
	}
}

// drain reads what is there; open is false at the end of the file.
func drain(fd int, into *[]byte) (open bool) {
	var buf [16 << 10]byte
	for {
		n, err := unix.Read(fd, buf[:])
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return true
		case err != nil || n == 0:
			return false
		}
		*into = append(*into, buf[:n]...)
		if n < len(buf) || len(*into) > maxResult {
			return true
		}
	}
}

// tail gives the end of output, from the start of a line if it was cut.
func tail(output []byte) string {
	if len(output) <= maxOutput {
		return string(output)
	}
	text := string(output[len(output)-maxOutput:])
	if _, rest, ok := strings.Cut(text, "\n"); ok {
		return rest
	}
	return text
}

// grace is how long a shell that has closed its descriptors may take to end, in
// milliseconds.
const grace = 1000

// await waits for a shell to end that has closed its descriptors: it does so
// shortly before it has an exit status, and must not be killed in between.
func (s *Shell) await() {
	fd, err := unix.PidfdOpen(s.cmd.Process.Pid, 0)
	if err != nil {
		return // it is gone, or the kernel is too old to tell
	}
	defer unix.Close(fd)
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, grace)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// kill ends every process of the shell's session that is still in its group.
func (s *Shell) kill() {
	// Errors mean that there is nothing left to kill.
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	_ = s.cmd.Process.Kill()
}

// Close kills the shell and what it has started, and gives the signal that had
// ended it before, or 0.
func (s *Shell) Close() syscall.Signal {
	if s.dead {
		return 0
	}
	s.dead = true
	s.request.Close() // an idle shell ends by itself
	s.kill()
	_ = s.wait() // its state is looked at below
	s.closeFiles()
	if ws, ok := s.cmd.ProcessState.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return ws.Signal()
	}
	return 0
}
