package confine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Cmd is a command that runs confined. Set the fields of exec.Cmd before
// Start, except Path, Args, Dir and SysProcAttr, which are Start's; an Env of
// nil is an empty environment. Killing the process ends all that it started. So
// does the end of the thread that called Start: no goroutine of this program may
// end while it is locked to its thread.
type Cmd struct {
	*exec.Cmd

	// Judge is asked about the calls that Policy.Watch names, one at a time, while
	// the process waits. It must be set if any are named.
	Judge func(*Access) Answer

	policy   Policy
	argv     []string
	missing  []*Error
	listener *listener
}

// Command gives a command which applies p to itself and then becomes argv.
// argv[0] is an absolute path that p.Exec must cover, as it must the program's
// interpreter and libraries.
func Command(ctx context.Context, p Policy, argv ...string) (*Cmd, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	if len(argv) == 0 || !filepath.IsAbs(argv[0]) {
		return nil, fmt.Errorf("confine: the program %q has no absolute path", argv)
	}
	return &Cmd{Cmd: exec.CommandContext(ctx, "/proc/self/exe"), policy: p, argv: argv}, nil
}

// Missing lists the parts that Policy.Allow let go, once started.
func (c *Cmd) Missing() []*Error { return c.missing }

// Start starts the program and returns when it runs confined. If a part cannot
// be had and may not be missing, the error is an *Error.
func (c *Cmd) Start() error {
	if c.policy.Watch != 0 && c.Judge == nil {
		return errors.New("internal error: confine: calls are watched and nobody judges them")
	}
	r := c.newRequest()
	if len(c.policy.Allow) > 0 {
		for _, e := range missingNamespaces(r) {
			if !c.policy.allows(e.Part) {
				return e
			}
			c.missing = append(c.missing, e)
			r.leaveOut(e.Part)
		}
	}
	ours, theirs, err := socketPair()
	if err != nil {
		return fmt.Errorf("confine: make a control socket: %w", err)
	}
	defer ours.Close()
	c.prepare(r, theirs)
	err = c.Cmd.Start()
	theirs.Close()
	if err != nil {
		if missing := missingNamespaces(r); len(missing) > 0 {
			return missing[0]
		}
		return fmt.Errorf("confine: start the trampoline: %w", err)
	}
	if err := c.converse(r, ours); err != nil {
		// Its end is certain; what it says is known.
		_ = c.Process.Kill()
		_ = c.Wait()
		return err
	}
	return nil
}

func (c *Cmd) newRequest() *request {
	p := c.policy
	root := os.Geteuid() == 0
	if !root {
		p.User = nil
	}
	r := &request{
		Without: p.without,
		Policy:  p, Path: c.argv[0], Args: c.argv, Env: c.Env, First: 3 + len(c.ExtraFiles),
		Users: !root || p.OwnUsers, PIDs: true, Mounts: true, Net: p.Network != NetHost, IPC: true, Hostname: true,
	}
	for _, part := range p.without {
		r.leaveOut(part)
	}
	return r
}

// prepare makes the exec.Cmd that of the trampoline.
func (c *Cmd) prepare(r *request, control *os.File) {
	// The trampoline gets the environment in the request: nothing of it should
	// have a meaning for this program.
	c.Env = []string{}
	c.Args = []string{marker, option + strconv.Itoa(r.First)}
	c.ExtraFiles = append(c.ExtraFiles[:len(c.ExtraFiles):len(c.ExtraFiles)], control)
	c.SysProcAttr = r.attributes()
	c.Dir = "/"
}

// attributes are those of the trampoline's process.
func (r *request) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true}
	for _, ns := range []struct {
		in   bool
		flag uintptr
	}{
		{r.Users, unix.CLONE_NEWUSER}, {r.PIDs, unix.CLONE_NEWPID}, {r.Mounts, unix.CLONE_NEWNS},
		{r.Net, unix.CLONE_NEWNET}, {r.IPC, unix.CLONE_NEWIPC}, {r.Hostname, unix.CLONE_NEWUTS},
	} {
		if ns.in {
			attr.Cloneflags |= ns.flag
		}
	}
	if r.Users {
		mapUsers(attr)
	}
	return attr
}

// everyID is the number of ids that a full mapping has: all but -1.
const everyID = 1<<32 - 1

// mapUsers maps every user to itself for root; others can map their own only,
// and need ambient capabilities to have any in their namespace after exec.
func mapUsers(attr *syscall.SysProcAttr) {
	uid, gid := os.Geteuid(), os.Getegid()
	if uid == 0 {
		attr.UidMappings = []syscall.SysProcIDMap{{Size: everyID}}
		attr.GidMappings = []syscall.SysProcIDMap{{Size: everyID}}
		attr.GidMappingsEnableSetgroups = true
		return
	}
	attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
	attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}}
	attr.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_NET_ADMIN, unix.CAP_SETPCAP}
}

// converse sends the request and waits until the program runs, or does not.
func (c *Cmd) converse(r *request, control *os.File) error {
	// An error here is explained by what comes back.
	sent := writeMessage(control, r)
	ready := false
	for {
		var a answer
		err := readMessage(control, &a)
		switch {
		case err != nil && ready && (errors.Is(err, io.EOF) || errors.Is(err, unix.ECONNRESET)):
			return nil
		case err != nil:
			return fmt.Errorf("confine: the trampoline ended without a word (does main call confine.Trampoline?): %w", errors.Join(sent, err))
		case a.Failed != nil:
			return a.Failed
		case a.Err != "":
			return fmt.Errorf("confine: %s", a.Err)
		case a.Listener:
			fd, err := receiveFile(int(control.Fd()))
			if err != nil {
				return fmt.Errorf("confine: receive the listener: %w", err)
			}
			if c.listener, err = newListener(fd, c.Judge); err != nil {
				return fmt.Errorf("confine: listen: %w", err)
			}
			go c.listener.serve() // until Wait
			continue
		}
		ready = a.Ready
		c.missing = append(c.missing, a.Missing...)
	}
}

// socketPair makes two connected sockets that no child inherits by itself.
func socketPair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(fds[0]), "control"), os.NewFile(uintptr(fds[1]), "control"), nil
}

// Wait waits for the end of the program and of all that it started.
func (c *Cmd) Wait() error {
	err := c.Cmd.Wait()
	if c.listener != nil {
		c.listener.close()
		c.listener = nil
	}
	return err
}

// Run starts the program and waits for its end.
func (c *Cmd) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// Output runs the program and returns what it writes to its standard output.
func (c *Cmd) Output() ([]byte, error) {
	var out bytes.Buffer
	c.Stdout = &out
	err := c.Run()
	return out.Bytes(), err
}

// CombinedOutput is like Output, with the standard error as well.
func (c *Cmd) CombinedOutput() ([]byte, error) {
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	return out.Bytes(), err
}
