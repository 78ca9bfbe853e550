// Package confine runs a program that may do only what a Policy says. It knows
// nothing of ebuilds.
//
// Go cannot run code between fork and exec. So Command runs this program
// again, as a trampoline: a process in namespaces of its own that reads the
// policy from a socket, applies it to itself, and becomes the wanted program.
// Trampoline, the first call of main, is where that process ends up.
//
// Several parts of the kernel hold a policy, and most rules stand on two:
//
//	rule                      held by
//	read only Read            mount view (nothing else exists), Landlock
//	write only Write          read-only mounts, Landlock, seccomp (chmod, chown, utime, xattr if Write is empty)
//	execute only Exec         Landlock
//	network                   network namespace, seccomp (socket families)
//	signals, ptrace, /proc    pid namespace with its own /proc, Landlock scopes, seccomp
//	System V IPC, host name   ipc and uts namespaces
//	abstract unix sockets     network namespace, Landlock scopes
//	kernel surface            seccomp: mount, bpf, keyctl, modules, kexec, io_uring, namespaces, ...
//	privileges                no_new_privs, no capabilities, user namespace
//	CPU, memory, sizes        rlimits; processes are counted in the user namespace
//	leftover processes        pid namespace: all end with its first process
//	inherited descriptors     close_range before exec
//	death of the parent       parent-death signal
//
// A part that the kernel or a container refuses is never left out silently:
// Start fails with an *Error that names the part and what its absence means.
// Only a part that Policy.Allow names may be missing; Cmd.Missing tells then.
//
// Some things no part holds: the time of day, the load and size of the machine
// can be read; memory is limited per process, so that the bound of a whole tree
// is Limits.Memory times Limits.Processes.
package confine

import (
	"fmt"
	"path/filepath"
	"time"
)

// A Network says what a process can reach over sockets.
type Network uint8

const (
	NetNone     Network = iota // no socket can be made at all
	NetLoopback                // a network of its own with only the loopback interface
	NetHost                    // the network of the host
)

func (n Network) String() string {
	switch n {
	case NetNone:
		return "none"
	case NetLoopback:
		return "loopback"
	case NetHost:
		return "host"
	}
	return fmt.Sprintf("Network(%d)", uint8(n))
}

// A Policy says what a process may do; everything else is refused. Paths are
// absolute; a path that does not exist is left out. A folder stands for
// everything below it. /dev/null, zero, full, random and urandom can always be
// used.
type Policy struct {
	Read  []string // may be read
	Exec  []string // may be executed and read
	Write []string // may be changed and read

	// With "/" in one of these the process sees the whole tree of the host.
	// Otherwise it sees a tree of its own, in which only the paths named above
	// exist, the links on the way to them, /dev and /proc.

	// Cover puts other folders over folders of the host, where the process sees the
	// whole tree. They can be written.
	Cover []Cover

	Network Network
	Dir     string // working directory, "/" if empty
	Limits  Limits

	// Init keeps a first process in front of the program, which collects
	// orphans. Without it the program itself is the first process of its pid
	// namespace: the kernel gives it no signal that it does not handle, not
	// even from within, and it must collect orphans itself.
	Init bool

	// User is who the process becomes if this process is root. Otherwise it
	// keeps its user.
	User *User

	// OwnUsers gives root a user namespace too, so that processes are counted
	// apart and capabilities mean nothing outside. Others always have one.
	OwnUsers bool

	Capabilities []Capability // those to keep; they are had only if started by root
	Trace        bool         // processes inside may trace each other
	Watch        Watch        // calls to tell to Cmd.Judge
	Allow        []Part       // parts that may be missing

	without []Part // parts left out, so that tests see what the others hold
}

// A Cover hides a folder of the host. One that does not exist is left out.
type Cover struct {
	Path string // the folder
	With string // what is seen there; "": an empty folder in memory
}

// A User is who runs a program.
type User struct {
	UID, GID uint32
	Groups   []uint32 // supplementary groups
}

// Limits bound one process, and Processes all of its user in its user
// namespace. Zero sets no limit.
type Limits struct {
	CPU       time.Duration // rounded up to seconds
	Memory    int64         // address space in bytes
	FileSize  int64         // bytes
	Processes int
	OpenFiles int
}

// check reports what is wrong with a policy by itself.
func (p *Policy) check() error {
	for _, list := range [][]string{p.Read, p.Exec, p.Write, {p.dir()}} {
		for _, path := range list {
			if !filepath.IsAbs(path) {
				return fmt.Errorf("confine: the path %q is not absolute", path)
			}
		}
	}
	for _, c := range p.Cover {
		if !filepath.IsAbs(c.Path) || c.With != "" && !filepath.IsAbs(c.With) {
			return fmt.Errorf("confine: the path %q or %q is not absolute", c.Path, c.With)
		}
	}
	return nil
}

func (p *Policy) dir() string {
	if p.Dir == "" {
		return "/"
	}
	return p.Dir
}

// seesAll says if the process sees the tree of the host.
func (p *Policy) seesAll() bool { return hasRoot(p.Read) || hasRoot(p.Exec) || p.writesAll() }

// writesAll says if the process may change everything.
func (p *Policy) writesAll() bool { return hasRoot(p.Write) }

func hasRoot(list []string) bool {
	for _, path := range list {
		if filepath.Clean(path) == "/" {
			return true
		}
	}
	return false
}

// allows says if part may be missing.
func (p *Policy) allows(part Part) bool {
	for _, a := range p.Allow {
		if a == part {
			return true
		}
	}
	return false
}
