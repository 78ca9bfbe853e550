package resolvertest

import "strings"

// ExpectLines returns the lines by which a text world demands a result as it
// is, but for the flags of packages: the steps in their order, then what has to
// be changed, then whether the request fails.
func (r *Result) ExpectLines(k Kind) []ExpectLine {
	var lines []ExpectLine
	for _, cpv := range r.Cleanlist {
		lines = append(lines, ExpectLine{Verb: VerbClean, Subject: cpv, BuildID: -1})
	}
	if k == KindMerge {
		for i := range r.Tasks {
			lines = append(lines, r.Tasks[i].ExpectLine())
		}
		if len(lines) == 0 && r.Success {
			lines = append(lines, ExpectLine{Verb: VerbNothing, BuildID: -1})
		}
		for _, text := range r.changeLines() {
			if l, msg := parseExpectLine(strings.Fields(text)); msg == "" {
				lines = append(lines, l)
			}
		}
	}
	switch {
	case !r.Success:
		lines = append(lines, ExpectLine{Verb: VerbFail, BuildID: -1})
	case len(lines) == 0:
		lines = append(lines, ExpectLine{Verb: VerbNothing, BuildID: -1})
	}
	return lines
}
