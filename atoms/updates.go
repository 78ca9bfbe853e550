package atoms

import "strings"

// A Move renames a package in dependencies: the "move" command of
// profiles/updates (PMS 4.4.4).
type Move struct{ From, To CP }

// A SlotMove changes the slot of a package in dependencies: the "slotmove"
// command. Only an Atom without version can be applied to dependencies.
type SlotMove struct {
	Atom     *Atom
	From, To string
}

// Apply rewrites the value of a dependency variable and keeps its white space.
// Tokens that are no atoms stay as they are. If parent is not nil it is the
// package with the dependency, and a block that would then match the parent
// itself is not changed. It reports whether anything changed.
func (m Move) Apply(text string, o AtomOptions, parent *Candidate) (string, bool) {
	if !strings.Contains(text, string(m.From)) || checkCP(string(m.To)).msg != "" {
		return text, false
	}
	return rewriteAtoms(text, string(m.From), o, func(a *Atom) *Atom {
		if a.CP != m.From {
			return a
		}
		moved := a.WithCP(m.To)
		if moved.Blocker != BlockNone && parent != nil && moved.Match(*parent) {
			return a
		}
		return moved
	})
}

// Apply rewrites the value of a dependency variable and keeps its white space.
// Tokens that are no atoms, and atoms with another slot or none, stay as they
// are. A subslot equal to the old slot changes with it. It reports whether
// anything changed.
func (m SlotMove) Apply(text string, o AtomOptions) (string, bool) {
	if m.Atom.Op != OpNone || !strings.Contains(text, string(m.Atom.CP)) {
		return text, false
	}
	return rewriteAtoms(text, string(m.Atom.CP), o, func(a *Atom) *Atom {
		if a.CP != m.Atom.CP || a.Slot != m.From {
			return a
		}
		subslot := a.Subslot
		if subslot == m.From {
			subslot = m.To
		}
		return a.WithSlot(m.To, subslot, a.SlotOp)
	})
}

// rewriteAtoms replaces the atoms of text that contain the given name.
func rewriteAtoms(text, name string, o AtomOptions, change func(*Atom) *Atom) (string, bool) {
	var b strings.Builder
	copied := 0
	t := tokenizer{text: text}
	for token := t.next(); token != ""; token = t.next() {
		if !strings.Contains(token, name) {
			continue
		}
		a, f := parseAtom(token, o)
		if f.msg != "" {
			continue
		}
		if changed := change(a); changed != a {
			b.WriteString(text[copied:t.start])
			b.WriteString(changed.String())
			copied = t.end
		}
	}
	if copied == 0 {
		return text, false
	}
	b.WriteString(text[copied:])
	return b.String(), true
}
