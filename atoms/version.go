package atoms

import (
	"cmp"
	"math"
	"strings"
)

// Version is a package version with an optional revision (PMS 3.2), kept as
// written. Versions are ordered by Compare alone: == compares their text, and
// 1 and 1-r0 differ in text though they are equal. The zero Version is no
// version; it comes before all others.
type Version struct {
	text string
	num  int32 // end of the dotted numbers; a letter may follow
	base int32 // end of the suffixes; "-rN" may follow
}

// ParseVersion parses a version such as "1.2.3b_rc4_p1-r5".
func ParseVersion(s string) (Version, error) {
	v, f := scanVersion(s)
	if f.msg != "" {
		return Version{}, f.err("version", s)
	}
	return v, nil
}

// String returns the version as it was written.
func (v Version) String() string { return v.text }

// IsZero reports whether v is the zero Version.
func (v Version) IsZero() bool { return v.text == "" }

// Base returns the version without its revision.
func (v Version) Base() Version {
	v.text = v.text[:v.base]
	return v
}

// Revision returns the digits of the revision as written, or "" if the
// version has none.
func (v Version) Revision() string {
	if int(v.base) == len(v.text) {
		return ""
	}
	return v.text[v.base+2:]
}

// cutVersion splits "name-version" before the version. It reports false if s
// does not end in a version; the name is not checked.
func cutVersion(s string) (name string, v Version, ok bool) {
	dash := strings.LastIndexByte(s, '-')
	if dash > 0 && isRevision(s[dash+1:]) {
		dash = strings.LastIndexByte(s[:dash], '-')
	}
	if dash <= 0 || dash+1 == len(s) || !isDigit(s[dash+1]) {
		return "", Version{}, false
	}
	v, f := scanVersion(s[dash+1:])
	return s[:dash], v, f.msg == ""
}

// isRevision reports whether s is "r" and digits.
func isRevision(s string) bool {
	return len(s) > 1 && s[0] == 'r' && skipDigits(s, 1) == len(s)
}

// skipDigits returns the offset of the first byte at or after i that is not
// a digit.
func skipDigits(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

// scanVersion parses all of s.
func scanVersion(s string) (Version, fault) {
	if len(s) > math.MaxInt32 {
		return Version{}, fault{math.MaxInt32, "the version is too long"}
	}
	i, f := scanNumbers(s)
	if f.msg != "" {
		return Version{}, f
	}
	v := Version{text: s, num: int32(i)}
	if i < len(s) && 'a' <= s[i] && s[i] <= 'z' {
		i++
	}
	for i < len(s) && s[i] == '_' {
		k := suffixAt(s[i+1:])
		if k == suffixNone {
			return Version{}, fault{i + 1, "expected alpha, beta, pre, rc or p"}
		}
		i = skipDigits(s, i+1+len(k.String()))
	}
	v.base = int32(i)
	if i == len(s) || s[i] == '-' && isRevision(s[i+1:]) {
		return v, fault{}
	}
	if s[i] == '-' {
		return Version{}, fault{i + 1, "expected a revision"}
	}
	return Version{}, fault{i, "expected the end of the version"}
}

// scanNumbers reads numbers joined by dots and returns where they end.
func scanNumbers(s string) (end int, f fault) {
	for i := 0; ; i++ {
		start := i
		i = skipDigits(s, i)
		if i == start {
			return 0, fault{i, "expected a digit"}
		}
		if i == len(s) || s[i] != '.' {
			return i, fault{}
		}
	}
}

// suffix is a version suffix, in its order. A version without a suffix
// ranks like one with suffixP and a number below zero.
type suffix uint8

const (
	suffixNone  suffix = iota
	suffixAlpha        // _alpha
	suffixBeta         // _beta
	suffixPre          // _pre
	suffixRC           // _rc
	suffixP            // _p
)

func (k suffix) String() string {
	return [...]string{"", "alpha", "beta", "pre", "rc", "p"}[k]
}

// suffixAt returns the suffix that s begins with.
func suffixAt(s string) suffix {
	for k := suffixAlpha; k <= suffixP; k++ {
		if strings.HasPrefix(s, k.String()) {
			return k
		}
	}
	return suffixNone
}

// Compare orders versions as PMS 3.3 does: -1 if v is older than w, +1 if it
// is newer, 0 if they are equal. It is a total preorder and allocates nothing.
func (v Version) Compare(w Version) int {
	if v.text == w.text {
		return 0
	}
	if v.text == "" || w.text == "" {
		return cmp.Compare(len(v.text), len(w.text))
	}
	if c := compareNumbers(v.text[:v.num], w.text[:w.num]); c != 0 {
		return c
	}
	i, j := int(v.num), int(w.num)
	letter, other := letterAt(v, i), letterAt(w, j)
	if c := cmp.Compare(letter, other); c != 0 {
		return c
	}
	if letter != 0 {
		i, j = i+1, j+1
	}
	if c := compareSuffixes(v.text[i:v.base], w.text[j:w.base]); c != 0 {
		return c
	}
	return compareInt(v.Revision(), w.Revision())
}

// letterAt returns the version letter at i, or 0.
func letterAt(v Version, i int) byte {
	if i < int(v.base) && v.text[i] != '_' {
		return v.text[i]
	}
	return 0
}

// compareNumbers compares dotted numbers: the first by value, the others by
// value unless one has a leading zero, which makes them decimal fractions.
// A missing number is below all others.
func compareNumbers(a, b string) int {
	x, a, _ := strings.Cut(a, ".")
	y, b, _ := strings.Cut(b, ".")
	if c := compareInt(x, y); c != 0 {
		return c
	}
	for a != "" || b != "" {
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		if c := compareComponent(x, y); c != 0 {
			return c
		}
	}
	return 0
}

func compareComponent(x, y string) int {
	if x == "" || y == "" {
		return cmp.Compare(len(x), len(y))
	}
	if x[0] != '0' && y[0] != '0' {
		return compareInt(x, y)
	}
	return cmp.Compare(strings.TrimRight(x, "0"), strings.TrimRight(y, "0"))
}

// compareSuffixes compares lists of "_suffixN".
func compareSuffixes(a, b string) int {
	for a != "" || b != "" {
		var x, y suffix
		var n, m string
		x, n, a = nextSuffix(a)
		y, m, b = nextSuffix(b)
		switch {
		case x == y:
			if c := compareInt(n, m); c != 0 {
				return c
			}
		case x == suffixNone:
			return sign(y != suffixP)
		case y == suffixNone:
			return -sign(x != suffixP)
		default:
			return cmp.Compare(x, y)
		}
	}
	return 0
}

func sign(positive bool) int {
	if positive {
		return 1
	}
	return -1
}

// nextSuffix takes the first suffix, with its number, off s.
func nextSuffix(s string) (k suffix, number, rest string) {
	if s == "" {
		return suffixNone, "", ""
	}
	k = suffixAt(s[1:])
	start := 1 + len(k.String())
	end := skipDigits(s, start)
	return k, s[start:end], s[end:]
}

// compareInt compares strings of digits by value; "" is zero.
func compareInt(x, y string) int {
	x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
	if c := cmp.Compare(len(x), len(y)); c != 0 {
		return c
	}
	return cmp.Compare(x, y)
}
