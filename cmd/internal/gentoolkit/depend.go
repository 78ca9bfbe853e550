package gentoolkit

import (
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// A Dependency is an atom of a dependency, and the USE condition that gentoolkit sees
// on it: the innermost one, without "?".
type Dependency struct {
	Atom      *atoms.Atom
	Condition string
}

// Dependencies gives the atoms of a dependency specification without its blockers.
// Atoms that are not valid are left out; text whose brackets do not match has none.
func Dependencies(text string) []Dependency {
	list, ok := nest(strings.Fields(text))
	if !ok {
		return nil
	}
	return dependencies(list, "")
}

// A node is a word or a list in brackets of a dependency specification.
type node struct {
	word string
	list []node // of a word nil
}

func (n node) condition() bool { return strings.HasSuffix(n.word, "?") }
func (n node) operator() bool  { return n.word == "||" || n.condition() }
func (n node) same(m node) bool {
	return n.list == nil && m.list == nil && n.word == m.word
}

func dependencies(list []node, condition string) []Dependency {
	var out []Dependency
	for _, n := range list {
		switch {
		case n.list != nil:
			out = append(out, dependencies(n.list, condition)...)
			condition = ""
		case n.word == "||" || n.word == "":
		case n.condition():
			condition = strings.TrimSuffix(n.word, "?")
		case strings.HasPrefix(n.word, "!"):
		default:
			if a, err := atoms.ParseAtom(n.word, atoms.AtomOptions{}); err == nil {
				out = append(out, Dependency{Atom: a, Condition: condition})
			}
		}
	}
	return out
}

// A nester builds lists out of words; like Portage's paren_reduce it drops brackets
// that say nothing, which has an effect on how far a condition is seen to reach.
type nester struct {
	stack [][]node
}

func nest(words []string) ([]node, bool) {
	n := &nester{stack: [][]node{nil}}
	bracket := false // one has to follow
	for _, w := range words {
		switch {
		case w == "(":
			bracket = false
			n.stack = append(n.stack, nil)
		case bracket, w == ")" && len(n.stack) == 1:
			return nil, false
		case w == ")":
			n.close()
		default:
			top := node{word: w}
			bracket = top.operator()
			n.push(top)
		}
	}
	return n.stack[0], len(n.stack) == 1 && !bracket
}

func (n *nester) push(more ...node) {
	top := len(n.stack) - 1
	n.stack[top] = append(n.stack[top], more...)
}

// end is the last node of a level, which has none if it is empty.
func (n *nester) end(level int) (node, bool) {
	if level < 0 || len(n.stack[level]) == 0 {
		return node{}, false
	}
	return n.stack[level][len(n.stack[level])-1], true
}

func (n *nester) drop(level int) { n.stack[level] = n.stack[level][:len(n.stack[level])-1] }

// close ends the innermost list.
func (n *nester) close() {
	level := len(n.stack) - 2
	list := n.stack[level+1]
	n.stack = n.stack[:level+1]
	before, some := n.end(level)
	if len(list) == 0 {
		if some && before.operator() {
			n.drop(level)
		}
		return
	}
	above, _ := n.end(level - 1)
	switch {
	case above.word != "||" && !(some && before.operator()):
		n.push(list...)
		return
	case !some:
	case len(list) == 1 && before.word == "||":
		n.drop(level)
	case len(list) == 2 && list[0].operator() && (before.same(list[0]) || before.word == "||"):
		n.drop(level)
	}
	n.append(level, list)
}

// append adds a list, without its brackets if they say nothing.
func (n *nester) append(level int, list []node) {
	single := len(list) == 1 || len(list) == 2 && list[0].operator()
	before, some := n.end(level)
	switch {
	case !single || some && before.condition():
		n.push(node{list: list})
	case len(list) == 1 && list[0].list != nil:
		n.push(list[0].list...)
	default:
		n.push(list...)
	}
}

// Intersects says if an atom of a dependency and a query could mean the same package.
// USE dependencies of queries do not count.
func (q *Query) Intersects(dep *atoms.Atom) bool {
	n, _ := q.name()
	if string(dep.CP) != n.CP() {
		return n.Category == "" && dep.CP.Name() == n.Package
	}
	if q.Atom == nil {
		return true
	}
	if dep.Slot != "" && q.Atom.Slot != "" && dep.Slot != q.Atom.Slot {
		return false
	}
	return versionsIntersect(bound(dep), bound(q.Atom))
}

// A limit is what an atom says of versions.
type limit struct {
	op      atoms.Op
	version atoms.Version
	text    string // the version as written
}

func bound(a *atoms.Atom) limit {
	return limit{op: a.Op, version: a.Version, text: a.Version.String()}
}

func (l limit) lower() bool { return l.op == atoms.OpGreater || l.op == atoms.OpGreaterEqual }
func (l limit) upper() bool { return l.op == atoms.OpLess || l.op == atoms.OpLessEqual }

// admits says if a version is within the limit, which is no pattern.
func (l limit) admits(v atoms.Version) bool {
	if l.op == atoms.OpTilde {
		return v.Base().Compare(l.version.Base()) == 0
	}
	order := v.Compare(l.version)
	switch l.op {
	case atoms.OpLess:
		return order < 0
	case atoms.OpLessEqual:
		return order <= 0
	case atoms.OpEqual:
		return order == 0
	case atoms.OpGreaterEqual:
		return order >= 0
	default:
		return order > 0
	}
}

// versionsIntersect says if there could be a version within both limits.
func versionsIntersect(a, b limit) bool {
	switch {
	case a.op == atoms.OpNone, b.op == atoms.OpNone, a.lower() && b.lower(), a.upper() && b.upper():
		return true
	case a.op == atoms.OpEqual && b.op == atoms.OpEqualGlob:
		return strings.HasPrefix(a.text, b.text)
	case a.op == atoms.OpEqual:
		return b.admits(a.version)
	case b.op == atoms.OpEqual && a.op == atoms.OpEqualGlob:
		return strings.HasPrefix(b.text, a.text)
	case b.op == atoms.OpEqual:
		return a.admits(b.version)
	case a.op == atoms.OpTilde && b.op == atoms.OpTilde:
		return a.text == b.text
	case a.op == atoms.OpEqualGlob && b.op == atoms.OpEqualGlob:
		return strings.HasPrefix(a.text, b.text) || strings.HasPrefix(b.text, a.text)
	case a.op == atoms.OpEqualGlob && b.op == atoms.OpTilde:
		return strings.HasPrefix(b.text, a.version.Base().String())
	case b.op == atoms.OpEqualGlob && a.op == atoms.OpTilde:
		return strings.HasPrefix(a.text, b.version.Base().String())
	}
	return rangeIntersects(a, b)
}

// rangeIntersects is versionsIntersect if one limit at least is a range.
func rangeIntersects(a, b limit) bool {
	ranged, other := a, b
	if !a.lower() && !a.upper() {
		ranged, other = b, a
	}
	switch {
	case other.lower() || other.upper():
		return other.admits(ranged.version) && ranged.admits(other.version)
	case ranged.admits(other.version):
		return true
	case other.op == atoms.OpTilde:
		return ranged.lower() && other.admits(ranged.version)
	case ranged.upper() && other.version.Revision() != "":
		return false
	default:
		return strings.HasPrefix(ranged.text, other.version.Base().String())
	}
}
