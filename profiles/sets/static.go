package sets

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// dummy makes a set of the words of an option.
func (b *builder) dummy() (*Set, error) {
	words := strings.Fields(b.get("packages", ""))
	return &Set{load: func(c *collector) {
		for _, word := range words {
			if name, ok := strings.CutPrefix(word, Prefix); ok {
				c.nest(name)
			} else if a, err := atoms.ParseAtom(word, atoms.AtomOptions{}); !c.fail(err) {
				c.add(a)
			}
		}
	}}, nil
}

// staticFile makes the set of the file that an option names.
func (b *builder) staticFile() (*Set, error) {
	path, err := b.need("filename")
	if err != nil {
		return nil, err
	}
	if path, err = b.repoPath(path); err != nil {
		return nil, err
	}
	greedy, err := b.bool("greedy", false)
	if err != nil {
		return nil, err
	}
	return b.fileSet(path, greedy), nil
}

// staticFiles makes a set of each file below a directory.
func (b *builder) staticFiles() ([]*Set, error) {
	name, err := b.pattern("name", "${name}")
	if err != nil {
		return nil, err
	}
	greedy, err := b.bool("greedy", false)
	if err != nil {
		return nil, err
	}
	dir, err := b.repoPath(b.get("directory", filepath.Join(b.ConfigRoot, "etc/portage/sets")))
	if err != nil || !isDir(dir) {
		return nil, err
	}
	dir = filepath.Clean(dir)
	files, _ := linefile.Files(dir) // parts that cannot be read have no sets, as in Portage
	var made []*Set
	for _, path := range files {
		if strings.HasSuffix(path, ".metadata") {
			continue
		}
		relative, err := filepath.Rel(dir, path)
		if err != nil {
			return nil, err
		}
		s := b.fileSet(path, greedy)
		s.Name = name(relative)
		made = append(made, s)
	}
	return made, nil
}

// fileSet returns the set of a file of atoms and names of sets, of which the
// first word of each line counts. A greedy set holds also the slots in which
// its packages are installed.
func (b *builder) fileSet(path string, greedy bool) *Set {
	s := &Set{Unmerge: true, Editable: true, Description: description(path)}
	s.load = func(c *collector) {
		c.moved = b.Queries.Moved
		loadFile(c, path, linefile.FileOrTree)
		if !greedy {
			return
		}
		for _, a := range c.finish().Atoms {
			packages, err := b.matches(b.Queries.Installed, a, nil)
			c.fail(err)
			for _, p := range packages {
				c.addSlot(p)
			}
		}
	}
	return s
}

// ErrMember is the reason for lines that are neither atom nor set.
var ErrMember = errors.New("not an atom or set")

// memberOptions are the atoms that files of sets may hold.
func memberOptions() atoms.AtomOptions { return atoms.AtomOptions{AllowRepo: true} }

// loadFile adds the members that a file lists. A missing file lists none.
func loadFile(c *collector, path string, shape linefile.Shape) {
	lines, problems := linefile.Read(path, shape)
	c.problems = append(c.problems, problems...)
	for _, l := range lines {
		word := l.Words[0]
		if name, ok := strings.CutPrefix(word, Prefix); ok {
			c.nest(name)
			continue
		}
		a, err := atoms.ParseAtom(word, memberOptions())
		if err == nil && a.Blocker != atoms.BlockNone {
			err = ErrMember
		}
		if err != nil {
			c.fail(l.Problem(word, err))
			continue
		}
		c.addWritten(a)
	}
}

// description returns the text below "description:" in the .metadata file
// beside a file set.
func description(path string) string {
	text, err := linefile.ReadText(path + ".metadata")
	if err != nil {
		return "Package set loaded from file " + path
	}
	var words []string
	in := false
	for _, line := range text.Lines {
		fields := linefile.Words(line)
		switch {
		case len(fields) == 0: // Portage drops empty lines before it looks for them
		case in:
			words = append(words, fields...)
		case strings.EqualFold(strings.Join(fields, " "), "description:"):
			in = true
		}
	}
	return strings.Join(words, " ")
}

// configFile makes a set of the atoms of a package.* file.
func (b *builder) configFile() (*Set, error) {
	path, err := b.need("filename")
	if err != nil {
		return nil, err
	}
	return keysOf(path), nil
}

// configFiles makes the sets of the files package.use and its like.
func (b *builder) configFiles() ([]*Set, error) {
	name, err := b.pattern("suffix", "sets/package_$suffix")
	if err != nil {
		return nil, err
	}
	dir := b.get("directory", filepath.Join(b.ConfigRoot, "etc/portage"))
	var made []*Set
	for _, suffix := range []string{"keywords", "use", "mask", "unmask"} {
		s := keysOf(filepath.Join(dir, "package."+suffix))
		s.Name = name(suffix)
		made = append(made, s)
	}
	return made, nil
}

// keysOf returns the set of the atoms at the starts of lines. Lines that start
// with something else are passed over silently.
func keysOf(path string) *Set {
	return &Set{Description: "Package set generated from " + path, load: func(c *collector) {
		lines, problems := linefile.Read(path, linefile.FileOrTree)
		c.problems = append(c.problems, problems...)
		for _, l := range lines {
			if a, err := atoms.ParseAtom(l.Words[0], atoms.AtomOptions{}); err == nil && a.Blocker == atoms.BlockNone {
				c.add(a)
			}
		}
	}}
}

// command makes a set of what a shell command prints, an atom on a line.
func (b *builder) command() (*Set, error) {
	command, err := b.need("command")
	if err != nil {
		return nil, err
	}
	return &Set{Unmerge: true, Description: "Package set generated from output of '" + command + "'", load: func(c *collector) {
		if b.Queries.Output == nil {
			c.fail(unanswered("command output"))
			return
		}
		text, err := b.Queries.Output(command)
		if c.fail(err) {
			return
		}
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if name, ok := strings.CutPrefix(line, Prefix); ok {
				c.nest(name)
			} else if a, err := atoms.ParseAtom(line, atoms.AtomOptions{}); line != "" && !c.fail(err) {
				c.add(a)
			}
		}
	}}, nil
}

// unanswered is the problem of a set that asks a question nobody answers.
func unanswered(what string) error { return fmt.Errorf("%s cannot be asked for here", what) }

// matches returns the packages of a store that an atom matches, USE
// dependencies aside, in ascending order. filter may be nil.
func (b *builder) matches(s ebuild.Source, a *atoms.Atom, filter func(*ebuild.Package) bool) ([]*ebuild.Package, error) {
	if s == nil {
		return nil, unanswered("packages")
	}
	packages, err := s.Packages(a.CP)
	var matching []*ebuild.Package
	for _, p := range packages {
		if a.Match(p.Candidate(nil)) && (filter == nil || filter(p)) {
			matching = append(matching, p)
		}
	}
	return matching, err
}
