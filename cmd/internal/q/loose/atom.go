// Package loose parses, compares and prints names of packages as portage-utils
// does, which takes what PMS would not: a name without a category, a path that
// ends in one, ^ for "another slot", a category alone.
//
// Parsing never fails: what is not there is unset. Where a version follows PMS it
// is compared as PMS says. Nothing here knows of repositories or files.
package loose

import (
	"strconv"
	"strings"
)

// A Blocker is what stands before a name.
type Blocker uint8

const (
	BlockNone Blocker = iota // nothing
	BlockWeak                // !
	BlockHard                // !!
	AntiSlot                 // ^: another slot than this one
)

// String returns the characters.
func (b Blocker) String() string { return [...]string{"", "!", "!!", "^"}[b] }

// An Op is an operator before or after a name.
type Op uint8

const (
	OpNone       Op = iota // nothing
	OpEqual                // =
	OpNewer                // >
	OpNewerEqual           // >=
	OpOlder                // <
	OpOlderEqual           // <=
	OpSameBase             // ~
	OpStar                 // * at the end
	opNever                // what a blocker makes of = and ~
)

// String returns the characters.
func (o Op) String() string { return [...]string{"", "=", ">", ">=", "<", "<=", "~", "*", ""}[o] }

// A Flag is one USE dependency, as written.
type Flag struct {
	Before string // "", "!" or "-"
	Name   string
	After  string // "", "?", "=", "(+)"
}

// An Atom is a name with what was said beside it.
type Atom struct {
	Blocker Blocker
	Op      Op
	Star    bool // it ends in *

	HasCategory, HasName, HasVersion bool

	Category string
	PF       string // name, version and revision
	PN       string
	P        string // without revision
	PV, PVR  string
	Revision int

	Slot         string // "": unset
	Subslot      string // "": unset, which means the same as Slot
	SlotOperator string // "", "=" or "*"
	Repo         string // "": unset
	Flags        []Flag
	BuildID      int // 0: none
}

// Parse parses a name.
func Parse(text string) *Atom { return parse(text) }

// ParseIn parses a name whose category is known, as a file below its folder has one.
func ParseIn(category, text string) *Atom {
	a := parse(text)
	a.Category, a.HasCategory = category, true
	return a
}

func parse(text string) *Atom {
	a := &Atom{}
	text = a.takeOperators(text)
	for _, suffix := range []string{".ebuild", ".tbz2"} {
		if before, _, ok := strings.Cut(text, suffix); ok {
			text = before
			break
		}
	}
	text, a.Repo, _ = strings.Cut(text, "::")
	text = a.takeFlags(text)
	if i := strings.LastIndexByte(text, ':'); i >= 0 {
		a.takeSlot(text[i+1:])
		text = text[:i]
	}
	if before, ok := strings.CutSuffix(text, "*"); ok {
		a.Star, text = true, before
	}
	a.PF, a.HasName = text, true
	if i := strings.LastIndexByte(text, '/'); i >= 0 {
		a.Category, a.PF = text[:i], text[i+1:]
		a.HasCategory, a.HasName = true, a.PF != ""
		a.Category = a.Category[strings.LastIndexByte(a.Category, '/')+1:]
	}
	if a.HasName {
		a.splitVersion()
	}
	return a
}

func (a *Atom) takeOperators(text string) string {
	switch {
	case strings.HasPrefix(text, "!!"):
		a.Blocker, text = BlockHard, text[2:]
	case strings.HasPrefix(text, "!"):
		a.Blocker, text = BlockWeak, text[1:]
	case strings.HasPrefix(text, "^"):
		a.Blocker, text = AntiSlot, text[1:]
	}
	for _, op := range []Op{OpNewerEqual, OpOlderEqual, OpNewer, OpOlder, OpSameBase, OpEqual} {
		if rest, ok := strings.CutPrefix(text, op.String()); ok {
			a.Op = op
			return rest
		}
	}
	return text
}

