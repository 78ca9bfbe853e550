package linefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// A Shape says what may be found at a path.
type Shape uint8

const (
	FileOnly   Shape = iota // a file; a folder is a problem
	FileOrTree              // a file, or a folder of files read in order, recursively
)

// String names the shape.
func (s Shape) String() string {
	switch s {
	case FileOnly:
		return "file"
	case FileOrTree:
		return "file or directory"
	}
	return fmt.Sprintf("Shape(%d)", uint8(s))
}

// Read gives the lines with words of the file or folder at path. A missing path
// gives nothing and is no problem. Lines of a folder come in the order of [Files].
func Read(path string, shape Shape) (lines []Line, problems []error) {
	files := []string{path}
	if shape == FileOrTree {
		files, problems = Files(path)
	}
	for _, f := range files {
		t, err := ReadText(f)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		problems = append(problems, t.Problems...)
		lines = append(lines, t.WordLines()...)
	}
	return lines, problems
}

// Files lists the regular files at or below path in the order Portage reads
// them: names sorted bytewise, files and folders mixed. Names starting with "."
// or ending in "~" and the folders of version control systems are left out, the
// last name of path included. A missing path gives nothing.
func Files(path string) (files []string, problems []error) {
	var w walker
	w.visit(path, nil)
	return w.files, w.problems
}

type walker struct {
	files    []string
	problems []error
}

// visit walks one path; above holds the folders on the way to it.
func (w *walker) visit(path string, above []fs.FileInfo) {
	name := filepath.Base(path)
	if hidden(name) {
		return
	}
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		w.problems = append(w.problems, readError(path, err))
	case st.IsDir():
		if !versionControl(name) {
			w.enter(path, st, above)
		}
	case st.Mode().IsRegular():
		w.files = append(w.files, path)
	}
}

func (w *walker) enter(path string, st fs.FileInfo, above []fs.FileInfo) {
	for _, a := range above {
		if os.SameFile(a, st) {
			w.problems = append(w.problems, &Problem{File: path, Err: ErrLoop})
			return
		}
	}
	names, err := readNames(path)
	if err != nil {
		w.problems = append(w.problems, &Problem{File: path, Err: fmt.Errorf("read directory: %w", err)})
	}
	above = append(above[:len(above):len(above)], st)
	for _, n := range names {
		w.visit(filepath.Join(path, n), above)
	}
}

func readNames(path string) ([]string, error) {
	d, err := os.Open(path)
	if err != nil {
		return nil, bare(err)
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	sort.Strings(names)
	return names, bare(err)
}

// bare strips operation and path, which the caller names already.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

func hidden(name string) bool {
	return strings.HasPrefix(name, ".") && name != "." && name != ".." || strings.HasSuffix(name, "~")
}

// versionControl says whether name is a folder that Portage never descends
// into; those starting with a dot are hidden anyway.
func versionControl(name string) bool {
	return name == "CVS" || name == "RCS" || name == "SCCS"
}
