package depgraph_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/depgraph"
	"github.com/tumpline/tumpline/resolver/plan"
)

// diamond is a -> b, c; b -> d; c -> d, e; e -> c (a circle); f alone.
func diamond() *depgraph.Graph {
	var nodes []depgraph.Node
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		nodes = append(nodes, depgraph.Node{CPV: "x/" + name + "-1", Root: plan.RootTarget})
	}
	edge := func(from, to int, class plan.Class) depgraph.Edge {
		return depgraph.Edge{From: from, To: to, Class: class, Atom: nodes[to].CPV}
	}
	return depgraph.New(nodes, []depgraph.Edge{
		edge(4, 2, plan.ClassRDepend), edge(0, 1, plan.ClassDepend), edge(0, 2, plan.ClassRDepend), edge(1, 3, plan.ClassRDepend),
		edge(2, 3, plan.ClassRDepend), edge(2, 4, plan.ClassRDepend), edge(0, 1, plan.ClassDepend),
	})
}

func names(g *depgraph.Graph) []string {
	var out []string
	for _, n := range g.Nodes {
		out = append(out, n.CPV[2:3])
	}
	return out
}

func arrows(g *depgraph.Graph) []string {
	var out []string
	for _, e := range g.Edges {
		out = append(out, g.Nodes[e.From].CPV[2:3]+g.Nodes[e.To].CPV[2:3])
	}
	return out
}

func TestParts(t *testing.T) {
	g := diamond()
	for _, test := range []struct {
		name  string
		graph *depgraph.Graph
		nodes []string
		edges []string
	}{
		{"whole", g, []string{"a", "b", "c", "d", "e", "f"}, []string{"ab", "ac", "bd", "cd", "ce", "ec"}},
		{"reverse", g.Reverse(), []string{"a", "b", "c", "d", "e", "f"}, []string{"ba", "ca", "ce", "db", "dc", "ec"}},
		{"class", g.Only([]plan.Class{plan.ClassDepend}), []string{"a", "b", "c", "d", "e", "f"}, []string{"ab"}},
		{"depth", g.Within([]int{0}, 1), []string{"a", "b", "c"}, []string{"ab", "ac"}},
		{"all", g.Within([]int{1, 5}, -1), []string{"b", "d", "f"}, []string{"bd"}},
	} {
		got := arrows(test.graph)
		slices.Sort(got)
		if diff := cmp.Diff(test.nodes, names(test.graph)); diff != "" {
			t.Errorf("%s: nodes: %s", test.name, diff)
		}
		if diff := cmp.Diff(test.edges, got); diff != "" {
			t.Errorf("%s: edges: %s", test.name, diff)
		}
	}
}

func TestPath(t *testing.T) {
	g := diamond()
	for _, test := range []struct {
		from, to []int
		want     []string
	}{
		{[]int{0}, []int{3}, []string{"ab", "bd"}},
		{[]int{4}, []int{3}, []string{"ec", "cd"}},
		{[]int{0, 2}, []int{4}, []string{"ce"}},
		{[]int{3}, []int{0}, nil},
		{[]int{0}, []int{0}, []string{}},
	} {
		path := g.Path(test.from, test.to)
		var got []string
		if path != nil {
			got = []string{}
		}
		for _, e := range path {
			got = append(got, arrows(g)[e])
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%v to %v: %s", test.from, test.to, diff)
		}
	}
}

func TestLevels(t *testing.T) {
	g := diamond()
	if diff := cmp.Diff([][]int{{2, 4}}, g.Cycles()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{0, 1, 1, 2, 1, 0}, g.Levels()); diff != "" {
		t.Error(diff)
	}
}

func installed(t *testing.T, cpv string, m map[string]string) *ebuild.Package {
	t.Helper()
	parsed, err := atoms.ParseCPV(cpv)
	if err != nil {
		t.Fatal(err)
	}
	m["EAPI"] = "8"
	return ebuild.New(parsed, "repo", ebuild.OriginInstalled, metadata(m))
}

type metadata map[string]string

func (m metadata) Get(key string) string { return m[key] }

func TestFromInstalled(t *testing.T) {
	target := []*ebuild.Package{
		installed(t, "app-misc/a-1", map[string]string{
			"SLOT": "0", "IUSE": "ssl doc", "USE": "ssl elibc_glibc", "RDEPEND": "ssl? ( dev-libs/tls:= ) doc? ( app-misc/b ) || ( dev-libs/none dev-libs/tls ) !app-misc/c",
			"BDEPEND": "dev-util/make", "PDEPEND": "dev-libs/missing",
		}),
		installed(t, "dev-libs/tls-3", map[string]string{"SLOT": "0/3.1"}),
		installed(t, "dev-util/make-1", map[string]string{"SLOT": "0"}),
	}
	build := []*ebuild.Package{installed(t, "dev-util/make-4", map[string]string{"SLOT": "0", "RDEPEND": "dev-libs/guile"})}
	g, problems := depgraph.FromInstalled(depgraph.Installed{Target: target, Build: build})
	if problems != nil {
		t.Error(problems)
	}
	want := []depgraph.Edge{
		{From: 0, To: 3, Class: plan.ClassBDepend, Atom: "dev-util/make"},
		{From: 0, To: 1, Class: plan.ClassRDepend, Atom: "dev-libs/tls:=", Flags: []string{"ssl"}},
		{From: 0, To: 1, Class: plan.ClassRDepend, Atom: "dev-libs/tls"},
	}
	if diff := cmp.Diff(want, g.Edges); diff != "" {
		t.Error(diff)
	}
	if n := g.Nodes[3]; n.CPV != "dev-util/make-4" || n.Root != plan.RootBuild {
		t.Errorf("the tool is %+v", n)
	}
	if n := g.Nodes[0]; !slices.Equal(n.USE, []string{"ssl"}) {
		t.Errorf("USE of a: %q", n.USE)
	}
	if n := g.Nodes[1]; n.Slot != "0/3.1" {
		t.Errorf("slot of tls: %s", n.Slot)
	}
}
