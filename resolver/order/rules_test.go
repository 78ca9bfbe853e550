package order_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tumpline/tumpline/resolver/digraph"
	"github.com/tumpline/tumpline/resolver/order"
)

// world is a graph written as text, one statement a line:
//
//	merge a b:1 c      packages to merge, with their slots, in graph order
//	keep d             installed packages that stay
//	onlydeps e         packages given for their dependencies
//	arg x              an argument or set
//	system a           packages that @system names
//	a -> b run sat     an edge with one priority; see words
//	gone o             an uninstall task of installed package o
//	!k a gone:o        blocker k of a, solved by removing o; !!k forbids overlap;
//	                   ~!k is of an EAPI without !!; a needs the removal
//	unsolvable k
type world struct {
	in    order.Input
	names []string
	nodes map[string]digraph.Node
	block map[string]order.BlockerID
	facts worldFacts
}

type worldFacts struct{ portage, selected map[digraph.Node]bool }

func (f worldFacts) LastPortageDep(n digraph.Node) bool { return f.portage[n] }
func (f worldFacts) LastSelected(n digraph.Node) bool   { return f.selected[n] }

var words = map[string]digraph.Priority{
	"build": digraph.Buildtime, "buildslot": digraph.Buildtime | digraph.BuildtimeSlotOp, "run": digraph.Runtime,
	"runslot": digraph.Runtime | digraph.RuntimeSlotOp, "post": digraph.RuntimePost, "opt": digraph.Optional,
	"sat": digraph.Satisfied, "cross": digraph.Cross, "none": 0,
}

func parseWorld(t *testing.T, text string) *world {
	t.Helper()
	w := &world{nodes: map[string]digraph.Node{}, block: map[string]order.BlockerID{},
		facts: worldFacts{map[digraph.Node]bool{}, map[digraph.Node]bool{}}}
	w.in = order.Input{Graph: digraph.New(), Facts: w.facts}
	w.in.Options.ImplicitSystemDeps = true
	for _, line := range strings.Split(text, "\n") {
		if f := strings.Fields(line); len(f) > 0 {
			w.statement(t, f)
		}
	}
	return w
}

func (w *world) statement(t *testing.T, f []string) {
	t.Helper()
	switch {
	case len(f) > 3 && f[1] == "->":
		var p digraph.Priority
		for _, word := range f[3:] {
			bits, ok := words[word]
			if !ok {
				t.Fatalf("unknown word %q", word)
			}
			p |= bits
		}
		w.in.Graph.Add(w.node(t, f[2]), w.node(t, f[0]), p)
	case strings.Contains(f[0], "!"):
		w.blocker(t, f)
	default:
		for _, name := range f[1:] {
			w.declare(t, f[0], name)
		}
	}
}

func (w *world) declare(t *testing.T, kind, name string) {
	t.Helper()
	switch kind {
	case "system":
		w.in.Tasks[w.node(t, name)].System = true
		return
	case "unsolvable":
		w.in.Unsolvable = append(w.in.Unsolvable, w.block[name])
		return
	case "libc":
		w.in.Libc = append(w.in.Libc, w.node(t, name))
		return
	case "headers":
		w.in.Headers = append(w.in.Headers, w.node(t, name))
		return
	case "portage":
		w.in.Tasks[w.node(t, name)].NewPortage = true
		return
	case "portagedep":
		w.facts.portage[w.node(t, name)] = true
		return
	case "selected":
		w.facts.selected[w.node(t, name)] = true
		return
	}
	plain, slot, _ := strings.Cut(name, ":")
	task := order.Task{CPV: parseCPV(t, "cat/"+plain+"-1"), Slot: slot}
	switch kind {
	case "merge":
		task.Kind = order.Merge
	case "update": // a merge of another version of an installed package
		task.Kind, task.CPV = order.Merge, parseCPV(t, "cat/"+plain+"-2")
		plain = "new:" + plain
	case "keep":
		task.Kind, task.Installed, task.Built = order.NoMerge, true, true
	case "onlydeps":
		task.Kind, task.OnlyDeps = order.NoMerge, true
	case "gone":
		task.Kind, task.Installed, task.Built = order.Uninstall, true, true
		plain = "gone:" + plain
	case "arg":
		task = order.Task{}
	default:
		t.Fatalf("unknown statement %q", kind)
	}
	n := digraph.Node(len(w.names))
	w.names = append(w.names, plain)
	w.nodes[plain] = n
	w.in.Tasks = append(w.in.Tasks, task)
	w.in.Graph.AddNode(n)
}

