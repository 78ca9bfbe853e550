package stages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/resolver/universe"
)

// Verdict is what a policy says about switching a flag for a while.
type Verdict uint8

// The verdicts.
const (
	Prefer Verdict = iota // before others
	Avoid                 // if nothing else does
	Forbid                // never
)

// String returns the word of the policy file.
func (v Verdict) String() string { return [...]string{"prefer", "avoid", "forbid"}[min(v, Forbid)] }

// What a flag adds to the price of a cut with as many merges and flags.
const (
	penaltyPlain  = 2
	penaltyAsked  = 4
	penaltyAvoid  = 64
	penaltyPrefer = 0
)

// A Rule is one line of a policy.
type Rule struct {
	Verdict Verdict
	Atom    *atoms.Atom // the packages it is about
	Flags   []string    // "*" stands for every flag
}

// A Policy says which flags may be switched for a while. The last rule that is
// about a package and a flag decides.
type Policy struct {
	Rules []Rule
}

// policyOf is the policy of the root that a package is merged to.
func (o *Options) policyOf(p *universe.Pkg) *Policy {
	if p.Root.Target {
		return o.Policy
	}
	return o.Running
}

// avoided are flags that stand for the bootstrap of a whole system: packages
// built with them are not what others can be built against.
func avoided() []string { return []string{"bootstrap", "build", "headers-only", "minimal", "static"} }

// NewPolicy returns the policy that holds without a file: flags such as build
// and static are avoided.
func NewPolicy() *Policy {
	any, err := atoms.ParseAtom("*/*", atoms.AtomOptions{AllowWildcard: true})
	if err != nil {
		panic("internal error: */* is an atom: " + err.Error())
	}
	return &Policy{Rules: []Rule{{Avoid, any, avoided()}}}
}

// ParsePolicy reads the text of package.break_cycles and adds its rules. A line
// has a verdict (prefer, avoid, forbid), an atom, which may be a name with
// wildcards, and flags; without flags it is about all of them. "#" begins a
// comment. Errors name file and line; the other lines hold in spite of them.
func (p *Policy) ParsePolicy(path, text string) []error {
	var errs []error
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		r, err := parseRule(words)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w", path, n+1, err))
			continue
		}
		p.Rules = append(p.Rules, r)
	}
	return errs
}

func parseRule(words []string) (Rule, error) {
	verdicts := []string{Prefer.String(), Avoid.String(), Forbid.String()}
	v := slices.Index(verdicts, words[0])
	switch {
	case v < 0:
		return Rule{}, fmt.Errorf("%q: want one of %s", words[0], strings.Join(verdicts, ", "))
	case len(words) < 2:
		return Rule{}, fmt.Errorf("%q: want an atom after it", words[0])
	}
	a, err := atoms.ParseAtom(words[1], atoms.AtomOptions{AllowWildcard: true, AllowRepo: true})
	if err != nil {
		return Rule{}, err
	}
	if a.Blocker != atoms.BlockNone || len(a.USE) > 0 {
		return Rule{}, fmt.Errorf("%q: want an atom that is no blocker and has no USE dependency", words[1])
	}
	r := Rule{Verdict(v), a, words[2:]}
	if len(r.Flags) == 0 {
		r.Flags = []string{"*"}
	}
	for _, f := range r.Flags {
		if f != "*" && strings.ContainsAny(f[:1], "-*?!=()[]") {
			return Rule{}, fmt.Errorf("%q: want the name of a flag", f)
		}
	}
	return r, nil
}

// verdict returns what the policy says about a flag: the last rule decides.
func (p *Policy) verdict(pkg *universe.Pkg, flag string) (v Verdict, found bool) {
	for _, r := range slices.Backward(p.Rules) {
		if (slices.Contains(r.Flags, flag) || slices.Contains(r.Flags, "*")) && pkg.MatchesName(r.Atom) {
			return r.Verdict, true
		}
	}
	return 0, false
}

func (p *Policy) forbids(pkg *universe.Pkg, flag string) bool {
	v, found := p.verdict(pkg, flag)
	return found && v == Forbid
}

func (p *Policy) penalty(pkg *universe.Pkg, flag string) int {
	v, found := p.verdict(pkg, flag)
	switch {
	case !found:
		return penaltyPlain
	case v == Prefer:
		return penaltyPrefer
	default:
		return penaltyAvoid
	}
}
