package profiles

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// AcceptFiles is what files say about the acceptance of single packages:
// package.keywords and package.accept_keywords of profiles and of the user,
// package.license, package.properties, package.accept_restrict.
type AcceptFiles struct {
	Licenses   *Table // of profiles with format profile-license and of the user, who replaces equal atoms
	Properties *Table
	Restrict   *Table

	// LicenseGroups holds the members of each group of license_groups files,
	// those of all repositories and of the user together.
	LicenseGroups map[string][]string

	groupLines []linefile.Line // of license_groups
	changed    []*Table        // package.keywords of profile nodes: changes KEYWORDS
	profile    []*Table        // package.accept_keywords of profile nodes
	user       *Table
	defaults   []string // what an empty line of the user's file means
}

// Keywords returns the KEYWORDS of a package after the package.keywords files
// of the profile: "-*" dropped, then words added and, with "-", removed. So a
// "-word" in KEYWORDS itself vanishes. The order is that of first appearance.
func (a *AcceptFiles) Keywords(own []string, p atoms.Candidate) []string {
	matches := matchAll(a.changed, p)
	if len(matches) == 0 && !slices.ContainsFunc(own, isNegative) {
		return own // as most are
	}
	var list []string
	for _, word := range own {
		if word != "-*" {
			list = stackWord(list, word)
		}
	}
	for _, e := range matches {
		for _, w := range e.Words {
			list = stackWord(list, w.Text)
		}
	}
	return list
}

func isNegative(word string) bool { return strings.HasPrefix(word, "-") }

// stackWord applies a word to an ordered set.
func stackWord(list []string, word string) []string {
	if word == "-*" {
		return list[:0]
	}
	if removed, ok := strings.CutPrefix(word, "-"); ok {
		return slices.DeleteFunc(list, func(s string) bool { return s == removed })
	}
	if slices.Contains(list, word) {
		return list
	}
	return append(list, word)
}

// AcceptedFor returns the words that package.accept_keywords files add to
// ACCEPT_KEYWORDS for a package, weakest first. An empty line stands for "~"
// and each word of global (a profile's file) or of the profile's
// ACCEPT_KEYWORDS (the user's).
func (a *AcceptFiles) AcceptedFor(p atoms.Candidate, global []string) []Word {
	var list []Word
	for _, e := range matchAll(a.profile, p) {
		list = append(list, orDefault(e, unstable(global))...)
	}
	for _, e := range a.user.Match(p) {
		list = append(list, orDefault(e, a.defaults)...)
	}
	return list
}

func orDefault(e *Entry, defaults []string) []Word {
	if len(e.Words) > 0 {
		return e.Words
	}
	list := make([]Word, len(defaults))
	for i, text := range defaults {
		list[i] = Word{text, e.Pos}
	}
	return list
}

// unstable returns "~" and each word that starts with neither "~" nor "-".
func unstable(words []string) []string {
	var list []string
	for _, w := range words {
		if w[0] != '~' && w[0] != '-' {
			list = append(list, "~"+w)
		}
	}
	return list
}

func matchAll(tables []*Table, p atoms.Candidate) []*Entry {
	var list []*Entry
	for _, t := range tables {
		list = append(list, t.Match(p)...)
	}
	return list
}

func (l *loader) loadAccept() *AcceptFiles {
	a := &AcceptFiles{
		Properties: l.user.table("package.properties"),
		Restrict:   l.user.table("package.accept_restrict"),
		user:       merged(l.user.table("package.keywords"), l.user.table("package.accept_keywords")),
		defaults:   unstable(strings.Fields(l.vars.layers[LayerDefaults].get("ACCEPT_KEYWORDS"))),
	}
	var licenses []*Table
	for i, n := range l.nodes {
		f := l.folders[i]
		a.changed = appendTable(a.changed, f.table("package.keywords"))
		a.profile = appendTable(a.profile, f.table("package.accept_keywords"))
		if n.HasFormat("profile-license") {
			licenses = appendTable(licenses, f.table("package.license"))
		}
	}
	a.Licenses = overlaid(appendTable(licenses, l.user.table("package.license"))...)
	a.groupLines = l.groupLines()
	a.LicenseGroups = licenseGroups(a.groupLines)
	return a
}

func appendTable(list []*Table, t *Table) []*Table {
	if t == nil {
		return list
	}
	return append(list, t)
}

// groupLines reads license_groups of all repositories and of the user. The
// first word of a line is the name of a group, the others are members.
func (l *loader) groupLines() []linefile.Line {
	var list []linefile.Line
	for _, f := range append(l.repoFolderList(), l.user) {
		for _, line := range f.lines("license_groups", linefile.FileOnly) {
			if len(line.Words) > 1 {
				list = append(list, line)
			}
		}
	}
	return list
}

func licenseGroups(lines []linefile.Line) map[string][]string {
	groups := make(map[string][]string)
	for _, line := range lines {
		for _, member := range line.Words[1:] {
			if name := line.Words[0]; !slices.Contains(groups[name], member) {
				groups[name] = append(groups[name], member)
			}
		}
	}
	return groups
}

// ExpandLicenses replaces the groups in a list of licences by their members,
// nested ones too. "-@GROUP" becomes a list of removals. What is no group, or
// contains itself, stays as it is; "-member" in a group means nothing.
func (a *AcceptFiles) ExpandLicenses(words []string) []string {
	var list []string
	for _, word := range words {
		name, negated := strings.CutPrefix(word, "-")
		group, isGroup := strings.CutPrefix(name, "@")
		if !isGroup {
			list = append(list, word)
			continue
		}
		for _, member := range a.expandGroup(group, nil) {
			if negated {
				member = "-" + member
			}
			list = append(list, member)
		}
	}
	return list
}

// expandWords does the same to words with places.
func (a *AcceptFiles) expandWords(words []Word) []Word {
	var list []Word
	for _, w := range words {
		for _, text := range a.ExpandLicenses([]string{w.Text}) {
			list = append(list, Word{text, w.Pos})
		}
	}
	return list
}

func (a *AcceptFiles) expandGroup(name string, within []string) []string {
	members, known := a.LicenseGroups[name]
	if !known || slices.Contains(within, name) {
		return []string{"@" + name}
	}
	within = append(within, name)
	var list []string
	for _, m := range members {
		group, isGroup := strings.CutPrefix(m, "@")
		switch {
		case isNegative(m):
		case isGroup:
			list = append(list, a.expandGroup(group, within)...)
		default:
			list = append(list, m)
		}
	}
	return list
}
