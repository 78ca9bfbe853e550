package confine

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// setView gives this process, which is in a mount namespace of its own, the
// tree of files that the policy names. It ends in the root of that tree, also if
// the error is that there is no /proc.
func setView(p *Policy, ownPIDs bool) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("part from the host's mounts: %w", err)
	}
	if p.seesAll() {
		return setWholeView(p, ownPIDs)
	}
	return setOwnView(p, ownPIDs)
}

// A laid mount is one that is ready to be put in its place.
type laid struct {
	path   string
	copied int
	attrs  uint64
}

// setWholeView makes everything read-only but what may be written.
func setWholeView(p *Policy, ownPIDs bool) error {
	covers, err := layCovers(p)
	if err != nil {
		return err
	}
	var writable []laid
	if !p.writesAll() {
		if writable, err = layWritable(p); err != nil {
			return err
		}
		if err := restrictMount(unix.AT_FDCWD, "/", unix.MOUNT_ATTR_RDONLY|unix.MOUNT_ATTR_NOSUID); err != nil {
			return fmt.Errorf("make everything read-only: %w", err)
		}
	}
	for _, m := range append(covers, writable...) {
		if err := m.put(); err != nil {
			return err
		}
	}
	var missing error
	if ownPIDs {
		missing = mountProc(unix.AT_FDCWD, "/proc")
	}
	// The root of this process may lie below a mount made just now.
	if err := unix.Chdir("/"); err != nil {
		return err
	}
	return missing
}

// layWritable copies the mounts of what may be written, as long as they can be.
func layWritable(p *Policy) ([]laid, error) {
	var all []laid
	for _, name := range p.Write {
		m := laid{path: name, attrs: unix.MOUNT_ATTR_NOSUID}
		if name != "/dev" && !strings.HasPrefix(name, "/dev/") {
			m.attrs |= unix.MOUNT_ATTR_NODEV // root may make device nodes, but not use them
		}
		var err error
		if m.copied, err = copyPath(name); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("copy the mount of %s: %w", name, err)
		}
		all = append(all, m)
	}
	return all, nil
}

// layCovers makes the mounts that hide folders.
func layCovers(p *Policy) ([]laid, error) {
	var all []laid
	for _, c := range p.Cover {
		m := laid{path: c.Path, attrs: unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV}
		var err error
		if _, err := os.Stat(c.Path); err != nil {
			continue
		}
		if c.With == "" {
			m.copied, err = newMount("tmpfs", int(m.attrs), "mode", "1777")
		} else {
			m.copied, err = copyPath(c.With)
		}
		if err != nil {
			return nil, fmt.Errorf("cover %s: %w", c.Path, err)
		}
		all = append(all, m)
	}
	return all, nil
}

// put mounts it where it belongs.
func (m laid) put() error {
	defer unix.Close(m.copied)
	if err := restrictMount(m.copied, "", m.attrs); err != nil {
		return fmt.Errorf("restrict %s: %w", m.path, err)
	}
	place, err := unix.Open(m.path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", m.path, err)
	}
	defer unix.Close(place)
	if err := unix.MoveMount(m.copied, "", place, "", unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH); err != nil {
		return fmt.Errorf("mount %s: %w", m.path, err)
	}
	return nil
}

