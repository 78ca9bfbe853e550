package confine

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// A table holds the numbers of one architecture's system calls by what becomes
// of them. A number of noCall stands for a call that it does not have.
type table struct {
	arch uint32 // AUDIT_ARCH_*

	forbidden []uint32 // refused with EPERM
	absent    []uint32 // refused with ENOSYS: programs have a way without
	tracing   []uint32 // refused unless Policy.Trace
	metadata  []uint32 // change owners, modes, times and attributes; refused if nothing may be written

	clone, ioctl, socket, seccomp uint32 // judged by their arguments
	socketcall                    uint32 // all of sockets in one, arguments in memory
}

const noCall = ^uint32(0)

// newNamespaces are the flags of clone that make namespaces.
const newNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
	unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWTIME

// newFilter builds the filter of a policy: everything that is not refused is allowed.
func newFilter(p *Policy) (program, error) {
	tables := tables()
	if len(tables) == 0 {
		return nil, fmt.Errorf("this architecture has no table of system calls")
	}
	var prog program
	for _, t := range tables {
		body := t.filter(p)
		prog.add(opLoad, offArch)
		prog.branch(opEqual, t.arch, 1, 0)
		prog.add(opJump, uint32(len(body)))
		prog = append(prog, body...)
	}
	prog.add(opReturn, unix.SECCOMP_RET_KILL_PROCESS) // calls of a foreign architecture
	return prog, nil
}

func (t *table) filter(p *Policy) program {
	var prog program
	prog.add(opLoad, offNumber)
	if t.arch == unix.AUDIT_ARCH_X86_64 {
		prog.branch(opAtLeast, 0x40000000, 0, 1) // the x32 ABI
		prog.add(opReturn, answerErrno(unix.ENOSYS))
	}
	prog.refuse(t.forbidden, answerErrno(unix.EPERM))
	prog.refuse(t.absent, answerErrno(unix.ENOSYS))
	if !p.Trace {
		prog.refuse(t.tracing, answerErrno(unix.EPERM))
	}
	if len(p.Write) == 0 {
		prog.refuse(t.metadata, answerErrno(unix.EROFS))
	}
	prog.section(t.clone, refuseNamespaces)
	prog.section(t.ioctl, refuseTerminalInput)
	prog.section(t.seccomp, refuseListener)
	prog.section(t.socket, func(b *program) { judgeFamily(b, p.Network, p.Watch) })
	if p.Network == NetNone {
		prog.refuse([]uint32{t.socketcall}, answerErrno(unix.EACCES))
	}
	prog.add(opReturn, unix.SECCOMP_RET_ALLOW)
	return prog
}

func refuseNamespaces(b *program) {
	b.loadArg(0)
	b.add(opAnd, newNamespaces&^0xff) // the low byte is the signal at the end; CLONE_NEWTIME lies in it
	b.branch(opEqual, 0, 1, 0)
	b.add(opReturn, answerErrno(unix.EPERM))
	b.add(opReturn, unix.SECCOMP_RET_ALLOW)
}

// refuseTerminalInput keeps a program from typing on the terminal that it shares.
func refuseTerminalInput(b *program) {
	b.loadArg(1)
	b.refuse([]uint32{unix.TIOCSTI, unix.TIOCLINUX}, answerErrno(unix.EPERM))
	b.add(opReturn, unix.SECCOMP_RET_ALLOW)
}

// refuseListener keeps a program from answering for the calls of its children.
func refuseListener(b *program) {
	b.loadArg(1)
	b.add(opAnd, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER)
	b.branch(opEqual, 0, 1, 0)
	b.add(opReturn, answerErrno(unix.EPERM))
	b.add(opReturn, unix.SECCOMP_RET_ALLOW)
}

// judgeFamily allows the socket families that ordinary programs use, if any.
func judgeFamily(b *program, n Network, watch Watch) {
	if n != NetNone {
		b.loadArg(0)
		for _, family := range []uint32{unix.AF_UNIX, unix.AF_INET, unix.AF_INET6, unix.AF_NETLINK} {
			b.branch(opEqual, family, 0, 1)
			b.add(opReturn, unix.SECCOMP_RET_ALLOW)
		}
		b.add(opReturn, answerErrno(unix.EAFNOSUPPORT))
		return
	}
	if watch&WatchSockets != 0 {
		b.add(opReturn, unix.SECCOMP_RET_ALLOW) // the other filter tells of it
	}
	b.add(opReturn, answerErrno(unix.EACCES))
}
