package graph

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/resolver/depgraph"
)

const whyUsage = `usage: tumpline why [--request] [--class LIST] [--json] [emerge options] A B
`

const whyHelp = whyUsage + `
Show the shortest way by which package A needs package B, with the atoms and USE
flags on it: among what is installed, or with --request (or an option of emerge)
among what emerge --emptytree A would bring together. A and B are atoms or names.

  --request       ask what would be, not what is installed
  --class LIST    only dependencies of these classes: DEPEND,BDEPEND,RDEPEND,
                  PDEPEND,IDEPEND
  --json          print one JSON object (tumpline schema path)

The exit status is 1 if A does not need B.

Examples:
  tumpline why app-editors/vim sys-libs/ncurses
  tumpline why --request --class RDEPEND coreos-base/coreos dev-lang/python
`

// Why is the front of "tumpline why".
func Why(ctx context.Context, env *cli.Env) error {
	env, data, err := answer.Take(env, PathKind)
	if err != nil {
		return err
	}
	r := &request{program: "tumpline why", usage: whyUsage, depth: -1}
	if data {
		r.form = asJSON
	}
	args := slices.DeleteFunc(slices.Clone(env.Args), func(a string) bool { return a == "--request" })
	if err := r.parse(args); err != nil || r.form == "--help" {
		if err == nil {
			_, err = io.WriteString(env.Out, whyHelp)
		}
		return err
	}
	if len(r.targets) != 2 || r.depth >= 0 || r.reverse {
		return r.wrong("two packages are expected")
	}
	if r.form != asText && r.form != asJSON {
		return r.wrong(fmt.Sprintf("a way is no graph: %s is not understood", r.form))
	}
	r.installed = len(args) == len(env.Args) && len(r.options) == 0
	a, b := r.targets[0], r.targets[1]
	if !r.installed {
		r.targets, r.options = r.targets[:1], append([]string{"--emptytree"}, r.options...)
	}
	return r.withGraph(ctx, env, func(g *depgraph.Graph) error {
		if r.classes != nil {
			g = g.Only(r.classes)
		}
		from, err := r.ends(g, a)
		if err != nil {
			return err
		}
		to, err := r.ends(g, b)
		if err != nil {
			return err
		}
		path := g.Path(from, to)
		if r.form == asJSON {
			if err := PathKind.Write(env.Out, pathDocument(r, a, b, g, from, path)); err != nil {
				return err
			}
		} else if err := writePath(env.Out, g, a, b, from, path); err != nil {
			return err
		}
		if path == nil {
			return &cli.FailedError{Status: cli.StatusFailure}
		}
		return nil
	})
}

// ends gives the packages that one end of the way means.
func (r *request) ends(g *depgraph.Graph, text string) ([]int, error) {
	match, err := matcher(text)
	if err != nil {
		return nil, r.wrong(err.Error())
	}
	var out []int
	for n := range g.Nodes {
		if match(&g.Nodes[n]) {
			out = append(out, n)
		}
	}
	if out == nil && r.installed {
		return nil, fmt.Errorf("%s: %s is not installed; --request asks what would be", r.program, text)
	}
	return out, nil
}

// start is where a way begins: at one of the nodes that leads there.
func start(g *depgraph.Graph, from, path []int) int {
	if len(path) > 0 {
		return g.Edges[path[0]].From
	}
	return from[0]
}

func writePath(w io.Writer, g *depgraph.Graph, a, b string, from, path []int) error {
	var out strings.Builder
	if path == nil {
		fmt.Fprintf(&out, "%s does not need %s.\n", a, b)
	} else {
		fmt.Fprintln(&out, title(&g.Nodes[start(g, from, path)]))
		for _, i := range path {
			e := &g.Edges[i]
			fmt.Fprintf(&out, "  %s %s%s\n%s\n", e.Class, e.Atom, by(e.Flags), title(&g.Nodes[e.To]))
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// by names the flags that decide a dependency.
func by(flags []string) string {
	if len(flags) == 0 {
		return ""
	}
	return "  (USE: " + strings.Join(flags, " ") + ")"
}
