package shellconf

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ReadTree evaluates the file at path, or all files below it if it is a
// directory: files and directories together in the order of their names,
// without hidden ones, those ending in "~", and those of version control
// systems. Variables of later files replace those of earlier ones. A missing
// path is an error as in ReadFile; a directory without files is not.
func ReadTree(path string, o Options) (*File, error) {
	if o.Env == nil {
		o.Env = Env{}
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, cause(err))
	}
	files, err := list(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	all := &File{Path: path, index: make(map[string]int)}
	for _, name := range files {
		text, err := o.read(name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if err := all.eval(name, text, o); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// list returns the files at or below path as ReadTree describes.
func list(path string) ([]string, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	name := filepath.Base(path)
	if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
		return nil, nil
	}
	if fi.Mode().IsRegular() {
		return []string{path}, nil
	}
	if !fi.IsDir() || isVCS(name) {
		return nil, nil
	}
	entries, err := os.ReadDir(path) // sorted
	if err != nil {
		return nil, err
	}
	var all []string
	for _, e := range entries {
		files, err := list(filepath.Join(path, e.Name()))
		if err != nil && !isGone(err) {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}

// isVCS reports whether a directory called name belongs to a version control system.
func isVCS(name string) bool {
	return slices.Contains([]string{"CVS", "RCS", "SCCS", ".bzr", ".git", ".hg", ".svn"}, name)
}

// isGone reports whether an entry can be passed over: dangling links, loops of
// links, and files removed meanwhile, but not those without permission.
func isGone(err error) bool { return !os.IsPermission(err) }