// copyPath clones the mounts at a path.
func copyPath(name string) (int, error) {
	fd, err := unix.Open(name, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	defer unix.Close(fd)
	return copyMount(fd)
}

// copyMount clones the mounts at what a descriptor stands for.
func copyMount(fd int) (int, error) {
	return unix.OpenTree(fd, "", unix.AT_EMPTY_PATH|unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
}

// restrictMount sets attributes on a mount and all below it.
func restrictMount(fd int, name string, set uint64) error {
	flags := uint(unix.AT_RECURSIVE)
	if name == "" {
		flags |= unix.AT_EMPTY_PATH
	}
	return unix.MountSetattr(fd, name, flags, &unix.MountAttr{Attr_set: set})
}

// mountProc mounts a /proc of this pid namespace.
func mountProc(dir int, name string) error {
	fd, err := newMount("proc", unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOEXEC, "hidepid", "invisible")
	if err == nil {
		defer unix.Close(fd)
		err = unix.MoveMount(fd, "", dir, name, unix.MOVE_MOUNT_F_EMPTY_PATH)
	}
	if err != nil {
		return &partError{PartProc, fmt.Errorf("mount /proc: %w", err)}
	}
	return nil
}

// newMount makes a filesystem with one option, not yet anywhere in the tree.
func newMount(kind string, attrs int, key, value string) (int, error) {
	fs, err := unix.Fsopen(kind, unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1, err
	}
	defer unix.Close(fs)
	if err := unix.FsconfigSetString(fs, key, value); err != nil {
		return -1, err
	}
	if err := unix.FsconfigCreate(fs); err != nil {
		return -1, err
	}
	return unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, attrs)
}

// An ownView is a tree under construction in an empty tmpfs.
type ownView struct {
	root    int // the tmpfs's root
	made    map[string]bool
	missing error // of /proc
}

// setOwnView makes a tree of only the policy's paths and enters it.
func setOwnView(p *Policy, ownPIDs bool) error {
	fd, err := newMount("tmpfs", unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV, "mode", "0755")
	if err != nil {
		return fmt.Errorf("make an empty root: %w", err)
	}
	// A folder that surely exists, and out of which nothing is needed, holds
	// the new root until it becomes the root.
	if err := unix.MoveMount(fd, "", unix.AT_FDCWD, "/proc", unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("mount an empty root: %w", err)
	}
	v := &ownView{root: fd, made: map[string]bool{"": true}}
	if err := v.fill(p, ownPIDs); err != nil {
		return err
	}
	if err := v.enter(); err != nil {
		return err
	}
	return v.missing
}

func (v *ownView) fill(p *Policy, ownPIDs bool) error {
	for _, dir := range []string{"dev", "proc"} {
		if err := v.mkdir(dir); err != nil {
			return err
		}
	}
	if ownPIDs {
		v.missing = mountProc(v.root, "proc")
	}
	for name, target := range map[string]string{"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"} {
		if err := unix.Symlinkat(target, v.root, "dev/"+name); err != nil {
			return fmt.Errorf("link /dev/%s: %w", name, err)
		}
	}
	const closed = unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV
	for _, grant := range []struct {
		paths []string
		attrs uint64
	}{
		{devices(), unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID},
		{p.Read, closed},
		{p.Exec, closed},
		{p.Write, unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV},
		{[]string{p.dir()}, 0},
	} {
		for _, name := range grant.paths {
			if err := v.show(filepath.Clean(name), grant.attrs); err != nil {
				return fmt.Errorf("show %s: %w", name, err)
			}
		}
	}
	return nil
}

// show makes the host's path appear, with the links on the way to it. With no
// attributes only a place is made for it. A path that does not exist is left out.
func (v *ownView) show(name string, attrs uint64) error {
	real, err := v.links(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil || real == "/" || real == "/dev" || real == "/proc" || strings.HasPrefix(real, "/proc/") {
		return err // these are the view's own
	}
	fd, err := unix.Open(real, unix.O_PATH|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := v.place(fd, real[1:]); err != nil || attrs == 0 {
		return err
	}
	copied, err := copyMount(fd)
	if err != nil {
		return fmt.Errorf("copy its mount: %w", err)
	}
	defer unix.Close(copied)
	if err := restrictMount(copied, "", attrs); err != nil {
		return fmt.Errorf("restrict it: %w", err)
	}
	if err := unix.MoveMount(copied, "", v.root, real[1:], unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
		return fmt.Errorf("mount it: %w", err)
	}
	return nil
}

// maxLinks bounds the links on the way to one path, as the kernel does.
const maxLinks = 40

// links resolves name on the host and makes the links that it meets in the view.
func (v *ownView) links(name string) (string, error) {
	rest, real := strings.Split(name, "/"), "/"
	for met := 0; len(rest) > 0; {
		part := rest[0]
		rest = rest[1:]
		if part == "" || part == "." {
			continue
		}
		if part == ".." {
			real = path.Dir(real)
			continue
		}
		next := path.Join(real, part)
		target, err := os.Readlink(next)
		if errors.Is(err, unix.EINVAL) { // no link
			real = next
			continue
		}
		if err != nil {
			return "", err
		}
		if met++; met > maxLinks {
			return "", unix.ELOOP
		}
		if err := v.link(target, next[1:]); err != nil {
			return "", err
		}
		if path.IsAbs(target) {
			real = "/"
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	return real, nil
}

func (v *ownView) link(target, name string) error {
	if v.made[name] {
		return nil
	}
	if err := v.mkdir(path.Dir(name)); err != nil {
		return err
	}
	err := unix.Symlinkat(target, v.root, name)
	if errors.Is(err, unix.EEXIST) || errors.Is(err, unix.EROFS) { // it lies below what is shown already
		err = nil
	}
	v.made[name] = true
	return err
}

// place makes a mount point for what fd stands for.
func (v *ownView) place(fd int, name string) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		return v.mkdir(name)
	}
	if err := v.mkdir(path.Dir(name)); err != nil {
		return err
	}
	made, err := unix.Openat(v.root, name, unix.O_PATH|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0)
	if err == nil {
		return unix.Close(made)
	}
	made, err = unix.Openat(v.root, name, unix.O_CREAT|unix.O_EXCL|unix.O_CLOEXEC|unix.O_WRONLY, 0o444)
	if err != nil {
		return fmt.Errorf("make a place for it: %w", err)
	}
	return unix.Close(made)
}

// mkdir makes a folder and those above it, unless they are there.
func (v *ownView) mkdir(name string) error {
	if name == "." || v.made[name] {
		return nil
	}
	if err := v.mkdir(path.Dir(name)); err != nil {
		return err
	}
	err := unix.Mkdirat(v.root, name, 0o755)
	if err != nil && !errors.Is(err, unix.EEXIST) && !errors.Is(err, unix.EROFS) {
		return fmt.Errorf("make the folder /%s: %w", name, err)
	}
	v.made[name] = true
	return nil
}

// enter makes the view the root of this process and lets go of the host's.
func (v *ownView) enter() error {
	if err := unix.MountSetattr(v.root, "", unix.AT_EMPTY_PATH, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}); err != nil {
		return fmt.Errorf("make the new root read-only: %w", err)
	}
	if err := unix.Fchdir(v.root); err != nil {
		return fmt.Errorf("go to the new root: %w", err)
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("change the root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("let go of the host's files: %w", err)
	}
	unix.Close(v.root)
	return unix.Chdir("/")
}
