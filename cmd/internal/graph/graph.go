// Package graph is the front of "tumpline graph" and "tumpline why": packages and
// dependencies as text, JSON, Graphviz, SVG, or a page to explore.
//
// The graph is that of a request, as emerge would answer it, or of what is installed;
// resolver/depgraph makes it and cuts it to size. Here it is only asked for and shown:
// text.go, document.go, dot.go, svg.go and page.go are the forms, layout.go places the
// packages for the last two.
package graph

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/cmd/internal/emerge"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/resolver/depgraph"
	"github.com/tumpline/tumpline/resolver/plan"
)

const usage = `usage: tumpline graph [options] [emerge options] [atom | name | @set]...
`

const help = usage + `
Show the packages that a request would bring together and why they need one
another; with --installed, what is installed.

  --installed     what is installed, from the targets on; without targets all
  --reverse       what needs the targets; implies --installed
  --class LIST    only dependencies of these classes: DEPEND,BDEPEND,RDEPEND,
                  PDEPEND,IDEPEND
  --depth N       at most N dependencies away from the targets
  --json          print one JSON object (tumpline schema graph)
  --dot           print a graph for Graphviz
  --svg           print a drawing
  --html          print one page that works without a network: search, filters,
                  details; cycles and the order of the plan are marked

Other options are those of emerge (--emptytree, --update, --with-bdeps=y, ...).

Examples:
  tumpline graph --emptytree --html app-editors/vim >vim.html
  tumpline graph --reverse --depth 1 dev-libs/openssl
  tumpline graph --installed --class RDEPEND --dot @world | dot -Tpdf >world.pdf
`

// A form is how a graph is shown.
type form string

const (
	asText form = ""
	asJSON form = "--json"
	asDot  form = "--dot"
	asSVG  form = "--svg"
	asHTML form = "--html"
)

// A request is a command line.
type request struct {
	program   string
	usage     string
	installed bool
	reverse   bool
	classes   []plan.Class
	depth     int // negative: no limit
	form      form
	options   []string // emerge's
	targets   []string
}

// Main is the front of "tumpline graph".
func Main(ctx context.Context, env *cli.Env) error {
	env, data, err := answer.Take(env, Kind)
	if err != nil {
		return err
	}
	r := &request{program: "tumpline graph", usage: usage, depth: -1}
	if data {
		r.form = asJSON
	}
	if err := r.parse(env.Args); err != nil || r.form == "--help" {
		if err == nil {
			_, err = io.WriteString(env.Out, help)
		}
		return err
	}
	if !r.installed && len(r.targets) == 0 {
		return r.wrong("a target is expected, or --installed")
	}
	return r.withGraph(ctx, env, func(g *depgraph.Graph) error {
		from, err := r.find(g, r.targets)
		if err != nil {
			return err
		}
		if r.reverse {
			g = g.Reverse()
		}
		if r.classes != nil {
			g = g.Only(r.classes)
		}
		if len(from) > 0 {
			g = g.Within(from, r.depth)
		}
		if r.reverse {
			g = g.Reverse()
		}
		return r.show(env.Out, g)
	})
}

// parse sorts the command line: options of our own, emerge's, and targets.
func (r *request) parse(args []string) error {
	for i := 0; i < len(args); i++ {
		name, value, hasValue := strings.Cut(args[i], "=")
		take := func() (string, error) {
			if hasValue {
				return value, nil
			}
			if i++; i == len(args) {
				return "", r.wrong("argument " + name + ": a value is missing")
			}
			return args[i], nil
		}
		var err error
		switch {
		case args[i] == "--":
			r.targets = append(r.targets, args[i+1:]...)
			i = len(args)
		case args[i] == "--help" || args[i] == "-h":
			r.form = "--help"
			return nil
		case args[i] == "--installed":
			r.installed = true
		case args[i] == "--reverse":
			r.reverse, r.installed = true, true
		case slices.Contains([]form{asJSON, asDot, asSVG, asHTML}, form(args[i])):
			if r.form != asText && r.form != form(args[i]) {
				return r.wrong(fmt.Sprintf("%s and %s exclude each other", r.form, args[i]))
			}
			r.form = form(args[i])
		case name == "--class":
			var text string
			if text, err = take(); err == nil {
				r.classes, err = r.parseClasses(text)
			}
		case name == "--depth":
			var text string
			if text, err = take(); err == nil {
				if r.depth, err = strconv.Atoi(text); err != nil || r.depth < 0 {
					err = r.wrong(fmt.Sprintf("argument --depth: %q is no number from 0 on", text))
				}
			}
		case strings.HasPrefix(args[i], "-"):
			r.options = append(r.options, args[i])
		default:
			r.targets = append(r.targets, args[i])
		}
		if err != nil {
			return err
		}
	}
	if r.installed && len(r.options) > 0 {
		return r.wrong(fmt.Sprintf("%s is an option of a request, and what is installed is no request", r.options[0]))
	}
	return nil
}

