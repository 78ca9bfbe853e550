package profiles

import (
	"sync"

	"github.com/tumpline/tumpline/atoms"
)

// A MaskLine is one atom of a package.mask or package.unmask file.
type MaskLine struct {
	Atom    *atoms.Atom // bound to a repository if the file is a repository's
	Pos     Pos
	Comment []string // comment lines of the same paragraph before it, with "#"

	remove bool // "-atom": takes back a line before it
}

// MaskFiles is package.mask and package.unmask of repositories, profile nodes
// and the user, stacked (S83).
type MaskFiles struct {
	stacked func() (masks, unmasks maskTable) // made on first use

	// The package.mask files unstacked, to find the text that explains a mask.
	user  []MaskLine
	nodes [][]MaskLine // parents first
	repos map[string][]MaskLine
}

// Masked returns the line that masks a package, or nil. One matching unmask
// line lifts all masks.
func (m *MaskFiles) Masked(p atoms.Candidate) *MaskLine {
	masks, unmasks := m.stacked()
	line := masks.first(p)
	if line == nil || unmasks.first(p) != nil {
		return nil
	}
	return line
}

// RawMasked returns the first line that names a package, or nil, unmasked or
// not: the mark "#" of a merge list.
func (m *MaskFiles) RawMasked(p atoms.Candidate) *MaskLine {
	masks, _ := m.stacked()
	return masks.first(p)
}

// Explain returns the line to show for a mask of a package: the same atom in
// the strongest file that has it, since a mask of a repository may be written
// again, with another comment, in a profile or by the user. chain is the
// package's repository followed by its masters, the last master first.
func (m *MaskFiles) Explain(line *MaskLine, chain []string) *MaskLine {
	want := line.Atom.WithoutRepo().String()
	if l := findAtom(m.user, want); l != nil {
		return l
	}
	for i := len(m.nodes) - 1; i >= 0; i-- {
		if l := findAtom(m.nodes[i], want); l != nil {
			return l
		}
	}
	for _, name := range chain {
		if l := findAtom(m.repos[name], want); l != nil {
			return l
		}
	}
	return line
}

func findAtom(lines []MaskLine, text string) *MaskLine {
	for i := range lines {
		if l := &lines[i]; !l.remove && l.Atom.WithoutRepo().String() == text {
			return l
		}
	}
	return nil
}

// A maskTable finds lines by package name.
type maskTable struct {
	byCP map[atoms.CP][]*MaskLine
	wild []*MaskLine
}

func newMaskTable(lines []MaskLine) maskTable {
	t := maskTable{byCP: make(map[atoms.CP][]*MaskLine, len(lines))}
	for i := range lines {
		l := &lines[i]
		if l.Atom.Wildcard {
			t.wild = append(t.wild, l)
		} else {
			t.byCP[l.Atom.CP] = append(t.byCP[l.Atom.CP], l)
		}
	}
	return t
}

func (t maskTable) first(p atoms.Candidate) *MaskLine {
	for _, l := range t.byCP[p.CPV.CP] {
		if l.Atom.Match(p) {
			return l
		}
	}
	for _, l := range t.wild {
		if l.Atom.Match(p) {
			return l
		}
	}
	return nil
}

// maskLines reads a file of atoms, each perhaps with a "-" before it.
func (f *folder) maskLines(name string) []MaskLine {
	entries := f.entries(name)
	list := make([]MaskLine, len(entries))
	for i, e := range entries {
		list[i] = MaskLine{Atom: e.Atom, Pos: Pos{e.File, e.Line}, Comment: e.Comment, remove: e.Removed}
	}
	return list
}

// stackMasks puts lists on top of each other: a line replaces an equal one in
// its place, "-atom" removes it (PMS, "Simple line-based files").
func stackMasks(lists ...[]MaskLine) []MaskLine {
	var s maskStack
	for _, list := range lists {
		for _, l := range list {
			if l.remove {
				s.drop(l.Atom.String())
			} else {
				s.put(l)
			}
		}
	}
	return s.result()
}

// A maskStack is an ordered set of lines, by the text of the atom.
type maskStack struct {
	lines []MaskLine
	index map[string]int
	gone  int
}

