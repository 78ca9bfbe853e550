package emerge

import (
	"fmt"
	"slices"
	"strings"
)

// A row is an option as the word parser sees it: what is permitted after it
// and where its words go.
type row struct {
	name    string // as errors call it: "--ask/-a"
	dest    string // the option's or action's long name
	takes   Takes
	choices []string
}

// A wordParser turns a command line into options with their words and
// arguments. It follows Python's argparse (3.11, parse_intermixed_args), which
// emerge uses: unique prefixes of long options, --opt=word, clusters, "--".
type wordParser struct {
	rows  map[string]*row // by spelling
	order []string        // spellings, in table order; own options left out

	words map[string][]string // the words given, by dest; flags have an empty list
}

func newWordParser() *wordParser {
	p := &wordParser{rows: map[string]*row{}, words: map[string][]string{}}
	add := func(spelling string, r *row) {
		p.rows[spelling] = r
		p.order = append(p.order, spelling)
	}
	for _, a := range actions() {
		add("--"+a.Name, &row{name: "--" + a.Name, dest: "--" + a.Name})
	}
	for _, o := range options() {
		r := &row{name: o.Long, dest: o.Long, takes: o.Takes, choices: strings.Fields(o.Choices)}
		add(o.Long, r)
		if o.Short != "" {
			r.name += "/" + o.Short
			add(o.Short, r)
		}
	}
	for _, names := range []map[string]string{separateShorts(), longAliases()} {
		for spelling, dest := range names {
			add(spelling, &row{name: spelling, dest: dest})
		}
	}
	// Map order must not reach the wording of errors.
	slices.SortStableFunc(p.order, func(a, b string) int { return strings.Compare(p.rows[a].dest, p.rows[b].dest) })
	for _, o := range ownOptions() {
		p.rows[o.Long] = &row{name: o.Long, dest: o.Long, takes: o.Takes, choices: strings.Fields(o.Choices)}
	}
	return p
}

// A word is one word of the command line, classified.
type word struct {
	text     string
	dashes   bool    // it is the "--" behind which nothing is an option
	option   bool    // it looks like an option; row nil: an unknown one
	row      *row    // the option it names
	spelling string  // how: "-u" in -uD
	explicit *string // what is attached to it: after "=", or behind a short option
}

// parse reads the whole line and returns the arguments.
func (p *wordParser) parse(args []string) ([]string, error) {
	// The first round leaves the arguments alone, but eats a "--" that stands
	// where they could begin; the second round takes the arguments.
	left, err := p.consume(args, func(line []word) int {
		if len(line) > 0 && line[0].dashes {
			return 1
		}
		return 0
	})
	if err != nil {
		return nil, err
	}
	arguments := []string{}
	left, err = p.consume(left, func(line []word) int {
		n := 0
		for n < len(line) && !line[n].option {
			arguments = append(arguments, line[n].text)
			n++
		}
		return n
	})
	if err != nil {
		return nil, err
	}
	if len(left) > 0 {
		return nil, fmt.Errorf("unrecognized arguments: %s", strings.Join(left, " "))
	}
	if i := slices.Index(arguments, "--"); i >= 0 {
		arguments = slices.Delete(arguments, i, i+1)
	}
	return arguments, nil
}

// consume goes through the words once. take is offered the words at the first
// place that is no option, and at the end; it says how many it took. What
// nobody takes is returned.
func (p *wordParser) consume(args []string, take func([]word) int) ([]string, error) {
	line, err := p.classify(args)
	if err != nil {
		return nil, err
	}
	var left []string
	taken := false
	offer := func(at int) int {
		if taken {
			return 0
		}
		taken = true
		return take(line[at:])
	}
	last := -1
	for i, w := range line {
		if w.option {
			last = i
		}
	}
	i := 0
	for i <= last {
		next := i
		for !line[next].option {
			next++
		}
		if next != i {
			if n := offer(i); n > 0 {
				i += n
				continue
			}
		}
		for ; i < next; i++ {
			left = append(left, line[i].text)
		}
		if i, err = p.consumeOption(line, i, &left); err != nil {
			return nil, err
		}
	}
	i += offer(i)
	for ; i < len(line); i++ {
		left = append(left, line[i].text)
	}
	return left, nil
}

