package order_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
)

var moreOracle = flag.String("oracle", "", "one more file of recorded graphs to compare with")

// oracleFile is one file of testdata/oracle.
type oracleFile struct {
	Portage  string
	How      string
	Cases    []oracleCase
	Removals []oracleRemoval
}

// oracleCase is a graph as Portage had it before it ordered it, and what it
// made of it. Nodes are indexes; an edge is [parent, child, [priority, ...]].
type oracleCase struct {
	Name           string
	Options        oracleOptions
	Nodes          []oracleNode
	Edges          [][3]json.RawMessage
	Absent         int // so many nodes at the end are not in the graph
	Headers        []digraph.Node
	Libc           []digraph.Node
	Portage        digraph.Node
	Blockers       []oracleBlocker
	Blocks         [][2]int32
	Unsolvable     []order.BlockerID
	LastPortageDep []digraph.Node `json:"last_portage_dep"`
	LastSelected   []digraph.Node `json:"last_selected"`
	Expect         oracleExpect
}

type oracleOptions struct {
	Tree, NoDeps, Complete, BuildPkgOnly, Backtrack bool
	ImplicitSystemDeps                              bool `json:"implicit_system_deps"`
	IgnoreWorld                                     bool `json:"ignore_world"`
	AcceptConflicts                                 bool `json:"accept_conflicts"`
}

type oracleNode struct {
	Kind, CPV, Slot, Origin string
	Root                    order.Root
	BuildTime               int64 `json:"build_time"`
	OnlyDeps, System        bool
}

type oracleBlocker struct {
	Atom, EAPI        string
	Strong            bool `json:"strong_eapi"`
	Forbid, Buildtime bool
}

type oracleExpect struct {
	List                []json.RawMessage // node, or {"blocker": id, "satisfied": bool}
	NeedComplete        bool              `json:"need_complete"`
	UnsatisfiedBlockers []order.BlockerID `json:"unsatisfied_blockers"`
	SlotConflict        bool              `json:"slot_conflict"`
	Scheduler           *struct{ Lost, Gained [][2]digraph.Node }
	Circular            *struct {
		Remaining, Shortest, Display []digraph.Node
		Cycles                       [][]digraph.Node
		Records                      [][2]json.RawMessage
		Partial                      []json.RawMessage
	}
}

// oracleRemoval is a graph of packages to unmerge, and Portage's order.
type oracleRemoval struct {
	Name    string
	Nodes   []oracleNode
	Edges   [][3]json.RawMessage
	Ordered bool
	List    []digraph.Node
}

func readOracle(t testing.TB) map[string]oracleFile {
	t.Helper()
	paths, err := filepath.Glob("testdata/oracle/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if *moreOracle != "" {
		paths = append(paths, *moreOracle)
	}
	files := make(map[string]oracleFile)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var f oracleFile
		if err := json.Unmarshal(data, &f); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		files[filepath.Base(path)] = f
	}
	return files
}

var priorityBits = map[string]digraph.Priority{
	"none": 0, "buildtime": digraph.Buildtime, "buildtime_slot_op": digraph.BuildtimeSlotOp,
	"runtime": digraph.Runtime, "runtime_post": digraph.RuntimePost, "runtime_slot_op": digraph.RuntimeSlotOp,
	"installtime": digraph.Installtime, "optional": digraph.Optional, "ignored": digraph.Ignored,
	"satisfied": digraph.Satisfied, "cross": digraph.Cross, "blocker": digraph.BlockerEdge,
}

func parsePriority(t testing.TB, text string) digraph.Priority {
	t.Helper()
	var p digraph.Priority
	for _, word := range strings.Split(text, "+") {
		bit, ok := priorityBits[word]
		if !ok {
			t.Fatalf("unknown priority %q", text)
		}
		p |= bit
	}
	return p
}

func decode(t testing.TB, raw json.RawMessage, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
}

func buildOracleGraph(t testing.TB, nodes int, edges [][3]json.RawMessage) *digraph.Graph {
	t.Helper()
	g := digraph.New()
	for n := range nodes {
		g.AddNode(digraph.Node(n))
	}
	for _, e := range edges {
		var parent, child digraph.Node
		var priorities []string
		decode(t, e[0], &parent)
		decode(t, e[1], &child)
		decode(t, e[2], &priorities)
		for _, p := range priorities {
			g.Add(child, parent, parsePriority(t, p))
		}
	}
	return g
}

