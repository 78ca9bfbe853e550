package q

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/answer"
	"github.com/tumpline/tumpline/cmd/internal/q/loose"
	"github.com/tumpline/tumpline/cmd/internal/q/tree"
)

// A pkg names a package of a store.
type pkg struct {
	CPV  string `json:"cpv" jsonschema:"category, name and version"`
	CP   string `json:"cp" jsonschema:"category and name"`
	Slot string `json:"slot"`
	// An ebuild without a sub-slot has that of its slot.
	Subslot string `json:"subslot" jsonschema:"as PMS defines it: that of the slot if none is given"`
	Repo    string `json:"repo" jsonschema:"name of the repository; empty if unknown"`
}

func pkgOf(p *tree.Package) pkg {
	a := p.Full()
	return pkg{CPV: p.Name, CP: a.CP(), Slot: a.Slot, Subslot: cmp.Or(a.Subslot, a.Slot), Repo: a.Repo}
}

// A flag is one USE flag of a built package.
type flag struct {
	Name    string `json:"name"`
	Enabled bool   `json:"enabled"`
}

// parsed is a name taken apart.
type parsed struct {
	Text         string   `json:"text" jsonschema:"as given"`
	Blocker      string   `json:"blocker"`
	Operator     string   `json:"operator"`
	Glob         bool     `json:"glob" jsonschema:"the version is the beginning of one"`
	Category     *string  `json:"category"`
	Name         *string  `json:"name"`
	Version      *string  `json:"version" jsonschema:"with its revision"`
	Revision     int      `json:"revision"`
	Slot         *string  `json:"slot"`
	Subslot      *string  `json:"subslot"`
	SlotOperator string   `json:"slot_operator"`
	USE          []string `json:"use"`
	Repo         *string  `json:"repo"`
}

type atomsDoc struct {
	answer.Head
	Atoms []parsed `json:"atoms" jsonschema:"in the order of the request"`
}

// Atoms is what qatom --json prints.
var Atoms = answer.NewKind[atomsDoc]("tumpline.q-atoms", "1.0.0", "names taken apart, as qatom prints them")

// set is a text, or nil if it is unset.
func set(text string, is bool) *string {
	if !is {
		return nil
	}
	return &text
}

func (c *call) atomsAsData() error {
	doc := &atomsDoc{Atoms: []parsed{}}
	for _, arg := range c.args {
		a := loose.Parse(arg)
		p := parsed{
			Text: arg, Blocker: a.Blocker.String(), Operator: a.Op.String(), Glob: a.Star, Revision: a.Revision, SlotOperator: a.SlotOperator, USE: []string{},
			Category: set(a.Category, a.HasCategory), Name: set(a.PN, a.HasName), Version: set(a.PVR, a.HasVersion),
			Slot: set(a.Slot, a.Slot != ""), Subslot: set(a.Subslot, a.Subslot != ""), Repo: set(a.Repo, a.Repo != ""),
		}
		for _, f := range a.Flags {
			p.USE = append(p.USE, f.Before+f.Name+f.After)
		}
		doc.Atoms = append(doc.Atoms, p)
	}
	return Atoms.Write(c.env.Out, doc)
}

// A listed package is one that a store has.
type listed struct {
	pkg
	Path        string `json:"path" jsonschema:"its ebuild, binary package or folder, on this machine"`
	Description string `json:"description"`
	Homepage    string `json:"homepage"`
	Keywords    string `json:"keywords"`
}

type ebuildsDoc struct {
	answer.Head
	Packages []listed `json:"packages" jsonschema:"by name, the newest version first"`
}

// Ebuilds is what qsearch, qwhich and qkeyword print with --json.
var Ebuilds = answer.NewKind[ebuildsDoc]("tumpline.q-available", "1.0.0", "packages that a store has, as qsearch, qwhich and qkeyword find them")

func (c *call) listed(p *tree.Package) listed {
	out := listed{pkg: pkgOf(p), Path: c.plainPlace(p)}
	out.Description, _ = p.Get("DESCRIPTION")
	out.Homepage, _ = p.Get("HOMEPAGE")
	out.Keywords, _ = p.Get("KEYWORDS")
	return out
}

