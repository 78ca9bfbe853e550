package stages

import (
	"math/bits"
	"slices"

	"github.com/tumpline/tumpline/atoms"
)

// A set is a set of instances by id.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

func (s set) has(i int) bool { return s[i>>6]>>(i&63)&1 == 1 }
func (s set) add(i int)      { s[i>>6] |= 1 << (i & 63) }
func (s set) drop(i int)     { s[i>>6] &^= 1 << (i & 63) }

func (s set) clone() set { return slices.Clone(s) }

func (s set) meets(t set) bool {
	for i, x := range s {
		if x&t[i] != 0 {
			return true
		}
	}
	return false
}

func (s set) count() int {
	n := 0
	for _, x := range s {
		n += bits.OnesCount64(x)
	}
	return n
}

type op uint8

const (
	opLeaf op = iota // met by any of insts
	opAny            // met if one of kids is
	opAll            // met if all of kids are
	opConst
)

// An expr is a dependency that is not met by what is there: a monotone formula
// over instances.
type expr struct {
	op    op
	atom  *atoms.Atom // of a leaf
	insts []int
	kids  []*expr
}

// always and never are the constants.
var (
	always = &expr{op: opConst}
	never  = &expr{op: opConst}
)

// anyOf joins alternatives; none at all is met.
func anyOf(n int, kid func(int) *expr) *expr {
	e := &expr{op: opAny}
	for i := range n {
		switch k := kid(i); k {
		case always:
			return always
		case never:
		default:
			e.kids = append(e.kids, k)
		}
	}
	switch {
	case n == 0:
		return always
	case len(e.kids) == 0:
		return never
	case len(e.kids) == 1:
		return e.kids[0]
	}
	return e
}

func allOf(n int, kid func(int) *expr) *expr {
	e := &expr{op: opAll}
	for i := range n {
		switch k := kid(i); k {
		case always:
		case never:
			return never
		default:
			e.kids = append(e.kids, k)
		}
	}
	switch len(e.kids) {
	case 0:
		return always
	case 1:
		return e.kids[0]
	}
	return e
}

// met says if an expression holds where the instances of s are usable.
func (e *expr) met(s set) bool {
	switch e.op {
	case opLeaf:
		for _, i := range e.insts {
			if s.has(i) {
				return true
			}
		}
		return false
	case opAny:
		for _, k := range e.kids {
			if k.met(s) {
				return true
			}
		}
		return false
	case opAll:
		for _, k := range e.kids {
			if !k.met(s) {
				return false
			}
		}
	}
	return e != never
}

// leaves calls f with every leaf.
func (e *expr) leaves(f func(*expr)) {
	if e.op == opLeaf {
		f(e)
	}
	for _, k := range e.kids {
		k.leaves(f)
	}
}