func (w *world) blocker(t *testing.T, f []string) {
	t.Helper()
	name := strings.TrimLeft(f[0], "~!")
	id, ok := w.block[name]
	if !ok {
		id = order.BlockerID(len(w.in.Blockers))
		w.block[name] = id
		w.in.Blockers = append(w.in.Blockers, order.Blocker{
			Forbid: strings.Contains(f[0], "!!"), Strong: !strings.HasPrefix(f[0], "~")})
	}
	if len(f) < 3 {
		return
	}
	task := w.node(t, f[2])
	w.in.Graph.Add(task, w.node(t, f[1]), digraph.BlockerEdge)
	w.in.Blocks = append(w.in.Blocks, order.Block{Blocker: id, Task: task})
}

func (w *world) node(t *testing.T, name string) digraph.Node {
	t.Helper()
	n, ok := w.nodes[name]
	if !ok {
		t.Fatalf("unknown package %q", name)
	}
	return n
}

func (w *world) blockerName(id order.BlockerID) string {
	for name, other := range w.block {
		if other == id {
			return name
		}
	}
	return "?"
}

// show writes a result as names; solved blockers as !k, others as !k?.
func (w *world) show(r *order.Result) string {
	var out []string
	if r.Circular != nil {
		out = append(out, "circular:")
		for _, n := range r.Circular.Order {
			out = append(out, w.names[n])
		}
		return strings.Join(out, " ")
	}
	for _, item := range r.List {
		switch {
		case item.Task != digraph.None:
			out = append(out, w.names[item.Task])
		case item.Satisfied:
			out = append(out, "!"+w.blockerName(item.Blocker))
		default:
			out = append(out, "!"+w.blockerName(item.Blocker)+"?")
		}
	}
	return strings.Join(out, " ")
}

