package elfscan_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/merge/elfscan"
	"github.com/tumpline/tumpline/merge/linkage"
)

// build compiles what one test needs. SQLite needs a C compiler anyway.
func build(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("gcc", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("gcc %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func image(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"lib.c": "int f(void){return 1;}\n", "main.c": "int f(void);int main(void){return f();}\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []string{"usr/lib", "usr/lib/app", "usr/bin"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	build(t, dir, "-shared", "-fPIC", "-Wl,-soname,libf.so.1", "-o", "usr/lib/libf.so.1.0", "lib.c")
	build(t, dir, "-shared", "-fPIC", "-o", "usr/lib/app/libinside.so", "lib.c")
	build(t, dir, "-pie", "-fPIE", "-o", "usr/bin/pie", "main.c", "usr/lib/libf.so.1.0")
	build(t, dir, "-no-pie", "-Wl,--enable-new-dtags", "-Wl,-rpath,$ORIGIN/../lib/app:/opt/x", "-o", "usr/bin/fixed", "main.c", "-Lusr/lib/app", "-linside")
	build(t, dir, "-c", "-o", "usr/lib/f.o", "lib.c")
	for _, name := range []string{"lib.c", "main.c"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "usr/lib/broken.so"), []byte("\x7fELFand nothing more than that"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("libf.so.1.0", filepath.Join(dir, "usr/lib/libf.so.1")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestScan(t *testing.T) {
	objects, problems, err := elfscan.Scan(image(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(problems) != 1 || !strings.Contains(problems[0].Error(), "usr/lib/broken.so") {
		t.Errorf("problems %v, want one about usr/lib/broken.so", problems)
	}
	var got, lines []string
	var entries []linkage.Entry
	for _, o := range objects {
		got = append(got, o.Kind.String()+" "+o.Entry.String())
		lines = append(lines, o.NeededLine())
		entries = append(entries, o.Entry)
	}
	arch, cat := objects[0].Arch, objects[0].Category
	want := []string{
		"executable " + arch + ";/usr/bin/fixed;;$ORIGIN/../lib/app:/opt/x;libinside.so,libc.so.6;" + cat,
		"pie executable " + arch + ";/usr/bin/pie;;;libf.so.1,libc.so.6;" + cat,
		"shared object " + arch + ";/usr/lib/app/libinside.so;libinside.so;;libc.so.6;" + cat,
		"relocatable " + arch + ";/usr/lib/f.o;;;;" + cat,
		"shared object " + arch + ";/usr/lib/libf.so.1.0;libf.so.1;;libc.so.6;" + cat,
	}
	if diff := cmp.Diff(want, normal(got)); diff != "" {
		t.Errorf("Scan (-want +got):\n%s", diff)
	}
	if lines[3] != "/usr/lib/f.o " {
		t.Errorf("NeededLine of an object file = %q", lines[3])
	}
	if got, want := elfscan.Provides(entries, nil), cat+": libf.so.1 libinside.so"; got != want {
		t.Errorf("Provides = %q, want %q", got, want)
	}
	if got, want := elfscan.Provides(entries, elfscan.Exclude{"/usr/lib/app/*"}), cat+": libf.so.1"; got != want {
		t.Errorf("Provides without a folder = %q, want %q", got, want)
	}
}

// normal leaves out libc of objects that a distribution's gcc links with
// --as-needed, so that the test says the same everywhere.
func normal(lines []string) []string {
	for i, l := range lines {
		f := strings.Split(l, ";")
		if strings.HasPrefix(l, "shared object") && f[4] == "" {
			f[4] = "libc.so.6"
			lines[i] = strings.Join(f, ";")
		}
	}
	return lines
}

func TestRequires(t *testing.T) {
	entry := func(file, soname, runpath string, needed ...string) linkage.Entry {
		e := linkage.Entry{File: file, Soname: soname, Needed: needed, Category: "x86_64"}
		if runpath != "" {
			e.RunPaths = []string{runpath}
		}
		return e
	}
	other := entry("/usr/lib32/libz.so.1", "libz.so.1", "")
	other.Category = "x86_32"
	unknown := entry("/usr/lib/x", "libx.so", "", "liby.so")
	unknown.Category = ""
	tests := []struct {
		name    string
		entries []linkage.Entry
		exclude elfscan.Exclude
		want    string
	}{
		{"none", nil, nil, ""},
		{"own soname", []linkage.Entry{entry("/bin/a", "", "", "liba.so", "libc.so.6"), entry("/lib/liba.so", "liba.so", "")}, nil, "x86_64: libc.so.6"},
		{"other category", []linkage.Entry{entry("/bin/a", "", "", "libz.so.1"), other}, nil, "x86_64: libz.so.1"},
		{"no category", []linkage.Entry{unknown}, nil, ""},
		{"run path", []linkage.Entry{entry("/opt/bin/a", "", "$ORIGIN/../lib", "in.so"), entry("/opt/lib/in.so", "", "")}, nil, ""},
		{"another run path", []linkage.Entry{entry("/opt/bin/a", "", "/opt", "in.so"), entry("/opt/lib/in.so", "", "")}, nil, "x86_64: in.so"},
		{"excluded soname", []linkage.Entry{entry("/bin/a", "", "", "b.so", "c.so")}, elfscan.Exclude{"b.*"}, "x86_64: c.so"},
		{"excluded file", []linkage.Entry{entry("/bin/a", "", "", "b.so")}, elfscan.Exclude{"/bin/?"}, ""},
	}
	for _, tt := range tests {
		if got := elfscan.Requires(tt.entries, tt.exclude); got != tt.want {
			t.Errorf("%s: Requires = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestReadNoELF(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x")
	for _, text := range []string{"", "\x7fEL", "#!/bin/sh\n"} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := elfscan.Read(file, "/x"); !errors.Is(err, elfscan.ErrNoELF) {
			t.Errorf("Read(%q) error = %v, want ErrNoELF", text, err)
		}
	}
}

// FuzzRead holds that no file is too broken.
func FuzzRead(f *testing.F) {
	self, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		f.Add(self[:4096])
	}
	f.Add([]byte("\x7fELF\x02\x01\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if o, err := elfscan.Read(file, "/x"); err == nil {
			if _, err := linkage.ParseEntry(o.Entry.String()); err != nil {
				t.Errorf("unreadable line %q: %v", o.Entry.String(), err)
			}
		}
	})
}
