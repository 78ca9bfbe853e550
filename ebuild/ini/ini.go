// Package ini reads configuration files in the syntax of Python's configparser,
// which Portage uses for repos.conf, binrepos.conf and sets.conf.
//
// That is: "=" or ":" after an option, "#" or ";" before whole-line comments,
// deeper indented lines continue a value, option names in lower case, sections
// of several files merged, options of [DEFAULT] inherited by all sections, and
// %(name)s in a value replaced by the value of an option of the same section.
// What Python refuses, such as an option given twice in one file, is a problem
// with a position; the rest is read all the same.
package ini

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/tumpline/tumpline/ebuild/linefile"
)

// defaultSection is the section whose options all others inherit.
const defaultSection = "DEFAULT"

// A Config is what a list of files says together.
type Config struct {
	defaults map[string]raw
	sections []*Section
	problems []error
}

// A Section is one [section] of a Config.
type Section struct {
	Name string
	File string // where it appears first
	Line int

	config  *Config
	options map[string]raw
}

// raw is an option before references are replaced.
type raw struct {
	lines []string
	file  string
	line  int
}

// value joins the lines; blank lines at the end do not count.
func (o raw) value() string {
	if len(o.lines) == 1 {
		return o.lines[0]
	}
	return strings.TrimRightFunc(strings.Join(o.lines, "\n"), linefile.IsSpace)
}

// An Option is one option of a section with references replaced.
type Option struct {
	Key   string // in lower case
	Value string // several lines are parted by "\n"
	File  string // "" if a program set it
	Line  int
}

// New returns a Config without sections. The defaults are options of [DEFAULT]
// that files may replace.
func New(defaults map[string]string) *Config {
	c := &Config{defaults: make(map[string]raw, len(defaults))}
	for key, value := range defaults {
		c.defaults[strings.ToLower(key)] = raw{lines: []string{value}}
	}
	return c
}

// Sections returns the sections in the order of first appearance.
func (c *Config) Sections() []*Section { return c.sections }

// Section returns the section called name, or nil.
func (c *Config) Section(name string) *Section {
	for _, s := range c.sections {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Problems returns what was wrong with the files, in the order read. Each is a
// *linefile.Problem.
func (c *Config) Problems() []error { return c.problems }

// Set sets an option of the section called name, which is added if need be.
// References in value are replaced as in files.
func (c *Config) Set(name, key, value string) {
	s := c.Section(name)
	if s == nil {
		s = c.add(name, "", 0)
	}
	s.options[strings.ToLower(key)] = raw{lines: []string{value}}
}

// add appends a section.
func (c *Config) add(name, file string, line int) *Section {
	s := &Section{Name: name, File: file, Line: line, config: c, options: make(map[string]raw)}
	c.sections = append(c.sections, s)
	return s
}

// Get returns an option of the section or of [DEFAULT]; false if there is
// none. The error tells which reference in its value cannot be replaced.
func (s *Section) Get(key string) (Option, bool, error) {
	key = strings.ToLower(key)
	o, ok := s.raw(key)
	if !ok {
		return Option{}, false, nil
	}
	value, err := interpolate(o.value(), s.lookup)
	if err != nil {
		err = &linefile.Problem{File: o.file, Line: o.line, Text: key, Err: fmt.Errorf("section %s: %w", s.Name, err)}
		return Option{}, true, err
	}
	return Option{Key: key, Value: value, File: o.file, Line: o.line}, true, nil
}

// Options returns all options of the section, those of [DEFAULT] included,
// sorted by key. Those with references that cannot be replaced are left out and
// told as problems.
func (s *Section) Options() (options []Option, problems []error) {
	keys := make([]string, 0, len(s.options)+len(s.config.defaults))
	for key := range s.options {
		keys = append(keys, key)
	}
	for key := range s.config.defaults {
		if _, ok := s.options[key]; !ok {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	for _, key := range keys {
		if o, _, err := s.Get(key); err != nil {
			problems = append(problems, err)
		} else {
			options = append(options, o)
		}
	}
	return options, problems
}

// Defaults returns the options of [DEFAULT] sorted by key, their references not
// replaced: they stand for something only in another section.
func (c *Config) Defaults() []Option {
	options := make([]Option, 0, len(c.defaults))
	for key, o := range c.defaults {
		options = append(options, Option{Key: key, Value: o.value(), File: o.file, Line: o.line})
	}
	sort.Slice(options, func(i, j int) bool { return options[i].Key < options[j].Key })
	return options
}

// raw returns the option called key, which is in lower case.
func (s *Section) raw(key string) (raw, bool) {
	o, ok := s.options[key]
	if !ok {
		o, ok = s.config.defaults[key]
	}
	return o, ok
}

// lookup returns the value that a reference stands for.
func (s *Section) lookup(key string) (string, bool) {
	o, ok := s.raw(strings.ToLower(key))
	return o.value(), ok
}

// ParseBool understands what configparser takes for a truth value: 1, yes,
// true, on, 0, no, false, off in any case.
func ParseBool(value string) (is, ok bool) {
	switch strings.ToLower(value) {
	case "1", "yes", "true", "on":
		return true, true
	case "0", "no", "false", "off":
		return false, true
	}
	return false, false
}

// maxDepth bounds references within references, as in Python.
const maxDepth = 10

var errDepth = errors.New("references are nested too deeply")

// interpolate replaces %(key)s by the value of the key, and %% by %.
func interpolate(value string, lookup func(string) (string, bool)) (string, error) {
	if strings.IndexByte(value, '%') < 0 {
		return value, nil
	}
	var b strings.Builder
	if err := expand(&b, value, lookup, 1); err != nil {
		return "", err
	}
	return b.String(), nil
}

// maxValue bounds the length of an interpolated value in bytes: references
// within references can grow it exponentially.
const maxValue = 1 << 20

// expand writes rest with references replaced to b.
func expand(b *strings.Builder, rest string, lookup func(string) (string, bool), depth int) error {
	if depth > maxDepth || b.Len() > maxValue {
		return errDepth
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
		value, ok := lookup(name)
		if !ok {
			return fmt.Errorf("unknown reference %q", name)
		}
		if err := expand(b, value, lookup, depth+1); err != nil {
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
