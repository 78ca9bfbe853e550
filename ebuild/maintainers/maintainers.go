// Package maintainers reads from a metadata.xml who maintains a package (GLEP 68),
// and nothing else of it.
package maintainers

import (
	"encoding/xml"
	"errors"
	"io"

	"github.com/tumpline/tumpline/ebuild/linefile"
	"github.com/tumpline/tumpline/ebuild/usedesc"
)

// A Maintainer is a person or a project. Any field may be empty.
type Maintainer struct {
	Email string
	Name  string
	Type  string // person, project, or as written
}

// Parse reads the maintainers in the order of the file; file is for positions. An
// error is a *linefile.Problem.
func Parse(file string, r io.Reader) ([]Maintainer, error) {
	d := usedesc.NewDecoder(r)
	var doc struct {
		Maintainers []struct {
			Email string `xml:"email"`
			Name  string `xml:"name"`
			Type  string `xml:"type,attr"`
		} `xml:"maintainer"`
	}
	err := d.Decode(&doc)
	if err != nil {
		line, _ := d.InputPos()
		var syntax *xml.SyntaxError
		if errors.As(err, &syntax) {
			line, err = syntax.Line, errors.New(syntax.Msg)
		}
		return nil, &linefile.Problem{File: file, Line: line, Err: err}
	}
	out := make([]Maintainer, 0, len(doc.Maintainers))
	for _, m := range doc.Maintainers {
		out = append(out, Maintainer(m))
	}
	return out, nil
}
