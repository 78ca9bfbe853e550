package gentoolkit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles/fnmatch"
	"github.com/tumpline/tumpline/profiles/sets"
)

// kind is what a query is.
type kind uint8

const (
	simple  kind = iota // an atom, a name
	pattern             // a shell pattern or a regular expression
	set                 // a package set
)

// A Query asks for packages.
type Query struct {
	Text string // without a repository at the end
	Repo string // of which the packages have to be, if HasRepo
	// HasRepo says that the query ends in a repository.
	HasRepo bool
	Atom    *atoms.Atom // of a query that is an atom with its category; else nil

	kind  kind
	regex bool
}

var alphanumeric = regexp.MustCompile(`[a-zA-Z0-9*]`)

// ParseQuery reads a query.
func ParseQuery(text string) (*Query, error) { return parseQuery(text, false) }

// ParseRegexQuery reads a query that is a regular expression.
func ParseRegexQuery(text string) (*Query, error) { return parseQuery(text, true) }

func parseQuery(text string, regex bool) (*Query, error) {
	if !alphanumeric.MatchString(text) {
		return nil, &Error{Msg: fmt.Sprintf("Invalid package: '%s'", text)}
	}
	q := &Query{Text: text, regex: regex}
	if strings.Count(text, ":") == 2 {
		i := strings.LastIndexByte(text, ':')
		q.Text, q.Repo, q.HasRepo = text[:i], text[i+1:], true
	}
	q.Text = strings.TrimRight(q.Text, ":")
	switch {
	case strings.HasPrefix(q.Text, sets.Prefix):
		q.kind = set
	case regex, strings.ContainsAny(q.Text, "!*?[]") && !strings.HasPrefix(q.Text, "="):
		q.kind = pattern
	}
	if q.kind != set {
		q.Atom, _ = atoms.ParseAtom(q.Text, atoms.AtomOptions{}) // else it is no atom
	}
	return q, nil
}

// name takes the query apart, as far as that goes.
func (q *Query) name() (Name, bool) {
	if q.Atom != nil {
		return SplitName(AtomName(q.Atom))
	}
	return SplitName(q.Text)
}

// AtomName is the name of an atom, with its version if it has one.
func AtomName(a *atoms.Atom) string {
	if a.Op == atoms.OpNone {
		return string(a.CP)
	}
	return a.CPV().String()
}

// Summary is the line that tells what is being looked for.
func (q *Query) Summary(s Style) string {
	category, what := "", q.Text
	if q.kind != set {
		if n, ok := q.name(); ok {
			what = n.Package + n.FullVersion()
			if n.Category != "" && !q.regex {
				category = fmt.Sprintf("in %s ", s.Emph(strings.TrimLeft(n.Category, "><=~!")))
			}
		}
		if q.regex {
			what = q.Text
		}
	}
	repo := ""
	if q.HasRepo {
		repo = " " + s.Section(q.Repo)
	}
	return fmt.Sprintf(" * Searching%s for %s %s...", repo, s.Emph(what), category)
}

// IsSimple says if the query is an atom or a name.
func (q *Query) IsSimple() bool { return q.kind == simple }

// A Scope is where a query looks.
type Scope struct {
	Installed, Tree, Overlay bool
}

// Find gives the packages that a query matches, sorted. None are a *NoMatchError.
func (s *System) Find(q *Query, in Scope) ([]*Package, error) {
	if !in.Installed && !in.Tree && !in.Overlay {
		return nil, &Error{Serious: true, Msg: "Fatal error: Not searching in installed, Portage tree, or overlay. Nothing to do."}
	}
	var found []*Package
	var err error
	switch q.kind {
	case set:
		found, err = s.findSet(q, in)
	case pattern:
		found, err = s.findPattern(q, in)
	default:
		found, err = s.findSimple(q.Text, in)
	}
	if err != nil {
		return nil, err
	}
	if q.HasRepo {
		found = slices.DeleteFunc(found, func(p *Package) bool {
			repo := p.Repo()
			return repo != q.Repo && (repo != "" || q.Repo != "unknown" && q.Repo != "null")
		})
	}
	if len(found) == 0 {
		return nil, &NoMatchError{Query: q.Text, Installed: in.Installed && !in.Tree && !in.Overlay}
	}
	Sort(found)
	return found, nil
}

func (s *System) findSimple(text string, in Scope) ([]*Package, error) {
	if !in.Tree && !in.Overlay {
		return s.FindInstalled(text)
	}
	found, err := s.FindAll(text, in.Installed)
	if !in.Installed {
		found = slices.DeleteFunc(found, func(p *Package) bool { return p.Installed() != nil })
	}
	return found, err
}

// FindInstalled gives the installed packages that an atom or name means. A name that
// stands for several packages means all of them.
func (s *System) FindInstalled(text string) ([]*Package, error) {
	list, err := s.match(text, database{s})
	if ambiguous, ok := err.(*AmbiguousError); ok {
		list, err = nil, nil
		for _, cp := range ambiguous.Choices {
			more, failure := s.match(string(cp), database{s})
			list = append(list, more...)
			if failure != nil {
				err = failure
			}
		}
	}
	return s.wrap(list), err
}

