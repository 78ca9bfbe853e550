package complete_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
)

// told answers as the adapter does, with the plans of policy complete, and
// notes the reasons where there is no plan.
type told struct {
	resolvertest.Session
	reasons *[]string
}

func (s told) Resolve(ctx context.Context, r resolvertest.Request) (*resolvertest.Result, error) {
	res, err := s.Session.(answering).Answer(ctx, r)
	if err != nil {
		return nil, err
	}
	req := *res.Request
	req.Beyond = true
	if res, err = resolver.Resolve(ctx, res.System, &req); err != nil {
		return nil, err
	}
	if res.Portage == nil || res.Portage.Success {
		return nil, fmt.Errorf("policy portage does not fail %v", r.Args)
	}
	out := &resolvertest.Result{Success: res.Success, UnsatisfiedDeps: []string{}}
	if res.Proof != nil {
		for _, why := range res.Proof.Reasons {
			*s.reasons = append(*s.reasons, why.String())
		}
	}
	if !res.Success {
		return out, nil
	}
	for _, item := range res.Pass.Order.List {
		if item.Task < 0 {
			continue
		}
		t := resolvertest.Task{Type: resolvertest.TaskEbuild, Repo: resolvertest.MainRepo}
		if p := res.Pass.Removal(item.Task); p != nil {
			t.Type, t.Operation, t.CPV = resolvertest.TaskInstalled, resolvertest.OpUninstall, p.CPV.String()
		} else if p := res.Universe.Pkg(universeID(item.Task)); p.Merges() {
			t.CPV = p.CPV.String()
		} else {
			continue
		}
		out.Tasks = append(out.Tasks, t)
		out.Mergelist = append(out.Mergelist, t.MergelistEntry())
	}
	return out, nil
}

// Worlds in which Portage fails. Of those without a plan the reasons stand in
// a file beside the world.
func TestWorlds(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "worlds")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for _, path := range paths {
		var reasons []string
		runner := func(ctx context.Context, w *resolvertest.World) (resolvertest.Session, error) {
			s, err := adapter.Runner(ctx, w)
			return told{s, &reasons}, err
		}
		files, errs := resolvertest.Read(path)
		for _, err := range errs {
			t.Error(err)
		}
		report := resolvertest.Run(t.Context(), files, runner, resolvertest.RunOptions{Dir: dir})
		for _, o := range report.Outcomes {
			if o.Err != nil {
				t.Errorf("%s: %v", o.ID(), o.Err)
			}
			for _, d := range o.Differences() {
				t.Errorf("%s (%s): %s", o.ID(), o.Request(), d)
			}
		}
		want, err := os.ReadFile(strings.TrimSuffix(path, ".txtar") + ".reasons")
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if got := strings.Join(reasons, "\n"); strip(got) != strings.TrimSpace(string(want)) {
			t.Errorf("%s: got reasons\n%s\nwant\n%s", path, strip(got), want)
		}
	}
}

// strip takes the folder of a world out of the names of files.
func strip(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if j := strings.Index(l, "(/"); j >= 0 {
			if k := strings.Index(l[j:], "/etc/portage"); k >= 0 {
				lines[i] = l[:j+1] + l[j+k+1:]
			}
		}
	}
	return strings.Join(lines, "\n")
}
