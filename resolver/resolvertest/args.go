package resolvertest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// shortOptions are the one-letter options that requests of text worlds may use.
var shortOptions = map[byte]string{
	'1': "--oneshot", 'B': "--buildpkgonly", 'D': "--deep", 'G': "--getbinpkgonly", 'K': "--usepkgonly", 'N': "--newuse",
	'O': "--nodeps", 'P': "--prune", 'U': "--changed-use", 'b': "--buildpkg", 'c': "--depclean", 'e': "--emptytree",
	'g': "--getbinpkg", 'k': "--usepkg", 'n': "--noreplace", 'o': "--onlydeps", 'p': "--pretend", 'q': "--quiet",
	't': "--tree", 'u': "--update", 'v': "--verbose",
}

var optionName = regexp.MustCompile(`^--[a-z][a-z0-9-]*$`)

// ParseArgs splits the words of a request into arguments and options. A value
// is always joined to its option ("--deep=2", "--usepkg=n"), so that nothing has
// to be known about options; an option given again collects its values in a list.
func ParseArgs(words []string) (args []string, options Options, err error) {
	options = Options{}
	args = []string{}
	for _, w := range words {
		switch {
		case strings.HasPrefix(w, "--"):
			name, value, hasValue := strings.Cut(w, "=")
			if !optionName.MatchString(name) || hasValue && value == "" || strings.Contains(value, `"`) {
				return nil, nil, fmt.Errorf("option %q: --name or --name=value is expected", w)
			}
			options.add(name, value, hasValue)
		case strings.HasPrefix(w, "-") && len(w) > 1:
			for i := 1; i < len(w); i++ {
				name, ok := shortOptions[w[i]]
				if !ok {
					return nil, nil, fmt.Errorf("option -%c of %q is unknown", w[i], w)
				}
				options[name] = Flag(true)
			}
		default:
			args = append(args, w)
		}
	}
	return args, options, nil
}

// add adds one occurrence of an option.
func (o Options) add(name, value string, hasValue bool) {
	old, again := o[name]
	switch n, err := strconv.Atoi(value); {
	case !hasValue:
		o[name] = Flag(true)
	case again && old.value != true:
		list := o.List(name)
		if list == nil {
			list = []string{o.Text(name)}
		}
		o[name] = List(append(slices.Clone(list), value)...)
	case err == nil && strconv.Itoa(n) == value:
		o[name] = Number(n)
	default:
		o[name] = Text(value)
	}
}
