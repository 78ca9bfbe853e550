package portage

import (
	"slices"

	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
	"github.com/tumpline/tumpline/resolver/walk"
)

// A candidate is a node of the search.
type candidate struct {
	search   *partial.Search
	depth    int  // steps from the root
	masks    int  // steps that masked something
	terminal bool // reached by changes of configuration only
}

func (c *candidate) child() *candidate {
	n := *c
	n.search = c.search.Clone()
	n.depth++
	return &n
}

// search is the stack of nodes that are still to be tried.
type search struct {
	maxMasks int
	all      []*candidate
	open     []*candidate
	current  *candidate
}

func newSearch(maxMasks int) *search {
	s := &search{maxMasks: maxMasks}
	s.add(&candidate{search: partial.NewSearch(), terminal: true}, true)
	return s
}

func (s *search) more() bool { return len(s.open) > 0 }

// next returns the node that was added last.
func (s *search) next() *partial.Search {
	n := len(s.open)
	s.current = s.open[n-1]
	s.open = s.open[:n-1]
	return s.current.search
}

// add keeps a node unless it is known, masks too much, or masks a package
// whose reason to be masked is masked itself (D76).
func (s *search) add(c *candidate, explore bool) {
	if !masksHold(c.search) || c.masks > s.maxMasks {
		return
	}
	for _, known := range s.all {
		if equal(known.search, c.search) {
			return
		}
	}
	s.all = append(s.all, c)
	if explore {
		s.open = append(s.open, c)
	}
}

func masksHold(s *partial.Search) bool {
	for _, p := range s.Masked {
		m := s.Masks[p]
		if m.MissingDep || m.BuiltSlot || len(m.SlotConflict) == 0 {
			continue
		}
		if !slices.ContainsFunc(m.SlotConflict, func(pa partial.ParentAtom) bool {
			return pa.Parent.Pkg == nil || s.Masks[pa.Parent.Pkg] == nil
		}) {
			return false
		}
	}
	return true
}

// best returns the deepest node that was reached by changes of configuration
// only: the one to show a failure from (D78).
func (s *search) best() *partial.Search {
	best := s.all[0]
	for _, c := range s.all {
		if c.terminal && c.depth > best.depth {
			best = c
		}
	}
	return best.search
}

// feedback makes nodes of what a pass found out. Changes of configuration may
// come together with a conflict: the nodes for the conflict start from them.
func (s *search) feedback(f *walk.Facts, changes *partial.Changes) {
	conflict := len(f.SlotConflicts) > 0
	if f.Config != nil || changes.Proposed() {
		n := s.current.child()
		applyConfig(n, f.Config)
		applyChanges(n.search, changes)
		s.add(n, !conflict && f.MissingDep == nil)
		s.current = n
	}
	switch {
	case conflict:
		for _, alt := range f.SlotConflicts[0] {
			n := s.masking()
			for _, item := range alt {
				m := n.search.MaskOf(item.Pkg)
				m.HasConflict, m.SlotConflict = true, item.Fails
			}
			s.add(n, true)
		}
	case f.MissingDep != nil:
		n := s.masking()
		m := n.search.MaskOf(f.MissingDep.Parent.Pkg)
		m.MissingDep, m.Missing, m.MissingRoot = true, f.MissingDep.Atom, f.MissingDep.Root
		s.add(n, true)
	}
}

func (s *search) masking() *candidate {
	n := s.current.child()
	n.masks++
	n.terminal = false
	return n
}

func applyConfig(n *candidate, c *walk.Config) {
	if c == nil {
		return
	}
	s := n.search
	for _, e := range c.Circular {
		s.Circular[e.Pkg] = partial.AddPkg(s.Circular[e.Pkg], e.Child)
	}
	if len(c.ConflictABI) > 0 {
		n.terminal = false
	}
	for _, p := range c.MaskBuilt {
		s.MaskBuilt = partial.AddPkg(s.MaskBuilt, p)
		s.MaskOf(p).BuiltSlot = true
	}
	for _, id := range c.Replace {
		s.Replace = partial.AddSlot(s.Replace, id)
	}
	for _, id := range c.Rebuild {
		s.Rebuild = partial.AddSlot(s.Rebuild, id)
	}
	for _, id := range c.Reinstall {
		s.Reinstall = partial.AddSlot(s.Reinstall, id)
	}
	if c.PruneRebuild {
		prune(s)
	}
}

