package verify_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/planning"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/resolvertest/adapter"
	"github.com/tumpline/tumpline/resolver/verify"
)

// An answerer is a session that tells the resolver's own answer.
type answerer interface {
	resolvertest.Session
	Answer(ctx context.Context, r resolvertest.Request) (*resolver.Result, error)
}

// A record is what the judge said about the answer to one request.
type record struct {
	request  string
	input    *verify.Input
	findings []verify.Finding
}

// A bench runs cases and judges the answers that are a success.
type bench struct {
	mu      sync.Mutex
	records []record
}

type judgedSession struct {
	answerer
	b *bench
}

func (b *bench) runner(ctx context.Context, w *resolvertest.World) (resolvertest.Session, error) {
	s, err := adapter.Runner(ctx, w)
	if err != nil {
		return nil, err
	}
	a, ok := s.(answerer)
	if !ok {
		return nil, fmt.Errorf("%T does not tell the resolver's answer", s)
	}
	return &judgedSession{a, b}, nil
}

// Resolve judges the answer and says nothing about it to the case.
func (s *judgedSession) Resolve(ctx context.Context, r resolvertest.Request) (*resolvertest.Result, error) {
	if r.Action != resolvertest.ActionMerge {
		return &resolvertest.Result{}, nil
	}
	res, err := s.Answer(ctx, r)
	if err != nil {
		return nil, err
	}
	if !res.Success {
		return &resolvertest.Result{}, nil
	}
	in := inputOf(res, r)
	findings := verify.Check(in)
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	s.b.records = append(s.b.records, record{fmt.Sprint(r.Args, " ", r.Options), in, findings})
	return &resolvertest.Result{Success: true}, nil
}

// inputOf is the judge's input for an answer of the resolver.
func inputOf(res *resolver.Result, r resolvertest.Request) *verify.Input {
	sys := res.System
	roots := map[*resolver.Root]*verify.Root{}
	for _, root := range []*resolver.Root{sys.Target, sys.Running, sys.Sysroot} {
		if roots[root] == nil {
			roots[root] = rootOf(root)
		}
	}
	p := planning.Build(res, planning.Heading{
		Request: plan.Request{Command: "emerge", Args: r.Args, Targets: r.Args},
		Roots:   plan.Roots{Target: sys.Target.Path, Sysroot: sys.Sysroot.Path, Build: sys.Running.Path, Config: "/"},
	}, planning.Sources{})
	p.Problems = nil
	return &verify.Input{Plan: p, Target: roots[sys.Target], Build: roots[sys.Running], Sysroot: roots[sys.Sysroot], Options: optionsOf(r.Options)}
}

func rootOf(r *resolver.Root) *verify.Root {
	out := &verify.Root{
		Binaries: r.Binaries, Installed: r.Installed,
		Flags:    func(p *ebuild.Package) atoms.FlagState { return r.USE.State(p) },
		Verdict:  func(p *ebuild.Package, f atoms.FlagState) visibility.Verdict { return r.Judge.VerdictWith(p, f) },
		Provided: r.Config.Provided, Set: r.Sets.Flatten,
	}
	for _, repo := range r.Repos {
		out.Repos = append(out.Repos, verify.Repo{Name: repo.Name, Source: repo})
	}
	return out
}

func optionsOf(o resolvertest.Options) verify.Options {
	out := verify.Options{
		NoDeps: o.Has("--nodeps"), OnlyDeps: o.Has("--onlydeps"), OnlyBuildDeps: o.Text("--onlydeps-with-rdeps") == "n", UpdateIfInstalled: o.Has("--update-if-installed"), BuildPkgOnly: o.Has("--buildpkgonly"), FetchOnly: o.Has("--fetchonly"),
		IgnoreBuiltSlotOps: o.Text("--ignore-built-slot-operator-deps") == "y", DynamicDeps: o.Text("--dynamic-deps") != "n",
		RootDepsRDeps: o.Text("--root-deps") == "rdeps",
	}
	for _, text := range o.List("--exclude") {
		if a, err := atoms.ParseAtomOrName(text, atoms.AtomOptions{AllowWildcard: true}); err == nil {
			out.Exclude = append(out.Exclude, a)
		}
	}
	return out
}

// judge runs the cases of files and returns what was judged.
func judge(t *testing.T, files []*resolvertest.File) []record {
	t.Helper()
	dir, err := os.MkdirTemp(resolvertest.Scratch(), "verify")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	b := &bench{}
	resolvertest.Run(t.Context(), files, b.runner, resolvertest.RunOptions{Dir: dir, Jobs: 2})
	return b.records
}

// count counts findings by severity and kind.
func count(records []record) map[string]int {
	out := map[string]int{}
	for _, r := range records {
		for _, f := range r.findings {
			out[f.Severity.String()+" "+f.Kind.String()]++
		}
	}
	return out
}

func logCounts(t *testing.T, records []record) {
	counts := count(records)
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s: %d", k, counts[k]))
	}
	t.Logf("%d plans judged; %s", len(records), strings.Join(parts, ", "))
}
