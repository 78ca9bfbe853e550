package strip_test

import (
	"context"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/merge/elfscan"
	"github.com/tumpline/tumpline/merge/strip"
)

// image has a program with two names, a library, an object file and an archive.
func image(t *testing.T) (d, work string) {
	t.Helper()
	d, work = t.TempDir(), t.TempDir()
	for _, dir := range []string{"usr/bin", "usr/lib", "opt"} {
		if err := os.MkdirAll(filepath.Join(d, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(work+"/main.c", []byte("int f(void){return 1;}\nint main(void){return f();}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"gcc", "-g", "-Wl,--build-id", "-o", d + "/usr/bin/prog", "main.c"},
		{"gcc", "-g", "-Wl,--build-id", "-shared", "-fPIC", "-o", d + "/usr/lib/libx.so.1", "main.c"},
		{"gcc", "-g", "-c", "-o", d + "/usr/lib/x.o", "main.c"},
		{"ar", "rc", d + "/usr/lib/libx.a", d + "/usr/lib/x.o"},
		{"ln", d + "/usr/bin/prog", d + "/usr/bin/alias"},
		{"cp", d + "/usr/bin/prog", d + "/opt/kept"},
		{"chmod", "4511", d + "/usr/bin/prog"},
	} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = work
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	return d, work
}

func options(t *testing.T, d, work string) *strip.Options {
	t.Helper()
	objects, _, err := elfscan.Scan(d)
	if err != nil {
		t.Fatal(err)
	}
	return &strip.Options{D: d, Objects: objects, Paths: []string{"/"}, Skip: []string{"/opt"}, Strip: true, Salt: "app-misc/pkg-1:0",
		Name: "app-misc/pkg-1", WorkDir: work, Temp: t.TempDir(), Jobs: 2, Tools: strip.FindTools(os.Getenv("PATH"), "nosuch-chost", os.Environ())}
}

func hasDebug(t *testing.T, file string) bool {
	t.Helper()
	f, err := elf.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return f.Section(".debug_info") != nil || f.Section(".zdebug_info") != nil
}

func TestStrip(t *testing.T) {
	d, work := image(t)
	o := options(t, d, work)
	res, err := strip.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(res.Stripped, " "), "/usr/bin/alias /usr/bin/prog /usr/lib/libx.so.1 /usr/lib/x.o"; got != want {
		t.Errorf("stripped %q, want %q", got, want)
	}
	for file, want := range map[string]bool{"usr/bin/prog": false, "usr/lib/libx.so.1": false, "usr/lib/x.o": false, "opt/kept": true} {
		if hasDebug(t, filepath.Join(d, file)) != want {
			t.Errorf("%s: debug information %v, want %v", file, !want, want)
		}
	}
	a, errA := os.Stat(d + "/usr/bin/prog")
	b, errB := os.Stat(d + "/usr/bin/alias")
	if errA != nil || errB != nil || !os.SameFile(a, b) || a.Mode()&os.ModeSetuid == 0 || a.Mode().Perm() != 0o511 {
		t.Errorf("names or mode were lost: %v %v", a.Mode(), b.Mode())
	}
}

func TestSplitDebug(t *testing.T) {
	d, work := image(t)
	o := options(t, d, work)
	o.SplitDebug, o.CompressDebug = true, true
	if _, err := strip.Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	debug := d + "/usr/lib/debug/usr/bin/alias.debug"
	if !hasDebug(t, debug) || hasDebug(t, d+"/usr/bin/prog") {
		t.Error("the debug information is not where it should be")
	}
	if info, err := os.Stat(debug); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of a setuid program's debug file: %v, %v", info, err)
	}
	links, err := filepath.Glob(d + "/usr/lib/debug/.build-id/??/*")
	if err != nil || len(links) != 4 {
		t.Fatalf("build id links %q, %v; want 4", links, err)
	}
	for _, l := range links {
		if _, err := os.Stat(l); err != nil {
			t.Errorf("%v", err)
		}
	}
	if _, err := os.Stat(d + "/usr/lib/debug/usr/lib/x.o.debug"); err == nil {
		t.Error("an object file has a debug file")
	}
}

func TestMask(t *testing.T) {
	d, work := image(t)
	o := options(t, d, work)
	o.Skip, o.Mask = nil, []string{"/usr/bin/*", "/opt/*"}
	res, err := strip.Run(context.Background(), o)
	if err != nil || len(res.Stripped) != 2 {
		t.Errorf("stripped %q, %v; want the library and the object file", res.Stripped, err)
	}
}

func TestNoTools(t *testing.T) {
	d, work := image(t)
	o := options(t, d, work)
	o.Tools = strip.Tools{}
	if _, err := strip.Run(context.Background(), o); err == nil {
		t.Error("no error without strip")
	}
}

// TestInstallSources needs debugedit, which says where sources are.
func TestInstallSources(t *testing.T) {
	d, work := image(t)
	o := options(t, d, work)
	if o.Tools.Debugedit == "" {
		sharedtest.Lacking(t, "debugedit is not in PATH")
	}
	o.InstallSources = true
	if _, err := strip.Run(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(d + "/usr/src/debug/app-misc/pkg-1/main.c"); err != nil {
		t.Error(err)
	}
}
