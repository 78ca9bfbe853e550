package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/randworld"
	"github.com/tumpline/tumpline/resolver/resolvertest"
	"github.com/tumpline/tumpline/resolver/verify"
)

// sizes are the random worlds that are tried: how many of each size.
func sizes() map[int]randworld.Size {
	return map[int]randworld.Size{
		500: randworld.Small(),
		400: {Names: 12, Versions: 4, Deps: 3, Slots: 25, Subslots: 35, Groups: 25, Blockers: 6, Flags: 30, Built: 30, Required: 10, Roots: 2, Deep: 60},
	}
}

// TestRandomWorldsJudged judges the plans of random worlds. The only errors that
// may be found are Portage's: an installed package is broken that no dependency
// of @world reaches, or that has lost the last of its alternatives.
func TestRandomWorldsJudged(t *testing.T) {
	for n, size := range sizes() {
		t.Run(fmt.Sprintf("%d names", size.Names), func(t *testing.T) {
			var all []record
			for seed := range uint64(n) {
				all = append(all, judgeSeed(t, seed, size)...)
			}
			logCounts(t, all)
			if len(all) < n/3 {
				t.Errorf("%d plans judged, want %d at least", len(all), n/3)
			}
		})
	}
}

func judgeSeed(t *testing.T, seed uint64, size randworld.Size) []record {
	t.Helper()
	w := randworld.Generate(seed, size)
	records := judge(t, []*resolvertest.File{worldFile(t, w)})
	for _, r := range records {
		reached := reachedFromWorld(t, r.input)
		for _, f := range r.findings {
			hole := f.Kind == verify.KindBroken && (!slices.Contains(reached, f.Package) || strings.HasPrefix(f.Atom, "|| "))
			if f.Severity == verify.Error && !hole {
				t.Errorf("seed %d, %d names: %s: %s\n%s", seed, size.Names, r.request, f, w.Text())
			}
		}
	}
	return records
}

func worldFile(t *testing.T, w *randworld.World) *resolvertest.File {
	t.Helper()
	f, err := resolvertest.ParseText(fmt.Sprintf("seed%d.txtar", w.Seed), []byte(w.Text()))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// reachedFromWorld gives the packages that are there after the plan and that
// dependencies of @world lead to, alternatives included.
func reachedFromWorld(t *testing.T, in *verify.Input) []string {
	t.Helper()
	queue, err := in.Target.Set("world")
	if err != nil {
		t.Fatal(err)
	}
	final := packagesAfter(t, in)
	var reached []string
	for len(queue) > 0 {
		a := queue[0]
		queue = queue[1:]
		var best *ebuild.Package
		for _, p := range final {
			if a.Match(p.Candidate(in.Target.Flags(p))) && (best == nil || best.Compare(p) < 0) {
				best = p
			}
		}
		if best != nil && !slices.Contains(reached, best.CPV.String()) {
			reached = append(reached, best.CPV.String())
			queue = append(queue, dependencies(best, in.Target)...)
		}
	}
	return reached
}

// packagesAfter gives what is in the target after a plan.
func packagesAfter(t *testing.T, in *verify.Input) []*ebuild.Package {
	t.Helper()
	var out []*ebuild.Package
	gone := map[string]bool{}
	for _, s := range in.Plan.Steps {
		gone[s.CPV] = true
		for _, cpv := range s.Replaces {
			gone[cpv] = true
		}
		list, err := in.Target.Repos[0].Packages(atoms.CP(s.CP))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			if p.CPV.String() == s.CPV && s.Operation == plan.OpMerge {
				out = append(out, p)
			}
		}
	}
	cps, err := in.Target.Installed.CPs()
	if err != nil {
		t.Fatal(err)
	}
	for _, cp := range cps {
		list, err := in.Target.Installed.Packages(cp)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range list {
			if !gone[p.CPV.String()] {
				out = append(out, p)
			}
		}
	}
	return out
}

// dependencies gives the atoms that a package surely needs to run.
func dependencies(p *ebuild.Package, r *verify.Root) []*atoms.Atom {
	var out []*atoms.Atom
	for _, class := range []atoms.DepClass{atoms.RDepend, atoms.PDepend, atoms.IDepend} {
		d, err := p.Deps(class)
		if err != nil {
			continue
		}
		for _, c := range d.Children {
			if c.Kind == atoms.KindLeaf {
				out = append(out, c.Leaf.EvaluateUSE(r.Flags(p).Enabled))
			}
		}
	}
	return out
}

// TestRandomWorldsTwice resolves worlds twice, and with the arguments turned
// around: the plan is the same twice, and the other order merges the same
// packages unless alternatives or several slots leave a choice.
func TestRandomWorldsTwice(t *testing.T) {
	size := randworld.Small()
	size.Groups = 0
	turned, same := 0, 0
	for seed := range uint64(300) {
		w := randworld.Generate(seed, size)
		first, second := judge(t, []*resolvertest.File{worldFile(t, w)}), judge(t, []*resolvertest.File{worldFile(t, w)})
		if a, b := steps(first), steps(second); !slices.Equal(a, b) {
			t.Errorf("seed %d: the plan is %q, and the second time %q\n%s", seed, a, b, w.Text())
		}
		if len(w.Args) < 2 {
			continue
		}
		slices.Reverse(w.Args)
		other := judge(t, []*resolvertest.File{worldFile(t, w)})
		turned++
		a, b := steps(first), steps(other)
		slices.Sort(a)
		slices.Sort(b)
		if slices.Equal(a, b) {
			same++
		} else {
			t.Logf("seed %d: in one order %q, in the other %q", seed, a, b)
		}
	}
	t.Logf("%d worlds with several arguments, %d with the same packages in both orders", turned, same)
	if same*100 < turned*95 {
		t.Errorf("the order of arguments changes %d of %d plans", turned-same, turned)
	}
}

// steps writes the steps of the plans.
func steps(records []record) []string {
	var out []string
	for _, r := range records {
		for _, s := range r.input.Plan.Steps {
			word := string(s.Operation)
			if s.Operation == plan.OpMerge {
				word += " " + string(s.Status)
			}
			out = append(out, word+" "+s.CPV)
		}
	}
	return out
}
