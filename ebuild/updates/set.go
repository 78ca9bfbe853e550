package updates

import (
	"path/filepath"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// A Set is the updates of all repositories. It is immutable and safe for
// concurrent use.
//
// As in Portage, the updates of a repository apply to packages that came from
// it; those of the main repository also apply to packages of every repository
// without a folder of updates, configured or not. Masters do not matter.
type Set struct {
	byRepo   map[string][]Command // those with a folder
	order    []string             // repositories with a folder, highest priority first
	main     string
	subjects map[atoms.CP]bool
	problems []error
}

// Load reads the updates of all repositories.
func Load(cfg *repos.Config) *Set {
	s := &Set{byRepo: make(map[string][]Command), subjects: make(map[atoms.CP]bool)}
	if cfg.Main != nil {
		s.main = cfg.Main.Name
	}
	for _, r := range slices.Backward(cfg.Repos) {
		commands, found, problems := ReadDir(filepath.Join(r.Profiles(), "updates"))
		s.problems = append(s.problems, problems...)
		if found {
			s.add(r.Name, commands)
		}
	}
	return s
}

func (s *Set) add(repo string, commands []Command) {
	s.byRepo[repo] = commands
	s.order = append(s.order, repo)
	for _, c := range commands {
		s.subjects[c.Subject()] = true
	}
}

// Problems lists what is wrong with the files.
func (s *Set) Problems() []error { return s.problems }

// For gives the commands that apply to packages of a repository, in order. The
// result is shared.
func (s *Set) For(repo string) []Command {
	if commands, ok := s.byRepo[repo]; ok {
		return commands
	}
	return s.byRepo[s.main]
}

// applies says whether commands of a repository apply to packages of another.
func (s *Set) applies(commandsOf, repo string) bool {
	if commandsOf == repo {
		return true
	}
	_, own := s.byRepo[repo]
	return commandsOf == s.main && !own
}

// Deps changes the value of a dependency variable of a built package of the
// given repository. The pool may be nil; with it, values that no command is
// about cost next to nothing, as their tree is needed later anyway.
func (s *Set) Deps(repo, text string, o atoms.AtomOptions, parent *atoms.Candidate, pool *ebuild.Pool) (string, bool) {
	commands := s.For(repo)
	if text == "" || len(commands) == 0 || !s.concerns(text, o, pool) {
		return text, false
	}
	changed := false
	for _, c := range commands {
		next, did := c.Apply(text, o, parent)
		text, changed = next, changed || did
	}
	return text, changed
}

// concerns says whether some command might change text.
func (s *Set) concerns(text string, o atoms.AtomOptions, pool *ebuild.Pool) bool {
	var tree *atoms.Dep
	var err error
	if in := pool.Interner(); in != nil {
		tree, err = in.ParseDep(text, o)
	} else {
		tree, err = atoms.ParseDep(text, o)
	}
	if err != nil {
		return true // words that are atoms are changed even so
	}
	for a := range tree.All() {
		if s.subjects[a.CP] {
			return true
		}
	}
	return false
}

// depKeys are the variables that updates change, as in Portage.
func depKeys() []string { return []string{"BDEPEND", "DEPEND", "IDEPEND", "PDEPEND", "RDEPEND"} }

// overlay is metadata of which some values were changed.
type overlay struct {
	ebuild.Metadata
	changed map[string]string
}

// Get gives a changed value, or the original one.
func (o overlay) Get(key string) string {
	if v, ok := o.changed[key]; ok {
		return v
	}
	return o.Metadata.Get(key)
}

// Metadata gives the metadata of a built package with its dependencies changed,
// as it is read from a package database; the very same if nothing changes. The
// options are those under which dependencies are parsed. Names and slots are for
// Package.
func (s *Set) Metadata(repo string, parent atoms.Candidate, m ebuild.Metadata, o atoms.AtomOptions, pool *ebuild.Pool) ebuild.Metadata {
	var changed map[string]string
	for _, key := range depKeys() {
		text, did := s.Deps(repo, m.Get(key), o, &parent, pool)
		if !did {
			continue
		}
		if changed == nil {
			changed = make(map[string]string)
		}
		changed[key] = text
	}
	if changed == nil {
		return m
	}
	return overlay{m, changed}
}

// Package gives the name and slot that a built package of the given repository
// has now. Its subslot is kept, unless it was equal to the slot.
func (s *Set) Package(repo string, p atoms.Candidate) (now atoms.Candidate, changed bool) {
	if !s.subjects[p.CPV.CP] {
		return p, false
	}
	for _, c := range s.For(repo) {
		switch {
		case c.Kind == Move && p.CPV.CP == c.Move.From:
			p.CPV.CP, changed = c.Move.To, true
		case c.Kind == SlotMove && p.Slot == c.SlotMove.From && c.SlotMove.Atom.Match(p):
			if p.Subslot == p.Slot {
				p.Subslot = c.SlotMove.To
			}
			p.Slot, changed = c.SlotMove.To, true
		}
	}
	return p, changed
}

// Name gives the name that a package of the repository has now.
func (s *Set) Name(repo string, cp atoms.CP) atoms.CP {
	for _, c := range s.For(repo) {
		if c.Kind == Move && cp == c.Move.From {
			cp = c.Move.To
		}
	}
	return cp
}

// Installed tells the repository that the best installed match of an atom came
// from; ok is false if nothing installed matches.
type Installed func(a *atoms.Atom) (repo string, ok bool)

// Atom changes an atom of the user's configuration or of the world file, given
// as text, and lists the commands that did. As in Portage a command counts only
// if the atom, or else the changed atom, matches an installed package, and the
// command applies to packages of that one's repository.
func (s *Set) Atom(text string, o atoms.AtomOptions, installed Installed) (string, []Command) {
	a, err := atoms.ParseAtom(text, o)
	if err != nil || !s.subjects[a.CP] {
		return text, nil
	}
	var applied []Command
	for _, repo := range s.order {
		for _, c := range s.byRepo[repo] {
			next, changed := c.Apply(text, o, nil)
			if changed && s.owns(repo, text, next, o, installed) {
				text, applied = next, append(applied, c)
			}
		}
	}
	return text, applied
}

func (s *Set) owns(commandsOf, before, after string, o atoms.AtomOptions, installed Installed) bool {
	for _, text := range []string{before, after} {
		a, err := atoms.ParseAtom(text, o)
		if err != nil {
			return false
		}
		if repo, ok := installed(a); ok {
			return s.applies(commandsOf, repo)
		}
	}
	return false
}
