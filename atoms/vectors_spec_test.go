package atoms

import (
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
)

// checkUseReduce parses and reduces. Where Portage was told no class of
// tokens, the leaves are words.
func checkUseReduce(r record) (any, error) {
	s := text(r, "depstr")
	if r.ErrorType == "ValueError" {
		return nil, fmt.Errorf("%w: flat and opconvert are different calls here", errInapplicable)
	}
	switch {
	case field[bool](r, "is_src_uri"):
		tree, err := ParseSrcURI(s, features(r))
		return reduced(r, tree, err)
	case text(r, "token_class") == "Atom":
		tree, err := ParseDep(s, AtomOptions{EAPI: features(r), AllowRepo: features(r) == nil, AllowBuildID: features(r) == nil})
		return reduced(r, tree, err)
	}
	tree, err := ParseRestrict(s)
	return reduced(r, tree, err)
}

func reduced[L any](r record, tree *Spec[L], err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if valid := predicate(r, "is_valid_flag"); valid != nil {
		if err := tree.CheckFlags(valid); err != nil {
			return nil, err
		}
	}
	o := ReduceOptions{
		EAPI: features(r), Enabled: flagSet(r, "uselist"), Masked: flagSet(r, "masklist"), Forced: flagSet(r, "excludeall"),
		MatchAll: truth(r, "matchall"), MatchNone: truth(r, "matchnone"),
	}
	if len(field[[]string](r, "subset")) > 0 { // Portage takes an empty list for none
		o.Subset = flagSet(r, "subset")
	}
	if field[bool](r, "flat") {
		return flatten(tree.Children, &o), nil
	}
	return nested(Reduce(tree, o).Children, field[bool](r, "opconvert")), nil
}

// truth decodes a boolean that may be written as a number.
func truth(r record, key string) bool {
	switch v := field[any](r, key).(type) {
	case bool:
		return v
	case float64:
		return v != 0
	}
	return false
}

// nested writes a tree as Portage's lists: the operator of a group is its
// first element with opconvert, else it stands before the group.
func nested[L any](specs []*Spec[L], opconvert bool) []any {
	out := []any{}
	for _, s := range specs {
		group := nested(s.Children, opconvert)
		switch s.Kind {
		case KindLeaf:
			out = append(out, leafTokens(s)...)
		case KindAll:
			out = append(out, group)
		default:
			operator := any(s.Kind.operator())
			if s.Kind == KindIf {
				operator = strings.Fields(s.String())[0]
			}
			if opconvert {
				out = append(out, append([]any{operator}, group...))
			} else {
				out = append(out, operator, group)
			}
		}
	}
	return out
}

func leafTokens[L any](s *Spec[L]) []any {
	return list(strings.Fields(s.String()), func(s string) any { return s }).([]any)
}

// flatten lists operators and leaves of groups that apply.
func flatten[L any](specs []*Spec[L], o *ReduceOptions) []any {
	out := []any{}
	for _, s := range specs {
		switch s.Kind {
		case KindLeaf:
			r := reducer[L]{o: o}
			out = append(out, leafTokens(r.leaf(s))...)
			continue
		case KindIf:
			if !o.active(s.Flag, s.Negated) {
				continue
			}
		case KindAny:
			out = append(out, s.Kind.operator())
		}
		out = append(out, flatten(s.Children, o)...)
	}
	return out
}

// parseLoose parses words in groups that may be empty.
func parseLoose(s string) (*Words, error) {
	return parseSpec(s, grammar[string]{kind: "words", any: true, empty: true, leaf: parseWord})
}

// checkParenReduce compares what Portage's parenthesis reduction means: it
// keeps other redundant parentheses than Reduce, and nothing here needs it.
// Both answers must agree when reduced, under every assignment of the flags.
func checkParenReduce(r record) (any, error) {
	tree, err := parseLoose(text(r, "mystr"))
	if err != nil {
		return nil, err
	}
	if r.Error {
		return nested(tree.Children, false), nil
	}
	want, err := parseLoose(enclose(r.Expected))
	if err != nil {
		return nil, err
	}
	emptyMatch, _ := eapi.Lookup("0")
	flags := append(tree.Flags(), want.Flags()...)
	if len(flags) > 16 {
		return nil, fmt.Errorf("too many flags: %v", flags)
	}
	for bits := range 1 << len(flags) {
		o := ReduceOptions{EAPI: emptyMatch, Enabled: func(flag string) bool {
			for i, f := range flags {
				if f == flag {
					return bits&(1<<i) != 0
				}
			}
			return false
		}}
		got, want := minimal(Reduce(tree, o)), minimal(Reduce(want, o))
		if got != want {
			return nil, fmt.Errorf("with flags %b: %q, want %q", bits, got, want)
		}
	}
	return r.Expected, nil
}