func (r *request) parseClasses(text string) ([]plan.Class, error) {
	known := []plan.Class{plan.ClassDepend, plan.ClassBDepend, plan.ClassRDepend, plan.ClassPDepend, plan.ClassIDepend, plan.ClassSoname}
	var out []plan.Class
	for name := range strings.SplitSeq(text, ",") {
		class := plan.Class(strings.ToUpper(name))
		if at := slices.IndexFunc(known, func(c plan.Class) bool { return strings.EqualFold(string(c), name) }); at >= 0 {
			class = known[at]
		} else {
			return nil, r.wrong(fmt.Sprintf("argument --class: unknown class %q", name))
		}
		out = append(out, class)
	}
	return out, nil
}

func (r *request) wrong(msg string) error {
	return &cli.UsageError{Program: r.program, Usage: r.usage, Msg: msg}
}

// withGraph makes the graph and hands it to take.
func (r *request) withGraph(ctx context.Context, env *cli.Env, take func(*depgraph.Graph) error) error {
	if r.installed {
		return r.withInstalled(env, take)
	}
	inner := env.With("emerge", slices.Concat([]string{"--pretend", "--quiet"}, r.options, []string{"--"}, r.targets))
	inner.Out = env.Err
	return emerge.Answer(ctx, inner, func(a *emerge.Answered) error {
		for _, p := range a.Result.Problems {
			_, _ = fmt.Fprintf(env.Err, "%s: warning: %s\n", r.program, p) // a closed standard error cannot be told anything
		}
		if err := take(depgraph.FromResult(a.Result)); err != nil {
			return err
		}
		if !a.Result.Success {
			return fmt.Errorf("%s: the request cannot be met, and what is shown is not complete; emerge --pretend tells why", r.program)
		}
		return nil
	})
}

func (r *request) withInstalled(env *cli.Env, take func(*depgraph.Graph) error) (err error) {
	s, err := session.Open(&session.Options{Vars: env.Vars, Abs: env.Abs, CacheDir: session.CacheDir(env.Vars)}, time.Now())
	if err != nil {
		return fmt.Errorf("%s: %w", r.program, err)
	}
	defer func() {
		if cerr := s.Close(); err == nil && cerr != nil {
			_, _ = fmt.Fprintf(env.Err, "%s: warning: %s\n", r.program, cerr)
		}
	}()
	var in depgraph.Installed
	if in.Target, err = s.Target.Installed.All(); err != nil {
		return fmt.Errorf("%s: %w", r.program, err)
	}
	if s.Build != s.Target {
		if in.Build, err = s.Build.Installed.All(); err != nil {
			return fmt.Errorf("%s: %w", r.program, err)
		}
	}
	g, problems := depgraph.FromInstalled(in)
	for _, p := range problems {
		_, _ = fmt.Fprintf(env.Err, "%s: warning: %s\n", r.program, p)
	}
	return take(g)
}

// find gives the nodes that targets mean. In the graph of a request those are the
// arguments' packages. Sets are all that is asked for.
func (r *request) find(g *depgraph.Graph, targets []string) ([]int, error) {
	var out []int
	for _, t := range targets {
		if strings.HasPrefix(t, "@") || t == "world" || t == "system" {
			if r.installed {
				continue // everything that is installed
			}
			out = append(out, requested(g)...)
			continue
		}
		match, err := matcher(t)
		if err != nil {
			return nil, r.wrong(err.Error())
		}
		found := false
		for n := range g.Nodes {
			if match(&g.Nodes[n]) {
				out, found = append(out, n), true
			}
		}
		if !found && r.installed {
			return nil, fmt.Errorf("%s: nothing that is installed is %s", r.program, t)
		}
	}
	if !r.installed && len(out) == 0 {
		return requested(g), nil
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func requested(g *depgraph.Graph) []int {
	var out []int
	for n := range g.Nodes {
		if g.Nodes[n].Requested {
			out = append(out, n)
		}
	}
	return out
}

// matcher understands an atom, or a name without category.
func matcher(text string) (func(*depgraph.Node) bool, error) {
	if !strings.Contains(text, "/") {
		text = addCategory(text)
	}
	a, err := atoms.ParseAtom(text, atoms.AtomOptions{AllowWildcard: true, AllowRepo: true})
	if err != nil {
		return nil, err
	}
	if a.Blocker != atoms.BlockNone {
		return nil, errors.New("a blocker means no package: " + text)
	}
	return func(n *depgraph.Node) bool {
		cpv, err := atoms.ParseCPV(n.CPV)
		if err != nil {
			return false
		}
		slot, subslot, _ := strings.Cut(n.Slot, "/")
		if subslot == "" {
			subslot = slot
		}
		return a.Match(atoms.Candidate{CPV: cpv, Slot: slot, Subslot: subslot, Repo: n.Repo, BuildID: -1})
	}, nil
}

// addCategory puts "*/" before the name, after an operator.
func addCategory(text string) string {
	at := strings.IndexFunc(text, func(c rune) bool { return !strings.ContainsRune("<>=~!", c) })
	return text[:max(at, 0)] + "*/" + text[max(at, 0):]
}

// show writes the graph in its form.
func (r *request) show(w io.Writer, g *depgraph.Graph) error {
	switch r.form {
	case asJSON:
		return writeJSON(w, r, g)
	case asDot:
		return writeDot(w, g)
	case asSVG:
		return writeSVG(w, g)
	case asHTML:
		return writePage(w, r, g)
	default:
		return writeText(w, r, g)
	}
}
