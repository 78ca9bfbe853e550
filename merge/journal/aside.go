package journal

import (
	"errors"
	"path"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/inroot"
)

func isDir(f *inroot.FS, name string) bool {
	st, err := f.Lstat(name)
	return err == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR
}

// moveAside renames a file or folder. A folder that cannot be renamed, as one of a
// lower layer of an overlay, is copied and removed.
func moveAside(f *inroot.FS, from, to string) error {
	err := f.Rename(from, to)
	if !errors.Is(err, unix.EXDEV) {
		return err
	}
	if err := copyWhole(f, from, to); err != nil {
		return err
	}
	return f.RemoveAll(from)
}

// copyWhole copies a folder; the copy is durable and whole before it has its name.
func copyWhole(f *inroot.FS, from, to string) error {
	part := path.Join(path.Dir(to), "."+path.Base(to)+".part")
	if err := f.RemoveAll(part); err != nil {
		return err
	}
	if err := duplicateTree(f, from, part); err != nil {
		return err
	}
	if err := f.Rename(part, to); err != nil {
		return err
	}
	return f.SyncDir(path.Dir(to))
}

// duplicateTree copies a file, or a folder with all that is in it, durably.
func duplicateTree(f *inroot.FS, from, to string) error {
	st, err := f.Lstat(from)
	if err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return duplicate(f, st, from, to)
	}
	if err := f.Mkdir(to); err != nil {
		return err
	}
	names, err := f.Names(from)
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := duplicateTree(f, path.Join(from, n), path.Join(to, n)); err != nil {
			return err
		}
	}
	if err := f.Chown(to, int(st.Uid), int(st.Gid)); err != nil && !errors.Is(err, unix.EPERM) {
		return err
	}
	if err := f.Chmod(to, st.Mode&0o7777); err != nil {
		return err
	}
	if err := f.Chtimes(to, st.Mtim.Nano()); err != nil {
		return err
	}
	return f.SyncDir(to)
}
