package render_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/plan"
	"github.com/tumpline/tumpline/resolver/render"
)

// A recording is testdata/display.json.gz: what Portage printed, and the data
// it printed it from (see testdata/record.py).
type recording struct {
	Portage, Command string
	Cases            []recordedCase
}

type recordedCase struct {
	Name    string
	Options recordedOptions
	Report  recordedReport
	Out     string
	Err     string
}

type recordedOptions struct {
	Quiet, Verbose, Columns, Tree, UnorderedTree, Alphabetical, QuietRepos, Color bool
}

func (r recordedOptions) options() render.Options {
	o := render.Options{Quiet: r.Quiet, Verbose: r.Verbose, Columns: r.Columns, Tree: r.Tree,
		UnorderedTree: r.UnorderedTree, Alphabetical: r.Alphabetical, QuietRepos: r.QuietRepos}
	if r.Color {
		o.Theme = render.NewTheme()
	}
	return o
}

// The types below are those of package render with numbers for pointers.
type recordedReport struct {
	ShowList bool
	List     []recordedItem
	Packages []*render.Package
	Blockers []recordedBlocker
	Graph    *recordedGraph
	Problems recordedProblems
}

type recordedItem struct{ Package, Blocker *int }

type recordedBlocker struct {
	Atom, Expanded    string
	Strong, Satisfied bool
	Blocking          []int
}

type recordedGraph struct {
	Nodes      []int    // packages, -1 for arguments
	Edges      [][2]int // child, parent
	Top        []int
	Uninstalls []struct {
		Task, KeptPkg, Kept, Instead int
		Blockers                     []int
	}
}

type recordedParent struct {
	Package *int
	Text    string
}

type recordedConflictParent struct {
	Parent   recordedParent
	Atom     render.AtomText
	Argument bool
}

type recordedProblems struct {
	Circular *struct {
		List  []recordedItem
		Cycle []struct {
			Package  int
			Priority string
		}
		Suggestions []render.Suggestion
		Large       bool
	}
	SlotConflicts *struct {
		Conflicts []struct {
			Slot     render.SlotRef
			Packages []struct {
				Package int
				Orphan  bool
				Parents []recordedConflictParent
				Omitted int
			}
		}
		Stuck []struct {
			Package int
			Reason  string
		}
		Unspecific   bool
		Solutions    [][]render.PackageChange
		Found        int
		TryBacktrack bool
	}
	Blocked *struct {
		Packages []struct {
			Package int
			Parents []struct {
				Parent          recordedParent
				Atom, Evaluated string
			}
		}
	}
	Skipped *struct {
		Conflicts []struct {
			Package int
			Parents []recordedConflictParent
		}
		Unsatisfied []struct {
			Selected, Skipped int
			Deps              []recordedUnsatisfied
		}
		Backtracked []render.SlotRef
	}
	Rebuilds []struct {
		Cause    int
		Packages []int
	}
	IgnoredBinaries *render.IgnoredBinaries
	ChangedDeps     []render.Ref
	Autounmask      *render.Autounmask
	Missing         *render.Missing
	Provided        []render.Provided
	MaskedUpdates   []render.MaskedPackage
	MaskedInstalled []render.MaskedPackage
	Unsatisfied     []recordedUnsatisfied
	DepsNeeded      *render.DepsNeeded
}

type recordedUnsatisfied struct {
	What, Root  string
	RequiredUse *struct {
		Package               int
		Unsatisfied, Complete string
	}
	UseFixes             []render.UseFix
	Masked               []render.MaskedPackage
	NewestEAPI           string
	BinaryOnly, Searched bool
	Similar              []string
	Chain                []plan.Link
}

