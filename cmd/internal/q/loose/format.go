package loose

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Colours are what Format puts around the parts of a name; empty without colour.
type Colours struct {
	Norm                                          string // ends each of the others
	Bold, Blue, Cyan, Yellow, Green, Magenta, Red string
}

// A printer fills in one format.
type printer struct {
	strings.Builder
	c *Colours
	a *Atom
	// always: an unset field is shown as <unset>; joined: the field touches another,
	// so that it brings the character between them
	always, joined bool
}

// A field is one word of a format.
type field struct {
	name string
	show func(p *printer)
}

// fields are the words, in the order in which a beginning is looked up.
func fields() []field {
	return []field{
		{"CATEGORY", nil}, // see Format: it looks ahead
		{"P", func(p *printer) { p.field(p.a.HasName, p.c.Blue, "", p.a.P) }},
		{"PN", func(p *printer) { p.field(p.a.HasName, p.c.Blue, "", p.a.PN) }},
		{"PV", func(p *printer) { p.field(p.a.HasVersion, p.c.Cyan, "", p.a.PV) }},
		{"PVR", func(p *printer) { p.field(p.a.HasVersion, p.c.Cyan, "", p.a.PVR) }},
		{"PF", (*printer).full},
		{"PR", (*printer).revision},
		{"SLOT", func(p *printer) { p.field(p.a.Slot != "", p.c.Yellow, ":", p.a.Slot) }},
		{"SUBSLOT", (*printer).subslot},
		{"REPO", func(p *printer) { p.field(p.a.Repo != "", p.c.Green, "::", p.a.Repo) }},
		{"pfx", func(p *printer) { p.bare(p.a.Op.String()) }},
		{"sfx", func(p *printer) { p.bare(p.star()) }},
		{"USE", (*printer).flags},
		{"BUILDID", (*printer).buildID},
	}
}

// Format prints an atom. %{NAME} is a field, or <unset>; %[NAME] is nothing if the
// field is unset, and brings the character that joins it to the field before it. The
// fields are CATEGORY P PN PV PVR PF PR SLOT SUBSLOT REPO pfx sfx USE BUILDID; a
// beginning of a name will do. The rest stands for itself.
func (a *Atom) Format(format string, c *Colours) string {
	p := &printer{c: c, a: a}
	for touches := true; format != ""; {
		at := strings.IndexByte(format, '%')
		if at < 0 || at+1 == len(format) {
			p.WriteString(format)
			break
		}
		p.WriteString(format[:at])
		touches = at == 0
		word, rest, bracket := cutField(format[at:])
		if bracket == 0 {
			p.WriteByte('%')
			format = format[at+1:]
			continue
		}
		format = rest
		p.always, p.joined = bracket == '{', touches && bracket == '['
		p.show(word, rest)
	}
	return p.String()
}

// cutField cuts %{WORD} or %[WORD] from the beginning of a text; bracket is 0 if
// there is none.
func cutField(text string) (word, rest string, bracket byte) {
	end := byte('}')
	switch text[1] {
	case '[':
		end = ']'
	case '{':
	default:
		return "", text, 0
	}
	i := strings.IndexByte(text, end)
	if i < 0 {
		return "", text, 0
	}
	return text[2:i], text[i+1:], text[1]
}

func (p *printer) show(word, rest string) {
	for _, f := range fields() {
		if !strings.HasPrefix(f.name, word) {
			continue
		}
		if f.show != nil {
			f.show(p)
			return
		}
		// the category brings the slash if another field follows
		text := p.a.Category
		if !p.a.HasCategory {
			text = "<unset>"
		}
		if !p.always && strings.HasPrefix(rest, "%") {
			text += "/"
		}
		if p.always || p.a.HasCategory {
			p.WriteString(p.c.Bold + text + p.c.Norm)
		}
		return
	}
	fmt.Fprintf(p, "<BAD:%s>", word)
}

// field shows a field with the character that joins it.
func (p *printer) field(set bool, colour, joint, text string) {
	if !set && !p.always {
		return
	}
	if !set {
		text = "<unset>"
	}
	if !p.joined {
		joint = ""
	}
	p.WriteString(colour + joint + text + p.c.Norm)
}

func (p *printer) bare(text string) {
	if text != "" || p.always {
		p.WriteString(cmp.Or(text, "<unset>"))
	}
}

func (p *printer) star() string {
	if p.a.Star {
		return "*"
	}
	return ""
}

func (p *printer) full() {
	name := p.a.PN
	if !p.a.HasName {
		name = "(null)"
	}
	p.WriteString(p.c.Blue + name + p.c.Norm)
	if p.a.HasVersion {
		p.WriteString(p.c.Cyan + "-" + p.a.PVR + p.c.Norm)
	}
}

func (p *printer) revision() {
	if p.always || p.a.Revision != 0 {
		p.WriteString(p.c.Cyan + "r" + strconv.Itoa(p.a.Revision) + p.c.Norm)
	}
}

func (p *printer) subslot() {
	text := p.a.Subslot
	if text == "" && p.always {
		text = cmp.Or(p.a.Slot, "<unset>")
	}
	if text != "" {
		p.field(true, p.c.Yellow, "/", text+p.a.SlotOperator)
	}
}

func (p *printer) flags() {
	switch {
	case len(p.a.Flags) == 0 && p.always:
		p.WriteString("<unset>")
		return
	case len(p.a.Flags) == 0:
		return
	}
	open, between, end := "", " ", ""
	if p.joined {
		open, between, end = "[", ",", "]"
	}
	p.WriteString(open)
	for i, f := range p.a.Flags {
		if i > 0 {
			p.WriteString(between)
		}
		p.WriteString(p.c.Magenta + f.Before + f.Name + f.After + p.c.Norm)
	}
	p.WriteString(end)
}

func (p *printer) buildID() {
	if p.always || p.a.BuildID > 0 {
		p.field(true, p.c.Red, "~", strconv.Itoa(p.a.BuildID))
	}
}
