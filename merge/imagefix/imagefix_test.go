package imagefix_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/merge/imagefix"
)

func write(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func TestImage(t *testing.T) {
	d := t.TempDir()
	write(t, d+"/usr/bin/a\xffb\xc3\xa9", "12345", 0o755)
	write(t, d+"/x\xfe/y", "1", 0o644)
	write(t, d+"/usr/lib64/libx.so.1", "so", 0o644)
	write(t, d+"/usr/lib64/libx.a", "a", 0o755)
	write(t, d+"/usr/lib64/sub/liby.so", "so", 0o644)
	write(t, d+"/usr/lib64/libx.la", "# libx.la - a libtool library file\ndependency_libs=' -lb /usr/lib64/liby.la -L/usr/lib64 -lb'\n", 0o755)
	write(t, d+"/usr/share/info/dir.gz", "", 0o644)
	if err := os.MkdirAll(d+"/var/empty/deep", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/usr/lib", d+"/lib"); err != nil { // leads out of the image
		t.Fatal(err)
	}
	o := &imagefix.Options{D: d, FixLibtool: true, NoEmptyFolders: true}
	res, err := imagefix.First(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := imagefix.Last(o, res); err != nil {
		t.Fatal(err)
	}
	want := &imagefix.Result{
		Size: 86, Renamed: []string{"/usr/bin/a?bé", "/x?"}, Libtool: []string{"/usr/lib64/libx.la"},
		Modes:    []string{"/usr/lib64/libx.a", "/usr/lib64/libx.la", "/usr/lib64/libx.so.1"},
		Unlinked: []string{"/usr/share", "/usr/share/info", "/var", "/var/empty", "/var/empty/deep"},
	}
	if diff := cmp.Diff(want, res); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLibtool(t *testing.T) {
	tests := []struct{ in, want, err string }{
		{"dependency_libs=''\n", "dependency_libs=''\n", ""},
		{"dependency_libs=' -lm'\n", "dependency_libs=' -lm'\n", ""},
		{"dependency_libs='-lm  -lm'\n", "dependency_libs=' -lm'\n", ""},
		{"dependency_libs=' -lz -L/usr/local/lib -R/r libq.la /usr/lib/libk.la'\n", "dependency_libs=' -R/r -L/usr/lib -lz libq.la -lk'\n", ""},
		{"dependency_libs=' -L/usr/lib64/pkgconfig/../../lib -pthread'\n", "dependency_libs=' -L/usr/lib -pthread'\n", ""},
		{"inherited_linker_flags=''\ndependency_libs=' -pthread -lm'\n", "inherited_linker_flags=' -pthread'\ndependency_libs=' -lm'\n", ""},
		{"nothing\n", "", "missing or invalid dependency_libs"},
		{"dependency_libs=' what'\n", "", `unexpected entry "what" in dependency_libs`},
		{"dependency_libs=''\ndependency_libs=''\n", "", "duplicated dependency_libs entry"},
	}
	for _, tt := range tests {
		got, err := imagefix.Libtool(tt.in)
		msg := ""
		if err != nil {
			msg = err.Error()
		}
		if got != tt.want || msg != tt.err {
			t.Errorf("Libtool(%q) = %q, %q; want %q, %q", tt.in, got, msg, tt.want, tt.err)
		}
	}
}

// FuzzLibtool holds that a file that was fixed can be read again.
func FuzzLibtool(f *testing.F) {
	f.Add("dependency_libs=' -lz -L/usr/local/lib -R/r /usr/lib/libk.la -pthread'\ninherited_linker_flags=' -x'\n")
	f.Fuzz(func(t *testing.T, text string) {
		once, err := imagefix.Libtool(text)
		if err != nil {
			return
		}
		if _, err := imagefix.Libtool(once); err != nil {
			t.Errorf("%q became %q: %v", text, once, err)
		}
	})
}
