package complete

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/q/loose"
	"github.com/tumpline/tumpline/cmd/internal/q/settings"
	"github.com/tumpline/tumpline/cmd/internal/q/tree"
)

// A source is where names of packages come from.
type source uint8

const (
	repositories source = 1 << iota
	installed
)

// sourceOf says which packages the arguments of a command are; 0: they are none.
func sourceOf(command string, words []string) source {
	has := func(options ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(options, w) })
	}
	switch command {
	case "emerge":
		if has("-C", "--unmerge", "-c", "--depclean", "-P", "--prune", "--deselect", "-W", "--rage-clean") {
			return installed
		}
		return repositories
	case "build", "cycles", "qwhich", "qsearch", "qkeyword", "qgrep", "eshowkw", "egencache", "regen":
		return repositories
	case "graph", "why", "diff":
		return repositories | installed
	case "qlist", "qdepends":
		if has("-t", "--tree") {
			return repositories
		}
		return installed
	case "qcheck", "qsize", "qpkg", "quickpkg":
		return installed
	case "equery":
		if has("which", "w", "keywords", "y", "meta", "m", "depgraph", "g", "uses", "u") {
			return repositories
		}
		return installed
	}
	return 0
}

// arguments offers what may be an argument of a command.
func (c *completer) arguments(ctx context.Context, command *Command, words []string) {
	c.conf = settings.Read(settings.Options{Vars: c.env.Vars, Dir: c.env.Dir})
	var plain []string
	for _, w := range words {
		if !strings.HasPrefix(w, "-") {
			plain = append(plain, w)
		}
	}
	fixed := map[string]string{
		"completion": "bash zsh fish", "profile": "list show set", "eselect": "profile", "board": "setup list show remove",
		"enalyze": "analyze rebuild",
		"equery":  "belongs check depends depgraph files has hasuse keywords list meta size uses which",
	}
	switch {
	case len(plain) == 0 && fixed[command.Name] != "":
		for _, word := range strings.Fields(fixed[command.Name]) {
			c.offer(word, "")
		}
		return
	case command.Name == "schema":
		for line := range strings.Lines(c.output(ctx, command)) {
			if f := strings.Fields(line); len(f) > 2 {
				c.offer(f[0], strings.Join(f[2:], " "))
			}
		}
		return
	case command.Name == "quse", command.Name == "equery" && slices.Contains([]string{"hasuse", "h"}, first(plain)):
		c.flags()
		return
	}
	from := sourceOf(command.Name, words)
	if from == 0 || command.Name == "equery" && slices.Contains([]string{"belongs", "b"}, first(plain)) {
		c.files = true
		return
	}
	c.packages(from)
}

