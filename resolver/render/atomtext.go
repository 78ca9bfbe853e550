package render

import (
	"slices"
	"strings"
)

// An AtomText is an atom in a message, with its parts that a package violates.
type AtomText struct {
	Text     string // as written, USE conditionals included
	CP       string // category/PN in it
	Operator string // "", "<", "<=", "=", "~", ">=", ">"; "=" also for "=*"
	Version  string // the version in it, with the "*" of "=*"
	Slot     string // the slot part in it: ":0", ":0/1=", ":="; empty: none
	Soname   bool   // Text is not an atom but the name of a library

	BadCP      bool     // another package altogether
	BadVersion bool     // the version does not match
	BadSlot    bool     // the slot or sub-slot does not match
	BadUse     []string // flags of the USE dependencies that do not match
}

// A span is a part of an atom's text.
type span struct{ from, to int }

// find returns the spans to mark. withSlot marks the slot together with the version.
func (a *AtomText) find(withSlot bool) []span {
	if a.Soname {
		return nil
	}
	var spans []span
	add := func(at, length int) {
		if at >= 0 && length > 0 {
			spans = append(spans, span{at, at + length})
		}
	}
	if a.BadCP {
		add(strings.Index(a.Text, a.CP), len(a.CP))
		return spans
	}
	if a.BadVersion {
		add(0, len(a.Operator))
		add(strings.LastIndex(a.Text, a.Version), len(a.Version))
	}
	if a.BadSlot || a.BadVersion && withSlot {
		add(strings.Index(a.Text, a.Slot), len(a.Slot))
	}
	at := strings.Index(a.Text, "[")
	if at < 0 || len(a.BadUse) == 0 {
		return spans
	}
	tokens, _, _ := strings.Cut(a.Text[at+1:], "]")
	at++
	for token := range strings.SplitSeq(tokens, ",") {
		if slices.Contains(a.BadUse, flagOf(token)) {
			add(at, len(token))
		}
		at += len(token) + 1
	}
	return spans
}

// flagOf returns the flag of a USE dependency; a default stays, as in Portage,
// where a marked flag with a default is not found.
func flagOf(token string) string {
	return strings.TrimRight(strings.TrimLeft(token, "-!"), "=?")
}

// markParts returns the atom with each marked part in one colour, and the set
// of marked places.
func (a *AtomText) markParts(o *Options) (text string, marked map[int]bool) {
	spans := a.find(true)
	return a.colour(o, spans), places(spans)
}

// markEach returns the atom with each marked character in a colour of its own,
// and a line of "^" below them.
func (a *AtomText) markEach(o *Options) (text, marks string) {
	if a.Soname {
		return a.Text, ""
	}
	marked := places(a.find(false))
	var each []span
	line := []byte(strings.Repeat(" ", len(a.Text)))
	for i := range line {
		if marked[i] {
			line[i] = '^'
			each = append(each, span{i, i + 1})
		}
	}
	return a.colour(o, each), string(line)
}

func places(spans []span) map[int]bool {
	marked := map[int]bool{}
	for _, s := range spans {
		for i := s.from; i < s.to; i++ {
			marked[i] = true
		}
	}
	return marked
}

// colour paints parts of the text. Unlike Portage's own it does not fall over
// the brackets of escape sequences when both version and USE are marked.
func (a *AtomText) colour(o *Options, spans []span) string {
	slices.SortStableFunc(spans, func(a, b span) int { return a.from - b.from })
	var b strings.Builder
	at := 0
	for _, s := range spans {
		if s.from < at {
			continue
		}
		b.WriteString(a.Text[at:s.from] + o.paint("BAD", a.Text[s.from:s.to]))
		at = s.to
	}
	return b.String() + a.Text[at:]
}
