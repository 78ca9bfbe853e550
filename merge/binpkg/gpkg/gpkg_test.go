package gpkg_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/tumpline/tumpline/merge/binpkg/gpkg"
)

// tarOf makes a tar of names and contents in turn.
func tarOf(tb testing.TB, files ...string) string {
	tb.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		if err := w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o644, Size: int64(len(files[i+1])), Format: tar.FormatUSTAR}); err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// zstdOf compresses text.
func zstdOf(tb testing.TB, text string) string {
	tb.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return string(w.EncodeAll([]byte(text), nil))
}

// gzipOf compresses text.
func gzipOf(tb testing.TB, text string) string {
	tb.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// manifestOf lists members, given as for tarOf without directory.
func manifestOf(files ...string) string {
	var b strings.Builder
	for i := 0; i < len(files); i += 2 {
		fmt.Fprintf(&b, "DATA %s %d SHA512 %x BLAKE2B 00\n", files[i], len(files[i+1]), sha512.Sum512([]byte(files[i+1])))
	}
	return b.String()
}

// build makes a container with a right Manifest.
func build(tb testing.TB, files ...string) string {
	tb.Helper()
	var members []string
	for i := 0; i < len(files); i += 2 {
		members = append(members, "p-1/"+files[i], files[i+1])
	}
	return tarOf(tb, append(members, "p-1/Manifest", manifestOf(files...))...)
}

func TestRead(t *testing.T) {
	metadata := tarOf(t, "metadata/SLOT", "0\n", "metadata/EAPI", "8\n", "metadata/big", "x")
	want := map[string][]byte{"SLOT": []byte("0\n"), "EAPI": []byte("8\n")}
	keep := func(name string) bool { return name != "big" }
	signed := manifestOf("gpkg-1", "", "metadata.tar", metadata)
	for name, file := range map[string]string{
		"none":        build(t, "gpkg-1", "", "metadata.tar", metadata, "image.tar", "img"),
		"gzip":        build(t, "gpkg-1", "", "metadata.tar.gz", gzipOf(t, metadata)),
		"zstd":        build(t, "gpkg-1", "", "metadata.tar.zst", zstdOf(t, metadata), "metadata.tar.zst.sig", "s"),
		"other order": build(t, "image.tar", "img", "metadata.tar", metadata, "gpkg-1", ""),
		"signed": tarOf(t, "p/gpkg-1", "", "p/metadata.tar", metadata, "p/Manifest",
			"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n"+signed+"-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----\n"),
	} {
		got, err := gpkg.Read(strings.NewReader(file), keep)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s: %v %s", name, err, d)
		}
	}
}

func TestBad(t *testing.T) {
	metadata := tarOf(t, "metadata/SLOT", "0\n")
	manifest := manifestOf("gpkg-1", "", "metadata.tar", metadata)
	for _, c := range []struct {
		name string
		file string
		want error
	}{
		{"empty", "", gpkg.ErrFormat},
		{"no tar", strings.Repeat("x", 2000), gpkg.ErrFormat},
		{"truncated", build(t, "gpkg-1", "", "metadata.tar", metadata)[:2000], gpkg.ErrFormat},
		{"no version", build(t, "metadata.tar", metadata), gpkg.ErrFormat},
		{"no metadata", build(t, "gpkg-1", ""), gpkg.ErrFormat},
		{"no Manifest", tarOf(t, "p/gpkg-1", "", "p/metadata.tar", metadata), gpkg.ErrFormat},
		{"two folders", tarOf(t, "p/gpkg-1", "", "q/metadata.tar", metadata, "p/Manifest", manifest), gpkg.ErrFormat},
		{"too deep", tarOf(t, "p/q/gpkg-1", "", "p/q/metadata.tar", metadata, "p/q/Manifest", manifest), gpkg.ErrFormat},
		{"twice", tarOf(t, "p/gpkg-1", "", "p/gpkg-1", "", "p/metadata.tar", metadata, "p/Manifest", manifest), gpkg.ErrFormat},
		{"unlisted", tarOf(t, "p/gpkg-1", "", "p/metadata.tar", metadata, "p/x", "", "p/Manifest", manifest), gpkg.ErrManifest},
		{"missing", tarOf(t, "p/gpkg-1", "", "p/metadata.tar", metadata, "p/Manifest", manifest+"DATA x 0\n"), gpkg.ErrManifest},
		{"size", tarOf(t, "p/gpkg-1", "x", "p/metadata.tar", metadata, "p/Manifest", manifest), gpkg.ErrManifest},
		{"digest", tarOf(t, "p/gpkg-1", "", "p/metadata.tar", strings.Replace(metadata, "0\n", "1\n", 1), "p/Manifest", manifest), gpkg.ErrManifest},
		{"line", tarOf(t, "p/gpkg-1", "", "p/metadata.tar", metadata, "p/Manifest", manifest+"DIST x 0\n"), gpkg.ErrManifest},
		{"inner name", build(t, "gpkg-1", "", "metadata.tar", tarOf(t, "x", "y")), gpkg.ErrFormat},
		{"compression", build(t, "gpkg-1", "", "metadata.tar.lzo", metadata), gpkg.ErrCompression},
		{"not zstd", build(t, "gpkg-1", "", "metadata.tar.zst", metadata), gpkg.ErrFormat},
	} {
		if m, err := gpkg.Read(strings.NewReader(c.file), nil); m != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.name, m, err, c.want)
		}
	}
}

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p-1.gpkg.tar")
	if _, err := gpkg.ReadFile(path, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	file := build(t, "gpkg-1", "", "metadata.tar", tarOf(t, "metadata/SLOT", "0\n"), "image.tar", strings.Repeat("i", 5000))
	if err := os.WriteFile(path, []byte(file), 0o666); err != nil {
		t.Fatal(err)
	}
	if m, err := gpkg.ReadFile(path, nil); err != nil || string(m["SLOT"]) != "0\n" {
		t.Errorf("%q, %v", m, err)
	}
}

func FuzzRead(f *testing.F) {
	metadata := tarOf(f, "metadata/SLOT", "0\n")
	f.Add([]byte(build(f, "gpkg-1", "", "metadata.tar", metadata)))
	f.Add([]byte(build(f, "gpkg-1", "", "metadata.tar.zst", zstdOf(f, metadata))))
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := gpkg.Read(bytes.NewReader(file), nil)
		if (m == nil) != (err != nil) {
			t.Errorf("%v, %v", m, err)
		}
	})
}
