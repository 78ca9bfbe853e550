package linkage

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

	"github.com/tumpline/tumpline/ebuild"
)

// keptBy is the preserved libraries of one package.
type keptBy struct {
	owner   *ebuild.Package // nil: not installed
	entries []Entry
}

// preserved reads the preserved libraries, which are in no NEEDED.ELF.2. One
// that cannot be read is an entry that nobody uses.
func (m *Map) preserved(all []*ebuild.Package) (list []keptBy, problems []error) {
	installed := make(map[string]*ebuild.Package)
	if len(m.Preserved) > 0 {
		for _, p := range all {
			installed[p.CPV.String()] = p
		}
	}
	index := make(map[string]int) // by package
	for _, r := range m.Preserved {
		i, ok := index[r.CPV]
		if !ok {
			i = len(list)
			index[r.CPV] = i
			list = append(list, keptBy{owner: installed[r.CPV]})
		}
		k := &list[i]
		for _, p := range r.Paths {
			e, err := readEntry(filepath.Join(m.Root, p), p)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				problems = append(problems, fmt.Errorf("read preserved library: %w", err))
			}
			k.entries = append(k.entries, e)
		}
	}
	return list, problems
}

// readEntry reads from an object what NEEDED.ELF.2 would say of it. What is no
// ELF object at all has an entry with nothing but its name.
func readEntry(full, name string) (Entry, error) {
	e := Entry{File: name}
	file, err := os.Open(full)
	if err != nil {
		return e, err
	}
	defer file.Close() // it was only read
	var magic [4]byte
	if _, err := io.ReadFull(file, magic[:]); err != nil || string(magic[:]) != elf.ELFMAG {
		return e, nil
	}
	object, err := elf.NewFile(file)
	if err != nil {
		return e, fmt.Errorf("%s: %w", full, err)
	}
	e.Arch = strings.TrimPrefix(object.Machine.String(), "EM_")
	e.Category = categoryOf(object, file)
	var errs []error
	words := func(tag elf.DynTag) []string {
		list, err := object.DynString(tag)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", full, err))
		}
		return list
	}
	e.Needed = words(elf.DT_NEEDED)
	for _, s := range words(elf.DT_SONAME) {
		e.Soname = s
	}
	paths := words(elf.DT_RUNPATH)
	if len(paths) == 0 {
		paths = words(elf.DT_RPATH)
	}
	for _, p := range paths {
		e.RunPaths = append(e.RunPaths, splitPath(p)...)
	}
	if e.Soname == "" && object.Type == elf.ET_DYN {
		e.Soname = path.Base(name)
	}
	return e, errors.Join(errs...)
}

func splitPath(text string) []string { return words(text, ":") }

// categoryOf returns the multilib category of an object; empty if it is none of
// those that Portage names.
func categoryOf(object *elf.File, file io.ReaderAt) string {
	prefix, ok := map[elf.Machine]string{
		elf.EM_386: "x86", elf.EM_68K: "m68k", elf.EM_AARCH64: "arm", elf.EM_ALPHA: "alpha", elf.EM_ARM: "arm",
		elf.EM_IA_64: "ia64", elf.EM_LOONGARCH: "loong", elf.EM_MIPS: "mips", elf.EM_PARISC: "hppa", elf.EM_PPC: "ppc",
		elf.EM_PPC64: "ppc", elf.EM_RISCV: "riscv", elf.EM_S390: "s390", elf.EM_SH: "sh", elf.EM_SPARC: "sparc",
		elf.EM_SPARC32PLUS: "sparc", elf.EM_SPARCV9: "sparc", elf.EM_X86_64: "x86",
	}[object.Machine]
	wide := object.Class == elf.ELFCLASS64
	suffix := ""
	switch {
	case !ok:
		return ""
	case prefix == "loong":
		suffix = loongABI(flagsOf(object, file))
	case prefix == "mips":
		suffix = mipsABI(flagsOf(object, file), wide)
	case prefix == "riscv":
		suffix = riscvABI(flagsOf(object, file), wide)
	case wide:
		suffix = "64"
	case object.Machine == elf.EM_X86_64:
		suffix = "x32"
	default:
		suffix = "32"
	}
	if suffix == "" {
		return ""
	}
	return prefix + "_" + suffix
}

// flagsOf returns e_flags, which the elf package does not give.
func flagsOf(object *elf.File, file io.ReaderAt) uint32 {
	offset := int64(0x24)
	if object.Class == elf.ELFCLASS64 {
		offset = 0x30
	}
	var b [4]byte
	if _, err := file.ReadAt(b[:], offset); err != nil {
		return 0 // the header was read before
	}
	if object.ByteOrder == binary.BigEndian {
		return binary.BigEndian.Uint32(b[:])
	}
	return binary.LittleEndian.Uint32(b[:])
}

func loongABI(flags uint32) string {
	return map[uint32]string{1: "lp64s", 2: "lp64f", 3: "lp64d", 5: "ilp32s", 6: "ilp32f", 7: "ilp32d"}[flags&7]
}

func mipsABI(flags uint32, wide bool) string {
	abi := flags & 0xf000
	switch {
	case abi != 0:
		return map[uint32]string{0x1000: "o32", 0x2000: "o64", 0x3000: "eabi32", 0x4000: "eabi64"}[abi]
	case flags&0x20 != 0:
		return "n32"
	case wide:
		return "n64"
	}
	return ""
}

func riscvABI(flags uint32, wide bool) string {
	name := map[uint32]string{1: "", 5: "d"} // compressed instructions, double floats
	suffix, ok := name[flags]
	switch {
	case !ok:
		return ""
	case wide:
		return "lp64" + suffix
	}
	return "ilp32" + suffix
}
