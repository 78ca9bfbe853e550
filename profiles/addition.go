package profiles

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/profiles/userconf"
)

// An Addition is a line that a file in etc/portage could have in addition.
type Addition struct {
	File string // "package.use", "package.accept_keywords", "package.unmask", ...
	Line string // an atom and, but for package.unmask, words
}

// ErrNoAddition says that lines cannot be added to a file.
var ErrNoAddition = errors.New("not a file that lines can be added to")

// With returns the configuration as it would be if the user's files had further
// lines at their ends. Only package.use, package.accept_keywords,
// package.unmask, package.license, package.properties and
// package.accept_restrict can have them, and atoms without wildcards in the
// package name. Nothing is written. The error says which line is not valid.
func (c *Config) With(lines []Addition) (*Config, error) {
	tables := make(map[string]*Table)
	masks, accept := *c.Masks, *c.Accept
	for _, l := range lines {
		e, err := c.addition(l)
		if err != nil {
			return nil, err
		}
		if l.File == "package.unmask" {
			masked, unmasked := masks.stacked()
			unmasked = unmasked.with(&MaskLine{Atom: e.Atom, Pos: e.Pos})
			masks.stacked = func() (maskTable, maskTable) { return masked, unmasked }
			continue
		}
		tables[l.File] = merged(tables[l.File], build([]*Entry{e}))
	}
	clone := *c
	clone.USE.c, clone.packageEnv = &clone, new(sync.Map)
	clone.Masks, clone.Accept = &masks, &accept
	for name, t := range tables {
		switch name {
		case "package.use":
			clone.userUSE = merged(c.userUSE, t)
		case "package.accept_keywords":
			accept.user = merged(accept.user, t)
		case "package.license":
			accept.Licenses = merged(accept.Licenses, t)
		case "package.properties":
			accept.Properties = merged(accept.Properties, t)
		case "package.accept_restrict":
			accept.Restrict = merged(accept.Restrict, t)
		default:
			return nil, fmt.Errorf("%s: %w", name, ErrNoAddition)
		}
	}
	return &clone, nil
}

// addition parses a line.
func (c *Config) addition(l Addition) (*Entry, error) {
	path := filepath.Join(c.UserDir, l.File)
	line := linefile.Line{File: path, Words: linefile.Words(l.Line)}
	entries, problems := userconf.Parse([]linefile.Line{line}, userconf.User(l.File))
	switch {
	case len(problems) > 0:
		return nil, problems[0]
	case len(entries) != 1 || entries[0].Atom == nil || entries[0].Atom.Wildcard:
		return nil, line.Problem(l.Line, ErrNoAddition)
	}
	e := &Entry{Atom: entries[0].Atom, Pos: Pos{File: path}}
	for _, w := range entries[0].Words {
		e.Words = append(e.Words, Word{w, e.Pos})
	}
	return e, nil
}

// with returns a table with one more line.
func (t maskTable) with(l *MaskLine) maskTable {
	byCP := maps.Clone(t.byCP)
	if byCP == nil {
		byCP = make(map[atoms.CP][]*MaskLine)
	}
	byCP[l.Atom.CP] = append(slices.Clip(byCP[l.Atom.CP]), l)
	return maskTable{byCP: byCP, wild: t.wild}
}

// AppendTo returns the file in etc/portage at the end of which a line of the
// files called name belongs: the file itself, or the last one where name is a
// folder (emerge --autounmask-write takes the same). It looks at the disk.
func (c *Config) AppendTo(name string) string {
	path := filepath.Join(c.UserDir, name)
	files, _ := linefile.Files(path) // what cannot be read is not written to either
	if len(files) > 0 {
		return files[len(files)-1]
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return filepath.Join(path, "zz-autounmask")
	}
	return path
}
