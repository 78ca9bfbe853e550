package vdb_test

import (
	"path/filepath"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/vdb"
)

// state unpacks a state of the shared corpus and returns its folder.
func state(tb testing.TB, name string) string {
	tb.Helper()
	return sharedtest.Unpack(tb, "", "corpus", "flatcar", "states", name+".tar.gz")
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
