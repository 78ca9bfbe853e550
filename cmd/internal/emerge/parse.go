package emerge

import (
	"errors"
	"fmt"
	"math"
	"runtime"
)

// Kind says which field of a Value holds it.
type Kind uint8

const (
	KindTrue    Kind = iota // given without a value, or with y
	KindFalse               // given with n, where that differs from not given
	KindText                // Text
	KindInteger             // Int
	KindNumber              // Float
	KindList                // List, in the order given
)

// A Value is what an option was given.
type Value struct {
	Kind  Kind
	Text  string
	Int   int
	Float float64
	List  []string
}

func textValue(s string) Value { return Value{Kind: KindText, Text: s} }

// A Line is a parsed command line.
type Line struct {
	Action  string           // "depclean"; empty: merge the arguments
	Options map[string]Value // by long name: "--deep"; only those that were given
	Args    []string         // never nil
}

// Has says if the option was given.
func (l *Line) Has(name string) bool { _, ok := l.Options[name]; return ok }

// Yes says if the option is plainly on: given without a value or with y. The
// word y that some options keep does not count.
func (l *Line) Yes(name string) bool { v, ok := l.Options[name]; return ok && v.Kind == KindTrue }

// Text is the option's word, or "" if it has none.
func (l *Line) Text(name string) string { return l.Options[name].Text }

// Number is the option's whole number.
func (l *Line) Number(name string) (int, bool) {
	v := l.Options[name]
	return v.Int, v.Kind == KindInteger
}

// List is the option's words, one for each time it was given.
func (l *Line) List(name string) []string { return l.Options[name].List }

// Mode says how strict a parse is.
type Mode uint8

const (
	// Lenient drops values that are no good: the first look at a command line,
	// for the options that say where the configuration is.
	Lenient Mode = iota
	Strict       // an error for them
)

// ErrActions is returned when a command line asks for more than one action.
var ErrActions = errors.New("multiple actions requested")

// An ActionsError names two actions that one command line asks for.
type ActionsError struct {
	First, Second string
}

func (e *ActionsError) Error() string {
	return fmt.Sprintf("\n!!! Multiple actions requested... Please choose one only.\n!!! '%s' or '%s'\n", e.First, e.Second)
}

// Unwrap gives ErrActions.
func (e *ActionsError) Unwrap() error { return ErrActions }

// A BadValueError is a word that an option does not take. Its text is emerge's,
// with the line end that emerge has there.
type BadValueError struct {
	Option, Word string
	Detail       string // why, in brackets; may be empty
}

func (e *BadValueError) Error() string {
	return fmt.Sprintf("Invalid %s parameter%s: '%s'\n", e.Option, e.Detail, e.Word)
}

// Parse reads a command line as emerge does. Its errors are those of a line
// that cannot be understood, without the program's name.
func Parse(args []string, mode Mode) (*Line, error) {
	p := newWordParser()
	arguments, err := p.parse(insertOptionalValues(args))
	if err != nil {
		return nil, err
	}
	line := &Line{Options: map[string]Value{}, Args: arguments}
	var bad error // the first bad value; bad atoms are told before it
	for _, o := range append(options(), ownOptions()...) {
		words, ok := p.words[o.Long]
		if !ok {
			continue
		}
		v, keep, err := o.value(words)
		if bad == nil {
			bad = err
		}
		if keep && err == nil {
			line.Options[o.Long] = v
		}
	}
	line.combine()
	if mode == Strict {
		if err := line.checkAtomLists(); err != nil {
			return nil, err
		}
		if bad != nil {
			return nil, bad
		}
	}
	if err := line.chooseAction(p.words); err != nil {
		return nil, err
	}
	return line, nil
}

