package recorded_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/board"
	"github.com/tumpline/tumpline/cmd/internal/cases/corpus"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// throughAll has all requests of the corpus run through wrappers, not some.
var throughAll = flag.Bool("wrappers", false, "run all requests for boards through their wrappers")

// everyNth of the requests for boards is run otherwise.
const everyNth = 12

// A request through emerge-BOARD, as tumpline board setup makes it, is answered as
// Portage answered it, text included, where it is told to answer no more than Portage.
func TestFlatcarWrappersVectors(t *testing.T) {
	c, err := corpus.Open(sharedtest.Path(t, "corpus/flatcar"))
	if err != nil {
		t.Fatal(err)
	}
	dir := resolvertest.TempDir(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "tumpline")
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	var boards []string
	for _, r := range c.Requests {
		if r.Board() {
			boards = append(boards, r.ID)
		}
	}
	want := func(r *corpus.Request) bool {
		at := slices.Index(boards, r.ID)
		return at >= 0 && (*throughAll || at%everyNth == 0)
	}
	front := func(ctx context.Context, call corpus.Call) int {
		status, err := throughWrapper(ctx, program, call)
		if err != nil {
			t.Error(err)
		}
		return status
	}
	report := corpus.NewBench(c, dir).Replay(t.Context(), front, corpus.Options{
		Want: want, Text: true, Args: []string{"--break-cycles=n", "--beyond=n"}, Vars: map[string]string{"TUMPLINE_CACHE_DIR": filepath.Join(dir, "cache")},
	})
	passed := 0
	for _, o := range report.Outcomes {
		if !o.Matched() || o.Compared[corpus.ListText] && !o.Passed(corpus.ListText) {
			t.Errorf("%s: %q", o.Request.ID, o.First(5))
			continue
		}
		passed++
	}
	if len(report.Outcomes) == 0 {
		t.Error("no request was run")
	}
	t.Logf("figure: Flatcar requests through wrappers: %d of %d, the whole text of %s", passed, len(report.Outcomes), report.Aspect(corpus.WholeText))
}

// throughWrapper makes a call of emerge with the wrapper of a board for its root.
func throughWrapper(ctx context.Context, program string, call corpus.Call) (int, error) {
	root, bin := call.Vars["ROOT"], filepath.Join(call.Dir, "bin")
	vars := maps.Clone(call.Vars)
	for _, name := range []string{"ROOT", "SYSROOT", "PORTAGE_CONFIGROOT"} {
		delete(vars, name)
	}
	var said bytes.Buffer
	env := &cli.Env{
		Streams: cli.Streams{Out: &said, Err: &said}, Vars: maps.Clone(vars), Dir: call.Dir,
		Args: []string{"setup", "board", "--root", root, "--profile", "coreos-overlay:coreos/amd64/generic", "--chost", "x86_64-cros-linux-gnu",
			"--bin-dir", bin, "--sbin-dir", filepath.Join(call.Dir, "sbin"), "--program", program},
	}
	if status := cli.Run(ctx, env, board.Main); status != cli.StatusOK {
		return 0, fmt.Errorf("board setup: status %d: %s", status, &said)
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "emerge-board"), call.Args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = call.Dir, call.Out, call.Err
	for name, value := range vars {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	slices.Sort(cmd.Env)
	err := cmd.Run()
	if cmd.ProcessState == nil {
		return 0, err
	}
	return cmd.ProcessState.ExitCode(), nil
}
