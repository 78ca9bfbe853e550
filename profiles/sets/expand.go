package sets

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// A NotFoundError reports a set that is not declared.
type NotFoundError struct {
	Name string // without prefix
	In   string // the set that holds it; "" if it was asked for itself
}

func (e *NotFoundError) Error() string {
	if e.In == "" {
		return fmt.Sprintf("there is no set named %q", e.Name)
	}
	return fmt.Sprintf("the set %q contains a non-existent set named %q", e.In, e.Name)
}

// Flatten returns the atoms of the set called name and of all sets in it, by
// their text. A set in it that is not declared is a *NotFoundError; problems of
// single members are found in the sets.
func (c *Config) Flatten(name string) ([]*atoms.Atom, error) {
	var all collector
	if err := c.flatten(name, "", map[string]bool{}, &all); err != nil {
		return nil, err
	}
	return all.finish().Atoms, nil
}

// flatten adds the atoms of one set; seen holds the sets that were met.
func (c *Config) flatten(name, in string, seen map[string]bool, all *collector) error {
	s := c.sets[name]
	if s == nil {
		return &NotFoundError{Name: name, In: in}
	}
	if seen[name] {
		return nil
	}
	seen[name] = true
	m := s.Members()
	for _, a := range m.Atoms {
		all.add(a)
	}
	for _, nested := range m.Nested {
		if err := c.flatten(nested, name, seen, all); err != nil {
			return err
		}
	}
	return nil
}

// Expand returns the sets called names, and those in them, in the order in
// which a resolver handles them: each before the sets in it, and these in
// reverse order of their names, each with all that is below it. A set met twice
// is there once. Sets that are not declared are errors as in Flatten.
func (c *Config) Expand(names ...string) ([]*Set, error) {
	var list []*Set
	seen := make(map[string]bool)
	for _, name := range names {
		if _, err := c.Flatten(name); err != nil {
			return nil, err
		}
		for stack := []string{name}; len(stack) > 0; {
			name, stack = stack[len(stack)-1], stack[:len(stack)-1]
			if seen[name] {
				continue
			}
			seen[name] = true
			s := c.sets[name]
			list = append(list, s)
			stack = append(stack, s.Members().Nested...)
		}
	}
	return list, nil
}

// An Argument is a set as given on a command line: @name or
// @name{key=value,flag}.
type Argument struct {
	Name string // without prefix and options
	// Settings are the options to give to sets before anything is expanded.
	Settings []Setting
}

// A Setting gives options to one set.
type Setting struct {
	Set     string
	Options map[string]string
}

// ParseArgument reads a set as given on a command line. Without an "=" an
// option is set to "True".
func ParseArgument(text string) Argument {
	rest := strings.TrimPrefix(text, Prefix)
	var a Argument
	for rest != "" {
		start, end := strings.IndexByte(rest, '{'), strings.IndexByte(rest, '}')
		if start <= 0 || start >= end {
			a.Name += rest
			break
		}
		set := Setting{Set: rest[:start], Options: make(map[string]string)}
		for _, option := range strings.Split(rest[start+1:end], ",") {
			key, value, ok := strings.Cut(option, "=")
			if !ok {
				value = "True"
			}
			set.Options[key] = value
		}
		a.Settings = append(a.Settings, set)
		a.Name += set.Set
		rest = rest[end+1:]
	}
	return a
}

// Configure gives options to a set or, if there is none of that name, declares
// one. It must not run at the same time as any other method. Sets evaluated
// before are evaluated anew.
func (c *Config) Configure(s Setting) error {
	section := s.Set
	options := maps.Clone(s.Options)
	if set := c.sets[s.Set]; set != nil {
		section = set.Section
		b, _ := c.newBuilder(c.file.Section(section)) // its problems are known
		if multi, err := b.bool("multiset", false); err != nil || multi {
			return fmt.Errorf("%w: %s", ErrMultiset, s.Set)
		}
	} else {
		options["name"], options["world-candidate"] = s.Set, "False"
		for c.file.Section(section) != nil {
			section += "+" // a section that makes sets of other names
		}
	}
	for _, key := range slices.Sorted(maps.Keys(options)) {
		c.file.Set(section, key, options[key])
	}
	c.build(true)
	return nil
}
