package glsa

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// Parse reads the advisory id from the text of a file; nil if the whole file is
// bad. Problems are *linefile.Problem values.
func Parse(file, id string, text []byte) (*Advisory, []error) {
	p := &parser{decoder: xml.NewDecoder(bytes.NewReader(text)), advisory: &Advisory{ID: id, File: file}}
	p.decoder.Entity = xml.HTMLEntity // the document type, which is not read, might declare them
	if err := p.document(); err != nil {
		line, _ := p.decoder.InputPos()
		var syntax *xml.SyntaxError
		if errors.As(err, &syntax) {
			line, err = syntax.Line, errors.New(syntax.Msg)
		}
		p.problem(line, "", err)
		return nil, p.problems
	}
	p.check()
	if p.bad {
		return nil, p.problems
	}
	return p.advisory, p.problems
}

// A parser reads one advisory, element by element.
type parser struct {
	decoder  *xml.Decoder
	advisory *Advisory
	problems []error
	bad      bool // the file as a whole

	typed    bool            // a document type of advisories was met
	seen     map[string]bool // elements
	affected int             // depth within the element; counts only the first one
	pkg      *Package        // being read
	pkgBad   bool            // it is left out
	rangeAt  *xml.StartElement
	rangeRow int
	text     strings.Builder
	keep     int // depth of elements whose text is kept; 0: none
}

// problem notes what is wrong at a line.
func (p *parser) problem(line int, culprit string, err error) {
	p.problems = append(p.problems, &linefile.Problem{File: p.advisory.File, Line: line, Text: culprit, Err: err})
}

// document reads all tokens.
func (p *parser) document() error {
	p.seen = make(map[string]bool)
	for {
		line, _ := p.decoder.InputPos()
		token, err := p.decoder.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.Directive:
			p.directive(line, string(t))
		case xml.StartElement:
			p.start(line, t.Copy())
		case xml.EndElement:
			p.end(t.Name.Local)
		case xml.CharData:
			if p.keep > 0 {
				p.text.Write(t)
			}
		}
	}
}

// directive looks at a document type.
func (p *parser) directive(line int, text string) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "DOCTYPE")
	if !ok {
		return
	}
	rest, _, _ = strings.Cut(rest, "[")
	quoted := regexp.MustCompile(`"[^"]*"|'[^']*'`).FindAllString(rest, -1)
	system := ""
	if len(quoted) > 0 {
		system = strings.Trim(quoted[len(quoted)-1], `"'`)
	}
	p.typed = system == "http://www.gentoo.org/dtd/glsa.dtd" || system == "http://www.gentoo.org/dtd/glsa-2.dtd"
	if !p.typed {
		p.bad = true
		p.problem(line, system, ErrType)
		p.seen["doctype"] = true // told
	}
}

// start begins an element.
func (p *parser) start(line int, e xml.StartElement) {
	name, first := e.Name.Local, !p.seen[e.Name.Local]
	p.seen[name] = true
	switch {
	case p.keep > 0:
		p.keep++
	case name == "glsa" && first:
		if id := attribute(e, "id"); id != p.advisory.ID {
			p.bad = true
			p.problem(line, id, ErrMismatch)
		}
	case name == "title" && first:
		p.keepText()
	case name == "revised" && first:
		p.revised(line, attribute(e, "count"))
	}
	if p.affected > 0 || name == "affected" && first {
		p.affected++
		p.startAffected(line, e)
	}
}

// keepText keeps the text up to the end of the element that begins.
func (p *parser) keepText() {
	p.keep = 1
	p.text.Reset()
}

// revised checks the number of the revision.
func (p *parser) revised(line int, count string) {
	var err error
	if p.advisory.Revision, err = strconv.Atoi(strings.TrimSpace(count)); err != nil {
		p.bad = true
		p.problem(line, count, ErrRevision)
	}
}

// startAffected begins an element in affected.
func (p *parser) startAffected(line int, e xml.StartElement) {
	switch e.Name.Local {
	case "package":
		p.startPackage(line, e)
	case "vulnerable", "unaffected":
		if p.pkg != nil && p.rangeAt == nil {
			p.rangeAt, p.rangeRow = &e, line
			p.keepText()
		}
	}
}

// startPackage begins a package.
func (p *parser) startPackage(line int, e xml.StartElement) {
	name, arch := attribute(e, "name"), attribute(e, "arch")
	p.pkg, p.pkgBad = &Package{Line: line, Auto: attribute(e, "auto") == "yes"}, false
	var err error
	if p.pkg.CP, err = atoms.ParseCP(name); err != nil {
		p.badPackage(line, name, ErrName)
	}
	switch {
	case arch == "*":
	case !regexp.MustCompile(`^[-_a-z0-9 ]+$`).MatchString(arch):
		p.badPackage(line, arch, ErrArch)
	default:
		p.pkg.Arches = append([]string{}, strings.Fields(arch)...)
	}
}

// badPackage leaves out the package that is read.
func (p *parser) badPackage(line int, culprit string, err error) {
	p.pkgBad = true
	p.problem(line, culprit, err)
}

// end ends an element.
func (p *parser) end(name string) {
	if p.keep > 0 {
		if p.keep--; p.keep == 0 {
			p.kept(name)
		}
	}
	if p.affected == 0 {
		return
	}
	p.affected--
	if name == "package" && p.pkg != nil {
		if !p.pkgBad {
			p.advisory.Packages = append(p.advisory.Packages, *p.pkg)
		}
		p.pkg = nil
	}
}

// kept uses the text of an element that ended.
func (p *parser) kept(name string) {
	text := strings.Join(strings.Fields(p.text.String()), " ")
	e := p.rangeAt
	p.rangeAt = nil
	switch {
	case name == "title" && e == nil:
		p.advisory.Title = text
	case e != nil && p.pkg != nil && p.pkg.CP != "":
		word := attribute(*e, "range")
		r, err := newRange(p.pkg.CP, word, text, strings.TrimSpace(attribute(*e, "slot")))
		switch {
		case errors.Is(err, ErrRange):
			p.badPackage(p.rangeRow, word, err)
		case err != nil:
			p.badPackage(p.rangeRow, text, err)
		case e.Name.Local == "vulnerable":
			p.pkg.Vulnerable = append(p.pkg.Vulnerable, r)
		default:
			p.pkg.Unaffected = append(p.pkg.Unaffected, r)
		}
	}
}

// check looks for what every advisory must have.
func (p *parser) check() {
	if !p.typed && !p.seen["doctype"] {
		p.bad = true
		p.problem(0, "", ErrType)
	}
	for _, name := range []string{"glsa", "revised", "affected"} {
		if !p.seen[name] {
			p.bad = true
			p.problem(0, name, ErrElement)
		}
	}
}

// attribute returns the value of an attribute, "" if it is missing.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
