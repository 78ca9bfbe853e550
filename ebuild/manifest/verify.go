package manifest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// A Fault is what is wrong with a file.
type Fault uint8

const (
	Missing    Fault = iota // listed, but not there
	Short                   // smaller than listed
	Long                    // larger than listed
	Altered                 // of the listed size, with another digest
	Unlisted                // there, but not listed
	NoHash                  // listed without a hash that can be verified
	Unreadable              // there, but cannot be read
	BadName                 // its name is not allowed in a repository
)

// String says the fault in a few words.
func (f Fault) String() string {
	switch f {
	case Missing:
		return "is missing"
	case Short:
		return "is too short"
	case Long:
		return "is too long"
	case Altered:
		return "was altered"
	case Unlisted:
		return "is not listed"
	case NoHash:
		return "is listed without a hash that can be verified"
	case Unreadable:
		return "cannot be read"
	case BadName:
		return "has a name that is not allowed"
	}
	return fmt.Sprintf("Fault(%d)", uint8(f))
}

// A FileError says that a file is not what its Manifest says.
type FileError struct {
	Fault    Fault
	File     string // path of the file
	Manifest string // path of the Manifest
	Line     int    // of the file's entry; 0 if there is none
	Hash     string // Altered: the name of the hash
	Got      string // Altered: hex; Short and Long: bytes
	Want     string // likewise
	Err      error  // what the system said, if it did
}

// Error gives "MANIFEST:LINE: FILE was altered: ...".
func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString(e.Manifest)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	fmt.Fprintf(&b, ": %s %s", e.File, e.Fault)
	switch {
	case e.Fault == Altered:
		fmt.Fprintf(&b, ": its %s is %s, not %s", e.Hash, e.Got, e.Want)
	case e.Fault == Short || e.Fault == Long:
		fmt.Fprintf(&b, ": it has %s bytes, not %s", e.Got, e.Want)
	case e.Err != nil && e.Fault != Missing:
		fmt.Fprintf(&b, ": %s", e.Err)
	}
	return b.String()
}

// Unwrap gives what the system said.
func (e *FileError) Unwrap() error { return e.Err }

// Fail makes the error of an entry's file; path is where the file is.
func (m *Manifest) Fail(e Entry, path string, fault Fault) *FileError {
	return &FileError{Fault: fault, File: path, Manifest: m.Path, Line: e.Line}
}

// CheckSize compares a file's size with that of its entry.
func (m *Manifest) CheckSize(e Entry, path string, size int64) error {
	if size == e.Size {
		return nil
	}
	err := m.Fail(e, path, Long)
	if size < e.Size {
		err.Fault = Short
	}
	err.Got, err.Want = strconv.FormatInt(size, 10), strconv.FormatInt(e.Size, 10)
	return err
}

// CheckSums compares a file's digests with those of its entry, as far as both
// have them; the first that differs in alphabetical order is told.
func (m *Manifest) CheckSums(e Entry, path string, sums []Hash) error {
	for _, h := range sums {
		if want := e.Hash(h.Name); want != "" && want != h.Hex {
			err := m.Fail(e, path, Altered)
			err.Hash, err.Got, err.Want = h.Name, h.Hex, want
			return err
		}
	}
	return nil
}

// Names lists the hashes of an entry that f lets verify, in alphabetical order.
// Without any the file cannot be accepted.
func (e Entry) Names(f Filter) []string {
	var names []string
	for _, h := range f.Apply(e.Hashes) {
		names = append(names, h.Name)
	}
	return names
}

// CheckFile verifies the file at path against its entry: the size first, then
// all hashes in one reading. The error is a *FileError, or that of ctx.
func (m *Manifest) CheckFile(ctx context.Context, e Entry, path string, f Filter) error {
	fail := func(err error) error {
		out := m.Fail(e, path, Unreadable)
		if errors.Is(err, fs.ErrNotExist) {
			out.Fault = Missing
		}
		out.Err = bare(err)
		return out
	}
	st, err := os.Stat(path)
	if err != nil {
		return fail(err)
	}
	if !st.Mode().IsRegular() {
		return fail(errNotRegular)
	}
	if err := m.CheckSize(e, path, st.Size()); err != nil {
		return err
	}
	names := e.Names(f)
	if len(names) == 0 {
		return m.Fail(e, path, NoHash)
	}
	file, err := os.Open(path)
	if err != nil {
		return fail(err)
	}
	defer file.Close()
	size, sums, err := Digests(&cancelled{ctx, file}, names)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fail(err)
	case size != e.Size:
		return m.CheckSize(e, path, size) // it changed while it was read
	}
	return m.CheckSums(e, path, sums)
}

var errNotRegular = errors.New("not a regular file")

// bare drops the operation and the path, which the surrounding error names.
func bare(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// A cancelled reader ends when its context does.
type cancelled struct {
	ctx context.Context
	r   io.Reader
}

func (c *cancelled) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
