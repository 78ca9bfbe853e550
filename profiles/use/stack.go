package use

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/profiles"
)

// A place orders operations: the index of the segment, the part of it, and the
// position in the part.
type place uint64

// A part of a segment. Its operations come before its table, that before its hook.
type part uint64

const (
	partOps part = iota
	partTable
	partHook
)

func placeOf(segment int, p part, index int) place {
	return place(segment)<<32 | place(p)<<28 | place(index)
}

func (p place) segment() int { return int(p >> 32) }

// A placed is an operation with its place.
type placed struct {
	profiles.Op
	place place
}

// on says if the operation turns on the flags that it affects.
func (p *placed) on() bool {
	return p.Kind == profiles.OpOn || p.Kind == profiles.OpOnPrefix
}

// affects says if the operation decides about a flag. "prefix_*" means only
// flags that the package itself lists.
func (p *placed) affects(flag string, listed bool) bool {
	switch p.Kind {
	case profiles.OpOn, profiles.OpOff:
		return p.Flag == flag
	case profiles.OpClear:
		return true
	case profiles.OpClearPrefix:
		return strings.HasPrefix(flag, p.Flag)
	case profiles.OpOnPrefix:
		return listed && strings.HasPrefix(flag, p.Flag)
	}
	return false
}

// A stack is a profiles.FlagStack compiled for stable packages, or for others.
type stack struct {
	segments  profiles.FlagStack
	last      map[string]placed  // OpOn and OpOff: the last of each flag
	sweeps    []placed           // other operations, weakest first
	tables    map[atoms.CP][]int // segments with a table that names the package
	wild      []int              // segments with a table with wildcards
	entries   map[*profiles.Entry][]profiles.Op
	hooks     map[profiles.Hook]int // segment
	wildcards []string              // flags of the form prefix_* that may be on
}

func compile(segments profiles.FlagStack, stable bool) *stack {
	s := &stack{
		segments: segments,
		last:     make(map[string]placed),
		tables:   make(map[atoms.CP][]int),
		entries:  make(map[*profiles.Entry][]profiles.Op),
		hooks:    make(map[profiles.Hook]int),
	}
	for i, seg := range segments {
		if seg.Stable && !stable {
			continue
		}
		for n, op := range seg.Ops {
			s.add(placed{op, placeOf(i, partOps, n)})
		}
		if seg.Table != nil {
			s.addTable(i, seg.Table)
		}
		if seg.Hook != profiles.HookNone {
			s.hooks[seg.Hook] = i
		}
	}
	return s
}

func (s *stack) add(p placed) {
	switch p.Kind {
	case profiles.OpOn, profiles.OpOff:
		s.last[p.Flag] = p
	default:
		s.sweeps = append(s.sweeps, p)
	}
	if name, ok := wildcard(p.Op); ok {
		s.wildcards = append(s.wildcards, name)
	}
}

// wildcard returns the flag prefix_* that an operation may turn on.
func wildcard(op profiles.Op) (string, bool) {
	switch {
	case op.Kind == profiles.OpOnPrefix:
		return op.Flag + "*", true
	case op.Kind == profiles.OpOn && strings.HasSuffix(op.Flag, "_*"):
		return op.Flag, true
	}
	return "", false
}

func (s *stack) addTable(segment int, t *profiles.Table) {
	for _, e := range t.Entries() {
		s.entries[e] = profiles.Ops(e.Words)
		if e.Atom.Wildcard {
			continue
		}
		list := s.tables[e.Atom.CP]
		if len(list) == 0 || list[len(list)-1] != segment {
			s.tables[e.Atom.CP] = append(list, segment)
		}
	}
	if len(t.Wild()) > 0 {
		s.wild = append(s.wild, segment)
	}
}

// matching returns the operations of all entries that match a package, weakest
// first.
func (s *stack) matching(c atoms.Candidate) []placed {
	segments := s.tables[c.CPV.CP]
	if len(s.wild) > 0 {
		segments = append(slices.Clip(segments), s.wild...)
		slices.Sort(segments)
		segments = slices.Compact(segments)
	}
	var list []placed
	for _, i := range segments {
		for _, e := range s.segments[i].Table.Match(c) {
			for _, op := range s.entries[e] {
				list = append(list, placed{op, placeOf(i, partTable, len(list))})
			}
		}
	}
	return list
}

// A view is a stack with the operations that belong to one package put in.
type view struct {
	*stack
	own []placed // weakest first
}

// deciding returns the strongest operation about a flag. listed says if the
// package itself has the flag in IUSE.
func (v view) deciding(flag string, listed bool) (placed, bool) {
	best, found := v.last[flag]
	for _, list := range [2][]placed{v.sweeps, v.own} {
		for i := len(list) - 1; i >= 0; i-- {
			p := &list[i]
			if found && p.place <= best.place {
				break
			}
			if p.affects(flag, listed) {
				best, found = *p, true
				break
			}
		}
	}
	return best, found
}

// on says if the view as a whole turns the flag on.
func (v view) on(flag string, listed bool) bool {
	op, found := v.deciding(flag, listed)
	return found && op.on()
}

// mentions says if any operation of the package's own can matter to one of the
// given flags.
func (v view) mentions(flags map[string]bool) bool {
	for i := range v.own {
		p := &v.own[i]
		if p.Kind != profiles.OpOn && p.Kind != profiles.OpOff || flags[p.Flag] {
			return true
		}
	}
	return false
}