// plainPlace is where a package is, without colour and names of repositories.
func (c *call) plainPlace(p *tree.Package) string {
	if p.Tree.Kind == tree.Cache {
		a := p.Atom()
		return p.Tree.Location + "/" + a.CP() + "/" + a.PF + ".ebuild"
	}
	return p.Path()
}

func (c *call) ebuildsAsData(data []listed) error {
	return Ebuilds.Write(c.env.Out, &ebuildsDoc{Packages: append([]listed{}, data...)})
}

type packagesDoc struct {
	answer.Head
	Packages []builtPackage `json:"packages" jsonschema:"by name, the newest version first"`
}

type builtPackage struct {
	pkg
	BuildID int    `json:"build_id" jsonschema:"of a binary package; 0: none"`
	Flags   []flag `json:"flags" jsonschema:"of IUSE, with what it was built with; empty for ebuilds"`
}

// Packages is what qlist --installed --json prints.
var Packages = answer.NewKind[packagesDoc]("tumpline.q-packages", "1.0.0", "packages that are installed, as qlist -I lists them")

type ownedDoc struct {
	answer.Head
	Packages []ownedFiles `json:"packages" jsonschema:"by name, the newest version first"`
}

type ownedFiles struct {
	pkg
	Files []ownedFile `json:"files" jsonschema:"in the order of CONTENTS"`
}

type ownedFile struct {
	Type   string `json:"type" jsonschema:"dir, obj or sym"`
	Path   string `json:"path" jsonschema:"below ROOT"`
	Target string `json:"target" jsonschema:"of a symbolic link"`
	MD5    string `json:"md5" jsonschema:"of a regular file"`
	MTime  int64  `json:"mtime" jsonschema:"seconds since the epoch; 0 for folders"`
}

// Owned is what qlist --json prints without --installed.
var Owned = answer.NewKind[ownedDoc]("tumpline.q-files", "1.0.0", "files of installed packages, as qlist lists them")

// asData answers with the packages, or with their files.
func (l *lister) asData(found []*tree.Package) error {
	if l.names {
		doc := &packagesDoc{Packages: []builtPackage{}}
		for _, p := range found {
			doc.Packages = append(doc.Packages, builtPackage{pkgOf(p), p.Atom().BuildID, slices.Compact(append([]flag{}, flagsOf(p)...))})
		}
		return Packages.Write(l.env.Out, doc)
	}
	doc := &ownedDoc{Packages: []ownedFiles{}}
	for _, p := range found {
		files := []ownedFile{}
		for _, e := range contents(p) {
			files = append(files, ownedFile{e.Kind.String(), e.Path, e.Target, e.MD5, e.MTime})
		}
		doc.Packages = append(doc.Packages, ownedFiles{pkgOf(p), files})
	}
	return Owned.Write(l.env.Out, doc)
}

type ownersDoc struct {
	answer.Head
	Files []sortedOwners `json:"files" jsonschema:"in the order of the request"`
}

type sortedOwners struct {
	Request string      `json:"request" jsonschema:"as given"`
	Owners  []fileOwner `json:"owners" jsonschema:"empty: nobody's"`
}

type fileOwner struct {
	pkg
	Type string `json:"type" jsonschema:"dir, obj or sym"`
	Path string `json:"path" jsonschema:"below ROOT"`
}

// Owners is what qfile --json prints.
var Owners = answer.NewKind[ownersDoc]("tumpline.q-owners", "1.0.0", "who owns files, as qfile finds it")

func (f *finder) asData() error {
	doc := &ownersDoc{Files: []sortedOwners{}}
	for _, s := range f.sought {
		owners := []fileOwner{}
		for _, o := range f.found {
			if o.by == s {
				owners = append(owners, fileOwner{pkgOf(o.pkg), o.file.Kind.String(), o.file.Path})
			}
		}
		doc.Files = append(doc.Files, sortedOwners{s.arg, owners})
	}
	return Owners.Write(f.env.Out, doc)
}

// A problem is a file that is not as it was installed.
type problem struct {
	Path string `json:"path" jsonschema:"below ROOT"`
	Kind string `json:"kind" jsonschema:"missing, digest, mtime, unreadable or error"`
}

type checkedDoc struct {
	answer.Head
	Packages []checkedPackage `json:"packages" jsonschema:"by name, the newest version first"`
}

