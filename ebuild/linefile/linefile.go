// Package linefile reads line-based files as PMS (section "Profile directories")
// and Portage read them: words parted by white space, "#" starting a comment,
// and, where the caller allows it, a folder of such files in place of one file.
//
// Every list of words keeps its file and line. Nothing read here is fatal: what
// is wrong with a file comes back as a list of [Problem] values beside whatever
// could be read, so that one bad file never hides another. The package knows
// neither atoms nor profiles.
//
// Like Portage (which opens such files as text with universal newlines and
// errors="replace"), CR and CRLF end a line and bytes that are not UTF-8 become
// U+FFFD; unlike Portage, both are reported.
package linefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Problem is something wrong at one place of a file. It is used for line-based
// files and for every other text format read by the packages above.
type Problem struct {
	File string // path as given to the reader
	Line int    // 1-based; 0 if the problem is the file as a whole
	Text string // the culprit as written; may be empty
	Err  error  // what is wrong with it
}

// Error gives "file:line: what: culprit".
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	b.WriteString(": ")
	b.WriteString(p.Err.Error())
	if p.Text != "" {
		fmt.Fprintf(&b, ": %q", clip(p.Text))
	}
	return b.String()
}

// Unwrap returns the reason.
func (p *Problem) Unwrap() error { return p.Err }

// Position gives the place.
func (p *Problem) Position() (file string, line int) { return p.File, p.Line }

// maxCulprit bounds the culprit shown by Problem.Error, in bytes.
const maxCulprit = 200

func clip(s string) string {
	if len(s) <= maxCulprit {
		return s
	}
	return strings.ToValidUTF8(s[:maxCulprit], "") + "..."
}

// Reasons that callers may ask for with errors.Is.
var (
	// ErrCarriageReturn reports a file whose lines end in CR or CRLF.
	ErrCarriageReturn = errors.New("carriage return at the end of a line")
	// ErrEncoding reports bytes that are not UTF-8; they read as U+FFFD.
	ErrEncoding = errors.New("invalid UTF-8")
	// ErrDirectory reports a folder where the format allows only a file.
	ErrDirectory = errors.New("is a directory, expected a file")
	// ErrLoop reports a folder that contains itself through a symbolic link.
	ErrLoop = errors.New("directory loop")
)

// A Text is the content of one file, cut into physical lines.
type Text struct {
	Path     string
	Lines    []string // without terminators; Lines[i] is line i+1
	Problems []error  // *Problem: encoding and line ends, each at its first place
}

// ParseText cuts data into lines. The path is only used for positions.
func ParseText(path string, data []byte) *Text {
	t := &Text{Path: path}
	s := string(data)
	if !utf8.ValidString(s) {
		t.note(lineAt(s, firstInvalid(s)), ErrEncoding)
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if i := strings.IndexByte(s, '\r'); i >= 0 {
		t.note(lineAt(s, i), ErrCarriageReturn)
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	s = strings.TrimSuffix(s, "\n")
	if s != "" || len(data) > 0 {
		t.Lines = strings.Split(s, "\n")
	}
	return t
}

// ReadText reads one file. A missing file gives an error that is fs.ErrNotExist.
func ReadText(path string) (*Text, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, readError(path, err)
	}
	return ParseText(path, data), nil
}

func readError(path string, err error) error {
	if st, serr := os.Stat(path); serr == nil && st.IsDir() {
		return &Problem{File: path, Err: ErrDirectory}
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &Problem{File: path, Err: fmt.Errorf("read: %w", err)}
}

func (t *Text) note(line int, err error) {
	t.Problems = append(t.Problems, &Problem{File: t.Path, Line: line, Err: err})
}

// lineAt gives the 1-based number of the line holding byte i of s.
func lineAt(s string, i int) int {
	n := 1
	for j := 0; j < i; j++ {
		switch {
		case s[j] == '\n':
			n++
		case s[j] == '\r' && j+1 < len(s) && s[j+1] != '\n':
			n++
		}
	}
	return n
}

func firstInvalid(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return len(s)
}

// A Line is the words of one line that is neither blank nor a comment.
type Line struct {
	File    string
	Number  int      // 1-based
	Words   []string // at least one; a word starting with "#" and all after it are left out
	Comment []string // comment lines governing this line, see [Text.WordLines]
}

// Pos gives "file:line".
func (l Line) Pos() string { return fmt.Sprintf("%s:%d", l.File, l.Number) }

// Text gives the words joined by single spaces.
func (l Line) Text() string { return strings.Join(l.Words, " ") }

// Problem makes a problem at the line.
func (l Line) Problem(culprit string, err error) *Problem {
	return &Problem{File: l.File, Line: l.Number, Text: culprit, Err: err}
}

// WordLines gives the lines that have words, in order. The comment of a line is
// the comment lines since the last blank line, with their "#", as Portage
// attributes comments of package.mask; lines of one paragraph share the slice.
func (t *Text) WordLines() []Line {
	var lines []Line
	var comment []string
	for i, s := range t.Lines {
		words := Words(s)
		switch trimmed := strings.TrimFunc(s, IsSpace); {
		case trimmed == "":
			comment = nil
		case len(words) == 0:
			comment = append(comment[:len(comment):len(comment)], trimmed)
		default:
			lines = append(lines, Line{File: t.Path, Number: i + 1, Words: words, Comment: comment})
		}
	}
	return lines
}

// Words splits a line into its words up to the first word starting with "#".
func Words(line string) []string {
	if i := strings.IndexByte(line, '#'); i >= 0 {
		line = cutComment(line, i)
	}
	return strings.FieldsFunc(line, IsSpace)
}

// cutComment cuts line before the first "#" that starts a word; i is the first
// "#" of the line. A "#" inside a word ("foo#bar") is part of the word.
func cutComment(line string, i int) string {
	for {
		if r, _ := utf8.DecodeLastRuneInString(line[:i]); i == 0 || IsSpace(r) {
			return line[:i]
		}
		j := strings.IndexByte(line[i+1:], '#')
		if j < 0 {
			return line
		}
		i += j + 1
	}
}

// IsSpace says whether r parts words: Python's str.split, which Portage uses,
// parts at Unicode white space and at the four ASCII separators.
func IsSpace(r rune) bool {
	return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f
}
