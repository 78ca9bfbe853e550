package resolvertest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// An Option is the value of one option of a request: true (an option without
// value), a text such as "y", a number, or a list.
type Option struct {
	value any // bool, string, int or []string
}

// Flag, Text, Number and List make option values.
func Flag(on bool) Option { return Option{on} }

// Text makes the value of an option with a text.
func Text(s string) Option { return Option{s} }

// Number makes the value of an option with a number.
func Number(n int) Option { return Option{n} }

// List makes the value of an option that may be repeated.
func List(s ...string) Option { return Option{s} }

// UnmarshalJSON reads a bool, a string, an integer or a list of strings.
func (o *Option) UnmarshalJSON(b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	switch v := v.(type) {
	case bool, string:
		o.value = v
		return nil
	case float64:
		if v == float64(int(v)) {
			o.value = int(v)
			return nil
		}
	case []any:
		list := make([]string, len(v))
		for i, e := range v {
			s, ok := e.(string)
			if !ok {
				return fmt.Errorf("option value %s: not a text", compact(e))
			}
			list[i] = s
		}
		o.value = list
		return nil
	}
	return fmt.Errorf("option value %s: neither true, a text, a number nor a list", b)
}

// MarshalJSON writes what UnmarshalJSON reads.
func (o Option) MarshalJSON() ([]byte, error) { return json.Marshal(o.value) }

// Options are the options of a request by name ("--deep"), as they are given
// to the resolver: no default of the command line is in them.
type Options map[string]Option

// Has says if the option was given, whatever its value.
func (o Options) Has(name string) bool { _, ok := o[name]; return ok }

// Yes says if the option was given as true, "y" or "True".
func (o Options) Yes(name string) bool {
	switch o[name].value {
	case true, "y", "True", "yes":
		return true
	}
	return false
}

// No says if the option was given as false, "n" or "False".
func (o Options) No(name string) bool {
	switch o[name].value {
	case false, "n", "False", "no":
		return true
	}
	return false
}

// Text returns the option's value as a text: "" if absent or a bare option.
func (o Options) Text(name string) string {
	switch v := o[name].value.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case []string:
		return strings.Join(v, " ")
	}
	return ""
}

// Number returns the option's value as a number, if it is one.
func (o Options) Number(name string) (int, bool) {
	switch v := o[name].value.(type) {
	case int:
		return v, true
	case string:
		n, err := strconv.Atoi(v)
		return n, err == nil
	}
	return 0, false
}

// List returns the values of an option that may be repeated; a single text is a list of one.
func (o Options) List(name string) []string {
	switch v := o[name].value.(type) {
	case []string:
		return v
	case string:
		return []string{v}
	}
	return nil
}

// Names returns the names of the options, sorted.
func (o Options) Names() []string { return slices.Sorted(maps.Keys(o)) }

// String returns the options as a command line, sorted by name.
func (o Options) String() string {
	var words []string
	for _, name := range o.Names() {
		switch v := o[name].value.(type) {
		case bool:
			if v {
				words = append(words, name)
			} else {
				words = append(words, name+"=n")
			}
		case []string:
			for _, e := range v {
				words = append(words, name+"="+quoteWord(e))
			}
		default:
			words = append(words, name+"="+quoteWord(o.Text(name)))
		}
	}
	return strings.Join(words, " ")
}

func quoteWord(s string) string {
	if strings.ContainsAny(s, " \t") {
		return strconv.Quote(s)
	}
	return s
}

// effective returns the options with those that Portage's test bench adds:
// --pretend, and the weaker options that the binary package options imply.
func (o Options) effective() Options {
	out := maps.Clone(o)
	if out == nil {
		out = Options{}
	}
	out["--pretend"] = Flag(true)
	bare := func(name string) bool { return out[name].value == true }
	if bare("--getbinpkgonly") {
		out["--getbinpkg"], out["--usepkgonly"] = Flag(true), Flag(true)
	}
	if bare("--getbinpkg") || bare("--usepkgonly") {
		out["--usepkg"] = Flag(true)
	}
	return out
}

// An Action is what a request asks for.
type Action uint8

const (
	ActionMerge    Action = iota // merge the arguments
	ActionDepclean               // unmerge what nothing requires
	ActionPrune                  // unmerge all but the best version of each package
	ActionDepCheck               // name the broken dependencies of installed packages
)

var actionWords = [...]string{"merge", "depclean", "prune", "dep_check"}

// String returns the word of the case files; they have null for ActionMerge.
func (a Action) String() string {
	if int(a) >= len(actionWords) {
		return "invalid"
	}
	return actionWords[a]
}

// parseAction decides what a case asks for: its action, or else its options.
func parseAction(word string, o Options) (Action, error) {
	switch {
	case word == "" && o.Yes("--depclean"):
		return ActionDepclean, nil
	case word == "" && o.Yes("--prune"):
		return ActionPrune, nil
	case word == "":
		return ActionMerge, nil
	}
	if i := slices.Index(actionWords[:], word); i >= 0 {
		return Action(i), nil
	}
	return 0, fmt.Errorf("action %q is unknown", word)
}
