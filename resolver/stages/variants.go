package stages

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/partial"
	"github.com/tumpline/tumpline/resolver/universe"
)

// cost orders the variants of a package.
type cost struct {
	flags   int // how many are switched
	penalty int // see Policy
	text    string
}

func (c cost) compare(d cost) int {
	return cmp.Or(cmp.Compare(c.flags, d.flags), cmp.Compare(c.penalty, d.penalty), cmp.Compare(c.text, d.text))
}

// maxRepair is how many further flags may be switched for REQUIRED_USE.
const maxRepair = 3

// addVariants makes the variants of a member of a component: one for each way
// to switch flags that changes what it needs inside the component, or whether
// it is what others there ask for.
func (m *model) addVariants(x *member) {
	if x.pkg.Built() {
		return
	}
	x.variants = []*instance{}
	m.draft = true
	defer func() { m.draft = false }()
	m.compile(x.final)
	asked := m.askedFlags(x)
	flags := m.free(x, slices.Concat(m.decidingFlags(x), keys(asked)))
	seen := map[string]bool{m.signature(x.final, asked): true}
	var list []*instance
	for changes := range m.combinations(x, flags) {
		v := &instance{member: x, changes: changes, flags: x.final.flags.With(changes)}
		m.compile(v)
		v.cost = m.price(x, changes, asked)
		if !v.dead {
			list = append(list, v)
		}
	}
	slices.SortStableFunc(list, func(a, b *instance) int { return a.cost.compare(b.cost) })
	for _, v := range list {
		if s := m.signature(v, asked); !seen[s] {
			seen[s] = true
			v.id = len(m.insts)
			m.insts = append(m.insts, v)
			x.variants = append(x.variants, v)
		}
	}
}

func keys(asked map[string]bool) []string {
	var list []string
	for f := range asked {
		list = append(list, f)
	}
	slices.Sort(list)
	return list
}

// signature is the same for instances that need and offer the same.
func (m *model) signature(i *instance, asked map[string]bool) string {
	var b strings.Builder
	for _, list := range [...][]*expr{i.build, i.run} {
		var texts []string
		for _, e := range list {
			var t strings.Builder
			e.text(&t)
			texts = append(texts, t.String())
		}
		slices.Sort(texts)
		b.WriteString(strings.Join(slices.Compact(texts), "\n") + "\n\n")
	}
	for _, f := range keys(asked) {
		if i.flags.Enabled(f) {
			b.WriteString(f + " ")
		}
	}
	return b.String()
}

// inside says if an atom of x names another member of its component, or x
// itself, and nothing that is there meets it.
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

// decidingFlags returns the flags of a member that decide about what it needs
// inside its component.
func (m *model) decidingFlags(x *member) []string {
	var flags []string
	for _, c := range x.classes {
		if !hard(x.pkg, c.Class) && !soft(c.Class) {
			continue
		}
		for _, tree := range c.Trees {
			flags = append(flags, atoms.AffectingFlags(tree, func(a *atoms.Atom) bool {
				if len(m.inside(x, c.Root, a)) == 0 {
					return false
				}
				for _, d := range a.Unevaluated().USE {
					if d.Kind.Conditional() {
						flags = append(flags, d.Flag)
					}
				}
				return true
			})...)
		}
	}
	return flags
}

// askedFlags returns the flags of a member that others of its component name in
// USE dependencies; true for those that some want outright.
func (m *model) askedFlags(x *member) map[string]bool {
	asked := make(map[string]bool)
	for _, y := range m.members {
		if y.comp != x.comp {
			continue
		}
		for _, c := range y.classes {
			for _, tree := range c.Trees {
				for a := range tree.All() {
					if a.CP != x.pkg.CPV.CP || c.Root != x.pkg.Root || len(a.Unevaluated().USE) == 0 {
						continue
					}
					for _, d := range a.Unevaluated().USE {
						asked[d.Flag] = asked[d.Flag] || !d.Kind.Conditional()
					}
				}
			}
		}
	}
	return asked
}

// free leaves of some flags those that may be switched, sorted.
func (m *model) free(x *member, flags []string) []string {
	flags = slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return m.fixed(x, f) != "" })
	slices.Sort(flags)
	return slices.Compact(flags)
}

