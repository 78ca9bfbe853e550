package equery

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
	"github.com/tumpline/tumpline/cmd/internal/getopt"
)

func whichModule() *module {
	return &module{
		name: "which", letter: "w", shown: "(w)hich", about: "print full path to ebuild for PKG",
		doc: "Display the path to the ebuild that would be used by Portage with the current\nconfiguration", arg: "pkgspec",
		options: [][2]string{
			{" -m, --include-masked", "return highest version ebuild available"},
			{" -e, --ebuild", "print the ebuild"},
		},
		spec: getopt.Spec{Short: "hme", Long: []string{"help", "include-masked", "ebuild"}},
		kind: ebuildsKind, run: which,
	}
}

// ebuildsKind is the document of which.
var ebuildsKind = answer.NewKind[ebuildsDocument]("tumpline.equery-ebuilds", "1.0.0", "the ebuilds that would be used")

type ebuildsDocument struct {
	answer.Head
	Ebuilds []ebuildObject `json:"ebuilds" jsonschema:"in the order of the queries"`
}

type ebuildObject struct {
	Query      string `json:"query"`
	CPV        string `json:"cpv" jsonschema:"CATEGORY/PF"`
	Repository string `json:"repository"`
	Path       string `json:"path"`
}

func which(c *call, options []getopt.Option, queries []string) error {
	masked, print := false, false
	for _, o := range options {
		switch o.Name {
		case "-m", "--include-masked":
			masked = true
		case "-e", "--ebuild":
			print = true
		}
	}
	if len(queries) == 0 {
		return c.none()
	}
	system, err := c.open()
	if err != nil {
		return err
	}
	d := &ebuildsDocument{Ebuilds: []ebuildObject{}}
	for _, text := range queries {
		q, err := parseQuery(text, false)
		if err != nil {
			return err
		}
		p, err := highest(system, q, masked)
		if err != nil {
			return err
		}
		path := filepath.Clean(p.EbuildPath())
		if c.data {
			d.Ebuilds = append(d.Ebuilds, ebuildObject{Query: text, CPV: p.CPV, Repository: p.Ebuild().Repo, Path: path})
			continue
		}
		c.out.Line(path)
		if print {
			if err := c.printEbuild(path); err != nil {
				return err
			}
		}
	}
	if c.data {
		return ebuildsKind.Write(c.env.Out, d)
	}
	return nil
}

// highest gives the highest version that a query means.
func highest(s *gentoolkit.System, q *gentoolkit.Query, masked bool) (*gentoolkit.Package, error) {
	list, err := s.FindVisible(q.Text)
	if masked {
		list, err = s.FindAll(q.Text, false)
	}
	if err == nil && len(list) == 0 {
		err = &gentoolkit.NoMatchError{Query: q.Text}
	}
	if err != nil {
		return nil, err
	}
	return list[len(list)-1], nil
}

func (c *call) printEbuild(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read ebuild: %w", err)
	}
	c.out.Print("\n\n")
	c.out.Print(string(text))
	c.out.Print("\n")
	return nil
}
