package livefs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/profiles/installmask"
)

// MaskOptions say how a mask is applied to an image.
type MaskOptions struct {
	EPrefix string   // patterns are relative to it
	Emptied []string // folders, deepest first, that go if nothing is left in them
}

// Mask removes from an image what INSTALL_MASK keeps out, as Portage does before
// pkg_preinst: first files, then folders that match and hold nothing any more.
// Merge with Options.InstallMask leaves the image as it is.
func Mask(dir string, mask *installmask.Mask, o MaskOptions) error {
	top := filepath.Join(dir, o.EPrefix)
	var dirs []string
	err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if name == top && errors.Is(err, fs.ErrNotExist) {
			return fs.SkipAll
		}
		if err != nil || name == top {
			return err
		}
		rel := strings.TrimPrefix(name, top+"/")
		if d.IsDir() {
			if mask.Match(rel + "/") {
				dirs = append(dirs, name)
			}
			return nil
		}
		if !mask.Match(rel) {
			return nil
		}
		return os.Remove(name)
	})
	if err != nil {
		return err
	}
	for n := len(dirs) - 1; n >= 0; n-- {
		if err := removeEmpty(dirs[n]); err != nil {
			return err
		}
	}
	for _, name := range o.Emptied {
		if err := removeEmpty(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// removeEmpty removes a folder, unless something is in it, or it is none.
func removeEmpty(dir string) error {
	err := unix.Rmdir(dir)
	for _, fine := range []error{unix.ENOTEMPTY, unix.EEXIST, unix.ENOENT, unix.ENOTDIR} {
		if errors.Is(err, fine) {
			return nil
		}
	}
	if err != nil {
		return &fs.PathError{Op: "rmdir", Path: dir, Err: err}
	}
	return nil
}
