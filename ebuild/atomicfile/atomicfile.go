// Package atomicfile replaces a file whole or not at all, and locks files.
//
// A replacement is written to a temporary file in the folder of its target,
// synchronised, renamed over the target, and the folder is synchronised: after a
// crash either the old or the new content is there ([ReplaceFile] leaves the
// synchronising out). The package refuses to
// create folders and does not follow a symbolic link at the target: the link
// itself is replaced.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile replaces the file at path by data with permission bits perm (the
// process umask does not apply).
func WriteFile(path string, data []byte, perm fs.FileMode) error {
	f, err := Create(path, perm)
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return f.Commit()
}

// ReplaceFile is WriteFile without synchronising: readers see the old or the new
// content whole, but after a crash of the machine the file may be empty or cut.
// It is for files that can be made again and whose reader notices that.
func ReplaceFile(path string, data []byte, perm fs.FileMode) error {
	f, err := Create(path, perm)
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return f.replace()
}

// WriteLazily is WriteFile without synchronising the folder: after a crash of the
// machine either the old or the new content is there, but the old one may come back.
func WriteLazily(path string, data []byte, perm fs.FileMode) error {
	f, err := Create(path, perm)
	if err != nil {
		return err
	}
	defer f.Abort()
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.tmp.Sync(); err != nil {
		return fmt.Errorf("replace %s: %w", f.target, err)
	}
	return f.replace()
}

// A File is a replacement being written. It must end with Commit or Abort; Abort
// after Commit does nothing, so that it can be deferred.
type File struct {
	tmp    *os.File
	target string
	done   bool
}

// Create starts the replacement of the file at path. Its folder must exist.
func Create(path string, perm fs.FileMode) (*File, error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".tmp*")
	if err != nil {
		return nil, fmt.Errorf("replace %s: %w", path, err)
	}
	f := &File{tmp: tmp, target: path}
	if err := tmp.Chmod(perm); err != nil {
		f.Abort()
		return nil, fmt.Errorf("replace %s: %w", path, err)
	}
	return f, nil
}

// Write appends to the replacement.
func (f *File) Write(p []byte) (int, error) { return f.tmp.Write(p) }

// Name is the path of the temporary file, for tools that need one.
func (f *File) Name() string { return f.tmp.Name() }

// Commit makes the replacement durable and puts it in place of the target.
func (f *File) Commit() error {
	if f.done {
		return fmt.Errorf("replace %s: %w", f.target, fs.ErrClosed)
	}
	if err := f.tmp.Sync(); err != nil {
		f.Abort()
		return fmt.Errorf("replace %s: %w", f.target, err)
	}
	if err := f.replace(); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(f.target))
}

// replace puts the replacement in place of the target.
func (f *File) replace() error {
	err := f.tmp.Close()
	if err == nil {
		err = os.Rename(f.tmp.Name(), f.target)
	}
	if err != nil {
		f.Abort()
		return fmt.Errorf("replace %s: %w", f.target, err)
	}
	f.done = true
	return nil
}

// Abort drops the replacement; the target stays as it was.
func (f *File) Abort() {
	if f.done {
		return
	}
	f.done = true
	f.tmp.Close()           // may be closed already; nothing depends on it
	os.Remove(f.tmp.Name()) // a left-over has a name that every reader skips
}

// SyncDir makes the names in a folder durable: renames, creations, removals.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, fs.ErrInvalid) {
		return fmt.Errorf("sync directory %s: %w", dir, err)
	}
	return nil
}
