package eshowkw

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A cell is one character with its colour. A row of cells can be turned so that it
// becomes a column.
type cell struct {
	text   string
	colour string // empty: none
}

// A row is one line of a table; rules are lines made of "-" and "+".
type row struct {
	cells []cell
	rule  bool
}

// rowOf makes a row of text in one colour.
func rowOf(text, colour string) row {
	r := row{rule: strings.HasPrefix(text, "-") || strings.HasPrefix(text, "|") || strings.HasPrefix(text, "+")}
	for _, c := range text {
		r.cells = append(r.cells, cell{string(c), colour})
	}
	return r
}

func (r row) with(more ...row) row {
	out := row{cells: slices.Clone(r.cells), rule: r.rule}
	for _, m := range more {
		out.cells = append(out.cells, m.cells...)
	}
	return out
}

// has says if a row has a character.
func (r row) has(text string) bool {
	return slices.ContainsFunc(r.cells, func(c cell) bool { return c.text == text })
}

// line is the text of a row.
func (s *show) line(r row) string {
	var b strings.Builder
	for _, c := range r.cells {
		b.WriteString(s.paint(c.colour, c.text))
	}
	return b.String()
}

func (s *show) paint(colour, text string) string {
	for _, c := range strings.Fields(colour) {
		text = s.style.Paint(c, text)
	}
	return text
}

// aligned fills text up to a width.
func aligned(text string, top bool, width int) string {
	fill := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
	if top {
		return text + fill
	}
	return fill + text
}

