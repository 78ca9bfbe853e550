package qa_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/merge/elfscan"
	"github.com/tumpline/tumpline/merge/qa"
)

// image makes files "/path" with modes; a path that ends in / is a folder, one with
// -> a link.
func image(t *testing.T, files map[string]fs.FileMode) string {
	t.Helper()
	d := filepath.Join(t.TempDir(), "image")
	for name, mode := range files {
		name = strings.ReplaceAll(name, "@D@", d)
		name, to, link := strings.Cut(name, " -> ")
		path := filepath.Join(d, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch {
		case link:
			err = os.Symlink(to, path)
		case strings.HasSuffix(name, "/"):
			err = os.MkdirAll(path, 0o755)
		default:
			err = os.WriteFile(path, []byte("#!/sbin/openrc-run\n"+d), 0o644)
		}
		if err == nil && !link {
			err = os.Chmod(path, mode)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func TestCheck(t *testing.T) {
	const setid = fs.ModeSetuid
	d := image(t, map[string]fs.FileMode{
		"@D@/usr/x": 0o644, "/usr/bin/su": setid | 0o757, "/usr/share/open": 0o666, "/var/lib/open/": 0o777, "/var/lib/sticky/": fs.ModeSticky | 0o777,
		"/usr/man/": 0o755, "/run/x": 0o644, "/usr/lib64/libx.so -> /lib64/libx.so.1": 0, "/lib64/libx.so": 0o755, "/usr/lib64/libx.a": 0o644,
		"/usr/lib64/liby.a": 0o644, "/lib/liby.a": 0o644, "/usr/lib/libz.la": 0o644, "/etc/init.d/bad": 0o755, "/etc/init.d/good": 0o755,
		"/usr/lib64/libw.a": 0o644, "/lib64/libw.so": 0o755,
	})
	found, err := qa.Check(&qa.Options{D: d, Shell: func(file string) error {
		if filepath.Base(file) == "bad" {
			return errors.New("line 3: syntax error")
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string][]string)
	for _, f := range found {
		got[f.Severity.String()+" "+f.Check] = f.Paths
	}
	want := map[string][]string{
		"fatal double-D":                {d + "/usr", d + "/usr/x"},
		"fatal world-writable-setid":    {"/usr/bin/su"},
		"notice world-writable":         {"/usr/share/open"},
		"notice world-writable-folder":  {"/var/lib/open"},
		"notice deprecated-folders":     {"/usr/man"},
		"notice runtime-folders":        {"/run/x"},
		"notice absolute-library-links": {"/usr/lib64/libx.so -> /lib64/libx.so.1"},
		"fatal linker-script":           {"/usr/lib64/libw.a"},
		"fatal root-archives":           {"/lib/liby.a"},
		"fatal soiled-libtool":          {"/usr/lib/libz.la"},
		"fatal openrc":                  {"/etc/init.d/bad: line 3: syntax error"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestPrefix(t *testing.T) {
	d := image(t, map[string]fs.FileMode{"/opt/p/usr/a": 0o644, "/usr/b": 0o644, "/opt/p/opt/p/c": 0o644})
	found, err := qa.Check(&qa.Options{D: d, EPrefix: "/opt/p"})
	if err != nil || len(found) != 2 || found[0].Check != "prefix" || found[1].Check != "double-prefix" {
		t.Errorf("Check = %v, %v; want prefix and double-prefix", found, err)
	}
}

// compile makes a shared library.
func compile(t *testing.T, to string, args ...string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("gcc", append([]string{"-x", "c", "-", "-shared", "-fPIC", "-nostdlib", "-o", to}, args...)...)
	cmd.Stdin = strings.NewReader("extern int other(void); int own(void) { return other(); }\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		sharedtest.Lacking(t, fmt.Sprintf("no compiler: %v %s", err, out))
	}
}

func TestObjects(t *testing.T) {
	d := t.TempDir()
	compile(t, d+"/usr/lib64/libplain.so")
	compile(t, d+"/usr/lib64/libstack.so", "-Wl,-z,execstack", "-Wl,-soname,libstack.so.1", "-Wl,-rpath,/build/lib:/usr/good::/build/x")
	compile(t, d+"/usr/lib/libmulti.so", "-Wl,-soname,libmulti.so", "-Wl,-rpath,/build/lib")
	if err := os.Chmod(d+"/usr/lib/libmulti.so", fs.ModeSetuid|0o555); err != nil {
		t.Fatal(err)
	}
	r := &qa.RunPaths{D: d, Forbidden: []string{"/build"}, Cut: true}
	cut, err := r.Clean([]string{"/usr/lib64/libplain.so", "/usr/lib64/libstack.so", "/usr/lib/libmulti.so"})
	want := []string{"/usr/lib64/libstack.so: /build/lib:/usr/good::/build/x", "/usr/lib/libmulti.so: /build/lib"}
	if diff := cmp.Diff(want, cut); diff != "" || err != nil {
		t.Errorf("Clean: %v (-want +got):\n%s", err, diff)
	}
	objects, problems, err := elfscan.Scan(d)
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	paths := map[string][]string{}
	for _, o := range objects {
		paths[filepath.Base(o.File)] = o.RunPaths
	}
	if diff := cmp.Diff([]string{"/usr/good"}, paths["libstack.so"]); diff != "" || len(paths["libmulti.so"]) != 0 {
		t.Errorf("search paths after: %v", paths)
	}
	if info, err := os.Stat(d + "/usr/lib/libmulti.so"); err != nil || info.Mode() != fs.ModeSetuid|0o555 {
		t.Errorf("mode after: %v, %v", info.Mode(), err)
	}
	checkObjects(t, d, objects)
}

func checkObjects(t *testing.T, d string, objects []elfscan.Object) {
	t.Helper()
	found, err := qa.Check(&qa.Options{D: d, Objects: objects, Binaries: true, Stricter: true, Arch: "amd64",
		MultilibDirs: []string{"/lib32", "/usr/lib"}, MultilibDeny: "64-bit.*shared object",
		Var: func(name string) []string {
			return map[string][]string{"QA_SONAME": {"none"}, "QA_DT_NEEDED_amd64": {"usr/lib64/libp.* usr/lib/.*"}}[name]
		}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		got = append(got, f.Severity.String()+" "+f.Check+" "+strings.Join(f.Paths, " "))
	}
	want := []string{
		"fatal multilib-strict /usr/lib/libmulti.so", "fatal execstack /usr/lib64/libstack.so",
		"notice no-soname /usr/lib64/libplain.so", "notice no-needed /usr/lib64/libstack.so",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestScanLog(t *testing.T) {
	log := `>>> Configuring
configure: WARNING: unrecognized options: --with-a, --with-b
/x/configure: line 12: foo: command not found
make[1]: warning: jobserver unavailable: using -j1.  Add '+' to parent make rule.
cd . && /bin/sh /x/missing automake-1.16 --gnu
!!! dobin: x does not exist
` + strings.Repeat("y", 200_000) + "\n./x.sh: 3: bar: not found\n"
	found, err := qa.ScanLog(strings.NewReader(log), qa.Expected{ConfigureOptions: []string{"--with-a"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		got = append(got, f.Check+": "+strings.Join(f.Paths, "|"))
	}
	want := []string{
		"maintainer-mode: cd . && /bin/sh /x/missing automake-1.16 --gnu",
		"command-not-found: /x/configure: line 12: foo: command not found|./x.sh: 3: bar: not found",
		"file-missing: !!! dobin: x does not exist", "configure-options: --with-b",
		"jobserver: make[1]: warning: jobserver unavailable: using -j1.  Add '+' to parent make rule.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func FuzzRunPaths(f *testing.F) {
	f.Add([]byte("\x7fELF\x02\x01\x01"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(dir+"/f", text, 0o644); err != nil {
			t.Fatal(err)
		}
		r := &qa.RunPaths{D: dir, Forbidden: []string{"/"}, Cut: true}
		_, _ = r.Clean([]string{"f"}) // must end, and not panic
	})
}
