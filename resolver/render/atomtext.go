package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
)

// An AtomText is an atom in a message, with its parts that a package violates.
type AtomText struct {
	Text     string // as written, USE conditionals included
	CP       string // category/PN in it
	Operator string // "", "<", "<=", "=", "~", ">=", ">"; "=" also for "=*"
	Version  string // the version in it, with the "*" of "=*"
	Slot     string // the slot part in it: ":0", ":0/1=", ":=", ":*"; empty: none
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
		slot := a.slot()
		add(strings.Index(a.Text, slot), len(slot))
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

// slot returns the slot part as Portage looks for it: an operator without a
// slot is sought without its colon, and may be found in ">=".
func (a *AtomText) slot() string {
	if a.Slot == ":=" || a.Slot == ":*" {
		return a.Slot[1:]
	}
	return a.Slot
}

// markParts returns the atom with each marked part in one colour, and the set
// of marked places. The parts are coloured one after the other, so that one
// can be found within another.
func (a *AtomText) markParts(o *Options) (text string, marked map[int]bool) {
	text = a.Text
	first := func(part string) {
		if part != "" {
			text = strings.Replace(text, part, o.paint("BAD", part), 1)
		}
	}
	if a.BadVersion {
		first(a.Operator)
		if at := strings.LastIndex(text, a.Version); at >= 0 && a.Version != "" {
			text = text[:at] + o.paint("BAD", a.Version) + text[at+len(a.Version):]
		}
	}
	if a.BadVersion || a.BadSlot {
		first(a.slot())
	}
	return a.markUse(o, text), places(a.find(true))
}

// markUse colours the USE dependencies. Portage's own falls over the brackets
// of escape sequences if the version is coloured too; this does not.
func (a *AtomText) markUse(o *Options, text string) string {
	from := strings.Index(strings.ReplaceAll(text, escape, "\x1b("), "[")
	to := strings.Index(text, "]")
	if len(a.BadUse) == 0 || from < 0 || to < from {
		return text
	}
	tokens := strings.Split(text[from+1:to], ",")
	for i, token := range tokens {
		if slices.Contains(a.BadUse, flagOf(token)) {
			tokens[i] = o.paint("BAD", token)
		}
	}
	return text[:from+1] + strings.Join(tokens, ",") + text[to:]
}

// markEach returns the atom with each marked character in a colour of its own,
// and a line of "^" below them.
func (a *AtomText) markEach(o *Options) (text, marks string) {
	if a.Soname {
		return a.Text, ""
	}
	marked := places(a.find(false))
	var b strings.Builder
	line := []byte(strings.Repeat(" ", len(a.Text)))
	for i := range line {
		if marked[i] {
			line[i] = '^'
			b.WriteString(o.paint("BAD", a.Text[i:i+1]))
		} else {
			b.WriteByte(a.Text[i])
		}
	}
	return b.String(), string(line)
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

// TextOf returns the text of an atom, as it was written, with its parts; the
// caller says what is bad about it.
func TextOf(a *atoms.Atom) AtomText {
	a = a.Unevaluated()
	t := AtomText{Text: a.String(), CP: string(a.CP)}
	switch a.Op {
	case atoms.OpNone:
	case atoms.OpEqualGlob:
		t.Operator, t.Version = "=", a.Version.String()+"*"
	default:
		t.Operator, t.Version = a.Op.String(), a.Version.String()
	}
	if a.Slot != "" {
		t.Slot = ":" + a.Slot
	}
	if a.Subslot != "" {
		t.Slot += "/" + a.Subslot
	}
	if op := a.SlotOp; op != atoms.SlotOpNone {
		t.Slot = cmp.Or(t.Slot, ":") + strings.TrimPrefix(op.String(), ":")
	}
	return t
}
