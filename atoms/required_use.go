package atoms

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
)

// CheckRequiredUSE reports whether the flags of a package meet its
// REQUIRED_USE. If not, unsatisfied is what remains of the constraints: parts
// that are met or do not apply are left out, except inside an operator. It is
// an error if a flag is not declared. A nil features is permissive.
func CheckRequiredUSE(r *RequiredUSE, s FlagState, features *eapi.Features) (ok bool, unsatisfied *RequiredUSE, err error) {
	if features == nil {
		features = eapi.Permissive()
	}
	c := useChecker{flags: s, emptyMatches: features.EmptyGroupsMatch}
	root := &useNode{spec: r}
	sum, err := c.children(r, root)
	if err != nil {
		return false, nil, err
	}
	if sum.matched == sum.total {
		return true, nil, nil
	}
	return false, root.unsatisfied(false), nil
}

// A useNode is a part of REQUIRED_USE that applies, and whether it is met.
type useNode struct {
	spec      *RequiredUSE
	children  []*useNode
	satisfied bool
}

// operator reports whether the node is an any-of, exactly-one-of or
// at-most-one-of group.
func (n *useNode) operator() bool {
	return n.spec.Kind == KindAny || n.spec.Kind == KindExactlyOne || n.spec.Kind == KindAtMostOne
}

// A tally counts the members of a group and how many of them are met.
type tally struct{ total, matched int }

func (t *tally) add(satisfied bool) {
	t.total++
	if satisfied {
		t.matched++
	}
}

type useChecker struct {
	flags        FlagState
	emptyMatches bool // an empty group is met, whatever its operator
}

func (c *useChecker) enabled(flag string) (bool, error) {
	if !c.flags.Declared(flag) {
		return false, &UndeclaredFlagError{flag}
	}
	return c.flags.Enabled(flag), nil
}

// children checks the members of group s, which node stands for.
func (c *useChecker) children(s *RequiredUSE, node *useNode) (sum tally, err error) {
	for _, child := range s.Children {
		if child.Kind != KindLeaf {
			if err := c.group(child, node, &sum); err != nil {
				return sum, err
			}
			continue
		}
		on, err := c.enabled(child.Leaf.Flag)
		if err != nil {
			return sum, err
		}
		satisfied := on != child.Leaf.Negated
		sum.add(satisfied)
		node.children = append(node.children, &useNode{spec: child, satisfied: satisfied})
	}
	return sum, nil
}

// group checks group s, a member of parent, and counts it in sum. Neither a
// conditional that does not hold nor parentheses without content count.
func (c *useChecker) group(s *RequiredUSE, parent *useNode, sum *tally) error {
	node := &useNode{spec: s}
	inner, err := c.children(s, node)
	if err != nil {
		return err
	}
	if s.Kind == KindIf {
		on, err := c.enabled(s.Flag)
		if err != nil || on == s.Negated {
			return err
		}
	}
	node.satisfied = c.satisfied(s.Kind, inner)
	if s.Kind != KindAll || inner.total > 0 {
		sum.add(node.satisfied)
	}
	parent.adopt(node)
	return nil
}

func (c *useChecker) satisfied(k Kind, sum tally) bool {
	if sum.total == 0 && c.emptyMatches {
		return true
	}
	switch k {
	case KindAny:
		return sum.matched > 0
	case KindExactlyOne:
		return sum.matched == 1
	case KindAtMostOne:
		return sum.matched <= 1
	}
	return sum.matched == sum.total
}

// adopt adds node to the children of n, or only the children of node where
// its parentheses or its operator mean nothing.
func (n *useNode) adopt(node *useNode) {
	switch {
	case node.spec.Kind == KindAll:
		if len(node.children) > 1 && n.operator() {
			n.children = append(n.children, node)
		} else {
			n.children = append(n.children, node.children...)
		}
	case len(node.children) == 0:
	case len(node.children) == 1 && node.operator():
		only := node.children[0]
		if only.spec.Kind == KindAll && !n.operator() {
			n.children = append(n.children, only.children...)
		} else {
			n.children = append(n.children, only)
		}
	default:
		n.children = append(n.children, node)
	}
}

// unsatisfied returns the tree of n without the parts that are met. Inside an
// operator everything stays, as all members bear on the outcome.
func (n *useNode) unsatisfied(inOperator bool) *RequiredUSE {
	if n.spec.Kind == KindLeaf {
		return n.spec
	}
	inOperator = inOperator || n.operator()
	s := &RequiredUSE{Kind: n.spec.Kind, Flag: n.spec.Flag, Negated: n.spec.Negated}
	for _, child := range n.children {
		if inOperator || !child.satisfied {
			s.Children = append(s.Children, child.unsatisfied(inOperator))
		}
	}
	return s
}

// RequiredUSEFlags returns all flags that REQUIRED_USE mentions, sorted.
func RequiredUSEFlags(r *RequiredUSE) []string {
	flags := r.appendFlags(nil)
	for leaf := range r.All() {
		flags = append(flags, leaf.Flag)
	}
	slices.Sort(flags)
	return slices.Compact(flags)
}

// HumanRequiredUSE returns the constraints with the operators in words:
// any-of, exactly-one-of, at-most-one-of.
func HumanRequiredUSE(r *RequiredUSE) string {
	words := strings.NewReplacer(
		KindAny.operator(), KindAny.String(),
		KindExactlyOne.operator(), KindExactlyOne.String(),
		KindAtMostOne.operator(), KindAtMostOne.String())
	return words.Replace(r.String())
}
