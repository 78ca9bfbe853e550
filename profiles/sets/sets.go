// Package sets knows the package sets: @world, @system, @selected, the files
// of etc/portage/sets, and whatever sets.conf of the package manager, of
// repositories and of the user declares.
//
// A Config reads the configuration; a Set is evaluated when it is first asked
// for its members. Sets made of files and profiles are evaluated here; those
// that are answers to a question (what is installed, visible, owned, vulnerable)
// ask the small functions and interfaces of Queries. The package also writes
// the world files and computes the line that a merge adds to them.
//
// It departs from Portage in these points: what would end Portage with an
// exception (a broken option, an atom that a set must not have) is a problem of
// the set and the rest counts; @rebuilt-binaries finds the binary packages that
// its description promises, where Portage looks them up under a key that never
// matches; directories of sets.conf files are read in one order of names.
package sets

import (
	"errors"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/ebuild/ini"
	"github.com/tumpline/tumpline/ebuild/repos"
	"github.com/tumpline/tumpline/profiles"
)

// Prefix stands before the name of a set among atoms.
const Prefix = "@"

// Names of sets that have a meaning beyond their members.
const (
	World    = "world"
	Selected = "selected"
	System   = "system"
	Profile  = "profile"
)

// Options says where sets are declared and what they can ask. Paths are
// absolute and without a trailing slash, except "/" itself.
type Options struct {
	Root       string           // ROOT
	EPrefix    string           // "" for none
	ConfigRoot string           // holds etc/portage
	GlobalsDir string           // its sets/ declares the stock sets; if missing, built-in ones are used
	Nodes      []*profiles.Node // the profile, parents first
	Repos      *repos.Config    // may be nil
	Queries    Queries
}

// Queries are the questions that sets ask. A set that needs one which is
// missing has no members and a problem.
type Queries struct {
	Installed ebuild.Source
	Binaries  ebuild.Source
	Ebuilds   ebuild.Source
	// Visible tells if an ebuild is visible; nil: all are.
	Visible func(*ebuild.Package) bool
	// Owners returns for each path, absolute and relative to ROOT, the
	// installed packages that own it; paths without owner are left out.
	Owners     func(paths []string) (map[string][]*ebuild.Package, error)
	Libraries  Libraries
	Advisories Advisories
	// Category tells if a category is known; nil: all are.
	Category func(string) bool
	// Moved tells what an atom of the world file, or of a set in
	// etc/portage/sets, has become by package moves; nil: nothing has moved.
	Moved func(*atoms.Atom) *atoms.Atom
	// Output runs a shell command and returns what it prints.
	Output   func(command string) (string, error)
	Now      time.Time      // for sets of a certain age
	Location *time.Location // of dates in options; nil: UTC
}

// Libraries answers about preserved libraries and who links to libraries.
type Libraries interface {
	// Preserved returns the paths of all preserved libraries.
	Preserved() ([]string, error)
	// Consumers returns the paths of the objects that use the library at path.
	Consumers(path string) ([]string, error)
	// Owners returns the installed packages that an object belongs to.
	Owners(path string) ([]*ebuild.Package, error)
}

// Advisories answers about security advisories (GLSA).
type Advisories interface {
	// All returns the advisories, sorted by id.
	All() ([]Advisory, error)
}

// An Advisory is one security advisory, seen from one system.
type Advisory struct {
	ID         string
	Applied    bool // noted as dealt with
	Vulnerable bool // an installed package is affected
	// Upgrades returns the versions to merge to be safe: the smallest change,
	// or the highest versions.
	Upgrades func(leastChange bool) ([]*ebuild.Package, error)
}

// A Set is a named set of packages. It is safe for concurrent use.
type Set struct {
	Name        string
	Section     string // the section of sets.conf that made it
	Description string
	// WorldCandidate tells if the set may be recorded in world_sets.
	WorldCandidate bool
	// Unmerge tells if the set may be given to actions that remove packages.
	Unmerge bool
	// Editable tells if the set is a file that the user can edit.
	Editable bool

	once    sync.Once
	load    func(*collector)
	members Members
}

// Members are what a set consists of.
type Members struct {
	Atoms    []*atoms.Atom // by their text, none twice
	Nested   []string      // names of sets, without prefix, sorted, none twice
	Problems []error       // what was left out
}

// Members evaluates the set, once.
func (s *Set) Members() Members {
	s.once.Do(func() {
		var c collector
		s.load(&c)
		s.load = nil
		s.members = c.finish()
	})
	return s.members
}

// A collector gathers the members of a set.
type collector struct {
	moved    func(*atoms.Atom) *atoms.Atom // of atoms that files list; nil: none has
	atoms    map[string]*atoms.Atom
	nested   map[string]bool
	problems []error
}

// add adds an atom.
func (c *collector) add(a *atoms.Atom) {
	if c.atoms == nil {
		c.atoms = make(map[string]*atoms.Atom)
	}
	if text := a.String(); c.atoms[text] == nil {
		c.atoms[text] = a
	}
}

// addWritten adds an atom that stands in a file, as package moves have it now.
func (c *collector) addWritten(a *atoms.Atom) {
	if c.moved != nil && !a.Wildcard {
		a = c.moved(a)
	}
	c.add(a)
}

// addSlot adds the atom of a package's name and slot.
func (c *collector) addSlot(p *ebuild.Package) { c.add(slotAtom(p)) }

// slotAtom returns the atom of a package's name and slot.
func slotAtom(p *ebuild.Package) *atoms.Atom {
	return atoms.NewAtom(p.CP()).WithSlot(p.Slot, "", atoms.SlotOpNone)
}

// nest adds the set called name.
func (c *collector) nest(name string) {
	if c.nested == nil {
		c.nested = make(map[string]bool)
	}
	c.nested[name] = true
}

// fail notes a problem unless err is nil, once if it comes up for one package
// after the other, and tells if there is one. Joined errors are a problem each.
func (c *collector) fail(err error) bool {
	if err == nil {
		return false
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok && errors.Join(joined.Unwrap()...).Error() == err.Error() {
		for _, e := range joined.Unwrap() {
			c.fail(e)
		}
		return true
	}
	if n := len(c.problems); n == 0 || c.problems[n-1].Error() != err.Error() {
		c.problems = append(c.problems, err)
	}
	return true
}

// finish sorts what was gathered.
func (c *collector) finish() Members {
	m := Members{Problems: c.problems}
	for _, a := range c.atoms {
		m.Atoms = append(m.Atoms, a)
	}
	slices.SortFunc(m.Atoms, func(a, b *atoms.Atom) int { return strings.Compare(a.String(), b.String()) })
	for name := range c.nested {
		m.Nested = append(m.Nested, name)
	}
	sort.Strings(m.Nested)
	return m
}

// A Config is all sets that are declared. It is safe for concurrent use,
// except for Configure.
type Config struct {
	options  Options
	file     *ini.Config
	sets     map[string]*Set
	declared []string // names of sets, in the order of their first declaration
	reading  []error  // problems of files
	problems []error  // problems of sections
}

// Names returns the names of all sets, sorted.
func (c *Config) Names() []string {
	names := make([]string, 0, len(c.sets))
	for name := range c.sets {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Declared returns the names of all sets in the order of their declaration.
func (c *Config) Declared() []string { return slices.Clone(c.declared) }

// Set returns the set called name, without prefix, or nil.
func (c *Config) Set(name string) *Set { return c.sets[name] }

// Problems returns what was wrong in sets.conf files, in the order met.
func (c *Config) Problems() []error {
	return append(slices.Clone(c.reading), c.problems...)
}
