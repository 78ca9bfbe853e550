package resolvertest

import "os"

// Scratch returns a folder for many small files: /dev/shm where it can be
// written to, else "", which stands for the default of os.MkdirTemp.
func Scratch() string {
	const shm = "/dev/shm"
	dir, err := os.MkdirTemp(shm, "tumpline")
	if err != nil {
		return ""
	}
	if err := os.Remove(dir); err != nil {
		return ""
	}
	return shm
}
