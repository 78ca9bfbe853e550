package ebuild

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sort"
	"strings"
	"syscall"

	"github.com/tumpline/tumpline/ebuild/index"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// stamp gives the stamp of the file or folder at path, links followed; the zero
// stamp if there is none.
func stamp(path string) index.Stamp {
	var st syscall.Stat_t
	for {
		switch err := syscall.Stat(path, &st); {
		case err == nil:
			return index.StampOf(&st)
		case !errors.Is(err, syscall.EINTR):
			return index.Stamp{}
		}
	}
}

func isFolder(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// smallFile is the size of the buffer with which files are read: the largest
// cache entry of ::gentoo has less than half of it.
const smallFile = 64 << 10

// readFile reads a file and gives the stamp it had before it was read. It does
// the four system calls itself: cache entries are many and small, and os.ReadFile
// takes nearly twice as long for them.
func readFile(path string) (text string, s index.Stamp, err error) {
	fd, err := retry(func() (int, error) { return syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0) })
	if err != nil {
		return "", s, readError(path, err)
	}
	defer syscall.Close(fd)
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return "", s, readError(path, err)
	}
	if st.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return "", s, readError(path, errors.New("not a regular file"))
	}
	var small [smallFile]byte
	buf := small[:]
	if st.Size >= smallFile {
		buf = make([]byte, st.Size+1)
	}
	n := 0
	for {
		got, err := retry(func() (int, error) { return syscall.Read(fd, buf[n:]) })
		if err != nil {
			return "", s, readError(path, err)
		}
		if n += got; got == 0 || n == len(buf) {
			return string(buf[:n]), index.StampOf(&st), nil
		}
	}
}

func readError(path string, err error) error {
	return &linefile.Problem{File: path, Err: fmt.Errorf("read: %w", err)}
}

// retry repeats a system call that a signal interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}

// A want says which names of a folder are wanted.
type want uint8

const (
	wantFolders want = iota // names of folders
	wantFiles               // names of files
	wantEbuilds             // names of files ending in .ebuild, without that
)

// ebuildSuffix ends the names of ebuilds.
const ebuildSuffix = ".ebuild"

// list reads a folder: its stamp and the wanted names, sorted, without those
// that start with a dot. A missing folder has none.
func list(dir string, w want) (*index.Listing, error) {
	l := &index.Listing{Stamp: stamp(dir)}
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return &index.Listing{}, nil
	}
	if err != nil {
		return l, &linefile.Problem{File: dir, Err: err}
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	for _, e := range entries {
		if name, ok := w.take(dir, e); ok {
			l.Names = append(l.Names, name)
		}
	}
	sort.Strings(l.Names)
	if err != nil {
		return l, &linefile.Problem{File: dir, Err: err}
	}
	return l, nil
}

func (w want) take(dir string, e fs.DirEntry) (string, bool) {
	name := e.Name()
	if strings.HasPrefix(name, ".") {
		return "", false
	}
	switch {
	case w == wantEbuilds:
		return strings.CutSuffix(name, ebuildSuffix)
	case w == wantFolders && (name == "CVS" || name == "RCS" || name == "SCCS"):
		return "", false
	}
	isDir := e.IsDir()
	if e.Type()&fs.ModeSymlink != 0 {
		st, err := os.Stat(dir + "/" + name)
		isDir = err == nil && st.IsDir()
	}
	return name, isDir == (w == wantFolders)
}
