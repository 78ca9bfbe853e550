package render

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/resolver/plan"
)

// A list is the merge list while it is written.
type list struct {
	o       *Options
	graph   *Graph
	totals  totals
	fetched map[string]bool // names of files that are counted already
	expand  map[*Root]*expansion
	repos   repoLegend
	rows    []row
	open    []string   // lines of unsatisfied blockers
	help    []*Package // whose files must be fetched by hand
}

// A row is a line whose last part depends on the rows after it.
type row struct {
	text string
	repo string // of --quiet-repo-display
}

// An entry is an item at its place in the list.
type entry struct {
	item    Item
	depth   int
	ordered bool // false for the fillers of trees
}

// listText returns the list with its totals as emerge prints it.
func (o *Options) listText(items []Item, graph *Graph) string {
	l := &list{o: o, graph: graph, fetched: map[string]bool{}, expand: map[*Root]*expansion{}}
	if o.Tree {
		items = slices.Clone(items)
		slices.Reverse(items)
	}
	for _, e := range l.arrange(items) {
		switch item := e.item.(type) {
		case *Blocker:
			l.blocker(item, strings.Repeat(" ", e.depth))
		case *Package:
			l.pkg(&line{item, o, e.ordered, strings.Repeat(" ", e.depth)})
		}
	}
	return l.text()
}

// arrange counts the blockers and puts those that stay to the end.
func (l *list) arrange(items []Item) []entry {
	var first []Item
	var last []entry
	for _, item := range items {
		b, ok := item.(*Blocker)
		if ok {
			l.totals.blocks++
		}
		if ok && !b.Satisfied {
			last = append(last, entry{item, 0, true})
			continue
		}
		if ok {
			l.totals.satisfied++
		}
		first = append(first, item)
	}
	if l.o.Tree && l.graph != nil {
		return append(newTree(l.graph).arrange(first, l.o.UnorderedTree), last...)
	}
	entries := make([]entry, 0, len(items))
	for _, item := range first {
		entries = append(entries, entry{item, 0, true})
	}
	return append(entries, last...)
}

// pkg adds the line of a package.
func (l *list) pkg(ln *line) {
	l.totals.count(ln)
	if ln.restricted() && ln.Fetch == plan.FetchMissing && !slices.Contains(l.help, ln.Package) {
		l.help = append(l.help, ln.Package)
	}
	more, repo := l.o.useParts(ln.Package, l.expansion(ln.Root)), ""
	if l.o.verbosity() == verbose {
		more += l.size(ln)
		repo = l.repo(ln)
	}
	text := ln.head()
	if l.o.Columns && ln.Operation == Unmerge {
		return
	}
	if more != "" && !(l.o.Columns && l.o.Quiet) {
		text += " " + more
	}
	l.rows = append(l.rows, row{text, repo})
}

// expansion returns the variables of a root, lower case made once.
func (l *list) expansion(r *Root) *expansion {
	e := l.expand[r]
	if e == nil {
		e = r.expansion()
		l.expand[r] = e
	}
	return e
}

// size returns the size of what the line still has to fetch and adds it to the totals.
func (l *list) size(ln *line) string {
	if !ln.merging() || ln.Origin == plan.OriginInstalled {
		return ""
	}
	var bytes int64
	for _, f := range ln.Files {
		if !l.fetched[f.Name] {
			l.fetched[f.Name] = true
			bytes += max(f.Bytes, 0)
		}
	}
	l.totals.bytes += bytes
	return l.o.size(bytes)
}

// blocker adds the line of a blocker (O55).
func (l *list) blocker(b *Blocker, indent string) {
	style, letter, sort := "PKG_BLOCKER", "B", "soft"
	if b.Satisfied {
		style, letter = "PKG_BLOCKER_SATISFIED", "b"
	}
	if b.Strong {
		sort = "hard"
	}
	atom := b.Expanded
	if atom == "" {
		atom = b.Atom
	}
	s := l.o.paint(style, letter) + "     "
	if l.o.verbosity() > quiet {
		s += " "
	}
	if l.o.Columns && l.o.Quiet {
		s += " " + l.o.paint(style, atom)
	} else {
		s = "[" + l.o.paint(style, "blocks") + " " + s + "] " + indent + l.o.paint(style, atom)
	}
	s += l.o.paint(style, ` ("`+b.Atom+`" is `+sort+" blocking "+strings.Join(b.names(), ", ")+")")
	switch {
	case !b.Satisfied:
		l.open = append(l.open, s)
	case !l.o.Columns:
		l.rows = append(l.rows, row{text: s})
	}
}

// names returns the cpvs of the packages that declare the blocker, each once.
func (b *Blocker) names() []string {
	var names []string
	for _, p := range b.Blocking {
		if !slices.Contains(names, p.CPV()) {
			names = append(names, p.CPV())
		}
	}
	return names
}

// text joins everything.
func (l *list) text() string {
	var b strings.Builder
	for _, r := range l.rows {
		b.WriteString(r.text)
		if r.repo != "" && l.repos.shown {
			b.WriteString(" " + l.o.paint("teal", "["+r.repo+"]"))
		}
		b.WriteByte('\n')
	}
	for _, s := range l.open {
		b.WriteString(s + "\n")
	}
	if l.o.verbosity() == verbose {
		b.WriteString("\n" + l.totals.text(l.o) + "\n" + l.repos.text(l.o))
	}
	for _, p := range l.help {
		b.WriteString("\nFetch instructions for " + p.CPV() + ":\n" + p.FetchHelp)
	}
	return b.String()
}
