package vdb_test

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/vdb"
)

// state unpacks a state of the shared corpus and returns its folder.
func state(tb testing.TB, name string) string {
	tb.Helper()
	f, err := os.Open(sharedtest.Path(tb, "corpus", "flatcar", "states", name+".tar.gz"))
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
		if err == io.EOF {
			return dir
		}
		if err != nil {
			tb.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			tb.Fatal(err)
		}
		text, err := io.ReadAll(r)
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
}

func BenchmarkRead469(b *testing.B) {
	dir := filepath.Join(state(b, "sdk.full"), "var/db/pkg")
	for _, bench := range []struct {
		name    string
		workers int
		all     bool
	}{{"identity", 2, false}, {"identity-1", 1, false}, {"all", 2, true}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				db := vdb.New(vdb.Options{Dir: dir, Pool: ebuild.NewPool(), Workers: bench.workers})
				all, err := db.All()
				if err != nil || len(all) != 469 || len(db.Problems()) > 0 {
					b.Fatal(len(all), err, db.Problems())
				}
				if bench.all {
					for _, p := range all {
						p.Raw("RDEPEND")
					}
				}
			}
		})
	}
}
