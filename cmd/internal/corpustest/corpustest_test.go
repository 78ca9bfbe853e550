package corpustest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms/sharedtest"
	"github.com/tumpline/tumpline/cmd/internal/corpustest"
	"github.com/tumpline/tumpline/resolver/plan"
)

func TestLay(t *testing.T) {
	corpus, err := corpustest.Open(sharedtest.Path(t, "corpus/flatcar"), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	requests, err := corpus.Requests()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range requests {
		if _, err := corpus.Answer(r.ID); err != nil {
			t.Error(err)
		}
		if r.ID != "amd64-usr-break-step1" && r.ID != "sdk-bash-empty" {
			continue
		}
		place, err := corpus.Lay(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, root := range []string{place.Board, place.SDK} {
			if root == "" {
				continue
			}
			conf, err := os.ReadFile(filepath.Join(root, "etc/portage/make.conf"))
			if err != nil || strings.Contains(string(conf), "${TREES}") || !strings.Contains(string(conf), root) {
				t.Errorf("%s: make.conf is %q, %v", root, conf, err)
			}
			parent, err := os.ReadFile(filepath.Join(root, "etc/portage/make.profile/parent"))
			if err != nil {
				t.Error(err)
			} else if _, err := os.Stat(strings.TrimSpace(string(parent))); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestCompare(t *testing.T) {
	answer := &corpustest.Answer{Resolve: &corpustest.Resolve{Success: true, Mergelist: []corpustest.Entry{
		{Operation: "merge", Type: "ebuild", CPV: "a/a-1", Root: "board", Use: []string{"x"}, Status: "new_slot"},
		{Operation: "nomerge", Type: "installed", CPV: "a/b-1", Root: "board"},
		{Operation: "merge", Type: "ebuild", CPV: "a/c-1", Root: "/", Status: "new"},
	}}}
	a := plan.Step{Operation: plan.OpMerge, Origin: plan.OriginEbuild, CPV: "a/a-1", Root: plan.RootTarget, Status: "new-slot", Use: []string{"x"}}
	c := plan.Step{Operation: plan.OpMerge, Origin: plan.OriginEbuild, CPV: "a/c-1", Root: plan.RootBuild, Status: "new"}
	wrong := c
	wrong.Root = plan.RootTarget
	for _, test := range []struct {
		steps           []plan.Step
		status          int
		same, sameOrder bool
	}{
		{[]plan.Step{a, c}, 0, true, true},
		{[]plan.Step{c, a}, 0, true, false},
		{[]plan.Step{a, c}, 1, false, false},
		{[]plan.Step{a}, 0, false, false},
		{[]plan.Step{a, c, c}, 0, false, false},
		{[]plan.Step{a, wrong}, 0, false, false},
	} {
		p := &plan.Plan{Steps: test.steps, Roots: plan.Roots{Target: "/board/", Build: "/"}}
		d := corpustest.Compare(p, test.status, answer)
		if d.Same() != test.same || d.SameOrder() != test.sameOrder {
			t.Errorf("Compare(%v, %d): same %v, in order %v; want %v, %v\n%s", test.steps, test.status, d.Same(), d.SameOrder(), test.same, test.sameOrder, d)
		}
	}
}
