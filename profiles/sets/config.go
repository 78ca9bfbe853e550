package sets

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/tumpline/tumpline/ebuild/ini"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

//go:embed stock.conf
var stockConf []byte

// Load reads the declarations of all sets: those of the package manager, then
// sets.conf of the repositories in ascending priority, then of the user. A
// declaration that cannot be used is a problem and hides no other.
func Load(o Options) *Config {
	c := &Config{options: o, file: ini.New(map[string]string{
		"EPREFIX":            o.EPrefix,
		"EROOT":              slash(filepath.Join(o.Root, o.EPrefix)),
		"PORTAGE_CONFIGROOT": slash(o.ConfigRoot),
		"ROOT":               slash(o.Root),
	})}
	if dir := filepath.Join(o.GlobalsDir, "sets"); o.GlobalsDir == "" || !c.read(dir) {
		c.file.Read(linefile.ParseText("stock.conf", stockConf))
	}
	if o.Repos != nil {
		for _, r := range o.Repos.Repos {
			c.read(filepath.Join(r.Location, "sets.conf"))
		}
	}
	c.read(filepath.Join(o.ConfigRoot, "etc/portage/sets.conf"))
	c.reading = append(c.reading, c.file.Problems()...)
	c.build(false)
	return c
}

// slash returns dir as Portage's variables have it, with a slash at the end.
func slash(dir string) string { return strings.TrimRight(dir, "/") + "/" }

// read reads the file at path, or those below it; false if there is none.
func (c *Config) read(path string) bool {
	files, problems := linefile.Files(path)
	c.reading = append(c.reading, problems...)
	for _, file := range files {
		text, err := linefile.ReadText(file)
		if err != nil {
			c.reading = append(c.reading, err)
			continue
		}
		c.file.Read(text)
	}
	return len(files) > 0
}

// Problems of sections.
var (
	ErrClass      = errors.New("unknown class of sets")
	ErrNoMultiset = errors.New("the class does not support multiset")
	ErrRedefined  = errors.New("set is declared twice; the last one is used")
	ErrMultiset   = errors.New("a set of a multiset section cannot be reconfigured")
	ErrBool       = errors.New("not a truth value")
	ErrOption     = errors.New("option is missing or invalid")
)

// build makes the sets of all sections anew. update is set if sections were
// changed by Configure; sets then replace those of the same name silently.
func (c *Config) build(update bool) {
	c.problems = nil
	if c.sets == nil {
		c.sets = make(map[string]*Set)
	}
	for _, s := range c.file.Sections() {
		b, problems := c.newBuilder(s)
		c.problems = append(c.problems, problems...)
		made, err := b.build()
		if err != nil {
			c.problem(s, err)
			continue
		}
		for _, set := range made {
			if old := c.sets[set.Name]; old != nil && !update {
				c.problem(s, fmt.Errorf("%w: %s, also by section %s", ErrRedefined, set.Name, old.Section))
			}
			if c.sets[set.Name] == nil {
				c.declared = append(c.declared, set.Name)
			}
			c.sets[set.Name] = set
		}
	}
}

// problem notes a problem of a section.
func (c *Config) problem(s *ini.Section, err error) {
	c.problems = append(c.problems, &linefile.Problem{File: s.File, Line: s.Line, Text: s.Name, Err: err})
}

// A builder makes the sets of one section.
type builder struct {
	*Options
	section *ini.Section
	options map[string]string
}

// newBuilder returns the builder for a section, without those of its options
// that are problems.
func (c *Config) newBuilder(s *ini.Section) (*builder, []error) {
	options, problems := s.Options()
	b := &builder{Options: &c.options, section: s, options: make(map[string]string, len(options))}
	for _, o := range options {
		b.options[o.Key] = o.Value
	}
	return b, problems
}

// build returns the sets of the section, in the order of their names.
func (b *builder) build() ([]*Set, error) {
	multi, err := b.bool("multiset", false)
	if err != nil {
		return nil, err
	}
	candidate, err := b.bool("world-candidate", false)
	if err != nil {
		return nil, err
	}
	class := b.class()
	var made []*Set
	if multi {
		made, err = b.multiple(class)
	} else {
		made = make([]*Set, 1)
		made[0], err = b.single(class)
		if err == nil {
			made[0].Name = b.get("name", b.section.Name)
		}
	}
	if err != nil {
		return nil, err
	}
	for _, s := range made {
		s.Section, s.WorldCandidate = b.section.Name, candidate
		if text := b.describe(class); text != "" {
			s.Description = text
		}
	}
	return made, nil
}

// class returns the name of the section's class as "module.Class".
func (b *builder) class() string {
	name := b.get("class", "files.StaticFileSet")
	for _, prefix := range []string{"portage.sets.", "portage._sets."} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return rest
		}
	}
	return name
}

// get returns an option, or otherwise if it is not set.
func (b *builder) get(key, otherwise string) string {
	if value, ok := b.options[key]; ok {
		return value
	}
	return otherwise
}

// bool returns an option that is a truth value.
func (b *builder) bool(key string, otherwise bool) (bool, error) {
	value, ok := b.options[key]
	if !ok {
		return otherwise, nil
	}
	is, ok := ini.ParseBool(value)
	if !ok {
		return false, fmt.Errorf("%w: %s = %s", ErrBool, key, value)
	}
	return is, nil
}

// need returns an option that must be set.
func (b *builder) need(key string) (string, error) {
	value, ok := b.options[key]
	if !ok {
		return "", fmt.Errorf("%w: %s", ErrOption, key)
	}
	return value, nil
}

// repoPath replaces ${repository:name} by the location of that repository.
func (b *builder) repoPath(path string) (string, error) {
	const open = "${repository:"
	start := strings.Index(path, open)
	if start < 0 {
		return path, nil
	}
	end := strings.LastIndexByte(path, '}')
	if end < start+len(open)+1 {
		return path, nil
	}
	name := path[start+len(open) : end]
	if b.Repos != nil {
		if r := b.Repos.Get(name); r != nil {
			return path[:start] + r.Location + path[end+1:], nil
		}
	}
	return "", fmt.Errorf("%w: unknown repository %q", ErrOption, name)
}

// isDir reports whether path is a directory, through links.
func isDir(path string) bool {
	fi, err := os.Stat(path)
	return err == nil && fi.IsDir()
}
