// Package manpage makes manual pages of the texts that --help prints, so that both have
// one source.
//
// A help text has a line "usage: ...", continued by indented lines. Around it are
// paragraphs; a line that ends in a colon and stands alone is a heading if the next one is
// indented; indented lines (options, examples) keep their form. The text knows nothing
// of roff.
package manpage

import (
	"fmt"
	"slices"
	"strings"
)

// A Page is what a manual page needs.
type Page struct {
	Name  string // "tumpline-graph"
	About string // a phrase
	Help  string // what --help prints
	Form  string // how it is called, if Help does not say
	// Version is that of the program; Manual the title of the book.
	Version, Manual string
	SeeAlso         []string // names of pages
}

// Roff gives the page in man(7) macros.
func (p *Page) Roff() string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 \"\" %s %s\n", quote(strings.ToUpper(p.Name)), quote(p.Version), quote(p.Manual))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", text(p.Name), text(p.About))
	synopsis, rest := p.split()
	if len(synopsis) > 0 {
		b.WriteString(".SH SYNOPSIS\n.nf\n")
		for _, l := range synopsis {
			b.WriteString(text(l) + "\n")
		}
		b.WriteString(".fi\n")
	}
	if len(rest) > 0 {
		b.WriteString(".SH DESCRIPTION\n")
		body(&b, rest)
	}
	if len(p.SeeAlso) > 0 {
		b.WriteString(".SH SEE ALSO\n")
		for i, name := range p.SeeAlso {
			comma := ","
			if i == len(p.SeeAlso)-1 {
				comma = ""
			}
			fmt.Fprintf(&b, ".BR %s (1)%s\n", text(name), comma)
		}
	}
	return b.String()
}

// split takes the usage off a help text: the line that begins with the word, and the
// indented ones that follow it. Without one the form says how the command is called.
func (p *Page) split() (synopsis, rest []string) {
	lines := strings.Split(strings.TrimSpace(p.Help), "\n")
	const mark = "usage:"
	at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(strings.ToLower(l), mark) })
	if at < 0 {
		return []string{p.Form}, lines
	}
	if first := strings.TrimSpace(lines[at][len(mark):]); first != "" {
		synopsis = append(synopsis, first)
	}
	end := at + 1
	for ; end < len(lines) && strings.HasPrefix(lines[end], " "); end++ {
		synopsis = append(synopsis, strings.TrimPrefix(strings.TrimSpace(lines[end]), "or: "))
	}
	return synopsis, slices.Concat(lines[:at], lines[end:])
}

// body writes paragraphs, headings and what is indented.
func body(b *strings.Builder, lines []string) {
	kept := false // within lines that keep their form
	keep := func(on bool) {
		if kept != on {
			b.WriteString(map[bool]string{true: ".PP\n.nf\n", false: ".fi\n"}[on])
		}
		kept = on
	}
	blank := true
	for i, l := range lines {
		indented := strings.HasPrefix(l, " ")
		switch {
		case l == "":
			if kept && i+1 < len(lines) && strings.HasPrefix(lines[i+1], " ") {
				b.WriteString("\n")
			}
		case indented:
			keep(true)
			b.WriteString(text(l) + "\n")
		case strings.HasSuffix(l, ":") && blank && i+1 < len(lines) && (strings.HasPrefix(lines[i+1], " ") || lines[i+1] == ""):
			keep(false)
			b.WriteString(".SH " + quote(strings.ToUpper(strings.TrimSuffix(l, ":"))) + "\n")
		default:
			keep(false)
			if blank {
				b.WriteString(".PP\n")
			}
			b.WriteString(text(l) + "\n")
		}
		blank = l == ""
	}
	keep(false)
}

// text escapes a line: no character of it is an instruction.
func text(l string) string {
	l = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(l)
	if strings.HasPrefix(l, ".") {
		l = `\&` + l
	}
	return l
}

// quote makes a line one argument of a macro.
func quote(l string) string { return `"` + strings.ReplaceAll(text(l), `"`, `\(dq`) + `"` }
