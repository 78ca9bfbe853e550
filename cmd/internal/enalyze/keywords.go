package enalyze

import (
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
)

// A keywordJudge finds the keyword that packages were merged by.
type keywordJudge struct {
	known  func(word string) bool // whether it is an architecture, or one with "~"
	arch   string
	own    string // the keyword of the system: ARCH, or ARCH-PREFIX
	prefix string // of the keywords of a prefix: "linux"; "" outside
	// mismatched are packages that were not built for the architecture.
	mismatched []string
}

// newKeywordJudge makes a judge. accepted is ACCEPT_KEYWORDS, which names the prefix.
func newKeywordJudge(system *gentoolkit.System, accepted []string, inPrefix bool) *keywordJudge {
	j := &keywordJudge{known: system.IsArch, arch: system.Arch(), own: system.Arch()}
	if !inPrefix {
		return j
	}
	for _, word := range accepted {
		if head, after, ok := strings.Cut(word, "-"); ok && strings.Contains(word, j.arch) && head != "" {
			j.prefix, _, _ = strings.Cut(after, "-")
			j.own = j.arch + "-" + j.prefix
		}
	}
	return j
}

// keyword gives the keyword of a package: "amd64", "~amd64", or "-amd64" if it has none.
func (j *keywordJudge) keyword(p *gentoolkit.Package) string {
	words, used := strings.Fields(p.Value("KEYWORDS")), strings.Fields(p.Value("USE"))
	if !slices.Contains(used, j.arch) {
		j.mismatched = append(j.mismatched, p.CPV)
	}
	for _, word := range []string{j.own, "~" + j.own} {
		if slices.Contains(words, word) {
			return word
		}
	}
	key, ok := j.only(words, used)
	if !ok {
		return j.missing(j.own)
	}
	candidates := []string{key, "~" + key}
	if j.prefix != "" {
		candidates = []string{key + "-" + j.prefix, "~" + key + "-" + j.prefix, key, "~" + key}
	}
	for _, word := range candidates {
		if slices.Contains(words, word) {
			return word
		}
	}
	return j.missing(key)
}

// only gives the architecture that a package was built for, or the only one that it has
// a keyword of.
func (j *keywordJudge) only(words, used []string) (string, bool) {
	var archs, built, known []string
	for _, word := range words {
		if word = strings.TrimLeft(word, "~"); !slices.Contains(archs, word) {
			archs = append(archs, word)
		}
	}
	for _, arch := range archs {
		if slices.Contains(used, arch) {
			built = append(built, arch)
		}
		if j.known(arch) {
			known = append(known, arch)
		}
	}
	switch {
	case len(built) == 1:
		return built[0], true
	case len(built) > 1:
		known = slices.DeleteFunc(known, func(arch string) bool { return !slices.Contains(built, arch) })
	}
	if len(known) == 1 {
		return known[0], true
	}
	return "", false
}

func (j *keywordJudge) missing(key string) string {
	if j.prefix != "" && key != j.own {
		return key + "-" + j.prefix
	}
	return "-" + key
}
