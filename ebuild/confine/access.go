package confine

import (
	"bytes"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// An Access is a watched call. Its paths are those that the process gave when
// the call was stopped; the process may write other ones to the same place
// meanwhile. So a judge who lets the kernel go on must not rest on them:
// what the kernel allows is up to the rest of the policy.
type Access struct {
	PID    int    // of the thread, as this process sees it
	Call   string // name of the system call
	Op     Op
	Writes bool   // it would change something
	Flags  int    // O_* or AT_*, of calls that have them
	Mode   uint32 // of calls that have one
	Args   [6]uint64
	Target Name // the name that is opened, made, changed or removed
	Other  Name // of rename and link: the old name; of symlink, Given is what it holds
}

// A Name is a path in a call.
type Name struct {
	Given    string // as the process gave it
	Absolute string // with its working folder in front, and without dots; "" if it is not known
	Place    string // without links on the way; it may be one itself
	Resolved string // without links; the last one is followed if the call does
	Parent   bool   // the folder that it is in exists

	there presence
	root  int // where Resolved begins
}

// A presence says whether something is there, if that was looked for.
type presence uint8

const (
	unknown presence = iota
	absent
	present
)

// Exists says whether there is something, perhaps a link that leads nowhere. It can be
// asked while the call is judged.
func (n *Name) Exists() bool {
	if n.there == unknown {
		var st unix.Stat_t
		n.there = absent
		if unix.Fstatat(n.root, n.Resolved[1:], &st, unix.AT_SYMLINK_NOFOLLOW) == nil {
			n.there = present
		}
	}
	return n.there == present
}

// newAccess reads the arguments of a call.
func (r *resolver) newAccess(c watched, n *notification) (*Access, error) {
	a := &Access{PID: int(n.pid), Call: c.name, Op: c.op, Args: n.args}
	if c.flags >= 0 {
		a.Flags = int(int32(n.args[c.flags]))
	}
	if c.mode >= 0 {
		a.Mode = uint32(n.args[c.mode])
	}
	switch c.name {
	case "creat":
		a.Flags = unix.O_CREAT | unix.O_WRONLY | unix.O_TRUNC
	case "rmdir":
		a.Flags = unix.AT_REMOVEDIR
	}
	a.Writes = c.op != OpExec && c.op != OpSocket && c.op != OpStat && c.op != OpAccess && (c.op != OpOpen || a.Flags&writeFlags != 0)
	if c.path < 0 {
		return a, nil
	}
	if c.op == OpSymlink || c.op == OpRename || c.op == OpLink || c.op == OpUnlink && a.Flags&unix.AT_REMOVEDIR != 0 {
		r.forget() // folders may come to mean something else
	}
	var err error
	if a.Target, err = r.readName(a.PID, n, c.dir, c.path, a.follows(c)); err != nil {
		return nil, err
	}
	switch {
	case c.op == OpSymlink:
		a.Other.Given, err = readString(a.PID, uintptr(n.args[c.path2]))
	case c.path2 >= 0:
		a.Other, err = r.readName(a.PID, n, c.dir2, c.path2, c.op == OpLink && a.Flags&unix.AT_SYMLINK_FOLLOW != 0)
	}
	return a, err
}

// follows says if the call follows a link that its target is.
func (a *Access) follows(c watched) bool {
	switch a.Op {
	case OpMkdir, OpMknod, OpUnlink, OpRename, OpLink, OpSymlink:
		return false
	case OpOpen:
		return a.Flags&unix.O_NOFOLLOW == 0 && a.Flags&(unix.O_CREAT|unix.O_EXCL) != unix.O_CREAT|unix.O_EXCL
	}
	switch c.name {
	case "lstat", "lchown", "lsetxattr", "lremovexattr":
		return false
	}
	return a.Flags&unix.AT_SYMLINK_NOFOLLOW == 0
}

// readName reads and resolves one path of a call.
func (r *resolver) readName(pid int, n *notification, dir, arg int8, follow bool) (Name, error) {
	given, err := readString(pid, uintptr(n.args[arg]))
	if err != nil {
		return Name{}, err
	}
	base := "cwd"
	if dir >= 0 && int32(n.args[dir]) != unix.AT_FDCWD {
		base = "fd/" + strconv.Itoa(int(int32(n.args[dir])))
	}
	name := Name{Given: given}
	return name, r.resolve(&name, "/proc/"+strconv.Itoa(pid), base, follow)
}

// ReadMemory reads memory of the process that made the call; an argument says
// where.
func (a *Access) ReadMemory(at uint64, into []byte) error {
	n, err := promptRead(a.PID, uintptr(at), into)
	if err == nil && n < len(into) {
		return unix.EFAULT
	}
	return err
}

// maxPath is the kernel's PATH_MAX.
const maxPath = 4096

// readString reads a string in the memory of a process.
func readString(pid int, at uintptr) (string, error) {
	var text []byte
	var space [512]byte
	for len(text) < maxPath {
		// Up to the end of its page, beyond which there may be nothing.
		buf := space[:min(maxPath-at%maxPath, uintptr(len(space)))]
		got, err := promptRead(pid, at, buf)
		if err != nil {
			return "", err
		}
		if end := bytes.IndexByte(buf[:got], 0); end >= 0 {
			return string(append(text, buf[:end]...)), nil
		}
		text = append(text, buf[:got]...)
		at += uintptr(got)
	}
	return "", unix.ENAMETOOLONG
}

// own says if a path leads through links of /proc to something that the process
// has already.
func own(p string) bool {
	for _, prefix := range []string{"/proc/self/fd/", "/proc/thread-self/fd/", "/dev/fd/"} {
		if strings.HasPrefix(p, prefix) {
			return true
		}
	}
	return p == "/dev/stdin" || p == "/dev/stdout" || p == "/dev/stderr"
}