// table is the text of a table.
func (s *show) table(l *listing) string {
	length := 4 // of the names of fields
	for _, w := range append([]string{"unused"}, s.archs...) {
		length = max(length, len(w))
	}
	header := s.header(length)
	extra := []row{rowOf(strings.Repeat("-", length), ""), rowOf(aligned("repo", s.top, length), "")}
	body := s.body(l)
	out := []string{"Keywords for " + s.paint("blue", l.cp) + ":"}
	if !s.versionsTop {
		left := s.turn(header, length, true)
		right := s.turn(extra, length, false)
		corner := strings.Repeat(" ", body.versionWidth)
		for i, line := range left {
			if i < len(right) {
				out = append(out, corner+line+strings.Repeat(" ", body.slotWidth-1)+right[i])
			}
		}
		for _, r := range body.rows {
			out = append(out, s.line(r))
		}
		return strings.Join(out, "\n")
	}
	turned := s.turn(body.rows, len(body.rows[0].cells), true)
	corner := strings.Repeat(" ", length)
	var left []string
	for range body.versionWidth {
		left = append(left, corner)
	}
	for range body.slotWidth - 1 {
		header = append(header, rowOf(corner, ""))
	}
	for _, r := range append(header, extra...) {
		left = append(left, s.line(r))
	}
	for i := range max(len(left), len(turned)) {
		line := corner
		if i < len(left) {
			line = left[i]
		}
		if i < len(turned) {
			line += turned[i]
		} else {
			line += corner
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// header gives the names of the columns.
func (s *show) header(length int) []row {
	rule := rowOf(strings.Repeat("-", length), "")
	rows := []row{rule}
	for _, a := range s.archs {
		colour := ""
		switch s.status[a].profiles {
		case "stable":
			colour = "darkyellow"
		case "exp":
			colour = "darkgray"
		}
		rows = append(rows, rowOf(aligned(a, s.top, length), colour))
	}
	rows = append(rows, rule)
	for _, f := range []string{"eapi", "unused", "slot"} {
		rows = append(rows, rowOf(aligned(f, s.top, length), ""))
	}
	return rows
}

// body is the rows of the versions and their measures.
type body struct {
	rows                    []row
	versionWidth, slotWidth int
}

func (s *show) body(l *listing) body {
	names := versionNames(l.versions)
	b := body{}
	repoWidth := 0
	for i, v := range l.versions {
		b.versionWidth = max(b.versionWidth, len(names[i]))
		b.slotWidth = max(b.slotWidth, len(v.slot()))
		repoWidth = max(repoWidth, len(v.Repo))
	}
	rule := rowOf(strings.Repeat("-", b.versionWidth+1)+"+"+strings.Repeat("-", len(s.archs)*2+1)+"+"+
		strings.Repeat("-", b.slotWidth+6)+"+"+strings.Repeat("-", repoWidth+1), "")
	bar, gap := rowOf(" | ", ""), rowOf(" ", "")
	bar.rule, gap.rule = false, false
	last, first := "", true
	for i, v := range l.versions {
		slot := rowOf(strings.Repeat(" ", b.slotWidth), "")
		if first || v.slot() != last {
			slot = rowOf(aligned(v.slot(), true, b.slotWidth), "bold")
			b.rows = append(b.rows, rule)
		}
		last, first = v.slot(), false
		mark := rowOf("o", "darkgray")
		if v.redundant {
			mark = rowOf("#", "purple")
		}
		line := rowOf(aligned(names[i], s.top, b.versionWidth), versionColour(v))
		line.rule = false
		b.rows = append(b.rows, line.with(bar, s.marks(v), bar, rowOf(v.EAPIName, s.eapiColour(v)), gap, mark, gap, slot, bar,
			rowOf(aligned(v.Repo, true, repoWidth), "yellow")))
	}
	return b
}

// versionNames gives the versions with their state, those without a revision filled up
// to the width of the widest one.
func versionNames(list []version) []string {
	widest := 0
	revision := func(v version) string {
		if r := v.CPV.Version.Revision(); r != "r0" {
			return strings.TrimPrefix(r, "-")
		}
		return ""
	}
	for _, v := range list {
		widest = max(widest, len(revision(v)))
	}
	var out []string
	for _, v := range list {
		name, have := v.CPV.Version.String(), len(revision(v))
		fill := widest - have
		if fill != 0 && have == 0 {
			fill++
		}
		if v.installed {
			name = "[I]" + name
		}
		if v.masked {
			name = "[M]" + name
		}
		out = append(out, name+strings.Repeat(" ", fill))
	}
	return out
}

func versionColour(v version) string {
	switch {
	case v.masked && v.installed:
		return "darkyellow"
	case v.masked:
		return "darkred"
	case v.installed:
		return "bold"
	}
	return ""
}

func (s *show) eapiColour(v version) string {
	if r := s.system.Session.Repos.Get(v.Repo); r != nil {
		switch {
		case slices.Contains(r.Layout.EAPIsBanned, v.EAPIName):
			return "red"
		case slices.Contains(r.Layout.EAPIsDeprecated, v.EAPIName):
			return "yellow"
		}
	}
	return "green"
}

// marks gives the sign of each architecture.
func (s *show) marks(v version) row {
	var r row
	for i, a := range s.archs {
		c := cell{"o", "darkgray"}
		switch {
		case slices.Contains(v.Keywords, "~"+a):
			c = cell{"~", "darkyellow"}
		case slices.Contains(v.Keywords, "-"+a):
			c = cell{"-", "darkred"}
		case slices.Contains(v.Keywords, a):
			c = cell{"+", "darkgreen"}
		case slices.Contains(v.Keywords, "-*"):
			c = cell{"*", "darkred"}
		}
		if !s.versionsTop && s.bold && i%2 == 0 {
			c.colour += " bold"
		}
		if i > 0 {
			r.cells = append(r.cells, cell{" ", ""})
		}
		r.cells = append(r.cells, c)
	}
	return r
}

// turn makes columns of rows. Lines that would be blank are left out with strip.
func (s *show) turn(rows []row, length int, strip bool) []string {
	var out []string
	rules := 0
	for at := range length {
		var line strings.Builder
		for i, r := range rows {
			c := cell{" ", ""}
			if at < len(r.cells) {
				c = turned(r, at)
			}
			if r.rule {
				rules++
			} else if s.bold && (i-rules)%2 == 0 && c.text != " " {
				c.colour += " bold"
			}
			line.WriteString(" " + s.paint(c.colour, c.text))
		}
		text := line.String()
		if strings.Contains(text, "+ -") {
			text = strings.ReplaceAll(text, " ", "-")
		}
		if !strip || strings.Trim(text, " |-") != "" || strings.Contains(text, "-") {
			out = append(out, text)
		}
	}
	return out
}

// turned is a character as it looks after the turn: upright lines lie down.
func turned(r row, at int) cell {
	c := r.cells[at]
	dash, bar := r.has("-"), r.has("|")
	switch {
	case bar && (c.text == "|" || dash && c.text == "-"):
		c.text = "-"
	case dash && c.text == "-":
		c.text = "|"
	}
	return c
}
