package profiles

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/profiles/userconf"
)

// A folder is a directory that configuration files are looked up in: a profile
// node, profiles/ of a repository, or etc/portage. It knows which files exist,
// since most do not, and how the files of that place read. What is wrong with
// them goes to the warnings of the configuration that asks.
type folder struct {
	*contents
	options func(name string) userconf.Options
	shape   linefile.Shape // of lists of USE flags
	own     bool           // the contents belong to one configuration: they are the user's
	moved   func(*atoms.Atom) *atoms.Atom
	warn    *warnings
}

func openFolder(c *contents, warn *warnings) *folder {
	return &folder{contents: c, warn: warn, options: userconf.User, shape: linefile.FileOrTree}
}

func openNode(c *contents, n *Node, warn *warnings) *folder {
	f := openFolder(c, warn)
	place := n.place()
	f.options, f.shape = place.Options, place.FlagShape()
	return f
}

func openRepo(c *contents, r *repo, warn *warnings) *folder {
	f := openFolder(c, warn)
	place := userconf.Profile{
		EAPI: r.eapi, Directories: r.ProfileDirs,
		AllowRepo: r.repoDeps(), AllowBuildID: r.Layout.Has("build-id"),
	}
	f.options = place.Repository
	return f
}

// take gives what a reading gave, and notes what is wrong with the file.
func (f *folder) take(r reading) *reader {
	x := f.reader(r)
	f.warn.add(x.problems...)
	return x
}

// lines reads a line-based file. A missing one is empty.
func (f *folder) lines(name string, shape linefile.Shape) []linefile.Line {
	return f.take(reading{name: name, shape: shape}).lines
}

// words reads a file with one item on a line.
func (f *folder) words(name string, shape linefile.Shape) []Word {
	lines := f.lines(name, shape)
	list := make([]Word, len(lines))
	for i, line := range lines {
		list[i] = Word{line.Text(), Pos{line.File, line.Number}}
	}
	return list
}

// flags reads a list of USE flags, each perhaps with "-".
func (f *folder) flags(name string) []Word {
	return f.take(reading{name: name, kind: asFlags, shape: f.shape}).flags
}

// entries reads a package.* file.
func (f *folder) entries(name string) []userconf.Entry {
	if !f.has(name) {
		return nil
	}
	entries := f.take(reading{name: name, kind: asEntries, options: f.options(name)}).entries
	if f.moved == nil {
		return entries
	}
	entries = slices.Clone(entries)
	for i := range entries {
		if a := entries[i].Atom; a != nil && !a.Wildcard {
			entries[i].Atom = f.moved(a)
		}
	}
	return entries
}

// table reads a package.* file of atoms with words. The result is nil if there
// are none. Only that of a user's file may be changed.
func (f *folder) table(name string) *Table {
	if !f.has(name) {
		return nil
	}
	if !f.own {
		return f.take(reading{name: name, kind: asEntries, options: f.options(name)}).words()
	}
	return tableOf(f.entries(name))
}

// tableOf makes a table of the lines of a package.* file.
func tableOf(lines []userconf.Entry) *Table {
	if len(lines) == 0 {
		return nil
	}
	entries := make([]Entry, 0, len(lines))
	byAtom := make(map[string]int, len(lines))
	for i := range lines {
		line := &lines[i]
		text := line.Atom.String()
		at, known := byAtom[text]
		if !known {
			at = len(entries)
			byAtom[text] = at
			entries = append(entries, Entry{Atom: line.Atom, Pos: Pos{line.File, line.Line}})
		}
		entry := &entries[at]
		for _, word := range line.Words {
			entry.Words = append(entry.Words, Word{word, Pos{line.File, line.Line}})
		}
	}
	list := make([]*Entry, len(entries))
	for i := range entries {
		list[i] = &entries[i]
	}
	return build(list)
}
