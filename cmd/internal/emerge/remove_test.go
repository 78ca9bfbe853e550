package emerge_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/cases/corpus"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

// The recorded removals of the Flatcar corpus agree in every aspect, the text
// included.
func TestRecordedRemovals(t *testing.T) {
	recorded, err := corpus.Open(sharedtest.Path(t, "corpus/flatcar"))
	if err != nil {
		t.Fatal(err)
	}
	front := func(ctx context.Context, c corpus.Call) int {
		env := &cli.Env{Streams: cli.Streams{Out: c.Out, Err: c.Err}, Args: c.Args, Vars: c.Vars, Dir: c.Dir}
		return cli.Run(ctx, env, emerge.Main)
	}
	dir := resolvertest.TempDir(t)
	report := corpus.NewBench(recorded, dir).Replay(context.Background(), front, corpus.Options{
		Text: true, Vars: map[string]string{"TUMPLINE_CACHE_DIR": filepath.Join(dir, "cache")},
		Want: func(r *corpus.Request) bool {
			return slices.Contains(r.Args, "--depclean") || slices.Contains(r.Args, "--unmerge")
		},
	})
	if len(report.Outcomes) == 0 {
		t.Error("the corpus has no removals")
	}
	for _, o := range report.Outcomes {
		for _, d := range o.First(5) {
			t.Errorf("%s: %s", o.Request.ID, d)
		}
	}
}

// Documents of removals do not contradict themselves.
func TestRemovalDocuments(t *testing.T) {
	vars := sampleVars(t)
	for _, args := range []string{
		"--depclean", "--depclean sysvinit nosuch", "--depclean nosuch", "--prune", "--prune --nodeps", "--clean", "--unmerge",
		"--unmerge bash", "--unmerge bash bash nosuch", "--unmerge virtual/*", "--unmerge >=bash", "--unmerge @world", "--rage-clean libc",
		"--unmerge /nowhere", "--depclean @nosuch",
	} {
		var out, errs bytes.Buffer
		env := &cli.Env{
			Streams: cli.Streams{Out: &out, Err: &errs}, Dir: "/", Args: append([]string{"--pretend", "--json"}, strings.Fields(args)...),
			Vars: vars,
		}
		status := cli.Run(context.Background(), env, emerge.Main)
		p, err := plan.Read("plan", &out)
		if err == nil {
			err = p.Check()
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", args, err, errs.String())
			continue
		}
		if p.Success != (status == cli.StatusOK) {
			t.Errorf("%s: success is %t, exit status %d", args, p.Success, status)
		}
	}
}

// sampleVars copies the sample board and returns the environment of its
// wrapper.
func sampleVars(t *testing.T) map[string]string {
	t.Helper()
	sample := t.TempDir()
	if err := os.CopyFS(sample, os.DirFS(filepath.Join(sharedtest.RepoRoot(t), "testdata/sample"))); err != nil {
		t.Fatal(err)
	}
	board, sdk := filepath.Join(sample, "board"), filepath.Join(sample, "sdk")
	for _, root := range []string{board, sdk} {
		conf := filepath.Join(root, "etc/portage/repos.conf")
		text, err := os.ReadFile(conf)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(conf, bytes.ReplaceAll(text, []byte("@SAMPLE@"), []byte(sample)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return map[string]string{
		"ROOT": board, "SYSROOT": board, "PORTAGE_CONFIGROOT": board, "TUMPLINE_BUILD_ROOT": sdk,
		"TUMPLINE_CACHE_DIR": filepath.Join(sample, "cache"), "TERM": "dumb",
	}
}
