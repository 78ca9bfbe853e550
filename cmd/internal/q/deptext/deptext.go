// Package deptext reads dependency strings as qdepends shows them: a tree of words,
// each word an atom of package loose. Words need not be atoms that PMS knows; the
// package decides nothing about them, only brackets have to match.
package deptext

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/q/loose"
)

// A Kind is what a node is.
type Kind uint8

const (
	Word  Kind = iota // an atom
	If                // flag? ( ... )
	Any               // || ( ... ), and its kin ^^ and ??
	Group             // ( ... )
)

// String returns the name that a very verbose qdepends prints.
func (k Kind) String() string { return [...]string{"NORM", "USE", "OR", "GROUP"}[k] }

// A Node is one part of a dependency string.
type Node struct {
	Kind     Kind
	Text     string      // the word; of If the flag, with ! before it
	Atom     *loose.Atom // of Word
	Resolved bool        // Atom is a package now, Text is what asked for it
	Children []*Node
}

// Reasons for a string that cannot be read.
var (
	ErrOpen  = errors.New("Parenthesis unbalanced")
	ErrFlag  = errors.New("Found a ? but no USE flag")
	ErrGroup = errors.New("no group where one is needed")
)

// Parse reads a dependency string.
func Parse(text string) ([]*Node, error) {
	root := &Node{Kind: Group}
	open := []*Node{root}
	var head *Node // an If or Any whose group is to come
	for _, word := range strings.Fields(text) {
		top := open[len(open)-1]
		switch {
		case word == "(":
			if head == nil {
				head = &Node{Kind: Group}
				top.Children = append(top.Children, head)
			}
			open, head = append(open, head), nil
			continue
		case head != nil:
			return nil, fmt.Errorf("%w: %q", ErrGroup, word)
		case word == ")" && len(open) == 1:
			return nil, ErrOpen
		case word == ")":
			open = open[:len(open)-1]
			continue
		case word == "?":
			return nil, ErrFlag
		case word == "||" || word == "^^" || word == "??":
			head = &Node{Kind: Any}
		case strings.HasSuffix(word, "?"):
			head = &Node{Kind: If, Text: strings.TrimSuffix(word, "?")}
		default:
			top.Children = append(top.Children, &Node{Kind: Word, Text: word, Atom: loose.Parse(word)})
			continue
		}
		top.Children = append(top.Children, head)
	}
	if len(open) > 1 || head != nil {
		return nil, ErrOpen
	}
	return root.Children, nil
}

// Prune takes out what depends on flags that are not as asked for.
func Prune(nodes []*Node, enabled func(flag string) bool) []*Node {
	var out []*Node
	for _, n := range nodes {
		if n.Kind == If {
			flag, negated := strings.CutPrefix(n.Text, "!")
			if enabled(flag) == negated {
				continue
			}
		}
		cut := *n
		cut.Children = Prune(n.Children, enabled)
		out = append(out, &cut)
	}
	return out
}

// Walk calls do for each word, in order.
func Walk(nodes []*Node, do func(*Node)) {
	for _, n := range nodes {
		if n.Kind == Word {
			do(n)
		}
		Walk(n.Children, do)
	}
}

// A Style says how Write writes.
type Style struct {
	Kinds     bool                   // tell what each node is
	Highlight func(*loose.Atom) bool // which atoms stand out; nil: none
	On, Off   string                 // around them
}

// Write writes nodes below each other, so many levels in. A group with one word stays
// on one line.
func Write(w io.Writer, nodes []*Node, level int, s *Style) {
	for _, n := range nodes {
		write(w, n, level, s, false)
	}
}

// write writes a node; inline, no line ends after it.
func write(w io.Writer, n *Node, level int, s *Style, inline bool) {
	indent := strings.Repeat("    ", level)
	fmt.Fprint(w, indent)
	if s.Kinds {
		fmt.Fprintf(w, "Node [%s]: ", n.Kind)
	}
	switch n.Kind {
	case Any:
		fmt.Fprint(w, "|| (")
	case If:
		fmt.Fprintf(w, "%s? (", n.Text)
	case Word:
		on, off := "", ""
		if s.Highlight != nil && s.Highlight(n.Atom) {
			on, off = s.On, s.Off
		}
		fmt.Fprint(w, on, n.Atom, off)
		if n.Resolved && s.Kinds {
			fmt.Fprint(w, "  # ", n.Text)
		}
	}
	single := len(n.Children) == 1 && len(n.Children[0].Children) == 0
	switch {
	case single:
		fmt.Fprint(w, " ")
		write(w, n.Children[0], 0, s, true)
	case !inline:
		fmt.Fprint(w, "\n")
	}
	if !single {
		Write(w, n.Children, level+1, s)
	}
	if n.Kind == Any || n.Kind == If {
		if single {
			indent = " "
		}
		fmt.Fprint(w, indent, ")\n")
	}
}
