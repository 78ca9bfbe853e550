package confine

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// libraryFolders are where dynamic programs look for libraries.
func libraryFolders() []string { return []string{"/lib64", "/usr/lib64", "/lib", "/usr/lib"} }

// Libraries lists what has to be in Policy.Exec for a program to run: itself, its
// interpreter and libraries. If a library is not where libraries are kept, whole
// library folders stand for it.
func Libraries(program string) ([]string, error) {
	list := []string{program}
	f, err := elf.Open(program)
	if err != nil {
		return nil, fmt.Errorf("find the libraries of %s: %w", program, err)
	}
	defer f.Close()
	interpreter := ""
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			text := make([]byte, p.Filesz)
			if _, err := p.ReadAt(text, 0); err != nil {
				return nil, fmt.Errorf("find the libraries of %s: %w", program, err)
			}
			interpreter = strings.TrimRight(string(text), "\x00")
		}
	}
	if interpreter == "" {
		return list, nil // static
	}
	list = append(list, interpreter, "/etc/ld.so.cache")
	folders, err := foldersOf(interpreter)
	if err != nil {
		return nil, err
	}
	needed, err := f.ImportedLibraries()
	if err != nil {
		return nil, fmt.Errorf("find the libraries of %s: %w", program, err)
	}
	for met := map[string]bool{}; len(needed) > 0; {
		name := needed[0]
		needed = needed[1:]
		if met[name] {
			continue
		}
		met[name] = true
		paths, more, err := findLibrary(name, folders)
		if err != nil {
			return append(list, libraryFolders()...), nil
		}
		list, needed = append(list, paths...), append(needed, more...)
	}
	return list, nil
}

// foldersOf gives the folders to search, that of the interpreter first: with
// many architectures on one machine, it is the one for this program.
func foldersOf(interpreter string) ([]string, error) {
	real, err := filepath.EvalSymlinks(interpreter)
	if err != nil {
		return nil, fmt.Errorf("find the program interpreter: %w", err)
	}
	dir := filepath.Dir(real)
	folders := []string{dir}
	if usr, ok := strings.CutPrefix(dir, "/usr"); ok {
		folders = append(folders, usr)
	} else {
		folders = append(folders, "/usr"+dir)
	}
	for _, d := range libraryFolders() {
		if !slices.Contains(folders, d) {
			folders = append(folders, d)
		}
	}
	return folders, nil
}

// findLibrary finds a library, under all its names, and what it needs.
func findLibrary(name string, folders []string) (paths, needed []string, err error) {
	for _, dir := range folders {
		path := filepath.Join(dir, name)
		f, err := elf.Open(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		more, err := f.ImportedLibraries()
		f.Close()
		if err != nil {
			return nil, nil, err
		}
		paths, needed = append(paths, path), append(needed, more...)
	}
	if len(paths) == 0 {
		return nil, nil, fmt.Errorf("library %s: %w", name, os.ErrNotExist)
	}
	return paths, needed, nil
}
