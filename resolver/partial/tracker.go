package partial

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/universe"
)

type nameKey struct {
	root universe.RootID
	cp   atoms.CP
}

// A Tracker models what will be installed: the packages added in this pass and
// the installed ones that none of them replaces. An added package replaces an
// installed one of its slot, and one of its name and version.
type Tracker struct {
	u         *universe.Universe
	installed bool // installed packages take part
	added     map[nameKey][]*universe.Pkg
	names     []nameKey // names with added packages, in order of their first one
	multi     []nameKey // names with more than one added package, in that order
	conflicts []Conflict
	stale     bool // conflicts must be computed anew
	cache     map[nameKey]map[trackerKey][]*universe.Pkg
}

type trackerKey struct {
	atom      universe.AtomID
	installed bool
}

// A Conflict is a slot of a root that more than one added package claims.
type Conflict struct {
	Slot universe.SlotID
	Pkgs []*universe.Pkg // in the order in which they were added
}

// Has says if p is one of the packages in conflict.
func (c Conflict) Has(p *universe.Pkg) bool { return slices.Contains(c.Pkgs, p) }

func newTracker(u *universe.Universe, installed bool) *Tracker {
	return &Tracker{
		u: u, installed: installed,
		added: make(map[nameKey][]*universe.Pkg),
		cache: make(map[nameKey]map[trackerKey][]*universe.Pkg),
	}
}

func keyOf(p *universe.Pkg) nameKey { return nameKey{p.Root.ID, p.CPV.CP} }

// Add adds a package; adding it again has no effect.
func (t *Tracker) Add(p *universe.Pkg) {
	k := keyOf(p)
	list := t.added[k]
	if slices.Contains(list, p) {
		return
	}
	if len(list) == 0 {
		t.names = append(t.names, k)
	}
	list = append(list, p)
	t.added[k] = list
	if len(list) > 1 {
		t.stale = true
	}
	if len(list) == 2 {
		t.multi = append(t.multi, k)
	}
	delete(t.cache, k)
}

// Remove takes a package out again; the installed one that it replaced comes back.
func (t *Tracker) Remove(p *universe.Pkg) {
	k := keyOf(p)
	i := slices.Index(t.added[k], p)
	if i < 0 {
		return
	}
	list := slices.Delete(slices.Clone(t.added[k]), i, i+1)
	t.added[k] = list
	t.stale = true
	switch len(list) {
	case 0:
		delete(t.added, k)
		t.names = slices.DeleteFunc(t.names, func(n nameKey) bool { return n == k })
	case 1:
		t.multi = slices.DeleteFunc(t.multi, func(n nameKey) bool { return n == k })
	}
	delete(t.cache, k)
}

// Match returns the packages of a root that will be there and match an atom,
// in ascending order of version. USE dependencies are judged by what the
// packages have without proposed changes. The caller must not change the slice.
func (t *Tracker) Match(r *universe.Root, a *atoms.Atom) []*universe.Pkg { return t.match(r, a, true) }

// Added is Match without installed packages that are merely left alone.
func (t *Tracker) Added(r *universe.Root, a *atoms.Atom) []*universe.Pkg { return t.match(r, a, false) }

func (t *Tracker) match(r *universe.Root, a *atoms.Atom, installed bool) []*universe.Pkg {
	k := nameKey{r.ID, a.CP}
	ck := trackerKey{t.u.AtomID(a), installed}
	cached, ok := t.cache[k][ck]
	if ok {
		return cached
	}
	if universe.IsSoname(a) {
		return t.providers(r, a)
	}
	var found []*universe.Pkg
	for _, p := range t.added[k] {
		if p.Matches(a, nil) {
			found = append(found, p)
		}
	}
	if installed && t.installed {
		store := t.u.Store(r, ebuild.OriginInstalled, a.CP)
		for i := len(store) - 1; i >= 0; i-- {
			if p := store[i]; !t.Replaced(p) && !slices.Contains(t.added[k], p) && p.Matches(a, nil) {
				found = append(found, p)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *universe.Pkg) int { return a.CPV.Version.Compare(b.CPV.Version) })
	if t.cache[k] == nil {
		t.cache[k] = make(map[trackerKey][]*universe.Pkg)
	}
	t.cache[k][ck] = found
	return found
}

// providers returns the added packages that provide a soname, ascending.
func (t *Tracker) providers(r *universe.Root, a *atoms.Atom) []*universe.Pkg {
	var found []*universe.Pkg
	for _, k := range t.names {
		if k.root != r.ID {
			continue
		}
		for _, p := range t.added[k] {
			if p.Provides(a) {
				found = append(found, p)
			}
		}
	}
	slices.SortStableFunc(found, (*universe.Pkg).Compare)
	return found
}

// InSlot returns the added packages of a slot in ascending order of version.
func (t *Tracker) InSlot(p *universe.Pkg) []*universe.Pkg { return t.Added(p.Root, p.SlotAtom()) }

// First returns the lowest added package in the slot of p, or nil.
func (t *Tracker) First(p *universe.Pkg) *universe.Pkg {
	if l := t.InSlot(p); len(l) > 0 {
		return l[0]
	}
	return nil
}

// Highest returns the highest added package in the slot of p, or nil.
func (t *Tracker) Highest(p *universe.Pkg) *universe.Pkg {
	if l := t.InSlot(p); len(l) > 0 {
		return l[len(l)-1]
	}
	return nil
}

// Replaced says if an added package replaces the installed package p.
func (t *Tracker) Replaced(p *universe.Pkg) bool {
	for _, q := range t.added[keyOf(p)] {
		if q != p && (q.Slot == p.Slot || q.CPV == p.CPV) {
			return true
		}
	}
	return false
}

// IsAdded says if p was added in this pass.
func (t *Tracker) IsAdded(p *universe.Pkg) bool { return slices.Contains(t.added[keyOf(p)], p) }

// Stays says if p was added, or is installed and not replaced.
func (t *Tracker) Stays(p *universe.Pkg) bool {
	return t.IsAdded(p) || t.installed && p.Installed() && !t.Replaced(p)
}

// Conflicts returns the slots that several added packages claim, in the order
// in which the names came to have several.
func (t *Tracker) Conflicts() []Conflict {
	if !t.stale {
		return t.conflicts
	}
	t.stale = false
	t.conflicts = nil
	for _, k := range t.multi {
		var slots []universe.SlotID
		bySlot := make(map[universe.SlotID][]*universe.Pkg)
		for _, p := range t.added[k] {
			if len(bySlot[p.Slot]) == 0 {
				slots = append(slots, p.Slot)
			}
			bySlot[p.Slot] = append(bySlot[p.Slot], p)
		}
		for _, s := range slots {
			if len(bySlot[s]) > 1 {
				t.conflicts = append(t.conflicts, Conflict{Slot: s, Pkgs: bySlot[s]})
			}
		}
	}
	return t.conflicts
}

// All returns every package that will be on a root: the added ones, then the
// installed ones that stay, names in order.
func (t *Tracker) All(r *universe.Root) []*universe.Pkg {
	var all []*universe.Pkg
	for _, k := range t.names {
		if k.root == r.ID {
			all = append(all, t.added[k]...)
		}
	}
	if !t.installed {
		return all
	}
	for _, cp := range t.u.InstalledNames(r) {
		for _, p := range t.u.Store(r, ebuild.OriginInstalled, cp) {
			if !t.Replaced(p) && !t.IsAdded(p) {
				all = append(all, p)
			}
		}
	}
	return all
}
