package gentoolkit

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// A Wrapper breaks text into lines at blanks. Escape sequences in the indents and
// words have no width.
type Wrapper struct {
	Width      int    // of a line, greater than 0
	First      string // starts the first line
	Subsequent string // starts the others
}

// blanks is a run of blanks, and ansi an escape sequence of colours.
var (
	blanks = regexp.MustCompile(`[ \t\n\v\f\r]+`)
	ansi   = regexp.MustCompile("\x1b\\[[0-9;]*m")
)

// visible is the width of text on a terminal, in characters.
func visible(text string) int { return utf8.RuneCountInString(ansi.ReplaceAllString(text, "")) }

// Fill gives the text broken into lines. Runs of blanks stay as they are within a
// line; a word longer than a line is broken.
func (w Wrapper) Fill(text string) string {
	chunks := split(strings.Map(func(r rune) rune {
		switch r {
		case '\t', '\n', '\v', '\f', '\r':
			return ' '
		}
		return r
	}, ExpandTabs(text)))
	var lines []string
	for len(chunks) > 0 {
		indent := w.First
		if len(lines) > 0 {
			indent = w.Subsequent
		}
		if len(lines) > 0 && strings.TrimSpace(chunks[0]) == "" {
			chunks = chunks[1:]
		}
		var line []string
		line, chunks = takeLine(chunks, w.Width-visible(indent))
		if n := len(line); n > 0 && strings.TrimSpace(line[n-1]) == "" {
			line = line[:n-1]
		}
		if len(line) > 0 {
			lines = append(lines, indent+strings.Join(line, ""))
		}
	}
	return strings.Join(lines, "\n")
}

// takeLine takes the chunks that fit in width characters, at least a part of one.
func takeLine(chunks []string, width int) (line, rest []string) {
	length := 0
	for len(chunks) > 0 && length+visible(chunks[0]) <= width {
		length += visible(chunks[0])
		line, chunks = append(line, chunks[0]), chunks[1:]
	}
	if len(chunks) == 0 || visible(chunks[0]) <= width {
		return line, chunks
	}
	space := max(width-length, 1)
	word := []rune(chunks[0])
	end := min(space, len(word))
	if hyphen := lastHyphen(word[:end]); hyphen > 0 && len(word) > space {
		end = hyphen + 1
	}
	line = append(line, string(word[:end]))
	if end == len(word) {
		return line, chunks[1:]
	}
	return line, append([]string{string(word[end:])}, chunks[1:]...)
}

// lastHyphen is the place of the last hyphen that follows something else, or -1.
func lastHyphen(word []rune) int {
	for i := len(word) - 1; i > 0; i-- {
		if word[i] == '-' && strings.Trim(string(word[:i]), "-") != "" {
			return i
		}
	}
	return -1
}

// split gives words and the blanks between them in turn. It begins with a word, which
// is empty if the text begins with blanks.
func split(text string) []string {
	var out []string
	at := 0
	for _, m := range blanks.FindAllStringIndex(text, -1) {
		out = append(out, text[at:m[0]], text[m[0]:m[1]])
		at = m[1]
	}
	return append(out, text[at:])
}

// ExpandTabs replaces tabs by blanks up to the next multiple of eight.
func ExpandTabs(text string) string {
	if !strings.Contains(text, "\t") {
		return text
	}
	var b strings.Builder
	column := 0
	for _, r := range text {
		switch r {
		case '\t':
			n := 8 - column%8
			b.WriteString(strings.Repeat(" ", n))
			column += n
		case '\n', '\r':
			b.WriteRune(r)
			column = 0
		default:
			b.WriteRune(r)
			column++
		}
	}
	return b.String()
}
