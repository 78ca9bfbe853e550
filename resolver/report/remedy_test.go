package report_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/complete"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/report"
	"github.com/tumpline/tumpline/resolver/resolvertest"
)

var update = flag.Bool("update", false, "write the answers of testdata/remedies")

// remedying resolves requests again where they fail, with everything that is
// done about that, and hands the results over.
func remedying(take func(*resolver.Result)) resolvertest.Runner {
	return inspecting(func(res *resolver.Result) {
		if res.Success {
			return
		}
		req := *res.Request
		req.Beyond, req.Remedy = true, true
		// The cases of Portage's test-suite are requests without mistakes.
		if again, err := resolver.Resolve(context.Background(), res.System, &req); err == nil {
			take(again)
		}
	})
}

// What is told of the text worlds in testdata/remedies: a world, then for each
// of its requests a line ">>> N" with what is told below.
func TestRemedies(t *testing.T) {
	paths, err := filepath.Glob("testdata/remedies/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		world, _, _ := strings.Cut(string(data), "\n>>> ")
		var got strings.Builder
		got.WriteString(world)
		for i, text := range tellRemedies(t, path, world+"\n") {
			got.WriteString("\n>>> " + string(rune('0'+i)) + text)
		}
		if *update {
			if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if d := cmp.Diff(string(data), got.String()); d != "" {
			t.Errorf("%s (-want +got):\n%s", path, d)
		}
	}
}

// tellRemedies answers the requests of a world.
func tellRemedies(t *testing.T, path, world string) []string {
	t.Helper()
	f, err := resolvertest.ParseText(path, []byte(world))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var list []string
	take := func(res *resolver.Result) {
		text := report.Beyond(res, report.Options{})
		if i := strings.Index(text, dir); i >= 0 {
			root, _, _ := strings.Cut(text[i+len(dir):], "/etc/portage")
			root, _, _ = strings.Cut(root, "/var/repositories")
			text = strings.ReplaceAll(text, dir+root, "")
		}
		if text == "" {
			text = "\n nothing beside what emerge tells\n"
		}
		list = append(list, text)
		p := report.PlanRemedy(res)
		if (p.Status == plan.RemedyLeast) != (len(p.Lines) > 0 && len(p.Merges) > 0) {
			t.Errorf("%s: status %s with %d lines, %d merges", path, p.Status, len(p.Lines), len(p.Merges))
		}
	}
	resolvertest.Run(t.Context(), []*resolvertest.File{f}, remedying(take), resolvertest.RunOptions{Dir: dir})
	return list
}

// What is proposed for the failing cases of Portage's test-suite helps. Where
// Portage has a proposal, ours changes no more.
func TestRemediesOfVectors(t *testing.T) {
	files, errs := resolvertest.Read(sharedtest.Path(t, "vectors", "resolver"))
	for _, err := range errs {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "report")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	count := make(map[complete.Status]int)
	take := func(res *resolver.Result) {
		r := res.Remedy
		if r == nil {
			return
		}
		count[r.Status]++
		if len(r.Lines) > 0 && (r.Plan == nil || !r.Plan.Success) {
			t.Errorf("%v: lines without a plan", res.Request.Args)
		}
		c := report.PlanChanges(res)
		if n := len(c.Use) + len(c.Keywords) + len(c.Masks) + len(c.Licenses); res.Pass.Facts.OnlyChanges && r.Status != complete.StatusLeast {
			t.Errorf("%v: Portage proposes %d changes, we say %s", res.Request.Args, n, r.Status)
		}
	}
	resolvertest.Run(t.Context(), files, remedying(take), resolvertest.RunOptions{Dir: dir})
	t.Logf("%v", count)
	for _, s := range []complete.Status{complete.StatusLeast, complete.StatusUseless} {
		if count[s] == 0 {
			t.Errorf("no case is %s", s)
		}
	}
}
