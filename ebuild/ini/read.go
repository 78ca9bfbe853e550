package ini

import (
	"errors"
	"strings"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

// Problems of syntax.
var (
	ErrNoHeader  = errors.New("option before the first section")
	ErrDuplicate = errors.New("given twice; the last one is used")
	ErrNoOption  = errors.New(`expected "option = value"`)
)

// Read adds what a file says. Later files replace single options.
func (c *Config) Read(text *linefile.Text) {
	c.problems = append(c.problems, text.Problems...)
	r := reader{Config: c, text: text, seen: make(map[string]bool)}
	for i, line := range text.Lines {
		r.take(i+1, line)
	}
}

// A reader is the state between the lines of one file.
type reader struct {
	*Config
	text    *linefile.Text
	section string         // name of the current section
	options map[string]raw // its options; nil before the first header
	option  string         // the option that indented lines continue; "" if none
	indent  int            // of the last header or option
	seen    map[string]bool
}

// take reads one line.
func (r *reader) take(n int, line string) {
	value := strings.TrimFunc(line, linefile.IsSpace)
	switch {
	case strings.HasPrefix(value, "#") || strings.HasPrefix(value, ";"):
		return
	case value == "":
		r.extend("")
		return
	}
	indent := len(line) - len(strings.TrimLeftFunc(line, linefile.IsSpace))
	if indent > r.indent && r.extend(value) {
		return
	}
	r.indent = indent
	if name, ok := header(value); ok {
		r.enter(n, name)
		return
	}
	if r.options == nil {
		r.problem(n, value, ErrNoHeader)
		return
	}
	r.set(n, value)
}

// extend adds a line to the current option; false if there is none.
func (r *reader) extend(value string) bool {
	if r.option == "" {
		return false
	}
	o := r.options[r.option]
	o.lines = append(o.lines, value)
	r.options[r.option] = o
	return true
}

// header takes the name from "[name]"; like Python's, it goes to the last "]"
// and ignores what follows.
func header(value string) (string, bool) {
	if end := strings.LastIndexByte(value, ']'); value[0] == '[' && end > 1 {
		return value[1:end], true
	}
	return "", false
}

// enter starts the section called name.
func (r *reader) enter(n int, name string) {
	r.option, r.section = "", name
	if name == defaultSection {
		r.options = r.defaults
		return
	}
	s := r.Config.Section(name)
	if s == nil {
		s = r.add(name, r.text.Path, n)
	}
	r.options = s.options
	r.once(n, "["+name, "["+name+"]")
}

// set reads "option = value".
func (r *reader) set(n int, value string) {
	i := strings.IndexAny(value, "=:")
	if i <= 0 {
		r.problem(n, value, ErrNoOption)
		return
	}
	key := strings.ToLower(strings.TrimRightFunc(value[:i], linefile.IsSpace))
	r.once(n, r.section+"\x00"+key, key)
	r.option = key
	r.options[key] = raw{
		lines: []string{strings.TrimFunc(value[i+1:], linefile.IsSpace)},
		file:  r.text.Path,
		line:  n,
	}
}

// once reports what a file gives twice.
func (r *reader) once(n int, id, culprit string) {
	if r.seen[id] {
		r.problem(n, culprit, ErrDuplicate)
	}
	r.seen[id] = true
}

// problem reports a problem at line n.
func (r *reader) problem(n int, culprit string, err error) {
	r.problems = append(r.problems, &linefile.Problem{File: r.text.Path, Line: n, Text: culprit, Err: err})
}
