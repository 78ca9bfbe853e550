package atoms

import (
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
)

// maxDepth is how deep groups may be nested. Nobody writes ten; the limit
// keeps recursion over a tree within bounds.
const maxDepth = 1000

// ParseDep parses the value of DEPEND, BDEPEND, RDEPEND, PDEPEND or IDEPEND.
func ParseDep(text string, o AtomOptions) (*Dep, error) {
	return parseDep(text, func(token string, _ *tokenizer) (*Atom, fault) { return parseAtom(token, o) })
}

func parseDep(text string, leaf func(string, *tokenizer) (*Atom, fault)) (*Dep, error) {
	return parseSpec(text, grammar[*Atom]{kind: "dependency", any: true, leaf: leaf})
}

// ParseLicense parses the value of LICENSE.
func ParseLicense(text string) (*License, error) {
	return parseSpec(text, grammar[string]{kind: "LICENSE", any: true, leaf: parseWord})
}

// ParseRestrict parses the value of RESTRICT or PROPERTIES.
func ParseRestrict(text string) (*Words, error) {
	return parseSpec(text, grammar[string]{kind: "RESTRICT", any: true, leaf: parseWord})
}

// ParseRequiredUSE parses the value of REQUIRED_USE.
func ParseRequiredUSE(text string, features *eapi.Features) (*RequiredUSE, error) {
	if features == nil {
		features = eapi.Permissive()
	}
	return parseSpec(text, grammar[USEFlag]{
		kind: "REQUIRED_USE", any: true, exactlyOne: true, atMostOne: features.AtMostOneOf, empty: true,
		leaf: parseUSEFlag,
	})
}

func parseWord(token string, _ *tokenizer) (string, fault) {
	if token == "->" {
		return "", fault{0, "'->' is only allowed in SRC_URI"}
	}
	return token, fault{}
}

func parseUSEFlag(token string, _ *tokenizer) (USEFlag, fault) {
	flag := strings.TrimPrefix(token, "!")
	if n := flagLen(flag); n == 0 || n < len(flag) {
		return USEFlag{}, fault{len(token) - len(flag) + n, "expected a USE flag"}
	}
	return USEFlag{Flag: flag, Negated: len(flag) < len(token)}, fault{}
}

// A grammar says which operators a specification has and how to parse a leaf.
type grammar[L any] struct {
	kind                       string
	any, exactlyOne, atMostOne bool
	empty                      bool // "( )" is allowed
	// leaf parses a token; it may take more tokens.
	leaf func(token string, more *tokenizer) (L, fault)
}

// operator returns the kind of group that token announces.
func (g *grammar[L]) operator(token string) (Kind, bool) {
	switch token {
	case "||":
		return KindAny, g.any
	case "^^":
		return KindExactlyOne, g.exactlyOne
	case "??":
		return KindAtMostOne, g.atMostOne
	}
	return 0, false
}

// A tokenizer splits text at white space.
type tokenizer struct {
	text  string
	start int // offset of the current token
	end   int
}

// next returns the next token, or "" at the end of the text.
func (t *tokenizer) next() string {
	i := t.end
	for i < len(t.text) && isSpace(t.text[i]) {
		i++
	}
	t.start = i
	for i < len(t.text) && !isSpace(t.text[i]) {
		i++
	}
	t.end = i
	return t.text[t.start:i]
}

// peek returns what next would, and its offset.
func (t *tokenizer) peek() (token string, offset int) {
	ahead := *t
	token = ahead.next()
	return token, ahead.start
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// countTokens returns the number of tokens of text.
func countTokens(text string) int {
	n, in := 0, false
	for i := 0; i < len(text); i++ {
		space := isSpace(text[i])
		if !space && !in {
			n++
		}
		in = !space
	}
	return n
}

// A specParser builds a tree. Nodes and child lists come from two slices of
// the size of the text, so that a tree costs few allocations.
type specParser[L any] struct {
	grammar[L]
	tokenizer
	nodes   []Spec[L]
	links   []*Spec[L]
	pending []*Spec[L] // finished children of all open groups
}

func parseSpec[L any](text string, g grammar[L]) (*Spec[L], error) {
	n := countTokens(text)
	p := specParser[L]{
		grammar: g, tokenizer: tokenizer{text: text},
		nodes: make([]Spec[L], 0, n+1), links: make([]*Spec[L], 0, n), pending: make([]*Spec[L], 0, n),
	}
	root := p.node(KindAll)
	if f := p.group(root, 0); f.msg != "" {
		return nil, f.err(g.kind, text)
	}
	return root, nil
}

func (p *specParser[L]) node(k Kind) *Spec[L] {
	p.nodes = append(p.nodes, Spec[L]{Kind: k})
	return &p.nodes[len(p.nodes)-1]
}

// group parses the children of s up to the closing parenthesis, or up to the
// end of the text if depth is 0.
func (p *specParser[L]) group(s *Spec[L], depth int) fault {
	if depth > maxDepth {
		return fault{p.start, "groups are nested too deep"}
	}
	first := len(p.pending)
	for {
		token := p.next()
		if token == "" || token == ")" {
			if closes := token == ")"; closes != (depth > 0) {
				return p.unbalanced(closes)
			}
			start := len(p.links)
			p.links = append(p.links, p.pending[first:]...)
			p.pending = p.pending[:first]
			s.Children = p.links[start:len(p.links):len(p.links)]
			return fault{}
		}
		child, f := p.item(token, depth)
		if f.msg != "" {
			return f
		}
		p.pending = append(p.pending, child)
	}
}

func (p *specParser[L]) unbalanced(closes bool) fault {
	if closes {
		return fault{p.start, "')' without '('"}
	}
	return fault{p.start, "expected ')'"}
}

// item parses one leaf or group that begins with token.
func (p *specParser[L]) item(token string, depth int) (*Spec[L], fault) {
	var s *Spec[L]
	kind, isOperator := p.operator(token)
	switch {
	case token == "(":
		s = p.node(KindAll)
	case isOperator:
		s = p.node(kind)
	case token[len(token)-1] == '?':
		s = p.node(KindIf)
		s.Flag = token[:len(token)-1]
		if s.Flag != "" && s.Flag[0] == '!' {
			s.Flag, s.Negated = s.Flag[1:], true
		}
		if !IsUSEFlag(s.Flag) {
			return nil, fault{p.start, "expected a USE flag before '?'"}
		}
	default:
		return p.leafItem(token)
	}
	if token != "(" && p.next() != "(" {
		return nil, fault{p.start, "expected '(' after " + token}
	}
	if next, offset := p.peek(); next == ")" && !p.empty {
		return nil, fault{offset, "the group is empty"}
	}
	return s, p.group(s, depth+1)
}

func (p *specParser[L]) leafItem(token string) (*Spec[L], fault) {
	start := p.start
	leaf, f := p.leaf(token, &p.tokenizer)
	if f.msg != "" {
		return nil, f.shift(start)
	}
	s := p.node(KindLeaf)
	s.Leaf = leaf
	return s, fault{}
}
