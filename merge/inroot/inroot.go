// Package inroot works on files by their paths inside a root, and never outside
// it.
//
// A path is absolute and relative to the root: "/usr/bin/x". Symbolic links in
// its folders are resolved by the kernel as if the root were "/", absolute ones
// and ".." included (openat2 with RESOLVE_IN_ROOT, Linux 5.6); the last name is
// never followed unless a method says so. Errors are *fs.PathError values with
// such a path. The package decides nothing about what is done to a file.
package inroot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// openFolders is how many folders are kept open between calls.
const openFolders = 64

// An FS is an open root. It is safe for concurrent use. Close it.
type FS struct {
	dir string
	fd  int

	mu      sync.Mutex
	folders map[string]*folder
}

// A folder is an open folder, kept for later calls.
type folder struct{ file *os.File }

// Open opens the root at an absolute path.
func Open(root string) (*FS, error) {
	fd, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open root", Path: root, Err: err}
	}
	return &FS{dir: root, fd: fd, folders: make(map[string]*folder)}, nil
}

// Root is the path that Open was given.
func (f *FS) Root() string { return f.dir }

// Close lets go of the root.
func (f *FS) Close() error {
	f.Forget()
	return unix.Close(f.fd)
}

// Forget lets go of the folders that are kept open. Call it when others may have
// changed what is a folder and what is a link to one.
func (f *FS) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.folders) // files close when nobody uses them any more
}

// openat opens a path, links resolved inside the root.
func (f *FS) openat(name string, flags uint64, mode uint64) (*os.File, error) {
	how := unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Mode: mode, Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS}
	for {
		fd, err := unix.Openat2(f.fd, relative(name), &how)
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
			continue // a rename elsewhere got in the way of ".."
		}
		if err != nil {
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
		return os.NewFile(uintptr(fd), path.Join(f.dir, name)), nil
	}
}

// relative is the form that the kernel wants.
func relative(name string) string {
	name = strings.TrimLeft(name, "/")
	if name == "" {
		return "."
	}
	return name
}

// parent gives the open folder of a path, and the last name.
func (f *FS) parent(name string) (*os.File, string, error) {
	dir, base := path.Split(path.Clean("/" + name))
	f.mu.Lock()
	defer f.mu.Unlock()
	if d := f.folders[dir]; d != nil {
		return d.file, base, nil
	}
	file, err := f.openat(dir, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, "", err
	}
	if len(f.folders) >= openFolders {
		clear(f.folders)
	}
	f.folders[dir] = &folder{file}
	if base == "" {
		base = "."
	}
	return file, base, nil
}

// at calls do with the open folder of a path and the last name.
func (f *FS) at(op, name string, do func(dir int, base string) error) error {
	dir, base, err := f.parent(name)
	if err != nil {
		return rename(err, op, name)
	}
	conn, err := dir.SyscallConn()
	if err != nil {
		return &fs.PathError{Op: op, Path: name, Err: err}
	}
	cerr := conn.Control(func(fd uintptr) {
		for {
			if err = do(int(fd), base); !errors.Is(err, unix.EINTR) {
				return
			}
		}
	})
	if err == nil {
		err = cerr
	}
	if err != nil {
		return &fs.PathError{Op: op, Path: name, Err: err}
	}
	return nil
}

// rename gives an error of opening a folder the operation that wanted it.
func rename(err error, op, name string) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return &fs.PathError{Op: op, Path: name, Err: pe.Err}
	}
	return err
}

// Lstat describes a file, a link itself.
func (f *FS) Lstat(name string) (*unix.Stat_t, error) {
	var st unix.Stat_t
	err := f.at("lstat", name, func(dir int, base string) error {
		return unix.Fstatat(dir, base, &st, unix.AT_SYMLINK_NOFOLLOW)
	})
	return &st, err
}

// Stat describes what a path leads to, links followed inside the root.
func (f *FS) Stat(name string) (*unix.Stat_t, error) {
	var st unix.Stat_t
	file, err := f.openat(name, unix.O_PATH, 0)
	if err != nil {
		return nil, rename(err, "stat", name)
	}
	defer file.Close()
	if err := unix.Fstat(int(file.Fd()), &st); err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return &st, nil
}

