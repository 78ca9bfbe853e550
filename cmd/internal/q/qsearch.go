package q

import (
	"context"
	"regexp"

	"github.com/tumpline/tumpline/cmd/internal/q/tree"
)

func qsearch() applet {
	return applet{name: "qsearch", args: "<regex>", about: "search pkgname/desc", kind: Ebuilds, run: runSearch, options: []option{
		{letter: 'a', name: "all", about: "List the descriptions of every package in the cache"},
		{letter: 's', name: "search", about: "Regex search package basenames"},
		{letter: 'S', name: "desc=", about: "Regex search package descriptions (or homepage when using -H)", bare: true},
		{letter: 'N', name: "name-only", about: "Only show package name"},
		{letter: 'H', name: "homepage", about: "Show homepage info instead of description"},
		{letter: 'R', name: "repo", about: "Show repository the ebuild originates from"},
		formatOption(),
	}}
}

func runSearch(_ context.Context, c *call) error {
	pattern, _ := c.last("desc") // --desc takes one, -S does not
	switch {
	case c.has("all"):
		pattern = ".*"
	case len(c.args) > 0:
		pattern = c.args[0]
	case pattern == "":
		return c.usage()
	}
	re, err := regexp.Compile("(?i)" + fromExtended(pattern))
	if err != nil {
		return c.fail("invalid regexp: %s -- %s", pattern, err)
	}
	key := "DESCRIPTION"
	if c.has("homepage") {
		key = "HOMEPAGE"
	}
	byText := c.has("desc")
	byName := c.has("search") || !byText
	format, full := c.repoFormat()
	var data []listed
	last := "" // of several versions only the newest is told of
	for _, t := range c.repos() {
		for _, p := range c.packages(t, nil) {
			if p.Atom().PN == last {
				continue
			}
			last = p.Atom().PN
			text, _ := p.Get(key)
			if !(byName && re.MatchString(last)) && !(byText && re.MatchString(text)) {
				continue
			}
			if c.json {
				data = append(data, c.listed(p))
				continue
			}
			c.printf("%s", c.formatPackage(format, p, full))
			if !c.has("name-only") {
				c.printf(": %s", text)
			}
			c.printf("\n")
		}
	}
	if c.json {
		return c.ebuildsAsData(data)
	}
	return nil
}

// repoFormat is the form of names for applets with the options --format and --repo,
// and whether it needs slot and repository.
func (c *call) repoFormat() (format string, full bool) {
	if format, ok := c.last("format"); ok {
		return format, true
	}
	if c.has("repo") {
		return c.nameFormat() + "%[REPO]", true
	}
	return c.nameFormat(), false
}

func (c *call) formatPackage(format string, p *tree.Package, full bool) string {
	if full {
		return c.format(format, p.Full())
	}
	return c.format(format, p.Atom())
}
