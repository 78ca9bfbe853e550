package gentoolkit

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

// Metadata is what the metadata.xml of a package says (GLEP 68), each sort of elements
// in the order of the file.
type Metadata struct {
	Maintainers  []Maintainer
	Descriptions []string // long ones, as written
	Flags        []FlagText
	Upstreams    []Upstream
}

// A Maintainer is a person or project. Parts that are not there are empty.
type Maintainer struct {
	Email, Name, Description string
	Restrict                 string // the versions it is about
	Type                     string // person or project
}

// A FlagText describes a USE flag.
type FlagText struct {
	Name, Text string
	Restrict   string // the versions it is about
}

// An Upstream is who makes the program.
type Upstream struct {
	Maintainers       []Maintainer
	Changelogs, Bugs  []string
	Documents, Remote []Tagged
}

// Tagged is a text with the attribute that says what it is: a language, a site.
type Tagged struct{ Text, Tag string }

// ReadMetadata reads a metadata.xml. A missing one is fs.ErrNotExist.
func ReadMetadata(path string) (*Metadata, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read metadata.xml: %w", err)
	}
	defer f.Close()
	return ParseMetadata(path, f)
}

// ParseMetadata parses the metadata.xml called file.
func ParseMetadata(file string, r io.Reader) (*Metadata, error) {
	d := xml.NewDecoder(r)
	d.Entity = xml.HTMLEntity
	root, err := parseElement(d)
	if err != nil {
		line, _ := d.InputPos()
		return nil, fmt.Errorf("%s:%d: %w", file, line, err)
	}
	m := &Metadata{}
	for _, e := range root.children {
		switch e.name {
		case "maintainer":
			m.Maintainers = append(m.Maintainers, newMaintainer(e))
		case "longdescription":
			if e.text != "" {
				m.Descriptions = append(m.Descriptions, e.text)
			}
		case "upstream":
			m.Upstreams = append(m.Upstreams, newUpstream(e))
		}
	}
	root.each("flag", func(e *element) {
		m.Flags = append(m.Flags, FlagText{Name: e.attr["name"], Restrict: e.attr["restrict"], Text: flat(e)})
	})
	return m, nil
}

// An element is one of the document.
type element struct {
	name       string
	attr       map[string]string
	text, tail string // up to the first child; up to the next element
	children   []*element
}

// parseElement reads the first element of a document.
func parseElement(d *xml.Decoder) (*element, error) {
	var open []*element
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("there is no element")
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			e := &element{name: t.Name.Local, attr: map[string]string{}}
			for _, a := range t.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			if n := len(open); n > 0 {
				open[n-1].children = append(open[n-1].children, e)
			}
			open = append(open, e)
		case xml.EndElement:
			if len(open) == 1 {
				return open[0], nil
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].add(string(t))
			}
		}
	}
}

func (e *element) add(text string) {
	if n := len(e.children); n > 0 {
		e.children[n-1].tail += text
		return
	}
	e.text += text
}

// each visits the elements of a name, in the order of the document.
func (e *element) each(name string, visit func(*element)) {
	if e.name == name {
		visit(e)
	}
	for _, c := range e.children {
		c.each(name, visit)
	}
}

var space = regexp.MustCompile(`\s+`)

// flat is the text of an element and of its children, on one line.
func flat(e *element) string {
	var b strings.Builder
	b.WriteString(e.text)
	for _, c := range e.children {
		b.WriteString(c.text + c.tail)
	}
	return space.ReplaceAllString(b.String(), " ")
}

func newMaintainer(e *element) Maintainer {
	m := Maintainer{Restrict: e.attr["restrict"], Type: e.attr["type"]}
	for _, c := range e.children {
		switch c.name {
		case "email":
			m.Email = c.text
		case "name":
			m.Name = c.text
		case "description":
			m.Description = c.text
		}
	}
	return m
}

func newUpstream(e *element) Upstream {
	var u Upstream
	for _, c := range e.children {
		if c.name == "maintainer" {
			u.Maintainers = append(u.Maintainers, newMaintainer(c))
		}
		if c.text == "" {
			continue
		}
		switch c.name {
		case "changelog":
			u.Changelogs = append(u.Changelogs, c.text)
		case "doc":
			u.Documents = append(u.Documents, Tagged{c.text, c.attr["lang"]})
		case "bugs-to":
			u.Bugs = append(u.Bugs, c.text)
		case "remote-id":
			u.Remote = append(u.Remote, Tagged{c.text, c.attr["type"]})
		}
	}
	return u
}
