// Package accept decides which licences, properties and restrictions of a
// package are accepted: ACCEPT_LICENSE, ACCEPT_PROPERTIES, ACCEPT_RESTRICT and
// the user's package.license, package.properties, package.accept_restrict.
//
// The lists are read from left to right: "x" accepts, "-x" takes back, "*"
// accepts everything that the package has, "-*" nothing. The package follows
// Portage's LicenseManager; it knows no USE flags but those it is given.
package accept

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
)

// A list is a compiled sequence of words.
type list struct {
	all     bool            // "*"
	words   map[string]bool // accepted or, if all, false: not accepted after all
	entries *profiles.Table
	expand  func([]string) []string
}

func newList(global []string, entries *profiles.Table, expand func([]string) []string) *list {
	l := &list{words: make(map[string]bool), entries: entries, expand: expand}
	for _, w := range expand(global) {
		switch {
		case w == "*" || w == "-*":
			l.all = w == "*" // all of it, also what was taken back before
			clear(l.words)
		case strings.HasPrefix(w, "-"):
			l.words[w[1:]] = false
		default:
			l.words[w] = true
		}
	}
	return l
}

// forPackage returns the words that entries add for a package.
func (l *list) forPackage(c atoms.Candidate) []string {
	var words []string
	for _, e := range l.entries.Match(c) {
		for _, w := range e.Words {
			words = append(words, w.Text)
		}
	}
	if len(words) == 0 {
		return nil
	}
	return l.expand(words)
}

// accepts judges a word that the package has.
func (l *list) accepts(word string, own []string) bool {
	for _, w := range slices.Backward(own) {
		switch removed, isRemoval := strings.CutPrefix(w, "-"); {
		case isRemoval && (removed == "*" || removed == word):
			return false
		case !isRemoval && (w == "*" || w == word):
			return true
		}
	}
	accepted, known := l.words[word]
	if known {
		return accepted
	}
	return l.all
}

// A Judge knows what a configuration accepts. It is immutable and safe for
// concurrent use.
type Judge struct {
	licenses   *list
	properties *list
	restrict   *list
	global     []string // ACCEPT_LICENSE, groups expanded
}

// New returns the judge of a configuration.
func New(c *profiles.Config) *Judge {
	return &Judge{
		licenses:   newList(c.Words("ACCEPT_LICENSE"), c.Accept.Licenses, c.Accept.ExpandLicenses),
		properties: newList(c.Words("ACCEPT_PROPERTIES"), c.Accept.Properties, unchanged),
		restrict:   newList(c.Words("ACCEPT_RESTRICT"), c.Accept.Restrict, unchanged),
		global:     c.Accept.ExpandLicenses(c.Words("ACCEPT_LICENSE")),
	}
}

func unchanged(words []string) []string { return words }

// WithLicenses returns a judge with other words for ACCEPT_LICENSE.
func (j *Judge) WithLicenses(c *profiles.Config, words []string) *Judge {
	other := *j
	other.global = c.Accept.ExpandLicenses(words)
	other.licenses = newList(words, c.Accept.Licenses, c.Accept.ExpandLicenses)
	return &other
}

// Licenses returns the licences of a package that are not accepted, in the
// order of LICENSE. An any-of group is fine if one alternative is; if none is,
// the licences of all its alternatives are returned. enabled tells the USE
// flags of the package; it is only asked for conditionals. The error says that
// LICENSE cannot be parsed.
func (j *Judge) Licenses(p *ebuild.Package, enabled func(flag string) bool) ([]string, error) {
	tree, err := p.License()
	if err != nil {
		return nil, err
	}
	own := j.licenses.forPackage(profiles.Candidate(p))
	if j.allAccepted(tree, own) {
		return nil, nil
	}
	tree = atoms.Reduce(tree, atoms.ReduceOptions{Enabled: enabled})
	return j.missing(tree, own), nil
}

// allAccepted answers most questions without looking at USE.
func (j *Judge) allAccepted(tree *atoms.License, own []string) bool {
	for name := range tree.All() {
		if !j.licenses.accepts(name, own) {
			return false
		}
	}
	return true
}

func (j *Judge) missing(s *atoms.License, own []string) []string {
	if s.Kind == atoms.KindLeaf {
		if j.licenses.accepts(s.Leaf, own) {
			return nil
		}
		return []string{s.Leaf}
	}
	var names []string
	for _, child := range s.Children {
		lacking := j.missing(child, own)
		if s.Kind == atoms.KindAny && len(lacking) == 0 {
			return nil
		}
		names = append(names, lacking...)
	}
	return names
}

// AcceptedLicenses returns the words that are applied to a package, from
// ACCEPT_LICENSE and package.license, with groups expanded.
func (j *Judge) AcceptedLicenses(p *ebuild.Package) []string {
	return append(slices.Clip(j.global), j.licenses.forPackage(profiles.Candidate(p))...)
}

// OwnLicenses returns the licences among those of a package that are accepted,
// sorted: what ACCEPT_LICENSE is in the environment of its ebuild. LICENSE
// that cannot be parsed has none.
func (j *Judge) OwnLicenses(p *ebuild.Package, enabled func(flag string) bool) []string {
	tree, err := p.License()
	if err != nil {
		return nil
	}
	own := j.licenses.forPackage(profiles.Candidate(p))
	var names []string
	for _, name := range tree.Leaves(enabled) {
		if len(own) == 0 && len(j.global) == 0 || j.licenses.accepts(name, own) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Properties returns the words of PROPERTIES that are not accepted.
func (j *Judge) Properties(p *ebuild.Package, enabled func(flag string) bool) ([]string, error) {
	tree, err := p.Properties()
	if err != nil {
		return nil, err
	}
	return j.properties.lacking(p, tree, enabled), nil
}

// Restrict returns the words of RESTRICT that are not accepted.
func (j *Judge) Restrict(p *ebuild.Package, enabled func(flag string) bool) ([]string, error) {
	tree, err := p.Restrict()
	if err != nil {
		return nil, err
	}
	return j.restrict.lacking(p, tree, enabled), nil
}

func (l *list) lacking(p *ebuild.Package, tree *atoms.Words, enabled func(flag string) bool) []string {
	if len(tree.Children) == 0 {
		return nil
	}
	own := l.forPackage(profiles.Candidate(p))
	var words []string
	for word := range tree.All() {
		if !l.accepts(word, own) {
			words = append(words, word)
		}
	}
	if len(words) == 0 {
		return nil
	}
	return slices.DeleteFunc(tree.Leaves(enabled), func(word string) bool { return l.accepts(word, own) })
}
