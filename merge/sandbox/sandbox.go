// Package sandbox runs the phases of a build so that they change only what they
// may. It knows nothing of ebuilds but Portage's words for such grants.
//
// # What holds, and why it is built so
//
// A phase sees the whole tree of the host, read-only but for its build directory
// and what was granted before it began. That is a mount namespace of package
// confine, doubled by Landlock: no program, static or not, gets around it, and
// writes to the build directory cost nothing. But what the kernel refuses so is
// not told to anybody, and a phase that tried must fail; and grants change while
// it runs (addwrite in an ebuild, SANDBOX_ON=0 before a command), which neither
// mounts nor Landlock can follow. Portage's sandbox program can do both, being a
// library inside each program, and so holds nothing against static ones.
//
// So calls that change what a path names are also told to a judge in this
// process, by seccomp's user notification, before they happen. The judge resolves
// the path as the caller sees it and answers:
//
//	build directory, granted before the start   the kernel goes on
//	nothing there to change, or no folder       the kernel goes on, and fails by itself
//	granted while it runs                       this process does the call, as the caller's user
//	predicted (addpredict)                      EACCES
//	anything else                               EACCES, remembered: the phase fails
//
// The caller's memory can change after it was read. Where the kernel goes on, this
// gains nothing, as mounts and Landlock hold: the attempt fails and is only not
// remembered. Where this process does the call, it does it by the folder that was
// resolved, never by the caller's text again, without following links.
//
// Other ways were weighed. Notification alone, with everything writable, can be
// raced. Landlock's audit records need privileges over the whole machine. Fanotify
// sees no call that fails. Tracing (ptrace) stops every call and breaks debuggers
// in tests.
//
// Reading is not judged: everything may be read, as by default in Portage; what
// SANDBOX_DENY names at the start is covered. Programs for another architecture
// than the kernel's own (32 bits) are held, but what they try is not remembered.
//
// Besides: pid, ipc, host name and, unless asked otherwise, network namespaces of
// its own; /tmp, /dev/shm and /run of its own; no capabilities but those that
// install needs; no more privileges by setuid programs. All processes end with the
// phase. Without root everything runs in a user namespace with the one user.
//
// In a strict mode files that Options.Hides names do not exist for a phase. There the
// judge is told of reading, executing and looking, and answers ENOENT. Mounts were
// weighed: one for each file is too slow, an overlay with whiteouts hides what is
// mounted below it, and neither tells which hidden file was asked for.
package sandbox

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/confine"
)

// Options say what a phase may do. Paths are absolute.
type Options struct {
	Dir     string   // the build directory
	Work    string   // working directory; "": Dir
	Write   []string // what else may be changed; what does not exist may be made
	Predict []string // changing fails quietly
	Deny    []string // must not be changed, nor seen at the start
	Keep    []string // what has to be seen although it lies in /tmp, /dev/shm or /run
	Loose   bool     // files are not guarded at all
	Fixed   bool     // what the phase grants itself does not count
	Network bool     // keep the host's network
	User    *confine.User
	Install bool   // as root: keep what is needed to set owners, modes and devices
	Scratch string // a folder of this phase's, for what is seen as /tmp; "": memory
	Limits  confine.Limits
	Allow   []confine.Part // parts that may be missing

	// Hides, if set, names the owner of a file that does not exist for the phase; ""
	// for others. Paths are absolute and lead through no links. It is asked about
	// every file that is opened, executed or looked at, which takes its time. It
	// is no protection: folders still list such files.
	Hides func(path string) (owner string)
}

// A Hidden file is one that a phase has asked for.
type Hidden struct{ Path, Owner string }

// A Violation is a forbidden call.
type Violation struct {
	Call     string // the system call
	Given    string // the path as it was given
	Absolute string // and from the root
	Resolved string // and without links
	Command  string // the command line of the process
}

// String gives "mkdir /usr/x (mkdir -p /usr/x)".
func (v Violation) String() string {
	text := v.Call + " " + v.Absolute
	if v.Resolved != v.Absolute {
		text += " -> " + v.Resolved
	}
	return text + " (" + v.Command + ")"
}

// An Error reports what a phase tried and must not.
type Error struct {
	Violations []Violation // not empty
	More       int         // those that are not listed
	Err        error       // of the command itself, or nil
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("forbidden by the sandbox: ")
	for i, v := range e.Violations {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(v.String())
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "; and %d more", e.More)
	}
	return b.String()
}

// Unwrap gives the command's own error.
func (e *Error) Unwrap() error { return e.Err }

// A Cmd is a command in a sandbox; see confine.Cmd for its fields.
type Cmd struct {
	*confine.Cmd

	// Denied, if set, is called for each violation while the process waits.
	Denied func(Violation)
	// Missed, if set, is called once for each hidden file that is asked for, while
	// the process waits.
	Missed func(Hidden)

	guard *guard
}

