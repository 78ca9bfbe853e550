package emerge

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/cli"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/resolver/render"
)

// deselect takes entries out of the world files (O42). It is the one action
// that changes the system.
func (m *removal) deselect(ctx context.Context) error {
	if m.json() {
		return &cli.RefusedError{Program: program, What: "--json with --deselect", Why: "there is no plan"}
	}
	if m.line.Has("--ask") {
		return &cli.RefusedError{Program: program, What: "--ask with --deselect", Why: "use --pretend to see what would be removed"}
	}
	target := m.session.Target
	eroot := filepath.Join(target.Path, target.EPrefix)
	if !m.line.Has("--pretend") {
		lock, err := sets.LockWorld(ctx, eroot)
		if err != nil {
			return fmt.Errorf("emerge: %w", err)
		}
		defer lock.Remove()
	}
	world, problems := sets.ReadWorld(eroot)
	m.tellWarnings(problems)
	drop, dropSet := m.deselected(world)
	entries := entriesOf(world, drop, dropSet)
	if len(entries) == 0 {
		return m.say(render.Message{Text: render.NothingDeselected})
	}
	mode := render.Deselecting
	if m.line.Has("--pretend") {
		mode = render.WouldDeselect
	}
	for _, e := range entries {
		file := "world"
		if strings.HasPrefix(e, sets.Prefix) {
			file = "world_sets"
		}
		if err := m.say(render.Message{Text: render.Deselected(e, file, mode, m.look())}); err != nil {
			return err
		}
	}
	if mode == render.WouldDeselect {
		return nil
	}
	if err := world.Without(drop, dropSet).Write(eroot); err != nil {
		return fmt.Errorf("emerge: %w", err)
	}
	return nil
}

// entriesOf lists the entries that go, as text, sorted.
func entriesOf(world sets.WorldList, drop func(*atoms.Atom) bool, dropSet func(string) bool) (list []string) {
	for _, a := range world.Atoms {
		if drop(a) {
			list = append(list, a.String())
		}
	}
	for _, s := range world.Sets {
		if dropSet(s) {
			list = append(list, sets.Prefix+s)
		}
	}
	slices.Sort(list)
	return list
}

// deselected says which entries the arguments mean: those that they intersect,
// and those that intersect the slot of an installed package which they match.
// An argument with a slot or repository leaves entries without one alone.
func (m *removal) deselected(world sets.WorldList) (drop func(*atoms.Atom) bool, dropSet func(string) bool) {
	var list []*atoms.Atom
	var names []string
	for _, arg := range m.args {
		if arg.Set != "" {
			names = append(names, arg.Set)
			continue
		}
		list = append(list, arg.Atom)
		if arg.Atom.CP.Category() == nullCategory {
			for _, w := range world.Atoms {
				if w.CP.Name() == arg.Atom.CP.Name() {
					list = append(list, arg.Atom.WithCP(w.CP))
				}
			}
		}
		for _, p := range m.match(arg.Atom) {
			list = append(list, atoms.NewAtom(p.CPV.CP).WithSlot(p.Slot, "", atoms.SlotOpNone))
		}
	}
	drop = func(entry *atoms.Atom) bool {
		return slices.ContainsFunc(list, func(a *atoms.Atom) bool {
			return a.Intersects(entry) && (a.Slot == "" || entry.Slot != "") && (a.Repo == "" || entry.Repo != "")
		})
	}
	return drop, func(name string) bool { return slices.Contains(names, name) }
}
