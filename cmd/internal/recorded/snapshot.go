package recorded

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// A stamp tells two states of a file apart without reading it.
type stamp struct {
	inode        uint64
	size         int64
	mtime, ctime syscall.Timespec
	mode         fs.FileMode
	link         string
}

// snapshot stamps the files below folders that records speak of.
func snapshot(dirs []string) (map[string]stamp, error) {
	out := map[string]stamp{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil
			}
			if err != nil {
				return err
			}
			if !watched(path) {
				return nil
			}
			info, err := e.Info()
			if err != nil {
				return err
			}
			sys, ok := info.Sys().(*syscall.Stat_t)
			if !ok {
				return fmt.Errorf("%s: no stat", path)
			}
			if e.IsDir() {
				out[path] = stamp{mode: fs.ModeDir, inode: sys.Ino}
				return nil
			}
			s := stamp{inode: sys.Ino, size: sys.Size, mtime: sys.Mtim, ctime: sys.Ctim, mode: info.Mode()}
			if info.Mode()&fs.ModeSymlink != 0 {
				if s.link, err = os.Readlink(path); err != nil {
					return err
				}
			}
			out[path] = s
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("stage: look at %s: %w", dir, err)
		}
	}
	return out, nil
}

// watched says if records tell of a file: what lies below var/tmp and the like is left
// out, but not a saved environment. So is our own journal, which Portage has none of.
func watched(path string) bool {
	if strings.HasPrefix(path, "/build/") {
		if _, rest, ok := strings.Cut(path[len("/build/"):], "/"); ok {
			path = "/" + rest
		}
	}
	if ok, err := filepath.Match("/var/tmp/portage/*/*/temp/environment", path); ok && err == nil {
		return true
	}
	if strings.HasPrefix(path, tmpPath) {
		return !strings.Contains(path, "/var/lib/tumpline/")
	}
	for _, dir := range []string{"/var/tmp/", "/var/log/", "/var/cache/edb/", "/var/cache/ldconfig/", "/var/lib/gentoo/", "/var/lib/tumpline/"} {
		if strings.HasPrefix(path, dir) {
			return false
		}
	}
	return true
}

// onTmpfs says if the inode of a folder tells it from one that took its place. On an
// overlay it does not.
func onTmpfs(path string) bool {
	var st unix.Statfs_t
	return unix.Statfs(path, &st) == nil && st.Type == unix.TMPFS_MAGIC
}

// changes describes what became of files.
func changes(before, after map[string]stamp) (map[string]File, error) {
	out := map[string]File{}
	for path, s := range after {
		if old, ok := before[path]; ok && old == s || s.mode.IsDir() {
			continue
		}
		f, err := describe(path, s)
		if err != nil {
			return nil, err
		}
		out[path] = f
	}
	replaced := make(map[string]bool)
	for path, s := range before {
		if now, stays := after[path]; stays && s.mode.IsDir() && onTmpfs(path) {
			replaced[path] = now.inode != s.inode
		}
	}
	for path := range before {
		_, stays := after[path]
		dir := filepath.Dir(path)
		if replaced[dir] {
			continue // of a folder that came anew records tell nothing that went with the old one
		}
		if _, above := after[dir]; !stays && (above || !before[dir].mode.IsDir()) {
			out[path] = File{Removed: true} // with all that was in it
		}
	}
	return out, nil
}

func describe(path string, s stamp) (File, error) {
	if s.mode&fs.ModeSymlink != 0 {
		return File{Symlink: &s.link}, nil
	}
	f := File{Mode: fmt.Sprintf("%04o", mode(s.mode)), Size: &s.size}
	if !s.mode.IsRegular() {
		return f, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return f, fmt.Errorf("stage: %w", err)
	}
	sum := sha256.Sum256(text)
	f.SHA256 = hex.EncodeToString(sum[:])
	if utf8.Valid(text) {
		t := string(text)
		f.Text = &t
	}
	return f, nil
}

// mode is a mode as chmod takes it.
func mode(m fs.FileMode) uint32 {
	out := uint32(m.Perm())
	for bit, value := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if m&bit != 0 {
			out |= value
		}
	}
	return out
}
