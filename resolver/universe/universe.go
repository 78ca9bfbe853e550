// Package universe holds every package that a request can reach, as values
// with dense ids, and answers which of them match an atom.
//
// A Pkg is one instance: an ebuild, a binary package or an installed package,
// seen from one root, since USE, visibility and the place of a merge differ by
// root. Instances are made when a name is first asked for, so a request pays
// for what it reaches, not for the size of the repositories.
//
// The package refuses to know what has been chosen: nothing here changes while
// passes run over it, except that more of the repositories becomes known.
// It is used from one goroutine at a time.
package universe

import (
	"cmp"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/use"
	"github.com/tumpline/tumpline/profiles/visibility"
	"github.com/tumpline/tumpline/resolver/params"
)

// A Policy judges packages by the configuration of one root.
type Policy interface {
	// State returns the USE state that a package has, or would have if merged.
	State(p *ebuild.Package) *use.State
	// Verdict returns why a package is masked, if it is.
	Verdict(p *ebuild.Package) visibility.Verdict
	// LicenseMasked says if a verdict would have a reason of KindLicense.
	LicenseMasked(p *ebuild.Package) bool
	// Provided returns the versions that package.provided lists for a name.
	Provided(cp atoms.CP) []atoms.CPV
	// SonameProvided says if the profile promises a soname, as "multilib-category: soname".
	SonameProvided(soname string) bool
	// Feature says if FEATURES has a word.
	Feature(name string) bool
}

// RootID is the index of a root in a universe.
type RootID int8

// A Root is one place that packages are merged to, with all that can be asked about it.
type Root struct {
	ID      RootID
	Path    string // EROOT, ends in a slash
	Running bool   // the build host's own root
	Target  bool   // what the request's arguments are merged to

	Policy    Policy
	Ebuilds   []ebuild.Source               // repositories, highest priority first
	Priority  func(repo string) (int, bool) // priority of a repository; false: unknown
	Binaries  ebuild.Source                 // nil: none
	Installed ebuild.Source                 // nil: nothing
	// Ebuild gives one ebuild of a repository, nil if it has none, for requests
	// that need no other version of it; may be nil: it is then sought in Ebuilds.
	Ebuild func(cpv atoms.CPV, repo string) *ebuild.Package
	// Reached is told the ebuilds of each name that a request reaches, best
	// first, so that what they need can be made ready; may be nil.
	Reached func([]*ebuild.Package)

	names   []name   // by NameID
	answers []answer // by AtomID
}

// A name is what one root knows of one package name.
type name struct {
	stores [3][]*Pkg // by ebuild.Origin, best first
	loaded [3]bool
}

// A Universe is all roots of a request.
type Universe struct {
	Roots   []*Root
	Running *Root
	Target  *Root
	Sysroot *Root // where DEPEND of EAPIs with BDEPEND goes

	params    *params.Params
	pkgs      []*Pkg
	slots     []SlotKey
	slotID    map[SlotKey]SlotID
	atoms     map[atomKey]AtomID
	byPtr     map[*atoms.Atom]AtomID
	nameIDs   map[atoms.CP]NameID
	cps       []atoms.CP             // by NameID
	atomNames []NameID               // by AtomID
	made      map[string]*atoms.Atom // atoms made of known parts, by text
	libc      map[RootID][]*atoms.Atom
	provided  map[providerKey]map[atoms.CP][]*Pkg
	errs      []error
	seen      map[string]bool // errors already noted
}

// New returns a universe over the given roots. Exactly one of them is the
// running root and one the target; they may be the same.
func New(roots []*Root, sysroot *Root, p *params.Params) *Universe {
	u := &Universe{
		Roots: roots, Sysroot: sysroot, params: p,
		slotID:   make(map[SlotKey]SlotID),
		atoms:    make(map[atomKey]AtomID),
		byPtr:    make(map[*atoms.Atom]AtomID),
		nameIDs:  make(map[atoms.CP]NameID),
		made:     make(map[string]*atoms.Atom),
		seen:     make(map[string]bool),
		provided: make(map[providerKey]map[atoms.CP][]*Pkg),
	}
	for i, r := range roots {
		r.ID = RootID(i)
		if r.Running {
			u.Running = r
		}
		if r.Target {
			u.Target = r
		}
	}
	return u
}

// Errors returns what went wrong while reading packages, each problem once.
// A package that cannot be read does not hide the others.
func (u *Universe) Errors() []error { return u.errs }

func (u *Universe) note(err error) {
	if err != nil && !u.seen[err.Error()] {
		u.seen[err.Error()] = true
		u.errs = append(u.errs, err)
	}
}

// Len returns how many ids are in use: ids run from 0 to Len-1.
func (u *Universe) Len() int { return len(u.pkgs) }

// Pkg returns the package with an id, or nil if the id was taken by Reserve.
func (u *Universe) Pkg(id ID) *Pkg { return u.pkgs[id] }

// Reserve takes an id that belongs to no package, for a node of another kind.
func (u *Universe) Reserve() ID {
	u.pkgs = append(u.pkgs, nil)
	return ID(len(u.pkgs) - 1)
}

