package shellconf

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

var (
	errUnclosedQuote  = errors.New("no closing quotation")
	errNothingEscaped = errors.New("no escaped character")
)

// A token is one word of the input, unquoted.
type token struct {
	text string
	file string
	line int // line of its first byte
	eof  bool
}

// Classes of bytes outside of quotes.
const (
	classOther  = iota // a token of its own: = ( ) [ ] < > | & ^ ` and all above ASCII
	classWord          // part of a word
	classSpace         // blank, tab, line end
	classHash          // starts a comment, in the middle of a word as well
	classQuote         // ' or "
	classEscape        // backslash
)

// class maps each byte to its class.
var class = func() (t [256]uint8) {
	for c := range t {
		switch {
		case isNameByte(byte(c)) || strings.IndexByte("~!@$%*:;?,./-+{}", byte(c)) >= 0:
			t[c] = classWord
		case strings.IndexByte(" \t\r\n", byte(c)) >= 0:
			t[c] = classSpace
		}
	}
	t['#'], t['\''], t['"'], t['\\'] = classHash, classQuote, classQuote, classEscape
	return t
}()

// An input is a text being read.
type input struct {
	file string
	text string
	pos  int
	line int
}

// A lexer splits a stack of inputs into tokens with the states of Python's
// shlex module in its POSIX mode, whose peculiarities Portage's users see.
type lexer struct {
	input
	stack  []input
	pushed []token // tokens to be delivered first
	ended  bool    // the current input has ended; its rest is not looked at
	buf    []byte  // scratch for words that are not a piece of the text

	// source finds the file called name; nil if "source" is an ordinary word.
	source func(name token) (file, text string, err error)
}

// next returns the next token after carrying out source statements.
func (l *lexer) next() (token, error) {
	for {
		if n := len(l.pushed); n > 0 {
			t := l.pushed[n-1]
			l.pushed = l.pushed[:n-1]
			return t, nil
		}
		t, err := l.read()
		switch {
		case err != nil:
			return t, err
		case t.eof && len(l.stack) > 0:
			l.input = l.stack[len(l.stack)-1]
			l.stack = l.stack[:len(l.stack)-1]
			l.ended = false
		case l.source != nil && !t.eof && t.text == "source":
			if err := l.enter(t); err != nil {
				return t, err
			}
		default:
			return t, nil
		}
	}
}

// enter starts reading the file that the token after statement names. If that token was
// the very last thing of its input, l.ended remains set and the file is passed
// over, as Portage does with a final "source FILE" without a line end.
func (l *lexer) enter(statement token) error {
	name, err := l.read()
	if err != nil {
		return err
	}
	if name.eof {
		name.file, name.line = statement.file, statement.line
	}
	file, text, err := l.source(name)
	if err != nil {
		return err
	}
	l.stack = append(l.stack, l.input)
	l.input = input{file: file, text: text, line: 1}
	return nil
}

// read returns the next token of the current input.
func (l *lexer) read() (token, error) {
	if l.ended || !l.skipBlank() {
		l.ended = true
		return token{file: l.file, line: l.line, eof: true}, nil
	}
	t := token{file: l.file, line: l.line}
	start := l.pos
	if class[l.text[start]] == classOther {
		_, n := utf8.DecodeRuneInString(l.text[start:])
		l.pos += n
		t.text = l.text[start:l.pos]
		return t, nil
	}
	for l.pos < len(l.text) && class[l.text[l.pos]] == classWord {
		l.pos++
	}
	if l.pos < len(l.text) {
		switch class[l.text[l.pos]] {
		case classQuote, classEscape:
			return l.readQuoted(t, start)
		}
	}
	t.text = l.text[start:l.pos]
	l.endWord()
	return t, nil
}

// skipBlank moves to the first byte of the next token; false at the end.
func (l *lexer) skipBlank() bool {
	for l.pos < len(l.text) {
		switch c := l.text[l.pos]; class[c] {
		case classSpace:
			if c == '\n' {
				l.line++
			}
			l.pos++
		case classHash:
			l.skipComment()
		default:
			return true
		}
	}
	return false
}

