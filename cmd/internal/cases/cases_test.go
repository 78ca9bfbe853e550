package cases_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/cmd/internal/cases"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

const world = `-- repo --
a/b-1
a/c-1
-- emerge a/b --
merge a/b-1
-- emerge a/c --
merge a/c-1
`

// echo merges a/b-1, whatever is asked.
type echo struct{}

func (echo) Resolve(context.Context, resolvertest.Request) (*resolvertest.Result, error) {
	return &resolvertest.Result{Success: true, Tasks: []resolvertest.Task{{CPV: "a/b-1", Repo: resolvertest.MainRepo}}}, nil
}

func runner(context.Context, *resolvertest.World) (resolvertest.Session, error) { return echo{}, nil }

// call runs the front in a folder with one file.
func call(t *testing.T, args ...string) (status int, out, messages, dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "w.txtar"), []byte(world), 0o644); err != nil {
		t.Fatal(err)
	}
	var o, e bytes.Buffer
	env := &cli.Env{Name: "cases", Args: args, Dir: dir, Vars: map[string]string{}}
	env.Out, env.Err, env.In = &o, &e, strings.NewReader("")
	status = cli.Run(t.Context(), env, cases.Front(runner))
	return status, o.String(), strings.ReplaceAll(e.String(), dir, "DIR"), dir
}

func TestRun(t *testing.T) {
	status, out, messages, dir := call(t, "run", ".")
	want := "FAIL DIR/w.txtar:6: w/1: emerge a/c: line 7: expected merge a/c-1, actual merge a/b-1\narea\texpected\tactual\nw\t1/2\t-\ntotal\t1/2\t-\n"
	if got := strings.ReplaceAll(out, dir, "DIR"); got != want || status != 1 || messages != "" {
		t.Errorf("cases run .: status %d\n%s\n%s\nwant\n%s", status, got, messages, want)
	}
	status, out, _, _ = call(t, "run", "--filter=/0$", "w.txtar")
	if want := "area\texpected\tactual\nw\t1/1\t-\ntotal\t1/1\t-\n"; status != 0 || out != want {
		t.Errorf("cases run --filter: status %d\n%s\nwant\n%s", status, out, want)
	}
}

func TestRunJSON(t *testing.T) {
	status, out, _, _ := call(t, "run", "--json", ".", "missing.json")
	var doc struct {
		Success  bool
		Total    struct{ Expected, Actual struct{ Passed, Total int } }
		Failures []struct {
			Case, Place string
			Differences []struct{ Against, Key, Want, Got string }
		}
		Errors []string
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if status != 1 || doc.Success || doc.Total.Expected.Passed != 1 || doc.Total.Expected.Total != 2 || len(doc.Failures) != 1 ||
		doc.Failures[0].Differences[0].Want != "merge a/c-1" || len(doc.Errors) != 1 {
		t.Errorf("cases run --json: status %d\n%s", status, out)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"run"}, {"nonsense"}, {"run", "--filter=(", "."}, {"run", "--against=x", "."}, {"run", "--what", "."}} {
		if status, out, messages, _ := call(t, args...); status != cli.StatusUsage || messages == "" || out != "" {
			t.Errorf("cases %q: status %d, out %q, messages %q, want a usage error", args, status, out, messages)
		}
	}
	if status, out, _, _ := call(t, "run", "--help"); status != 0 || !strings.Contains(out, "-- repo --") {
		t.Errorf("cases run --help: status %d, %q", status, out)
	}
}
