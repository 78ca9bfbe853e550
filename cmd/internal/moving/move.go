// Package moving carries out on disk what repositories say about packages that were
// renamed or got another slot (profiles/updates): in the database of installed
// packages, in binary packages and in the world file.
//
// Reading brings names up to date anyway; this is for what others read. The user's
// files below etc/portage are left as they are.
package moving

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/cmd/internal/session"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/atomicfile"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/ebuild/updates"
	"github.com/tumpline/tumpline/merge/binpkg"
	"github.com/tumpline/tumpline/merge/vdb"
)

// depKeys are the variables that package moves change.
func depKeys() []string { return []string{"BDEPEND", "DEPEND", "IDEPEND", "PDEPEND", "RDEPEND"} }

// Places are where moves are carried out, and who is told.
type Places struct {
	Session *session.Session
	Root    *session.Root
	Now     time.Time
	Warn    func(problems ...error)
	// Done is told of each package that was changed; nil: nobody asks.
	Done func(Change)
}

// A Change is the sort of a change to a package.
type Change uint8

// The changes.
const (
	Renamed Change = iota // it has a new name
	Slotted               // it has a new slot
	Updated               // it depends on what was renamed
)

// String names the change.
func (c Change) String() string {
	names := [...]string{"renamed", "slotted", "updated"}
	if int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("Change(%d)", uint8(c))
}

func (r *Places) done(c Change) {
	if r.Done != nil {
		r.Done(c)
	}
}

// A mover finds the packages of a database, as they are written, that repositories
// say were renamed.
type mover struct {
	run      *Places
	from     ebuild.Source
	packages []*ebuild.Package // all of them, by their names as text
	own      map[string]bool   // repositories with updates of their own
	updates  *updates.Set
	config   *repos.Config
}

// A moving is one command and one package that it is about.
type moving struct {
	command updates.Command
	pkg     *ebuild.Package
}

// String tells what is to be done.
func (m *moving) String() string {
	if m.command.Kind == updates.Move {
		return fmt.Sprintf("'%s' moved to '%s'", m.pkg.CPV, m.command.Move.To)
	}
	return fmt.Sprintf("'%s' slot moved from '%s' to '%s'", m.pkg.CPV, m.command.SlotMove.From, m.command.SlotMove.To)
}

func (r *Places) mover(from ebuild.Source) (*mover, error) {
	config := r.Root.Config.Repos()
	m := &mover{run: r, from: from, own: map[string]bool{}, updates: updates.Load(config), config: config}
	cps, err := from.CPs()
	if err != nil {
		return nil, err
	}
	for _, cp := range cps {
		list, err := from.Packages(cp)
		if err != nil {
			return nil, err
		}
		m.packages = append(m.packages, list...)
	}
	slices.SortStableFunc(m.packages, func(a, b *ebuild.Package) int { return strings.Compare(a.CPV.String(), b.CPV.String()) })
	return m, nil
}

