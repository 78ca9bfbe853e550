package corpus

import (
	"regexp"
	"strings"
)

// text compares the text output, paths already being tokens.
func (c *comparison) text(got string) {
	want := c.answer.Output
	c.sequence(ListText, listLines(want), listLines(got))
	c.sequence(WholeText, wholeLines(want), wholeLines(got))
}

var listLine = regexp.MustCompile(`^\[(ebuild|binary|blocks|uninstall|nomerge)\b`)

// listLines returns the lines of the merge list and of the total.
func listLines(s string) []string {
	var out []string
	for l := range strings.Lines(s) {
		l = strings.TrimRight(l, " \n")
		if listLine.MatchString(l) || strings.HasPrefix(l, "Total: ") {
			out = append(out, l)
		}
	}
	return out
}

var took = regexp.MustCompile(`took \d+\.\d+ s`)

// wholeLines returns all lines except for what depends on the machine that
// recorded the answer: its lack of a sandbox, and times.
func wholeLines(s string) []string {
	var out []string
	skipBlank := false
	for l := range strings.Lines(s) {
		l = strings.TrimRight(l, " \n")
		if l == "!!! Problem with sandbox binary. Disabling..." {
			skipBlank = true
			continue
		}
		if skipBlank && l == "" {
			skipBlank = false
			continue
		}
		skipBlank = false
		out = append(out, took.ReplaceAllString(l, "took T s"))
	}
	return out
}