// minimal writes a tree without any redundant parentheses.
func minimal[L any](s *Spec[L]) string {
	if s.Kind == KindLeaf {
		return s.String()
	}
	var parts []string
	for _, child := range s.Children {
		if child.Kind == s.Kind {
			if inner := minimal(child); inner != "" {
				parts = append(parts, inner)
			}
			continue
		}
		inner := minimal(child)
		if child.Kind != KindLeaf && len(child.Children) > 1 {
			inner = child.Kind.operator() + "(" + inner + ")"
		}
		if inner != "" {
			parts = append(parts, inner)
		}
	}
	return strings.Join(parts, " ")
}

// enclose writes Portage's nested lists as text.
func enclose(v any) string {
	var b strings.Builder
	for i, item := range v.([]any) {
		if i > 0 {
			b.WriteByte(' ')
		}
		if s, ok := item.(string); ok {
			b.WriteString(s)
		} else {
			b.WriteString("( " + enclose(item) + " )")
		}
	}
	return b.String()
}

func checkDNF(r record) (any, error) {
	tree, err := ParseRestrict(text(r, "depstr"))
	if err != nil {
		return nil, err
	}
	return nested(DNF(Reduce(tree, ReduceOptions{})).Children, true), nil
}

func checkDNFAtoms(r record) (any, error) {
	tree, err := ParseDep(text(r, "depstr"), AtomOptions{})
	if err != nil {
		return nil, err
	}
	return nested(DNF(Reduce(tree, ReduceOptions{})).Children, true), nil
}

func checkOverlapDNF(r record) (any, error) {
	tree, err := ParseDep(text(r, "depstr"), AtomOptions{})
	if err != nil {
		return nil, err
	}
	converted, _ := OverlapDNF(Reduce(tree, ReduceOptions{}))
	return nested(converted.Children, true), nil
}

func checkAffectingUSE(r record) (any, error) {
	tree, err := parseLoose(text(r, "mystr"))
	if err != nil {
		return nil, err
	}
	want := text(r, "atom")
	return stringList(AffectingFlags(tree, func(word string) bool { return word == want })), nil
}

func checkStripLibc(r record) (any, error) {
	dep, err := ParseDep(strings.Join(field[[]string](r, "dep_struct"), " "), anyOption)
	if err != nil {
		return nil, err
	}
	libc, err := ParseDep(strings.Join(field[[]string](r, "libc_deps"), " "), anyOption)
	if err != nil {
		return nil, err
	}
	return nested(StripLibcDeps(dep, libc.Leaves(nil)).Children, true), nil
}

func checkRequiredUSEFlags(r record) (any, error) {
	tree, err := ParseRequiredUSE(text(r, "required_use"), features(r))
	if err != nil {
		return nil, err
	}
	return stringList(RequiredUSEFlags(tree)), nil
}

func checkCheckRequiredUSE(r record) (any, error) {
	tree, err := ParseRequiredUSE(text(r, "required_use"), features(r))
	if err != nil {
		return nil, err
	}
	ok, unsatisfied, err := CheckRequiredUSE(tree, useState{predicate(r, "iuse_match"), flagSet(r, "use")}, features(r))
	if err != nil {
		return nil, err
	}
	rest := ""
	if unsatisfied != nil {
		rest = unsatisfied.String()
	}
	return map[string]any{"satisfied": ok, "unsatisfied": rest}, nil
}

// useState is a FlagState made of predicates.
type useState struct{ declared, enabled func(string) bool }

func (s useState) Declared(flag string) bool { return s.declared(flag) }
func (s useState) Enabled(flag string) bool  { return s.enabled(flag) }