type checkedPackage struct {
	pkg
	Files    int       `json:"files" jsonschema:"that were checked"`
	Good     int       `json:"good"`
	Ignored  int       `json:"ignored"`
	Problems []problem `json:"problems"`
}

// Checked is what qcheck --json prints.
var Checked = answer.NewKind[checkedDoc]("tumpline.q-checked", "1.0.0", "files that are not as they were installed, as qcheck finds them")

func (c *call) checkedAsData(results []*checked) error {
	doc := &checkedDoc{Packages: []checkedPackage{}}
	for _, r := range results {
		doc.Packages = append(doc.Packages, checkedPackage{pkgOf(r.pkg), r.total, r.good, r.ignored, append([]problem{}, r.problems...)})
	}
	return Checked.Write(c.env.Out, doc)
}

type dependenciesDoc struct {
	answer.Head
	Packages []depending `json:"packages" jsonschema:"by name, the newest version first"`
}

type depending struct {
	pkg
	Dependencies []dependency `json:"dependencies" jsonschema:"each atom of each variable, in order; of a reverse query only what was asked for"`
}

type dependency struct {
	Class string `json:"class" jsonschema:"DEPEND, RDEPEND, PDEPEND, BDEPEND or IDEPEND"`
	Atom  string `json:"atom"`
}

// Dependencies is what qdepends --json prints.
var Dependencies = answer.NewKind[dependenciesDoc]("tumpline.q-dependencies", "1.0.0", "what packages depend on, as qdepends lists it")

func (d *depender) dataOf(p *tree.Package, all []classDeps) depending {
	out := depending{pkgOf(p), []dependency{}}
	for _, cd := range all {
		list := cd.used
		if d.reverse {
			list = cd.hits
		}
		for _, a := range list {
			out.Dependencies = append(out.Dependencies, dependency{cd.class, a.String()})
		}
	}
	return out
}

func (c *call) dependenciesAsData(d *depender) error {
	return Dependencies.Write(c.env.Out, &dependenciesDoc{Packages: append([]depending{}, d.out...)})
}

type sizesDoc struct {
	answer.Head
	Packages []sized   `json:"packages" jsonschema:"by name, the newest version first"`
	Total    sizeTotal `json:"total"`
}

type sized struct {
	pkg
	sizeTotal
}

type sizeTotal struct {
	Files   int   `json:"files" jsonschema:"regular files and symbolic links"`
	Unique  int   `json:"unique" jsonschema:"of them, those that were not counted before by another name"`
	Others  int   `json:"others" jsonschema:"folders"`
	Ignored int   `json:"ignored"`
	Bytes   int64 `json:"bytes"`
}

// Sizes is what qsize --json prints.
var Sizes = answer.NewKind[sizesDoc]("tumpline.q-sizes", "1.0.0", "what packages take up, as qsize adds it up")

func totalOf(u usage) sizeTotal { return sizeTotal{u.files, u.unique, u.others, u.ignored, u.bytes} }

func sizedOf(p *tree.Package, u usage) sized { return sized{pkgOf(p), totalOf(u)} }

func (c *call) sizesAsData(data []sized, total usage) error {
	return Sizes.Write(c.env.Out, &sizesDoc{Packages: append([]sized{}, data...), Total: totalOf(total)})
}

type flagsDoc struct {
	answer.Head
	Packages []flagged `json:"packages" jsonschema:"by name, the newest version first"`
}

type flagged struct {
	pkg
	Variable string   `json:"variable" jsonschema:"IUSE or LICENSE"`
	Words    []string `json:"words" jsonschema:"all of the variable, as written"`
	Matched  []string `json:"matched" jsonschema:"those that were asked for, without marks"`
}

// Flags is what quse --json prints.
var Flags = answer.NewKind[flagsDoc]("tumpline.q-flags", "1.0.0", "packages with a USE flag or licence, as quse finds them")

func (u *user) flagged(p *tree.Package, variable, text string) flagged {
	out := flagged{pkgOf(p), variable, strings.Fields(text), []string{}}
	for _, word := range out.Words {
		if u.all || u.wants(bare(word)) {
			out.Matched = append(out.Matched, bare(word))
		}
	}
	return out
}

func (c *call) flagsAsData(data []flagged) error {
	return Flags.Write(c.env.Out, &flagsDoc{Packages: append([]flagged{}, data...)})
}
