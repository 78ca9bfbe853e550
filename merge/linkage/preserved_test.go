package linkage_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/merge/linkage"
	"github.com/tumpline/tumpline/merge/preserved"
)

// object returns a little ELF library: its soname ("" for none) and what it needs.
func object(t *testing.T, soname, runpath string, needed ...string) string {
	t.Helper()
	names := "\x00"
	var dynamic []elf.Dyn64
	tag := func(tag elf.DynTag, text string) {
		if text != "" {
			dynamic = append(dynamic, elf.Dyn64{Tag: int64(tag), Val: uint64(len(names))})
			names += text + "\x00"
		}
	}
	tag(elf.DT_SONAME, soname)
	tag(elf.DT_RUNPATH, runpath)
	for _, n := range needed {
		tag(elf.DT_NEEDED, n)
	}
	dynamic = append(dynamic, elf.Dyn64{})
	const head = 64
	at, size := uint64(head+len(names)), uint64(16*len(dynamic))
	header := elf.Header64{
		Type: uint16(elf.ET_DYN), Machine: uint16(elf.EM_X86_64), Version: 1, Shoff: at + size, Ehsize: head, Shentsize: 64, Shnum: 3, Shstrndx: 1,
	}
	copy(header.Ident[:], "\x7fELF\x02\x01\x01")
	var out bytes.Buffer
	for _, part := range []any{
		header, []byte(names), dynamic, elf.Section64{},
		elf.Section64{Type: uint32(elf.SHT_STRTAB), Off: head, Size: uint64(len(names))},
		elf.Section64{Type: uint32(elf.SHT_DYNAMIC), Off: at, Size: size, Link: 1, Entsize: 16},
	} {
		if err := binary.Write(&out, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// Preserved libraries have users and are users themselves.
func TestConsumers(t *testing.T) {
	root, db := install(t, []string{
		"a/lib-2 /usr/lib/libx.so.2;libx.so.2;;libdep.so.1 /usr/lib/tool;;;libx.so.1",
		"a/user-1 /usr/bin/user;;;libx.so.1 /usr/bin/new;;;libx.so.2",
		"a/other-1 /opt/other/libx.so.1;libx.so.1;; /opt/other/o;;/opt/other;libx.so.1",
		"a/elsewhere-1 /usr/bin/e;;/nowhere;libz.so.1",
		"a/two-1 /lib/libtwo.so.1;libtwo.so.1;; /usr/lib/libtwo.so.1;libtwo.so.1;; /usr/bin/two;;;libtwo.so.1",
	})
	write(t, root, "usr/lib/libx.so.1", object(t, "libx.so.1", "$ORIGIN/../z:/y", "libdep.so.1"))
	write(t, root, "usr/lib/libdep.so.1", object(t, "", ""))
	write(t, root, "usr/z/libz.so.1", object(t, "libz.so.1", ""))
	write(t, root, "usr/lib/libw.so.1.0", object(t, "libw.so.1", "", "libz.so.1"))
	write(t, root, "usr/lib/libw.so.1", object(t, "libw.so.1", ""))
	write(t, root, "usr/lib/text.so", "no ELF object")
	write(t, root, "usr/lib/broken.so", "\x7fELF\x02\x01\x01")
	kept := []preserved.Record{
		{CPV: "a/gone-1", Paths: []string{"/usr/lib/libdep.so.1", "/usr/z/libz.so.1", "/usr/lib/libw.so.1.0"}},
		{CPV: "a/lib-2", Paths: []string{"/usr/lib/libx.so.1", "/usr/lib/text.so", "/usr/lib/broken.so"}},
	}
	links, problems := linkage.Read(db, linkage.Options{Root: root, Paths: []string{"/usr/lib", "/lib"}, Preserved: kept})
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "broken.so: ") {
		t.Errorf("Read: problems %v, want one of broken.so", problems)
	}
	for path, want := range map[string]string{
		"/usr/lib/libx.so.1":   "/usr/bin/user /usr/lib/tool", // o has another one
		"/usr/lib/libx.so.2":   "/usr/bin/new",
		"/usr/lib/libdep.so.1": "/usr/lib/libx.so.1 /usr/lib/libx.so.2", // its soname is its name
		"/usr/z/libz.so.1":     "/usr/lib/libw.so.1.0",                  // of the same package
		"/usr/lib/libw.so.1.0": "",                                      // its soname leads elsewhere
		"/opt/other/libx.so.1": "",                                      // o has that of the default folder
		"/usr/lib/libtwo.so.1": "",                                      // another one stays
		"/usr/lib/text.so":     "",
		"usr/lib/../lib/tool":  "",
		"/usr/lib/broken.so":   "",
	} {
		got, err := links.Consumers(path)
		if strings.Join(got, " ") != want || err != nil {
			t.Errorf("Consumers(%s) = %v, %v, want %s", path, got, err, want)
		}
	}
	for path, want := range map[string]string{"/usr/lib/libx.so.1": "a/lib-2", "/usr/lib/libdep.so.1": "", "/usr/bin/user": "a/user-1"} {
		owner, err := links.Owner(path)
		got := ""
		if owner != nil {
			got = owner.CPV.String()
		}
		if got != want || err != nil {
			t.Errorf("Owner(%s) = %q, %v, want %q", path, got, err, want)
		}
	}
	if _, err := links.Consumers("/usr/lib/none.so"); !errors.Is(err, linkage.ErrUnknown) {
		t.Errorf("Consumers of an unknown path: %v, want %v", err, linkage.ErrUnknown)
	}
}
