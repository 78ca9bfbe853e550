package phase

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// Saved gives variables of the state that the phases so far have left, those whose
// name is wanted: the elements of an array, or one value. Without a state there are
// none. Associative arrays are left out.
func (d Dir) Saved(want func(name string) bool) (map[string][]string, error) {
	text, err := os.ReadFile(d.State())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the environment of the phases: %w", err)
	}
	return savedVariables(string(text), want), nil
}

func savedVariables(state string, want func(name string) bool) map[string][]string {
	out := make(map[string][]string)
	for strings.HasPrefix(state, "declare ") {
		line := assignment(state)
		state = state[len(line):]
		attributes, rest, _ := strings.Cut(strings.TrimPrefix(line, "declare "), " ")
		name, value, ok := strings.Cut(strings.TrimSuffix(rest, "\n"), "=")
		if !ok || !want(name) || strings.Contains(attributes, "A") {
			continue
		}
		if strings.Contains(attributes, "a") {
			out[name] = elements(value)
		} else {
			word, _ := unquote(value)
			out[name] = []string{word}
		}
	}
	return out
}

// elements reads an indexed array as bash writes it: ([0]="a" [1]="b").
func elements(text string) []string {
	text = strings.TrimSuffix(strings.TrimPrefix(text, "("), ")")
	list := []string{}
	for strings.HasPrefix(text, "[") {
		_, rest, ok := strings.Cut(text, "=")
		if !ok {
			break
		}
		word, n := unquote(rest)
		list = append(list, word)
		text = strings.TrimLeft(rest[n:], " ")
	}
	return list
}

// unquote reads one word as `declare -p` writes it, and how long it is.
func unquote(text string) (word string, length int) {
	switch {
	case strings.HasPrefix(text, `"`):
		return unquoteDouble(text)
	case strings.HasPrefix(text, "$'"):
		return unquoteANSI(text)
	}
	n := strings.IndexByte(text, ' ')
	if n < 0 {
		n = len(text)
	}
	return text[:n], n
}

func unquoteDouble(text string) (string, int) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return b.String(), i + 1
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), len(text)
}

// ansiEscapes are those of one letter that bash writes.
const ansiEscapes = "a\ab\be\x1bE\x1bf\fn\nr\rt\tv\v\\\\''\"\"??"

func unquoteANSI(text string) (string, int) {
	var b strings.Builder
	for i := 2; i < len(text); i++ {
		c := text[i]
		if c == '\'' {
			return b.String(), i + 1
		}
		if c != '\\' || i+1 == len(text) {
			b.WriteByte(c)
			continue
		}
		i++
		if j := strings.IndexByte(ansiEscapes, text[i]); j >= 0 && j%2 == 0 {
			b.WriteByte(ansiEscapes[j+1])
			continue
		}
		digits := i
		for digits < len(text) && digits < i+3 && text[digits] >= '0' && text[digits] <= '7' {
			digits++
		}
		if n, err := strconv.ParseUint(text[i:digits], 8, 8); err == nil {
			b.WriteByte(byte(n))
			i = digits - 1
		}
	}
	return b.String(), len(text)
}
