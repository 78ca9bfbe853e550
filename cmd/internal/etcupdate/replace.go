package etcupdate

import (
	"errors"
	"os"
	"syscall"

	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

// replaceLike gives a file other content; mode and owner stay.
func replaceLike(path string, text []byte) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	f, err := atomicfile.Create(path, info.Mode().Perm())
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := f.Write(text); err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return errors.New("internal error: a file without an owner")
	}
	if err := os.Chown(f.Name(), int(st.Uid), int(st.Gid)); err != nil && !errors.Is(err, os.ErrPermission) {
		return err
	}
	return f.Commit()
}
