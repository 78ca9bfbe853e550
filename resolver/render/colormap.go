package render

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// ReadColorMap returns a copy of the theme with the changes of a color.map
// (color.map(5)): lines "NAME = VALUE", where the name is a style such as
// PKG_MERGE or a colour, and the value either the numbers of an escape
// sequence ("32;01m") or names of colours and attributes. Lines that cannot be
// used are left out and named in the error, which is nil if there are none;
// the theme is valid in any case. The file name serves the messages.
func (t *Theme) ReadColorMap(file string, r io.Reader) (*Theme, error) {
	c := t.clone()
	var faults []error
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := c.set(line); err != nil {
			faults = append(faults, fmt.Errorf("%s:%d: %w", file, n, err))
		}
	}
	if err := lines.Err(); err != nil {
		faults = append(faults, fmt.Errorf("read %s: %w", file, err))
	}
	return c, errors.Join(faults...)
}

func (t *Theme) clone() *Theme {
	c := &Theme{codes: map[string]string{}, style: map[string][]string{}}
	for k, v := range t.codes {
		c.codes[k] = v
	}
	for k, v := range t.style {
		c.style[k] = v
	}
	return c
}

// sequence is the part of an escape sequence that a color.map may hold.
var sequence = regexp.MustCompile(`^[0-9;]*m$`)

// set applies one line.
func (t *Theme) set(line string) error {
	parts := strings.Split(line, "=")
	if len(parts) != 2 {
		return fmt.Errorf("%q: want one '='", line)
	}
	key, value := unquote(parts[0]), unquote(parts[1])
	_, colour := t.codes[key]
	_, style := t.style[key]
	if !colour && !style {
		return fmt.Errorf("unknown name %q", key)
	}
	words := strings.Fields(value)
	if sequence.MatchString(value) {
		words = []string{escape + value}
	} else {
		for _, w := range words {
			if _, ok := t.codes[w]; !ok {
				return fmt.Errorf("unknown colour %q", w)
			}
		}
	}
	if style {
		t.style[key] = words
		return nil
	}
	var code strings.Builder
	for _, w := range words {
		if c, ok := t.codes[w]; ok {
			w = c
		}
		code.WriteString(w)
	}
	t.codes[key] = code.String()
	return nil
}

// unquote removes blanks around s and then one pair of equal quotes.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}
