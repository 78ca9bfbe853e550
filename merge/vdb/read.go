package vdb

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
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

// mtime returns the modification time in nanoseconds since the epoch.
func (d directory) mtime() (int64, error) {
	var st unix.Stat_t
	if err := unix.Fstat(d.fd, &st); err != nil {
		return 0, err
	}
	return st.Mtim.Nano(), nil
}

// read returns the content of a file in the directory.
func (d directory) read(name string) ([]byte, error) {
	fd, err := retry(func() (int, error) {
		return unix.Openat(d.fd, name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, err
	}
	return d.r.readAll(fd)
}

// readFile returns the content of the file at path.
func (r *fileReader) readFile(path string) ([]byte, error) {
	return directory{fd: unix.AT_FDCWD, r: r}.read(path)
}

// readAll reads fd to its end and closes it. A short read of a regular file is
// its end.
func (r *fileReader) readAll(fd int) ([]byte, error) {
	defer unix.Close(fd) // only read from
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
