package corpus

import (
	"regexp"
	"slices"
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
		out = append(out, sortedLine(took.ReplaceAllString(l, "took T s")))
	}
	return sortedBlocks(out)
}

// sortedLine sorts the parts of lines that come from a hash table in Portage:
// the packages that are removed, and the atoms by which one needs another.
func sortedLine(l string) string {
	if title, list, ok := strings.Cut(l, "All selected packages: "); ok && title == "" {
		words := strings.Fields(list)
		slices.Sort(words)
		return "All selected packages: " + strings.Join(words, " ")
	}
	if head, list, ok := strings.Cut(l, " requires "); ok && strings.HasPrefix(l, "    ") {
		words := strings.Split(list, ", ")
		slices.Sort(words)
		return head + " requires " + strings.Join(words, ", ")
	}
	return l
}

// sortedBlocks sorts neighbouring blocks of three lines that tell of broken
// dependencies; their order comes from a hash table in Portage.
func sortedBlocks(lines []string) []string {
	isBlock := func(i int) bool {
		return i+2 < len(lines) && strings.HasPrefix(lines[i], " *   ") && strings.HasSuffix(lines[i], " pulled in by:") &&
			strings.HasPrefix(lines[i+1], " *     ") && lines[i+2] == " *"
	}
	var out []string
	for i := 0; i < len(lines); {
		var blocks []string
		for ; isBlock(i); i += 3 {
			blocks = append(blocks, strings.Join(lines[i:i+3], "\n"))
		}
		slices.Sort(blocks)
		for _, b := range blocks {
			out = append(out, strings.Split(b, "\n")...)
		}
		if i < len(lines) {
			out = append(out, lines[i])
			i++
		}
	}
	return out
}
