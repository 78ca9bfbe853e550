package graph

import (
	"io"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/resolver/depgraph"
	"github.com/tumpline/tumpline/resolver/plan"
)

// Kind is the document of "tumpline graph --json".
var Kind = answer.NewKind[document]("tumpline.graph", "1.0.0", "packages and dependencies between them, that tumpline graph --json prints")

// PathKind is the document of "tumpline why --json".
var PathKind = answer.NewKind[pathDoc]("tumpline.path", "1.0.0", "the shortest way between two packages, that tumpline why --json prints")

type document struct {
	answer.Head
	Source  string    `json:"source" jsonschema:"request: what emerge would bring together; installed: what is installed"`
	Targets []string  `json:"targets" jsonschema:"as they were given"`
	Nodes   []node    `json:"nodes" jsonschema:"packages, those that are merged first, in the order of the plan"`
	Edges   []edge    `json:"edges" jsonschema:"dependencies, ordered by from"`
	Cycles  [][]int64 `json:"cycles" jsonschema:"sets of nodes that depend on one another in a circle, each ascending"`
}

type node struct {
	ID        int      `json:"id" jsonschema:"0, 1, ..."`
	CPV       string   `json:"cpv" jsonschema:"category/PF"`
	Slot      string   `json:"slot" jsonschema:"slot, and sub-slot if it has another name: 0/1.2"`
	Repo      string   `json:"repo" jsonschema:"name of the repository"`
	Root      string   `json:"root" jsonschema:"target, or build: the machine that builds"`
	Origin    string   `json:"origin" jsonschema:"ebuild, binary or installed"`
	Step      *int     `json:"step" jsonschema:"position in the plan from 1 on; null if the package is not merged"`
	Requested bool     `json:"requested" jsonschema:"an argument or a set asks for it"`
	USE       []string `json:"use" jsonschema:"enabled flags that the package declares, sorted"`
	Level     int      `json:"level" jsonschema:"length of the longest way to it, circles counted once"`
	Cycle     *int     `json:"cycle" jsonschema:"position in cycles; null if it is in none"`
}

type edge struct {
	From  int      `json:"from" jsonschema:"id of the package that depends"`
	To    int      `json:"to" jsonschema:"id of what satisfies the dependency"`
	Class string   `json:"class" jsonschema:"DEPEND, BDEPEND, RDEPEND, PDEPEND, IDEPEND or soname"`
	Atom  string   `json:"atom" jsonschema:"as evaluated"`
	Flags []string `json:"flags" jsonschema:"USE flags of the package that depends which decide this, with - before those that are off"`
}

func newDocument(r *request, g *depgraph.Graph) *document {
	d := &document{Source: r.source(), Targets: append([]string{}, r.targets...), Nodes: []node{}, Edges: []edge{}, Cycles: [][]int64{}}
	cycle := map[int]int{}
	for i, c := range g.Cycles() {
		var ids []int64
		for _, n := range c {
			cycle[n] = i
			ids = append(ids, int64(n))
		}
		d.Cycles = append(d.Cycles, ids)
	}
	levels := g.Levels()
	for id := range g.Nodes {
		n := describe(g, id)
		n.Level = levels[id]
		if c, ok := cycle[id]; ok {
			n.Cycle = &c
		}
		d.Nodes = append(d.Nodes, n)
	}
	for _, e := range g.Edges {
		d.Edges = append(d.Edges, edge{From: e.From, To: e.To, Class: string(e.Class), Atom: e.Atom, Flags: append([]string{}, e.Flags...)})
	}
	return d
}

func (r *request) source() string {
	if r.installed {
		return "installed"
	}
	return "request"
}

func describe(g *depgraph.Graph, id int) node {
	n := &g.Nodes[id]
	out := node{
		ID: id, CPV: n.CPV, Slot: n.Slot, Repo: n.Repo, Root: string(n.Root), Origin: string(n.Origin), Requested: n.Requested,
		USE: append([]string{}, n.USE...),
	}
	if n.Step > 0 {
		step := n.Step
		out.Step = &step
	}
	return out
}

func writeJSON(w io.Writer, r *request, g *depgraph.Graph) error {
	return Kind.Write(w, newDocument(r, g))
}

type pathDoc struct {
	answer.Head
	Source string     `json:"source" jsonschema:"request or installed, as in tumpline.graph"`
	From   string     `json:"from" jsonschema:"as given"`
	To     string     `json:"to" jsonschema:"as given"`
	Needs  bool       `json:"needs" jsonschema:"there is a way"`
	Steps  []pathStep `json:"steps" jsonschema:"packages on the way, the first being from; empty if there is none"`
}

type pathStep struct {
	CPV   string   `json:"cpv" jsonschema:"category/PF"`
	Root  string   `json:"root" jsonschema:"target or build"`
	Class *string  `json:"class" jsonschema:"of the dependency on the next package; null at the end"`
	Atom  *string  `json:"atom" jsonschema:"by which the next package is needed; null at the end"`
	Flags []string `json:"flags" jsonschema:"USE flags that decide this, with - before those that are off"`
}

func pathDocument(r *request, a, b string, g *depgraph.Graph, from, path []int) *pathDoc {
	d := &pathDoc{Source: r.source(), From: a, To: b, Needs: path != nil, Steps: []pathStep{}}
	if path == nil {
		return d
	}
	step := func(n int) pathStep {
		return pathStep{CPV: g.Nodes[n].CPV, Root: string(g.Nodes[n].Root), Flags: []string{}}
	}
	d.Steps = append(d.Steps, step(start(g, from, path)))
	for _, i := range path {
		e := &g.Edges[i]
		class, atom := string(e.Class), e.Atom
		last := &d.Steps[len(d.Steps)-1]
		last.Class, last.Atom, last.Flags = &class, &atom, append(last.Flags, e.Flags...)
		d.Steps = append(d.Steps, step(e.To))
	}
	return d
}

// buildTime says if a class is needed to build, not to run.
func buildTime(c plan.Class) bool { return c == plan.ClassDepend || c == plan.ClassBDepend }
