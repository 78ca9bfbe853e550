package board

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
)

// buildRoot is the root of the machine that builds.
func (c *call) buildRoot() string {
	o := session.Options{BuildRoot: c.env.Vars["TUMPLINE_BUILD_ROOT"], Abs: c.env.Abs}
	return o.Places().Build
}

// place finds the folders of the wrappers.
func (c *call) place() error {
	for _, option := range []string{"--bin-dir", "--sbin-dir", "--root", "--pkgdir", "--scripts", "--program"} {
		if v := c.words.Text(option); v != nil && *v == "" {
			return usageError("argument " + option + ": it is empty")
		}
	}
	c.binDir = c.env.Abs(c.text("--bin-dir", filepath.Join(c.buildRoot(), "usr/local/bin")))
	c.sbinDir = c.env.Abs(c.text("--sbin-dir", filepath.Join(filepath.Dir(c.binDir), "sbin")))
	return nil
}

func (c *call) changed(path, action string) {
	c.changes = append(c.changes, Change{Path: path, Action: action})
}

// folder makes a folder and those above it.
func (c *call) folder(path string, mode fs.FileMode) error {
	if session.IsDir(path) {
		return nil
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(path, mode); err != nil {
		return err
	}
	c.changed(path, "made")
	return nil
}

// write writes a file, unless it says the same already.
func (c *call) write(path, text string, mode fs.FileMode) error {
	if old, err := os.ReadFile(path); err == nil && string(old) == text {
		if st, err := os.Lstat(path); err == nil && st.Mode() == mode {
			return nil
		}
	}
	if err := atomicfile.WriteFile(path, []byte(text), mode); err != nil {
		return err
	}
	c.changed(path, "written")
	return nil
}

// link links to a target by rename, so that the name is never missing. A folder is
// in the way, anything else is replaced.
func (c *call) link(target, path string) error {
	st, err := os.Lstat(path)
	switch {
	case err == nil && st.IsDir():
		return fmt.Errorf("link %s: a folder is in the way", path)
	case err == nil && st.Mode()&fs.ModeSymlink != 0:
		if now, err := os.Readlink(path); err == nil && now == target {
			return nil
		}
	}
	beside := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.Symlink(target, beside); err != nil {
		return err
	}
	if err := os.Rename(beside, path); err != nil {
		_ = os.Remove(beside) // the other error matters
		return err
	}
	c.changed(path, "linked")
	return nil
}

// delete removes a file or a link, if there is one.
func (c *call) delete(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		c.changed(path, "removed")
	}
	return err
}
