package profiles

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/profiles/userconf"
)

// A folder is a directory that configuration files are looked up in: a profile
// node, profiles/ of a repository, or etc/portage. It knows which files exist,
// since most do not, and how the files of that place read.
type folder struct {
	path    string
	names   map[string]bool // nil: not known
	options func(name string) userconf.Options
	shape   linefile.Shape // of lists of USE flags
	moved   func(*atoms.Atom) *atoms.Atom
	warn    *warnings
}

func openFolder(path string, warn *warnings) *folder {
	f := &folder{path: path, warn: warn, options: userconf.User, shape: linefile.FileOrTree}
	list, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f // the files may be readable nevertheless
	}
	f.names = make(map[string]bool, len(list))
	for _, entry := range list {
		f.names[entry.Name()] = true
	}
	return f
}

func openNode(n *Node, warn *warnings) *folder {
	f := openFolder(n.Path, warn)
	place := n.place()
	f.options, f.shape = place.Options, place.FlagShape()
	return f
}

func openRepo(r *repo, warn *warnings) *folder {
	f := openFolder(r.Profiles(), warn)
	place := userconf.Profile{
		EAPI: r.eapi, Directories: r.ProfileDirs,
		AllowRepo: r.repoDeps(), AllowBuildID: r.Layout.Has("build-id"),
	}
	f.options = place.Repository
	return f
}

func (f *folder) has(name string) bool { return f.names == nil || f.names[name] }

func (f *folder) join(name string) string { return filepath.Join(f.path, name) }

// lines reads a line-based file. A missing one is empty.
func (f *folder) lines(name string, shape linefile.Shape) []linefile.Line {
	if !f.has(name) {
		return nil
	}
	lines, problems := linefile.Read(f.join(name), shape)
	f.warn.add(problems...)
	return lines
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
	if !f.has(name) {
		return nil
	}
	flags, problems := userconf.ReadFlags(f.join(name), f.shape)
	f.warn.add(problems...)
	list := make([]Word, len(flags))
	for i, flag := range flags {
		text := flag.Name
		if flag.Removed {
			text = "-" + text
		}
		list[i] = Word{text, Pos{flag.File, flag.Line}}
	}
	return list
}

// entries reads a package.* file.
func (f *folder) entries(name string) []userconf.Entry {
	if !f.has(name) {
		return nil
	}
	entries, problems := userconf.Read(f.join(name), f.options(name))
	f.warn.add(problems...)
	if f.moved != nil {
		for i := range entries {
			if a := entries[i].Atom; a != nil && !a.Wildcard {
				entries[i].Atom = f.moved(a)
			}
		}
	}
	return entries
}

// table reads a package.* file of atoms with words. The result is nil if there
// are none.
func (f *folder) table(name string) *Table {
	lines := f.entries(name)
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
