package vdb

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/ebuild/index"
)

// maxFile bounds the size of one file; guards against nonsense in the database.
const maxFile = 64 << 20

// A fileReader reads small files with few system calls and one buffer. What it
// returns is overwritten by the next read.
type fileReader struct{ buf []byte }

// A directory is an open directory, so that the kernel need not walk its path
// for every file.
type directory struct {
	fd int
	r  *fileReader
}

// openDir opens the directory at path.
func (r *fileReader) openDir(path string) (directory, error) {
	fd, err := retry(func() (int, error) {
		return unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	})
	return directory{fd: fd, r: r}, err
}

// close closes the directory, which was only read.
func (d directory) close() { _ = unix.Close(d.fd) }

// stamp returns the stamp of the directory.
func (d directory) stamp() (index.Stamp, error) { return stampOf(d.fd) }

// stampOf returns the stamp of an open file.
func stampOf(fd int) (index.Stamp, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return index.Stamp{}, err
	}
	return toStamp(&st), nil
}

// toStamp returns the stamp of a stat result.
func toStamp(st *unix.Stat_t) index.Stamp {
	s := index.Stamp{MTime: st.Mtim.Nano(), CTime: st.Ctim.Nano(), Size: st.Size}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		s.Size = 0
	}
	return s
}

// read returns the content of a file in the directory, and its stamp from
// before.
func (d directory) read(name string) ([]byte, index.Stamp, error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat(d.fd, name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, index.Stamp{}, err
	}
	defer unix.Close(fd) // only read from
	stamp, err := stampOf(fd)
	if err != nil {
		return nil, stamp, err
	}
	text, err := d.r.readAll(fd)
	return text, stamp, err
}

// readFile returns the content of the file at path.
func (r *fileReader) readFile(path string) ([]byte, index.Stamp, error) {
	return directory{fd: unix.AT_FDCWD, r: r}.read(path)
}

// readAll reads fd to its end. A short read of a regular file is its end.
func (r *fileReader) readAll(fd int) ([]byte, error) {
	if r.buf == nil {
		r.buf = make([]byte, 16<<10)
	}
	for n := 0; ; {
		m, err := retry(func() (int, error) { return unix.Read(fd, r.buf[n:]) })
		if err != nil {
			return nil, err
		}
		n += m
		if n < len(r.buf) {
			return r.buf[:n], nil
		}
		if n > maxFile {
			return nil, fmt.Errorf("larger than %d bytes", maxFile)
		}
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
}

// retry repeats a system call that a signal interrupted.
func retry(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}
