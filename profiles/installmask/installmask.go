// Package installmask decides which paths of an image directory INSTALL_MASK
// and PKG_INSTALL_MASK keep out of the live filesystem.
//
// The value is a list of shell patterns separated by blanks. A pattern with a
// leading slash is anchored at the image directory and also covers everything
// below what it names; any other pattern is compared with the last component
// of the path. A pattern prefixed with "-" lets its paths in again. The last
// pattern that applies decides, as in Portage's InstallMask.
//
// The package does not know variables, FEATURES (nodoc, noman, noinfo are
// patterns added by the caller) or the filesystem.
package installmask

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/profiles/fnmatch"
)

// A Mask is a parsed list of patterns. The zero Mask matches nothing.
type Mask struct {
	patterns []pattern
}

// A pattern is one word of the list.
type pattern struct {
	text      string // without the "-" and, if anchored, without the leading slash
	exclude   bool   // "-pattern": the path is installed after all
	anchored  bool
	literal   []string // leading components without "*": they must be equal
	slashless string   // text without trailing slashes
}

// Parse splits value into patterns. Every text is valid.
func Parse(value string) *Mask {
	m := new(Mask)
	for word := range strings.FieldsSeq(value) {
		m.patterns = append(m.patterns, parsePattern(word))
	}
	return m
}

func parsePattern(word string) pattern {
	var p pattern
	p.text, p.exclude = strings.CutPrefix(word, "-")
	p.text, p.anchored = strings.CutPrefix(p.text, "/")
	p.slashless = strings.TrimRight(p.text, "/")
	if p.anchored {
		p.literal = literalComponents(p.text)
	}
	return p
}

// literalComponents returns the components before the first one with a star.
// Only a star ends them: Portage looks up the others by name, so that
// "/a[bc]/d" never applies to "ab/d".
func literalComponents(text string) []string {
	components := pathComponents(text)
	for i, c := range components {
		if strings.Contains(c, "*") {
			return components[:i]
		}
	}
	return components
}

func pathComponents(path string) []string {
	return slices.DeleteFunc(strings.Split(path, "/"), func(c string) bool { return c == "" })
}

// Empty reports whether the mask has no patterns, and so matches nothing.
func (m *Mask) Empty() bool {
	return len(m.patterns) == 0
}

// Match reports whether path is to be left out. The path is relative to the
// image directory, without a leading slash; a directory ends in a slash, which
// is how "/foo/" is told from a file "foo".
func (m *Mask) Match(path string) bool {
	components := pathComponents(path)
	base := path[strings.LastIndexByte(path, '/')+1:]
	masked := false
	for i := range m.patterns {
		p := &m.patterns[i]
		if p.exclude == masked && p.matches(path, base, components) {
			masked = !p.exclude
		}
	}
	return masked
}

func (p *pattern) matches(path, base string, components []string) bool {
	if !p.anchored {
		return fnmatch.Match(p.text, base)
	}
	if len(p.literal) > len(components) || !slices.Equal(p.literal, components[:len(p.literal)]) {
		return false
	}
	text := p.text
	if strings.HasSuffix(path, "/") {
		text = p.slashless + "/"
	}
	return fnmatch.Match(text, path) || fnmatch.Match(p.slashless+"/*", path)
}
