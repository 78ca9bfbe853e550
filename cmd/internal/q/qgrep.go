package q

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/q/loose"
	"github.com/tumpline/tumpline/cmd/internal/q/tree"
)

func qgrep() applet {
	return applet{name: "qgrep", args: "<expr> [pkg ...]", about: "grep in ebuilds", run: runGrep, options: []option{
		{letter: 'I', name: "invert-match", about: "Select non-matching lines"},
		{letter: 'i', name: "ignore-case", about: "Ignore case distinctions"},
		{letter: 'N', name: "atom-name", about: "Print the atom instead of filename for each match"},
		{letter: 'c', name: "count", about: "Only print a count of matching lines per FILE"},
		{letter: 'l', name: "list", about: "Only print FILE names containing matches"},
		{letter: 'L', name: "invert-list", about: "Only print FILE names containing no match"},
		{letter: 'e', name: "regexp", about: "Use PATTERN as a regular expression"},
		{letter: 'x', name: "extended", about: "Use PATTERN as an extended regular expression"},
		{letter: 'J', name: "installed", about: "Search in installed ebuilds instead of the tree"},
		{letter: 'E', name: "eclass", about: "Search in eclasses instead of ebuilds"},
		{letter: 's', name: "skip-comments", about: "Skip comments lines"},
		{letter: 'R', name: "repo", about: "Print source repository name for each match (implies -N)"},
		{letter: 'S', name: "skip=", about: "Skip lines matching <arg>"},
		{letter: 'B', name: "before=", about: "Print <arg> lines of leading context"},
		{letter: 'A', name: "after=", about: "Print <arg> lines of trailing context"},
	}}
}

// A grepper is one run of qgrep.
type grepper struct {
	*call
	search, skip  *regexp.Regexp // skip may be nil
	before, after int
	names, files  bool // what is printed before lines
	count, list   bool
	inverted      bool // list files without a match
	only          []*loose.Atom
	matched       bool
}

func runGrep(_ context.Context, c *call) error {
	if len(c.args) == 0 {
		return c.usage()
	}
	g := &grepper{call: c, count: c.has("count"), inverted: c.has("invert-list")}
	g.list = c.has("list") || g.inverted
	g.names = (c.has("atom-name") || c.has("repo")) && c.quiet == 0
	g.files = !g.names && (c.quiet == 0 || c.verbose > 0 || g.list)
	for _, arg := range c.args[1:] {
		g.only = append(g.only, loose.Parse(arg))
	}
	if err := g.context(); err != nil {
		return err
	}
	var err error
	if g.search, err = g.compile(c.args[0]); err != nil {
		return err
	}
	if text, ok := c.last("skip"); ok {
		if g.skip, err = g.compile(text); err != nil {
			return err
		}
	}
	switch {
	case c.has("eclass") && !c.has("installed"):
		g.eclasses()
	case c.has("installed"):
		if c.has("eclass") {
			c.warn("--installed and --eclass are incompatible options. The former wins.")
		}
		if t := c.installed(); t != nil {
			g.ebuilds(t)
		}
	default:
		for _, t := range c.repos() {
			g.ebuilds(t)
		}
	}
	return ended(g.matched)
}

// context reads how many lines are shown around a match.
func (g *grepper) context() error {
	for _, o := range []struct {
		name string
		to   *int
	}{{"before", &g.before}, {"after", &g.after}} {
		text, ok := g.last(o.name)
		if !ok {
			continue
		}
		n, err := strconv.Atoi(text)
		switch {
		case err != nil:
			return g.fail("%s: not a valid integer", text)
		case n < 0 || n > 254:
			return g.fail("%s: silly value!", text)
		case g.list || g.count:
			g.warn("--list and --count show no context: --%s has no effect.", o.name)
			continue
		}
		*o.to = n
	}
	if g.list && g.count {
		g.warn("--list and --count are incompatible options. The former wins.")
		g.count = false
	}
	return nil
}

// compile compiles a pattern in the form that the options say.
func (g *grepper) compile(text string) (*regexp.Regexp, error) {
	expression := regexp.QuoteMeta(text)
	switch {
	case g.has("extended"):
		expression = fromExtended(text)
	case g.has("regexp"):
		expression = fromExtended(fromBasic(text))
	}
	if g.has("ignore-case") {
		expression = "(?i)" + expression
	}
	re, err := regexp.Compile(expression)
	if err != nil {
		return nil, g.fail("invalid regexp: %s -- %s", text, err)
	}
	return re, nil
}

