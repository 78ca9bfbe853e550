package partial

import (
	"maps"
	"slices"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/universe"
)

// MaskKind says why an earlier pass masked a package.
type MaskKind uint8

const (
	MaskSlotConflict MaskKind = iota // another package shall have its slot
	MaskMissingDep                   // one of its dependencies cannot be met
	MaskBuiltSlot                    // a built package bound to a slot or sub-slot that goes
)

// A Mask is what earlier passes hold against a package.
type Mask struct {
	SlotConflict []ParentAtom // atoms that it failed
	HasConflict  bool         // masked for a slot conflict, perhaps without failing any atom
	MissingDep   bool
	Missing      *atoms.Atom // the dependency that could not be met
	MissingRoot  *universe.Root
	BuiltSlot    bool
}

// Only says if the mask was made for a slot conflict in which the package
// failed no atom, and for nothing else.
func (m *Mask) Only() bool {
	return m.HasConflict && len(m.SlotConflict) == 0 && !m.MissingDep && !m.BuiltSlot
}

// A USEChange is a proposed change of a package's USE flags.
type USEChange struct {
	Flags       *universe.Flags       // the state with the changes
	RequiredUSE bool                  // REQUIRED_USE still holds if it held before
	Asked       []universe.FlagChange // the changes in the order in which they were proposed
}

// A Search is what a node of the search tells a pass (D70): packages that may
// not be chosen, changes that are already decided, and what has to be rebuilt.
// A pass never changes it; Clone makes the start of another node.
type Search struct {
	Masks  map[*universe.Pkg]*Mask
	Masked []*universe.Pkg // keys of Masks in order of arrival

	// Pins, unless nil, are the only packages that may be chosen: a plan that
	// was found in another way is being checked.
	Pins map[*universe.Pkg]bool

	// Broken are installed packages that the plan breaks before it replaces them:
	// the order must not lean on them.
	Broken map[*universe.Pkg]bool

	Unstable map[*universe.Pkg]bool // keywords to be accepted
	Unmask   map[*universe.Pkg]bool // package.mask to be lifted
	License  map[*universe.Pkg][]string
	USE      map[*universe.Pkg]*USEChange
	USEOrder []*universe.Pkg // keys of USE in order of arrival

	Rebuild   []universe.SlotID // no built package may be used
	Reinstall []universe.SlotID // the installed package may not be used
	Replace   []universe.SlotID // slots to be merged anew for a slot operator
	MaskBuilt []*universe.Pkg   // packages masked for MaskBuiltSlot

	Circular map[*universe.Pkg][]*universe.Pkg // dependencies to be avoided where there is a choice
	Prune    bool                              // rebuilds were dropped once
}

// NewSearch returns the root node: nothing is known.
func NewSearch() *Search {
	return &Search{
		Masks:    make(map[*universe.Pkg]*Mask),
		Unstable: make(map[*universe.Pkg]bool),
		Unmask:   make(map[*universe.Pkg]bool),
		License:  make(map[*universe.Pkg][]string),
		USE:      make(map[*universe.Pkg]*USEChange),
		Circular: make(map[*universe.Pkg][]*universe.Pkg),
	}
}

// Clone returns a copy that can be added to.
func (s *Search) Clone() *Search {
	c := NewSearch()
	c.Masked, c.Broken = slices.Clone(s.Masked), maps.Clone(s.Broken)
	for p, m := range s.Masks {
		copied := *m
		c.Masks[p] = &copied
	}
	for p := range s.Unstable {
		c.Unstable[p] = true
	}
	for p := range s.Unmask {
		c.Unmask[p] = true
	}
	for p, l := range s.License {
		c.License[p] = slices.Clone(l)
	}
	for p, u := range s.USE {
		c.USE[p] = u
	}
	for p, l := range s.Circular {
		c.Circular[p] = slices.Clone(l)
	}
	c.USEOrder = slices.Clone(s.USEOrder)
	c.Rebuild = slices.Clone(s.Rebuild)
	c.Reinstall = slices.Clone(s.Reinstall)
	c.Replace = slices.Clone(s.Replace)
	c.MaskBuilt = slices.Clone(s.MaskBuilt)
	c.Prune = s.Prune
	c.Pins = s.Pins
	return c
}

// Excludes says if p may not be chosen: it is masked, or others are pinned.
func (s *Search) Excludes(p *universe.Pkg) bool {
	return s.Masks[p] != nil || s.Pins != nil && !s.Pins[p]
}

// MaskOf returns the mask of p, making one if there is none.
func (s *Search) MaskOf(p *universe.Pkg) *Mask {
	m := s.Masks[p]
	if m == nil {
		m = &Mask{}
		s.Masks[p] = m
		s.Masked = append(s.Masked, p)
	}
	return m
}

// Unmasked forgets the mask of p.
func (s *Search) Unmasked(p *universe.Pkg) {
	delete(s.Masks, p)
	s.Masked = slices.DeleteFunc(s.Masked, func(q *universe.Pkg) bool { return p == q })
}

// Replaces says if the slot of p is to be merged anew.
func (s *Search) Replaces(p *universe.Pkg) bool { return slices.Contains(s.Replace, p.Slot) }

// AddSlot returns list with a slot added, once.
func AddSlot(list []universe.SlotID, id universe.SlotID) []universe.SlotID {
	if slices.Contains(list, id) {
		return list
	}
	return append(list, id)
}

// AddPkg returns list with a package added, once.
func AddPkg(list []*universe.Pkg, p *universe.Pkg) []*universe.Pkg {
	if slices.Contains(list, p) {
		return list
	}
	return append(list, p)
}
