package phase

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/bash"
	"github.com/tumpline/tumpline/merge/sandbox"
)

// resultFD is the descriptor of a phase's shell for its report.
const resultFD = 200

// A session is one run of one phase.
type session struct {
	vars   vars
	nonce  string
	saved  string // state to read; "" if there is none
	source string // "1": source the ebuild
	checks Checks
}

// Checks look at the image after src_install.
type Checks struct {
	Scripts []string // sourced one by one, in the image
	Hooks   []string // programs that are run there, after them
}

// Check runs checks: a failure is that of the script that called die.
func (b *Build) Check(ctx context.Context, c Checks) error {
	if len(c.Scripts) == 0 && len(c.Hooks) == 0 {
		return nil
	}
	return b.run(ctx, Check, c)
}

// Run runs one phase. What the ebuild does wrong is an *Error. The folders must be
// there (Prepare). The state that phases leave each other is read and written; a
// marker file tells that the phase is done.
func (b *Build) Run(ctx context.Context, p Phase) error { return b.run(ctx, p, Checks{}) }

func (b *Build) run(ctx context.Context, p Phase, checks Checks) error {
	s, err := b.session(p)
	if err != nil {
		return fmt.Errorf("%s: %s phase: %w", b.CPV(), p, err)
	}
	s.checks = checks
	r, status, undeclared, err := b.shell(ctx, p, s)
	if err != nil {
		return b.explain(p, err)
	}
	if r.done {
		if err := b.Dir.Mark(p); err != nil {
			return fmt.Errorf("%s: %s phase: %w", b.CPV(), p, err)
		}
	}
	switch {
	case r.failure != nil:
		r.failure.Undeclared = undeclared
		return b.explain(p, r.failure)
	case !r.complete:
		return b.explain(p, &Error{Message: "exited unexpectedly" + status, Undeclared: undeclared})
	}
	if err := b.keep(p, r); err != nil {
		// Later phases would not have what this one has left.
		return fmt.Errorf("%s: %s phase: %w", b.CPV(), p, errors.Join(err, b.Dir.Unmark(p)))
	}
	return nil
}

// explain completes an error with what it is about.
func (b *Build) explain(p Phase, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return fmt.Errorf("%s: %s phase: %w", b.CPV(), p, err)
	}
	e.CPV, e.Phase = b.CPV(), p
	b.locate(e)
	return e
}

// session decides whether the ebuild is sourced, and what the phase sees.
func (b *Build) session(p Phase) (session, error) {
	var nonce [12]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return session{}, err
	}
	s := session{nonce: hex.EncodeToString(nonce[:])}
	if _, err := os.Lstat(b.Dir.State()); err == nil && (p != Setup || b.MergeType == FromBinary) && p != Clean {
		s.saved = b.Dir.State()
	}
	_, changed := os.Lstat(b.Dir.join(".ebuild_changed"))
	if p != Clean && p != Check && (s.saved == "" || changed == nil || b.Features["noauto"]) {
		s.source = "1"
	}
	s.vars = b.variables(p, s.source != "")
	if text := s.vars.privateText(); text != "" {
		if err := b.Dir.Write("temp/"+filepath.Base(b.extraFile(p)), text); err != nil {
			return s, err
		}
		s.vars.set("PORTAGE_EBUILD_EXTRA_SOURCE", b.extraFile(p))
	}
	return s, nil
}

// shell runs the shell of a phase. status says how it ended, undeclared what it asked
// for in vain.
func (b *Build) shell(ctx context.Context, p Phase, s session) (r *report, status string, undeclared []sandbox.Hidden, err error) {
	text, err := bash.Program(b.EAPI, bash.Phase)
	if err != nil {
		return nil, "", nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	asks, err := listen(b, func(e *Error) { cancel(e) })
	if err != nil {
		return nil, "", nil, err
	}
	defer asks.close()
	s.vars.set(socketVariable, asks.path)
	files, err := newPipes(b.settings(p, s))
	if err != nil {
		return nil, "", nil, err
	}
	defer files.close()
	proc, err := b.launcher().Launch(ctx, Request{
		Build: b, Phase: p, Argv: []string{b.Bash, "--norc", "--noprofile", "-c", text, bash.SourceName},
		Environ: append(bash.Environ(), "PATH="+strings.Join(append([]string{b.Commands}, b.Path...), ":"), "HOME="+b.Dir.Home()),
		Dir:     string(b.Dir), Output: files.outputW, ExtraFiles: []*os.File{files.settings, files.resultW},
		Privileged: !p.Source() || p == Install, Network: p == Unpack && contains(b.Properties, "live"),
	})
	if err != nil {
		return nil, "", nil, err
	}
	result, err := b.attend(ctx, proc, files)
	if u, ok := proc.(interface{ undeclared() []sandbox.Hidden }); ok {
		undeclared = u.undeclared()
	}
	if e := (*Error)(nil); errors.As(context.Cause(ctx), &e) {
		return &report{failure: e}, "", undeclared, nil
	}
	if ctx.Err() != nil {
		return nil, "", nil, context.Cause(ctx)
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, "", nil, err
	}
	r, err = parseReport(result, s.nonce)
	return r, ending(exit), undeclared, err
}

func ending(exit *exec.ExitError) string {
	if exit == nil {
		return ""
	}
	if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return fmt.Sprintf(": killed by signal %d (%s)", ws.Signal(), ws.Signal())
	}
	if n := exit.ExitCode() - 128; n > 0 && n < 65 { // as whoever stands between tells it
		return fmt.Sprintf(": killed by signal %d (%s)", n, syscall.Signal(n))
	}
	return fmt.Sprintf(" with status %d", exit.ExitCode())
}

