package main

import (
	"bytes"
	"compress/bzip2"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// made are files that have to be there, by pattern: what they are, what they lead to
// or need.
var made = []struct {
	path string
	mode fs.FileMode
	link string   // pattern
	elf  []string // what it needs besides the C library; not nil: it is an ELF file
}{
	{path: "/usr/include/jansson.h", mode: 0o644},
	{path: "/usr/include/cjson/cJSON.h", mode: 0o644},
	{path: "/usr/include/ini.h", mode: 0o644},
	{path: "/usr/lib64/libjansson.so", mode: fs.ModeSymlink, link: "libjansson.so.4.*"},
	{path: "/usr/lib64/libjansson.so.4", mode: fs.ModeSymlink, link: "libjansson.so.4.*"},
	{path: "/usr/lib64/libjansson.so.4.*", mode: 0o755, elf: []string{}},
	{path: "/usr/lib64/libcjson.so", mode: fs.ModeSymlink, link: "libcjson.so.1"},
	{path: "/usr/lib64/libcjson.so.1", mode: fs.ModeSymlink, link: "libcjson.so.1.*"},
	{path: "/usr/lib64/libcjson.so.1.*", elf: []string{}},
	{path: "/usr/lib64/libinih.so.0", elf: []string{}},
	{path: "/usr/lib64/libinih.so", mode: fs.ModeSymlink, link: "libinih.so.0"},
	{path: "/usr/bin/jshon", mode: 0o755, elf: []string{"libjansson.so.4"}},
	{path: "/usr/bin/reader", mode: 0o755, elf: []string{"libcjson.so.1", "libinih.so.0", "libjansson.so.4"}},
	{path: "/usr/bin/tini", mode: 0o755, elf: []string{}},
	{path: "/usr/bin/tini-static", mode: 0o755},
	{path: "/usr/bin/init", mode: fs.ModeSymlink, link: "tini-static"},
	{path: "/usr/share/man/man1/jshon.1.bz2", mode: 0o644},
	{path: "/usr/lib/debug/usr/bin/jshon.debug", mode: 0o644},
	{path: "/usr/lib/debug/usr/lib64/libjansson.so.4.*.debug", mode: 0o644},
}

// checkFiles looks at what was merged.
func (m *target) checkFiles(t *testing.T) {
	for _, c := range made {
		found, err := filepath.Glob(m.root + c.path)
		if err != nil || len(found) == 0 {
			t.Errorf("%s is missing (%v)", c.path, err)
			continue
		}
		name := found[0]
		info, err := os.Lstat(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := info.Mode() &^ 0o777; c.mode != 0 && (got != c.mode&^0o777 || got == 0 && info.Mode() != c.mode) {
			t.Errorf("%s: mode %v, want %v", name, info.Mode(), c.mode)
		}
		if c.link != "" {
			to, err := os.Readlink(name)
			if ok, _ := filepath.Match(c.link, to); !ok || err != nil {
				t.Errorf("%s leads to %q, want %s (%v)", name, to, c.link, err)
			}
		}
		if c.elf != nil {
			m.checkNeeds(t, name, c.elf)
		}
	}
	for _, name := range m.merged(t) {
		m.checkFile(t, name)
	}
}

// checkNeeds looks at the libraries that a program needs.
func (m *target) checkNeeds(t *testing.T, name string, want []string) {
	f, err := elf.Open(name)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	got, err := f.ImportedLibraries()
	got = slices.DeleteFunc(got, func(l string) bool {
		return strings.HasPrefix(l, "libc.so") || strings.HasPrefix(l, "ld-linux") || strings.HasPrefix(l, "libm.so")
	})
	slices.Sort(got)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%s needs %q, want %q (%v)", name, got, want, err)
	}
	for _, tag := range []elf.DynTag{elf.DT_RUNPATH, elf.DT_RPATH} {
		if paths, _ := f.DynString(tag); len(paths) > 0 {
			t.Errorf("%s searches in %q", name, paths)
		}
	}
}

// checkFile holds what every merged file has to fulfil.
func (m *target) checkFile(t *testing.T, name string) {
	var st unix.Stat_t
	if err := unix.Lstat(name, &st); err != nil {
		t.Error(err)
		return
	}
	if st.Uid != uint32(os.Getuid()) {
		t.Errorf("%s is of user %d", name, st.Uid)
	}
	if kind := st.Mode & unix.S_IFMT; kind == unix.S_IFLNK || kind == unix.S_IFDIR {
		return
	}
	if st.Mode&0o7022 != 0 {
		t.Errorf("%s has mode %o", name, st.Mode)
	}
	if strings.HasSuffix(name, ".la") {
		t.Errorf("%s was to be removed", name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Error(err)
		return
	}
	debug := strings.HasSuffix(name, ".debug")
	if bytes.Contains(text, []byte(m.dir)) && !debug {
		t.Errorf("%s names a folder of the build", name)
	}
	if !bytes.HasPrefix(text, []byte(elf.ELFMAG)) {
		return
	}
	f, err := elf.NewFile(bytes.NewReader(text))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if f.Machine != m.machine {
		t.Errorf("%s is for %v, want %v", name, f.Machine, m.machine)
	}
	linked := !strings.Contains(name, "/tini") // which links without symbols
	if linked && (f.Section(".symtab") != nil) != debug {
		t.Errorf("%s: symbols %v, want %v", name, !debug, debug)
	}
}

// merged lists what the database of installed packages says that it holds.
func (m *target) merged(t *testing.T) (names []string) {
	files, err := filepath.Glob(m.root + "/var/db/pkg/*/*/CONTENTS")
	if err != nil || len(files) != len(upstream)+1 {
		t.Fatalf("%d packages, %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			names = append(names, m.root+strings.Fields(line)[1])
		}
	}
	return names
}

// checkDatabase looks at the entries of installed packages.
func (m *target) checkDatabase(t *testing.T) {
	for _, c := range []struct{ cp, file, want string }{ // want: an expression
		{"dev-libs/jansson", "PROVIDES", m.category + `: libjansson\.so\.4\n`},
		{"dev-libs/jansson", "REQUIRES", m.category + `: .*libc\.so\.6\n`},
		{"dev-libs/jansson", "CHOST", m.chost + `\n`},
		{"dev-libs/jansson", "CBUILD", m.cbuild + `\n`},
		{"dev-libs/jansson", "SLOT", `0/4\n`},
		{"dev-libs/jansson", "DEFINED_PHASES", `configure install prepare unpack\n`},
		{"dev-libs/jansson", "INHERITED", `upstream\n`},
		{"dev-libs/cJSON", "PROVIDES", m.category + `: libcjson\.so\.1\n`},
		{"dev-libs/inih", "PROVIDES", m.category + `: libinih\.so\.0\n`},
		{"app-misc/jshon", "REQUIRES", m.category + `: libc\.so\.6 libjansson\.so\.4\n`},
		{"app-misc/jshon", "NEEDED", `/usr/bin/jshon libjansson\.so\.4,libc\.so\.6\n`},
		{"app-misc/jshon", "NEEDED.ELF.2", `[A-Z0-9_]+;/usr/bin/jshon;;;libjansson\.so\.4,libc\.so\.6;` + m.category + `\n`},
		{"app-misc/jshon", "DEPEND", `dev-libs/jansson:0/4=\n`},
		{"app-misc/jshon", "RDEPEND", `dev-libs/jansson:0/4=\n`},
		{"app-misc/jshon", "repository", `upstream\n`},
	} {
		found, err := filepath.Glob(m.root + "/var/db/pkg/" + c.cp + "-*/" + c.file)
		if err != nil || len(found) != 1 {
			t.Errorf("%s of %s: %v, %v", c.file, c.cp, found, err)
			continue
		}
		text, err := os.ReadFile(found[0])
		if ok := regexp.MustCompile("^" + c.want + "$").Match(text); !ok || err != nil {
			t.Errorf("%s of %s is %q, want %s (%v)", c.file, c.cp, text, c.want, err)
		}
	}
	found, err := filepath.Glob(m.root + "/var/db/pkg/app-misc/jshon-*/environment.bz2")
	if err != nil || len(found) != 1 {
		t.Fatalf("environment of jshon: %v, %v", found, err)
	}
	f, err := os.Open(found[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(bzip2.NewReader(f)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\nupstream_tools () \n", "\ndeclare -x CC=\"" + m.chost + "-gcc\"\n"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the environment of jshon lacks %q", want)
		}
	}
}

// checkPkgConfig looks at what the libraries say of themselves.
func (m *target) checkPkgConfig(t *testing.T) {
	for _, name := range []string{"jansson", "inih", "libcjson"} {
		cmd := exec.Command("pkg-config", "--variable=libdir", name)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "PKG_CONFIG_LIBDIR=" + m.root + "/usr/lib64/pkgconfig"}
		if out, err := cmd.Output(); err != nil || string(out) != "/usr/lib64\n" {
			t.Errorf("libdir of %s is %q, %v", name, out, err)
		}
	}
}

// checkPrograms runs the programs, which use the libraries.
func (m *target) checkPrograms(t *testing.T) {
	for _, c := range []struct {
		argv        []string
		input, want string
	}{
		{[]string{"jshon", "-e", "list", "-l"}, `{"list": [1, 2, 3]}`, "3\n"},
		{[]string{"reader"}, "b = two\na = one\n", `{"a":"one","b":"two"}` + "\n"},
		{[]string{"reader"}, "no value\n", "exit status 1"},
		{[]string{"tini-static", "--version"}, "", "tini version"},
	} {
		argv := append(m.run(m.root), m.root+"/usr/bin/"+c.argv[0])
		argv = append(argv, c.argv[1:]...)
		cmd := exec.Command(argv[0], argv[1:]...)
		cmd.Stdin = strings.NewReader(c.input)
		out, err := cmd.Output()
		var exit *exec.ExitError
		if errors.As(err, &exit) && len(out) == 0 {
			out = []byte(fmt.Sprint(err))
		}
		if !strings.HasPrefix(string(out), c.want) {
			t.Errorf("%s: %q, want %q (%v)", strings.Join(argv, " "), out, c.want, err)
		}
	}
}
