package gentoolkit

import (
	"regexp"
	"strings"
)

// Name is a CATEGORY/PF taken apart, by its form alone: parts that are not there are
// empty. Patterns and regular expressions are taken apart as well, where that works.
type Name struct {
	Category, Package string
	Version, Revision string // "1.2_rc1", "r3"
}

// CP is the category and the package.
func (n Name) CP() string {
	if n.Category == "" {
		return n.Package
	}
	return n.Category + "/" + n.Package
}

// FullVersion is the version with its revision.
func (n Name) FullVersion() string {
	if n.Revision == "" {
		return n.Version
	}
	return n.Version + "-" + n.Revision
}

var (
	versionForm = regexp.MustCompile(`^(?:cvs\.)?(?:[0-9]+)(?:\.[0-9]+)*[a-z]?(?:_(p(?:re)?|beta|alpha|rc)[0-9]*)*$`)
	nameForm    = regexp.MustCompile(`^[a-zA-Z0-9+._]+$`)
	digits      = regexp.MustCompile(`^[0-9]+$`)
)

// SplitName takes a name apart. It reports false if the part after the category is no
// name with or without version; one without a hyphen always passes.
func SplitName(text string) (Name, bool) {
	var n Name
	pf := text
	if i := strings.LastIndexByte(text, '/'); i >= 0 {
		n.Category, pf = text[:i], text[i+1:]
	}
	words := strings.Split(pf, "-")
	if len(words) == 1 {
		n.Package = pf
		return n, true
	}
	if last := words[len(words)-1]; len(last) > 1 && last[0] == 'r' && last[1] >= '0' && last[1] <= '9' {
		if len(words) < 3 {
			return Name{}, false
		}
		n.Revision, words = last, words[:len(words)-1]
	}
	if last := words[len(words)-1]; versionForm.MatchString(last) {
		n.Version, words = last, words[:len(words)-1]
	}
	if len(words) == 0 || words[0] == "" {
		return Name{}, false
	}
	for _, w := range words {
		if w != "" && !nameForm.MatchString(w) {
			return Name{}, false
		}
	}
	if len(words) > 1 && digits.MatchString(words[len(words)-1]) {
		return Name{}, false
	}
	n.Package = strings.Join(words, "-")
	return n, true
}
