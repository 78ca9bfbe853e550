package resolvertest

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// extensions are the names that are looked for in folders.
var extensions = [...]string{".json", ".txtar"}

// Read reads the case files at the given paths; of a folder, all *.json and
// *.txtar files below it, sorted by path. What could not be read is told by
// the errors and does not keep the rest from being read.
func Read(paths ...string) ([]*File, []error) {
	var files []*File
	var errs []error
	for _, p := range paths {
		names, err := list(p)
		if err != nil {
			errs = append(errs, err)
		}
		for _, name := range names {
			f, err := ReadFile(name)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			files = append(files, f)
		}
	}
	return files, errs
}

// list returns the case files at a path.
func list(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var names []string
	err = filepath.WalkDir(path, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && slices.Contains(extensions[:], filepath.Ext(name)) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return names, fmt.Errorf("read cases: %w", err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("read cases: no *.json or *.txtar file in %s", path)
	}
	return names, nil
}

// ReadFile reads one file of cases; a file that starts with a brace is in the
// JSON form.
func ReadFile(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) || filepath.Ext(path) == ".json" {
		return ParseJSON(path, data)
	}
	return ParseText(path, data)
}
