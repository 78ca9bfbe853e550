package bash

import "strings"

// A lexer follows quotes through the lines of a text, as far as an outline needs.
type lexer struct {
	quote byte // ' or " that is open, or 0
	slash bool // the line before ended with a backslash
	lost  bool // something was met that is not followed
}

// clean says whether the next line starts outside quotes.
func (l *lexer) clean() bool { return l.quote == 0 && !l.slash && !l.lost }

// line reads one line.
func (l *lexer) line(s string) {
	l.slash = false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case l.quote == '\'':
			if c == '\'' {
				l.quote = 0
			}
		case c == '\\':
			i++
			l.slash = i == len(s)
		case l.quote == '"':
			if c == '"' {
				l.quote = 0
			}
		case c == '\'' || c == '"':
			l.quote = c
		case c == '#' && (i == 0 || strings.IndexByte(" \t;&|()", s[i-1]) >= 0):
			return
		case c == '`', c == '<' && strings.HasPrefix(s[i:], "<<") && !strings.HasPrefix(s[i:], "<<<"):
			l.lost = true
			return
		case c == '<' && strings.HasPrefix(s[i:], "<<<"):
			i += 2
		}
	}
}