func first(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// packages offers names of packages: the current word may have an operator before, and
// the beginning of a list of flags after them.
func (c *completer) packages(from source) {
	if strings.HasPrefix(c.current, "@") {
		c.sets()
		return
	}
	operator := c.current[:len(c.current)-len(strings.TrimLeft(c.current, "!<>=~"))]
	name := c.current[len(operator):]
	if at := strings.LastIndexByte(name, '['); at >= 0 {
		c.flagsOf(c.current[:len(operator)+at], name[at+1:])
		return
	}
	category, rest, inCategory := strings.Cut(name, "/")
	for _, dir := range c.categories(from) {
		switch {
		case inCategory && dir.name == category:
			for _, pkg := range dir.packages(operator != "" && operator != "!") {
				if strings.HasPrefix(pkg, rest) {
					c.offer(operator+category+"/"+pkg, "")
				}
			}
		case !inCategory && strings.HasPrefix(dir.name, name):
			c.offer(operator+dir.name+"/", "")
		}
	}
	c.noSpace = !inCategory && len(c.found) > 0
	if inCategory || operator != "" || len(name) < 2 {
		return
	}
	for _, dir := range c.categories(from) {
		for _, pkg := range dir.packages(false) {
			if strings.HasPrefix(pkg, name) {
				c.offer(pkg, dir.name)
				c.noSpace = false
			}
		}
	}
}

// sets offers the sets that are there always, and the user's.
func (c *completer) sets() {
	for _, name := range []string{"world", "system", "selected", "profile", "installed", "preserved-rebuild", "live-rebuild", "module-rebuild"} {
		c.offer("@"+name, "")
	}
	entries, _ := os.ReadDir(c.env.Vars["PORTAGE_CONFIGROOT"] + "/etc/portage/sets") // there need not be any
	for _, e := range entries {
		c.offer("@"+e.Name(), "")
	}
}

// A category is a folder of packages.
type category struct {
	name string
	dir  string // of a repository, or of the database of installed packages
	from source
}

// categories lists the folders of categories. Those of repositories are looked for
// where repos.conf says, whatever ROOT is.
func (c *completer) categories(from source) []category {
	var out []category
	add := func(dir string, s source) {
		entries, _ := os.ReadDir(dir) // what cannot be read offers nothing
		for _, e := range entries {
			if n := e.Name(); e.IsDir() && n[0] != '.' && (strings.Contains(n, "-") || n == "virtual") {
				out = append(out, category{n, dir, s})
			}
		}
	}
	if from&repositories != 0 {
		for _, r := range c.conf.Repos {
			add(r.Location, repositories)
		}
	}
	if from&installed != 0 {
		add(filepath.Join(c.conf.Root(), c.conf.Get("Q_VDB")), installed)
	}
	return out
}

// packages lists the names in a category, with versions if that is wanted.
func (d *category) packages(versions bool) []string {
	var out []string
	if versions && d.from == repositories {
		for _, p := range inRepo(d.dir, &loose.Atom{HasCategory: true, Category: d.name}) {
			out = append(out, p.Atom().PF)
		}
		return out
	}
	entries, _ := os.ReadDir(filepath.Join(d.dir, d.name)) // what cannot be read offers nothing
	for _, e := range entries {
		switch n := e.Name(); {
		case n[0] == '.' || n[0] == '-' || n == "metadata.xml":
		case d.from == installed && !versions:
			out = append(out, loose.Parse(n).PN)
		default:
			out = append(out, n)
		}
	}
	return out
}

// inRepo lists the ebuilds of a repository that a query wants.
func inRepo(location string, query *loose.Atom) []*tree.Package {
	t, err := tree.OpenRepo("/", location)
	if err != nil {
		return nil
	}
	out, err := t.Packages(query)
	if err != nil {
		return nil
	}
	return out
}

// flagsOf offers the flags of a package, after a comma and a sign if they are there.
func (c *completer) flagsOf(atom, list string) {
	at := strings.LastIndexByte(list, ',') + 1
	word := strings.TrimLeft(list[at:], "-!")
	stem := atom + "[" + list[:len(list)-len(word)]
	a := loose.Parse(atom)
	query := &loose.Atom{HasCategory: a.HasCategory, Category: a.Category, HasName: true, PN: a.PN}
	for _, r := range c.conf.Repos {
		for _, p := range inRepo(r.Location, query) {
			flags, _ := p.Get("IUSE") // a package may have none
			for _, flag := range strings.Fields(flags) {
				c.offer(stem+strings.TrimLeft(flag, "+-"), "")
			}
		}
	}
	c.noSpace = true
}

// flags offers the flags that repositories describe.
func (c *completer) flags() {
	for _, r := range c.conf.Repos {
		for _, name := range []string{"use.desc", "use.local.desc"} {
			f, err := os.Open(filepath.Join(r.Location, "profiles", name))
			if err != nil {
				continue // not every repository has flags of its own
			}
			for lines := bufio.NewScanner(f); lines.Scan(); {
				flag, about, ok := strings.Cut(lines.Text(), " - ")
				flag = flag[strings.LastIndexByte(flag, ':')+1:]
				if ok && !strings.HasPrefix(flag, "#") {
					c.offer(flag, about)
				}
			}
			_ = f.Close() // only read
		}
	}
}
