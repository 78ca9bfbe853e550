package linkage

import (
	"fmt"
	"path"
	"strings"
)

// An Entry is one line of NEEDED.ELF.2: what the dynamic linker must know of
// an installed object.
type Entry struct {
	Arch     string // e_machine without its prefix: "X86_64"
	File     string // absolute, relative to ROOT
	Soname   string // what the object calls itself; empty: it is no library
	RunPaths []string
	Needed   []string // sonames
	Category string   // multilib category: "x86_64"; empty: not recorded
}

// ParseEntry reads a line, without its end: five or more fields separated by
// semicolons.
func ParseEntry(line string) (Entry, error) {
	fields := strings.Split(line, ";")
	if len(fields) < 5 {
		return Entry{}, fmt.Errorf("%q: %d fields, want 5", line, len(fields))
	}
	if strings.Contains(line, "\x00") {
		return Entry{}, fmt.Errorf("%q: null byte", line)
	}
	e := Entry{Arch: fields[0], File: fields[1], Soname: fields[2], Needed: words(fields[4], ",")}
	if fields[3] != "  -  " { // what scanelf writes for none
		e.RunPaths = words(fields[3], ":")
	}
	if len(fields) > 5 {
		e.Category = fields[5]
	}
	return e, nil
}

// String returns the line.
func (e Entry) String() string {
	return strings.Join([]string{e.Arch, e.File, e.Soname, strings.Join(e.RunPaths, ":"), strings.Join(e.Needed, ","), e.Category}, ";")
}

func words(text, separator string) (list []string) {
	for w := range strings.SplitSeq(text, separator) {
		if w != "" {
			list = append(list, w)
		}
	}
	return list
}

// MultilibCategory returns the multilib category, guessed from the machine if it was
// not recorded.
func (e *Entry) MultilibCategory() string {
	if e.Category != "" {
		return e.Category
	}
	known := map[string]string{
		"386": "x86_32", "68K": "m68k_32", "AARCH64": "arm_64", "ALPHA": "alpha_64", "ARM": "arm_32", "IA_64": "ia64_64",
		"MIPS": "mips_o32", "PARISC": "hppa_64", "PPC": "ppc_32", "PPC64": "ppc_64", "S390": "s390_64", "SH": "sh_32",
		"SPARC": "sparc_32", "SPARC32PLUS": "sparc_32", "SPARCV9": "sparc_64", "X86_64": "x86_64",
	}
	if c, ok := known[e.Arch]; ok {
		return c
	}
	return e.Arch
}

// runPaths returns where the object looks for libraries first, with $ORIGIN
// put in.
func (e *Entry) runPaths() (list []string) {
	origin := strings.NewReplacer("${ORIGIN}", path.Dir(e.File), "$ORIGIN", path.Dir(e.File))
	for _, p := range e.RunPaths {
		list = append(list, path.Clean(origin.Replace(p)))
	}
	return list
}
