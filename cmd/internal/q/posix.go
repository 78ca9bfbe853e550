package q

import (
	"regexp"
	"strings"
)

// extended compiles a regular expression of POSIX's extended form. Back references
// are an error: Go's engine, which never takes long, has none.
func extended(pattern string) (*regexp.Regexp, error) {
	return regexp.Compile(fromExtended(pattern))
}

// fromExtended writes an extended expression in Go's way: what differs are repeated
// repetitions (a**), word boundaries (\< and \>), a ) that closes nothing.
func fromExtended(pattern string) string {
	var b strings.Builder
	depth := 0
	for i := 0; i < len(pattern); {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			b.WriteString(escaped(pattern[i+1]))
			i += 2
		case c == '[':
			end := bracketEnd(pattern, i)
			b.WriteString(bracket(pattern[i:end]))
			i = end
		case strings.IndexByte("*+?", c) >= 0 && b.Len() > 0:
			end := i
			for end < len(pattern) && strings.IndexByte("*+?", pattern[end]) >= 0 {
				end++
			}
			if strings.Trim(pattern[i:end], string(c)) != "" {
				c = '*' // some of both: any number
			}
			b.WriteByte(c)
			i = end
		case c == '(':
			depth++
			b.WriteByte(c)
			i++
		case c == ')' && depth == 0:
			b.WriteString(`\)`)
			i++
		default:
			if c == ')' {
				depth--
			}
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// fromBasic writes a basic expression as an extended one: in it ( ) { } + ? | stand
// for themselves, and mean something after a backslash.
func fromBasic(pattern string) string {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\\' && i+1 < len(pattern) && strings.IndexByte("(){}+?|", pattern[i+1]) >= 0:
			i++
			b.WriteByte(pattern[i])
		case c == '\\' && i+1 < len(pattern):
			b.WriteString(pattern[i : i+2])
			i++
		case strings.IndexByte("(){}+?|", c) >= 0, c == '*' && (i == 0 || strings.HasSuffix(pattern[:i], `\(`) || pattern[:i] == "^"):
			b.WriteString(`\` + string(c))
		case c == '[':
			end := bracketEnd(pattern, i)
			b.WriteString(pattern[i:end])
			i = end - 1
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// escaped is a character after a backslash.
func escaped(c byte) string {
	switch {
	case c == '<' || c == '>':
		return `\b`
	case strings.IndexByte("wWsSbB", c) >= 0:
		return `\` + string(c)
	}
	return regexp.QuoteMeta(string(c))
}

// bracketEnd is where the bracket expression that begins at i ends.
func bracketEnd(pattern string, i int) int {
	j := i + 1
	if j < len(pattern) && pattern[j] == '^' {
		j++
	}
	if j < len(pattern) && pattern[j] == ']' {
		j++
	}
	for j < len(pattern) && pattern[j] != ']' {
		if strings.HasPrefix(pattern[j:], "[:") {
			if n := strings.Index(pattern[j:], ":]"); n > 0 {
				j += n + 1
			}
		}
		j++
	}
	return min(j+1, len(pattern))
}

// bracket writes a bracket expression in Go's way: a backslash in it is one.
func bracket(text string) string {
	return strings.ReplaceAll(text, `\`, `\\`)
}
