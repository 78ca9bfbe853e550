package portageq

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/preserved"
	"github.com/tumpline/tumpline/merge/vdb"
)

// hasVersion answers with the exit status.
func hasVersion(_ context.Context, c *call) error {
	found, err := c.matchWord(c.args[0])
	if err != nil {
		return c.invalid(err, statusFew)
	}
	if c.json {
		if err := Matches.Write(c.env.Out, &matchesDoc{Matches: []matchDoc{{c.args[0], cpvs(found)}}}); err != nil {
			return err
		}
	}
	if len(found) == 0 {
		return no()
	}
	return nil
}

// bestVersion answers with the best match, or an empty line.
func bestVersion(_ context.Context, c *call) error {
	found, err := c.matchWord(c.args[0])
	if err != nil {
		status := 1
		if c.inPhase() {
			status = statusFew
		}
		return c.invalid(err, status)
	}
	name := best(found)
	if c.json {
		return Matches.Write(c.env.Out, &matchesDoc{Matches: []matchDoc{{c.args[0], some(name)}}})
	}
	return c.lines(name)
}

// massBestVersion is bestVersion for several atoms.
func massBestVersion(_ context.Context, c *call) error {
	doc := &matchesDoc{Matches: []matchDoc{}}
	var lines []string
	for _, word := range c.args {
		found, err := c.matchWord(word)
		if err != nil {
			return err
		}
		doc.Matches = append(doc.Matches, matchDoc{word, some(best(found))})
		lines = append(lines, word+":"+best(found))
	}
	if c.json {
		return Matches.Write(c.env.Out, doc)
	}
	return c.lines(lines...)
}

// matchWord gives what is installed of what a word means. Inside a phase it has to
// be an atom as it is, and one that the EAPI has is better.
func (c *call) matchWord(word string) ([]*ebuild.Package, error) {
	if c.inPhase() {
		features, _ := eapi.Lookup(c.env.Vars["EAPI"])
		o := atoms.AtomOptions{AllowRepo: features != nil && features.RepoDeps}
		if _, err := atoms.ParseAtom(word, o); err != nil {
			return nil, &invalidError{word}
		}
		o.EAPI = features
		if _, err := atoms.ParseAtom(word, o); err != nil && features != nil {
			c.warn("QA Notice: %s: %v", c.name, err)
		}
	}
	r, err := parseRequest(word)
	if err != nil {
		return nil, err
	}
	return c.matchInstalled(r)
}

// match lists all matches.
func match(_ context.Context, c *call) error {
	word := c.args[0]
	o := atoms.AtomOptions{AllowWildcard: true, AllowRepo: true}
	text := word
	if text == "" {
		text = "*/*"
	}
	var found []*ebuild.Package
	a, err := atoms.ParseAtom(text, o)
	if err == nil && a.Wildcard {
		if found, err = c.matchWild(a); err != nil {
			return err
		}
	} else if found, err = c.matchWord(word); err != nil {
		return err
	}
	if c.json {
		return Matches.Write(c.env.Out, &matchesDoc{Matches: []matchDoc{{word, cpvs(found)}}})
	}
	return c.lines(cpvs(found)...)
}

// matchWild gives the installed packages that an atom with wildcards matches, in
// the order of their names as text.
func (c *call) matchWild(a *atoms.Atom) ([]*ebuild.Package, error) {
	db := c.installed(vdb.Interest{})
	all, err := db.All()
	if err != nil {
		return nil, err
	}
	found, err := c.filter(a.Unblocked(), all)
	slices.SortFunc(found, func(p, q *ebuild.Package) int {
		return strings.Compare(p.CPV.String(), q.CPV.String())
	})
	_ = db.Close() // losing the index costs time, nothing else
	return found, err
}

// listPreservedLibs lists what the registry has.
func listPreservedLibs(_ context.Context, c *call) error {
	records, problems := preserved.Read(filepath.Join(c.root, preserved.Name), filepath.Clean(c.sources().Places().Target))
	for _, p := range problems {
		c.warn("%v", p)
	}
	paths := map[string][]string{}
	var names []string
	for _, r := range records {
		name := r.CPV
		if _, ok := paths[name]; !ok {
			names = append(names, name)
		}
		paths[name] = append(paths[name], r.Paths...)
	}
	slices.Sort(names)
	doc, line := &preservedDoc{Packages: []preservedLibs{}}, ""
	for _, name := range names {
		doc.Packages = append(doc.Packages, preservedLibs{name, paths[name]})
		line += name
		for _, path := range paths[name] {
			line += " " + path
		}
		line += "\n"
	}
	if c.json {
		if err := Preserved.Write(c.env.Out, doc); err != nil {
			return err
		}
	} else if err := c.print(line); err != nil {
		return err
	}
	if len(records) == 0 {
		return no()
	}
	return nil
}
