// Package keywords decides whether the KEYWORDS of a package are accepted, and
// whether it counts as stable.
//
// It follows Portage's KeywordsManager: ACCEPT_KEYWORDS, package.keywords of
// profiles, package.accept_keywords of profiles and of the user, and the
// wildcards "*", "~*" and "**" on both sides. It knows no other reason for
// which a package may be masked.
package keywords

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/profiles"
)

// A Judge knows what a configuration accepts. It is immutable and safe for
// concurrent use.
type Judge struct {
	config *profiles.Config
	files  *profiles.AcceptFiles
	global []string // ACCEPT_KEYWORDS
	env    []string // the part of it that the environment says
	common []string // what is accepted of packages that no file names
	arch   string
}

// New returns the judge of a configuration.
func New(c *profiles.Config) *Judge {
	env, _ := c.Vars.In(profiles.LayerEnv, "ACCEPT_KEYWORDS")
	j := &Judge{
		config: c,
		files:  c.Accept,
		global: c.Words("ACCEPT_KEYWORDS"),
		env:    strings.Fields(env),
		arch:   c.Get("ARCH"),
	}
	j.common = j.global
	if len(j.env) > 0 {
		j.common = stack(j.global, nil, j.env)
	}
	if len(j.global) > 0 && !slices.Contains(j.global, j.arch) {
		// ARCH is not a keyword everywhere (prefixes).
		j.arch = strings.TrimLeft(j.global[0], "~")
	}
	return j
}

// Missing returns the keywords of which one would have to be accepted for the
// package, in the order of KEYWORDS, or nothing if it is accepted. A package
// without keywords is missing "**".
func (j *Judge) Missing(p *ebuild.Package) []string {
	c := profiles.Candidate(p)
	return missing(j.files.Keywords(p.Keywords, c), j.accepted(c))
}

// MissingGlobally is Missing by ACCEPT_KEYWORDS alone, without any
// package.accept_keywords file.
func (j *Judge) MissingGlobally(p *ebuild.Package) []string {
	return missing(j.files.Keywords(p.Keywords, profiles.Candidate(p)), j.global)
}

// Stable says if the package is accepted for a stable keyword: with "~" before
// all its keywords it would not be (PMS, "USE masking and forcing").
func (j *Judge) Stable(p *ebuild.Package) bool {
	c := profiles.Candidate(p)
	own, accepted := j.files.Keywords(p.Keywords, c), j.accepted(c)
	if missing(own, accepted) != nil {
		return false
	}
	unstable := make([]string, 0, 32)
	for _, kw := range own {
		if kw[0] != '~' {
			kw = "~" + kw
		}
		unstable = append(unstable, kw)
	}
	return missing(unstable, accepted) != nil
}

// Mark is how far the global ACCEPT_KEYWORDS is from accepting a package.
type Mark uint8

const (
	MarkAccepted Mark = iota // accepted
	MarkUnstable             // a keyword of an accepted architecture, but not this stable
	MarkMissing              // no keyword of an accepted architecture
)

// String shows the sign of emerge's merge list.
func (m Mark) String() string {
	switch m {
	case MarkUnstable:
		return "~"
	case MarkMissing:
		return "*"
	}
	return " "
}

// Mark judges a package by the global ACCEPT_KEYWORDS.
func (j *Judge) Mark(p *ebuild.Package) Mark {
	list := j.MissingGlobally(p)
	switch {
	case len(list) == 0:
		return MarkAccepted
	case slices.Contains(list, "**"):
		return MarkMissing
	}
	for _, kw := range list {
		if slices.Contains(j.global, strings.TrimLeft(kw, "~")) {
			return MarkUnstable
		}
	}
	return MarkMissing
}

// Reason returns the keyword that emerge names as the reason of a mask:
// "~arch", "-arch", or "missing". It is empty if emerge sees none; by its way of
// looking, accepting "*" or "~*" counts for nothing.
func (j *Judge) Reason(p *ebuild.Package) string {
	c := profiles.Candidate(p)
	own, accepted := j.files.Keywords(p.Keywords, c), j.accepted(c)
	if slices.Contains(accepted, "**") || slices.ContainsFunc(accepted, func(kw string) bool { return slices.Contains(own, kw) }) {
		return ""
	}
	archAccepted := slices.Contains(accepted, j.arch)
	for _, kw := range own {
		switch {
		case kw == "*":
			return ""
		case kw == "~*":
			if slices.ContainsFunc(accepted, isUnstable) {
				return ""
			}
		case archAccepted && (kw == "-"+j.arch || kw == "~"+j.arch):
			return kw
		}
	}
	return "missing"
}

func isUnstable(kw string) bool { return kw[0] == '~' }

// Sources returns what decided that the package is not accepted: the last word
// that takes back one of its keywords; else the keywords of its architecture in
// ACCEPT_KEYWORDS, and what files say of the package besides.
func (j *Judge) Sources(p *ebuild.Package) []profiles.Source {
	c := profiles.Candidate(p)
	own := j.files.Keywords(p.Keywords, c)
	list := j.files.KeywordSources(c)
	words := j.files.AcceptedFor(c, j.global)
	for _, w := range slices.Backward(words) {
		if w.Text == "-*" || w.Text[0] == '-' && slices.Contains(own, w.Text[1:]) {
			return append(list, source("package.accept_keywords", w))
		}
	}
	for _, w := range words {
		list = append(list, source("package.accept_keywords", w))
	}
	value, _ := j.config.Vars.Lookup("ACCEPT_KEYWORDS")
	for _, w := range value.Words {
		if strings.TrimPrefix(w.Text, "~") == strings.TrimPrefix(j.arch, "~") {
			list = append(list, source("ACCEPT_KEYWORDS", w))
		}
	}
	if len(list) == 0 {
		list = append(list, profiles.Source{What: "ACCEPT_KEYWORDS", Pos: value.Origin.Pos})
	}
	return list
}

func source(file string, w profiles.Word) profiles.Source {
	return profiles.Source{What: file + " " + w.Text, Pos: w.Pos}
}

// accepted returns the words accepted for a package. The result is shared.
func (j *Judge) accepted(c atoms.Candidate) []string {
	words := j.files.AcceptedFor(c, j.global)
	if len(words) == 0 {
		return j.common
	}
	return stack(j.global, words, j.env)
}

// stack applies "-word" and "-*" over the lists.
func stack(global []string, words []profiles.Word, env []string) []string {
	list := make([]string, 0, len(global)+len(words)+len(env))
	apply := func(w string) {
		switch {
		case w == "-*":
			list = list[:0]
		case w[0] == '-':
			list = slices.DeleteFunc(list, func(s string) bool { return s == w[1:] })
		case !slices.Contains(list, w):
			list = append(list, w)
		}
	}
	for _, w := range global {
		apply(w)
	}
	for _, w := range words {
		apply(w.Text)
	}
	for _, w := range env {
		apply(w)
	}
	return list
}

// missing is the match table of S82. It returns nil if own is accepted.
func missing(own, accepted []string) []string {
	stable, testing := false, false
	for _, kw := range own {
		switch {
		case kw == "*":
			return nil
		case kw == "~*":
			testing = true
			if slices.ContainsFunc(accepted, isUnstable) {
				return nil
			}
		case slices.Contains(accepted, kw):
			return nil
		case kw[0] == '~':
			testing = true
		case kw[0] != '-':
			stable = true
		}
	}
	if testing && slices.Contains(accepted, "~*") || stable && slices.Contains(accepted, "*") || slices.Contains(accepted, "**") {
		return nil
	}
	if len(own) == 0 {
		return []string{"**"}
	}
	return own
}
