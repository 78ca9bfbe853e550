package confine

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Rights of Landlock by what a policy grants. Of these only the rights of
// files apply to what is not a folder.
const (
	rightsRead  = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	rightsExec  = rightsRead | unix.LANDLOCK_ACCESS_FS_EXECUTE
	rightsWrite = rightsRead | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE |
		unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_REFER |
		unix.LANDLOCK_ACCESS_FS_MAKE_CHAR | unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG |
		unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK |
		unix.LANDLOCK_ACCESS_FS_MAKE_SYM | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	rightsDevice = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	rightsFile   = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_READ_FILE |
		unix.LANDLOCK_ACCESS_FS_TRUNCATE | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV

	rightsNet = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
	scopes    = unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL
)

// devices can be used under every policy.
func devices() []string {
	return []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}
}

// landlockVersion is the version of the kernel's Landlock, or an error.
func landlockVersion() (int, error) {
	v, _, e := unix.RawSyscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if e != 0 {
		return 0, e
	}
	return int(v), nil
}

// handledFiles are the rights about files that a version of Landlock knows.
func handledFiles(version int) uint64 {
	rights := uint64(1<<13 - 1)
	if version >= 2 {
		rights |= unix.LANDLOCK_ACCESS_FS_REFER
	}
	if version >= 3 {
		rights |= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if version >= 5 {
		rights |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	return rights
}

// A ruleset is a Landlock ruleset under construction.
type ruleset struct {
	fd      int
	handled uint64
}

// newRuleset makes the ruleset of a policy; the paths are looked up as this
// process sees them now.
func newRuleset(p *Policy) (*ruleset, error) {
	version, err := landlockVersion()
	if err != nil {
		return nil, fmt.Errorf("ask for its version: %w", err)
	}
	attr := unix.LandlockRulesetAttr{Handled_access_fs: handledFiles(version)}
	if version >= 4 && p.Network == NetNone {
		attr.Handled_access_net = rightsNet
	}
	if version >= 6 {
		attr.Scoped = scopes
	}
	size := unsafe.Offsetof(attr.Quiet_access_fs) // older kernels know no more
	fd, _, e := unix.RawSyscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), size, 0)
	if e != 0 {
		return nil, fmt.Errorf("create a ruleset: %w", e)
	}
	r := &ruleset{int(fd), attr.Handled_access_fs}
	return r, r.addAll(p)
}

func (r *ruleset) addAll(p *Policy) error {
	var covers []string
	for _, c := range p.Cover {
		covers = append(covers, c.Path)
	}
	for _, grant := range []struct {
		paths  []string
		rights uint64
	}{{p.Read, rightsRead}, {p.Exec, rightsExec}, {p.Write, rightsWrite}, {covers, rightsWrite}, {devices(), rightsDevice}} {
		for _, path := range grant.paths {
			if err := r.add(path, grant.rights); err != nil {
				return fmt.Errorf("grant %s: %w", path, err)
			}
		}
	}
	return nil
}

// add grants rights below path.
func (r *ruleset) add(path string, rights uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		rights &= rightsFile
	}
	attr := unix.LandlockPathBeneathAttr{Allowed_access: rights & r.handled, Parent_fd: int32(fd)}
	_, _, e := unix.RawSyscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(r.fd), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&attr)), 0, 0, 0)
	if e != 0 {
		return e
	}
	return nil
}

// apply binds this thread and what it becomes. It needs no_new_privs.
func (r *ruleset) apply() error {
	if _, _, e := unix.RawSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(r.fd), 0, 0); e != 0 {
		return e
	}
	return unix.Close(r.fd)
}
