package livefs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/tumpline/tumpline/merge/livefs"
)

// A package of many small files, as an image whose files may become the live ones
// and as one that is kept.
func BenchmarkMerge20000(b *testing.B) {
	for _, use := range []livefs.Use{livefs.Keep, livefs.Consume} {
		b.Run(use.String(), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				top := b.TempDir()
				root := filepath.Join(top, "root")
				base(b, root)
				image, entry := pkg{cpv: "a/b-1"}.make(b, top)
				for d := range 200 {
					dir := filepath.Join(image.Dir, fmt.Sprintf("usr/share/b/%03d", d))
					if err := os.MkdirAll(dir, 0o755); err != nil {
						b.Fatal(err)
					}
					for f := range 100 {
						if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d", f)), make([]byte, 1000), 0o644); err != nil {
							b.Fatal(err)
						}
					}
				}
				image.Use = use
				b.StartTimer()
				if _, err := livefs.Merge(b.Context(), livefs.Root{Dir: root}, image, entry, options()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
