package emerge

import (
	"strconv"
	"strings"
)

// noValue stands for the value of an option whose optional value was not given.
const noValue = "True"

// clusterOrder is the order in which short options with an optional value are
// looked for inside a cluster of short options.
const clusterOrder = "DjlaAbgGkKqvwW"

// clusterNumbers are those whose value may follow without a blank: -D1.
const clusterNumbers = "Djl"

// insertOptionalValues gives every option with an optional value a word of its
// own: the next one if that is a permitted value, else "True".
//
// A cluster of short options (-uDv) is taken apart: one letter of clusterOrder
// is cut out, the rest is looked at again. The rules are Portage's to the
// letter (insert_optional_args), also where they surprise: every occurrence of
// the letter goes, and the value of an option such as -X is no exception.
func insertOptionalValues(args []string) []string {
	long, short := optionalValues()
	stack := make([]string, 0, len(args))
	for i := len(args) - 1; i >= 0; i-- {
		stack = append(stack, args[i])
	}
	pop := func() string {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		return top
	}
	// next takes the following word if it is a permitted value.
	next := func(w Words) string {
		if len(stack) > 0 && w.permit(stack[len(stack)-1]) {
			return pop()
		}
		return noValue
	}
	var out []string
	for len(stack) > 0 {
		arg := pop()
		if w, ok := long[arg]; ok {
			out = append(out, arg, next(w))
			continue
		}
		letter := ""
		if strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "--") {
			letter = clusterLetter(arg)
		}
		switch {
		case letter == "":
			out = append(out, arg)
		case len(arg) == 2:
			out = append(out, arg, next(short[letter]))
		default:
			value, rest := cutCluster(arg, letter, short[letter])
			out = append(out, "-"+letter, value)
			if rest != "" {
				stack = append(stack, rest)
			}
		}
	}
	return out
}

// cutCluster takes the letter out of a cluster and gives its value and the
// cluster that remains.
func cutCluster(arg, letter string, w Words) (value, rest string) {
	if arg[1:2] == letter {
		if strings.Contains(clusterNumbers, letter) && w.permit(arg[2:]) {
			return arg[2:], ""
		}
		return noValue, "-" + arg[2:]
	}
	return noValue, "-" + strings.ReplaceAll(arg[1:], letter, "")
}

// clusterLetter is the letter to be cut out of a cluster, or "".
func clusterLetter(arg string) string {
	for i := range clusterOrder {
		if strings.Contains(arg, clusterOrder[i:i+1]) {
			return clusterOrder[i : i+1]
		}
	}
	return ""
}

// optionalValues lists the options with optional values: long ones by name,
// short ones by letter.
func optionalValues() (long, short map[string]Words) {
	long, short = map[string]Words{}, map[string]Words{}
	for _, o := range options() {
		if o.Words == WordsNone {
			continue
		}
		long[o.Long] = o.Words
		if o.Short != "" {
			w := o.Words
			if w == WordsClusteredIntYN {
				w = WordsClusteredInt
			}
			short[o.Short[1:]] = w
		}
	}
	return long, short
}

// permit says if the word is a permitted optional value.
func (w Words) permit(word string) bool {
	switch w {
	case WordsYN, WordsClusteredYN:
		return word == "y" || word == "n"
	case WordsInteger, WordsClusteredInt:
		n, ok := parseInteger(word)
		return ok && n >= 0
	case WordsIntegerOrYN, WordsClusteredIntYN:
		return word == "y" || word == "n" || WordsInteger.permit(word)
	case WordsFloat, WordsClusteredFloat:
		f, ok := parseFloat(word)
		return ok && f >= 0
	case WordsRDeps:
		return word == "rdeps"
	default:
		return false
	}
}

// parseInteger reads a whole number as Python's int does: blanks around it, a
// sign, and single underscores between digits are allowed. A number that does
// not fit is none.
func parseInteger(word string) (int, bool) {
	digits, ok := pythonNumber(word)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil
}

// parseFloat reads a number as Python's float does.
func parseFloat(word string) (float64, bool) {
	text, ok := pythonNumber(word)
	if !ok || strings.ContainsAny(text, "xXpP") {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

// pythonNumber strips what Python allows in a number and Go does not.
func pythonNumber(word string) (string, bool) {
	word = strings.TrimSpace(word)
	for i := 0; i < len(word); i++ {
		if word[i] == '_' && (i == 0 || i == len(word)-1 || !isDigit(word[i-1]) || !isDigit(word[i+1])) {
			return "", false
		}
	}
	return strings.ReplaceAll(word, "_", ""), word != ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