// Command gives a command that runs argv in a sandbox; argv[0] is absolute.
func Command(ctx context.Context, o Options, argv ...string) (*Cmd, error) {
	o.Keep = append(o.Keep[:len(o.Keep):len(o.Keep)], argv...) // among them the program
	policy, err := o.policy()
	if err != nil {
		return nil, err
	}
	inner, err := confine.Command(ctx, *policy, argv...)
	if err != nil {
		return nil, err
	}
	c := &Cmd{Cmd: inner, guard: newGuard(&o, policy)}
	inner.Judge = func(a *confine.Access) confine.Answer {
		if c.guard.hides != nil {
			if answer, settled := c.guard.look(a, c.Missed); settled {
				return answer
			}
		}
		return c.guard.judge(a, c.Denied)
	}
	return c, nil
}

// Wait waits for the command and all that it started. If it did what it must not,
// the error is an *Error, whatever its exit status.
func (c *Cmd) Wait() error {
	err := c.Cmd.Wait()
	return c.guard.outcome(err)
}

// Run is Start and Wait.
func (c *Cmd) Run() error {
	if err := c.Start(); err != nil {
		return err
	}
	return c.Wait()
}

// Environ is what the environment of a sandboxed command should have.
func Environ() []string { return []string{"SANDBOX_ACTIVE=armedandready", "SANDBOX_ON=1"} }

// installCapabilities are those with which root makes an image.
func installCapabilities() []confine.Capability {
	return []confine.Capability{
		unix.CAP_CHOWN, unix.CAP_DAC_OVERRIDE, unix.CAP_FOWNER, unix.CAP_FSETID, unix.CAP_KILL, unix.CAP_SETGID, unix.CAP_SETUID, unix.CAP_MKNOD, unix.CAP_SETFCAP,
	}
}

// policy makes the part of the options that the kernel holds.
func (o *Options) policy() (*confine.Policy, error) {
	dir, err := filepath.EvalSymlinks(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("sandbox: build directory: %w", err)
	}
	p := &confine.Policy{
		Read: []string{"/"}, Exec: []string{"/"}, Write: append([]string{dir}, terminals()...),
		Network: confine.NetLoopback, Dir: o.Work, Limits: o.Limits, Init: true, User: o.User, Watch: confine.WatchWrites, Allow: o.Allow, Trace: true,
	}
	if p.Dir == "" {
		p.Dir = dir
	}
	if o.Network {
		p.Network = confine.NetHost
	}
	if o.Install {
		p.Capabilities = installCapabilities()
	}
	for _, name := range o.Write {
		real, err := filepath.EvalSymlinks(name)
		if err != nil {
			continue // the judge lets it be made
		}
		p.Write = append(p.Write, real)
	}
	if o.Hides != nil {
		p.Watch |= confine.WatchReads | confine.WatchExec | confine.WatchLooks
	}
	if o.Loose {
		p.Write, p.Watch = []string{"/"}, p.Watch&^confine.WatchWrites
		return p, nil
	}
	p.Cover = o.covers(p.Write)
	return p, nil
}

// terminals can be written by every phase.
func terminals() []string { return []string{"/dev/console", "/dev/tty", "/dev/ptmx", "/dev/pts"} }

// covers says what is hidden from a phase. A folder in which something lies that
// it needs stays as it is, read-only.
func (o *Options) covers(needed []string) []confine.Cover {
	var list []confine.Cover
	hide := []string{"/tmp", "/dev/shm"}
	if !o.Network {
		hide = append(hide, "/run") // sockets of services; with the network, names of hosts may be resolved there
	}
	needed = append(append([]string{o.Work}, o.Keep...), needed...)
	for _, dir := range hide {
		if anyBelow(needed, dir) {
			continue
		}
		c := confine.Cover{Path: dir}
		if dir == "/tmp" {
			c.With = o.Scratch
		}
		list = append(list, c)
	}
	for _, name := range o.Deny {
		if st, err := os.Stat(name); err == nil && st.IsDir() {
			list = append(list, confine.Cover{Path: name})
		}
	}
	return list
}

func anyBelow(names []string, dir string) bool {
	for _, n := range names {
		if below(n, dir) {
			return true
		}
	}
	return false
}

// below says whether a path is dir or in it, by whole components.
func below(name, dir string) bool {
	dir = strings.TrimSuffix(filepath.Clean(dir), "/")
	return name == dir || strings.HasPrefix(name, dir+"/")
}

// maxViolations bounds what is remembered of one phase.
const maxViolations = 100

// A record is what a phase did wrong.
type record struct {
	mu   sync.Mutex
	list []Violation
	more int
}

func (r *record) add(v Violation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) == maxViolations {
		r.more++
		return
	}
	r.list = append(r.list, v)
}

// outcome is the error of a command that ended with err.
func (r *record) outcome(err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.list) == 0 {
		return err
	}
	return &Error{Violations: r.list, More: r.more, Err: err}
}
