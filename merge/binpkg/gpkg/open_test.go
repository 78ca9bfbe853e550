package gpkg_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/blake2b"

	"github.com/tumpline/tumpline/merge/binpkg/compression"
	"github.com/tumpline/tumpline/merge/binpkg/gpkg"
)

// create makes a container.
func create(tb testing.TB, base string) []byte {
	tb.Helper()
	f, err := os.Create(filepath.Join(tb.TempDir(), "f"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	err = gpkg.Create(tb.Context(), f, &gpkg.Contents{
		Base: base, Metadata: map[string][]byte{"SLOT": []byte("0\n"), "EAPI": []byte("8\n")}, Programs: &compression.Programs{},
		Time:  time.Unix(1700000000, 5),
		Image: func(w io.Writer) error { _, err := io.WriteString(w, tarOf(tb, "image/f", "content")); return err },
	})
	if err != nil {
		tb.Fatal(err)
	}
	text, err := os.ReadFile(f.Name())
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

func open(tb testing.TB, text []byte) (*gpkg.File, error) {
	return gpkg.Open(tb.Context(), bytes.NewReader(text), int64(len(text)), gpkg.Policy{})
}

func TestCreateOpen(t *testing.T) {
	for _, base := range []string{"p-1", "p-1-3", strings.Repeat("p", 150) + "-1", strings.Repeat("p", 200) + "-1"} {
		text := create(t, base)
		c, err := open(t, text)
		if err != nil {
			t.Errorf("%s: %v", base, err)
			continue
		}
		files, err := c.Metadata(t.Context(), &compression.Programs{})
		if err != nil || string(files["EAPI"]) != "8\n" || len(files) != 2 || c.Base != base || c.Signed {
			t.Errorf("%s: %q, %+v, %v", base, files, c, err)
		}
		r, err := c.Image(t.Context(), &compression.Programs{})
		if err != nil {
			t.Fatal(err)
		}
		if h, err := tar.NewReader(r).Next(); err != nil || h.Name != "image/f" {
			t.Errorf("%s: %+v, %v", base, h, err)
		}
		if m, err := gpkg.Read(bytes.NewReader(text), nil); err != nil || len(m) != 2 {
			t.Errorf("%s: %v, %v", base, m, err)
		}
	}
	for _, base := range []string{"", "a/b", ".."} {
		if err := gpkg.Create(t.Context(), nil, &gpkg.Contents{Base: base}); !errors.Is(err, gpkg.ErrFormat) {
			t.Errorf("%q: %v", base, err)
		}
	}
}

// listed makes a Manifest with both digests.
func listed(files ...string) string {
	var b strings.Builder
	for i := 0; i < len(files); i += 2 {
		fmt.Fprintf(&b, "DATA %s %d SHA512 %x BLAKE2B %X\n", files[i], len(files[i+1]), sha512.Sum512([]byte(files[i+1])), blake2b.Sum512([]byte(files[i+1])))
	}
	return b.String()
}

func TestOpenBad(t *testing.T) {
	meta, img := tarOf(t, "metadata/SLOT", "0\n"), tarOf(t, "image/f", "x")
	files := []string{"gpkg-1", "", "metadata.tar", meta, "image.tar", img}
	in := func(dir string, list ...string) (out []string) {
		for i := 0; i < len(list); i += 2 {
			out = append(out, dir+list[i], list[i+1])
		}
		return out
	}
	whole := in("p/", append(files, "Manifest", listed(files...))...)
	if _, err := open(t, []byte(tarOf(t, whole...))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		file string
		want error
	}{
		{"no image", tarOf(t, in("p/", "gpkg-1", "", "metadata.tar", meta, "Manifest", listed("gpkg-1", "", "metadata.tar", meta))...), gpkg.ErrFormat},
		{"image changed", tarOf(t, in("p/", append([]string{"gpkg-1", "", "metadata.tar", meta, "image.tar", strings.Replace(img, "x", "y", 1)}, "Manifest", listed(files...))...)...), gpkg.ErrManifest},
		{"one digest only", tarOf(t, in("p/", append(files, "Manifest", manifestOf(files...))...)...), gpkg.ErrManifest},
		{"unlisted", tarOf(t, in("p/", append(files, "x", "", "Manifest", listed(files...))...)...), gpkg.ErrManifest},
		{"missing", tarOf(t, in("p/", append(files, "Manifest", listed(append(files, "x", "")...))...)...), gpkg.ErrManifest},
		{"huge Manifest", tarOf(t, in("p/", append(files, "Manifest", strings.Repeat("\n", 2<<20))...)...), gpkg.ErrFormat},
		{"truncated", tarOf(t, whole...)[:3000], gpkg.ErrFormat},
		{"two folders", tarOf(t, append(in("p/", files...), "q/Manifest", listed(files...))...), gpkg.ErrFormat},
		{"same base twice", tarOf(t, append(in("p/", files...), "p/q/image.tar", "")...), gpkg.ErrFormat},
	} {
		if f, err := open(t, []byte(c.file)); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v, want %v", c.name, f, err, c.want)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(create(f, "p-1"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := open(t, text)
		if err != nil {
			return
		}
		if _, err := c.Metadata(t.Context(), &compression.Programs{}); err == nil && c.Base == "" {
			t.Error("no base name")
		}
	})
}