func readRecording(t testing.TB, elem ...string) *recording {
	t.Helper()
	f, err := os.Open(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(f.Name(), ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	var rec recording
	if err := json.NewDecoder(r).Decode(&rec); err != nil {
		t.Fatalf("read %s: %v", f.Name(), err)
	}
	return &rec
}

// A replay turns numbers into pointers.
type replay struct {
	r        *recordedReport
	blockers []*render.Blocker
}

func (r *recordedReport) report() *render.Report {
	p := &replay{r: r}
	for _, b := range r.Blockers {
		blocker := &render.Blocker{Atom: b.Atom, Expanded: b.Expanded, Strong: b.Strong, Satisfied: b.Satisfied}
		for _, i := range b.Blocking {
			blocker.Blocking = append(blocker.Blocking, r.Packages[i])
		}
		p.blockers = append(p.blockers, blocker)
	}
	out := &render.Report{ShowList: r.ShowList, Problems: p.problems()}
	if r.List != nil {
		out.List = p.items(r.List)
	}
	if r.Graph != nil {
		out.Graph = p.graph(r.Graph)
	}
	return out
}

func (p *replay) items(list []recordedItem) []render.Item {
	items := []render.Item{}
	for _, i := range list {
		if i.Package != nil {
			items = append(items, p.r.Packages[*i.Package])
		} else {
			items = append(items, p.blockers[*i.Blocker])
		}
	}
	return items
}

func (p *replay) graph(g *recordedGraph) *render.Graph {
	edges, top := digraph.New(), map[digraph.Node]bool{}
	for i := range g.Nodes {
		edges.AddNode(digraph.Node(i))
	}
	for _, e := range g.Edges {
		edges.Add(digraph.Node(e[0]), digraph.Node(e[1]), 0)
	}
	for _, pkg := range p.r.Packages {
		pkg.Node = digraph.None
	}
	for i, pkg := range g.Nodes {
		if pkg >= 0 {
			p.r.Packages[pkg].Node = digraph.Node(i)
		}
	}
	for _, i := range g.Top {
		top[digraph.Node(i)] = true
	}
	out := &render.Graph{Edges: edges,
		Top: func(n digraph.Node) bool { return top[n] },
		Package: func(n digraph.Node) *render.Package {
			if g.Nodes[n] < 0 {
				return nil
			}
			return p.r.Packages[g.Nodes[n]]
		}}
	for _, u := range g.Uninstalls {
		uninstall := render.Uninstall{Task: p.r.Packages[u.Task], Kept: digraph.Node(u.Kept), Instead: digraph.Node(u.Instead)}
		for _, b := range u.Blockers {
			uninstall.Blockers = append(uninstall.Blockers, p.blockers[b])
		}
		out.Uninstalls = append(out.Uninstalls, uninstall)
	}
	return out
}

func (p *replay) parent(r recordedParent) render.Parent {
	if r.Package == nil {
		return render.Parent{Text: r.Text}
	}
	return render.Parent{Package: p.r.Packages[*r.Package]}
}

func (p *replay) problems() render.Problems {
	r := &p.r.Problems
	out := render.Problems{IgnoredBinaries: r.IgnoredBinaries, ChangedDeps: r.ChangedDeps, Autounmask: r.Autounmask,
		Missing: r.Missing, Provided: r.Provided, MaskedUpdates: r.MaskedUpdates, MaskedInstalled: r.MaskedInstalled,
		Unsatisfied: p.unsatisfied(r.Unsatisfied), DepsNeeded: r.DepsNeeded}
	p.conflicts(r, &out)
	p.updates(r, &out)
	return out
}

func (p *replay) conflicts(r *recordedProblems, out *render.Problems) {
	if c := r.Circular; c != nil {
		out.Circular = &render.Circular{List: p.items(c.List), Suggestions: c.Suggestions, Large: c.Large}
		for _, m := range c.Cycle {
			out.Circular.Cycle = append(out.Circular.Cycle, render.CycleMember{Package: p.r.Packages[m.Package], Priority: m.Priority})
		}
	}
	if s := r.SlotConflicts; s != nil {
		out.SlotConflicts = &render.SlotConflicts{Unspecific: s.Unspecific, Solutions: s.Solutions, Found: s.Found, TryBacktrack: s.TryBacktrack}
		for _, c := range s.Conflicts {
			conflict := render.SlotConflict{Slot: c.Slot}
			for _, pkg := range c.Packages {
				conflict.Packages = append(conflict.Packages, render.ConflictPackage{Package: p.r.Packages[pkg.Package],
					Orphan: pkg.Orphan, Parents: p.conflictParents(pkg.Parents), Omitted: pkg.Omitted})
			}
			out.SlotConflicts.Conflicts = append(out.SlotConflicts.Conflicts, conflict)
		}
		for _, k := range s.Stuck {
			out.SlotConflicts.Stuck = append(out.SlotConflicts.Stuck, render.StuckPackage{Package: p.r.Packages[k.Package], Reason: k.Reason})
		}
	}
	if b := r.Blocked; b != nil {
		out.Blocked = &render.Blocked{}
		for _, pkg := range b.Packages {
			bp := render.BlockedPackage{Package: p.r.Packages[pkg.Package]}
			for _, a := range pkg.Parents {
				bp.Parents = append(bp.Parents, render.ParentAtom{Parent: p.parent(a.Parent), Atom: a.Atom, Evaluated: a.Evaluated})
			}
			out.Blocked.Packages = append(out.Blocked.Packages, bp)
		}
	}
}

func (p *replay) conflictParents(list []recordedConflictParent) []render.ConflictParent {
	var out []render.ConflictParent
	for _, c := range list {
		out = append(out, render.ConflictParent{Parent: p.parent(c.Parent), Atom: c.Atom, Argument: c.Argument})
	}
	return out
}

func (p *replay) updates(r *recordedProblems, out *render.Problems) {
	if k := r.Skipped; k != nil {
		out.Skipped = &render.Skipped{Backtracked: k.Backtracked}
		for _, c := range k.Conflicts {
			out.Skipped.Conflicts = append(out.Skipped.Conflicts,
				render.SkippedConflict{Package: p.r.Packages[c.Package], Parents: p.conflictParents(c.Parents)})
		}
		for _, u := range k.Unsatisfied {
			out.Skipped.Unsatisfied = append(out.Skipped.Unsatisfied, render.SkippedUnsatisfied{
				Selected: p.r.Packages[u.Selected], Skipped: p.r.Packages[u.Skipped], Deps: p.unsatisfied(u.Deps)})
		}
	}
	for _, b := range r.Rebuilds {
		rebuild := render.Rebuild{Cause: p.r.Packages[b.Cause]}
		for _, i := range b.Packages {
			rebuild.Packages = append(rebuild.Packages, p.r.Packages[i])
		}
		out.Rebuilds = append(out.Rebuilds, rebuild)
	}
}

func (p *replay) unsatisfied(list []recordedUnsatisfied) []render.Unsatisfied {
	var out []render.Unsatisfied
	for _, u := range list {
		x := render.Unsatisfied{What: u.What, Root: u.Root, UseFixes: u.UseFixes, Masked: u.Masked, NewestEAPI: u.NewestEAPI,
			BinaryOnly: u.BinaryOnly, Searched: u.Searched, Similar: u.Similar, Chain: u.Chain}
		if q := u.RequiredUse; q != nil {
			x.RequiredUse = &render.RequiredUse{Package: p.r.Packages[q.Package], Unsatisfied: q.Unsatisfied, Complete: q.Complete}
		}
		out = append(out, x)
	}
	return out
}

// TestRecorded compares both streams with what Portage printed.
func TestRecorded(t *testing.T) {
	rec := readRecording(t, "testdata", "display.json.gz")
	checkRecording(t, rec)
}

func checkRecording(t *testing.T, rec *recording) {
	passed := 0
	for i := range rec.Cases {
		c := &rec.Cases[i]
		var out, err strings.Builder
		if e := render.Text(&out, &err, c.Report.report(), c.Options.options()); e != nil {
			t.Fatal(e)
		}
		if out.String() == c.Out && err.String() == c.Err {
			passed++
			continue
		}
		t.Errorf("%s:%s%s", c.Name, diff("stdout", out.String(), c.Out), diff("stderr", err.String(), c.Err))
	}
	t.Logf("%d of %d recorded displays (Portage %s)", passed, len(rec.Cases), rec.Portage)
}

// diff returns the first line that differs.
func diff(what, got, want string) string {
	if got == want {
		return ""
	}
	g, w := strings.SplitAfter(got, "\n"), strings.SplitAfter(want, "\n")
	for i := range w {
		if i >= len(g) || g[i] != w[i] {
			have := "end"
			if i < len(g) {
				have = g[i]
			}
			return "\n" + what + " line " + itoa(i+1) + "\n got " + quote(have) + "\nwant " + quote(w[i])
		}
	}
	return "\n" + what + " line " + itoa(len(w)+1) + "\n got " + quote(g[len(w)]) + "\nwant end"
}
