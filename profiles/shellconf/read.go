package shellconf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

const (
	maxSourceDepth = 64       // nested source statements
	maxFileSize    = 64 << 20 // bytes of one file; guards against "source /dev/zero"
)

// ReadFile evaluates the file at path. The error is a
// *linefile.Problem: bad syntax (never if o.Tolerant), or why the file could not
// be read; test for a missing file with errors.Is(err, fs.ErrNotExist).
func ReadFile(path string, o Options) (*File, error) {
	text, err := o.read(path)
	if err != nil {
		return nil, &linefile.Problem{File: path, Err: fmt.Errorf("read: %w", err)}
	}
	return Parse(path, text, o)
}

// Parse evaluates text as the content of the file called name, which is used
// in messages and to find sourced files only.
func Parse(name string, text []byte, o Options) (*File, error) {
	if o.Env == nil {
		o.Env = Env{}
	}
	f := &File{Path: name, index: make(map[string]int)}
	if err := f.eval(name, text, o); err != nil {
		return nil, err
	}
	return f, nil
}

// eval evaluates one text into f.
func (f *File) eval(name string, text []byte, o Options) error {
	content := clean(text)
	if content != "" && content[len(content)-1] != '\n' {
		content += "\n"
	}
	p := parser{File: f, Options: o}
	p.lexer.input = input{file: name, text: content, line: 1}
	if o.Source {
		p.lexer.source = p.open
	}
	for {
		more, err := p.assignment()
		if err == nil && more {
			continue
		}
		if err != nil && o.Tolerant {
			f.Warnings = append(f.Warnings, err)
			return nil
		}
		return err
	}
}

// parser evaluates the tokens of one file and the files that it sources.
type parser struct {
	*File
	Options
	lexer lexer
}

// Syntax errors.
var (
	errNoEquals    = errors.New(`no "=" after a name`)
	errNotEquals   = errors.New(`invalid token where "=" belongs`)
	errNoValue     = errors.New("unexpected end of file: variable without a value")
	errName        = errors.New("invalid variable name")
	errNoFile      = errors.New("source: no file given")
	errSourcesSelf = errors.New("source: file sources itself")
)

// fail returns a problem at t with a culprit.
func fail(t token, culprit string, err error) error {
	return &linefile.Problem{File: t.file, Line: t.line, Text: culprit, Err: err}
}

// assignment evaluates one assignment; false at the end of the file.
func (p *parser) assignment() (bool, error) {
	key, err := p.lexer.next()
	if err == nil && !key.eof && key.text == "export" {
		key, err = p.lexer.next()
	}
	if err != nil || key.eof {
		return false, err
	}
	equals, err := p.lexer.next()
	switch {
	case err != nil:
		return false, err
	case equals.eof || equals.text == "":
		return false, fail(key, key.text, errNoEquals)
	case equals.text != "=":
		return false, fail(equals, equals.text, errNotEquals)
	}
	value, err := p.lexer.next()
	switch {
	case err != nil:
		return false, err
	case value.eof:
		return false, fail(key, key.text, errNoValue)
	}
	return true, p.assign(key, value)
}

// assign gives the variable called key a value.
func (p *parser) assign(key, value token) error {
	if !validName(key.text) {
		err := fail(key, key.text, errName)
		if p.Tolerant {
			p.Warnings = append(p.Warnings, err)
			return nil
		}
		return err
	}
	v := Var{Name: key.text, Value: value.text, File: key.file, Line: key.line,
		raw: value.text, rawLine: value.line}
	if !p.Literal {
		text, err := Expand(value.text, p.Env)
		if err != nil {
			p.Warnings = append(p.Warnings, fail(value, v.Name, err))
		}
		v.Value = text
		p.Env[v.Name] = text
	}
	p.set(v)
	return nil
}

// validName reports whether name may be assigned to: letters, digits and
// underscores of any script, no digit first. Portage lets the empty name pass.
func validName(name string) bool {
	for i, r := range name {
		if r < utf8.RuneSelf {
			if !isNameByte(byte(r)) || i == 0 && '0' <= r && r <= '9' {
				return false
			}
			continue
		}
		if !unicode.IsLetter(r) && !unicode.IsNumber(r) || i == 0 && unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

// open finds the file that a source statement names.
func (p *parser) open(name token) (file, text string, err error) {
	if name.eof {
		return "", "", fail(name, "", errNoFile)
	}
	file, err = Expand(name.text, p.Env)
	if err != nil {
		return "", "", fail(name, name.text, fmt.Errorf("source: %w", err))
	}
	if file != "" && file[0] == '"' {
		file = file[1:max(1, len(file)-1)]
	}
	if file == "" {
		return "", "", fail(name, name.text, errNoFile)
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(name.file), file)
	}
	if len(p.lexer.stack) >= maxSourceDepth || p.lexer.reading(file) {
		return "", "", fail(name, file, errSourcesSelf)
	}
	content, err := p.read(file)
	if err == nil {
		return file, clean(content), nil
	}
	bad := fail(name, file, fmt.Errorf("source: %w", cause(err)))
	if p.Tolerant && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) {
		p.Warnings = append(p.Warnings, bad)
		return file, "", nil
	}
	return "", "", bad
}

// reading reports whether file is being read already.
func (l *lexer) reading(file string) bool {
	for _, in := range l.stack {
		if in.file == file {
			return true
		}
	}
	return l.file == file
}

// cause strips the operation and path off err, which messages name already.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// read returns the content of the file at path.
func (o Options) read(path string) ([]byte, error) {
	if o.Locate != nil {
		path = o.Locate(path)
	}
	if o.Open != nil {
		return o.Open(path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, cause(err)
	}
	defer f.Close() // only read from
	fi, err := f.Stat()
	if err != nil {
		return nil, cause(err)
	}
	text := bytes.NewBuffer(make([]byte, 0, min(fi.Size(), maxFileSize)+bytes.MinRead))
	if _, err := text.ReadFrom(io.LimitReader(f, maxFileSize+1)); err != nil {
		return nil, cause(err)
	}
	if text.Len() > maxFileSize {
		return nil, fmt.Errorf("larger than %d bytes", maxFileSize)
	}
	return text.Bytes(), nil
}

// clean converts line ends of all systems to "\n" and what is not UTF-8 to
// U+FFFD.
func clean(text []byte) string {
	s := string(text)
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for _, r := range s {
		b.WriteRune(r)
	}
	return b.String()
}
