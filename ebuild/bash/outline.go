package bash

import (
	"iter"
	"regexp"
	"strings"
	"sync"
)

// An Outline is the text of an eclass or ebuild, taken apart into functions and
// what stands between them, so that functions which global scope does not call
// need not be parsed and defined again and again.
//
// Only functions in the usual form are seen: a line "name() {" outside quotes, a
// body that is indented, blank or comment but for here-documents and texts in single
// quotes, and a line "}";
// or all of it on one line. All else stays as it is. That the whole text and what
// is left of it are each complete by themselves is for bash to say.
type Outline struct {
	text   string
	pieces []piece
}

// A piece is a part of a text, made of whole lines, that need not stay as it is.
type piece struct {
	name       string // of the function; "" for comments
	small      bool   // a function that is not worth being left out
	start, end int
	lines      int
}

// functionLine is the first line of a function, and oneLine a whole one.
var functionLine, oneLine = pattern(`^([A-Za-z_][A-Za-z0-9_+.-]*)[ \t]*\(\)[ \t]*\{[ \t]*$`),
	pattern(`^([A-Za-z_][A-Za-z0-9_+.-]*)[ \t]*\(\)[ \t]*\{[ \t].*;[ \t]*\}[ \t]*$`)

// pattern compiles an expression on first use.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// smallFunction is up to how many bytes of text a function is not worth being
// left out.
const smallFunction = 100

// NewOutline takes a text apart.
func NewOutline(text string) *Outline {
	o := &Outline{text: text}
	var state lexer
	for pos := 0; pos < len(text); {
		line, next := cutLine(text, pos)
		if state.clean() {
			if p := pieceAt(text, line, pos, next); p.lines > 0 {
				o.pieces = append(o.pieces, p)
				pos = p.end
				continue
			}
		}
		state.line(line)
		if state.lost {
			return o
		}
		pos = next
	}
	return o
}

// pieceAt looks for a piece that starts with the line from pos to next. It has
// no lines if there is none.
func pieceAt(text, line string, pos, next int) piece {
	switch {
	case strings.HasPrefix(line, "#"):
		return piece{start: pos, end: next, lines: 1}
	case !strings.Contains(line, "()"):
		return piece{}
	}
	if m := oneLine().FindStringSubmatch(line); m != nil {
		return piece{m[1], true, pos, next, 1}
	}
	if m := functionLine().FindStringSubmatch(line); m != nil {
		if end, lines := functionEnd(text, next); end > 0 {
			return piece{m[1], end-pos <= smallFunction, pos, end, lines + 1}
		}
	}
	return piece{}
}

// cutLine gives the line at pos without its end, and where the next one starts.
func cutLine(text string, pos int) (line string, next int) {
	if i := strings.IndexByte(text[pos:], '\n'); i >= 0 {
		return text[pos : pos+i], pos + i + 1
	}
	return text[pos:], len(text)
}

// hereDocument is the start of a here-document.
var hereDocument = pattern(`<<(-?)[ \t]*["'\\]?([A-Za-z_][A-Za-z0-9_]*)`)

// functionEnd finds the end of a function whose body starts at pos, and how many
// lines there are up to it; 0 if the function has not the usual form.
func functionEnd(text string, pos int) (end, lines int) {
	var state lexer
	for pos < len(text) {
		line, next := cutLine(text, pos)
		lines++
		continued := !state.lost && (state.quote == '\'' || state.slash)
		state.line(line)
		switch {
		case line == "}":
			return next, lines
		case continued:
			// It may look like anything.
		case line != "" && line[0] != '\t' && line[0] != ' ' && line[0] != '#':
			return 0, 0
		}
		if strings.Contains(line, "<<") && line[0] != '#' {
			n := 0
			if next, n = skipHereDocuments(text, line, next); next == 0 {
				return 0, 0
			}
			lines += n
		}
		pos = next
	}
	return 0, 0
}

// skipHereDocuments finds the end of the here-documents that start on a line; 0 if
// they have none.
func skipHereDocuments(text, line string, pos int) (next, lines int) {
	line = strings.ReplaceAll(line, "<<<", "")
	for _, m := range hereDocument().FindAllStringSubmatch(line, -1) {
		for ended := false; !ended; lines++ {
			if pos >= len(text) {
				return 0, 0
			}
			var l string
			l, pos = cutLine(text, pos)
			if m[1] == "-" {
				l = strings.TrimLeft(l, "\t")
			}
			ended = l == m[2]
		}
	}
	return pos, lines
}

// Eager gives the functions that global scope may call: those whose names are
// words of the text outside functions, or of such a function. More are eager if
// the caller knows so.
func (o *Outline) Eager(known map[string]bool) map[string]bool {
	bodies := make(map[string]string)
	for _, f := range o.pieces {
		if f.name != "" {
			bodies[f.name] += o.text[f.start:f.end]
		}
	}
	eager := make(map[string]bool)
	var visit func(text string)
	visit = func(text string) {
		for w := range names(text) {
			if body, ok := bodies[w]; ok && !eager[w] {
				eager[w] = true
				visit(body)
			}
		}
	}
	visit(o.between())
	for name := range bodies {
		if known[name] && !eager[name] {
			eager[name] = true
			visit(bodies[name])
		}
	}
	return eager
}

