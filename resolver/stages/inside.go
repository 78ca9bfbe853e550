package stages

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/universe"
)

// A condition is a flag and the value that a conditional wants.
type condition struct {
	flag string
	on   bool
}

// A need is a dependency of a member inside its component, with the
// conditionals around it. choice says that it is an alternative of a group:
// then every flag of the group counts, whatever its value.
type need struct {
	when   []condition
	choice bool
}

type insideList []need

// insideNeeds lists what a member may need inside its component, and what it
// may lack once flags are switched.
func (m *model) insideNeeds(x *member) insideList {
	list := m.collectAll(x, nil)
	return m.collectAll(x, m.free(x, list.flags(x)))
}

// collectAll looks at all classes; switched are the flags that could take needs
// away.
func (m *model) collectAll(x *member, switched []string) insideList {
	var list insideList
	for _, c := range x.classes {
		if !hard(x.pkg, c.Class) && !soft(c.Class) {
			continue
		}
		for _, tree := range c.Trees {
			m.collect(x, c.Root, tree, nil, false, switched, &list)
		}
	}
	return list
}

func (m *model) collect(x *member, r *universe.Root, d *atoms.Dep, when []condition, choice bool, switched []string, list *insideList) {
	switch d.Kind {
	case atoms.KindLeaf:
		if len(m.inside(x, r, d.Leaf)) == 0 {
			if m.fickle(x, r, d.Leaf, when, switched) {
				*list = append(*list, need{slices.Clone(when), true})
			}
			return
		}
		*list = append(*list, need{slices.Clone(when), choice})
		for _, u := range d.Leaf.Unevaluated().USE {
			if u.Kind.Conditional() {
				*list = append(*list, need{append(slices.Clone(when), condition{u.Flag, true}), true})
			}
		}
		return
	case atoms.KindIf:
		when = append(slices.Clone(when), condition{d.Flag, !d.Negated})
	case atoms.KindAny, atoms.KindExactlyOne:
		choice = true
	}
	for _, k := range d.Children {
		m.collect(x, r, k, when, choice, switched, list)
	}
}

// fickle says if an atom that names nothing of the component may stop being met
// once flags are switched that could take needs away: by a USE dependency, or
// since it then takes effect and nothing that is there or planned meets it.
func (m *model) fickle(x *member, r *universe.Root, a *atoms.Atom, when []condition, switched []string) bool {
	if a.Blocker != atoms.BlockNone || len(when) == 0 {
		return false
	}
	for _, u := range a.Unevaluated().USE {
		if u.Kind.Conditional() && slices.Contains(switched, u.Flag) {
			return true
		}
	}
	holds, awakes := false, false
	for _, c := range when {
		if x.final.flags.Enabled(c.flag) == c.on {
			holds = true
		} else if awakes = slices.Contains(switched, c.flag); !awakes {
			return false
		}
	}
	return holds && awakes && m.leaf(x.final, r, a.EvaluateUSE(x.final.flags.Enabled)) == never
}

// inside returns the members of the component of x that an atom of x names;
// none if something that is there meets it.
func (m *model) inside(x *member, r *universe.Root, a *atoms.Atom) []*member {
	if a.Blocker != atoms.BlockNone {
		return nil
	}
	var found []*member
	for _, y := range m.byName[nameKey{r.ID, a.CP}] {
		if y.comp == x.comp && y.pkg.MatchesName(a) {
			found = append(found, y)
		}
	}
	return found
}

func (n need) holds(f *universe.Flags) bool {
	for _, c := range n.when {
		if f.Enabled(c.flag) != c.on {
			return false
		}
	}
	return true
}

// flags returns the flags that could take a need away: those around needs that
// hold. Switching another can only add needs.
func (l insideList) flags(x *member) []string {
	var flags []string
	for _, n := range l {
		if n.choice || n.holds(x.final.flags) {
			for _, c := range n.when {
				flags = append(flags, c.flag)
			}
		}
	}
	return flags
}

// signature is the same for forms of a member that need the same inside the
// component, and offer the same of some flags.
func (l insideList) signature(i *instance, offered []string) string {
	var b strings.Builder
	bit := func(on bool) {
		if on {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	for _, n := range l {
		bit(n.holds(i.flags))
		if n.choice {
			for _, c := range n.when {
				bit(i.flags.Enabled(c.flag))
			}
		}
	}
	for _, f := range offered {
		bit(i.flags.Enabled(f))
	}
	return b.String()
}

// outright returns the flags around needs that hold and have no alternative.
func (l insideList) outright(x *member) []string {
	var flags []string
	for _, n := range l {
		if !n.choice && n.holds(x.final.flags) {
			for _, c := range n.when {
				flags = append(flags, c.flag)
			}
		}
	}
	return flags
}
