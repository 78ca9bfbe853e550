package equery

import (
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/gentoolkit"
)

// packagesKind is the document of modules that list packages.
var packagesKind = answer.NewKind[packagesDocument]("tumpline.equery-packages", "1.0.0", "packages that match a query")

type packagesDocument struct {
	answer.Head
	Packages []packageObject `json:"packages" jsonschema:"sorted by category, name and version within each query"`
}

type packageObject struct {
	CPV        string   `json:"cpv" jsonschema:"CATEGORY/PF"`
	CP         string   `json:"cp" jsonschema:"CATEGORY/PN"`
	Version    string   `json:"version" jsonschema:"with its revision"`
	Slot       string   `json:"slot"`
	Subslot    *string  `json:"subslot" jsonschema:"null if SLOT has none"`
	Repository *string  `json:"repository" jsonschema:"where it is, or where an installed one came from; null if that is not known"`
	Installed  bool     `json:"installed"`
	Ebuild     *string  `json:"ebuild" jsonschema:"path; null if no repository has the version"`
	Keywords   []string `json:"keywords"`
	Masks      []string `json:"masks" jsonschema:"why the ebuild is masked, in Portage's words; empty if it is visible or there is none"`
}

func newPackage(p *gentoolkit.Package) packageObject {
	slot, subslot, has := strings.Cut(p.Slot(), "/")
	o := packageObject{
		CPV: p.CPV, CP: p.CP(), Version: p.FullVersion(), Slot: slot, Installed: p.Installed() != nil,
		Keywords: strings.Fields(p.Value("KEYWORDS")), Masks: []string{},
	}
	if has {
		o.Subslot = &subslot
	}
	if repo := p.Repo(); repo != "" {
		o.Repository = &repo
	}
	if path := p.EbuildPath(); path != "" {
		o.Ebuild = &path
	}
	if masks, ok := p.Masks(); ok {
		o.Masks = append(o.Masks, masks...)
	}
	return o
}

func writePackages(c *call, list []*gentoolkit.Package) error {
	d := &packagesDocument{Packages: []packageObject{}}
	for _, p := range list {
		d.Packages = append(d.Packages, newPackage(p))
	}
	return packagesKind.Write(c.env.Out, d)
}