func (s *maskStack) put(l MaskLine) {
	if s.index == nil {
		s.index = make(map[string]int)
	}
	key := l.Atom.String()
	if i, ok := s.index[key]; ok {
		s.lines[i] = l
		return
	}
	s.index[key] = len(s.lines)
	s.lines = append(s.lines, l)
}

func (s *maskStack) drop(key string) {
	if i, ok := s.index[key]; ok {
		s.lines[i].Atom = nil
		delete(s.index, key)
		s.gone++
	}
}

// dropAnyRepo removes the atom written with or without any repository.
func (s *maskStack) dropAnyRepo(text string) {
	for i := range s.lines {
		a := s.lines[i].Atom
		if a != nil && (a.String() == text || a.Repo != "" && a.WithoutRepo().String() == text) {
			s.drop(a.String())
		}
	}
}

func (s *maskStack) result() []MaskLine {
	if s.gone == 0 {
		return s.lines
	}
	kept := make([]MaskLine, 0, len(s.lines)-s.gone)
	for _, l := range s.lines {
		if l.Atom != nil {
			kept = append(kept, l)
		}
	}
	return kept
}

// withUser puts the user's lines on top; "-atom" without a repository removes
// the atom of every repository.
func withUser(lines, user []MaskLine) []MaskLine {
	var s maskStack
	for _, l := range lines {
		s.put(l)
	}
	for _, l := range user {
		switch {
		case !l.remove:
			s.put(l)
		case l.Atom.Repo != "":
			s.drop(l.Atom.String())
		default:
			s.dropAnyRepo(l.Atom.String())
		}
	}
	return s.result()
}

// bindRepo makes lines without a repository hold for one only.
func bindRepo(lines []MaskLine, name string) []MaskLine {
	bound := make([]MaskLine, len(lines))
	for i, l := range lines {
		if l.Atom.Repo == "" {
			l.Atom = l.Atom.WithRepo(name)
		}
		bound[i] = l
	}
	return bound
}

// loadMasks reads all files. They are stacked when somebody asks.
func (l *loader) loadMasks() *MaskFiles {
	m := &MaskFiles{repos: make(map[string][]MaskLine)}
	m.user = l.user.maskLines("package.mask")
	userUnmasks := l.user.maskLines("package.unmask")
	masks, unmasks := l.nodeMasks(m)
	repoUnmasks := l.readRepoMasks(m)
	list := l.repos.list
	m.stacked = sync.OnceValues(func() (maskTable, maskTable) {
		return newMaskTable(withUser(stackMasks(stackRepoMasks(list, m.repos), stackMasks(masks)), m.user)),
			newMaskTable(withUser(stackMasks(repoUnmasks, stackMasks(unmasks)), userUnmasks))
	})
	return m
}

// nodeMasks concatenates the files of all profile nodes.
func (l *loader) nodeMasks(m *MaskFiles) (masks, unmasks []MaskLine) {
	for i, n := range l.nodes {
		lines := l.folders[i].maskLines("package.mask")
		masks = append(masks, lines...)
		if len(lines) > 0 {
			m.nodes = append(m.nodes, lines)
		}
		if n.Dirs {
			unmasks = append(unmasks, l.folders[i].maskLines("package.unmask")...)
		}
	}
	return masks, unmasks
}

// readRepoMasks reads the files of the repositories, and binds what they unmask
// to them.
func (l *loader) readRepoMasks(m *MaskFiles) (unmasks []MaskLine) {
	for _, r := range l.repos.list {
		m.repos[r.Name] = l.repoFolders[r.Name].maskLines("package.mask")
	}
	for _, r := range l.repos.list {
		if r.ProfileDirs {
			lines := l.repoFolders[r.Name].maskLines("package.unmask")
			unmasks = append(unmasks, bindRepo(stackMasks(lines), r.Name)...)
		}
	}
	return unmasks
}

// stackRepoMasks stacks the file of each repository on those of its masters, each
// master by itself, and binds the result to the repository.
func stackRepoMasks(list []*repo, own map[string][]MaskLine) (masks []MaskLine) {
	for _, r := range list {
		lists := [][]MaskLine{stackMasks(own[r.Name])}
		if len(r.masters) > 0 {
			lists = lists[:0]
			for _, master := range r.masters {
				lists = append(lists, stackMasks(own[master.Name], own[r.Name]))
			}
		}
		masks = append(masks, bindRepo(stackMasks(lists...), r.Name)...)
	}
	return masks
}
