package confine

import (
	"golang.org/x/sys/unix"
)

// A Watch says which calls of the process are told to Cmd.Judge before they
// happen. It asks the kernel for seccomp's user notification.
type Watch uint8

const (
	WatchWrites  Watch = 1 << iota // calls that change what a path names
	WatchReads                     // opening for reading
	WatchExec                      // executing
	WatchSockets                   // making sockets, with Network at NetNone
	WatchLooks                     // asking for a file's attributes, or whether it may be used
)

// An Op is what a watched call does.
type Op uint8

const (
	OpOpen     Op = iota // open, creat
	OpMkdir              // make a folder
	OpMknod              // make a device, pipe or file
	OpUnlink             // remove a name
	OpRename             // rename
	OpLink               // make a hard link
	OpSymlink            // make a symbolic link
	OpChmod              // change the mode
	OpChown              // change the owner
	OpTruncate           // change the size
	OpUtime              // change times
	OpXattr              // change an extended attribute
	OpAccess             // ask whether it may be written
	OpExec               // execute
	OpSocket             // make a socket
	OpStat               // ask for attributes
)

// A watched call and where its arguments are; -1 stands for none.
type watched struct {
	number      uint32
	name        string
	op          Op
	dir, path   int8 // of the name that is changed or made
	dir2, path2 int8 // of the other name
	flags       int8 // argument with AT_* or O_* flags
	mode        int8 // argument with the mode
	needs       int8 // told only if this argument has one of the bits of mask
	mask        uint32
	handle      int8 // not told if this argument has AT_EMPTY_PATH: it asks about a descriptor
	notNull     int8 // told only if this argument is not 0
}

// writeFlags are those of open that change something.
const writeFlags = unix.O_WRONLY | unix.O_RDWR | unix.O_CREAT | unix.O_TRUNC | (unix.O_TMPFILE &^ unix.O_DIRECTORY)

// covers says whether the call is watched.
func (w Watch) covers(op Op) bool {
	switch op {
	case OpExec:
		return w&WatchExec != 0
	case OpSocket:
		return w&WatchSockets != 0
	case OpOpen:
		return w&(WatchWrites|WatchReads) != 0
	case OpStat:
		return w&WatchLooks != 0
	case OpAccess:
		return w&(WatchWrites|WatchLooks) != 0
	}
	return w&WatchWrites != 0
}

// all says whether a call is told of whatever it asks for.
func (w Watch) all(op Op) bool {
	return op == OpOpen && w&WatchReads != 0 || op == OpAccess && w&WatchLooks != 0
}

// newWatchFilter builds the filter that tells of calls. Programs for other
// architectures are not watched; what they may do does not rest on it.
func newWatchFilter(w Watch) program {
	var prog program
	var body program
	body.add(opLoad, offNumber)
	for _, c := range watchedCalls() {
		if !w.covers(c.op) {
			continue
		}
		body.section(c.number, func(b *program) {
			switch {
			case c.notNull >= 0:
				b.add(opLoad, uint32(offArgs+8*c.notNull))
				b.branch(opEqual, 0, 0, 3)
				b.add(opLoad, uint32(offArgs+8*c.notNull+4))
				b.branch(opEqual, 0, 0, 1)
				b.add(opReturn, unix.SECCOMP_RET_ALLOW)
			case c.handle >= 0:
				b.loadArg(int(c.handle))
				b.add(opAnd, unix.AT_EMPTY_PATH)
				b.branch(opEqual, 0, 1, 0)
				b.add(opReturn, unix.SECCOMP_RET_ALLOW)
			case c.needs >= 0 && !w.all(c.op):
				b.loadArg(int(c.needs))
				b.add(opAnd, c.mask)
				b.branch(opEqual, 0, 0, 1)
				b.add(opReturn, unix.SECCOMP_RET_ALLOW)
			}
			b.add(opReturn, unix.SECCOMP_RET_USER_NOTIF)
		})
	}
	body.refuse([]uint32{unix.SYS_OPENAT2}, answerErrno(unix.ENOSYS)) // its flags are in memory; programs have a way without
	body.add(opReturn, unix.SECCOMP_RET_ALLOW)
	prog.add(opLoad, offArch)
	prog.branch(opEqual, tables()[0].arch, 1, 0)
	prog.add(opReturn, unix.SECCOMP_RET_ALLOW)
	return append(prog, body...)
}

// callsAt are the watched calls that every architecture has.
func callsAt() []watched {
	call := func(number uint32, name string, op Op, dir, path, flags, mode int8) watched {
		return watched{number: number, name: name, op: op, dir: dir, path: path, dir2: -1, path2: -1, flags: flags, mode: mode, needs: -1, notNull: -1, handle: -1}
	}
	open := call(unix.SYS_OPENAT, "openat", OpOpen, 0, 1, 2, 3)
	open.needs, open.mask = 2, writeFlags
	rename := call(unix.SYS_RENAMEAT2, "renameat2", OpRename, 2, 3, 4, -1)
	rename.dir2, rename.path2 = 0, 1
	link := call(unix.SYS_LINKAT, "linkat", OpLink, 2, 3, 4, -1)
	link.dir2, link.path2 = 0, 1
	symlink := call(unix.SYS_SYMLINKAT, "symlinkat", OpSymlink, 1, 2, -1, -1)
	symlink.path2 = 0
	utime := call(unix.SYS_UTIMENSAT, "utimensat", OpUtime, 0, 1, 3, -1)
	utime.notNull = 1
	access := call(unix.SYS_FACCESSAT, "faccessat", OpAccess, 0, 1, -1, 2)
	access.needs, access.mask = 2, unix.W_OK
	access2 := call(unix.SYS_FACCESSAT2, "faccessat2", OpAccess, 0, 1, 3, 2)
	access2.needs, access2.mask = 2, unix.W_OK
	stat, statx := call(statAt, "newfstatat", OpStat, 0, 1, 3, -1), call(unix.SYS_STATX, "statx", OpStat, 0, 1, 2, -1)
	stat.handle, statx.handle = 3, 2
	return []watched{
		stat, statx, open, rename, link, symlink, utime, access, access2,
		call(unix.SYS_MKDIRAT, "mkdirat", OpMkdir, 0, 1, -1, 2),
		call(unix.SYS_MKNODAT, "mknodat", OpMknod, 0, 1, -1, 2),
		call(unix.SYS_UNLINKAT, "unlinkat", OpUnlink, 0, 1, 2, -1),
		call(unix.SYS_FCHMODAT, "fchmodat", OpChmod, 0, 1, -1, 2),
		call(unix.SYS_FCHMODAT2, "fchmodat2", OpChmod, 0, 1, 3, 2),
		call(unix.SYS_FCHOWNAT, "fchownat", OpChown, 0, 1, 4, -1),
		call(unix.SYS_TRUNCATE, "truncate", OpTruncate, -1, 0, -1, -1),
		call(unix.SYS_SETXATTR, "setxattr", OpXattr, -1, 0, -1, -1),
		call(unix.SYS_LSETXATTR, "lsetxattr", OpXattr, -1, 0, -1, -1),
		call(unix.SYS_REMOVEXATTR, "removexattr", OpXattr, -1, 0, -1, -1),
		call(unix.SYS_LREMOVEXATTR, "lremovexattr", OpXattr, -1, 0, -1, -1),
		call(unix.SYS_EXECVE, "execve", OpExec, -1, 0, -1, -1),
		call(unix.SYS_EXECVEAT, "execveat", OpExec, 0, 1, 4, -1),
		call(unix.SYS_SOCKET, "socket", OpSocket, -1, -1, -1, -1),
	}
}
