package regen

import (
	"fmt"
	"strconv"
	"strings"
)

// takes says what an option is followed by.
type takes uint8

const (
	takesNothing takes = iota
	takesText
	takesInt
	takesFloat
	takesYesNo
)

// An option is one option of a command line in the manner of Python's argparse.
type option struct {
	long, short string // with dashes; short may be empty
	takes       takes
}

// synopsis is the option as messages name it.
func (o *option) synopsis() string {
	if o.short != "" {
		return o.short + "/" + o.long
	}
	return o.long
}

// words are a parsed command line: the values of its options, and the rest.
type words struct {
	given map[string]string // by long name; "" for one that takes nothing
	rest  []string
}

func (w *words) has(long string) bool { _, ok := w.given[long]; return ok }

// parser reads a command line as argparse does: options may be shortened while
// they are not ambiguous, and what is not known is left over.
type parser struct {
	options []option
	words   *words
	args    []string
}

// parse reads the arguments. The text of an error is that of argparse.
func parse(options []option, args []string) (*words, error) {
	p := &parser{options: options, words: &words{given: map[string]string{}}, args: args}
	for len(p.args) > 0 {
		arg := p.args[0]
		p.args = p.args[1:]
		var err error
		switch {
		case arg == "--":
			p.words.rest = append(p.words.rest, p.args...)
			p.args = nil
		case strings.HasPrefix(arg, "--"):
			err = p.long(arg)
		case strings.HasPrefix(arg, "-") && len(arg) > 1:
			err = p.short(arg)
		default:
			p.words.rest = append(p.words.rest, arg)
		}
		if err != nil {
			return nil, err
		}
	}
	return p.words, nil
}

func (p *parser) long(arg string) error {
	name, value, has := strings.Cut(arg, "=")
	o, err := p.find(name, arg)
	if err != nil {
		return err
	}
	if o == nil {
		p.words.rest = append(p.words.rest, arg)
		return nil
	}
	if !has {
		return p.take(o)
	}
	if o.takes == takesNothing {
		return fmt.Errorf("argument %s: ignored explicit argument '%s'", o.synopsis(), value)
	}
	return p.set(o, value)
}

// find gives the option of a name or of the start of one; nil if there is none.
func (p *parser) find(name, arg string) (*option, error) {
	var found []*option
	for i := range p.options {
		o := &p.options[i]
		if o.long == name {
			return o, nil
		}
		if strings.HasPrefix(o.long, name) {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return found[0], nil
	}
	names := make([]string, len(found))
	for i, o := range found {
		names[i] = o.long
	}
	return nil, fmt.Errorf("ambiguous option: %s could match %s", arg, strings.Join(names, ", "))
}

// short reads one-letter options, which may stand together. The last one may have
// its value with it.
func (p *parser) short(arg string) error {
	for letters := arg[1:]; letters != ""; letters = letters[1:] {
		var o *option
		for i := range p.options {
			if p.options[i].short == "-"+letters[:1] {
				o = &p.options[i]
			}
		}
		switch {
		case o == nil && len(letters) == len(arg)-1:
			p.words.rest = append(p.words.rest, arg)
			return nil
		case o == nil:
			return fmt.Errorf("argument -%c: ignored explicit argument '%s'", arg[len(arg)-len(letters)-1], letters)
		case o.takes == takesNothing:
			p.words.given[o.long] = ""
		case len(letters) > 1:
			return p.set(o, strings.TrimPrefix(letters[1:], "="))
		default:
			return p.take(o)
		}
	}
	return nil
}

// take takes the value of an option from the next argument, if it wants one.
func (p *parser) take(o *option) error {
	if o.takes == takesNothing {
		p.words.given[o.long] = ""
		return nil
	}
	if len(p.args) == 0 || !isValue(p.args[0]) {
		return fmt.Errorf("argument %s: expected one argument", o.synopsis())
	}
	value := p.args[0]
	p.args = p.args[1:]
	return p.set(o, value)
}

// isValue says whether an argument can be the value of the option before it.
func isValue(arg string) bool {
	if !strings.HasPrefix(arg, "-") || arg == "-" || strings.Contains(arg, " ") {
		return true
	}
	_, err := strconv.ParseFloat(arg, 64)
	return err == nil
}

// set checks the value of an option and keeps it.
func (p *parser) set(o *option, value string) error {
	switch o.takes {
	case takesInt:
		if _, err := strconv.Atoi(strings.TrimSpace(value)); err != nil {
			return fmt.Errorf("argument %s: invalid int value: '%s'", o.synopsis(), value)
		}
	case takesFloat:
		if _, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err != nil {
			return fmt.Errorf("argument %s: invalid float value: '%s'", o.synopsis(), value)
		}
	case takesYesNo:
		if value != "y" && value != "n" {
			return fmt.Errorf("argument %s: invalid choice: '%s' (choose from 'y', 'n')", o.synopsis(), value)
		}
	}
	p.words.given[o.long] = value
	return nil
}
