package livefs_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

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
				image, entry := manyFiles(b, top)
				image.Use = use
				b.StartTimer()
				if _, err := livefs.Merge(b.Context(), livefs.Root{Dir: root}, image, entry, options()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// manyFiles makes an image of 20,000 files of 1,000 bytes in 200 folders.
func manyFiles(tb testing.TB, top string) (livefs.Image, livefs.Entry) {
	image, entry := pkg{cpv: "a/b-1"}.make(tb, top)
	for d := range 200 {
		dir := filepath.Join(image.Dir, fmt.Sprintf("usr/share/b/%03d", d))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			tb.Fatal(err)
		}
		for f := range 100 {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d", f)), make([]byte, 1000), 0o644); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return image, entry
}

// BenchmarkRateOfTar compares the merge of 20,000 small files with tar -x and one sync,
// which write the same files and keep no record of them: percent of its rate.
func BenchmarkRateOfTar(b *testing.B) {
	for _, use := range []livefs.Use{livefs.Keep, livefs.Consume} {
		b.Run(use.String(), func(b *testing.B) {
			var tar, merge time.Duration
			for b.Loop() {
				top := b.TempDir()
				image, entry := manyFiles(b, top)
				image.Use = use
				tar += untar(b, image.Dir, top)
				root := filepath.Join(top, "root")
				base(b, root)
				unix.Sync()
				start := time.Now()
				if _, err := livefs.Merge(b.Context(), livefs.Root{Dir: root}, image, entry, options()); err != nil {
					b.Fatal(err)
				}
				merge += time.Since(start)
			}
			b.ReportMetric(100*tar.Seconds()/merge.Seconds(), "%tar")
		})
	}
}

// untar packs a folder, and gives how long it takes to unpack it and to sync.
func untar(b *testing.B, dir, top string) time.Duration {
	archive, plain := filepath.Join(top, "image.tar"), filepath.Join(top, "plain")
	run := func(args ...string) {
		if out, err := exec.Command("tar", args...).CombinedOutput(); err != nil {
			b.Fatal(err, string(out))
		}
	}
	run("-C", dir, "-cf", archive, ".")
	if err := os.Mkdir(plain, 0o755); err != nil {
		b.Fatal(err)
	}
	unix.Sync()
	start := time.Now()
	run("-C", plain, "-xf", archive)
	f, err := os.Open(plain)
	if err == nil {
		err = unix.Syncfs(int(f.Fd()))
		f.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}
