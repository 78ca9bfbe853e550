package qa

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// RunPaths say which entries of DT_RPATH and DT_RUNPATH must not be.
type RunPaths struct {
	D         string   // the image
	Forbidden []string // folders: the build directory, and ROOT if it is not /
	Cut       bool     // take them out of the files (not with FEATURES=stricter)
}

// Clean finds, in files of the image, search paths that name a forbidden folder or
// are empty, which means the working directory, and cuts them. It gives them as
// "/path: SEARCHPATH". A file whose search path cannot be cut is an error.
func (r *RunPaths) Clean(files []string) (found []string, err error) {
	for _, name := range files {
		paths, err := r.file(filepath.Join(r.D, name))
		if err != nil {
			return found, fmt.Errorf("search path of %s: %w", name, err)
		}
		for _, p := range paths {
			found = append(found, name+": "+p)
		}
	}
	return found, nil
}

func (r *RunPaths) bad(entry string) bool {
	if strings.TrimSpace(entry) == "" {
		return true
	}
	return slices.ContainsFunc(r.Forbidden, func(dir string) bool {
		return dir != "" && dir != "/" && strings.HasPrefix(entry, dir)
	})
}

// dynamic is the dynamic section of a file, with where it lies.
type dynamic struct {
	*elf.File
	text    []byte // the whole file
	entries []byte // the section, within text
	strings []byte // the string table, within text
	size    int    // of a number
}

func (r *RunPaths) file(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := elf.NewFile(bytes.NewReader(text))
	if err != nil {
		return nil, nil // what cannot be understood is told elsewhere
	}
	d := sections(f, text)
	if d == nil {
		return nil, nil
	}
	var found []string
	changed := false
	for at := 0; at+2*d.size <= len(d.entries); at += 2 * d.size {
		tag := elf.DynTag(d.number(d.entries[at:]))
		if tag == elf.DT_NULL {
			break
		}
		if tag != elf.DT_RPATH && tag != elf.DT_RUNPATH {
			continue
		}
		old := d.word(d.number(d.entries[at+d.size:]))
		entries := strings.Split(old, ":")
		kept := slices.DeleteFunc(slices.Clone(entries), r.bad)
		if len(kept) == len(entries) {
			continue
		}
		found = append(found, old)
		if r.Cut {
			if err := d.replace(at, old, strings.Join(kept, ":")); err != nil {
				return found, err
			}
			changed = true
		}
	}
	if !changed {
		return found, nil
	}
	return found, overwrite(path, text)
}

// sections finds the dynamic section and its strings; nil if there is none that is
// whole.
func sections(f *elf.File, text []byte) *dynamic {
	ds := f.SectionByType(elf.SHT_DYNAMIC)
	if ds == nil || ds.Type == elf.SHT_NOBITS || int(ds.Link) >= len(f.Sections) {
		return nil
	}
	within := func(s *elf.Section) []byte {
		if s.Offset > uint64(len(text)) || s.FileSize > uint64(len(text))-s.Offset {
			return nil
		}
		return text[s.Offset : s.Offset+s.FileSize]
	}
	d := &dynamic{File: f, text: text, entries: within(ds), strings: within(f.Sections[ds.Link]), size: 8}
	if f.Class == elf.ELFCLASS32 {
		d.size = 4
	}
	return d
}

func (d *dynamic) number(at []byte) uint64 {
	if d.size == 4 {
		return uint64(d.ByteOrder.Uint32(at))
	}
	return d.ByteOrder.Uint64(at)
}

func (d *dynamic) put(at []byte, n uint64) {
	if d.size == 4 {
		d.ByteOrder.PutUint32(at, uint32(n))
	} else {
		d.ByteOrder.PutUint64(at, n)
	}
}

// word gives the string at an offset of the string table.
func (d *dynamic) word(offset uint64) string {
	if offset >= uint64(len(d.strings)) {
		return ""
	}
	text, _, _ := bytes.Cut(d.strings[offset:], []byte{0})
	return string(text)
}

// replace puts a shorter search path in the place of one. An empty one goes: its
// entry becomes DT_DEBUG, which means nothing in a library.
func (d *dynamic) replace(at int, old, text string) error {
	offset := d.number(d.entries[at+d.size:])
	if d.shared(offset, uint64(len(old)), at) {
		return fmt.Errorf("%q cannot be cut: other names of the file are parts of it", old)
	}
	place := d.strings[offset : offset+uint64(len(old))]
	clear(place)
	copy(place, text)
	if text == "" {
		d.put(d.entries[at:], uint64(elf.DT_DEBUG))
		d.put(d.entries[at+d.size:], 0)
	}
	return nil
}

// shared says whether something else uses the string table from offset on.
func (d *dynamic) shared(offset, length uint64, self int) bool {
	in := func(n uint64) bool { return n >= offset && n < offset+length }
	for at := 0; at+2*d.size <= len(d.entries); at += 2 * d.size {
		switch elf.DynTag(d.number(d.entries[at:])) {
		case elf.DT_NEEDED, elf.DT_SONAME, elf.DT_RPATH, elf.DT_RUNPATH:
			if at != self && in(d.number(d.entries[at+d.size:])) {
				return true
			}
		}
	}
	symbols := d.SectionByType(elf.SHT_DYNSYM)
	if symbols == nil || symbols.Entsize < 16 {
		return false
	}
	table, err := symbols.Data()
	if err != nil {
		return true
	}
	for ; uint64(len(table)) >= symbols.Entsize; table = table[symbols.Entsize:] {
		if in(uint64(byteOrder(d).Uint32(table))) {
			return true
		}
	}
	return false
}

func byteOrder(d *dynamic) binary.ByteOrder { return d.ByteOrder }

// overwrite changes the content of a file in its place, so that hard links keep it,
// whatever its mode.
func overwrite(path string, text []byte) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if err := os.Chmod(path, info.Mode()|0o200); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(text, 0)
	if e := f.Close(); err == nil {
		err = e
	}
	if e := os.Chmod(path, info.Mode()); err == nil { // writing drops set-user-id
		err = e
	}
	return err
}