// ebuilds searches the ebuilds of a store, in the repository or as they were installed.
func (g *grepper) ebuilds(t *tree.Tree) {
	for _, p := range g.packages(t, nil) {
		if len(g.only) > 0 && !slices.ContainsFunc(g.only, p.Matches) {
			continue
		}
		a := p.Atom()
		name := a.Category + "/" + a.PN + "/" + a.PF + ".ebuild"
		path := filepath.Join(t.Location, name)
		if t.Kind == tree.Installed {
			path = filepath.Join(p.Path(), a.PF+".ebuild")
		}
		label := ""
		switch {
		case g.names:
			label = g.format("%[CATEGORY]%[PF]%[REPO]", g.named(p))
		case g.files:
			label = name
		}
		g.file(path, label)
	}
}

// named is a package's name, with its repository if that is shown.
func (g *grepper) named(p *tree.Package) *loose.Atom {
	if !g.has("repo") {
		return p.Atom()
	}
	a := *p.Full()
	a.Slot, a.Subslot = "", ""
	return &a
}

// eclasses searches the eclasses of repositories. Arguments are beginnings of names.
func (g *grepper) eclasses() {
	for _, r := range g.conf.Repos {
		dir := filepath.Join(g.conf.Root(), r.Location, "eclass")
		entries, _ := os.ReadDir(dir) // a repository need not have eclasses
		for _, e := range entries {
			stem, ok := strings.CutSuffix(e.Name(), ".eclass")
			if !ok || len(g.only) > 0 && !slices.ContainsFunc(g.only, func(a *loose.Atom) bool { return strings.HasPrefix(stem, a.PN) }) {
				continue
			}
			label := ""
			switch {
			case g.names:
				label = g.col.Blue + stem + g.col.Norm
			case g.files:
				label = "eclass/" + e.Name()
			}
			g.file(filepath.Join(dir, e.Name()), label)
		}
	}
}

// A line of a file, with its number.
type line struct {
	number int
	text   string
}

// file searches one file. One that is not there has no match.
func (g *grepper) file(path, label string) {
	f, err := os.Open(path)
	if err != nil {
		return
	}
	defer f.Close() // only read
	count, trailing, gap := 0, 0, 0
	var earlier []line
	perFile := g.count || g.list && (g.verbose == 0 || g.inverted)
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		l := line{n, strings.TrimRight(lines.Text(), "\r")}
		if !g.hit(l.text) {
			switch {
			case trailing > 0:
				g.show(label, l, '-')
				trailing--
				continue
			case count > 0:
				gap++
			}
			if earlier = append(earlier, l); len(earlier) > g.before {
				earlier = earlier[1:]
			}
			continue
		}
		count++
		if perFile {
			continue
		}
		if gap > g.before && count > 1 && (g.before > 0 || g.after > 0) {
			g.printf("--\n")
		}
		gap = 0
		for _, e := range earlier {
			g.show(label, e, '-')
		}
		earlier = nil
		g.show(label, l, ':')
		trailing = g.after
	}
	g.matched = g.matched || count > 0
	switch {
	case !perFile:
	case g.count && count > 0 && label != "":
		g.printf("%s:%d\n", label, count)
	case g.count && count > 0:
		g.printf("%d\n", count)
	case g.list && (count > 0) != g.inverted:
		g.printf("%s\n", label)
	}
}

// hit says if a line is one that is looked for.
func (g *grepper) hit(text string) bool {
	if g.has("skip-comments") && strings.HasPrefix(strings.TrimLeft(text, " \t"), "#") || g.skip != nil && g.skip.MatchString(text) {
		return false
	}
	return g.search.MatchString(text) != g.has("invert-match")
}

// show prints a line; mark tells a match from what is around it.
func (g *grepper) show(label string, l line, mark byte) {
	if g.verbose > 1 && label != "" {
		label += fmt.Sprintf(":%d", l.number)
	}
	switch {
	case g.list:
		g.printf("%s\n", label)
		return
	case label != "":
		g.printf("%s%c", label, mark)
	}
	text := l.text
	if mark == ':' && g.col.Red != "" && !g.has("invert-match") {
		text = g.search.ReplaceAllStringFunc(text, func(m string) string {
			if m == "" {
				return m
			}
			return g.col.Red + m + g.col.Norm
		})
	}
	g.printf("%s\n", text)
}
