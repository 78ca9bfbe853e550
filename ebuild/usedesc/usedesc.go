// Package usedesc reads what metadata.xml says about the USE flags of a package
// (GLEP 68), and writes profiles/use.local.desc, which older tools read instead.
//
// It does as Portage does: of several descriptions of a flag for one range of
// versions the English one counts, then one without language; among several
// ranges the one without restriction, then a plain name, then the highest
// version. The text is flattened, blanks run together. The package refuses to
// know which packages there are, and whether a described flag is in IUSE.
//
// Entities are those of HTML beside those of XML, since the document type that
// may declare others is not read.
package usedesc

import (
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild/linefile"
)

// A Description is the text about one flag for some versions of the package.
type Description struct {
	Restrict string // package dependency specification; see Restricted
	Text     string // on one line
	// Restricted says whether there is a restriction, which may be empty text.
	Restricted bool
}

// A Flag is a USE flag with its descriptions in the order of the file, each for
// another restriction.
type Flag struct {
	Name         string
	Descriptions []Description
}

// NewDecoder gives a decoder for the encodings and entities of metadata.xml files.
func NewDecoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(r)
	d.CharsetReader = latin1
	d.Entity = xml.HTMLEntity
	return d
}

// Parse reads the flags that a metadata.xml describes, sorted by name; file is for
// positions. An error is a *linefile.Problem.
func Parse(file string, r io.Reader) ([]Flag, error) {
	d := NewDecoder(r)
	p := &parser{decoder: d}
	if err := p.document(); err != nil {
		line, _ := d.InputPos()
		var syntax *xml.SyntaxError
		if errors.As(err, &syntax) {
			line, err = syntax.Line, errors.New(syntax.Msg)
		}
		return nil, &linefile.Problem{File: file, Line: line, Err: err}
	}
	return p.flags(), nil
}

// Text gives the text that stands for the flag in use.local.desc. A restriction
// that is no package dependency specification is an error; then the text is the
// first one.
func (f *Flag) Text() (string, error) {
	if len(f.Descriptions) == 1 {
		return f.Descriptions[0].Text, nil
	}
	type choice struct {
		Description
		atom *atoms.Atom // nil: unrestricted
	}
	var list []choice
	for _, d := range f.Descriptions {
		c := choice{Description: d}
		if d.Restricted {
			var err error
			if c.atom, err = atoms.ParseAtom(d.Restrict, atoms.AtomOptions{AllowRepo: true}); err != nil {
				return f.Descriptions[0].Text, fmt.Errorf("USE flag %s: %w", f.Name, err)
			}
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b choice) int { return prefer(a.atom, b.atom) })
	return list[len(list)-1].Text, nil
}

// prefer compares restrictions; the greater one is preferred.
func prefer(a, b *atoms.Atom) int {
	switch {
	case a == nil || b == nil:
		return none(b == nil, a == nil)
	case a.Op == atoms.OpNone || b.Op == atoms.OpNone:
		return cmp.Or(none(b.Op == atoms.OpNone, a.Op == atoms.OpNone), strings.Compare(b.Op.String(), a.Op.String()))
	case a.CP != b.CP || a.Version.String() != b.Version.String():
		return a.Version.Compare(b.Version)
	}
	return cmp.Compare(rank(a.Op), rank(b.Op))
}

// none compares two things of which the missing one is less.
func none(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// rank orders operators before the same version.
func rank(op atoms.Op) int {
	return slices.Index([]atoms.Op{atoms.OpLess, atoms.OpLessEqual, atoms.OpEqual, atoms.OpGreaterEqual, atoms.OpGreater}, op)
}

// Header is the comment that use.local.desc starts with, and the blank line
// after it.
const Header = `# This file is deprecated as per GLEP 56 in favor of metadata.xml. Please add
# your descriptions to your package's metadata.xml ONLY.
# * generated automatically using egencache *

`

// Append appends the lines of a package to those of use.local.desc. What is
// wrong with single flags is in the error.
func Append(lines []byte, cp atoms.CP, flags []Flag) ([]byte, error) {
	var errs []error
	for i := range flags {
		text, err := flags[i].Text()
		if err != nil {
			errs = append(errs, err)
		}
		lines = fmt.Appendf(lines, "%s:%s - %s\n", cp, flags[i].Name, text)
	}
	return lines, errors.Join(errs...)
}

// Comments gives the start of an existing file that is to be kept in place of the
// Header: the lines that start with "#", and a blank line after them.
func Comments(existing []byte) []byte {
	n := 0
	for n < len(existing) && existing[n] == '#' {
		end := slices.Index(existing[n:], '\n')
		if end < 0 {
			end = len(existing) - n - 1
		}
		n += end + 1
	}
	return append(slices.Clip(existing[:n]), '\n')
}
