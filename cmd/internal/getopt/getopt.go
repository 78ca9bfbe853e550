// Package getopt parses command lines by the rules of Python's getopt module: short
// options in one word, long ones that may be abbreviated, values in the same word or
// the next. The tools of gentoolkit do so, and their messages about mistakes are those
// of the module. It refuses to know what options mean.
package getopt

import (
	"fmt"
	"strings"
)

// A Spec is what options there are.
type Spec struct {
	Short string   // letters; one with a value is followed by a colon: "hF:"
	Long  []string // names; one with a value ends in "=": "help", "format="
	// Mixed lets options follow arguments. Without it the first argument ends the
	// options.
	Mixed bool
}

// An Option is one option as given. Long ones have their full names.
type Option struct {
	Name  string // with its dashes: "-F", "--format"
	Value string
}

// A Fault is what is wrong with an option.
type Fault uint8

const (
	Unknown   Fault = iota // there is no such option
	Ambiguous              // the beginning of several long ones
	NoValue                // its value is missing
	OverValue              // it has a value and takes none
)

// An Error is an option that cannot be understood.
type Error struct {
	Msg   string // "option -x not recognized"
	Fault Fault
	Name  string // as given, with its dashes, without a value; in full if it is known
}

func (e *Error) Error() string { return e.Msg }

// Parse splits args into options and arguments. An error is an *Error; the options
// before it are then returned all the same.
func Parse(s Spec, args []string) (options []Option, rest []string, err error) {
	p := parser{spec: s, args: args}
	for len(p.args) > 0 {
		word := p.args[0]
		switch {
		case word == "--":
			return p.options, append(rest, p.args[1:]...), nil
		case strings.HasPrefix(word, "--"):
			p.args = p.args[1:]
			err = p.long(word[2:])
		case len(word) > 1 && word[0] == '-':
			p.args = p.args[1:]
			err = p.short(word[1:])
		case s.Mixed:
			rest, p.args = append(rest, word), p.args[1:]
		default:
			return p.options, append(rest, p.args...), nil
		}
		if err != nil {
			return p.options, nil, err
		}
	}
	return p.options, rest, nil
}

type parser struct {
	spec    Spec
	args    []string // what is left
	options []Option
}

// long takes a long option, given without its dashes.
func (p *parser) long(word string) error {
	name, value, given := strings.Cut(word, "=")
	var found []string
	for _, l := range p.spec.Long {
		if strings.TrimSuffix(l, "=") == name {
			found = []string{l}
			break
		}
		if strings.HasPrefix(l, name) {
			found = append(found, l)
		}
	}
	switch {
	case len(found) == 0:
		return &Error{fmt.Sprintf("option --%s not recognized", name), Unknown, "--" + name}
	case len(found) > 1:
		return &Error{fmt.Sprintf("option --%s not a unique prefix", name), Ambiguous, "--" + name}
	}
	full, wants := strings.CutSuffix(found[0], "=")
	switch {
	case wants && !given && len(p.args) == 0:
		return &Error{fmt.Sprintf("option --%s requires argument", full), NoValue, "--" + full}
	case wants && !given:
		value, p.args = p.args[0], p.args[1:]
	case !wants && given:
		return &Error{fmt.Sprintf("option --%s must not have an argument", full), OverValue, "--" + full}
	}
	p.options = append(p.options, Option{"--" + full, value})
	return nil
}

// short takes a word of short options, given without its dash.
func (p *parser) short(word string) error {
	for word != "" {
		letter := word[0]
		word = word[1:]
		at := strings.IndexByte(p.spec.Short, letter)
		if at < 0 || letter == ':' {
			return &Error{fmt.Sprintf("option -%c not recognized", letter), Unknown, "-" + string(letter)}
		}
		o := Option{Name: "-" + string(letter)}
		if strings.HasPrefix(p.spec.Short[at+1:], ":") {
			if word == "" {
				if len(p.args) == 0 {
					return &Error{fmt.Sprintf("option -%c requires argument", letter), NoValue, "-" + string(letter)}
				}
				word, p.args = p.args[0], p.args[1:]
			}
			o.Value, word = word, ""
		}
		p.options = append(p.options, o)
	}
	return nil
}
