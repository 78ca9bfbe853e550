package atoms

import (
	"cmp"
	"strings"
)

// CP is a qualified package name, "category/package" (PMS 3.1).
// A CP of an extended atom may hold wildcards: "cat/*", "*/*".
type CP string

// ParseCP checks that s is a category and a package name joined by a slash,
// by the rules of PMS 3.1.1 and 3.1.2.
func ParseCP(s string) (CP, error) {
	if f := checkCP(s); f.msg != "" {
		return "", f.err("package name", s)
	}
	return CP(s), nil
}

// Category returns the part before the slash.
func (c CP) Category() string {
	category, _, _ := strings.Cut(string(c), "/")
	return category
}

// Virtual reports whether the category is "virtual".
func (c CP) Virtual() bool { return strings.HasPrefix(string(c), "virtual/") }

// Name returns the part after the slash, which PMS calls PN.
func (c CP) Name() string {
	_, name, _ := strings.Cut(string(c), "/")
	return name
}

// checkCP reports why s is not a qualified package name.
func checkCP(s string) fault {
	slash, f := scanCategory(s)
	if f.msg != "" {
		return f
	}
	return checkName(s[slash+1:]).shift(slash + 1)
}

// scanCategory reads a category up to its slash and returns where that is.
func scanCategory(s string) (slash int, f fault) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case isWord(c):
		case c == '/' && i > 0:
			return i, fault{}
		case i > 0 && (c == '+' || c == '.' || c == '-'):
		case i == 0:
			return 0, fault{0, "expected a category"}
		default:
			return 0, fault{i, "expected a character of a category name, or '/'"}
		}
	}
	return 0, fault{len(s), "expected category/package"}
}

// checkName reports why s is not a package name.
func checkName(s string) fault {
	if f := checkNameChars(s); f.msg != "" {
		return f
	}
	if name, _, ok := cutVersion(s); ok {
		return fault{len(name), "a package name must not end in a version"}
	}
	return fault{}
}

// checkNameChars is checkName without the rule about version-like ends.
func checkNameChars(s string) fault {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if isWord(c) || i > 0 && (c == '+' || c == '-') {
			continue
		}
		return fault{i, "expected a character of a package name"}
	}
	if s == "" {
		return fault{0, "expected a package name"}
	}
	return fault{}
}

// isWord reports whether c is one of [A-Za-z0-9_].
func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDigit(c) || c == '_'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// CPV is a package name with a version, "category/package-version".
type CPV struct {
	CP      CP
	Version Version
}

// ParseCPV parses "category/package-version", with a revision if there is one.
func ParseCPV(s string) (CPV, error) {
	slash, f := scanCategory(s)
	if f.msg != "" {
		return CPV{}, f.err("package version", s)
	}
	name, v, ok := cutVersion(s[slash+1:])
	if !ok {
		return CPV{}, fault{len(s), "expected a version"}.err("package version", s)
	}
	if f := checkName(name); f.msg != "" {
		return CPV{}, f.shift(slash+1).err("package version", s)
	}
	return CPV{CP: CP(s[:slash+1+len(name)]), Version: v}, nil
}

// String returns "category/package-version" with the version as written.
// Without a version it is the package name alone.
func (c CPV) String() string {
	if c.Version.IsZero() {
		return string(c.CP)
	}
	return string(c.CP) + "-" + c.Version.text
}

// IsZero reports whether c is the zero CPV.
func (c CPV) IsZero() bool { return c == CPV{} }

// PN returns the package name without category.
func (c CPV) PN() string { return c.CP.Name() }

// PV returns the version without revision.
func (c CPV) PV() string { return c.Version.Base().text }

// PR returns the revision as "r1", or "r0" if there is none.
func (c CPV) PR() string {
	if r := c.Version.Revision(); r != "" {
		return "r" + r
	}
	return "r0"
}

// PVR returns the version with its revision, if it has one, as written.
func (c CPV) PVR() string { return c.Version.text }

// P returns name and version without revision.
func (c CPV) P() string { return c.PN() + "-" + c.PV() }

// PF returns name, version and revision as written.
func (c CPV) PF() string { return c.PN() + "-" + c.PVR() }

// Compare orders by the text of the package name, then by version.
func (c CPV) Compare(d CPV) int {
	if r := cmp.Compare(c.CP, d.CP); r != 0 {
		return r
	}
	return c.Version.Compare(d.Version)
}
