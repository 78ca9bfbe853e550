package doccompress_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/merge/doccompress"
)

func image(t *testing.T) string {
	t.Helper()
	d := t.TempDir()
	long := strings.Repeat("text ", 100)
	for name, text := range map[string]string{
		"usr/share/doc/pkg/README": long, "usr/share/doc/pkg/short": strings.Repeat("x", 128), "usr/share/doc/pkg/long": strings.Repeat("x", 129),
		"usr/share/doc/pkg/html/index.html": long, "usr/share/doc/pkg/a.css": long, "usr/share/doc/pkg/css": long,
		"usr/share/man/man1/a.1": long, "usr/share/man/man1/pre.1": long, "usr/share/man/man1/twice.1": long, "usr/lib/data": long,
	} {
		file := filepath.Join(d, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	man := filepath.Join(d, "usr/share/man/man1")
	for _, args := range [][]string{{"gzip", man + "/pre.1"}, {"gzip", "-k", man + "/twice.1"}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	// Zero bytes at its end do not matter to gzip, but the limit is of the file as it lies.
	f, err := os.OpenFile(man+"/pre.1.gz", os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 400 {
		if _, err := f.Write([]byte{byte(0)}); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	f.Close()
	for link, to := range map[string]string{"b.1": "a.1", "c.1": "b.1", "abs.1": "/usr/share/man/man1/a.1", "gone.1": "nothing.1"} {
		if err := os.Symlink(to, filepath.Join(man, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../share/doc/pkg/README", filepath.Join(d, "usr/lib/readme")); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(man+"/a.1", filepath.Join(d, "usr/lib/hard")); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCompress(t *testing.T) {
	d := image(t)
	res, err := doccompress.Compress(context.Background(), &doccompress.Options{
		D: d, Paths: []string{"/usr/share/doc", "usr//share/man", "/usr/share/info"}, Skip: []string{"/usr/share/doc/pkg/html"},
		Program: []string{"bzip2", "-9"}, SizeLimit: 128, ExcludeSuffixes: []string{"css"}, Temp: t.TempDir(), Jobs: 2, Env: os.Environ(),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"/usr/share/doc/pkg/README.bz2", "/usr/share/doc/pkg/long.bz2", "/usr/share/man/man1/a.1.bz2",
		"/usr/share/man/man1/pre.1.bz2", "/usr/share/man/man1/twice.1.bz2"}
	if diff := cmp.Diff(want, res.Compressed); diff != "" {
		t.Errorf("compressed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/usr/share/man/man1/pre.1.gz"}, res.Precompressed); diff != "" {
		t.Errorf("precompressed (-want +got):\n%s", diff)
	}
	for link, to := range map[string]string{
		"usr/share/man/man1/b.1.bz2": "a.1.bz2", "usr/share/man/man1/c.1.bz2": "b.1.bz2",
		"usr/share/man/man1/abs.1.bz2": "/usr/share/man/man1/a.1.bz2", "usr/share/man/man1/gone.1": "nothing.1", "usr/lib/readme.bz2": "../share/doc/pkg/README.bz2",
	} {
		if got, err := os.Readlink(filepath.Join(d, link)); err != nil || got != to {
			t.Errorf("link %s = %q, %v; want %q", link, got, err, to)
		}
	}
	for _, kept := range []string{"usr/share/doc/pkg/short", "usr/share/doc/pkg/css", "usr/share/doc/pkg/a.css", "usr/share/doc/pkg/html/index.html", "usr/lib/hard", "usr/share/man/man1/twice.1.gz"} {
		if _, err := os.Stat(filepath.Join(d, kept)); err != nil {
			t.Errorf("%v", err)
		}
	}
	if info, err := os.Stat(filepath.Join(d, want[2])); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode of a compressed page: %v, %v", info, err)
	}
}

func TestNoProgram(t *testing.T) {
	_, err := doccompress.Compress(context.Background(), &doccompress.Options{D: image(t), Paths: []string{"/"}, Program: []string{"true"}, Temp: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "leaves no compressed file") {
		t.Errorf("error %v", err)
	}
}
