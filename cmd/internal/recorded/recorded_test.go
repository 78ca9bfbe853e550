package recorded_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/recorded"
	"github.com/tumpline/tumpline/cmd/internal/tumpline"
	"github.com/tumpline/tumpline/ebuild/confine"
	"github.com/tumpline/tumpline/merge/phase"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

func TestMain(m *testing.M) {
	recorded.Trampoline()
	confine.Trampoline()
	name := filepath.Base(os.Args[0])
	if name == "tumpline" || slices.Contains(tumpline.Applets(), name) || phase.IsCommand(name, os.Getenv) {
		cli.Exit(tumpline.Main) // does not return
	}
	os.Exit(m.Run())
}

// demand makes recorded calls that are pending fail as the others do, to see what they lack.
var demand = flag.Bool("pending", false, "demand what testdata/pending.txt lists too")

// TestRecordedVectors makes every recorded call of the original tools.
func TestRecordedVectors(t *testing.T) {
	shared := sharedtest.Dir(t)
	records, err := recorded.Read(filepath.Join(shared, "cli"))
	if err != nil {
		t.Fatal(err)
	}
	differences, err := recorded.Differences("testdata/differences.txt")
	if err != nil {
		t.Fatal(err)
	}
	later, err := recorded.Pending("testdata/pending.txt")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bench, err := recorded.NewBench(shared, resolvertest.TempDir(t), program, tumpline.Applets())
	if err != nil {
		t.Fatal(err)
	}
	equal, meant := 0, 0
	for _, r := range records {
		t.Run(r.Tool+"/"+strings.TrimPrefix(r.ID, r.Tool+"-"), func(t *testing.T) {
			pending := later[r.ID] != "" && !*demand
			c, err := bench.Play(t.Context(), r)
			if err != nil {
				if !pending {
					t.Fatal(err)
				}
				return
			}
			d := differences[r.ID]
			wrong := d.Judge(c)
			if pending {
				if wrong == nil {
					t.Errorf("%s passes: take it off testdata/pending.txt", r.ID)
				}
				return
			}
			switch {
			case wrong == nil && len(d.Aspects) > 0:
				meant++
			case wrong == nil:
				equal++
			}
			for _, w := range wrong {
				t.Error(w)
			}
			if diff := c.Diffs[recorded.Stderr]; diff != "" {
				t.Logf("standard error differs (-want +got):\n%s", diff)
			}
			if wrong != nil {
				t.Logf("%s %q in %s; note: %s", r.Tool, r.Args, r.State, r.Note)
			}
		})
	}
	t.Logf("figure: recorded calls of the original tools: %d of %d as recorded, %d different on purpose, %d pending", equal, len(records), meant, len(later))
}
