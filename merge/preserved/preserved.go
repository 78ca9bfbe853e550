// Package preserved reads and formats the registry of preserved libraries: those that were
// kept for their users when the package that installed them went or changed.
//
// The registry is var/lib/portage/preserved_libs_registry below EROOT, a JSON
// object in the form that Portage writes. This package knows neither who uses
// the libraries nor who installed them.
package preserved

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

// What is wrong with a registry.
var (
	ErrSyntax = errors.New("not JSON")
	ErrRecord = errors.New("not a record of preserved libraries")
)

// A Record is what is preserved of one slot of a package.
type Record struct {
	Key     string   // "category/package:slot"
	CPV     string   // the package that owned the libraries last; it may be installed or not
	Counter string   // COUNTER of that package
	Paths   []string // absolute, relative to ROOT; files, then links to them
}

// Read reads a registry, sorted by key, without libraries that do not exist
// below root any more. A missing or empty file is an empty registry. Problems
// are *linefile.Problem values; a bad record hides no others, what follows bad
// JSON is lost.
func Read(file, root string) (list []Record, problems []error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, []error{fmt.Errorf("read preserved libraries: %w", err)}
	}
	all, problems := Parse(file, text)
	for _, r := range all {
		if r.Paths = existing(root, r.Paths); len(r.Paths) > 0 {
			list = append(list, r)
		}
	}
	return list, problems
}

// Parse reads the text of a registry, sorted by key. An empty text is an empty
// registry: that is how the file begins, when it is only locked.
func Parse(file string, text []byte) (list []Record, problems []error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	line := func() int { return 1 + bytes.Count(text[:min(int(d.InputOffset()), len(text))], []byte("\n")) }
	problem := func(at int, culprit string, err error) {
		problems = append(problems, &linefile.Problem{File: file, Line: at, Text: culprit, Err: err})
	}
	start, err := d.Token()
	if err == nil && start != json.Delim('{') {
		problem(1, "", ErrRecord)
		return nil, problems
	}
	for err == nil && d.More() {
		var key json.Token
		if key, err = d.Token(); err != nil {
			break
		}
		at := line()
		var raw json.RawMessage
		if err = d.Decode(&raw); err != nil {
			break
		}
		name, _ := key.(string) // a key is nothing else
		r, ok := record(name, raw)
		if !ok {
			problem(at, name, ErrRecord)
			continue
		}
		list = slices.DeleteFunc(list, func(old Record) bool { return old.Key == name })
		list = append(list, r)
	}
	if err == nil {
		err = ended(d)
	}
	if err != nil {
		problem(line(), "", fmt.Errorf("%w: %w", ErrSyntax, err))
	}
	slices.SortFunc(list, func(a, b Record) int { return strings.Compare(a.Key, b.Key) })
	return list, problems
}

// ended checks that the object ends, and the text with it.
func ended(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("text after the end")
	}
	return nil
}

// record reads the value of a key: the package, its COUNTER and the paths.
func record(key string, raw json.RawMessage) (r Record, ok bool) {
	var fields []json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || len(fields) != 3 {
		return r, false
	}
	r.Key = key
	if json.Unmarshal(fields[0], &r.CPV) != nil || r.CPV == "" || json.Unmarshal(fields[2], &r.Paths) != nil {
		return r, false
	}
	var number json.Number
	if json.Unmarshal(fields[1], &r.Counter) != nil {
		if json.Unmarshal(fields[1], &number) != nil {
			return r, false
		}
		r.Counter = number.String()
	}
	r.Counter = strings.TrimSpace(r.Counter)
	for _, p := range r.Paths {
		if p == "" || strings.Contains(p, "\x00") {
			return r, false
		}
	}
	return r, true
}

// existing returns the paths that are files, then those that are links to such
// a file in the same record.
func existing(root string, paths []string) (files []string) {
	var links []string
	for _, p := range paths {
		p = path.Clean("/" + p)
		full := filepath.Join(root, p)
		info, err := os.Lstat(full)
		switch {
		case err != nil:
		case info.Mode().IsRegular():
			files = append(files, p)
		case info.Mode()&fs.ModeSymlink != 0:
			links = append(links, p)
		}
	}
	regular := slices.Clone(files)
	for _, p := range links {
		target, err := os.Readlink(filepath.Join(root, p))
		if err != nil {
			continue
		}
		if !path.IsAbs(target) {
			target = path.Join(path.Dir(p), target)
		}
		if slices.Contains(regular, path.Clean(target)) {
			files = append(files, p)
		}
	}
	return files
}
