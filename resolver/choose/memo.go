package choose

import "github.com/tumpline/tumpline/resolver/universe"

// A memo is what a chooser remembers of one root, by atom. Entries are not
// removed but outlived: each carries the age of what it was found out by.
type memo struct {
	age       uint32   // counts the times when all choices were dropped, from 1
	names     []uint32 // by name: counts the times when choices of the name were dropped
	choices   [numChoiceKinds][]remembered
	usableAge uint32 // counts the times when usable was dropped, from 1
	usable    []usables
}

// A choiceKind tells apart questions that are remembered apart.
type choiceKind uint8

const (
	kindAutounmask choiceKind = 1 << iota // changes of configuration may be proposed
	kindAdding
	kindOnlyDeps
	numChoiceKinds
)

func kindOf(q *Ask, autounmask bool) choiceKind {
	var k choiceKind
	if autounmask {
		k |= kindAutounmask
	}
	if q.Adding {
		k |= kindAdding
	}
	if q.OnlyDeps {
		k |= kindOnlyDeps
	}
	return k
}

// remembered is a choice, with the age of all choices and of those of its name.
type remembered struct {
	Selection
	age, nameAge uint32
}

// usables are the packages that comparisons may count on for an atom.
type usables struct {
	list []*universe.Pkg
	age  uint32
}

// open drops the choices of a name.
func (m *memo) open(id universe.NameID) {
	m.names = reach(m.names, int(id))
	m.names[id]++
}

func (m *memo) nameAge(id universe.NameID) uint32 {
	if int(id) < len(m.names) {
		return m.names[id]
	}
	return 0
}

func (m *memo) choice(k choiceKind, a universe.AtomID, name universe.NameID) (Selection, bool) {
	if int(a) >= len(m.choices[k]) {
		return Selection{}, false
	}
	r := &m.choices[k][a]
	return r.Selection, r.age == m.age && r.nameAge == m.nameAge(name)
}

func (m *memo) choose(k choiceKind, a universe.AtomID, name universe.NameID, sel Selection) {
	m.choices[k] = reach(m.choices[k], int(a))
	m.choices[k][a] = remembered{sel, m.age, m.nameAge(name)}
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
