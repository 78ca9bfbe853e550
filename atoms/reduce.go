package atoms

import "github.com/tumpline/tumpline/atoms/eapi"

// ReduceOptions says how Reduce decides conditionals.
type ReduceOptions struct {
	EAPI      *eapi.Features         // decides about empty any-of groups; nil: permissive
	Enabled   func(flag string) bool // flags of the package with the dependency; nil: none
	Masked    func(flag string) bool // flags always taken as disabled; nil: none
	Forced    func(flag string) bool // flags whose negated conditionals never hold; nil: none
	MatchAll  bool                   // every conditional holds, atoms are not evaluated
	MatchNone bool                   // no conditional holds
	// Subset, if not nil, keeps only leaves inside conditionals on these flags.
	// Portage has this but does not use it; in deeply nested groups other
	// redundant parentheses may stay than there.
	Subset func(flag string) bool
}

func (o *ReduceOptions) enabled(flag string) bool { return o.Enabled != nil && o.Enabled(flag) }

// active decides a use-conditional.
func (o *ReduceOptions) active(flag string, negated bool) bool {
	switch {
	case negated && o.Forced != nil && o.Forced(flag):
		return false
	case o.Masked != nil && o.Masked(flag):
		return negated
	case o.MatchAll:
		return true
	case o.MatchNone:
		return false
	}
	return o.enabled(flag) != negated
}

// EmptyAnyOf is the package name of the atom that Reduce puts in place of an
// any-of group without alternatives. No package has this name.
const EmptyAnyOf CP = "__const__/empty-any-of"

// Reduce evaluates the conditionals of s, and the USE dependencies of its
// atoms, and simplifies what remains: redundant parentheses go, an any-of
// group in another becomes part of it, and an any-of group of one alternative
// becomes that alternative. The result is the tree that Portage's use_reduce
// gives with opconvert, on which choices are made: a KindAll root, and below
// it only leaves, KindAny, and KindAll inside KindAny. Where an EAPI does not
// match empty any-of groups, such a group becomes the atom EmptyAnyOf.
//
// The simplification does not always find the smallest tree; which
// parentheses stay is part of the contract, since the order of preference of
// alternatives follows from it.
func Reduce[L any](s *Spec[L], o ReduceOptions) *Spec[L] {
	if o.Subset != nil {
		s = selectSubset(s, &o)
	}
	r := reducer[L]{o: &o, levels: make([]level[L], 1, 8)}
	if o.EAPI != nil {
		r.emptyMatches = o.EAPI.EmptyGroupsMatch
	}
	var zero L
	_, r.opaque = any(zero).(*Atom)
	if s.Kind == KindAll {
		r.walk(s.Children)
	} else {
		r.item(s)
	}
	return &Spec[L]{Kind: KindAll, Children: r.levels[0].nodes}
}

// A level holds the finished nodes of one open group. The mark is the
// operator, any-of or conditional, whose group is open in the level above.
type level[L any] struct {
	nodes []*Spec[L]
	mark  *Spec[L]
}

func (l *level[L]) empty() bool { return len(l.nodes) == 0 && l.mark == nil }

func (l *level[L]) add(nodes ...*Spec[L]) { l.nodes = append(l.nodes, nodes...) }

// A reducer builds the reduced tree level by level.
type reducer[L any] struct {
	o            *ReduceOptions
	emptyMatches bool // an empty any-of group is matched
	opaque       bool // leaves are atoms, which Portage does not take for tokens
	levels       []level[L]
}

func (r *reducer[L]) walk(specs []*Spec[L]) {
	for _, s := range specs {
		r.item(s)
	}
}

func (r *reducer[L]) item(s *Spec[L]) {
	top := &r.levels[len(r.levels)-1]
	switch s.Kind {
	case KindLeaf:
		top.add(r.leaf(s))
		return
	case KindExactlyOne, KindAtMostOne:
		// Not in dependencies; keep the group, reduced inside.
		top.add(&Spec[L]{Kind: s.Kind, Children: Reduce(&Spec[L]{Kind: KindAll, Children: s.Children}, *r.o).Children})
		return
	case KindAny, KindIf:
		top.mark = s
	}
	r.levels = append(r.levels, level[L]{})
	r.walk(s.Children)
	r.closeGroup()
}

// leaf evaluates a leaf; one without conditionals stays the same node.
func (r *reducer[L]) leaf(s *Spec[L]) *Spec[L] {
	if r.o.MatchAll {
		return s
	}
	a, ok := any(s.Leaf).(*Atom)
	if !ok || !a.conditional {
		return s
	}
	return &Spec[L]{Kind: KindLeaf, Leaf: any(a.EvaluateUSE(r.o.enabled)).(L)}
}

