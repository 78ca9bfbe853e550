package bash

import (
	"strings"
)

// accumulated are parts of the names of variables that inherit accumulates.
var accumulated = []string{"IUSE", "REQUIRED_USE", "DEPEND", "PROPERTIES", "RESTRICT"}

// indirect is a command that may name a variable or function which is not in the
// text, or change options of the shell.
var indirect = pattern(`\$\{!|\(\(|\b(?:eval|set|source|mapfile|readarray|read|getopts|compgen|let)\b|(?:^|\s)\.\s|\bprintf[ \t]+-v|` +
	`\b(?:declare|typeset|local|readonly|export)[ \t]+-\w*n|\b(?:declare|typeset|export|readonly|local|unset)[ \t](?:[^;&|\n]*[ \t])?["$'\\` + "`" + `]|` +
	`(?m:^[ \t]*(?:[({!][ \t]+)?|[;&|]|\$\(|\b(?:then|do|else|elif|if|while|until)\b(?:[ \t]+!)?)[ \t]*["']?[\w.+-]*["']?\$`)

// Plain says whether global scope neither sees nor sets accumulated variables by
// itself, which another eclass that it inherits may, and gives the words that
// could be names of functions that do.
func (o *Outline) Plain(eager map[string]bool) (words map[string]bool, plain bool) {
	text := o.global(eager)
	for _, name := range accumulated {
		if strings.Contains(text, name) {
			return nil, false
		}
	}
	if indirect().MatchString(text) {
		return nil, false
	}
	words = make(map[string]bool)
	for w := range names(text) {
		words[w] = true
	}
	return words, true
}

// guardLine begins what is done once only, and oneCase is a line of a case without
// effect, or that ends the ebuild.
var guardLine, oneCase = pattern(`^if \[\[ (?:-z \$\{(\w+)\}|! \$\{(\w+)\}|\$\{(\w+)\} != 1) \]\]; then$`),
	pattern(`^\s*(?:[\w.|* ]+\)\s*)?(?:;;|die "[^"$` + "`" + `]*(?:\$\{\w+(?::-\w+)?\}[^"$` + "`" + `]*)*"\s*(?:;;)?)?\s*$`)

// doneOnce gives the variable by which the text of an eclass does nothing when it is
// run again, "" if there is none. Such a text is a case of EAPI, maybe, that ends
// the ebuild or does nothing, and "if [[ -z ${VARIABLE} ]]; then", where the variable
// is set first, up to the end, or nothing.
func doneOnce(text string) string {
	lines := strings.Split(text, "\n")
	skip := func() {
		for len(lines) > 0 && (strings.TrimSpace(lines[0]) == "" || lines[0] == ":") {
			lines = lines[1:]
		}
	}
	skip()
	if len(lines) > 0 && caseOfEAPI().MatchString(lines[0]) {
		lines = lines[1:]
		for len(lines) > 0 && lines[0] != "esac" && oneCase().MatchString(lines[0]) {
			lines = lines[1:]
		}
		if len(lines) == 0 || lines[0] != "esac" {
			return ""
		}
		lines = lines[1:]
		skip()
	}
	if len(lines) == 0 {
		return "ECLASS" // inherit sets it
	}
	m := guardLine().FindStringSubmatch(lines[0])
	if m == nil {
		return ""
	}
	name := m[1] + m[2] + m[3]
	lines = lines[1:]
	skip()
	if len(lines) == 0 || lines[0] != name+"=1" || !endsOnce(lines[1:]) {
		return ""
	}
	return name
}

// caseOfEAPI begins a case of EAPI.
var caseOfEAPI = pattern(`^case \$\{EAPI(?::-0)?\} in$`)

// endsOnce says whether the "fi" of an "if" is at the end of lines that follow its
// "then".
func endsOnce(lines []string) bool {
	var state lexer
	depth := 1
	for _, line := range lines {
		if state.clean() {
			word, rest := firstWord(line)
			switch {
			case depth == 0 && word != "" && line != ":":
				return false
			case word == "if" && !endOfIf().MatchString(rest):
				depth++
			case word == "fi":
				depth--
			case depth == 1 && (word == "else" || word == "elif"):
				return false
			}
		}
		state.line(line)
		if state.lost {
			return false
		}
	}
	return depth == 0 && state.clean()
}

// endOfIf is the end of an "if" that began on the same line.
var endOfIf = pattern(`\bfi\b`)

// firstWord gives the first word of a line, "" if it is a comment, and the rest.
func firstWord(line string) (word, rest string) {
	line = strings.TrimLeft(line, " \t")
	if i := strings.IndexAny(line, " \t;#&|"); i >= 0 {
		return line[:i], line[i:]
	}
	return line, ""
}