// between gives the text outside all pieces.
func (o *Outline) between() string {
	var b strings.Builder
	pos := 0
	for _, f := range o.pieces {
		b.WriteString(o.text[pos:f.start])
		pos = f.end
	}
	b.WriteString(o.text[pos:])
	return b.String()
}

// All gives all functions.
func (o *Outline) All() map[string]bool {
	all := make(map[string]bool)
	for _, f := range o.pieces {
		all[f.name] = true
	}
	return all
}

// names gives the words of a text that could be names of functions, without those
// of comment lines.
func names(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.Lines(text) {
			if strings.HasPrefix(strings.TrimLeft(line, " \t"), "#") {
				continue
			}
			for i := 0; i < len(line); {
				start := i
				for i < len(line) && nameByte(line[i]) {
					i++
				}
				if i > start && !yield(line[start:i]) {
					return
				}
				for i < len(line) && !nameByte(line[i]) {
					i++
				}
			}
		}
	}
}

// nameByte says whether a byte is one of those that names of functions are made of.
func nameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '+' || c == '-' || c == '.'
}

// Text gives the text without comments and without functions that are neither
// eager nor kept; a kept one that is not eager nor small has body as its body, a
// command of one line. Lines keep their numbers.
func (o *Outline) Text(eager, kept map[string]bool, body string) string {
	var b strings.Builder
	pos := 0
	for _, f := range o.pieces {
		if eager[f.name] || f.small && kept[f.name] {
			continue
		}
		b.WriteString(o.text[pos:f.start])
		switch {
		case f.name == "":
			b.WriteString("\n")
		case kept[f.name]:
			b.WriteString(f.name + "() { " + body + strings.Repeat("\n", f.lines-1) + "}\n")
		default:
			// To define a function is a command that succeeds.
			b.WriteString(":" + strings.Repeat("\n", f.lines))
		}
		pos = f.end
	}
	b.WriteString(o.text[pos:])
	return b.String()
}

// Defines lists the names of functions that a text seems to define, in whatever
// form, and maybe more.
func Defines(text string) []string {
	var list []string
	for pos := 0; ; {
		i := strings.IndexByte(text[pos:], '(')
		if i < 0 {
			break
		}
		i += pos
		pos = i + 1
		if !strings.HasPrefix(strings.TrimLeft(text[pos:], " \t"), ")") {
			continue
		}
		end := len(strings.TrimRight(text[:i], " \t"))
		start := end
		for start > 0 && !strings.ContainsRune(" \t\n;&|(){}<>\"'\\$`", rune(text[start-1])) {
			start--
		}
		if start < end {
			list = append(list, text[start:end])
		}
	}
	const word = "function"
	for pos := 0; ; {
		i := strings.Index(text[pos:], word)
		if i < 0 {
			return list
		}
		pos += i + len(word)
		rest := strings.TrimLeft(text[pos:], " \t")
		n := 0
		for n < len(rest) && !strings.ContainsRune(" \t\n;&|(){}<>\"'\\$`", rune(rest[n])) {
			n++
		}
		if n > 0 && len(rest) < len(text)-pos {
			list = append(list, rest[:n])
		}
	}
}

// Asks says whether global scope may ask for functions, by which it could notice
// that some are not what they should be or not there, or change where commands
// are looked for.
func (o *Outline) Asks(eager map[string]bool) bool { return asks(o.global(eager)) }

// global gives the text outside functions, and that of eager ones.
func (o *Outline) global(eager map[string]bool) string {
	var b strings.Builder
	b.WriteString(o.between())
	for _, f := range o.pieces {
		if eager[f.name] {
			b.WriteString(o.text[f.start:f.end])
		}
	}
	return b.String()
}

// Traces says whether global scope may notice the option extdebug, which costs time
// at each call of a function.
func (o *Outline) Traces(eager map[string]bool) bool {
	for line := range strings.Lines(o.global(eager)) {
		// The expression is slow, and most lines have none of its words.
		if containsAny(line, "trap", "shopt", "BASH_ARG", "BASHOPTS", "SHELLOPTS", "caller", "$-", "${-", "set ", "set\t") && trace().MatchString(line) {
			return true
		}
	}
	return false
}

// trace is a command or variable that depends on extdebug.
var trace = pattern(`\b(?:trap|shopt|caller|BASH_ARG[CV]|BASHOPTS|SHELLOPTS)\b|\$\{?-|\bset[ \t]+[-+][A-Za-z]*[oTE]`)

// question is a command that asks for functions, or how commands are found.
var question = pattern(`\b(?:declare|typeset)(?:[ \t]+-[A-Za-z]+)*[ \t]+-[A-Za-z]*[fF]|(?:^|[;&|({!` + "`" + `]|\bthen|\bdo|\bif|\belse|\belif|\bwhile|\buntil)[ \t]*(?:builtin[ \t]+)?type[ \t]+(?:-[^P]|[^-])|\bcommand[ \t]+-[pvV]|\bcompgen\b|\bcommand_not_found_handle\b|(?:^|\W)PATH\+?=`)

// asks looks for such commands in a text.
func asks(text string) bool {
	for line := range strings.Lines(text) {
		// The expression is slow, and most lines have none of its words.
		if !containsAny(line, "declare", "type", "command", "compgen", "PATH") || strings.HasPrefix(strings.TrimLeft(line, " \t"), "#") {
			continue
		}
		if question().MatchString(line) {
			return true
		}
	}
	return false
}

// containsAny says whether a text has one of some words.
func containsAny(text string, words ...string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