// takeFlags takes [flag,flag] from the end.
func (a *Atom) takeFlags(text string) string {
	open := strings.LastIndexByte(text, '[')
	if open < 0 || !strings.HasSuffix(text, "]") {
		return text
	}
	for _, word := range strings.Split(text[open+1:len(text)-1], ",") {
		var f Flag
		if word != "" && (word[0] == '-' || word[0] == '!') {
			f.Before, word = word[:1], word[1:]
		}
		// Of a default and an operator the last one counts, and a default is
		// always shown as (+).
		for rest := word; rest != ""; {
			switch {
			case rest[0] == '?' || rest[0] == '=':
				f.After, word, rest = rest[:1], cutAt(word, rest), rest[1:]
			case strings.HasPrefix(rest, "(+)") || strings.HasPrefix(rest, "(-)"):
				f.After, word, rest = "(+)", cutAt(word, rest), rest[3:]
			default:
				rest = rest[1:]
			}
		}
		f.Name = word
		a.Flags = append(a.Flags, f)
	}
	return text[:open]
}

// cutAt cuts word where rest, a part of what it once ended in, begins.
func cutAt(word, rest string) string {
	if i := strings.Index(word, rest); i >= 0 {
		return word[:i]
	}
	return word
}

func (a *Atom) takeSlot(text string) {
	if before, ok := strings.CutSuffix(text, "="); ok {
		a.SlotOperator, text = "=", before
	}
	if before, ok := strings.CutSuffix(text, "*"); ok {
		a.SlotOperator, text = "*", before
	}
	a.Slot, a.Subslot, _ = strings.Cut(text, "/")
}

// splitVersion finds the version in PF: after the last hyphen that a number, with at
// most one letter, follows as a whole.
func (a *Atom) splitVersion() {
	a.P, a.PN = a.PF, a.PF
	at := -1
	for i := 0; i+1 < len(a.PF); i++ {
		if a.PF[i] != '-' || !isDigit(a.PF[i+1]) {
			continue
		}
		j := i + 2
		for j < len(a.PF) && (a.PF[j] == '.' || isDigit(a.PF[j])) {
			j++
		}
		if j < len(a.PF) && a.PF[j] >= 'a' && a.PF[j] <= 'z' {
			j++
		}
		if j == len(a.PF) || a.PF[j] == '_' || a.PF[j] == '-' {
			at = i + 1
		}
	}
	if at < 0 {
		return
	}
	a.HasVersion = true
	a.PN, a.PVR = a.PF[:at-1], a.PF[at:]
	a.PV = a.PVR
	digits := len(a.PVR)
	for digits > 0 && isDigit(a.PVR[digits-1]) {
		digits--
	}
	if before, ok := strings.CutSuffix(a.PVR[:digits], "-r"); ok && before != "" {
		a.PV = before
		a.Revision, _ = strconv.Atoi(a.PVR[digits:]) // digits only, or none: too many are none
	}
	a.P = a.PN + "-" + a.PV
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// String returns the atom put together again.
func (a *Atom) String() string {
	var b strings.Builder
	b.WriteString(a.Blocker.String())
	b.WriteString(a.Op.String())
	if a.HasCategory {
		b.WriteString(a.Category + "/")
	}
	b.WriteString(a.PN)
	if a.HasVersion {
		b.WriteString("-" + a.PV)
	}
	if a.Revision > 0 {
		b.WriteString("-r" + strconv.Itoa(a.Revision))
	}
	if a.BuildID > 0 {
		b.WriteString("~" + strconv.Itoa(a.BuildID))
	}
	if a.Star {
		b.WriteString("*")
	}
	if a.Slot != "" || a.SlotOperator != "" {
		b.WriteString(":" + a.Slot)
		if a.Subslot != "" {
			b.WriteString("/" + a.Subslot)
		}
		b.WriteString(a.SlotOperator)
	}
	for i, f := range a.Flags {
		b.WriteString([]string{"[", ","}[min(i, 1)] + f.Before + f.Name + f.After)
	}
	if len(a.Flags) > 0 {
		b.WriteString("]")
	}
	if a.Repo != "" {
		b.WriteString("::" + a.Repo)
	}
	return b.String()
}

// CP is the category and name; without a category the name.
func (a *Atom) CP() string {
	if a.HasCategory {
		return a.Category + "/" + a.PN
	}
	return a.PN
}