// FindAll gives the packages of the repositories that an atom or name means, visible
// or not, and with withInstalled the installed ones as well.
func (s *System) FindAll(text string, withInstalled bool) ([]*Package, error) {
	list, err := s.match(text, tree{s})
	if err != nil {
		return nil, err
	}
	if withInstalled {
		more, err := s.match(text, database{s})
		if err != nil {
			return nil, err
		}
		list = slices.Concat(list, more)
	}
	return s.wrap(list), nil
}

// FindVisible gives the visible packages of the repositories that an atom or name
// means, sorted.
func (s *System) FindVisible(text string) ([]*Package, error) {
	list, err := s.match(text, tree{s})
	list = slices.DeleteFunc(list, func(p *ebuild.Package) bool { return !s.Visible(p) })
	return s.wrap(list), err
}

// Best gives the best package of the repositories that an atom or name means: the
// highest visible version, else the highest one; nil if there is none.
func (s *System) Best(text string) (*Package, error) {
	list, err := s.match(text, tree{s})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	for _, p := range slices.Backward(list) {
		if s.Visible(p) {
			return s.Get(p.CPV), nil
		}
	}
	return s.Get(list[len(list)-1].CPV), nil
}

// wrap gives packages by their names, each once, sorted.
func (s *System) wrap(list []*ebuild.Package) []*Package {
	var out []*Package
	for _, p := range list {
		if q := s.Get(p.CPV); !slices.Contains(out, q) {
			out = append(out, q)
		}
	}
	Sort(out)
	return out
}

func (s *System) findSet(q *Query, in Scope) ([]*Package, error) {
	full, err := s.Full()
	if err != nil {
		return nil, err
	}
	list, err := full.Target.Sets.Flatten(strings.TrimPrefix(q.Text, sets.Prefix))
	if err != nil && len(list) == 0 {
		return nil, nil // an unknown set is an empty one
	}
	var out []*Package
	for _, a := range list {
		found, err := s.findSimple(a.String(), in)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// All gives all packages of a scope, sorted; of categories that keep refuses none.
func (s *System) All(in Scope, keep func(category string) bool) ([]*Package, error) {
	var out []*Package
	installed, err := s.installed()
	if in.Installed || err != nil {
		out = slices.DeleteFunc(slices.Clone(installed), func(p *Package) bool { return !keep(p.Category) })
	}
	if err != nil || !in.Tree && !in.Overlay {
		return out, err
	}
	known := make(map[*Package]bool, len(installed))
	for _, p := range installed {
		known[p] = true
	}
	ebuilds, err := s.ebuilds(keep)
	for _, p := range ebuilds {
		if !known[p] {
			out = append(out, p)
		}
	}
	Sort(out)
	return out, err
}

func (s *System) findPattern(q *Query, in Scope) ([]*Package, error) {
	keep, want, err := q.tests()
	if err != nil {
		return nil, err
	}
	list, err := s.All(in, keep)
	return slices.DeleteFunc(list, func(p *Package) bool { return !want(p.CPV) }), err
}

// tests gives what a pattern says of categories and of whole names.
func (q *Query) tests() (category, cpv func(string) bool, err error) {
	n, _ := q.name()
	every := func(string) bool { return true }
	if !q.regex {
		if n.Category == "" {
			return every, func(cpv string) bool { return fnmatch.Match("*/"+q.Text, cpv) }, nil
		}
		return func(c string) bool { return fnmatch.Match(n.Category, c) },
			func(cpv string) bool { return fnmatch.Match("*"+q.Text, cpv) }, nil
	}
	re, err := regexp.Compile(q.Text)
	if err != nil {
		return nil, nil, &Error{Msg: fmt.Sprintf("Invalid regex: '%s'", q.Text)}
	}
	if n.Category == "" {
		return every, re.MatchString, nil
	}
	start, err := regexp.Compile("^(?:" + n.Category + ")")
	if err != nil {
		return nil, nil, &Error{Msg: fmt.Sprintf("Invalid regex: '%s'", q.Text)}
	}
	return start.MatchString, re.MatchString, nil
}

// Name is what the query names, without operators, slot and the like.
func (q *Query) Name() string {
	if q.Atom != nil {
		return AtomName(q.Atom)
	}
	return q.Text
}

// CP is the category and package that the query names, or the package alone.
func (q *Query) CP() string {
	n, _ := q.name()
	return n.CP()
}

// AtomText is an atom without slot, USE dependencies and repository.
func AtomText(a *atoms.Atom) string {
	switch a.Op {
	case atoms.OpNone:
		return AtomName(a)
	case atoms.OpEqualGlob:
		return "=" + AtomName(a) + "*"
	}
	return a.Op.String() + AtomName(a)
}
