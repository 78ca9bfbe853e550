package equery

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
)

func depgraphModule() *module {
	return &module{
		name: "depgraph", letter: "g", shown: "dep(g)raph", about: "display a tree of all dependencies for PKG",
		doc: "Display a direct dependency graph for a given package", arg: "pkgspec",
		note: "Default depth is set to 1 (direct only). Use --depth=0 for no max.",
		options: [][2]string{
			{" -A, --no-atom", "do not show dependency atom"},
			{" -M, --no-mask", "do not show masking status"},
			{" -U, --no-useflags", "do not show USE flags"},
			{" -l, --linear", "do not format the graph by indenting dependencies"},
			{"     --depth=N", "limit dependency graph to specified depth"},
		},
		spec: getopt.Spec{Short: "hAMUl", Long: []string{"help", "no-atom", "no-useflags", "no-mask", "depth=", "linear"}},
		kind: dependenciesKind, run: depgraph,
	}
}

// dependenciesKind is the document of depgraph.
var dependenciesKind = answer.NewKind[dependenciesDocument]("tumpline.equery-dependencies", "1.0.0", "what packages depend on, as far as a depth")

type dependenciesDocument struct {
	answer.Head
	Packages []dependenciesObject `json:"packages" jsonschema:"that the queries mean"`
}

type dependenciesObject struct {
	CPV          string             `json:"cpv" jsonschema:"CATEGORY/PF"`
	Dependencies []dependencyObject `json:"dependencies" jsonschema:"each after what needs it; a package that several need comes once"`
}

type dependencyObject struct {
	CPV   string `json:"cpv" jsonschema:"CATEGORY/PF of the best version"`
	Depth int    `json:"depth" jsonschema:"1 for what the package itself needs"`
	Atom  string `json:"atom"`
}

// grapher is a call of depgraph.
type grapher struct {
	*call
	system                           *gentoolkit.System
	depth                            int // 0: no limit
	noAtom, noMask, noFlags, noNests bool
}

// branch is one package of a graph.
type branch struct {
	p     *gentoolkit.Package
	dep   *gentoolkit.Dependency // nil: of the package itself
	depth int
}

func depgraph(c *call, options []getopt.Option, queries []string) error {
	g := &grapher{call: c, depth: 1}
	for _, o := range options {
		switch o.Name {
		case "-A", "--no-atom":
			g.noAtom = true
		case "-U", "--no-useflags":
			g.noFlags = true
		case "-M", "--no-mask":
			g.noMask = true
		case "-l", "--linear":
			g.noNests = true
		case "--depth":
			n, err := strconv.Atoi(o.Value)
			if err != nil || n < 0 {
				msg := fmt.Sprintf("Module option --depth requires integer (got '%s')", o.Value)
				c.error(msg)
				return c.misused(msg)
			}
			g.depth = n
		}
	}
	if !c.verbose {
		g.noAtom, g.noMask, g.noFlags, g.noNests = true, true, true, true
	}
	if len(queries) == 0 {
		return c.none()
	}
	var err error
	if g.system, err = c.open(); err != nil {
		return err
	}
	d := &dependenciesDocument{Packages: []dependenciesObject{}}
	for i, text := range queries {
		c.separate(i)
		q, err := gentoolkit.ParseQuery(text)
		if err != nil {
			return err
		}
		c.announce(q)
		matches, err := g.system.Find(q, gentoolkit.Scope{Installed: true, Tree: true, Overlay: true})
		if err != nil {
			return err
		}
		for _, p := range matches {
			o, err := g.graph(p)
			if err != nil {
				return err
			}
			d.Packages = append(d.Packages, o)
		}
	}
	if c.data {
		return dependenciesKind.Write(c.env.Out, d)
	}
	return nil
}

// graph shows the dependencies of one package.
func (g *grapher) graph(p *gentoolkit.Package) (dependenciesObject, error) {
	w := &graphWalk{system: g.system, limit: g.depth, seen: map[*gentoolkit.Package]bool{}, asked: map[string]bool{}}
	if err := w.walk(p, 1); err != nil {
		return dependenciesObject{}, err
	}
	o := dependenciesObject{CPV: p.CPV, Dependencies: []dependencyObject{}}
	deepest := 0
	for _, b := range w.found {
		o.Dependencies = append(o.Dependencies, dependencyObject{CPV: b.p.CPV, Depth: b.depth, Atom: b.dep.Atom.String()})
		deepest = max(deepest, b.depth)
	}
	if g.data {
		return o, nil
	}
	s := g.style
	g.out.Print("")
	if g.verbose {
		g.out.Line(" * " + s.Section("dependency graph for ") + s.CPV(p.CPV))
	} else {
		g.out.Line(p.CPV + ":")
	}
	g.show(branch{p: p})
	for _, b := range w.found {
		g.show(b)
	}
	if g.verbose {
		g.out.Line(fmt.Sprintf("[ %s stats: packages (%s), max depth (%s) ]", s.CPV(p.CPV),
			s.Number(strconv.Itoa(len(w.found)+1)), s.Number(strconv.Itoa(deepest))))
	}
	return o, nil
}

func (g *grapher) show(b branch) {
	indent, decoration := " "+strings.Repeat(" ", b.depth), "`-- "
	if g.noNests || b.dep == nil {
		indent = ""
	}
	if g.noNests {
		decoration = fmt.Sprintf("[%3d] ", b.depth)
	}
	atom, use, mask := "", "", ""
	if !g.noAtom && b.dep != nil {
		atom = " (" + gentoolkit.AtomText(b.dep.Atom) + ")"
	}
	if !g.noFlags && b.dep != nil && len(b.dep.Atom.USE) > 0 {
		words := useTokens(b.dep.Atom)
		for i, w := range words {
			words[i] = g.style.Flag(w, true)
		}
		use = " [" + strings.Join(words, " ") + "]"
	}
	if !g.noMask {
		mask = b.p.MaskText(g.style)
	}
	g.out.Line(strings.Join([]string{indent, decoration, g.style.CPV(b.p.CPV), atom, mask, use}, " "))
}

// graphWalk follows dependencies, each atom and each package once.
type graphWalk struct {
	system *gentoolkit.System
	limit  int // of depth; 0: none
	seen   map[*gentoolkit.Package]bool
	asked  map[string]bool
	found  []branch
}

func (w *graphWalk) walk(p *gentoolkit.Package, depth int) error {
	for _, dep := range dependencies(p) {
		text := dep.Atom.String()
		if w.asked[text] {
			continue
		}
		w.asked[text] = true
		q, err := w.system.Best(text)
		if err != nil {
			return err
		}
		if q == nil || w.seen[q] || w.limit > 0 && depth > w.limit {
			continue
		}
		w.found = append(w.found, branch{p: q, dep: &dep, depth: depth})
		w.seen[q] = true
		if depth < w.limit || w.limit == 0 {
			if err := w.walk(q, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}
