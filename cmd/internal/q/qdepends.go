package q

import (
	"context"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/q/deptext"
	"github.com/tumpline/tumpline/cmd/internal/q/loose"
	"github.com/tumpline/tumpline/cmd/internal/q/settings"
	"github.com/tumpline/tumpline/cmd/internal/q/tree"
)

func qdepends() applet {
	return applet{name: "qdepends", args: "<pkgname>", about: "show dependency info", kind: Dependencies, run: runDepends, options: []option{
		{letter: 'd', name: "depend", about: "Show DEPEND info"},
		{letter: 'r', name: "rdepend", about: "Show RDEPEND info"},
		{letter: 'p', name: "pdepend", about: "Show PDEPEND info"},
		{letter: 'b', name: "bdepend", about: "Show BDEPEND info"},
		{letter: 'I', name: "idepend", about: "Show IDEPEND info"},
		{letter: 'Q', name: "query", about: "Query reverse deps"},
		{letter: 'i', name: "installed", about: "Search installed packages using VDB"},
		{letter: 't', name: "tree", about: "Search available ebuilds in the tree"},
		{letter: 'U', name: "use", about: "Apply profile USE-flags to conditional deps"},
		formatOption(),
		{letter: 'S', name: "pretty", about: "Pretty format specified depend strings"},
		{letter: 'R', name: "resolve", about: "Resolve found dependencies to package versions"},
	}}
}

// A depender is one run of qdepends.
type depender struct {
	*call
	classes []string // which variables
	reverse bool
	format  string
	asked   []*loose.Atom
	store   *tree.Tree // where -R looks packages up; nil: nowhere
	vdb     *tree.Tree // of a verbose run over a repository, to mark what is in use
	matched bool
	out     []depending
}

func runDepends(_ context.Context, c *call) error {
	if c.has("pretty") {
		return c.pretty()
	}
	if len(c.args) == 0 {
		return c.usage()
	}
	d := &depender{call: c, reverse: c.has("query"), format: "%[CATEGORY]%[PF]", asked: c.atoms()}
	if format, ok := c.last("format"); ok {
		d.format = format
	}
	every := []string{"DEPEND", "RDEPEND", "PDEPEND", "BDEPEND", "IDEPEND"}
	for _, class := range every {
		if c.has(strings.ToLower(class)) {
			d.classes = append(d.classes, class)
		}
	}
	if len(d.classes) == 0 {
		d.classes = every
	}
	inTree := c.has("tree")
	if inTree && c.has("installed") {
		c.warn("-i and -t cannot be used together, dropping -i")
	}
	var stores []*tree.Tree
	if inTree {
		stores = c.repos()
		if c.verbose > 0 {
			d.vdb = c.installed()
		}
	} else if t := c.installed(); t != nil {
		stores = append(stores, t)
	} else {
		d.matched = true // told already
	}
	for _, t := range stores {
		if c.has("resolve") {
			d.store = t
		}
		queries := d.asked
		if d.reverse {
			queries = nil
		}
		for _, p := range c.each(t, queries) {
			d.show(p)
		}
	}
	if c.json {
		if err := c.dependenciesAsData(d); err != nil {
			return err
		}
	} else if !d.matched {
		c.warn("no matches found for your query")
	}
	return ended(d.matched)
}

// pretty prints the arguments as dependency strings.
func (c *call) pretty() error {
	for i, arg := range c.args {
		nodes, err := deptext.Parse(arg)
		if err != nil {
			c.warn("%s", err)
			c.warn("DEPEND: %s", arg)
			return ended(false)
		}
		if i > 0 {
			c.printf("\n")
		}
		if c.quiet == 0 {
			c.printf("DEPEND=\"\n")
		}
		deptext.Write(c.env.Out, nodes, 1, &deptext.Style{Kinds: c.verbose > 1})
		if c.quiet == 0 {
			c.printf("\"\n")
		}
	}
	return nil
}

// A classDeps is one variable of a package, parsed.
type classDeps struct {
	class string
	nodes []*deptext.Node
	used  []*loose.Atom // what counts of it
	hits  []*loose.Atom // what of that is asked for, in a reverse query
}

