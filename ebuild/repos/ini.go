package repos

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

// defaultSection is the section whose options all others inherit.
const defaultSection = "DEFAULT"

// An ini is the content of configuration files in the syntax of Python's
// configparser with its defaults, which Portage uses: "=" or ":" after the
// option, "#" or ";" before whole-line comments, deeper indented lines continue
// a value, option names in lower case, sections of several files merged.
type ini struct {
	defaults *section
	sections []*section // in order of first appearance
	problems []error
}

type section struct {
	name    string
	file    string
	line    int
	options map[string]*rawOption
}

type rawOption struct {
	lines []string
	file  string
	line  int
}

// value joins the lines of a value; blank lines at its end do not count.
func (o *rawOption) value() string {
	return strings.TrimRightFunc(strings.Join(o.lines, "\n"), linefile.IsSpace)
}

func newINI() *ini {
	return &ini{defaults: &section{name: defaultSection, options: map[string]*rawOption{}}}
}

// setDefault gives an option of [DEFAULT] that no file has set.
func (c *ini) setDefault(key, value string) {
	c.defaults.options[strings.ToLower(key)] = &rawOption{lines: []string{value}}
}

func (c *ini) section(name string) *section {
	for _, s := range c.sections {
		if s.name == name {
			return s
		}
	}
	return nil
}

// read adds the options of one file.
func (c *ini) read(text *linefile.Text) {
	c.problems = append(c.problems, text.Problems...)
	r := iniReader{ini: c, text: text, seen: map[string]bool{}}
	for i, line := range text.Lines {
		r.take(i+1, line)
	}
}

// An iniReader is the state between the lines of one file.
type iniReader struct {
	*ini
	text    *linefile.Text
	section *section
	option  *rawOption // nil directly after a section header
	indent  int        // of the last header or option
	seen    map[string]bool
}

// Problems of syntax.
var (
	errNoHeader  = errors.New("option before the first section")
	errDuplicate = errors.New("given twice; the last one is used")
	errNoOption  = errors.New(`expected "option = value"`)
)

func (r *iniReader) take(n int, line string) {
	value := strings.TrimFunc(line, linefile.IsSpace)
	switch {
	case strings.HasPrefix(value, "#") || strings.HasPrefix(value, ";"):
		return
	case value == "":
		if r.option != nil {
			r.option.lines = append(r.option.lines, "")
		}
		return
	}
	indent := len(line) - len(strings.TrimLeftFunc(line, linefile.IsSpace))
	if r.option != nil && indent > r.indent {
		r.option.lines = append(r.option.lines, value)
		return
	}
	r.indent = indent
	if name, ok := header(value); ok {
		r.enter(n, name)
		return
	}
	if r.section == nil {
		r.problem(n, value, errNoHeader)
		return
	}
	r.set(n, value)
}

// header takes "[name]"; like Python's, what follows the last "]" is ignored.
func header(value string) (string, bool) {
	if end := strings.LastIndexByte(value, ']'); value[0] == '[' && end > 1 {
		return value[1:end], true
	}
	return "", false
}

func (r *iniReader) enter(n int, name string) {
	r.option = nil
	if name == defaultSection {
		r.section = r.defaults
		return
	}
	s := r.ini.section(name)
	if s == nil {
		s = &section{name: name, file: r.text.Path, line: n, options: map[string]*rawOption{}}
		r.sections = append(r.sections, s)
	}
	r.section = s
	r.once(n, "["+name+"]", "["+name+"]")
}

func (r *iniReader) set(n int, value string) {
	i := strings.IndexAny(value, "=:")
	if i <= 0 {
		r.problem(n, value, errNoOption)
		return
	}
	key := strings.ToLower(strings.TrimRightFunc(value[:i], linefile.IsSpace))
	r.once(n, r.section.name+"\x00"+key, key)
	r.option = &rawOption{
		lines: []string{strings.TrimFunc(value[i+1:], linefile.IsSpace)},
		file:  r.text.Path,
		line:  n,
	}
	r.section.options[key] = r.option
}

// once reports what one file gives twice.
func (r *iniReader) once(n int, id, culprit string) {
	if r.seen[id] {
		r.problem(n, culprit, errDuplicate)
	}
	r.seen[id] = true
}

func (r *iniReader) problem(n int, culprit string, err error) {
	r.problems = append(r.problems, &linefile.Problem{File: r.text.Path, Line: n, Text: culprit, Err: err})
}

// options gives all options of a section, those of [DEFAULT] included, with
// references replaced, sorted by key. An option whose references cannot be
// replaced is a problem and left out.
func (c *ini) options(s *section) []Option {
	lookup := func(key string) (string, bool) {
		o, ok := s.options[key]
		if !ok {
			o, ok = c.defaults.options[key]
		}
		if !ok {
			return "", false
		}
		return o.value(), true
	}
	var list []Option
	all := c.merged(s)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		o := all[key]
		value, err := interpolate(o.value(), lookup)
		if err != nil {
			c.problems = append(c.problems, &linefile.Problem{File: o.file, Line: o.line, Text: key, Err: fmt.Errorf("section %s: %w", s.name, err)})
			continue
		}
		list = append(list, Option{Key: key, Value: value, File: o.file, Line: o.line})
	}
	return list
}

func (c *ini) merged(s *section) map[string]*rawOption {
	all := maps.Clone(c.defaults.options)
	maps.Copy(all, s.options)
	return all
}

// raw gives the options of [DEFAULT] without replacing references, as Portage
// sees them.
func (s *section) raw() []Option {
	var list []Option
	for _, key := range slices.Sorted(maps.Keys(s.options)) {
		o := s.options[key]
		list = append(list, Option{Key: key, Value: o.value(), File: o.file, Line: o.line})
	}
	return list
}

// maxDepth bounds references within references, as in Python.
const maxDepth = 10

// interpolate replaces %(key)s by the value of the key, %% by %.
func interpolate(value string, lookup func(string) (string, bool)) (string, error) {
	var b strings.Builder
	if err := expand(&b, value, lookup, 1); err != nil {
		return "", err
	}
	return b.String(), nil
}

func expand(b *strings.Builder, rest string, lookup func(string) (string, bool), depth int) error {
	if depth > maxDepth {
		return errors.New("references are nested too deeply")
	}
	for rest != "" {
		i := strings.IndexByte(rest, '%')
		if i < 0 {
			b.WriteString(rest)
			return nil
		}
		b.WriteString(rest[:i])
		rest = rest[i:]
		if strings.HasPrefix(rest, "%%") {
			b.WriteByte('%')
			rest = rest[2:]
			continue
		}
		name, after, ok := reference(rest)
		if !ok {
			return fmt.Errorf("%% must be followed by %% or (name)s, found %q", rest)
		}
		value, ok := lookup(strings.ToLower(name))
		if !ok {
			return fmt.Errorf("unknown reference %q", name)
		}
		if !strings.Contains(value, "%") {
			b.WriteString(value)
		} else if err := expand(b, value, lookup, depth+1); err != nil {
			return err
		}
		rest = after
	}
	return nil
}

// reference cuts "%(name)s" off the front of s.
func reference(s string) (name, after string, ok bool) {
	body, ok := strings.CutPrefix(s, "%(")
	if !ok {
		return "", "", false
	}
	name, after, ok = strings.Cut(body, ")")
	if !ok || name == "" {
		return "", "", false
	}
	after, ok = strings.CutPrefix(after, "s")
	return name, after, ok
}
