package linkage

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// DefaultPaths returns the folders that the dynamic linker of a root searches
// for every object: those of LD_LIBRARY_PATH, which is library, then those of
// etc/ld.so.conf, and the two that it always searches. A file of ld.so.conf
// that cannot be read is an error; the other paths are returned all the same.
func DefaultPaths(eroot, library string) ([]string, error) {
	list := strings.Split(library, ":")
	r := &confReader{seen: make(map[string]bool)}
	r.read(filepath.Join(eroot, "etc/ld.so.conf"))
	var clean []string
	for _, p := range append(append(list, r.paths...), "/usr/lib", "/lib") {
		if p != "" {
			clean = append(clean, path.Clean(p))
		}
	}
	return clean, errors.Join(r.errs...)
}

// confReader collects the lines of ld.so.conf and of the files it includes.
type confReader struct {
	paths []string
	errs  []error
	seen  map[string]bool
}

func (r *confReader) read(file string) {
	if r.seen[file] {
		return
	}
	r.seen[file] = true
	text, err := os.ReadFile(file)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			r.errs = append(r.errs, err)
		}
		return
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == "include" && len(words) > 1:
			found, err := filepath.Glob(filepath.Join(filepath.Dir(file), words[1]))
			if err != nil {
				r.errs = append(r.errs, err)
			}
			for _, f := range found {
				r.read(f)
			}
		default:
			r.paths = append(r.paths, strings.Join(words, " "))
		}
	}
}
