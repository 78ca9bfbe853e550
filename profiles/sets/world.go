package sets

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// Places of the world files below EROOT.
const (
	WorldFile     = "var/lib/portage/world"
	WorldSetsFile = "var/lib/portage/world_sets"
)

// A WorldList is what the user selected: the content of the world files.
type WorldList struct {
	Atoms []*atoms.Atom // by their text, none twice
	Sets  []string      // without prefix, sorted, none twice
}

// ReadWorld reads the world files below eroot. Missing files are empty. Of each
// line the first word counts; those that are not valid are problems, and are
// lost when the list is written again.
func ReadWorld(eroot string) (WorldList, []error) {
	var c collector
	loadWorldAtoms(&c, eroot)
	loadWorldSets(&c, eroot)
	m := c.finish()
	return WorldList{Atoms: m.Atoms, Sets: m.Nested}, m.Problems
}

// loadWorldAtoms adds the atoms of the world file.
func loadWorldAtoms(c *collector, eroot string) {
	lines, problems := linefile.Read(filepath.Join(eroot, WorldFile), linefile.FileOnly)
	c.problems = append(c.problems, problems...)
	for _, l := range lines {
		a, err := atoms.ParseAtom(l.Words[0], memberOptions())
		if err == nil && a.Blocker != atoms.BlockNone {
			err = ErrMember
		}
		if err != nil {
			c.fail(l.Problem(l.Words[0], err))
			continue
		}
		c.addWritten(a)
	}
}

// loadWorldSets adds the sets of the world_sets file.
func loadWorldSets(c *collector, eroot string) {
	lines, problems := linefile.Read(filepath.Join(eroot, WorldSetsFile), linefile.FileOnly)
	c.problems = append(c.problems, problems...)
	for _, l := range lines {
		name, ok := strings.CutPrefix(l.Words[0], Prefix)
		if !ok {
			c.fail(l.Problem(l.Words[0], ErrMember))
			continue
		}
		c.nest(name)
	}
}

// With returns the list with more atoms and sets. The receiver stays as it is.
func (w WorldList) With(add []*atoms.Atom, addSets []string) WorldList {
	var c collector
	for _, a := range slices.Concat(w.Atoms, add) {
		c.add(a)
	}
	for _, s := range slices.Concat(w.Sets, addSets) {
		c.nest(s)
	}
	m := c.finish()
	return WorldList{Atoms: m.Atoms, Sets: m.Nested}
}

// Without returns the list without the atoms and sets for which drop and
// dropSet are true.
func (w WorldList) Without(drop func(*atoms.Atom) bool, dropSet func(string) bool) WorldList {
	return WorldList{
		Atoms: slices.DeleteFunc(slices.Clone(w.Atoms), drop),
		Sets:  slices.DeleteFunc(slices.Clone(w.Sets), dropSet),
	}
}

// Write replaces the world files below eroot, both, as Portage does after a
// merge. Hold the lock of LockWorld from reading to writing.
func (w WorldList) Write(eroot string) error {
	var text strings.Builder
	for _, a := range w.Atoms {
		text.WriteString(a.String() + "\n")
	}
	path := filepath.Join(eroot, WorldFile)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write world file: %w", err)
	}
	if err := replace(path, text.String()); err != nil {
		return err
	}
	text.Reset()
	for _, s := range w.Sets {
		text.WriteString(Prefix + s + "\n")
	}
	return replace(filepath.Join(eroot, WorldSetsFile), text.String())
}

// replace replaces a world file and keeps its permissions.
func replace(path, text string) error {
	perm := os.FileMode(0o644)
	if fi, err := os.Stat(path); err == nil {
		perm = fi.Mode().Perm()
	}
	if err := atomicfile.WriteFile(path, []byte(text), perm); err != nil {
		return fmt.Errorf("write world file: %w", err)
	}
	return nil
}

// LockWorld waits for the lock that Portage, too, holds while it changes the
// world file below eroot. The caller must release it.
func LockWorld(ctx context.Context, eroot string) (*atomicfile.Lock, error) {
	path := filepath.Join(eroot, WorldFile)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("lock world file: %w", err)
	}
	return atomicfile.Acquire(ctx, lockName(path), atomicfile.Exclusive)
}

// lockName returns the lock file that stands for a file.
func lockName(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".portage_lockfile")
}

// selected makes the sets of the world files.
func (b *builder) selected(class string) (*Set, error) {
	eroot := filepath.Join(b.Root, b.EPrefix)
	s := &Set{load: func(c *collector) {
		c.moved = b.Queries.Moved
		if class != classSelectedSets {
			loadWorldAtoms(c, eroot)
		}
		if class != classSelectedAtoms {
			loadWorldSets(c, eroot)
		}
	}}
	return s, nil
}
