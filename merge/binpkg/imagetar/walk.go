package imagetar

import (
	"archive/tar"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

const dirFlags = unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC

// A walk keeps the folders open that lead to the last member: members mostly
// come folder by folder. Every step opens one name in an open folder and follows
// no link.
type walk struct {
	names []string
	fds   []int // one more than names; the first is the image
}

// parent opens the folder of a member, and makes what is missing.
func (w *walk) parent(parts []string) (int, error) { return w.open(parts[:len(parts)-1], true) }

// existing opens the folder of a member that must be there.
func (w *walk) existing(parts []string) (int, error) { return w.open(parts[:len(parts)-1], false) }

func (w *walk) open(parts []string, create bool) (int, error) {
	same := 0
	for same < len(parts) && same < len(w.names) && parts[same] == w.names[same] {
		same++
	}
	w.shrink(same)
	for _, name := range parts[same:] {
		dir := w.fds[len(w.fds)-1]
		fd, err := unix.Openat(dir, name, dirFlags, 0)
		if create && errors.Is(err, unix.ENOENT) {
			if err = unix.Mkdirat(dir, name, 0o755); err == nil {
				fd, err = unix.Openat(dir, name, dirFlags, 0)
			}
		}
		if errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
			return -1, fmt.Errorf("%w: %s", ErrParent, name)
		}
		if err != nil {
			return -1, err
		}
		w.names, w.fds = append(w.names, name), append(w.fds, fd)
	}
	return w.fds[len(w.fds)-1], nil
}

// shrink closes all folders but the image and the n below it.
func (w *walk) shrink(n int) {
	for len(w.names) > n {
		last := len(w.fds) - 1
		_ = unix.Close(w.fds[last]) // folders are only looked into
		w.names, w.fds = w.names[:last-1], w.fds[:last]
	}
}

func (w *walk) close() {
	w.shrink(0)
	_ = unix.Close(w.fds[0])
}

// set gives an open file the attributes of its member.
func (t *tarReader) set(fd int, h *tar.Header) error {
	mode := uint32(h.Mode) & 0o7777
	if t.Record != nil {
		mode &= 0o777
	} else if uid, gid := t.owner(h); uid != t.uid || gid != t.gid || h.Typeflag == tar.TypeDir {
		if err := unix.Fchown(fd, uid, gid); err != nil {
			return fmt.Errorf("set owner %d:%d: %w", uid, gid, err)
		}
	}
	if err := t.xattrs(fd, h); err != nil {
		return err
	}
	if err := unix.Fchmod(fd, mode); err != nil {
		return err
	}
	at := unix.NsecToTimespec(h.ModTime.UnixNano())
	return utimes(fd, "", []unix.Timespec{at, at}, unix.AT_EMPTY_PATH)
}

// setAt gives what cannot be opened the attributes of its member.
func (t *tarReader) setAt(dir int, name string, h *tar.Header) error {
	link := h.Typeflag == tar.TypeSymlink
	if t.Record == nil {
		uid, gid := t.owner(h)
		if err := unix.Fchownat(dir, name, uid, gid, unix.AT_SYMLINK_NOFOLLOW); err != nil {
			return fmt.Errorf("set owner %d:%d: %w", uid, gid, err)
		}
	}
	if !link {
		mode := uint32(h.Mode) & 0o7777
		if t.Record != nil {
			mode &= 0o777
		}
		// The name was made here and is no link.
		if err := unix.Fchmodat(dir, name, mode, 0); err != nil {
			return err
		}
	}
	at := unix.NsecToTimespec(h.ModTime.UnixNano())
	return utimes(dir, name, []unix.Timespec{at, at}, unix.AT_SYMLINK_NOFOLLOW)
}

// utimes sets times; of the file behind fd itself, if name is empty.
func utimes(fd int, name string, times []unix.Timespec, flags int) error {
	err := unix.UtimesNanoAt(fd, name, times, flags)
	if name == "" && (errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOENT)) {
		// Kernels before 5.8 know no AT_EMPTY_PATH here.
		return unix.UtimesNanoAt(unix.AT_FDCWD, fmt.Sprintf("/proc/self/fd/%d", fd), times, 0)
	}
	return err
}

// owner says who shall own a member.
func (t *tarReader) owner(h *tar.Header) (uid, gid int) {
	if t.Owner != nil {
		return t.Owner(attributesOf(h))
	}
	return h.Uid, h.Gid
}

// capability is the attribute without which a program does not work.
const capability = "security.capability"

// xattrs sets the extended attributes of an open file.
func (t *tarReader) xattrs(fd int, h *tar.Header) error {
	if !t.Xattrs {
		return nil
	}
	for key, value := range h.PAXRecords {
		name, ok := strings.CutPrefix(key, xattrPrefix)
		if !ok || t.Record != nil && !strings.HasPrefix(name, "user.") {
			continue
		}
		err := unix.Fsetxattr(fd, name, []byte(value), 0)
		if errors.Is(err, unix.ENOTSUP) && name != capability {
			continue // as tar does: a label that this file system cannot have
		}
		if err != nil {
			return fmt.Errorf("set extended attribute %s: %w", name, err)
		}
	}
	return nil
}