func parseCPV(t testing.TB, s string) atoms.CPV {
	t.Helper()
	cpv, err := atoms.ParseCPV(s)
	if err != nil {
		t.Fatal(err)
	}
	return cpv
}

func (n oracleNode) task(t testing.TB) order.Task {
	t.Helper()
	kinds := map[string]order.Kind{"argument": order.Argument, "merge": order.Merge, "nomerge": order.NoMerge, "uninstall": order.Uninstall}
	kind, ok := kinds[n.Kind]
	if !ok {
		t.Fatalf("unknown kind %q", n.Kind)
	}
	if kind == order.Argument {
		return order.Task{}
	}
	return order.Task{
		Kind: kind, CPV: parseCPV(t, n.CPV), Slot: n.Slot, Root: n.Root, BuildTime: n.BuildTime,
		Installed: n.Origin == "installed", Built: n.Origin != "ebuild", OnlyDeps: n.OnlyDeps, System: n.System,
	}
}

// oracleFacts answers from lists.
type oracleFacts struct{ lastPortageDep, lastSelected []digraph.Node }

func (f oracleFacts) LastPortageDep(n digraph.Node) bool { return slices.Contains(f.lastPortageDep, n) }
func (f oracleFacts) LastSelected(n digraph.Node) bool   { return slices.Contains(f.lastSelected, n) }

func (c oracleCase) input(t testing.TB) *order.Input {
	t.Helper()
	in := &order.Input{
		Graph:   buildOracleGraph(t, len(c.Nodes)-c.Absent, c.Edges),
		Headers: c.Headers, Libc: c.Libc, Unsolvable: c.Unsolvable,
		Facts: oracleFacts{c.LastPortageDep, c.LastSelected},
		Options: order.Options{
			Tree: c.Options.Tree, NoDeps: c.Options.NoDeps, ImplicitSystemDeps: c.Options.ImplicitSystemDeps,
			Complete: c.Options.Complete, IgnoreWorld: c.Options.IgnoreWorld,
			BuildPkgOnly: c.Options.BuildPkgOnly, AcceptConflicts: c.Options.AcceptConflicts,
		},
	}
	for _, n := range c.Nodes {
		in.Tasks = append(in.Tasks, n.task(t))
	}
	if c.Portage >= 0 {
		in.Tasks[c.Portage].NewPortage = true
	}
	for _, b := range c.Blockers {
		in.Blockers = append(in.Blockers, order.Blocker{Forbid: b.Forbid, Strong: b.Strong, Buildtime: b.Buildtime})
	}
	for _, b := range c.Blocks {
		in.Blocks = append(in.Blocks, order.Block{Blocker: order.BlockerID(b[0]), Task: digraph.Node(b[1])})
	}
	return in
}

// oracleItems decodes a recorded list.
func oracleItems(t testing.TB, list []json.RawMessage) []order.Item {
	t.Helper()
	var items []order.Item
	for _, raw := range list {
		item := order.Item{Blocker: order.NoBlocker}
		if raw[0] == '{' {
			var b struct {
				Blocker   order.BlockerID
				Satisfied bool
			}
			decode(t, raw, &b)
			item = order.Item{Task: digraph.None, Blocker: b.Blocker, Satisfied: b.Satisfied}
		} else {
			decode(t, raw, &item.Task)
		}
		items = append(items, item)
	}
	return items
}

// describe tells a list in words.
func (c oracleCase) describe(items []order.Item) string {
	var out []string
	for _, item := range items {
		if item.Task == digraph.None {
			out = append(out, fmt.Sprintf("%s(%v)", c.Blockers[item.Blocker].Atom, item.Satisfied))
			continue
		}
		n := c.Nodes[item.Task]
		out = append(out, fmt.Sprintf("%s:%s", n.Kind, n.CPV))
	}
	return strings.Join(out, " ")
}

func compareOracle(t *testing.T, c oracleCase) {
	in := c.input(t)
	got := order.Serialize(in)
	if want := c.Expect.Circular; want != nil {
		compareCircular(t, c, got)
		return
	}
	if got.Circular != nil {
		t.Fatalf("circular; want %s", c.describe(oracleItems(t, c.Expect.List)))
	}
	if want := oracleItems(t, c.Expect.List); !slices.Equal(got.List, want) {
		t.Errorf("list\n got %s\nwant %s", c.describe(got.List), c.describe(want))
	}
	if got.NeedComplete != c.Expect.NeedComplete {
		t.Errorf("NeedComplete = %v, want %v", got.NeedComplete, c.Expect.NeedComplete)
	}
	if !slices.Equal(got.Refused, c.Expect.UnsatisfiedBlockers) {
		t.Errorf("Refused = %v, want %v", got.Refused, c.Expect.UnsatisfiedBlockers)
	}
	if !c.Expect.NeedComplete {
		compareScheduler(t, c, in, got)
	}
}

