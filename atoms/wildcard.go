package atoms

import "strings"

// parseWildcardBody parses the package name of an extended atom: "cat/*",
// "*/pkg", or with the operator "=" and a version, "*/*-*9999*".
func (a *Atom) parseWildcardBody(s string) fault {
	a.Wildcard = true
	name := s
	switch a.Op {
	case OpNone:
	case OpEqual:
		var f fault
		if name, a.glob, f = cutVersionGlob(s); f.msg != "" {
			return f
		}
		a.Op = OpEqualGlob
	default:
		return fault{strings.IndexByte(s, '*'), "a wildcard needs the operator '=' or none"}
	}
	a.CP = CP(name)
	return checkWildcardCP(name)
}

// cutVersionGlob splits "name-*text*".
func cutVersionGlob(s string) (name, glob string, f fault) {
	end := len(s) - 1
	if s[end] != '*' {
		return "", "", fault{end + 1, "expected '*'"}
	}
	dash := strings.LastIndex(s[:end], "-*")
	if dash < 0 {
		return "", "", fault{0, "expected a version of the form *text*"}
	}
	glob = s[dash+2 : end]
	for i := 0; i < len(glob); i++ {
		if !isWord(glob[i]) {
			return "", "", fault{dash + 2 + i, "expected a letter, a digit or '_'"}
		}
	}
	if glob == "" {
		return "", "", fault{end, "expected text between the wildcards"}
	}
	return s[:dash], glob, fault{}
}

// checkWildcardCP reports why s is not a qualified name with wildcards.
func checkWildcardCP(s string) fault {
	slash := strings.IndexByte(s, '/')
	if slash < 0 {
		return fault{len(s), "expected category/package"}
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		first := i == 0 || i == slash+1
		switch {
		case i == slash, isWord(c), c == '+':
		case c == '*' && (i == 0 || s[i-1] != '*'):
		case !first && (c == '-' || c == '.' && i < slash):
		default:
			return fault{i, "expected a character of a package name with wildcards"}
		}
	}
	if slash == 0 || slash+1 == len(s) {
		return fault{slash, "expected category/package"}
	}
	if name, _, ok := cutVersion(s[slash+1:]); ok {
		return fault{slash + 1 + len(name), "a package name must not end in a version"}
	}
	return fault{}
}

// matchCP reports whether the name of an extended atom covers cp. Each "*"
// stands for any text without a slash.
func matchCP(pattern, cp CP) bool {
	pc, pn, _ := strings.Cut(string(pattern), "/")
	c, n, _ := strings.Cut(string(cp), "/")
	return matchGlob(pc, c) && matchGlob(pn, n)
}

// matchGlob reports whether pattern, in which "*" stands for any text, covers
// all of s.
func matchGlob(pattern, s string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == s
	}
	if !strings.HasPrefix(s, head) {
		return false
	}
	s = s[len(head):]
	for {
		part, next, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(s, part)
		}
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s, rest = s[i+len(part):], next
	}
}

// ParseAtomOrName parses s as an atom, or else as the name of a package in
// any category: "foo" is "*/foo".
func ParseAtomOrName(s string, o AtomOptions) (*Atom, error) {
	o.AllowWildcard = true
	if a, err := ParseAtom(s, o); err == nil {
		return a, nil
	}
	return ParseAtom("*/"+s, o)
}

// InsertCategory puts category and a slash before the package name of an
// atom written without a category, such as ">=foo-1". It reports false if
// text holds no name.
func InsertCategory(text, category string) (string, bool) {
	for i := 0; i < len(text); i++ {
		if isWord(text[i]) || text[i] == '*' {
			return text[:i] + category + "/" + text[i:], true
		}
	}
	return "", false
}