// Store returns the packages of a name in one store of a root, best first: by
// version; ebuilds of one version by repository priority; binary packages of
// one version by build time, then the one indexed later. The caller must not
// change the slice.
func (u *Universe) Store(r *Root, origin ebuild.Origin, cp atoms.CP) []*Pkg {
	return u.store(r, origin, u.NameID(cp))
}

// StoreOf returns the packages of the name of p in a store of its root, like Store.
func (u *Universe) StoreOf(p *Pkg, origin ebuild.Origin) []*Pkg {
	return u.store(p.Root, origin, p.Name)
}

// Asked says if the packages with the name of p in a store of its root have been
// asked for.
func (u *Universe) Asked(p *Pkg, origin ebuild.Origin) bool {
	return u.isLoaded(p.Root, origin, p.Name)
}

// isLoaded says if the packages of a name in one store have been asked for.
func (u *Universe) isLoaded(r *Root, origin ebuild.Origin, id NameID) bool {
	return int(id) < len(r.names) && r.names[id].loaded[origin]
}

func (u *Universe) store(r *Root, origin ebuild.Origin, id NameID) []*Pkg {
	if u.isLoaded(r, origin, id) {
		return r.names[id].stores[origin]
	}
	cp := u.cps[id]
	if isSonameCP(cp) {
		return u.providers(r, origin, cp)
	}
	r.names = reach(r.names, int(id))
	r.names[id].loaded[origin] = true
	list := u.load(r, origin, cp)
	r.names[id].stores[origin] = list
	return list
}

// reach makes a list long enough to have an element i, and then some.
func reach[T any](list []T, i int) []T {
	if i < len(list) {
		return list
	}
	longer := make([]T, max(i+1, 2*len(list), 64))
	copy(longer, list)
	return longer
}

func (u *Universe) load(r *Root, origin ebuild.Origin, cp atoms.CP) []*Pkg {
	var list []*ebuild.Package
	switch origin {
	case ebuild.OriginEbuild:
		for _, s := range r.Ebuilds {
			list = append(list, u.read(s, cp)...)
		}
	case ebuild.OriginBinary:
		list = u.read(r.Binaries, cp)
		slices.Reverse(list)
	case ebuild.OriginInstalled:
		list = newestPerSlot(u.read(r.Installed, cp))
	}
	slices.SortStableFunc(list, BestFirst)
	if origin == ebuild.OriginEbuild && r.Reached != nil && len(list) > 0 {
		r.Reached(list)
	}
	pkgs := make([]*Pkg, len(list))
	for i, p := range list {
		pkgs[i] = u.add(r, p, false)
	}
	return pkgs
}

func (u *Universe) read(s ebuild.Source, cp atoms.CP) []*ebuild.Package {
	if s == nil {
		return nil
	}
	list, err := s.Packages(cp)
	u.note(err)
	return slices.Clone(list)
}

// BestFirst compares packages of one store and name, those of repositories of
// higher priority being given first.
func BestFirst(a, b *ebuild.Package) int {
	if c := b.CPV.Version.Compare(a.CPV.Version); c != 0 {
		return c
	}
	if a.Origin == ebuild.OriginBinary {
		return cmp.Compare(b.BuildTime(), a.BuildTime())
	}
	return 0
}

// newestPerSlot drops entries of the installed database that share a slot with
// a later entry (Portage: FakeVartree keeps the highest COUNTER).
func newestPerSlot(list []*ebuild.Package) []*ebuild.Package {
	if len(list) < 2 {
		return list
	}
	newest := make(map[string]*ebuild.Package, len(list))
	for _, p := range list {
		if old := newest[p.Slot]; old == nil || p.Counter() >= old.Counter() {
			newest[p.Slot] = p
		}
	}
	return slices.DeleteFunc(list, func(p *ebuild.Package) bool { return newest[p.Slot] != p })
}

// InstalledNames returns the names of all installed packages of a root, sorted.
func (u *Universe) InstalledNames(r *Root) []atoms.CP {
	if r.Installed == nil {
		return nil
	}
	cps, err := r.Installed.CPs()
	u.note(err)
	return cps
}

// Has says if any store that takes part has a package of the name.
func (u *Universe) Has(r *Root, cp atoms.CP) bool {
	for _, o := range u.Origins() {
		if len(u.Store(r, o, cp)) > 0 {
			return true
		}
	}
	return false
}

// Origins returns the stores that take part in selection, in the order in
// which they are asked (S40).
func (u *Universe) Origins() []ebuild.Origin {
	p := u.params
	if p.Action == params.ActionRemove {
		return []ebuild.Origin{ebuild.OriginInstalled}
	}
	origins := make([]ebuild.Origin, 0, 3)
	if !p.UsePkgOnly.Present() {
		origins = append(origins, ebuild.OriginEbuild)
	}
	if p.UsePkg == params.Yes {
		origins = append(origins, ebuild.OriginBinary)
	}
	return append(origins, ebuild.OriginInstalled)
}
