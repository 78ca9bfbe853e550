package profiles

import (
	"maps"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/profiles/shellconf"
)

// StackLists stacks lists as KEYWORDS, arch.list and masks stack.
func StackLists(lists [][]string, signs bool) []string {
	list := []string{}
	for _, l := range lists {
		for _, word := range l {
			if signs {
				list = stackWord(list, word)
			} else if !slices.Contains(list, word) {
				list = append(list, word)
			}
		}
	}
	return list
}

// StackScopes stacks the values of variables.
func StackScopes(dicts []map[string]string) map[string]string {
	all := make(scope)
	for _, d := range dicts {
		s := make(scope)
		for name, text := range d {
			s.set(name, part{text: text})
		}
		all.merge(s)
	}
	out := make(map[string]string)
	for name := range all {
		out[name] = all.get(name)
	}
	return out
}

// MaskAtoms returns the atoms of package.mask by package name.
func (m *MaskFiles) MaskAtoms() map[string][]string {
	out := make(map[string][]string)
	masks, _ := m.stacked()
	for cp, lines := range masks.byCP {
		for _, l := range lines {
			out[string(cp)] = append(out[string(cp)], l.Atom.String())
		}
	}
	return out
}

// ByCP returns a table as package names, atoms, words.
func (t *Table) ByCP() map[string]map[string][]string {
	out := make(map[string]map[string][]string)
	for _, e := range t.Entries() {
		cp := string(e.Atom.CP)
		if out[cp] == nil {
			out[cp] = make(map[string][]string)
		}
		out[cp][e.Atom.String()] = texts(e.Words)
	}
	return out
}

// NodeTables returns package.use of each node.
func (c *Config) NodeTables() []*Table {
	list := make([]*Table, len(c.nodeUSE))
	for i, files := range c.nodeUSE {
		list[i] = files.pkgUSE
	}
	return list
}

// RepoTables returns package.use of each repository.
func (c *Config) RepoTables() map[string]*Table {
	out := make(map[string]*Table)
	for name, files := range c.repoUSE {
		out[name] = files.pkgUSE
	}
	return out
}

// KeywordTables returns package.keywords of the nodes that have it.
func (c *Config) KeywordTables() []*Table { return c.Accept.changed }

// SplitShell and QuoteShell are the two directions of shell words.
func SplitShell(text string) []string { return splitShell(text) }

// QuoteShell quotes words.
func QuoteShell(words []string) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = shellconf.Quote(w)
	}
	return strings.Join(list, " ")
}

// NamesOf returns the package names of a table, sorted.
func (t *Table) NamesOf() []atoms.CP { return slices.Sorted(maps.Keys(t.byCP)) }
