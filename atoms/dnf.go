package atoms

import "slices"

// DNF converts a reduced tree, as Reduce gives it, to disjunctive normal
// form: conditions joined with alternatives become one any-of group of all
// combinations. Its size is exponential in the number of any-of groups.
//
//	a || ( b c )        ->  || ( ( a b ) ( a c ) )
//	|| ( a b ) || ( c d ) ->  || ( ( a c ) ( a d ) ( b c ) ( b d ) )
func DNF[L any](s *Spec[L]) *Spec[L] {
	specs := s.Children
	if s.Kind != KindAll {
		specs = []*Spec[L]{s}
	}
	return &Spec[L]{Kind: KindAll, Children: dnf(specs)}
}

// dnf converts a conjunction.
func dnf[L any](specs []*Spec[L]) []*Spec[L] {
	var conjunction, groups []*Spec[L]
	for _, s := range specs {
		switch s.Kind {
		case KindAny:
			groups = append(groups, flattenAny(s))
		case KindLeaf:
			conjunction = append(conjunction, s)
		default:
			conjunction = append(conjunction, dnf(s.Children)...)
		}
	}
	if len(groups) == 0 || len(groups) == 1 && len(conjunction) == 0 {
		return append(conjunction, groups...)
	}
	combinations := [][]*Spec[L]{conjunction}
	for _, g := range groups {
		var longer [][]*Spec[L]
		for _, c := range combinations {
			for _, alternative := range g.Children {
				longer = append(longer, append(slices.Clip(c), conjuncts(alternative)...))
			}
		}
		combinations = longer
	}
	result := &Spec[L]{Kind: KindAny}
	for _, c := range combinations {
		result.Children = append(result.Children, &Spec[L]{Kind: KindAll, Children: c})
	}
	return []*Spec[L]{result}
}

// conjuncts returns what an alternative requires.
func conjuncts[L any](s *Spec[L]) []*Spec[L] {
	if s.Kind == KindAll {
		return s.Children
	}
	return []*Spec[L]{s}
}

// flattenAny converts the alternatives of an any-of group, so that none holds
// an any-of group.
func flattenAny[L any](s *Spec[L]) *Spec[L] {
	if !slices.ContainsFunc(s.Children, func(c *Spec[L]) bool { return c.Kind != KindLeaf }) {
		return s
	}
	flat := &Spec[L]{Kind: KindAny}
	for _, c := range s.Children {
		if c.Kind == KindLeaf {
			flat.Children = append(flat.Children, c)
			continue
		}
		inner := dnf(conjuncts(c))
		if len(inner) == 1 && inner[0].Kind == KindAny {
			flat.Children = append(flat.Children, inner[0].Children...)
		} else {
			flat.Children = append(flat.Children, &Spec[L]{Kind: KindAll, Children: inner})
		}
	}
	return flat
}

// maxCombinations is the size from which on overlapping groups are left as
// they are: nothing real comes near it, and Portage would not end.
const maxCombinations = 1 << 16

// OverlapDNF converts only those any-of groups of a reduced tree to
// disjunctive normal form that name a common package, so that choices are
// made for them together, and drops repeated groups. The converted groups
// come after everything else. It reports false, and returns s, if no groups
// overlap. Groups whose normal form would be absurdly large are not converted.
func OverlapDNF(s *Dep) (*Dep, bool) {
	g := newOverlap(s)
	result := &Dep{Kind: KindAll, Children: g.rest}
	converted := false
	for i := range g.groups {
		if g.grouped[i] {
			continue
		}
		members := g.connected(i)
		if len(members) == 1 {
			result.Children = append(result.Children, members[0])
			continue
		}
		converted = true
		if unique := dropRepeated(members); len(unique) > 1 && combinations(unique, KindAll) <= maxCombinations {
			result.Children = append(result.Children, dnf(unique)...)
		} else {
			result.Children = append(result.Children, unique...)
		}
	}
	if !converted {
		return s, false
	}
	return result, true
}

// combinations returns a bound for the number of alternatives of specs in
// normal form; it stops counting above maxCombinations.
func combinations(specs []*Dep, k Kind) int {
	sum, product := 0, 1
	for _, s := range specs {
		n := 1
		if s.Kind != KindLeaf {
			n = combinations(s.Children, s.Kind)
		}
		sum, product = sum+n, product*n
		if sum > maxCombinations || k != KindAny && product > maxCombinations {
			return maxCombinations + 1
		}
		if k == KindAny {
			product = 1
		}
	}
	if k == KindAny {
		return sum
	}
	return product
}

// An overlap is the relation "names a common package" among any-of groups.
type overlap struct {
	rest    []*Dep // everything but the groups
	groups  []*Dep // any-of groups that name a package they do not block
	names   [][]CP // of each group
	byName  map[CP][]int
	grouped []bool
}

func newOverlap(s *Dep) *overlap {
	g := &overlap{byName: make(map[CP][]int)}
	for _, child := range s.Children {
		var names []CP
		if child.Kind == KindAny {
			for a := range child.All() {
				if a.Blocker == BlockNone {
					names = append(names, a.CP)
				}
			}
			slices.Sort(names)
			names = slices.Compact(names)
		}
		if len(names) == 0 {
			g.rest = append(g.rest, child)
			continue
		}
		for _, cp := range names {
			g.byName[cp] = append(g.byName[cp], len(g.groups))
		}
		g.groups, g.names = append(g.groups, child), append(g.names, names)
	}
	g.grouped = make([]bool, len(g.groups))
	return g
}

// connected returns group i and all groups linked to it by common names, in
// the order written, and marks them.
func (g *overlap) connected(i int) []*Dep {
	found, todo := []int{i}, []int{i}
	g.grouped[i] = true
	for len(todo) > 0 {
		i, todo = todo[len(todo)-1], todo[:len(todo)-1]
		for _, cp := range g.names[i] {
			for _, j := range g.byName[cp] {
				if !g.grouped[j] {
					g.grouped[j] = true
					found, todo = append(found, j), append(todo, j)
				}
			}
		}
	}
	slices.Sort(found)
	members := make([]*Dep, len(found))
	for k, j := range found {
		members[k] = g.groups[j]
	}
	return members
}

// dropRepeated keeps the first of groups that are written the same.
func dropRepeated(groups []*Dep) []*Dep {
	seen := make(map[string]bool)
	return slices.DeleteFunc(groups, func(s *Dep) bool {
		text := s.String()
		defer func() { seen[text] = true }()
		return seen[text]
	})
}
