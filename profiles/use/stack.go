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

// beats says if the operation is stronger than another, which may be nil.
func (p *placed) beats(other *placed) bool { return other == nil || p.place > other.place }

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

// stability tells stable packages from others as an index.
type stability uint8

const (
	unstable stability = iota
	stable
)

// A stack is a compiled profiles.FlagStack. What differs between stable
// packages and others is there twice.
type stack struct {
	segments  profiles.FlagStack
	ops       []placed            // of all segments, weakest first
	last      map[string][2]int32 // by flag: 1 + index in ops of the last OpOn or OpOff
	sweeps    [2][]*placed        // other operations, weakest first
	tables    map[atoms.CP][]int  // segments with a table that names the package
	wild      []int               // segments with a table with wildcards
	hooks     map[profiles.Hook]int
	wildcards []string // flags of the form prefix_* that may be on
}

func compile(segments profiles.FlagStack) *stack {
	n := 0
	for i := range segments {
		n += len(segments[i].Ops)
	}
	s := &stack{
		segments: segments,
		ops:      make([]placed, 0, n), // never moves: pointers into it are kept
		last:     make(map[string][2]int32, n),
		tables:   make(map[atoms.CP][]int),
		hooks:    make(map[profiles.Hook]int),
	}
	for i := range segments {
		seg := &segments[i]
		for n, op := range seg.Ops {
			s.add(placed{op, placeOf(i, partOps, n)}, seg.Stable)
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

func (s *stack) add(p placed, onlyStable bool) {
	s.ops = append(s.ops, p)
	switch p.Kind {
	case profiles.OpOn, profiles.OpOff:
		last := s.last[p.Flag]
		last[stable] = int32(len(s.ops))
		if !onlyStable {
			last[unstable] = last[stable]
		}
		s.last[p.Flag] = last
	default:
		kept := &s.ops[len(s.ops)-1]
		s.sweeps[stable] = append(s.sweeps[stable], kept)
		if !onlyStable {
			s.sweeps[unstable] = append(s.sweeps[unstable], kept)
		}
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
func (s *stack) matching(c atoms.Candidate, st stability) []placed {
	segments := s.tables[c.CPV.CP]
	if len(s.wild) > 0 {
		segments = append(slices.Clip(segments), s.wild...)
		slices.Sort(segments)
		segments = slices.Compact(segments)
	}
	var list []placed
	for _, i := range segments {
		seg := &s.segments[i]
		if seg.Stable && st == unstable {
			continue
		}
		for _, e := range seg.Table.Match(c) {
			for _, op := range profiles.Ops(e.Words) {
				list = append(list, placed{op, placeOf(i, partTable, len(list))})
			}
		}
	}
	return list
}

// A view is a stack as one package sees it.
type view struct {
	*stack
	stability
	own []placed // operations of the package's own, weakest first
}

// deciding returns the strongest operation about a flag, or nil. listed says if
// the package itself has the flag in IUSE.
func (v *view) deciding(flag string, listed bool) *placed {
	var best *placed
	if i := v.last[flag][v.stability]; i > 0 {
		best = &v.ops[i-1]
	}
	sweeps := v.sweeps[v.stability]
	for i := len(sweeps) - 1; i >= 0 && sweeps[i].beats(best); i-- {
		if sweeps[i].affects(flag, listed) {
			best = sweeps[i]
			break
		}
	}
	for i := len(v.own) - 1; i >= 0 && v.own[i].beats(best); i-- {
		if v.own[i].affects(flag, listed) {
			return &v.own[i]
		}
	}
	return best
}

// on says if the view as a whole turns the flag on.
func (v *view) on(flag string, listed bool) bool {
	op := v.deciding(flag, listed)
	return op != nil && op.on()
}

// flagsOn returns all flags that the view turns on, in no order.
func (v *view) flagsOn() []string {
	var list []string
	for flag := range v.last {
		if v.on(flag, false) {
			list = append(list, flag)
		}
	}
	for i := range v.own {
		if flag := v.own[i].Flag; v.on(flag, false) {
			list = append(list, flag)
		}
	}
	return list
}

// mentions says if any operation of the package's own can matter to one of the
// given flags.
func (v *view) mentions(flags map[string]bool) bool {
	for i := range v.own {
		p := &v.own[i]
		if p.Kind != profiles.OpOn && p.Kind != profiles.OpOff || flags[p.Flag] {
			return true
		}
	}
	return false
}

func (v *view) layer(p *placed) profiles.Layer { return v.segments[p.place.segment()].Layer }