func compareCircular(t *testing.T, c oracleCase, r *order.Result) {
	t.Helper()
	got, want := r.Circular, c.Expect.Circular
	if got == nil {
		t.Fatalf("not circular: %s; want %d nodes to remain", c.describe(r.List), len(want.Remaining))
	}
	if !slices.Equal(got.Order, want.Remaining) {
		t.Errorf("Order = %v, want %v", got.Order, want.Remaining)
	}
	if !slices.Equal(got.Display, want.Display) {
		t.Errorf("Display = %v, want %v", got.Display, want.Display)
	}
	if !slices.EqualFunc(got.Cycles, want.Cycles, slices.Equal[[]digraph.Node]) {
		t.Errorf("Cycles = %v, want %v", got.Cycles, want.Cycles)
	}
	if !slices.Equal(got.Shortest, want.Shortest) {
		t.Errorf("Shortest = %v, want %v", got.Shortest, want.Shortest)
	}
	if before := oracleItems(t, want.Partial); !slices.Equal(got.Before, before) {
		t.Errorf("before the cycle\n got %s\nwant %s", c.describe(got.Before), c.describe(before))
	}
	var records []string
	for _, r := range got.Records {
		records = append(records, fmt.Sprint(r.Child, r.Parents))
	}
	var wantRecords []string
	for _, r := range want.Records {
		var child digraph.Node
		var parents []digraph.Node
		decode(t, r[0], &child)
		decode(t, r[1], &parents)
		wantRecords = append(wantRecords, fmt.Sprint(child, parents))
	}
	slices.Sort(records)
	slices.Sort(wantRecords)
	if !slices.Equal(records, wantRecords) {
		t.Errorf("Records = %v, want %v", records, wantRecords)
	}
}

// compareScheduler compares which edges the scheduler's graph has lost and
// gained, apart from those of the C library, which Portage adds later.
func compareScheduler(t *testing.T, c oracleCase, in *order.Input, r *order.Result) {
	t.Helper()
	in.Libc = nil
	after := order.SchedulerGraph(in, r)
	missing := func(from, in *digraph.Graph) (edges []string) {
		for _, parent := range from.Nodes() {
			for _, child := range from.Children(parent) {
				if !in.HasEdge(child, parent) {
					edges = append(edges, fmt.Sprint(parent, "-", child))
				}
			}
		}
		slices.Sort(edges)
		return edges
	}
	var lost, gained []string
	if c.Expect.Scheduler != nil {
		for _, e := range c.Expect.Scheduler.Lost {
			lost = append(lost, fmt.Sprint(e[0], "-", e[1]))
		}
		for _, e := range c.Expect.Scheduler.Gained {
			gained = append(gained, fmt.Sprint(e[0], "-", e[1]))
		}
	}
	slices.Sort(lost)
	slices.Sort(gained)
	if got := missing(in.Graph, after); !slices.Equal(got, lost) {
		t.Errorf("scheduler graph lost %v, want %v", got, lost)
	}
	if got := missing(after, in.Graph); !slices.Equal(got, gained) {
		t.Errorf("scheduler graph gained %v, want %v", got, gained)
	}
}

func TestSerializeLikePortage(t *testing.T) {
	for file, f := range readOracle(t) {
		for _, c := range f.Cases {
			t.Run(file+"/"+c.Name, func(t *testing.T) { compareOracle(t, c) })
		}
	}
}

func TestRemovalLikePortage(t *testing.T) {
	for file, f := range readOracle(t) {
		for _, c := range f.Removals {
			t.Run(file+"/"+c.Name, func(t *testing.T) {
				g := buildOracleGraph(t, len(c.Nodes), c.Edges)
				var packages []order.Removed
				for _, n := range c.Nodes {
					packages = append(packages, order.Removed{CPV: parseCPV(t, n.CPV), BuildTime: n.BuildTime})
				}
				list, ordered := order.Removal(g, packages)
				if !slices.Equal(list, c.List) || ordered != c.Ordered {
					t.Errorf("Removal = %v, %v; want %v, %v", list, ordered, c.List, c.Ordered)
				}
			})
		}
	}
}
