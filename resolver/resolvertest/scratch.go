package resolvertest

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// scratchRoom is how much must be free in memory for scratch folders, in bytes: the
// roots of a whole board and its SDK, several times.
const scratchRoom = 1 << 30

// Scratch returns a folder for many small files: /dev/shm where it can be
// written to and has room, else "", which stands for the default of os.MkdirTemp.
func Scratch() string {
	const shm = "/dev/shm"
	var free unix.Statfs_t
	if err := unix.Statfs(shm, &free); err != nil || int64(free.Bavail)*int64(free.Bsize) < scratchRoom {
		return ""
	}
	dir, err := os.MkdirTemp(shm, "tumpline")
	if err != nil {
		return ""
	}
	if err := os.Remove(dir); err != nil {
		return ""
	}
	return shm
}

// TempDir is testing.TB.TempDir for many small files.
func TempDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp(Scratch(), "tumpline")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	return dir
}