// fixed says why a flag of a member may not be switched; empty if it may.
func (m *model) fixed(x *member, flag string) string {
	s := x.final.flags.State
	switch {
	case !x.pkg.HasIUSE(flag):
		return "IUSE"
	case s.Forced(flag):
		return "forced"
	case s.Masked(flag):
		return "masked"
	case m.o.Policy.forbids(x.pkg, flag):
		return "policy"
	}
	return ""
}

// combinations yields the ways to switch some of the flags, with what
// REQUIRED_USE asks to be switched along.
func (m *model) combinations(x *member, flags []string) func(func([]universe.FlagChange) bool) {
	extra := m.repairFlags(x, flags)
	return func(yield func([]universe.FlagChange) bool) {
		for subset := range m.subsets(x, flags) {
			changes := switched(x, subset)
			if m.allowed(x, changes) {
				if !yield(changes) {
					return
				}
				continue
			}
			for _, repaired := range m.repair(x, subset, extra) {
				if !yield(repaired) {
					return
				}
			}
		}
	}
}

// subsets yields the sets of flags that are not empty: all of them, or, of
// more than MaxFlags flags, those of up to three and the whole.
func (m *model) subsets(x *member, flags []string) func(func([]string) bool) {
	n := len(flags)
	if n <= MaxFlags {
		return func(yield func([]string) bool) {
			for bits := 1; bits < 1<<n; bits++ {
				var s []string
				for i, f := range flags {
					if bits>>i&1 == 1 {
						s = append(s, f)
					}
				}
				if !yield(s) {
					return
				}
			}
		}
	}
	x.capped = true
	return func(yield func([]string) bool) {
		if !yield(flags) {
			return
		}
		choose(flags, 3, yield)
	}
}

// choose yields the subsets of at most k elements that are not empty.
func choose(list []string, k int, yield func([]string) bool) bool {
	var rec func(from int, taken []string) bool
	rec = func(from int, taken []string) bool {
		for i := from; i < len(list); i++ {
			next := append(slices.Clone(taken), list[i])
			if !yield(next) || len(next) < k && !rec(i+1, next) {
				return false
			}
		}
		return true
	}
	return rec(0, nil)
}

func switched(x *member, flags []string) []universe.FlagChange {
	list := make([]universe.FlagChange, 0, len(flags))
	for _, f := range flags {
		list = append(list, universe.FlagChange{Flag: f, On: !x.final.flags.Enabled(f)})
	}
	slices.SortFunc(list, func(a, b universe.FlagChange) int { return cmp.Compare(a.Flag, b.Flag) })
	return list
}

// allowed says if REQUIRED_USE holds with some changes.
func (m *model) allowed(x *member, changes []universe.FlagChange) bool {
	return partial.RequiredUSEHolds(x.pkg, x.final.flags.With(changes))
}

// repairFlags are the other flags of REQUIRED_USE.
func (m *model) repairFlags(x *member, flags []string) []string {
	spec, err := x.pkg.RequiredUSE()
	if err != nil {
		return nil
	}
	required := m.free(x, atoms.RequiredUSEFlags(spec))
	return slices.DeleteFunc(required, func(f string) bool { return slices.Contains(flags, f) })
}

// repair returns the ways to meet REQUIRED_USE by switching as few further
// flags as possible.
func (m *model) repair(x *member, subset, extra []string) [][]universe.FlagChange {
	var found [][]universe.FlagChange
	least := maxRepair
	choose(extra, maxRepair, func(more []string) bool {
		if len(more) > least {
			return true
		}
		changes := switched(x, slices.Concat(subset, more))
		if m.allowed(x, changes) {
			if len(more) < least {
				found, least = nil, len(more)
			}
			found = append(found, changes)
		}
		return true
	})
	return found
}

// price tells how dear the changes of a variant are.
func (m *model) price(x *member, changes []universe.FlagChange, asked map[string]bool) cost {
	c := cost{flags: len(changes), text: x.pkg.CPV.String()}
	for _, ch := range changes {
		c.penalty += m.o.Policy.penalty(x.pkg, ch.Flag)
		if asked[ch.Flag] {
			c.penalty += penaltyAsked
		}
		c.text += " " + ch.Flag
	}
	return c
}
