package confine

import "golang.org/x/sys/unix"

// statAt is the number of fstatat.
const statAt = unix.SYS_NEWFSTATAT

// watchedCalls are the calls of this architecture that can be watched: those
// with folder descriptors, and their forms from before.
func watchedCalls() []watched {
	call := func(number uint32, name string, op Op, flags, mode int8) watched {
		return watched{number: number, name: name, op: op, dir: -1, path: 0, dir2: -1, path2: -1, flags: flags, mode: mode, needs: -1, notNull: -1, handle: -1}
	}
	open := call(unix.SYS_OPEN, "open", OpOpen, 1, 2)
	open.needs, open.mask = 1, writeFlags
	two := func(number uint32, name string, op Op) watched {
		c := call(number, name, op, -1, -1)
		c.path, c.path2 = 1, 0
		return c
	}
	renameat := two(unix.SYS_RENAMEAT, "renameat", OpRename)
	renameat.dir, renameat.path, renameat.dir2, renameat.path2 = 2, 3, 0, 1
	access := call(unix.SYS_ACCESS, "access", OpAccess, -1, 1)
	access.needs, access.mask = 1, unix.W_OK
	futimesat := call(unix.SYS_FUTIMESAT, "futimesat", OpUtime, -1, -1)
	futimesat.dir, futimesat.path, futimesat.notNull = 0, 1, 1
	return append(callsAt(),
		open, access, renameat, futimesat, two(unix.SYS_RENAME, "rename", OpRename), two(unix.SYS_LINK, "link", OpLink), two(unix.SYS_SYMLINK, "symlink", OpSymlink),
		call(unix.SYS_STAT, "stat", OpStat, -1, -1),
		call(unix.SYS_LSTAT, "lstat", OpStat, -1, -1),
		call(unix.SYS_CREAT, "creat", OpOpen, -1, 1),
		call(unix.SYS_MKDIR, "mkdir", OpMkdir, -1, 1),
		call(unix.SYS_MKNOD, "mknod", OpMknod, -1, 1),
		call(unix.SYS_UNLINK, "unlink", OpUnlink, -1, -1),
		call(unix.SYS_RMDIR, "rmdir", OpUnlink, -1, -1),
		call(unix.SYS_CHMOD, "chmod", OpChmod, -1, 1),
		call(unix.SYS_CHOWN, "chown", OpChown, -1, -1),
		call(unix.SYS_LCHOWN, "lchown", OpChown, -1, -1),
		call(unix.SYS_UTIME, "utime", OpUtime, -1, -1),
		call(unix.SYS_UTIMES, "utimes", OpUtime, -1, -1),
	)
}
