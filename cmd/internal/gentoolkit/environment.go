package gentoolkit

import (
	"bufio"
	"compress/bzip2"
	"os"
	"regexp"
	"strings"
)

// assignment is the start of a variable in the environment that bash wrote.
var assignment = regexp.MustCompile(`^\s*(?:export\s+|declare\s+-\S+(?:\s+-\S+)*\s+)?([A-Za-z_][A-Za-z0-9_]*)=(["'])?(.*)$`)

// functionStart is the start of a function there.
var functionStart = regexp.MustCompile(`^(?:function\s+)?[^\s=()]+\s*\(\)\s*$`)

// readEnvironment reads the variables that keep wants from the environment an
// installed package was built in. A missing or broken file has none.
func readEnvironment(path string, keep func(name string) bool) map[string]string {
	out := map[string]string{}
	f, err := os.Open(path)
	if err != nil {
		return out
	}
	defer f.Close()
	lines := bufio.NewScanner(bzip2.NewReader(f))
	lines.Buffer(nil, 16<<20)
	inFunction := false
	for lines.Scan() {
		line := lines.Text()
		if inFunction {
			inFunction = line != "}"
			continue
		}
		if functionStart.MatchString(line) {
			inFunction = true
			continue
		}
		m := assignment.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		value := m[3]
		if quote := m[2]; quote != "" {
			for !endsQuote(quote[0], value) && lines.Scan() {
				value += "\n" + lines.Text()
			}
			value = strings.TrimRight(value, " \t\n")
			value = strings.TrimSuffix(value, quote)
		}
		if keep(m[1]) {
			out[m[1]] = strings.TrimRight(value, " \t\n")
		}
	}
	return out
}

// endsQuote says if text ends in a quote that no backslash escapes.
func endsQuote(quote byte, text string) bool {
	text = strings.TrimRight(text, " \t\n")
	if text == "" || text[len(text)-1] != quote {
		return false
	}
	if quote == '\'' {
		return true
	}
	slashes := 0
	for i := len(text) - 2; i >= 0 && text[i] == '\\'; i-- {
		slashes++
	}
	return slashes%2 == 0
}
