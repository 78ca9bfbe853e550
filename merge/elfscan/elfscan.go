// Package elfscan finds the ELF objects of an image and says of each what the
// dynamic linker must know: the lines of NEEDED and NEEDED.ELF.2, and what the
// package provides and requires by soname.
//
// It reads the files itself (debug/elf); Portage calls scanelf and file(1). The
// order is that of the paths, where Portage's is that of the folders on disk. The
// package decides nothing about what is found: neither what is stripped nor what is
// wrong with it.
package elfscan

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/merge/linkage"
)

// An Object is an ELF file of an image.
type Object struct {
	linkage.Entry
	Kind Kind
	// Soname is what the file says itself; Entry.Soname may be taken from its name.
	Soname string
	Mode   fs.FileMode
}

// Kind is the sort of an ELF file.
type Kind uint8

const (
	Other       Kind = iota // core files and what is unknown
	Executable              // at a fixed address
	PIE                     // position-independent program
	Shared                  // shared object
	Relocatable             // object file
)

// String returns the name that file(1) has for the kind.
func (k Kind) String() string {
	names := [...]string{"other", "executable", "pie executable", "shared object", "relocatable"}
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Scan gives the ELF objects below dir by their paths there. Links are not
// followed. A file that begins like ELF but cannot be understood is a problem with
// its path and hides no other.
func Scan(dir string) (objects []Object, problems []error, err error) {
	err = filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.Type().IsRegular() {
			return nil
		}
		o, err := Read(p, "/"+strings.TrimPrefix(strings.TrimPrefix(p, dir), "/"))
		switch {
		case errors.Is(err, ErrNoELF):
		case err != nil:
			problems = append(problems, err)
		default:
			objects = append(objects, *o)
		}
		return nil
	})
	return objects, problems, err
}

// ErrNoELF reports a file that does not begin like an ELF file.
var ErrNoELF = errors.New("no ELF file")

// Read describes one file, which will be installed as name.
func Read(file, name string) (*Object, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	o, err := describe(f, name)
	if err != nil {
		if !errors.Is(err, ErrNoELF) {
			err = fmt.Errorf("read ELF file %s: %w", file, err)
		}
		return nil, err
	}
	o.Mode = info.Mode()
	return o, nil
}

func describe(r io.ReaderAt, name string) (*Object, error) {
	var ident [elf.EI_NIDENT]byte
	if _, err := r.ReadAt(ident[:], 0); err != nil || string(ident[:4]) != elf.ELFMAG {
		return nil, ErrNoELF
	}
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, err
	}
	o := &Object{Kind: kind(f)}
	o.Arch, o.File = strings.TrimPrefix(f.Machine.String(), "EM_"), name
	o.Category = category(f, flags(r, f))
	if err := o.dynamic(f); err != nil {
		return nil, err
	}
	if o.Entry.Soname == "" && o.Kind == Shared {
		o.Entry.Soname = path.Base(name) // as Portage: such libraries are found by their file's name
	}
	return o, o.writable()
}

// dynamic reads the sonames and run paths.
func (o *Object) dynamic(f *elf.File) error {
	one := func(tag elf.DynTag) ([]string, error) {
		list, err := f.DynString(tag)
		if errors.Is(err, elf.ErrNoSymbols) {
			return nil, nil
		}
		return list, err
	}
	soname, err := one(elf.DT_SONAME)
	if err != nil {
		return fmt.Errorf("DT_SONAME: %w", err)
	}
	if len(soname) > 0 {
		o.Soname, o.Entry.Soname = soname[0], soname[0]
	}
	if o.Needed, err = one(elf.DT_NEEDED); err != nil {
		return fmt.Errorf("DT_NEEDED: %w", err)
	}
	paths, err := one(elf.DT_RUNPATH)
	if err == nil && len(paths) == 0 {
		paths, err = one(elf.DT_RPATH)
	}
	if err != nil {
		return fmt.Errorf("run path: %w", err)
	}
	for _, p := range paths {
		for dir := range strings.SplitSeq(p, ":") {
			if dir != "" {
				o.RunPaths = append(o.RunPaths, dir)
			}
		}
	}
	return nil
}

// writable refuses names that the line format cannot hold.
func (o *Object) writable() error {
	fields := append(append([]string{o.File, o.Entry.Soname}, o.RunPaths...), o.Needed...)
	for _, s := range fields {
		if strings.ContainsAny(s, ";\n\x00") {
			return fmt.Errorf("%q cannot be written to NEEDED.ELF.2", s)
		}
	}
	for _, s := range o.Needed {
		if strings.Contains(s, ",") {
			return fmt.Errorf("needed library %q cannot be written to NEEDED.ELF.2", s)
		}
	}
	return nil
}

func kind(f *elf.File) Kind {
	switch f.Type {
	case elf.ET_REL:
		return Relocatable
	case elf.ET_EXEC:
		return Executable
	case elf.ET_DYN:
		if v, err := f.DynValue(elf.DT_FLAGS_1); err == nil && len(v) > 0 && elf.DynFlag1(v[0])&elf.DF_1_PIE != 0 {
			return PIE
		}
		return Shared
	}
	return Other
}

// flags gives e_flags, which debug/elf reads and drops.
func flags(r io.ReaderAt, f *elf.File) uint32 {
	at := int64(36)
	if f.Class == elf.ELFCLASS64 {
		at = 48
	}
	var b [4]byte
	if _, err := r.ReadAt(b[:], at); err != nil {
		return 0 // debug/elf has read further already
	}
	if f.Data == elf.ELFDATA2MSB {
		return binary.BigEndian.Uint32(b[:])
	}
	return binary.LittleEndian.Uint32(b[:])
}

// NeededLine is the object's line in the file NEEDED, without its end.
func (o *Object) NeededLine() string { return o.File + " " + strings.Join(o.Needed, ",") }
