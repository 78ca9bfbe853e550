package sharedtest

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// Unpack writes the regular files that a gzipped tar archive of the shared
// directory has below a folder of its own ("" for all) to a temporary directory,
// with their times, and returns the directory.
func Unpack(tb testing.TB, below string, elem ...string) string {
	tb.Helper()
	f, err := os.Open(Path(tb, elem...))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	dir := tb.TempDir()
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return dir
		}
		if err != nil {
			tb.Fatal(err)
		}
		relative, err := filepath.Rel(filepath.Join(".", below), filepath.Clean(filepath.FromSlash(h.Name)))
		if err != nil || h.Typeflag != tar.TypeReg || !filepath.IsLocal(relative) {
			continue
		}
		writeMember(tb, filepath.Join(dir, relative), h, r)
	}
}

// writeMember writes one file.
func writeMember(tb testing.TB, path string, h *tar.Header, content io.Reader) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		tb.Fatal(err)
	}
	text, err := io.ReadAll(content)
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o666); err != nil {
		tb.Fatal(err)
	}
	if err := os.Chtimes(path, h.ModTime, h.ModTime); err != nil {
		tb.Fatal(err)
	}
}
