package glsacheck

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// A node is an element or, without a name, text.
type node struct {
	name     string
	attrs    map[string]string
	text     string
	children []*node
}

// readTree reads a document.
func readTree(text []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.Entity = xml.HTMLEntity // as ebuild/glsa has it
	root := &node{name: "/"}
	stack := []*node{root}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		at := stack[len(stack)-1]
		switch t := token.(type) {
		case xml.StartElement:
			n := &node{name: t.Name.Local, attrs: map[string]string{}}
			for _, a := range t.Attr {
				n.attrs[a.Name.Local] = a.Value
			}
			at.children = append(at.children, n)
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			at.children = append(at.children, &node{text: string(t)})
		}
	}
}

// all lists the elements of a name below n, in the order of the document.
func (n *node) all(name string) (list []*node) {
	for _, c := range n.children {
		if c.name == name {
			list = append(list, c)
		}
		list = append(list, c.all(name)...)
	}
	return list
}

// first is the first element of a name below n; an empty one if there is none.
func (n *node) first(name string) *node {
	if list := n.all(name); len(list) > 0 {
		return list[0]
	}
	return &node{name: name}
}

// leading is the text with which an element begins.
func (n *node) leading() string {
	if len(n.children) == 0 {
		return ""
	}
	return n.children[0].text
}

// kept is the text below an element, links as "text:link".
func (n *node) kept() string {
	if n.name == "uri" || n.name == "mail" {
		return n.leading() + ":" + n.attrs["link"]
	}
	var b strings.Builder
	for _, c := range n.children {
		if c.name == "" {
			b.WriteString(c.text)
		} else {
			b.WriteString(c.kept())
		}
	}
	return b.String()
}

// stripped is kept with white space around it removed and within it collapsed.
func (n *node) stripped() string {
	var b strings.Builder
	run := []rune{}
	flush := func() {
		if len(run) > 1 {
			b.WriteByte(' ')
		} else {
			b.WriteString(string(run))
		}
		run = run[:0]
	}
	for _, r := range strings.Trim(n.kept(), " \n\t") {
		if unicode.IsSpace(r) {
			run = append(run, r)
			continue
		}
		flush()
		b.WriteRune(r)
	}
	flush()
	return b.String()
}

// Marks in prose that is to be wrapped, from the private use area: a line that ends
// in any case, and a space that does not part words.
const (
	newline  = "\ue000"
	hardTied = "\ue001"
)

// tiedWidth is how wide Portage counts a space that does not part words.
const tiedWidth = 3

// prose is the text of an element that holds paragraphs, lists and code.
func (n *node) prose() (string, error) {
	var b strings.Builder
	for _, c := range n.children {
		switch c.name {
		case "":
			b.WriteString(c.text)
		case "p":
			c.paragraph(&b)
		case "ul", "ol":
			number := 0
			for _, li := range c.children {
				if li.name == "" {
					continue
				}
				number++
				bullet := "-"
				if c.name == "ol" {
					bullet = strconv.Itoa(number) + "."
				}
				b.WriteString(bullet + hardTied + li.stripped() + newline + " ")
			}
		case "code":
			b.WriteString(strings.ReplaceAll(strings.TrimLeftFunc(c.kept(), unicode.IsSpace), "\n", newline) + newline)
		default:
			return "", fmt.Errorf("element %s: unknown element %s in it", n.name, c.name)
		}
	}
	return b.String(), nil
}

// paragraph writes the text of a paragraph and its links.
func (n *node) paragraph(b *strings.Builder) {
	for _, c := range n.children {
		switch c.name {
		case "":
			b.WriteString(strings.TrimSpace(c.text))
		case "uri", "mail":
			b.WriteString(c.leading() + " ( " + c.attrs["link"] + " )")
		}
	}
	b.WriteString(newline)
}

// wrap breaks text into lines of at most width columns, where words allow that. The
// first line begins with caption, the others are indented to its end.
func wrap(text string, width int, caption string) string {
	text = strings.ReplaceAll(text, newline+newline, newline+" "+newline)
	indent := strings.Repeat(" ", len([]rune(caption))+1)
	var out strings.Builder
	line := caption
	for _, word := range strings.Fields(text) {
		if strings.HasSuffix(line, "\n") {
			out.WriteString(line)
			line = indent
		}
		space := ""
		if strings.TrimSpace(line) != "" {
			space = " "
		}
		switch {
		case columns(line)+columns(strings.ReplaceAll(word, newline, ""))+1 > width:
			out.WriteString(line + "\n")
			line = indent + strings.ReplaceAll(word, newline, "\n")
		case strings.Contains(word, newline):
			out.WriteString(line + space + strings.ReplaceAll(word, newline, "\n"))
			line = indent
		default:
			line += space + word
		}
	}
	out.WriteString(line)
	return strings.ReplaceAll(out.String(), hardTied, " ")
}

// columns is how wide a text is as Portage counts.
func columns(text string) int {
	return len([]rune(text)) + (tiedWidth-1)*strings.Count(text, hardTied)
}

// date shows a date 2026-01-31 as "January 31, 2026", another text as it is.
func date(text string) string {
	parts := strings.SplitN(text, "-", 3)
	if len(parts) != 3 {
		return text
	}
	var n [3]int
	for i, p := range parts {
		var err error
		if n[i], err = strconv.Atoi(strings.TrimSpace(p)); err != nil {
			return text
		}
	}
	d := time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	if n[0] < 1 || d.Year() != n[0] || int(d.Month()) != n[1] || d.Day() != n[2] {
		return text
	}
	return d.Format("January 02, 2006")
}

// centred puts a text in the middle of a line.
func centred(text string, width int) string {
	pad := width - len([]rune(text))
	if pad <= 0 {
		return text
	}
	left := pad/2 + pad&width&1
	return strings.Repeat(" ", left) + text + strings.Repeat(" ", pad-left)
}

// rangeText is the operator, version and slot of a range as they are shown.
func (n *node) rangeText() string {
	operators := map[string]string{"le": "<=", "lt": "<", "eq": "=", "gt": ">", "ge": ">=", "rge": ">=~", "rle": "<=~", "rgt": " >~", "rlt": " <~"}
	text := operators[n.attrs["range"]] + n.stripped()
	if slot := strings.TrimSpace(n.attrs["slot"]); slot != "" && slot != "*" {
		text += ":" + slot
	}
	return text
}

// ranges lists the ranges of one kind.
func (n *node) ranges(kind string) string {
	var list []string
	for _, r := range n.all(kind) {
		list = append(list, r.rangeText())
	}
	return strings.Join(list, ", ")
}
