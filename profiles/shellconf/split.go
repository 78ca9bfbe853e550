package shellconf

import (
	"fmt"
	"strings"
)

// Split splits text into words as a shell does, without substitution and
// comments, like Python's shlex.split: values such as EMERGE_DEFAULT_OPTS or
// lists of paths are written so. An unclosed quote or a backslash at the end is
// an error.
func Split(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case ' ', '\t', '\r', '\n':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		case '\\':
			if i++; i == len(text) {
				return nil, fmt.Errorf("%w: %q", errNothingEscaped, text)
			}
			word.WriteByte(text[i])
			inWord = true
		case '\'', '"':
			n, ok := unquote(&word, text[i:])
			if !ok {
				return nil, fmt.Errorf("%w: %q", errUnclosedQuote, text)
			}
			i += n - 1
			inWord = true
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// unquote writes what stands between the quotes at the start of text, and
// returns the length of it all; false if the quote is not closed.
func unquote(b *strings.Builder, text string) (int, bool) {
	quote := text[0]
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == quote:
			return i + 1, true
		case c == '\\' && quote == '"' && i+1 < len(text):
			i++
			if text[i] != '"' && text[i] != '\\' {
				b.WriteByte(c)
			}
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return 0, false
}

// Quote gives text as a word of the shell, quoted if it needs to be, like
// Python's shlex.quote.
func Quote(text string) string {
	plain := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("@%_-+=:,./", r)
	}
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !plain(r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'"'"'`) + "'"
}