// pipes connect a phase's shell.
type pipes struct {
	settings, resultR, resultW, outputR, outputW *os.File
}

func newPipes(settings string) (p *pipes, err error) {
	p = &pipes{}
	if p.settings, err = inMemory(settings + "\x00"); err != nil {
		return nil, err
	}
	for _, pair := range []struct{ r, w **os.File }{{&p.resultR, &p.resultW}, {&p.outputR, &p.outputW}} {
		if *pair.r, *pair.w, err = os.Pipe(); err != nil {
			p.close()
			return nil, err
		}
	}
	return p, nil
}

func (p *pipes) close() {
	closeFiles(p.settings, p.resultR, p.resultW, p.outputR, p.outputW)
}

// inMemory makes a file that nobody has a name for, at its beginning. Of a pipe bash
// would read every single byte with a system call.
func inMemory(text string) (*os.File, error) {
	fd, err := unix.MemfdCreate("settings", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), "settings")
	_, err = f.WriteString(text)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close() // the other error is told
		return nil, err
	}
	return f, nil
}

func closeFiles(files ...*os.File) {
	for _, f := range files {
		if f != nil {
			f.Close() // closed twice is no harm, and a pipe loses nothing
		}
	}
}

// lateOutput is how long descriptors that a process has left open elsewhere are
// read after its end.
const lateOutput = 2 * time.Second

// maxResult bounds what a phase may report: its whole state.
const maxResult = 256 << 20

// attend reads what a process tells, until it ends or ctx does.
func (b *Build) attend(ctx context.Context, proc Process, p *pipes) (string, error) {
	if err := proc.Start(); err != nil {
		return "", err
	}
	closeFiles(p.settings, p.resultW, p.outputW)
	var wait sync.WaitGroup
	var result strings.Builder
	wait.Add(2)
	go func() {
		defer wait.Done()
		_, _ = io.Copy(&result, io.LimitReader(newRest(p.resultR), maxResult)) // cut short, it is no complete report
	}()
	go func() {
		defer wait.Done()
		b.copyOutput(newRest(p.outputR))
	}()
	ended := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
			_ = proc.Kill() // it may have ended already
		case <-ended:
		}
	}()
	err := proc.Wait()
	close(ended)
	late := time.AfterFunc(lateOutput, func() {
		for _, f := range []*os.File{p.resultR, p.outputR} {
			_ = f.SetReadDeadline(time.Unix(1, 0)) // long past; a pipe has one
		}
	})
	wait.Wait()
	late.Stop()
	return result.String(), err
}

// rest reads a pipe until its deadline, and then what is still in it: however late this
// process is, nothing is lost that was written.
type rest struct {
	pipe *os.File
	left int // that may be read after the deadline
}

// mostInPipe is how much can be in a pipe, unless a privileged process made it larger.
const mostInPipe = 1 << 20

func newRest(pipe *os.File) *rest { return &rest{pipe, mostInPipe} }

// Read implements io.Reader.
func (r *rest) Read(p []byte) (int, error) {
	n, err := r.pipe.Read(p)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	p = p[:min(len(p), r.left)]
	conn, err := r.pipe.SyscallConn()
	if err != nil {
		return 0, err
	}
	var failed error
	err = conn.Control(func(fd uintptr) { n, failed = unix.Read(int(fd), p) }) // the descriptor does not block
	if err = errors.Join(err, failed); err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, io.EOF
	}
	r.left -= n
	return n, nil
}

// copyOutput passes what a phase prints to the user and to the log. That one of
// them fails does not stop the phase.
func (b *Build) copyOutput(from io.Reader) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		for _, w := range []io.Writer{b.Output, b.Log} {
			if w != nil && n > 0 {
				_, _ = w.Write(buf[:n])
			}
		}
		if err != nil {
			return
		}
	}
}

func (b *Build) launcher() Launcher {
	if b.Launch != nil {
		return b.Launch
	}
	return unconfined{}
}

// unconfined starts plain processes, each in a session of its own.
type unconfined struct{}

type plain struct{ *exec.Cmd }

// Kill ends the whole process group.
func (p plain) Kill() error { return syscall.Kill(-p.Process.Pid, syscall.SIGKILL) }

// Launch implements Launcher.
func (unconfined) Launch(_ context.Context, r Request) (Process, error) {
	cmd := exec.Command(r.Argv[0], r.Argv[1:]...)
	cmd.Env, cmd.Dir, cmd.ExtraFiles = r.Environ, r.Dir, r.ExtraFiles
	cmd.Stdout, cmd.Stderr = r.Output, r.Output
	if r.Stdin != nil {
		cmd.Stdin = r.Stdin
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	return plain{cmd}, nil
}
