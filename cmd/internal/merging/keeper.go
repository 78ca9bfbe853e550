package merging

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/mtimedb"
	"github.com/tumpline/tumpline/profiles/sets"
	"github.com/tumpline/tumpline/resolver/plan"
)

// A Keeper keeps the list of merges in the target's mtimedb, and its world file.
type Keeper struct {
	Works     *Works
	Favorites []string       // arguments: atoms, and sets with their @
	Options   map[string]any // of the run, as Portage stores them
	Resuming  bool           // the run goes on with a list

	list *mtimedb.Writer
}

func (k *Keeper) root() *session.Root { return k.Works.Session.Target }

// Begin implements merge.Keeper.
func (k *Keeper) Begin(steps []*plan.Step) error {
	list := &mtimedb.List{Favorites: k.Favorites, Options: k.Options}
	for _, s := range steps {
		list.Tasks = append(list.Tasks, k.task(s))
		if s.Origin != plan.OriginBinary {
			continue
		}
		p, err := k.Works.Package(s)
		if err != nil {
			return err
		}
		list.Binaries = append(list.Binaries, binary(p, k.Works.Root(s)))
	}
	var err error
	k.list, err = mtimedb.Begin(filepath.Join(k.root().EROOT(), mtimedb.Name), list, k.Resuming)
	return err
}

func binary(p *ebuild.Package, root *session.Root) mtimedb.Binary {
	return mtimedb.Binary{EROOT: root.EROOT(), CPV: p.CPV.String(), BuildID: int64(p.BuildID), BuildTime: p.BuildTime(), MTime: p.MTime, Size: p.Size}
}

func (k *Keeper) task(s *plan.Step) mtimedb.Task {
	return mtimedb.Task{Type: string(s.Origin), Root: k.Works.Root(s).EROOT(), CPV: s.CPV, Action: "merge"}
}

// Forget implements merge.Keeper.
func (k *Keeper) Forget(s *plan.Step) error {
	if k.list == nil {
		return nil
	}
	return k.list.Forget(k.task(s))
}

// Select implements merge.Keeper.
func (k *Keeper) Select(list []string) error {
	return Select(context.Background(), k.root().EROOT(), list)
}

// Select adds atoms, and sets with their "@", to the world files of an EROOT.
func Select(ctx context.Context, eroot string, list []string) error {
	lock, err := sets.LockWorld(ctx, eroot)
	if err != nil {
		return fmt.Errorf("record in the world file: %w", err)
	}
	defer lock.Remove()
	world, _ := sets.ReadWorld(eroot) // what is wrong in it has been told
	var add []*atoms.Atom
	var names []string
	for _, word := range list {
		if name, ok := strings.CutPrefix(word, sets.Prefix); ok {
			names = append(names, name)
			continue
		}
		atom, err := atoms.ParseAtom(word, atoms.AtomOptions{AllowRepo: true})
		if err != nil {
			return fmt.Errorf("record in the world file: %w", err)
		}
		add = append(add, atom)
	}
	if err := world.With(add, names).Write(eroot); err != nil {
		return fmt.Errorf("record in the world file: %w", err)
	}
	return nil
}

// words splits a value at blanks.
func words(value string) []string { return strings.Fields(value) }