// closeGroup ends the innermost group and joins its nodes to the level below.
// The cases and their order are those of Portage.
func (r *reducer[L]) closeGroup() {
	n := len(r.levels) - 2
	group := r.levels[n+1].nodes
	r.levels = r.levels[:n+1]
	below := &r.levels[n]
	single := len(group) == 1
	switch {
	case below.mark == nil:
	case below.mark.Kind == KindIf:
		active := r.o.active(below.mark.Flag, below.mark.Negated)
		below.mark = nil
		if !active {
			return
		}
	case len(group) == 0:
		below.mark = nil
		if !r.emptyMatches {
			group = []*Spec[L]{emptyAnyOf[L]()}
		}
	}
	inAny, isAny := r.endsInAny(n-1), r.endsInAny(n)
	switch {
	case len(group) == 0:
	case !inAny && !isAny: // ( ( ... ) ) -> ( ... )
		below.add(group...)
	case below.empty(): // directly inside an any-of group: the parentheses count
		r.join(n, group, single)
	case single && isAny: // || ( A ) -> A and || ( || ( ... ) ) -> || ( ... )
		below.mark = nil
		r.join(n, group, single)
	case isAny && inAny: // || ( A || ( B C ) ) -> || ( A B C )
		below.mark = nil
		below.add(group...)
	case isAny:
		below.mark = nil
		below.add(&Spec[L]{Kind: KindAny, Children: group})
	default:
		r.join(n, group, single)
	}
}

// join adds a group to level n as one node, or as its parts where that means
// the same.
func (r *reducer[L]) join(n int, group []*Spec[L], single bool) {
	below := &r.levels[n]
	switch {
	case !single:
		below.add(&Spec[L]{Kind: KindAll, Children: group})
	case group[0].Kind == KindLeaf:
		below.add(group[0])
	case r.insideAny(n-1) == (group[0].Kind == KindAny):
		below.add(group[0].Children...)
	default:
		below.add(group[0])
	}
}

// endsInAny reports whether level n waits for an any-of group to close.
func (r *reducer[L]) endsInAny(n int) bool {
	return n >= 0 && r.levels[n].mark != nil && r.levels[n].mark.Kind != KindIf
}

// insideAny reports whether an any-of operator is in effect for what is added
// above level n: conditionals and, with atoms for leaves, levels that end in
// a node do not end its reach.
func (r *reducer[L]) insideAny(n int) bool {
	for ; n >= 0; n-- {
		l := &r.levels[n]
		switch {
		case r.endsInAny(n):
			return true
		case l.mark != nil || len(l.nodes) == 0:
		case !r.opaque && l.nodes[len(l.nodes)-1].Kind == KindLeaf:
			return false
		}
	}
	return false
}

// emptyAnyOf returns the leaf that stands for an any-of group without
// alternatives.
func emptyAnyOf[L any]() *Spec[L] {
	s := &Spec[L]{Kind: KindLeaf}
	switch any(s.Leaf).(type) {
	case *Atom:
		s.Leaf = any(NewAtom(EmptyAnyOf)).(L)
	case string:
		s.Leaf = any(string(EmptyAnyOf)).(L)
	}
	return s
}

// selectSubset keeps what stands inside a conditional on one of the flags.
func selectSubset[L any](s *Spec[L], o *ReduceOptions) *Spec[L] {
	return &Spec[L]{Kind: KindAll, Children: subsetOf(s.Children, false, false, o)}
}

// subsetOf returns what is selected of specs, which are alternatives of an
// any-of group if anyOf is true.
func subsetOf[L any](specs []*Spec[L], anyOf, selected bool, o *ReduceOptions) []*Spec[L] {
	var kept []*Spec[L]
	for _, s := range specs {
		switch s.Kind {
		case KindLeaf:
			if selected {
				kept = append(kept, s)
			}
			continue
		case KindAny:
			children := subsetOf(s.Children, true, selected, o)
			if anyOf {
				kept = append(kept, children...)
			} else if len(children) > 0 {
				kept = append(kept, &Spec[L]{Kind: KindAny, Children: children})
			}
			continue
		}
		inside := selected
		if s.Kind == KindIf {
			if !o.active(s.Flag, s.Negated) {
				continue
			}
			// A negated conditional never selects: Portage compares "!flag".
			inside = selected || !s.Negated && o.Subset(s.Flag)
		}
		children := subsetOf(s.Children, false, inside, o)
		if anyOf && len(children) > 0 {
			children = []*Spec[L]{{Kind: KindAll, Children: children}}
		}
		kept = append(kept, children...)
	}
	return kept
}
