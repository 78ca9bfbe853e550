package binpkg_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/binpkg/compression"
)

// manyFiles makes an image of small files, as many as a large package has.
func manyFiles(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	for i := range 20000 {
		folder := filepath.Join(dir, "usr/share", fmt.Sprint(i/100))
		if i%100 == 0 {
			must(b, os.MkdirAll(folder, 0o755))
		}
		must(b, os.WriteFile(filepath.Join(folder, fmt.Sprint(i)), make([]byte, 1000+i%2000), 0o644))
	}
	return dir
}

// BenchmarkPack packs 20000 small files without compression; tar does the same.
func BenchmarkPack(b *testing.B) {
	img := manyFiles(b)
	b.Run("tumpline", func(b *testing.B) {
		for b.Loop() {
			o := options(b, b.TempDir(), binpkg.FormatXPAK, compression.None)
			o.Image = img
			_, err := binpkg.Write(b.Context(), o)
			must(b, err)
		}
	})
	b.Run("tar", func(b *testing.B) {
		for b.Loop() {
			must(b, exec.CommandContext(b.Context(), "sh", "-c", `tar -cf "$1/f" -C "$2" . && sync "$1/f"`, "sh", b.TempDir(), img).Run())
		}
	})
}

// BenchmarkUnpack unpacks the same, and so does tar.
func BenchmarkUnpack(b *testing.B) {
	img := manyFiles(b)
	o := options(b, b.TempDir(), binpkg.FormatXPAK, compression.None)
	o.Image = img
	done, err := binpkg.Write(b.Context(), o)
	must(b, err)
	b.Run("tumpline", func(b *testing.B) {
		for b.Loop() {
			_, err := binpkg.Unpack(b.Context(), done.Path, &binpkg.UnpackOptions{Image: b.TempDir(), Programs: programs(), Owner: asSelf})
			must(b, err)
		}
	})
	b.Run("tar", func(b *testing.B) {
		for b.Loop() {
			// The segment behind the tar is not read.
			_ = exec.CommandContext(b.Context(), "tar", "-xpf", done.Path, "-C", b.TempDir()).Run()
		}
	})
}