// skipComment moves behind the end of the line.
func (l *lexer) skipComment() {
	i := strings.IndexByte(l.text[l.pos:], '\n')
	if i < 0 {
		l.pos = len(l.text)
		return
	}
	l.pos += i + 1
	l.line++
}

// endWord consumes what ended a word: nothing but the end of the input, a
// blank, a comment, or a byte that becomes the next token.
func (l *lexer) endWord() {
	if l.pos == len(l.text) {
		l.ended = true
		return
	}
	switch c := l.text[l.pos]; class[c] {
	case classSpace:
		if c == '\n' {
			l.line++
		}
		l.pos++
	case classHash:
		l.skipComment()
	default:
		_, n := utf8.DecodeRuneInString(l.text[l.pos:])
		next := token{text: l.text[l.pos : l.pos+n], file: l.file, line: l.line}
		l.pushed = append(l.pushed, next)
		l.pos += n
	}
}

// readQuoted finishes a word that starts at start and has a quote or an
// escape at pos.
func (l *lexer) readQuoted(t token, start int) (token, error) {
	buf := append(l.buf[:0], l.text[start:l.pos]...)
	for l.pos < len(l.text) {
		c := l.text[l.pos]
		switch class[c] {
		case classWord:
			buf = append(buf, c)
			l.pos++
			continue
		case classQuote:
			first, end, err := l.quoted(c, &buf)
			if err != nil {
				return t, err
			}
			if first && len(buf) == 0 && l.atWordEnd() {
				// The common case NAME="value" needs no copy.
				t.text = l.text[end.start:end.end]
				l.endWord()
				return t, nil
			}
			if first {
				buf = append(buf, l.text[end.start:end.end]...)
			}
			continue
		case classEscape:
			if l.pos+1 == len(l.text) {
				return t, &linefile.Problem{File: l.file, Line: l.line, Err: errNothingEscaped}
			}
			_, n := utf8.DecodeRuneInString(l.text[l.pos+1:])
			if l.text[l.pos+1] == '\n' {
				l.line++
			}
			buf = append(buf, l.text[l.pos+1:l.pos+1+n]...)
			l.pos += 1 + n
			continue
		}
		break
	}
	t.text = string(buf)
	l.buf = buf
	l.endWord()
	return t, nil
}

// atWordEnd reports whether the word cannot go on at pos.
func (l *lexer) atWordEnd() bool {
	if l.pos == len(l.text) {
		return true
	}
	switch class[l.text[l.pos]] {
	case classWord, classQuote, classEscape:
		return false
	}
	return true
}

// span is a piece of the text.
type span struct{ start, end int }

// quoted reads a quoted string that opens at pos with quote. Without escapes
// it returns true and the piece of the text; otherwise it appends to buf.
func (l *lexer) quoted(quote byte, buf *[]byte) (bool, span, error) {
	open := l.line
	l.pos++
	start := l.pos
	stop := "'"
	if quote == '"' {
		stop = "\"\\"
	}
	plain := true
	for {
		i := strings.IndexAny(l.text[l.pos:], stop)
		if i < 0 {
			return false, span{}, &linefile.Problem{File: l.file, Line: open, Err: errUnclosedQuote}
		}
		end := l.pos + i
		l.line += strings.Count(l.text[l.pos:end], "\n")
		if l.text[end] == quote {
			if !plain {
				*buf = append(*buf, l.text[l.pos:end]...)
			}
			l.pos = end + 1
			return plain, span{start, end}, nil
		}
		if end+1 == len(l.text) {
			return false, span{}, &linefile.Problem{File: l.file, Line: open, Err: errUnclosedQuote}
		}
		plain = false
		*buf = append(*buf, l.text[l.pos:end]...)
		l.pos = end
		l.escapeInQuotes(buf)
	}
}

// escapeInQuotes handles a backslash at pos inside double quotes: it protects
// a quote and a backslash, and stays before anything else.
func (l *lexer) escapeInQuotes(buf *[]byte) {
	c := l.text[l.pos+1]
	if c != '"' && c != '\\' {
		*buf = append(*buf, '\\')
	}
	if c == '\n' {
		l.line++
	}
	*buf = append(*buf, c)
	l.pos += 2
}