// each gives all commands with the packages that they are about: repository by
// repository, in the order of the commands.
func (m *mover) each(do func(moving) error) error {
	commands := map[*repos.Repo][]updates.Command{}
	for _, repo := range m.config.Repos {
		list, found, problems := updates.ReadDir(filepath.Join(repo.Profiles(), "updates"))
		m.run.Warn(problems...)
		commands[repo], m.own[repo.Name] = list, found
	}
	for _, repo := range m.config.Repos {
		for _, c := range commands[repo] {
			list, err := m.from.Packages(c.Subject())
			if err != nil {
				return err
			}
			for _, p := range list {
				if p.Repo != repo.Name && (repo != m.config.Main || m.own[p.Repo]) || !m.concerns(c, p) {
					continue
				}
				if err := do(moving{c, p}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// concerns says if a package still has the name or the slot that a command changes.
func (m *mover) concerns(c updates.Command, p *ebuild.Package) bool {
	if c.Kind == updates.SlotMove {
		return p.Slot == c.SlotMove.From && c.SlotMove.Atom.Match(p.Candidate(nil))
	}
	list, _ := m.from.Packages(c.Move.To) // what is wrong with it was told
	return !slices.ContainsFunc(list, func(q *ebuild.Package) bool {
		return q.CPV.Version == p.CPV.Version && q.Raw("BUILD_TIME") == p.Raw("BUILD_TIME")
	})
}

// outdated gives the dependencies of a package that name what was moved, as they
// should be.
func (m *mover) outdated(p *ebuild.Package) map[string]string {
	now := map[string]string{}
	parent := p.Candidate(nil)
	for _, key := range depKeys() {
		text := p.Raw(key)
		if changed, ok := m.updates.Deps(p.Repo, text, atoms.AtomOptions{AllowRepo: true}, &parent, nil); ok && changed != text {
			now[key] = changed
		}
	}
	return now
}

// check tells what moves leave to be done.
func (m *mover) check() (bool, []string, error) {
	var messages []string
	err := m.each(func(one moving) error {
		messages = append(messages, one.String())
		return nil
	})
	for _, p := range m.packages {
		if len(m.outdated(p)) > 0 {
			messages = append(messages, fmt.Sprintf("'%s' has outdated metadata", p.CPV))
		}
	}
	return len(messages) == 0, messages, err
}

// AsWritten are the installed packages under the names that they have on
// the disk.
func (r *Places) AsWritten() *vdb.DB {
	return vdb.New(vdb.Options{Dir: filepath.Join(r.Root.EROOT(), "var/db/pkg"), Pool: ebuild.NewPool(), Now: r.Now})
}

// CheckInstalled tells what is to be done about installed packages; ok says that it is
// nothing.
func (r *Places) CheckInstalled() (ok bool, messages []string, err error) {
	m, err := r.mover(r.AsWritten())
	if err != nil {
		return false, nil, err
	}
	return m.check()
}

// FixInstalled renames entries of installed packages, and rewrites what they say.
func (r *Places) FixInstalled() error {
	m, err := r.mover(r.AsWritten())
	if err != nil {
		return err
	}
	if err := m.each(r.moveEntry); err != nil {
		return err
	}
	if m, err = r.mover(r.AsWritten()); err != nil {
		return err
	}
	for _, p := range m.packages {
		now := m.outdated(p)
		if len(now) == 0 {
			continue
		}
		if err := rewrite(p.Path, now); err != nil {
			return err
		}
		r.done(Updated)
	}
	return nil
}

// rewrite replaces variables of an entry by texts. Portage ends names and slots with
// a newline, dependencies that it changed with nothing.
func rewrite(dir string, values map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if err := vdb.ReplaceFile(dir, key, []byte(values[key])); err != nil {
			return err
		}
	}
	return nil
}

// newSlot is the slot of a package after a slotmove: its sub-slot stays if it has
// one of its own.
func newSlot(c updates.Command, p *ebuild.Package) string {
	to := c.SlotMove.To
	if p.Subslot != "" && p.Subslot != p.Slot && p.Subslot != to && !strings.Contains(to, "/") {
		to += "/" + p.Subslot
	}
	return to
}

// moveEntry does to the entry of an installed package what a command says.
func (r *Places) moveEntry(one moving) error {
	from := one.pkg.Path
	if !isEntry(from) {
		return nil // another command was first
	}
	if one.command.Kind == updates.SlotMove {
		r.done(Slotted)
		return rewrite(from, map[string]string{"SLOT": newSlot(one.command, one.pkg) + "\n"})
	}
	to := one.command.Move.To
	cpv := atoms.CPV{CP: to, Version: one.pkg.CPV.Version}
	path := filepath.Join(r.Root.EROOT(), "var/db/pkg", cpv.String())
	if isEntry(path) {
		return nil // as Portage does, keep both
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := moveFolder(from, path); err != nil {
		return err
	}
	old := one.pkg.CPV.PF()
	if old != cpv.PF() {
		err := os.Rename(filepath.Join(path, old+".ebuild"), filepath.Join(path, cpv.PF()+".ebuild"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := rewrite(path, map[string]string{"PF": cpv.PF() + "\n", "CATEGORY": to.Category() + "\n"}); err != nil {
		return err
	}
	r.done(Renamed)
	return vdb.Stamp(path)
}

// moveFolder renames an entry. An overlay may not be able to: then it is copied.
func moveFolder(from, to string) error {
	err := os.Rename(from, to)
	if !errors.Is(err, unix.EXDEV) {
		return err
	}
	list, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.Mkdir(to, 0o755); err != nil {
		return err
	}
	for _, e := range list {
		info, err := e.Info()
		if err != nil {
			return err
		}
		text, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			return err
		}
		name := filepath.Join(to, e.Name())
		if err := atomicfile.WriteFile(name, text, info.Mode().Perm()); err != nil {
			return err
		}
		if err := os.Chtimes(name, info.ModTime(), info.ModTime()); err != nil {
			return err
		}
	}
	return os.RemoveAll(from)
}

func isEntry(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.IsDir()
}

// binaries are the binary packages in PKGDIR.
func (r *Places) binaries() *binpkg.Store {
	c := r.Root.Config
	return binpkg.New(binpkg.Options{Dir: c.Get("PKGDIR"), Trusted: c.Feature("pkgdir-index-trusted"), Pool: ebuild.NewPool(), Category: r.Session.Repos.HasCategory})
}

// CheckBinaries tells what is to be done about binary packages; ok says that it is
// nothing.
func (r *Places) CheckBinaries() (ok bool, messages []string, err error) {
	m, err := r.mover(r.binaries())
	if err != nil {
		return false, nil, err
	}
	return m.check()
}
