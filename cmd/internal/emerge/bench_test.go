package emerge_test

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/cases/corpus"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
)

// BenchmarkMain answers requests of the Flatcar corpus as a process would,
// with a warm index.
func BenchmarkMain(b *testing.B) {
	recorded, err := corpus.Open(sharedtest.Path(b, "corpus/flatcar"))
	if err != nil {
		b.Fatal(err)
	}
	layout := corpus.NewBench(recorded, b.TempDir())
	for _, id := range []string{"sdk-emptytree", "amd64-usr-bash-empty", "amd64-usr-break-step1"} {
		i := slices.IndexFunc(recorded.Requests, func(r corpus.Request) bool { return r.ID == id })
		roots, err := layout.Lay(&recorded.Requests[i])
		if err != nil {
			b.Fatal(err)
		}
		vars := map[string]string{"TUMPLINE_BUILD_ROOT": roots.Build, "TUMPLINE_CACHE_DIR": filepath.Join(roots.Dir, "cache")}
		if recorded.Requests[i].Board() {
			vars["ROOT"], vars["SYSROOT"], vars["PORTAGE_CONFIGROOT"] = roots.Target, roots.Target, roots.Target
		}
		args := append([]string{"--pretend"}, recorded.Requests[i].Args...)
		once := func(b *testing.B) {
			var out, errs bytes.Buffer
			env := &cli.Env{Streams: cli.Streams{Out: &out, Err: &errs}, Args: args, Vars: vars, Dir: roots.Dir}
			if status := cli.Run(context.Background(), env, emerge.Main); status != cli.StatusOK {
				b.Fatalf("%s: status %d\n%s", id, status, errs.String())
			}
		}
		once(b)
		b.Run(id, func(b *testing.B) {
			for b.Loop() {
				once(b)
			}
		})
	}
}
