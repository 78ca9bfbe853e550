package qa

import (
	"debug/elf"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/merge/elfscan"
)

// describe says what file(1) would say of an ELF file: enough for the patterns of
// MULTILIB_STRICT_DENY.
func describe(o *elfscan.Object) string {
	class := "64-bit"
	if strings.HasSuffix(o.Category, "_32") || strings.HasSuffix(o.Category, "x32") {
		class = "32-bit"
	}
	machines := map[string]string{"x86_64": "x86-64", "x86_32": "Intel 80386", "x86_x32": "x86-64", "arm_64": "ARM aarch64", "arm_32": "ARM"}
	machine := machines[o.Category]
	if machine == "" {
		machine, _, _ = strings.Cut(o.Category, "_")
	}
	return fmt.Sprintf("ELF %s LSB %s, %s, version 1", class, o.Kind, machine)
}

// objects checks ELF files.
func (c *checker) objects() {
	var textrel, stack, load, origin, soname, needed []string
	textOK, stackOK, loadOK := c.globs("QA_TEXTRELS"), c.globs("QA_EXECSTACK"), c.globs("QA_WX_LOAD")
	sonameOK, _ := c.patterns("QA_SONAME")    // what is no expression
	neededOK, _ := c.patterns("QA_DT_NEEDED") // matches nothing
	for i := range c.Objects {
		o := &c.Objects[i]
		name := strings.TrimPrefix(o.File, "/")
		if strings.HasPrefix(name, "usr/lib/debug/") {
			continue
		}
		if o.Mode&(fs.ModeSetuid|fs.ModeSetgid) != 0 && slices.ContainsFunc(o.RunPaths, func(p string) bool { return strings.Contains(p, "$ORIGIN") || strings.Contains(p, "${ORIGIN}") }) {
			origin = append(origin, o.File)
		}
		f := look(filepath.Join(c.D, o.File))
		if f.textrel && !anyMatch(textOK, name) {
			textrel = append(textrel, o.File)
		}
		if f.stack && !anyMatch(stackOK, name) {
			stack = append(stack, o.File)
		}
		if f.load && !anyMatch(loadOK, name) {
			load = append(load, o.File)
		}
		if o.Kind == elfscan.Shared && c.isLibrary(o.File) {
			if o.Soname == "" && !anyMatch(sonameOK, name) {
				soname = append(soname, o.File)
			}
			if len(o.Needed) == 0 && f.undefined && !anyMatch(neededOK, name) {
				needed = append(needed, o.File)
			}
		}
	}
	serious := Notice
	if c.Stricter {
		serious = Fatal
	}
	c.add(Fatal, "setid-origin", "files that run with the rights of their owner look for libraries beside themselves ($ORIGIN): anybody could give them others", origin)
	c.add(serious, "textrel", "files change their own code when they are loaded (text relocations)", textrel)
	c.add(serious, "execstack", "files ask for a stack that can be executed", stack)
	c.add(serious, "wx-load", "files have segments that can be written to and executed", load)
	c.add(Notice, "no-soname", "shared libraries have no SONAME", soname)
	c.add(Notice, "no-needed", "shared libraries use symbols of others and name none in DT_NEEDED", needed)
}

// isLibrary says whether a path is that of a library for the linker.
func (c *checker) isLibrary(path string) bool {
	f := file{path: path}
	base := filepath.Base(path)
	return (c.in(f, rootLib) || c.in(f, usrLib)) && strings.HasPrefix(base, "lib") && strings.Contains(base, ".so")
}

// looks are what the checks want to know of an ELF file.
type looks struct{ textrel, stack, load, undefined bool }

// look gives nothing for a file that cannot be understood: that is told elsewhere.
func look(path string) (l looks) {
	f, err := elf.Open(path)
	if err != nil {
		return l
	}
	defer f.Close()
	for _, p := range f.Progs {
		both := p.Flags&(elf.PF_W|elf.PF_X) == elf.PF_W|elf.PF_X
		l.stack = l.stack || p.Type == elf.PT_GNU_STACK && p.Flags&elf.PF_X != 0
		l.load = l.load || p.Type == elf.PT_LOAD && both
	}
	if v, err := f.DynValue(elf.DT_TEXTREL); err == nil && len(v) > 0 {
		l.textrel = true
	}
	if v, err := f.DynValue(elf.DT_FLAGS); err == nil {
		for _, flags := range v {
			l.textrel = l.textrel || elf.DynFlag(flags)&elf.DF_TEXTREL != 0
		}
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return l
	}
	for _, s := range symbols {
		l.undefined = l.undefined || s.Section == elf.SHN_UNDEF && elf.ST_BIND(s.Info) == elf.STB_GLOBAL && s.Name != ""
	}
	return l
}
