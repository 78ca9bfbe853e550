package usedesc

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// A described is one flag element.
type described struct {
	name       string
	restrict   *string
	preference int // of its language
	text       strings.Builder
}

// A parser reads the document as a tree of which it keeps the flag elements of
// the use elements below the root.
type parser struct {
	decoder *xml.Decoder
	depth   int
	rooted  bool

	inUse      bool
	preference int
	open       *described // whose text is being read: its own, and what follows it
	list       []*described
}

// Depths of the elements that matter.
const (
	depthRoot = 1
	depthUse  = 2
	depthFlag = 3
)

func (p *parser) document() error {
	for {
		token, err := p.decoder.Token()
		switch {
		case errors.Is(err, io.EOF) && !p.rooted:
			return errors.New("no element found")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = p.start(&t)
		case xml.EndElement:
			p.end()
		case xml.CharData:
			err = p.chars(string(t))
		}
		if err != nil {
			return err
		}
	}
}

func (p *parser) start(t *xml.StartElement) error {
	if p.depth == 0 && p.rooted {
		return errors.New("junk after document element")
	}
	if err := unique(t.Attr); err != nil {
		return err
	}
	p.rooted = true
	p.depth++
	switch {
	case p.depth == depthUse && t.Name == xml.Name{Local: "use"}:
		p.inUse, p.preference = true, preference(attribute(t, "lang"))
	case p.depth == depthFlag && p.inUse:
		p.open = nil // text that follows a flag ends at the next element
		if t.Name == (xml.Name{Local: "flag"}) {
			p.flag(t)
		}
	}
	return nil
}

// flag starts a flag element. One without a name is passed over.
func (p *parser) flag(t *xml.StartElement) {
	name := attribute(t, "name")
	if name == nil {
		return
	}
	p.open = &described{name: *name, restrict: attribute(t, "restrict"), preference: p.preference}
	p.list = append(p.list, p.open)
}

func (p *parser) end() {
	if p.depth == depthUse {
		p.inUse, p.open = false, nil
	}
	p.depth--
}

func (p *parser) chars(text string) error {
	switch {
	case p.depth == 0 && strings.Trim(text, " \t\r\n\ufeff") != "":
		return errors.New("text outside of the document element")
	case p.open != nil:
		p.open.text.WriteString(text)
	}
	return nil
}

// flags gives the flags by name, of each restriction the first description.
func (p *parser) flags() []Flag {
	slices.SortStableFunc(p.list, func(a, b *described) int { return cmp.Compare(b.preference, a.preference) })
	at := make(map[string]int)
	var flags []Flag
	for _, d := range p.list {
		i, ok := at[d.name]
		if !ok {
			i = len(flags)
			at[d.name] = i
			flags = append(flags, Flag{Name: d.name})
		}
		flags[i].add(d)
	}
	slices.SortFunc(flags, func(a, b Flag) int { return strings.Compare(a.Name, b.Name) })
	return flags
}

func (f *Flag) add(d *described) {
	n := Description{Text: strings.Join(strings.Fields(d.text.String()), " ")}
	if d.restrict != nil {
		n.Restrict, n.Restricted = *d.restrict, true
	}
	for _, old := range f.Descriptions {
		if old.Restricted == n.Restricted && old.Restrict == n.Restrict {
			return
		}
	}
	f.Descriptions = append(f.Descriptions, n)
}

// preference is how much a language is wanted.
func preference(lang *string) int {
	switch {
	case lang == nil || *lang == "":
		return 0
	case *lang == "en":
		return 1
	}
	return -1
}

// attribute gives an attribute of no namespace, or nil.
func attribute(t *xml.StartElement, name string) *string {
	for _, a := range t.Attr {
		if a.Name == (xml.Name{Local: name}) {
			return &a.Value
		}
	}
	return nil
}

// unique reports an attribute that is given twice, which the decoder does not.
func unique(attributes []xml.Attr) error {
	for i, a := range attributes {
		for _, b := range attributes[:i] {
			if a.Name == b.Name {
				return fmt.Errorf("duplicate attribute %s", a.Name.Local)
			}
		}
	}
	return nil
}

// latin1 decodes the encodings beside UTF-8 that occur.
func latin1(charset string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "us-ascii", "ascii":
		return in, nil
	case "iso-8859-1", "latin-1", "latin1":
		return &latinReader{in: bufio.NewReader(in)}, nil
	}
	return nil, fmt.Errorf("encoding %s is not known", charset)
}

// A latinReader gives ISO-8859-1 text as UTF-8.
type latinReader struct{ in *bufio.Reader }

func (r *latinReader) Read(p []byte) (int, error) {
	if len(p) < utf8.UTFMax {
		return 0, io.ErrShortBuffer
	}
	n := 0
	for n+utf8.UTFMax <= len(p) {
		c, err := r.in.ReadByte()
		if err != nil {
			return n, err
		}
		n += utf8.EncodeRune(p[n:], rune(c))
	}
	return n, nil
}
