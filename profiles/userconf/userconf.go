// Package userconf reads the files that say something about packages or USE
// flags line by line: package.use, package.mask, package.accept_keywords,
// package.env, packages, use.mask and their like, in etc/portage, in profiles
// and in the profiles folder of a repository.
//
// Which atoms a file may hold (wildcards, ::repo, build-ids, an EAPI), whether
// it may be a directory, and what its words are is told by Options; User,
// Profile and Repository give the options that Portage uses for each place and
// file name. Entries keep file, line and, for mask messages, the comment above.
// An entry that is not valid becomes a problem and hides nothing else.
//
// The package does not stack files, does not apply "-" entries, and knows
// nothing of packages: that belongs to the packages profiles, use and visibility.
package userconf

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// A Form is the shape of a line.
type Form uint8

const (
	FormAtom     Form = iota // "atom" or "-atom": package.mask, package.unmask
	FormPackages             // as before, or "*atom", "-*atom", "-*": packages
	FormWords                // "atom word...": package.accept_keywords, package.env
	FormFlags                // "atom flag..." or "atom -flag...": package.use, package.use.mask
)

// String names the form.
func (f Form) String() string {
	switch f {
	case FormAtom:
		return "atom"
	case FormPackages:
		return "packages"
	case FormWords:
		return "words"
	case FormFlags:
		return "flags"
	}
	return fmt.Sprintf("Form(%d)", uint8(f))
}

// A GroupReach says how far "VAR:" reaches in a line like
// "cat/pkg flag VIDEO_CARDS: a -b", which stands for
// "cat/pkg flag video_cards_a -video_cards_b".
type GroupReach uint8

const (
	GroupNone GroupReach = iota // not known: "VIDEO_CARDS:" is an invalid flag
	GroupLine                   // to the end of the line: etc/portage/package.use
	GroupAtom                   // also to later lines with the same atom: package.use of etc/portage/profile
)

// Options says how to read a file.
type Options struct {
	Form  Form
	Shape linefile.Shape // whether path may be a directory
	Atoms atoms.AtomOptions
	// DenyUSE makes atoms with USE dependencies a problem.
	DenyUSE bool
	// CheckFlags drops words that cannot be names of USE flags (FormFlags).
	CheckFlags bool
	// Groups tells whether "VAR:" is understood (FormFlags).
	Groups GroupReach
}

// An Entry is one line of a file.
type Entry struct {
	Atom    *atoms.Atom // without the prefix; nil for a lone "-*" of a packages file
	Removed bool        // "-": takes back earlier equal entries instead of adding one
	System  bool        // "*" in a packages file: belongs to @system
	Words   []string    // what follows the atom; groups are resolved
	File    string
	Line    int
	Comment []string // comment lines since the last blank line, with "#"
}

// Text returns the atom with its prefix, as Portage compares entries.
func (e Entry) Text() string {
	var b strings.Builder
	if e.Removed {
		b.WriteByte('-')
	}
	if e.System || e.Atom == nil {
		b.WriteByte('*')
	}
	if e.Atom != nil {
		b.WriteString(e.Atom.String())
	}
	return b.String()
}

// Problems of entries.
var (
	ErrUSEDep = errors.New("USE dependency is not allowed here")
	ErrFlag   = errors.New("invalid USE flag")
	ErrWord   = errors.New("invalid package name and version")
)

// Read returns the entries of the file at path, or of all files below it if it
// is a directory and o.Shape allows that, in the order of linefile.Read.
// A missing path has no entries. Problems are *linefile.Problem values.
func Read(path string, o Options) (entries []Entry, problems []error) {
	lines, problems := linefile.Read(path, o.Shape)
	entries, more := Parse(lines, o)
	return entries, append(problems, more...)
}

// Parse returns the entries of lines.
func Parse(lines []linefile.Line, o Options) (entries []Entry, problems []error) {
	p := parser{Options: o}
	if len(lines) > 0 {
		entries = make([]Entry, 0, len(lines))
	}
	for _, l := range lines {
		if e, ok := p.entry(l); ok {
			entries = append(entries, e)
		}
	}
	return entries, p.problems
}

// parser turns lines into entries.
type parser struct {
	Options
	problems []error
	groups   map[string]string // GroupAtom: prefix in force, by atom
}

// entry parses one line; false if it is not valid.
func (p *parser) entry(l linefile.Line) (Entry, bool) {
	e := Entry{File: l.File, Line: l.Number, Comment: l.Comment}
	text := l.Words[0]
	if p.Form == FormAtom || p.Form == FormPackages {
		text = l.Text()
		if p.Form == FormPackages && text == "-*" {
			e.Removed = true
			return e, true
		}
		text = p.prefix(text, &e)
	}
	a, err := atoms.ParseAtom(text, p.Atoms)
	if err == nil && p.DenyUSE && len(a.USE) > 0 {
		err = ErrUSEDep
	}
	if err != nil {
		p.problems = append(p.problems, l.Problem(text, err))
		return e, false
	}
	e.Atom = a
	switch p.Form {
	case FormWords:
		e.Words = l.Words[1:]
	case FormFlags:
		e.Words = p.flags(l, a)
	}
	return e, true
}

// prefix strips "-" and "*" from text and notes them in e.
func (p *parser) prefix(text string, e *Entry) string {
	text, e.Removed = strings.CutPrefix(text, "-")
	if p.Form == FormPackages {
		text, e.System = strings.CutPrefix(text, "*")
	}
	return text
}

// flags returns the flags of a line with groups resolved.
func (p *parser) flags(l linefile.Line, a *atoms.Atom) []string {
	words := l.Words[1:]
	if p.Groups == GroupNone && !p.CheckFlags {
		return words
	}
	group := ""
	if p.Groups == GroupAtom {
		if p.groups == nil {
			p.groups = make(map[string]string)
		}
		group = p.groups[a.String()]
		defer func() { p.groups[a.String()] = group }()
	}
	out := make([]string, 0, len(words))
	for _, w := range words {
		if name, ok := strings.CutSuffix(w, ":"); ok && p.Groups != GroupNone {
			group = strings.ToLower(name) + "_"
			continue
		}
		flag, off := strings.CutPrefix(w, "-")
		flag = group + flag
		if p.CheckFlags && !atoms.IsUSEFlag(flag) {
			p.problems = append(p.problems, l.Problem(w, fmt.Errorf("%w for %s", ErrFlag, a)))
			continue
		}
		if off {
			flag = "-" + flag
		}
		out = append(out, flag)
	}
	return out
}