func TestSerialize(t *testing.T) {
	noImplicit := func(o *order.Options) { o.ImplicitSystemDeps = false }
	complete := func(o *order.Options) { o.Complete = true }
	tests := []struct {
		name, world string
		option      func(*order.Options)
		want        string
	}{
		{name: "rounds of leaves", world: `
			merge a b c d
			a -> b run
			c -> d run`, want: "b d a c"},
		{name: "a kept package costs its parent a round", world: `
			merge a b
			keep k
			a -> k run
			b -> a none`, want: "a b"},
		{name: "a kept package holds its parent back", world: `
			merge a b c
			keep k
			a -> k run
			c -> b run`, want: "b a c"},
		{name: "tree takes one at a time", world: `
			merge a b c d
			a -> b run
			c -> d run`, option: func(o *order.Options) { o.Tree = true }, want: "b d a c"},
		{name: "tree does not take isolated nodes first", world: `
			merge z a b
			a -> b run`, option: func(o *order.Options) { o.Tree = true }, want: "b z a"},
		{name: "nodeps is graph order", world: `
			arg x
			merge a b
			keep k
			merge c
			x -> c none
			a -> b build`, option: func(o *order.Options) { o.NoDeps = true }, want: "a b c"},
		{name: "arguments and onlydeps vanish", world: `
			arg x
			onlydeps o
			merge a b
			x -> o none
			o -> a run
			a -> b build`, want: "b a"},
		{name: "an onlydeps package inside remains but is not listed", world: `
			merge a
			onlydeps o
			merge b
			a -> o run
			o -> b run`, want: "b a"},
		{name: "more parents first", world: `
			merge a b p q
			p -> b run
			q -> b run
			p -> a run`, want: "b a p q"},
		{name: "more parents first, not without implicit system deps", world: `
			merge a b p q
			p -> b run
			q -> b run
			p -> a run`, option: noImplicit, want: "a b p q"},
		{name: "system and what it runs with first", world: `
			merge a b s t p q
			system s
			s -> t run
			p -> a run
			q -> a run
			p -> b run`, want: "t a b s p q"},
		{name: "what the system is built with is not deep", world: `
			merge a b s
			keep k
			system s
			s -> b build
			k -> b run
			k -> a run`, want: "b a s"},
		{name: "libc first, after its headers", world: `
			merge a h l
			libc l
			headers h`, want: "h l a"},
		{name: "headers alone are not hurried", world: `
			merge a h
			headers h`, want: "a h"},
		{name: "libc waits for its build dependencies", world: `
			merge a b l
			libc l
			l -> b build`, want: "b l a"},
		{name: "libc does not wait for what is optional", world: `
			merge b c l
			libc l
			l -> b build opt
			c -> b run`, want: "l b c"},
		{name: "PDEPEND follows at once", world: `
			merge a x p
			a -> p post
			p -> a run
			x -> a run`, option: noImplicit, want: "a p x"},
		{name: "satisfied PDEPEND has time", world: `
			merge a x p
			a -> p post sat
			p -> a run
			x -> a run`, option: noImplicit, want: "a x p"},
		{name: "run-time cycle", world: `
			merge a b
			a -> b run
			b -> a run`, want: "a b"},
		{name: "build-time edge inside a run-time cycle", world: `
			merge a b
			a -> b run
			b -> a build`, want: "circular: a b"},
		{name: "satisfied build-time edge breaks a cycle", world: `
			merge a b
			a -> b build sat
			b -> a run`, want: "b a"},
		{name: "fresh := run-time cycle is an error", world: `
			merge a b
			a -> b runslot
			b -> a run`, want: "circular: a b"},
		{name: "fresh := run-time cycle across roots is none", world: `
			merge a b
			a -> b runslot cross
			b -> a run cross`, want: "a b"},
		{name: "smallest cycle first", world: `
			merge a b c x y
			a -> b run
			b -> c run
			c -> a run
			x -> y run
			y -> x run`, want: "x y a c b"},
		{name: "equal cycles by name", world: `
			merge m n a b
			m -> n run
			n -> m run
			a -> b run
			b -> a run`, want: "a b m n"},
		{name: "a cycle others need goes first", world: `
			merge a b x y
			a -> b run
			b -> a run
			a -> x run
			x -> y run
			y -> x run`, want: "x y a b"},
		{name: "an installed member of a cycle goes first", world: `
			merge b a
			keep k
			b -> a run
			a -> k run
			k -> b run`, want: "a b"},
		{name: "without it, the first member does", world: `
			merge b a k
			b -> a run
			a -> k run
			k -> b run`, want: "b k a"},
		{name: "new Portage after its own dependencies", world: `
			merge n p
			portage p
			n -> p post
			p -> n run`, want: "n p"},
		{name: "replacing in the slot solves a block without a trace", world: `
			merge a
			gone o
			update o
			!k a gone:o
			a -> new:o run`, option: complete, want: "new:o a"},
		{name: "a removal after what blocks it", world: `
			merge a
			gone o
			!k a gone:o`, option: complete, want: "a gone:o !k"},
		{name: "two blockers of one package", world: `
			merge a b
			gone o
			!k a gone:o
			!l b gone:o`, option: complete, want: "a b gone:o !k !l"},
		{name: "a replacement does the removal", world: `
			merge a
			gone o
			update o
			!k a gone:o
			new:o -> a run`, option: complete, want: "a new:o !k"},
		{name: "a strong block is not solved by removal", world: `
			merge a
			gone o
			!!k a gone:o`, option: complete, want: "a !k?"},
		{name: "a kept package is not removed", world: `
			merge a b
			keep o
			gone o
			b -> o run
			!k a gone:o`, option: complete, want: "b a !k?"},
		{name: "an old block does not remove the system", world: `
			merge a
			gone o
			system gone:o
			~!k a gone:o`, option: complete, want: "a !k?"},
		{name: "a new block does", world: `
			merge a
			gone o
			system gone:o
			!k a gone:o`, option: complete, want: "a gone:o !k"},
		{name: "an old block does not remove what Portage needs", world: `
			merge a
			gone o
			portagedep gone:o
			~!k a gone:o`, option: complete, want: "a !k?"},
		{name: "the last match of a selected atom stays", world: `
			merge a
			gone o
			selected gone:o
			!k a gone:o`, want: "a !k?"},
		{name: "unless the world is ignored", world: `
			merge a
			gone o
			selected gone:o
			!k a gone:o`, option: func(o *order.Options) { o.IgnoreWorld = true; o.Complete = true }, want: "a gone:o !k"},
		{name: "an unsolvable blocker", world: `
			merge a
			!k a
			unsolvable k`, want: "a !k?"},
		{name: "a blocker that stays unsolved in spite of the removal", world: `
			merge a
			gone o
			!k a gone:o
			unsolvable k`, option: complete, want: "a gone:o !k?"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := parseWorld(t, test.world)
			if test.option != nil {
				test.option(&w.in.Options)
			}
			if got := w.show(order.Serialize(&w.in)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestSerializeNeedsComplete(t *testing.T) {
	w := parseWorld(t, `
		merge a
		gone o
		!k a gone:o`)
	r := order.Serialize(&w.in)
	if !r.NeedComplete || w.show(r) != "a gone:o !k" {
		t.Errorf("NeedComplete = %v, list %s", r.NeedComplete, w.show(r))
	}
	w.in.Options.Complete = true
	if order.Serialize(&w.in).NeedComplete {
		t.Errorf("NeedComplete although the graph is complete")
	}
}

func TestSerializeKeepsSelected(t *testing.T) {
	w := parseWorld(t, `
		merge a
		gone o
		selected gone:o
		!k a gone:o`)
	if got, want := order.Serialize(&w.in).KeptSelected, []digraph.Node{w.node(t, "gone:o")}; !slices.Equal(got, want) {
		t.Errorf("KeptSelected = %v, want %v", got, want)
	}
}

func TestRefused(t *testing.T) {
	text := `
		merge a b
		!k a
		!!l b
		unsolvable k l`
	tests := []struct {
		name   string
		option func(*order.Input)
		want   []order.BlockerID
	}{
		{"all", func(*order.Input) {}, []order.BlockerID{0, 1}},
		{"accepted", func(in *order.Input) { in.Options.AcceptConflicts = true }, nil},
		{"buildpkgonly", func(in *order.Input) { in.Options.BuildPkgOnly = true }, []order.BlockerID{0, 1}},
		{"buildpkgonly, build-time", func(in *order.Input) {
			in.Options.BuildPkgOnly, in.Options.AcceptConflicts = true, true
			in.Blockers[0].Buildtime, in.Blockers[1].Buildtime = true, true
		}, []order.BlockerID{1}},
	}
	for _, test := range tests {
		w := parseWorld(t, text)
		test.option(&w.in)
		r := order.Serialize(&w.in)
		if !slices.Equal(r.Refused, test.want) || !slices.Equal(r.Unsolved, []order.BlockerID{0, 1}) {
			t.Errorf("%s: Refused = %v, Unsolved = %v, want %v refused", test.name, r.Refused, r.Unsolved, test.want)
		}
	}
}

func TestSerializeLeavesInputAlone(t *testing.T) {
	w := parseWorld(t, `
		merge a b
		gone o
		a -> b run
		!k a gone:o`)
	order.Serialize(&w.in)
	if w.in.Graph.Len() != 3 || !w.in.Graph.HasEdge(1, 0) || !w.in.Graph.HasEdge(2, 0) || len(w.in.Blocks) != 1 {
		t.Errorf("the input has changed")
	}
}

func TestCircular(t *testing.T) {
	w := parseWorld(t, `
		merge z a b c y
		a -> b build
		b -> c build
		c -> a build
		b -> a build
		a -> y run
		z -> a run`)
	c := order.Serialize(&w.in).Circular
	if c == nil {
		t.Fatal("not circular")
	}
	names := func(nodes []digraph.Node) string {
		var out []string
		for _, n := range nodes {
			out = append(out, w.names[n])
		}
		return strings.Join(out, " ")
	}
	if got, want := names(c.Order), "a b c z"; got != want {
		t.Errorf("Order = %s, want %s", got, want)
	}
	if got, want := names(c.Display), "a c b z"; got != want {
		t.Errorf("Display = %s, want %s", got, want)
	}
	if got, want := names(c.Shortest), "b a"; got != want {
		t.Errorf("Shortest = %s, want %s", got, want)
	}
	if len(c.Before) != 1 || w.names[c.Before[0].Task] != "y" {
		t.Errorf("Before = %v, want y", c.Before)
	}
	var cycles []string
	for _, cycle := range c.Cycles {
		cycles = append(cycles, names(cycle))
	}
	if got, want := strings.Join(cycles, ", "), "b a, a b, a b c"; got != want {
		t.Errorf("Cycles = %s, want %s", got, want)
	}
	var records []string
	for _, rec := range c.Records {
		records = append(records, w.names[rec.Child]+" of "+names(rec.Parents))
	}
	if got, want := strings.Join(records, ", "), "b of a, a of b c, c of b"; got != want {
		t.Errorf("Records = %s, want %s", got, want)
	}
	if got := c.Links(c.Shortest); len(got) != 2 || got[0][0].Label() != "buildtime" {
		t.Errorf("Links = %v", got)
	}
}

func TestSchedulerGraphLibc(t *testing.T) {
	w := parseWorld(t, `
		merge a l b
		libc l
		l -> a build
		b -> a run`)
	r := order.Serialize(&w.in)
	if got := w.show(r); got != "a l b" {
		t.Fatalf("list %s, want a l b", got)
	}
	g := order.SchedulerGraph(&w.in, r)
	if !g.HasEdge(w.node(t, "l"), w.node(t, "b")) {
		t.Errorf("b does not wait for libc")
	}
	if g.HasEdge(w.node(t, "l"), w.node(t, "a")) {
		t.Errorf("a, which was before libc, waits for it")
	}
}

func TestSchedulerGraphReversal(t *testing.T) {
	w := parseWorld(t, `
		merge a
		gone o
		!k a gone:o`)
	g := order.SchedulerGraph(&w.in, order.Serialize(&w.in))
	a, o := w.node(t, "a"), w.node(t, "gone:o")
	if g.HasEdge(o, a) || !g.HasEdge(a, o) {
		t.Errorf("the removal does not wait for the package that replaces it")
	}
}

// Twins in two roots differ by their build times only. The graph order is 1 0 3 2.
func TestEqualPackagesByBuildTime(t *testing.T) {
	in := &order.Input{Graph: digraph.New()}
	for i, name := range []string{"cat/a-1", "cat/z-1", "cat/a-1", "cat/z-1"} {
		in.Tasks = append(in.Tasks, order.Task{Kind: order.Merge, CPV: parseCPV(t, name), Slot: "0",
			Root: order.Root(i / 2), Built: true, BuildTime: int64(9 - i)})
	}
	for _, e := range [][2]digraph.Node{{0, 1}, {1, 0}, {2, 3}, {3, 2}} {
		in.Graph.Add(e[1], e[0], digraph.Runtime)
	}
	var got []digraph.Node
	for _, item := range order.Serialize(in).List {
		got = append(got, item.Task)
	}
	if want := []digraph.Node{3, 2, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("list %v, want %v", got, want)
	}
}
