// Package argparse reads command lines as Python's argparse does, for the tools
// whose originals use it: options may be shortened while they are not ambiguous,
// letters may stand together, what is not known is left over, and the text of an
// error is argparse's. It knows nothing of actions, defaults and help.
package argparse

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Takes says what an option is followed by.
type Takes uint8

const (
	Nothing Takes = iota // a switch
	Text                 // any text
	Int                  // a whole number
	Float                // a number
	Choice               // one of Option.Choices
)

// String returns what the option takes, as argparse's errors call it.
func (t Takes) String() string {
	names := [...]string{"nothing", "text", "int", "float", "choice"}
	if int(t) >= len(names) {
		return "invalid"
	}
	return names[t]
}

// YesNo are the choices of options that take y or n.
func YesNo() []string { return []string{"y", "n"} }

// An Option is one option of a command line.
type Option struct {
	Long, Short string // with dashes; Short may be empty
	Takes       Takes
	Choices     []string
}

// synopsis is the option as messages name it.
func (o *Option) synopsis() string {
	if o.Short != "" {
		return o.Short + "/" + o.Long
	}
	return o.Long
}

// Words are a parsed command line: the values of its options, and the rest.
type Words struct {
	Rest  []string // arguments that belong to no option, unknown options among them
	Order []string // long names of the options in the order in which they were given
	given map[string][]string
}

// Has says if an option was given, by its long name.
func (w *Words) Has(long string) bool { return len(w.given[long]) > 0 }

// Count says how often an option was given.
func (w *Words) Count(long string) int { return len(w.given[long]) }

// All lists the values of an option that was given several times.
func (w *Words) All(long string) []string { return w.given[long] }

// Text gives the last value of an option, or nil if it was not given.
func (w *Words) Text(long string) *string {
	if values := w.given[long]; len(values) > 0 {
		return &values[len(values)-1]
	}
	return nil
}

// Number gives the last value of an option that takes an Int, or def.
func (w *Words) Number(long string, def int) int {
	if text := w.Text(long); text != nil {
		n, _ := strconv.Atoi(strings.TrimSpace(*text)) // checked when it was read
		return n
	}
	return def
}

// Parse reads the arguments of a command line.
func Parse(options []Option, args []string) (*Words, error) {
	p := &parser{options: options, words: &Words{given: map[string][]string{}}, args: args}
	for len(p.args) > 0 {
		arg := p.args[0]
		p.args = p.args[1:]
		var err error
		switch {
		case arg == "--":
			p.words.Rest = append(p.words.Rest, p.args...)
			p.args = nil
		case strings.HasPrefix(arg, "--"):
			err = p.long(arg)
		case strings.HasPrefix(arg, "-") && len(arg) > 1:
			err = p.short(arg)
		default:
			p.words.Rest = append(p.words.Rest, arg)
		}
		if err != nil {
			return nil, err
		}
	}
	return p.words, nil
}

type parser struct {
	options []Option
	words   *Words
	args    []string
}

func (p *parser) long(arg string) error {
	name, value, has := strings.Cut(arg, "=")
	o, err := p.find(name, arg)
	if err != nil {
		return err
	}
	if o == nil {
		p.words.Rest = append(p.words.Rest, arg)
		return nil
	}
	if !has {
		return p.take(o)
	}
	if o.Takes == Nothing {
		return fmt.Errorf("argument %s: ignored explicit argument '%s'", o.synopsis(), value)
	}
	return p.set(o, value)
}

// find gives the option of a name or of the start of one; nil if there is none.
func (p *parser) find(name, arg string) (*Option, error) {
	var found []*Option
	for i := range p.options {
		o := &p.options[i]
		if o.Long == name {
			return o, nil
		}
		if strings.HasPrefix(o.Long, name) {
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
		names[i] = o.Long
	}
	return nil, fmt.Errorf("ambiguous option: %s could match %s", arg, strings.Join(names, ", "))
}

// short reads one-letter options, which may stand together. The last one may have
// its value with it.
func (p *parser) short(arg string) error {
	for letters := arg[1:]; letters != ""; letters = letters[1:] {
		var o *Option
		for i := range p.options {
			if p.options[i].Short == "-"+letters[:1] {
				o = &p.options[i]
			}
		}
		switch {
		case o == nil && len(letters) == len(arg)-1:
			p.words.Rest = append(p.words.Rest, arg)
			return nil
		case o == nil:
			return fmt.Errorf("argument -%c: ignored explicit argument '%s'", arg[len(arg)-len(letters)-1], letters)
		case o.Takes == Nothing:
			p.add(o, "")
		case len(letters) > 1:
			return p.set(o, strings.TrimPrefix(letters[1:], "="))
		default:
			return p.take(o)
		}
	}
	return nil
}

func (p *parser) add(o *Option, value string) {
	p.words.given[o.Long] = append(p.words.given[o.Long], value)
	p.words.Order = append(p.words.Order, o.Long)
}

// take takes the value of an option from the next argument, if it wants one.
func (p *parser) take(o *Option) error {
	if o.Takes == Nothing {
		p.add(o, "")
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
func (p *parser) set(o *Option, value string) error {
	var err error
	switch o.Takes {
	case Int:
		_, err = strconv.Atoi(strings.TrimSpace(value))
	case Float:
		_, err = strconv.ParseFloat(strings.TrimSpace(value), 64)
	case Choice:
		if !slices.Contains(o.Choices, value) {
			return fmt.Errorf("argument %s: invalid choice: '%s' (choose from '%s')", o.synopsis(), value, strings.Join(o.Choices, "', '"))
		}
	}
	if err != nil {
		return fmt.Errorf("argument %s: invalid %s value: '%s'", o.synopsis(), o.Takes, value)
	}
	p.add(o, value)
	return nil
}
