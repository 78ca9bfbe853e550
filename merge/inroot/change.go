package inroot

import (
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"
)

func sortStrings(list []string) { slices.Sort(list) }

// two calls do with the open folders and last names of two paths.
func (f *FS) two(op, from, to string, do func(fd int, base string, fd2 int, base2 string) error) error {
	return f.at(op, from, func(fd int, base string) error {
		dir, base2, err := f.parent(to)
		if err != nil {
			return err
		}
		defer runtime.KeepAlive(dir)
		return do(fd, base, int(dir.Fd()), base2)
	})
}

// Rename moves a file over another one or to a free name.
func (f *FS) Rename(from, to string) error { return f.rename(from, to, 0) }

// RenameFree is Rename, but it is an error if the new name is taken.
func (f *FS) RenameFree(from, to string) error { return f.rename(from, to, unix.RENAME_NOREPLACE) }

// Exchange swaps two files.
func (f *FS) Exchange(a, b string) error { return f.rename(a, b, unix.RENAME_EXCHANGE) }

func (f *FS) rename(from, to string, flags uint) error {
	f.forgetBelow(from)
	f.forgetBelow(to)
	return f.two("rename", from, to, func(fd int, base string, fd2 int, base2 string) error {
		return unix.Renameat2(fd, base, fd2, base2, flags)
	})
}

// forgetBelow lets go of folders if something else may come to be at a path:
// when it is a folder or a link.
func (f *FS) forgetBelow(name string) {
	if st, err := f.Lstat(name); err == nil && st.Mode&unix.S_IFMT == unix.S_IFREG {
		return
	}
	f.Forget()
}

// Link makes a further name for a file, a link itself.
func (f *FS) Link(from, to string) error {
	return f.two("link", from, to, func(fd int, base string, fd2 int, base2 string) error {
		return unix.Linkat(fd, base, fd2, base2, 0)
	})
}

// Remove removes a file that is no folder.
func (f *FS) Remove(name string) error {
	f.forgetBelow(name)
	return f.at("remove", name, func(dir int, base string) error { return unix.Unlinkat(dir, base, 0) })
}

// Rmdir removes an empty folder.
func (f *FS) Rmdir(name string) error {
	f.Forget()
	return f.at("rmdir", name, func(dir int, base string) error { return unix.Unlinkat(dir, base, unix.AT_REMOVEDIR) })
}

// Mkdir makes a folder that only its owner may use.
func (f *FS) Mkdir(name string) error {
	return f.at("mkdir", name, func(dir int, base string) error { return unix.Mkdirat(dir, base, 0o700) })
}

// MkdirAll makes a folder and those above it, if they are not there, with mode.
func (f *FS) MkdirAll(name string, mode uint32) error {
	if f.IsDir(name) {
		return nil
	}
	if err := f.MkdirAll(path.Dir(path.Clean("/"+name)), mode); err != nil {
		return err
	}
	if err := f.Mkdir(name); err != nil && !os.IsExist(err) {
		return err
	}
	if err := f.Chmod(name, mode); err != nil {
		return err
	}
	return f.SyncDir(path.Dir(path.Clean("/" + name)))
}

// Symlink makes a link.
func (f *FS) Symlink(target, name string) error {
	return f.at("symlink", name, func(dir int, base string) error { return unix.Symlinkat(target, dir, base) })
}

// Chmod changes the mode of a file that is no link.
func (f *FS) Chmod(name string, mode uint32) error {
	return f.at("chmod", name, func(dir int, base string) error { return unix.Fchmodat(dir, base, mode, 0) })
}

// Chown changes the owner of a file, a link itself.
func (f *FS) Chown(name string, uid, gid int) error {
	return f.at("chown", name, func(dir int, base string) error {
		return unix.Fchownat(dir, base, uid, gid, unix.AT_SYMLINK_NOFOLLOW)
	})
}

// Chtimes sets the time of the last change of a file, and of the last access, in
// nanoseconds.
func (f *FS) Chtimes(name string, ns int64) error {
	return f.at("set time of", name, func(dir int, base string) error {
		ts := unix.NsecToTimespec(ns)
		return unix.UtimesNanoAt(dir, base, []unix.Timespec{ts, ts}, unix.AT_SYMLINK_NOFOLLOW)
	})
}

// Touch sets the times of a file to the present.
func (f *FS) Touch(name string) error {
	return f.at("touch", name, func(dir int, base string) error {
		now := unix.Timespec{Nsec: unix.UTIME_NOW}
		return unix.UtimesNanoAt(dir, base, []unix.Timespec{now, now}, unix.AT_SYMLINK_NOFOLLOW)
	})
}

// Create makes a new file with mode and opens it for writing.
func (f *FS) Create(name string, mode uint32) (file *os.File, err error) {
	err = f.at("create", name, func(dir int, base string) error {
		fd, err := unix.Openat(dir, base, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
		if err == nil {
			file = os.NewFile(uintptr(fd), path.Join(f.dir, name))
			if err = unix.Fchmod(fd, mode); err != nil {
				file.Close() // the other error is told
			}
		}
		return err
	})
	return file, err
}

// RemoveAll removes a file, or a folder with all that is in it, links not
// followed and mounts not entered. Nothing there is no error.
func (f *FS) RemoveAll(name string) error {
	st, err := f.Lstat(name)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return f.Remove(name)
	}
	names, err := f.Names(name)
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := f.RemoveAll(path.Join(name, n)); err != nil {
			return err
		}
	}
	if err := f.Rmdir(name); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}

// MTime is the time of the last change in nanoseconds.
func MTime(st *unix.Stat_t) int64 { return st.Mtim.Nano() }

// Mode gives the kind of a file as io/fs has it.
func Mode(st *unix.Stat_t) fs.FileMode {
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFLNK:
		return fs.ModeSymlink
	case unix.S_IFIFO:
		return fs.ModeNamedPipe
	case unix.S_IFCHR:
		return fs.ModeDevice | fs.ModeCharDevice
	case unix.S_IFBLK:
		return fs.ModeDevice
	case unix.S_IFSOCK:
		return fs.ModeSocket
	}
	return 0
}