// Mount gives the number of the mount that a folder is on, links followed: files
// can be renamed within one mount only.
func (f *FS) Mount(name string) (uint64, error) {
	file, err := f.openat(name, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return 0, rename(err, "stat mount", name)
	}
	defer file.Close()
	var st unix.Statx_t
	if err := unix.Statx(int(file.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_MNT_ID, &st); err != nil {
		return 0, &fs.PathError{Op: "stat mount", Path: name, Err: err}
	}
	return st.Mnt_id, nil
}

// IsDir says if a path leads to a folder, links followed inside the root.
func (f *FS) IsDir(name string) bool {
	st, err := f.Stat(name)
	return err == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR
}

// Readlink gives the target of a link.
func (f *FS) Readlink(name string) (target string, err error) {
	err = f.at("readlink", name, func(dir int, base string) error {
		buf := make([]byte, unix.PathMax)
		n, err := unix.Readlinkat(dir, base, buf)
		if err == nil {
			target = string(buf[:n])
		}
		return err
	})
	return target, err
}

// Open opens a regular file or folder for reading; a link is an error.
func (f *FS) Open(name string) (file *os.File, err error) {
	err = f.at("open", name, func(dir int, base string) error {
		fd, err := unix.Openat(dir, base, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		if err == nil {
			file = os.NewFile(uintptr(fd), path.Join(f.dir, name))
		}
		return err
	})
	return file, err
}

// ReadFile reads a regular file; a link is an error.
func (f *FS) ReadFile(name string) ([]byte, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var text strings.Builder
	if _, err := file.WriteTo(&text); err != nil {
		return nil, rename(err, "read", name)
	}
	return []byte(text.String()), nil
}

// Names lists a folder, sorted; links to it are followed inside the root.
func (f *FS) Names(name string) ([]string, error) {
	file, err := f.openat(name, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, rename(err, "list", name)
	}
	defer file.Close()
	entries, err := file.ReadDir(-1)
	if err != nil {
		return nil, rename(err, "list", name)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	sortStrings(names)
	return names, nil
}

// Real gives the path of the folder that a path leads to, without links. It is an
// error if that is none.
func (f *FS) Real(name string) (string, error) {
	return f.walk(path.Clean("/"+name), 0)
}

// maxLinks is the number of links that one path may lead through, as in Linux.
const maxLinks = 40

func (f *FS) walk(name string, links int) (string, error) {
	real := "/"
	rest := strings.Split(strings.Trim(name, "/"), "/")
	for len(rest) > 0 {
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
		st, err := f.Lstat(next)
		if err != nil {
			return "", rename(err, "resolve", name)
		}
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFDIR:
			real = next
		case unix.S_IFLNK:
			if links++; links > maxLinks {
				return "", &fs.PathError{Op: "resolve", Path: name, Err: unix.ELOOP}
			}
			target, err := f.Readlink(next)
			if err != nil {
				return "", err
			}
			if path.IsAbs(target) {
				real = "/"
			}
			rest = append(strings.Split(target, "/"), rest...)
		default:
			return "", &fs.PathError{Op: "resolve", Path: name, Err: unix.ENOTDIR}
		}
	}
	return real, nil
}

// Host gives the path of a folder in the host's terms, without links below the
// root.
func (f *FS) Host(name string) (string, error) {
	real, err := f.Real(name)
	if err != nil {
		return "", err
	}
	return path.Join(f.dir, real), nil
}

// SyncFS makes the file system of a folder durable: everything on it.
func (f *FS) SyncFS(name string) error {
	file, err := f.openat(name, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return rename(err, "sync", name)
	}
	defer file.Close()
	if err := unix.Syncfs(int(file.Fd())); err != nil {
		return &fs.PathError{Op: "sync file system of", Path: name, Err: err}
	}
	return nil
}

// SyncDir makes the names in a folder durable. One that is gone is no error.
func (f *FS) SyncDir(name string) error {
	file, err := f.openat(name, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	if err != nil {
		return rename(err, "sync", name)
	}
	defer file.Close()
	if err := file.Sync(); err != nil && !errors.Is(err, unix.EINVAL) {
		return fmt.Errorf("sync folder %s: %w", name, err)
	}
	return nil
}

// ReadLinked reads what a path leads to, links followed inside the root.
func (f *FS) ReadLinked(name string) ([]byte, error) {
	file, err := f.openat(name, unix.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, rename(err, "read", name)
	}
	defer file.Close()
	var text strings.Builder
	if _, err := file.WriteTo(&text); err != nil {
		return nil, rename(err, "read", name)
	}
	return []byte(text.String()), nil
}
