package shellconf

import (
	"errors"
	"strings"
)

// Messages of failed substitutions, worded as bash words them.
var (
	errUnclosedBrace = errors.New("unexpected EOF while looking for matching `}'")
	errBadBraced     = errors.New("${}: bad substitution")
	errBadBare       = errors.New("$: bad substitution")
)

// Expand substitutes $NAME and ${NAME} in text that is already unquoted, as
// Portage's varexpand does. Unknown names become nothing. Inside of single
// quotes, which stay, nothing happens; elsewhere line ends become blanks, \$
// and \\ lose their first backslash, and a backslash with a line end vanishes.
// A malformed substitution makes the whole result empty and is an error.
func Expand(text string, env Env) (string, error) {
	if !strings.ContainsAny(text, "$\\\n") {
		return text, nil
	}
	e := expander{text: text, env: env}
	e.out.Grow(len(text))
	var single, double bool
	for e.pos < len(text) {
		c := text[e.pos]
		switch {
		case c == '\'':
			single = single != !double
			e.copy(1)
		case c == '"':
			double = double != !single
			e.copy(1)
		case single:
			e.copy(1)
		case c == '\n':
			e.out.WriteByte(' ')
			e.pos++
		case c == '\\':
			e.backslash()
		case c == '$':
			if err := e.dollar(); err != nil {
				return "", err
			}
		default:
			e.copy(1)
		}
	}
	return e.out.String(), nil
}

// expander holds the state of one Expand.
type expander struct {
	text string
	pos  int
	env  Env
	out  strings.Builder
}

// copy moves n bytes to the output.
func (e *expander) copy(n int) {
	e.out.WriteString(e.text[e.pos : e.pos+n])
	e.pos += n
}

// backslash handles a backslash at pos.
func (e *expander) backslash() {
	if e.pos+1 >= len(e.text) {
		e.copy(1)
		return
	}
	switch e.text[e.pos+1] {
	case '$':
		e.out.WriteByte('$')
		e.pos += 2
	case '\\':
		e.out.WriteByte('\\')
		e.pos += 2
		// Portage takes a quote or dollar after a double backslash literally.
		if e.pos < len(e.text) && strings.IndexByte("'\"$", e.text[e.pos]) >= 0 {
			e.copy(1)
		}
	case '\n':
		e.pos += 2
	default:
		e.copy(2)
	}
}

// dollar handles a dollar sign at pos.
func (e *expander) dollar() error {
	e.pos++
	if e.pos == len(e.text) {
		e.out.WriteByte('$') // as the shell does
		return nil
	}
	braced := e.text[e.pos] == '{'
	if braced {
		e.pos++
	}
	start := e.pos
	for e.pos < len(e.text) && isNameByte(e.text[e.pos]) {
		e.pos++
	}
	name := e.text[start:e.pos]
	if braced {
		if e.pos == len(e.text) || e.text[e.pos] != '}' {
			return errUnclosedBrace
		}
		e.pos++
		if name == "" {
			return errBadBraced
		}
	}
	if name == "" {
		return errBadBare
	}
	e.out.WriteString(e.env[name])
	return nil
}

// isNameByte reports whether c may be part of a variable name after a dollar.
func isNameByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