// value turns the words given to an option into its value. keep is false if
// they amount to not giving it.
func (o *Option) value(words []string) (v Value, keep bool, err error) {
	switch o.Takes {
	case TakesNothing:
		return Value{Kind: KindTrue}, true, nil
	case TakesList:
		return Value{Kind: KindList, List: words}, true, nil
	}
	word := words[0]
	on := word == noValue || word == "y"
	switch o.Becomes {
	case BecomesTrueOrGone:
		return Value{Kind: KindTrue}, on, nil
	case BecomesTrueFalse:
		if !on {
			return Value{Kind: KindFalse}, true, nil
		}
		return Value{Kind: KindTrue}, true, nil
	case BecomesTrueOrText:
		if !on {
			return textValue(word), true, nil
		}
		return Value{Kind: KindTrue}, true, nil
	case BecomesYN:
		if on {
			word = "y"
		}
		return textValue(word), true, nil
	case BecomesText:
		return textValue(word), true, nil
	default:
		return o.number(word)
	}
}

// number reads the values that are numbers.
func (o *Option) number(word string) (v Value, keep bool, err error) {
	bad := &BadValueError{Option: o.Long, Word: word}
	n, whole := parseInteger(word)
	integer := Value{Kind: KindInteger, Int: n}
	switch o.Becomes {
	case BecomesDepth:
		if word == noValue {
			return Value{Kind: KindTrue}, true, nil
		}
		if whole && n >= 0 {
			return integer, true, nil
		}
	case BecomesInteger:
		if whole && n >= 0 {
			return integer, true, nil
		}
	case BecomesJobs:
		switch {
		case word == noValue || word == "y":
			return Value{Kind: KindTrue}, true, nil
		case word == "n":
			return v, false, nil
		case whole && n == 0:
			return Value{Kind: KindInteger, Int: runtime.NumCPU()}, true, nil
		case whole:
			return integer, true, nil
		}
	case BecomesRoom, BecomesTime:
		if word == "" {
			return textValue(word), true, nil
		}
		if whole && (o.Becomes == BecomesRoom || n >= 0) {
			return integer, true, nil
		}
	case BecomesLoad, BecomesPercent:
		return o.fraction(word, bad)
	}
	return v, false, bad
}

func (o *Option) fraction(word string, bad *BadValueError) (v Value, keep bool, err error) {
	f, ok := parseFloat(word)
	value := Value{Kind: KindNumber, Float: f}
	switch {
	case word == "":
		return textValue(word), true, nil
	case o.Becomes == BecomesLoad && word == noValue:
		return v, false, nil
	case o.Becomes == BecomesLoad:
		if ok && !(f <= 0) {
			return value, true, nil
		}
		return v, false, bad
	case !ok:
		bad.Detail = " (not a number)"
		return v, false, bad
	case f < 0 || f > 100 && !math.IsNaN(f):
		bad.Detail = " (not between 0 and 100)"
		return v, false, bad
	}
	return value, true, nil
}

// combine settles what options do to each other.
func (l *Line) combine() {
	if l.Has("--changed-use") {
		delete(l.Options, "--changed-use")
		l.Options["--reinstall"] = textValue("changed-use")
	}
	// Of the three only the strongest is left.
	if l.Has("--rebuild-if-unbuilt") {
		delete(l.Options, "--rebuild-if-new-rev")
	}
	if l.Has("--rebuild-if-unbuilt") || l.Has("--rebuild-if-new-rev") {
		delete(l.Options, "--rebuild-if-new-ver")
	}
	switch {
	case l.Yes("--select"):
		delete(l.Options, "--oneshot")
	case l.Text("--select") == "n":
		l.Options["--oneshot"] = Value{Kind: KindTrue}
	}
}

func (l *Line) chooseAction(words map[string][]string) error {
	_, searchDescriptions := words["--searchdesc"]
	for _, a := range actions() {
		_, given := words["--"+a.Name]
		if !given && !(a.Name == "search" && searchDescriptions) {
			continue
		}
		if l.Action != "" {
			return &ActionsError{l.Action, a.Name}
		}
		l.Action = a.Name
	}
	if l.Action == "" && l.Yes("--deselect") {
		l.Action = "deselect"
	}
	return nil
}
