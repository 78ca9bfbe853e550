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
	x.variants = []*instance{}
	m.draft = draftInside
	defer func() { m.draft = noDraft }()
	asked := m.askedFlags(x)
	needs := m.insideNeeds(x)
	offered := keys(asked)
	flags := m.free(x, slices.Concat(needs.flags(x), m.usefulFlags(x)))
	seen := map[string]bool{needs.signature(x.final, offered): true}
	var list []*instance
	for changes := range m.combinations(x, flags) {
		v := &instance{member: x, changes: changes, flags: x.final.flags.With(changes)}
		v.cost, v.avoided = m.price(x, changes, asked)
		list = append(list, v)
	}
	slices.SortStableFunc(list, func(a, b *instance) int {
		if a.avoided != b.avoided {
			if b.avoided {
				return -1
			}
			return 1
		}
		return a.cost.compare(b.cost)
	})
	for _, v := range list {
		s := needs.signature(v, offered)
		if seen[s] {
			continue
		}
		if m.compile(v); v.dead {
			continue
		}
		seen[s] = true
		v.id = len(m.insts)
		m.insts = append(m.insts, v)
		x.variants = append(x.variants, v)
	}
	slices.SortStableFunc(x.variants, func(a, b *instance) int { return a.cost.compare(b.cost) })
}

func keys(asked map[string]bool) []string {
	var list []string
	for f := range asked {
		list = append(list, f)
	}
	slices.Sort(list)
	return list
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

// usefulFlags returns the flags of a member that could be switched to follow
// what another member asks of it, once that has switched the same flag.
func (m *model) usefulFlags(x *member) []string {
	var flags []string
	for _, y := range m.members {
		if y.comp != x.comp {
			continue
		}
		for _, c := range y.classes {
			for _, tree := range c.Trees {
				for a := range tree.All() {
					if a.CP == x.pkg.CPV.CP && c.Root == x.pkg.Root {
						flags = append(flags, m.follows(x, y, a)...)
					}
				}
			}
		}
	}
	return flags
}

// follows returns the flags of x that an atom of y could ask to be otherwise
// than they are.
func (m *model) follows(x, y *member, a *atoms.Atom) []string {
	var flags []string
	for _, d := range a.Unevaluated().USE {
		on := x.final.flags.Enabled(d.Flag)
		useful := true
		switch d.Kind {
		case atoms.USEIfEnabled:
			useful = !on && m.fixed(y, d.Flag) == ""
		case atoms.USEIfDisabled:
			useful = on && m.fixed(y, d.Flag) == ""
		case atoms.USEEnabled:
			useful = !on
		case atoms.USEDisabled:
			useful = on
		default:
			useful = m.fixed(y, d.Flag) == ""
		}
		if useful {
			flags = append(flags, d.Flag)
		}
	}
	return flags
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
	case m.o.policyOf(x.pkg).forbids(x.pkg, flag):
		return "policy"
	}
	return ""
}

// combinations yields the ways to switch some of the flags, with what
// REQUIRED_USE asks to be switched along.
func (m *model) combinations(x *member, flags []string) func(func([]universe.FlagChange) bool) {
	return func(yield func([]universe.FlagChange) bool) {
		for subset := range m.subsets(x, flags) {
			changes := switched(x, subset)
			if m.allowed(x, changes) {
				if !yield(changes) {
					return
				}
				continue
			}
			for _, repaired := range m.repair(x, subset) {
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

// repair returns the ways to meet REQUIRED_USE by switching as few further
// flags as possible: each among those that the unmet part names.
func (m *model) repair(x *member, subset []string) [][]universe.FlagChange {
	for depth := 1; depth <= maxRepair; depth++ {
		var found [][]universe.FlagChange
		seen := make(map[string]bool)
		m.repairBy(x, subset, depth, func(flags []string) {
			slices.Sort(flags)
			if k := strings.Join(flags, " "); !seen[k] {
				seen[k] = true
				found = append(found, switched(x, flags))
			}
		})
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

func (m *model) repairBy(x *member, subset []string, depth int, found func([]string)) {
	flags := x.final.flags.With(switched(x, subset))
	spec, err := x.pkg.RequiredUSE()
	if err != nil {
		return
	}
	ok, unmet, err := atoms.CheckRequiredUSE(spec, flags, x.pkg.Effective().EAPI)
	switch {
	case err != nil:
	case ok:
		found(slices.Clone(subset))
	case depth > 0:
		for _, f := range m.free(x, atoms.RequiredUSEFlags(unmet)) {
			if !slices.Contains(subset, f) {
				m.repairBy(x, append(slices.Clone(subset), f), depth-1, found)
			}
		}
	}
}

// price tells how dear the changes of a variant are.
func (m *model) price(x *member, changes []universe.FlagChange, asked map[string]bool) (c cost, avoided bool) {
	c = cost{flags: len(changes), text: x.pkg.CPV.String()}
	for _, ch := range changes {
		p := m.o.policyOf(x.pkg).penalty(x.pkg, ch.Flag)
		avoided = avoided || p == penaltyAvoid
		c.penalty += p
		if asked[ch.Flag] {
			c.penalty += penaltyAsked
		}
		c.text += " " + ch.Flag
	}
	return c, avoided
}
