package profiles

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// A Source is a word of the configuration that had a say in a decision.
type Source struct {
	What string // as in "ACCEPT_LICENSE -@EULA", "package.license -foo"
	Pos  Pos    // no file: the environment, or a default that is built in
}

// String gives "what, file:line", or only what.
func (s Source) String() string {
	if s.Pos.File == "" {
		return s.What
	}
	return s.What + ", " + s.Pos.String()
}

// GroupSources returns where license_groups files say that a licence is in a
// group: a line for each group on the way, the given one first. It is empty if
// the licence is not in the group.
func (a *AcceptFiles) GroupSources(group, licence string) []Source {
	return a.groupSources(group, licence, nil)
}

func (a *AcceptFiles) groupSources(group, licence string, within []string) []Source {
	if slices.Contains(within, group) {
		return nil
	}
	within = append(within, group)
	for _, line := range a.groupLines {
		if line.Words[0] != group {
			continue
		}
		for _, member := range line.Words[1:] {
			nested, isGroup := strings.CutPrefix(member, "@")
			own := Source{"license_groups " + group, Pos{line.File, line.Number}}
			if member == licence {
				return []Source{own}
			}
			if !isGroup {
				continue
			}
			if rest := a.groupSources(nested, licence, within); len(rest) > 0 {
				return append([]Source{own}, rest...)
			}
		}
	}
	return nil
}

// AcceptedBy returns the word that decides whether a word of LICENSE,
// PROPERTIES or RESTRICT of a package is accepted, with the lines of
// license_groups that make it speak of that word. If no word does, it is the
// variable as a whole.
func (c *Config) AcceptedBy(variable, file string, p atoms.Candidate, word string) []Source {
	value, _ := c.Vars.Lookup(variable)
	words := make([]Source, 0, len(value.Words))
	for _, w := range value.Words {
		words = append(words, Source{w.Text, w.Pos})
	}
	global := len(words)
	for _, e := range c.Accept.table(file).Match(p) {
		for _, w := range e.Words {
			words = append(words, Source{w.Text, w.Pos})
		}
	}
	for i, s := range slices.Backward(words) {
		bare := strings.TrimPrefix(s.What, "-")
		group, isGroup := strings.CutPrefix(bare, "@")
		var path []Source
		if isGroup {
			path = c.Accept.GroupSources(group, word)
		}
		if bare != "*" && bare != word && len(path) == 0 {
			continue
		}
		switch {
		case i >= global:
			s.What = file + " " + s.What
		case s.Pos.File != "":
			s.What = variable + " " + s.What
		case value.Origin.Layer == LayerGlobals:
			s.What = variable + " " + s.What + " by default"
		default:
			s.What = variable + " " + s.What + " of the environment"
		}
		return append([]Source{s}, path...)
	}
	return []Source{{variable + "=" + shellconf.Quote(value.Text), value.Origin.Pos}}
}

// table returns the entries of one of the files.
func (a *AcceptFiles) table(file string) *Table {
	switch file {
	case "package.license":
		return a.Licenses
	case "package.properties":
		return a.Properties
	case "package.accept_restrict":
		return a.Restrict
	}
	return nil
}

// KeywordSources returns what package.keywords files of the profile add to or
// take from the KEYWORDS of a package.
func (a *AcceptFiles) KeywordSources(p atoms.Candidate) []Source {
	var list []Source
	for _, e := range matchAll(a.changed, p) {
		list = append(list, Source{"package.keywords " + strings.Join(texts(e.Words), " "), e.Pos})
	}
	return list
}
