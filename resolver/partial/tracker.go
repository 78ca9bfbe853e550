package partial

import (
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A Tracker models what will be installed: the packages added in this pass and
// the installed ones that none of them replaces. An added package replaces an
// installed one of its slot, and one of its name and version.
type Tracker struct {
	u         *universe.Universe
	installed bool // installed packages take part
	roots     []trackedRoot
	names     []*trackedName // names with added packages, in order of their first one
	multi     []*trackedName // names with more than one added package, in that order
	conflicts []Conflict
	stale     bool // conflicts must be computed anew
}

// trackedRoot is one root, and what atoms match there. All and added are by
// atom: with and without installed packages.
type trackedRoot struct {
	names      []*trackedName // by name; nil: nothing asked
	all, added []answer
}

// trackedName is a name in one root.
type trackedName struct {
	root  universe.RootID
	added []*universe.Pkg
	state uint32 // counts changes of added, from 1
}

// answer is what matches an atom in one state of its name.
type answer struct {
	found []*universe.Pkg
	state uint32
}

// A Conflict is a slot of a root that more than one added package claims.
type Conflict struct {
	Slot universe.SlotID
	Pkgs []*universe.Pkg // in the order in which they were added
}

// Has says if p is one of the packages in conflict.
func (c Conflict) Has(p *universe.Pkg) bool { return slices.Contains(c.Pkgs, p) }

func newTracker(u *universe.Universe, installed bool) *Tracker {
	return &Tracker{u: u, installed: installed, roots: make([]trackedRoot, len(u.Roots))}
}

func (t *Tracker) name(r universe.RootID, id universe.NameID) *trackedName {
	root := &t.roots[r]
	root.names = reach(root.names, int(id))
	n := root.names[id]
	if n == nil {
		n = &trackedName{root: r, state: 1}
		root.names[id] = n
	}
	return n
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

// addedOf returns the added packages of the name of p.
func (t *Tracker) addedOf(p *universe.Pkg) []*universe.Pkg {
	if names := t.roots[p.Root.ID].names; int(p.Name) < len(names) && names[p.Name] != nil {
		return names[p.Name].added
	}
	return nil
}

// Add adds a package; adding it again has no effect.
func (t *Tracker) Add(p *universe.Pkg) {
	n := t.name(p.Root.ID, p.Name)
	if slices.Contains(n.added, p) {
		return
	}
	if len(n.added) == 0 {
		t.names = append(t.names, n)
	}
	n.added = append(n.added, p)
	n.state++
	if len(n.added) > 1 {
		t.stale = true
	}
	if len(n.added) == 2 {
		t.multi = append(t.multi, n)
	}
}

// Remove takes a package out again; the installed one that it replaced comes back.
func (t *Tracker) Remove(p *universe.Pkg) {
	n := t.name(p.Root.ID, p.Name)
	i := slices.Index(n.added, p)
	if i < 0 {
		return
	}
	n.added = slices.Delete(slices.Clone(n.added), i, i+1)
	n.state++
	t.stale = true
	same := func(m *trackedName) bool { return m == n }
	switch len(n.added) {
	case 0:
		t.names = slices.DeleteFunc(t.names, same)
	case 1:
		t.multi = slices.DeleteFunc(t.multi, same)
	}
}

// Match returns the packages of a root that will be there and match an atom,
// in ascending order of version. USE dependencies are judged by what the
// packages have without proposed changes. The caller must not change the slice.
func (t *Tracker) Match(r *universe.Root, a *atoms.Atom) []*universe.Pkg { return t.match(r, a, true) }

// Added is Match without installed packages that are merely left alone.
func (t *Tracker) Added(r *universe.Root, a *atoms.Atom) []*universe.Pkg { return t.match(r, a, false) }

func (t *Tracker) match(r *universe.Root, a *atoms.Atom, installed bool) []*universe.Pkg {
	if universe.IsSoname(a) {
		return t.providers(r, a)
	}
	id := t.u.AtomID(a)
	n := t.name(r.ID, t.u.NameOf(id))
	answers := &t.roots[r.ID].added
	if installed {
		answers = &t.roots[r.ID].all
	}
	*answers = reach(*answers, int(id))
	known := &(*answers)[id]
	if known.state != n.state {
		known.found, known.state = t.search(r, n, a, installed), n.state
	}
	return known.found
}

func (t *Tracker) search(r *universe.Root, n *trackedName, a *atoms.Atom, installed bool) []*universe.Pkg {
	var found []*universe.Pkg
	for _, p := range n.added {
		if p.Matches(a, nil) {
			found = append(found, p)
		}
	}
	if installed && t.installed {
		store := t.u.Store(r, ebuild.OriginInstalled, a.CP)
		for _, p := range slices.Backward(store) {
			if !t.Replaced(p) && !slices.Contains(n.added, p) && p.Matches(a, nil) {
				found = append(found, p)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *universe.Pkg) int { return a.CPV.Version.Compare(b.CPV.Version) })
	return found
}

// providers returns the added packages that provide a soname, ascending.
func (t *Tracker) providers(r *universe.Root, a *atoms.Atom) []*universe.Pkg {
	var found []*universe.Pkg
	for _, n := range t.names {
		if n.root != r.ID {
			continue
		}
		for _, p := range n.added {
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
	for _, q := range t.addedOf(p) {
		if q != p && (q.Slot == p.Slot || q.CPV == p.CPV) {
			return true
		}
	}
	return false
}

// IsAdded says if p was added in this pass.
func (t *Tracker) IsAdded(p *universe.Pkg) bool { return slices.Contains(t.addedOf(p), p) }

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
	for _, n := range t.multi {
		var slots []universe.SlotID
		bySlot := make(map[universe.SlotID][]*universe.Pkg)
		for _, p := range n.added {
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
	for _, n := range t.names {
		if n.root == r.ID {
			all = append(all, n.added...)
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
