package profiles

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
)

// An Entry is what a package.* file says about the packages of one atom: all
// its lines with that atom, in order.
type Entry struct {
	Atom  *atoms.Atom
	Pos   Pos    // of the first line
	Words []Word // what follows the atom; may be empty
}

// A Table is the entries of one package.* file, or of all files of a folder.
// The nil Table is empty.
type Table struct {
	entries []*Entry // by first appearance
	byCP    map[atoms.CP][]*Entry
	wild    []*Entry // with wildcards in the package name, those of one name together
}

// Len returns the number of entries.
func (t *Table) Len() int {
	if t == nil {
		return 0
	}
	return len(t.entries)
}

// Entries returns all entries in the order of their first lines.
func (t *Table) Entries() []*Entry {
	if t == nil {
		return nil
	}
	return t.entries
}

// Wild returns the entries whose package names have wildcards.
func (t *Table) Wild() []*Entry {
	if t == nil {
		return nil
	}
	return t.wild
}

// Match returns the entries that apply to a package, the least specific first,
// so that later words override earlier ones.
func (t *Table) Match(p atoms.Candidate) []*Entry {
	if t == nil {
		return nil
	}
	named := t.byCP[p.CPV.CP]
	if len(named) == 0 && len(t.wild) == 0 {
		return nil
	}
	var list []*Entry
	for _, group := range [2][]*Entry{named, t.wild} {
		for _, e := range group {
			if e.Atom.Match(p) {
				list = append(list, e)
			}
		}
	}
	bySpecificity(list, p)
	return list
}

// build makes a table of entries with unique atoms.
func build(entries []*Entry) *Table {
	t := &Table{entries: entries, byCP: make(map[atoms.CP][]*Entry, len(entries))}
	var order []atoms.CP
	wild := make(map[atoms.CP][]*Entry)
	for _, e := range entries {
		cp := e.Atom.CP
		if !e.Atom.Wildcard {
			t.byCP[cp] = append(t.byCP[cp], e)
			continue
		}
		if wild[cp] == nil {
			order = append(order, cp)
		}
		wild[cp] = append(wild[cp], e)
	}
	for _, cp := range order {
		t.wild = append(t.wild, wild[cp]...)
	}
	return t
}

// cut removes the entry with the given atom, which must have wildcards, and
// returns its words.
func (t *Table) cut(atom string) []Word {
	if t == nil {
		return nil
	}
	same := func(e *Entry) bool { return e.Atom.String() == atom }
	i := slices.IndexFunc(t.entries, same)
	if i < 0 {
		return nil
	}
	words := t.entries[i].Words
	t.entries = slices.Delete(t.entries, i, i+1)
	t.wild = slices.DeleteFunc(t.wild, same)
	return words
}

// merged returns a table of the entries of all tables; words of equal atoms
// add up.
func merged(tables ...*Table) *Table {
	return combined(tables, func(old, e *Entry) {
		old.Words = append(slices.Clip(old.Words), e.Words...)
	})
}

// overlaid returns a table of the entries of all tables; of equal atoms the
// last counts.
func overlaid(tables ...*Table) *Table {
	return combined(tables, func(old, e *Entry) {
		old.Words, old.Pos = e.Words, e.Pos
	})
}

func combined(tables []*Table, join func(old, e *Entry)) *Table {
	var list []*Entry
	byAtom := make(map[string]*Entry)
	for _, t := range tables {
		for _, e := range t.Entries() {
			if old := byAtom[e.Atom.String()]; old != nil {
				join(old, e)
				continue
			}
			clone := *e
			byAtom[e.Atom.String()] = &clone
			list = append(list, &clone)
		}
	}
	return build(list)
}
