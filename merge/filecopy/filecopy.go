// Package filecopy copies the content of one regular file, with its holes and
// extended attributes.
//
// It refuses to decide about owners, modes and times, and about what is copied:
// its callers know whether they install, merge or pack.
package filecopy

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Content copies the bytes of src to the end of dst and gives their number.
// Holes of src stay holes in dst if dst is empty and its file system can have
// them. The file behind dst is as long as src afterwards.
func Content(dst, src *os.File) (int64, error) {
	info, err := src.Stat()
	if err != nil {
		return 0, err
	}
	if !sparse(info) {
		return io.Copy(dst, src)
	}
	return segments(dst, src, info.Size())
}

// sparse says whether a file occupies less than its size.
func sparse(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Blocks*512 < info.Size()
}

// segments copies what lies between the holes.
func segments(dst, src *os.File, size int64) (int64, error) {
	var at int64
	for at < size {
		start, err := unix.Seek(int(src.Fd()), at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			break // a hole up to the end
		}
		if err != nil {
			return plain(dst, src)
		}
		end, err := unix.Seek(int(src.Fd()), start, unix.SEEK_HOLE)
		if err != nil {
			return plain(dst, src)
		}
		if err := segment(dst, src, start, end-start); err != nil {
			return at, err
		}
		at = end
	}
	return size, dst.Truncate(size)
}

func segment(dst, src *os.File, start, length int64) error {
	if _, err := src.Seek(start, io.SeekStart); err != nil {
		return err
	}
	if _, err := dst.Seek(start, io.SeekStart); err != nil {
		return err
	}
	n, err := io.CopyN(dst, src, length)
	if err != nil {
		return fmt.Errorf("copy %d bytes at %d: %w", length, start+n, err)
	}
	return nil
}

// plain copies everything, where holes cannot be asked for.
func plain(dst, src *os.File) (int64, error) {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	if err := dst.Truncate(0); err != nil {
		return 0, err
	}
	if _, err := dst.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	return io.Copy(dst, src)
}

// Attributes copies the extended attributes of the file src to the file dst,
// links not followed, but those whose name matches a pattern of exclude
// (shell patterns, as in Portage's PORTAGE_XATTR_EXCLUDE). A file system that has
// none, here or there, is no error as long as nothing is lost.
func Attributes(dst, src string, exclude []string) error {
	names, err := Names(src)
	if err != nil {
		return fmt.Errorf("list extended attributes of %s: %w", src, err)
	}
	for _, name := range names {
		if Excluded(name, exclude) {
			continue
		}
		value, err := Value(src, name)
		if err != nil {
			return fmt.Errorf("read extended attribute %s of %s: %w", name, src, err)
		}
		if err := unix.Lsetxattr(dst, name, value, 0); err != nil {
			return fmt.Errorf("set extended attribute %s of %s: %w", name, dst, err)
		}
	}
	return nil
}

// Names lists the extended attributes of a file, links not followed. A file system
// without any gives none.
func Names(file string) ([]string, error) {
	for {
		size, err := unix.Llistxattr(file, nil)
		if errors.Is(err, unix.ENOTSUP) || (err == nil && size == 0) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		buf := make([]byte, size)
		n, err := unix.Llistxattr(file, buf)
		if errors.Is(err, unix.ERANGE) {
			continue // one was added meanwhile
		}
		if err != nil {
			return nil, err
		}
		return strings.FieldsFunc(string(buf[:n]), func(r rune) bool { return r == 0 }), nil
	}
}

// Value gives the value of an extended attribute, links not followed.
func Value(file, name string) ([]byte, error) {
	for {
		size, err := unix.Lgetxattr(file, name, nil)
		if err != nil {
			return nil, err
		}
		buf := make([]byte, size)
		n, err := unix.Lgetxattr(file, name, buf)
		if errors.Is(err, unix.ERANGE) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return buf[:n], nil
	}
}

// Excluded says if the name of an attribute matches one of some shell patterns.
func Excluded(name string, patterns []string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, name); err == nil && ok {
			return true
		}
	}
	return false
}
