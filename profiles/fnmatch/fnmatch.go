// Package fnmatch matches names with shell patterns as Python's fnmatch does, and
// with it Portage: a star goes over slashes, and nothing escapes anything.
package fnmatch

import (
	"strings"
	"unicode/utf8"
)

// Match reports whether name as a whole matches the shell pattern: "*" any
// text, slashes included, "?" one character, "[...]" and "[!...]" one
// character of a set. A "[" without a closing bracket stands for itself, and
// there are no escapes, as in Python's fnmatch.
func Match(pattern, name string) bool {
	starPattern, starName := "", ""
	haveStar := false
	for {
		switch {
		case strings.HasPrefix(pattern, "*"):
			pattern = pattern[1:]
			starPattern, starName, haveStar = pattern, name, true
			continue
		case pattern == "" && name == "":
			return true
		case pattern != "" && name != "":
			r, size := utf8.DecodeRuneInString(name)
			if rest, ok := matchOne(pattern, r, name[:size]); ok {
				pattern, name = rest, name[size:]
				continue
			}
		}
		if !haveStar || starName == "" {
			return false
		}
		_, size := utf8.DecodeRuneInString(starName)
		starName = starName[size:]
		pattern, name = starPattern, starName
	}
}

// matchOne matches the first item of pattern, which is not a star, against
// the character r with the bytes text, and returns the rest of the pattern.
func matchOne(pattern string, r rune, text string) (rest string, ok bool) {
	switch pattern[0] {
	case '?':
		return pattern[1:], true
	case '[':
		if set, rest, ok := cutSet(pattern); ok {
			return rest, inSet(set, r)
		}
	}
	rest, ok = strings.CutPrefix(pattern, text)
	return rest, ok
}

// cutSet splits "[set]rest". A bracket directly after "[" or "[!" is a member.
func cutSet(pattern string) (set, rest string, ok bool) {
	i := 1
	if strings.HasPrefix(pattern[i:], "!") {
		i++
	}
	if strings.HasPrefix(pattern[i:], "]") {
		i++
	}
	end := strings.IndexByte(pattern[i:], ']')
	if end < 0 {
		return "", "", false
	}
	return pattern[1 : i+end], pattern[i+end+1:], true
}

// inSet reports whether r is in a set such as "a-z_" or "!a-z". A range with
// its bounds the wrong way round is empty.
func inSet(set string, r rune) bool {
	members, negated := strings.CutPrefix(set, "!")
	runes := []rune(members)
	found := false
	for i := 0; i < len(runes); i++ {
		if i+2 < len(runes) && runes[i+1] == '-' {
			found = found || runes[i] <= r && r <= runes[i+2]
			i += 2
			continue
		}
		found = found || runes[i] == r
	}
	return found != negated
}
