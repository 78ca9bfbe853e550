// Package updates reads profiles/updates (PMS, section "The updates directory"):
// the commands with which a repository tells that a package was renamed or that
// its slot changed, and applies them to names, slots, dependencies and atoms.
//
// It changes values in memory. Rewriting the package database or configuration
// files is left to those who own them; what to write comes from here.
//
// PMS leaves the order of files open, and Portage takes the order in which the
// file system names them. Here files named for a quarter come first, oldest
// first, then others by name, so that a chain of moves ends where it should.
package updates

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// Kind is the kind of a command.
type Kind uint8

const (
	Move     Kind = iota // move FROM TO: a package was renamed
	SlotMove             // slotmove ATOM FROM TO: the slot of packages was changed
)

// String gives the word of the command.
func (k Kind) String() string {
	switch k {
	case Move:
		return "move"
	case SlotMove:
		return "slotmove"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// A Command is one line of an updates file.
type Command struct {
	Kind     Kind
	Move     atoms.Move     // of Move
	SlotMove atoms.SlotMove // of SlotMove
	File     string
	Line     int // 1-based
}

// String gives the command as Portage writes it into files it has changed.
func (c Command) String() string {
	if c.Kind == Move {
		return fmt.Sprintf("move %s %s", c.Move.From, c.Move.To)
	}
	return fmt.Sprintf("slotmove %s %s %s", c.SlotMove.Atom, c.SlotMove.From, c.SlotMove.To)
}

// Subject is the package whose dependencies the command changes.
func (c Command) Subject() atoms.CP {
	if c.Kind == Move {
		return c.Move.From
	}
	return c.SlotMove.Atom.CP
}

// Apply changes the value of a dependency variable, or a single atom. Parent is
// the package that the value belongs to, nil if none: it keeps a block from
// being turned against its own package. It tells whether anything changed.
func (c Command) Apply(text string, o atoms.AtomOptions, parent *atoms.Candidate) (string, bool) {
	if c.Kind == Move {
		return c.Move.Apply(text, o, parent)
	}
	return c.SlotMove.Apply(text, o)
}

// Problems of commands.
var (
	errCommand = errors.New("expected move or slotmove")
	errWords   = errors.New("wrong number of words for the command")
	errName    = errors.New("expected a category and a package name")
	errAtom    = errors.New("expected a package atom that is no blocker")
	errSlot    = errors.New("expected a slot without subslot")
)

// Parse reads the text of one updates file; path is only used for positions.
// Lines that are no commands are problems and left out.
func Parse(path string, data []byte) ([]Command, []error) {
	return parse(linefile.ParseText(path, data))
}

// parse takes comments for what they are; Portage reports them as commands it
// does not know.
func parse(text *linefile.Text) (commands []Command, problems []error) {
	problems = text.Problems
	for _, l := range text.WordLines() {
		c, culprit, err := command(l.Words)
		if err != nil {
			problems = append(problems, l.Problem(culprit, err))
			continue
		}
		c.File, c.Line = l.File, l.Number
		commands = append(commands, c)
	}
	return commands, problems
}

func command(words []string) (c Command, culprit string, err error) {
	switch words[0] {
	case "move":
		return move(words)
	case "slotmove":
		return slotMove(words)
	}
	return c, words[0], errCommand
}

func move(words []string) (c Command, culprit string, err error) {
	if len(words) != 3 {
		return c, strings.Join(words, " "), errWords
	}
	for _, w := range words[1:] {
		if _, err := atoms.ParseCP(w); err != nil {
			return c, w, errName
		}
	}
	c.Move = atoms.Move{From: atoms.CP(words[1]), To: atoms.CP(words[2])}
	return c, "", nil
}

func slotMove(words []string) (c Command, culprit string, err error) {
	if len(words) != 4 {
		return c, strings.Join(words, " "), errWords
	}
	a, err := atoms.ParseAtom(words[1], atoms.AtomOptions{})
	if err != nil || a.Blocker != atoms.BlockNone {
		return c, words[1], errAtom
	}
	for _, w := range words[2:] {
		if slot, err := atoms.ParseAtom("a/b:"+w, atoms.AtomOptions{}); err != nil || slot.Slot != w {
			return c, w, errSlot
		}
	}
	c.Kind = SlotMove
	c.SlotMove = atoms.SlotMove{Atom: a, From: words[2], To: words[3]}
	return c, "", nil
}

// ReadDir reads all updates files of a folder, in order. Found tells whether
// there is such a folder: it counts even if it is empty, see Set.
func ReadDir(dir string) (commands []Command, found bool, problems []error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, false, nil
	case err != nil:
		problems = append(problems, &linefile.Problem{File: dir, Err: fmt.Errorf("read updates: %w", err)})
	}
	for _, name := range fileNames(dir, entries) {
		text, err := linefile.ReadText(filepath.Join(dir, name))
		if err != nil {
			problems = append(problems, err)
			continue
		}
		c, p := parse(text)
		commands, problems = append(commands, c...), append(problems, p...)
	}
	return commands, true, problems
}

// Files lists the updates files of a folder, in the order in which they are read; none
// if the folder cannot be read.
func Files(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // ReadDir tells of it
	}
	return fileNames(dir, entries)
}

// fileNames gives the regular files, links followed, in the order to read them.
func fileNames(dir string, entries []fs.DirEntry) []string {
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if st, err := os.Stat(filepath.Join(dir, e.Name())); err == nil && st.Mode().IsRegular() {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, compareNames)
	return names
}

// compareNames orders "4Q-2020" before "1Q-2021", and both before other names.
func compareNames(a, b string) int { return strings.Compare(sortKey(a), sortKey(b)) }

func sortKey(name string) string {
	if len(name) == 7 && name[1:3] == "Q-" && strings.Trim(name[:1]+name[3:], "0123456789") == "" {
		return "0" + name[3:] + name[:1]
	}
	return "1" + name
}