// prune drops the rebuilds and the masks that came with them.
func prune(s *partial.Search) {
	s.Prune = true
	s.Replace = nil
	for _, p := range s.MaskBuilt {
		m := s.Masks[p]
		if m == nil {
			continue
		}
		m.BuiltSlot = false
		if !m.HasConflict && !m.MissingDep {
			s.Unmasked(p)
		}
	}
	s.MaskBuilt = nil
}

func applyChanges(s *partial.Search, c *partial.Changes) {
	for _, p := range c.New.Unstable {
		s.Unstable[p] = true
	}
	for _, p := range c.New.Unmask {
		s.Unmask[p] = true
	}
	for _, l := range c.New.License {
		list := append(slices.Clone(s.License[l.Pkg]), l.Licenses...)
		slices.Sort(list)
		s.License[l.Pkg] = slices.Compact(list)
	}
	for _, u := range c.New.USE {
		s.USE[u.Pkg] = u.Change
		s.USEOrder = partial.AddPkg(s.USEOrder, u.Pkg)
	}
}

// equal says if two nodes would lead to the same pass.
func equal(a, b *partial.Search) bool {
	return a.Prune == b.Prune &&
		sameSet(a.Rebuild, b.Rebuild) && sameSet(a.Reinstall, b.Reinstall) && sameSet(a.Replace, b.Replace) &&
		sameSet(a.MaskBuilt, b.MaskBuilt) &&
		sameKeys(a.Unstable, b.Unstable) && sameKeys(a.Unmask, b.Unmask) &&
		sameLists(a.License, b.License) && sameCircular(a.Circular, b.Circular) &&
		sameUSE(a.USE, b.USE) && sameMasks(a.Masks, b.Masks)
}

func sameSet[T comparable](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if !slices.Contains(b, x) {
			return false
		}
	}
	return true
}

func sameKeys(a, b map[*universe.Pkg]bool) bool {
	if len(a) != len(b) {
		return false
	}
	for p := range a {
		if !b[p] {
			return false
		}
	}
	return true
}

func sameLists(a, b map[*universe.Pkg][]string) bool {
	if len(a) != len(b) {
		return false
	}
	for p, l := range a {
		if !slices.Equal(l, b[p]) {
			return false
		}
	}
	return true
}

func sameCircular(a, b map[*universe.Pkg][]*universe.Pkg) bool {
	if len(a) != len(b) {
		return false
	}
	for p, l := range a {
		if !sameSet(l, b[p]) {
			return false
		}
	}
	return true
}

func sameUSE(a, b map[*universe.Pkg]*partial.USEChange) bool {
	if len(a) != len(b) {
		return false
	}
	for p, c := range a {
		d := b[p]
		if d == nil || !slices.Equal(c.Flags.Changes, d.Flags.Changes) {
			return false
		}
	}
	return true
}

func sameMasks(a, b map[*universe.Pkg]*partial.Mask) bool {
	if len(a) != len(b) {
		return false
	}
	for p, m := range a {
		n := b[p]
		if n == nil || m.HasConflict != n.HasConflict || m.MissingDep != n.MissingDep || m.BuiltSlot != n.BuiltSlot ||
			!sameParents(m.SlotConflict, n.SlotConflict) || m.Missing != n.Missing {
			return false
		}
	}
	return true
}

func sameParents(a, b []partial.ParentAtom) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y partial.ParentAtom) bool {
			return x.Parent.Node() == y.Parent.Node() && x.Atom.String() == y.Atom.String()
		}) {
			return false
		}
	}
	return true
}