func (p *wordParser) classify(args []string) ([]word, error) {
	line := make([]word, 0, len(args))
	for i, arg := range args {
		if arg == "--" {
			line = append(line, word{text: arg, dashes: true})
			for _, rest := range args[i+1:] {
				line = append(line, word{text: rest})
			}
			return line, nil
		}
		w, err := p.classifyWord(arg)
		if err != nil {
			return nil, err
		}
		line = append(line, w)
	}
	return line, nil
}

func (p *wordParser) classifyWord(arg string) (word, error) {
	plain := word{text: arg}
	if len(arg) < 2 || arg[0] != '-' {
		return plain, nil
	}
	if r, ok := p.rows[arg]; ok {
		return word{text: arg, option: true, row: r, spelling: arg}, nil
	}
	if name, value, ok := strings.Cut(arg, "="); ok && p.rows[name] != nil {
		return word{text: arg, option: true, row: p.rows[name], spelling: name, explicit: &value}, nil
	}
	found := p.abbreviations(arg)
	switch {
	case len(found) > 1:
		var names []string
		for _, w := range found {
			names = append(names, w.spelling)
		}
		return plain, fmt.Errorf("ambiguous option: %s could match %s", arg, strings.Join(names, ", "))
	case len(found) == 1:
		return found[0], nil
	case strings.Contains(arg, " "):
		return plain, nil
	default:
		return word{text: arg, option: true}, nil
	}
}

// abbreviations lists what a word can stand for that names no option exactly.
func (p *wordParser) abbreviations(arg string) []word {
	var found []word
	if strings.HasPrefix(arg, "--") {
		prefix, value, attached := strings.Cut(arg, "=")
		for _, spelling := range p.order {
			if strings.HasPrefix(spelling, prefix) {
				w := word{text: arg, option: true, row: p.rows[spelling], spelling: spelling}
				if attached {
					w.explicit = &value
				}
				found = append(found, w)
			}
		}
		return found
	}
	if len(arg) < 3 {
		return nil
	}
	// A letter outside ASCII is no option; cutting inside it does no harm.
	if r, ok := p.rows[arg[:2]]; ok {
		attached := arg[2:]
		found = append(found, word{text: arg, option: true, row: r, spelling: arg[:2], explicit: &attached})
	}
	return found
}

// consumeOption takes the option at line[i], and the word after it where it
// needs one, and returns the place behind them.
func (p *wordParser) consumeOption(line []word, i int, left *[]string) (int, error) {
	w := line[i]
	if w.row == nil {
		*left = append(*left, w.text)
		return i + 1, nil
	}
	for w.explicit != nil {
		if w.row.takes != TakesNothing {
			return i + 1, p.give(w.row, *w.explicit)
		}
		attached := *w.explicit
		if strings.HasPrefix(w.spelling, "--") || attached == "" {
			return 0, ignoredError(w.row, attached)
		}
		next, ok := p.rows["-"+attached[:1]]
		if !ok {
			return 0, ignoredError(w.row, attached)
		}
		p.words[w.row.dest] = []string{}
		w.row, w.spelling, w.explicit = next, "-"+attached[:1], nil
		if rest := attached[1:]; rest != "" {
			w.explicit = &rest
		}
	}
	if w.row.takes == TakesNothing {
		p.words[w.row.dest] = []string{}
		return i + 1, nil
	}
	if i+1 >= len(line) || line[i+1].option || line[i+1].dashes {
		return 0, fmt.Errorf("argument %s: expected one argument", w.row.name)
	}
	return i + 2, p.give(w.row, line[i+1].text)
}

// give records a word for an option.
func (p *wordParser) give(r *row, text string) error {
	if len(r.choices) > 0 && !slices.Contains(r.choices, text) {
		quoted := make([]string, len(r.choices))
		for i, c := range r.choices {
			quoted[i] = quote(c)
		}
		return fmt.Errorf("argument %s: invalid choice: %s (choose from %s)", r.name, quote(text), strings.Join(quoted, ", "))
	}
	if r.takes == TakesList {
		p.words[r.dest] = append(p.words[r.dest], text)
	} else {
		p.words[r.dest] = []string{text}
	}
	return nil
}

func ignoredError(r *row, attached string) error {
	return fmt.Errorf("argument %s: ignored explicit argument %s", r.name, quote(attached))
}

// quote writes text between quotes as Python does for plain text.
func quote(text string) string {
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		return `"` + text + `"`
	}
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\t", `\t`).Replace(text) + "'"
}
