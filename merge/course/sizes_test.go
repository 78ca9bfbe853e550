package course

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/merge/phase"
)

func TestInUnits(t *testing.T) {
	for n, want := range map[int64]string{1025: "1.0 MiB", 1536: "1.5 MiB", 3 << 20: "3.0 GiB"} {
		if got := inUnits(n); got != want {
			t.Errorf("inUnits(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestTellSizes(t *testing.T) {
	dir := phase.Dir(t.TempDir())
	for _, d := range []string{dir.Work(), dir.Image()} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir.Image(), "a"), make([]byte, 3<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(dir.Image(), "a"), filepath.Join(dir.Image(), "b")); err != nil {
		t.Fatal(err)
	}
	var told []string
	c := &Course{Build: &phase.Build{Dir: dir}, Tell: func(line string) { told = append(told, line) }}
	c.tellSizes()
	if len(told) != 3 || !strings.HasPrefix(told[0], " * Final size of build directory: ") || !strings.HasSuffix(told[1], " (3.0 MiB)") || told[2] != "" {
		t.Errorf("told %q", told)
	}
}
