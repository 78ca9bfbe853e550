package stages

import (
	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/universe"
)

// hopeless returns the members of components that no flags can cut, without
// trying combinations. Each member is given its best form: everything that
// depends on a flag which may be switched is left out, USE dependencies and
// REQUIRED_USE do not count, and all other components are there. What cannot
// be merged even so cannot be merged at all.
func (m *model) hopeless(comps [][]*member) map[*member]bool {
	found := make(map[*member]bool)
	m.draft = draftAll
	defer func() { m.draft = noDraft }()
	for _, list := range comps {
		if !list[0].cyclic {
			continue
		}
		work := 0
		r := &region{members: list, base: newSet(len(m.insts)), work: &work}
		for _, i := range m.insts {
			if i.member.comp != list[0].comp || !i.member.cyclic {
				r.base.add(i.id)
			}
		}
		for _, x := range list {
			r.insts = append(r.insts, m.bestForm(x))
		}
		every := newSet(len(m.insts))
		for _, i := range m.insts {
			every.add(i.id)
		}
		if !r.suffices(every) {
			for _, x := range list {
				found[x] = true
			}
		}
	}
	return found
}

// bestForm returns a member without anything that flags could take away.
func (m *model) bestForm(x *member) *instance {
	i := &instance{id: x.final.id, member: x, changes: []universe.FlagChange{}, flags: x.final.flags}
	free := make(map[string]bool)
	isFree := func(flag string) bool {
		is, known := free[flag]
		if !known {
			is = m.fixed(x, flag) == ""
			free[flag] = is
		}
		return is
	}
	for _, c := range x.classes {
		if !hard(x.pkg, c.Class) && !soft(c.Class) {
			continue
		}
		for _, tree := range c.Trees {
			for _, d := range i.reduce(without(tree, isFree, x.pkg.Built())) {
				m.clause(i, c, d)
			}
		}
	}
	i.dead = false
	return i
}

// without returns a tree without what conditionals on free flags decide about:
// left out where all is needed, taken in where one of several will do.
func without(d *atoms.Dep, free func(string) bool, built bool) *atoms.Dep {
	if d.Kind == atoms.KindLeaf || built {
		return d
	}
	out := &atoms.Dep{Kind: d.Kind, Flag: d.Flag, Negated: d.Negated}
	for _, k := range d.Children {
		if k.Kind == atoms.KindIf && free(k.Flag) {
			if d.Kind == atoms.KindAny || d.Kind == atoms.KindExactlyOne {
				inner := without(k, free, built)
				out.Children = append(out.Children, &atoms.Dep{Kind: atoms.KindAll, Children: inner.Children})
			}
			continue
		}
		out.Children = append(out.Children, without(k, free, built))
	}
	if len(out.Children) == 0 {
		out = &atoms.Dep{Kind: atoms.KindAll}
	}
	return out
}