// show prints what one package has to say.
func (d *depender) show(p *tree.Package) {
	var all []classDeps
	hit := false
	for _, class := range d.classes {
		if cd, ok := d.read(p, class); ok {
			all = append(all, cd)
			hit = hit || len(cd.hits) > 0
		}
	}
	if d.reverse && !hit {
		return
	}
	d.matched = true
	switch {
	case d.json:
		d.out = append(d.out, d.dataOf(p, all))
		return
	case d.verbose > 0:
		d.showTrees(p, all)
		return
	}
	// Each dependency once, in the order of portage-utils' table; it walks that backwards.
	words := &settings.Words{}
	for _, cd := range all {
		for _, a := range cd.used {
			switch {
			case !d.reverse:
				words.Add(a.String())
			case slices.Contains(cd.hits, a):
				if d.quiet < 2 {
					words.Add(d.col.Red + a.String() + d.col.Norm)
				}
			case d.quiet == 0:
				words.Add(a.String())
			}
		}
	}
	d.printf("%s", d.call.format(d.format, p.Full()))
	if !d.reverse || d.quiet < 2 {
		d.printf(":")
	}
	for _, word := range slices.Backward(words.List()) {
		d.printf(" %s", word)
	}
	d.printf("\n")
}

// read parses one variable. ok is false if the package has none, or none that can be
// understood, which is told.
func (d *depender) read(p *tree.Package, class string) (cd classDeps, ok bool) {
	text, ok := p.Get(class)
	if !ok {
		return cd, false
	}
	nodes, err := deptext.Parse(text)
	if err != nil {
		d.warn("failed to parse depstring from %s: %s", p.Atom(), err)
		return cd, false
	}
	if d.store != nil {
		deptext.Walk(nodes, d.resolve)
	}
	if d.has("use") {
		nodes = deptext.Prune(nodes, func(flag string) bool { return d.conf.Enabled("USE", flag) })
	}
	cd = classDeps{class: class, nodes: nodes}
	deptext.Walk(nodes, func(n *deptext.Node) {
		cd.used = append(cd.used, n.Atom)
		if d.reverse && d.asks(n.Atom) {
			cd.hits = append(cd.hits, n.Atom)
		}
	})
	return cd, true
}

// asks says if a dependency is one of those in a reverse query.
func (d *depender) asks(a *loose.Atom) bool {
	return slices.ContainsFunc(d.asked, func(query *loose.Atom) bool { return loose.Matches(a, query) })
}

// resolve puts the newest package that an atom wants in its place.
func (d *depender) resolve(n *deptext.Node) {
	if n.Atom.Blocker != loose.BlockNone {
		return // it wants none
	}
	if found := d.packages(d.store, n.Atom); len(found) > 0 {
		n.Atom, n.Resolved = found[0].For(n.Atom), true
	}
}

// showTrees prints the variables as they are nested.
func (d *depender) showTrees(p *tree.Package, all []classDeps) {
	d.printf("%s:", d.call.format(d.format, p.Full()))
	for _, cd := range all {
		style := &deptext.Style{Kinds: d.verbose > 1, On: d.col.Green, Off: d.col.Norm}
		marked := cd.used
		switch {
		case d.reverse && len(cd.hits) == 0:
			continue
		case d.reverse:
			style.Highlight, style.On = d.asks, d.col.Red
		default:
			if d.vdb != nil {
				marked = d.installedDeps(p, cd.class)
			}
			style.Highlight = func(a *loose.Atom) bool {
				return slices.ContainsFunc(marked, func(m *loose.Atom) bool { return loose.Matches(a, m) })
			}
		}
		d.printf("\n%s=\"\n", cd.class)
		deptext.Write(d.env.Out, cd.nodes, 1, style)
		d.printf("\"")
	}
	d.printf("\n")
}

// installedDeps are the dependencies that the installed package of the same version has.
func (d *depender) installedDeps(p *tree.Package, class string) []*loose.Atom {
	var out []*loose.Atom
	query := loose.Parse("=" + p.Name)
	for _, q := range d.packages(d.vdb, query) {
		text, _ := q.Get(class)
		if nodes, err := deptext.Parse(text); err == nil {
			deptext.Walk(nodes, func(n *deptext.Node) { out = append(out, n.Atom) })
		}
	}
	return out
}
