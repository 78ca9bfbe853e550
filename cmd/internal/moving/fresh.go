package moving

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/updates"
	"github.com/tumpline/tumpline/merge/mtimedb"
	"github.com/tumpline/tumpline/profiles/sets"
)

// A File is a file of updates that was not carried out as it is now.
type File struct {
	Path     string
	Commands int
	Faulty   bool  // it has lines that are no commands: it is looked at again each time
	Time     int64 // seconds
}

// Fresh lists the files of updates whose times are not those noted for the root,
// repository by repository.
func (r *Places) Fresh() (out []File) {
	noted := mtimedb.Updates(r.noted())
	seen := make(map[string]bool)
	for _, repo := range r.Root.Config.Repos().Repos {
		dir := filepath.Join(repo.Location, "profiles/updates")
		if seen[dir] {
			continue
		}
		seen[dir] = true
		for _, name := range updates.Files(dir) {
			path := filepath.Join(dir, name)
			info, err := os.Stat(path)
			if err != nil {
				continue
			}
			if at, known := noted[path]; known && at == info.ModTime().Unix() {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				continue // it is told of where moves are read
			}
			commands, faults := updates.Parse(path, text)
			out = append(out, File{Path: path, Commands: len(commands), Faulty: len(faults) > 0, Time: info.ModTime().Unix()})
		}
	}
	return out
}

func (r *Places) noted() string { return filepath.Join(r.Root.EROOT(), mtimedb.Name) }

// Note notes files as carried out.
func (r *Places) Note(files []File) error {
	times := make(map[string]int64)
	for _, f := range files {
		if !f.Faulty {
			times[f.Path] = f.Time
		}
	}
	return mtimedb.NoteUpdates(r.noted(), times)
}

// FixWorld gives the entries of the world file their new names.
func (r *Places) FixWorld(ctx context.Context) error {
	eroot := r.Root.EROOT()
	if _, err := os.Stat(filepath.Join(eroot, sets.WorldFile)); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	lock, err := sets.LockWorld(ctx, eroot)
	if err != nil {
		return err
	}
	defer lock.Remove()
	world, problems := sets.ReadWorld(eroot)
	if len(problems) > 0 {
		return nil // what cannot be read would be lost
	}
	moves, installed := updates.Load(r.Root.Config.Repos()), r.AsWritten()
	owner := func(a *atoms.Atom) (string, bool) {
		list, err := installed.Packages(a.CP)
		if err != nil {
			return "", false
		}
		list = slices.DeleteFunc(slices.Clone(list), func(p *ebuild.Package) bool { return !a.Match(p.Candidate(nil)) })
		if len(list) == 0 {
			return "", false
		}
		return list[len(list)-1].Repo, true
	}
	o := atoms.AtomOptions{AllowRepo: true}
	changed := false
	for i, a := range world.Atoms {
		text, by := moves.Atom(a.String(), o, owner)
		now, err := atoms.ParseAtom(text, o)
		if len(by) == 0 || err != nil {
			continue
		}
		world.Atoms[i], changed = now, true
	}
	if !changed {
		return nil
	}
	slices.SortStableFunc(world.Atoms, func(a, b *atoms.Atom) int {
		switch {
		case a.String() < b.String():
			return -1
		case a.String() > b.String():
			return 1
		}
		return 0
	})
	return world.Write(eroot)
}
