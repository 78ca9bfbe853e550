package gentoolkit

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
	"github.com/tumpline/tumpline/merge/vdb"
	"github.com/tumpline/tumpline/profiles/visibility"
)

// A Package is one version of a package, installed or in a repository or both. What
// it takes to answer is read when it is first asked for.
type Package struct {
	Name
	CPV string // CATEGORY/PF

	system    *System
	cpv       atoms.CPV
	installed *ebuild.Package
	best      *ebuild.Package // of the strongest repository
	asked     [2]bool         // whether installed, best are known
	masks     []string
	masksRead bool
	env       map[string]string // of environment.bz2; nil: not read
}

func (p *Package) setInstalled(q *ebuild.Package) { p.installed, p.asked[0] = q, true }
func (p *Package) setEbuild(q *ebuild.Package)    { p.best, p.asked[1] = q, true }

// Compare orders packages by category, name and version.
func (p *Package) Compare(q *Package) int {
	return cmp.Or(strings.Compare(p.Category, q.Category), strings.Compare(p.Package, q.Package),
		p.cpv.Version.Compare(q.cpv.Version), strings.Compare(p.CPV, q.CPV))
}

// Sort sorts packages.
func Sort(list []*Package) { slices.SortFunc(list, (*Package).Compare) }

// Installed is the installed package of that version, or nil.
func (p *Package) Installed() *ebuild.Package {
	if !p.asked[0] {
		list, _ := p.system.Root.Installed.Packages(p.cpv.CP) // what cannot be read is not there
		p.setInstalled(last(list, p.cpv))
	}
	return p.installed
}

// Ebuild is the ebuild of that version in the strongest repository that has it, or nil.
func (p *Package) Ebuild() *ebuild.Package {
	if !p.asked[1] {
		list, _ := p.system.Session.Repos.Packages(p.cpv.CP) // what cannot be read is not there
		p.setEbuild(last(list, p.cpv))
	}
	return p.best
}

// last gives the last package of a list that has just that name and version.
func last(list []*ebuild.Package, cpv atoms.CPV) *ebuild.Package {
	for _, p := range slices.Backward(list) {
		if p.CPV == cpv {
			return p
		}
	}
	return nil
}

// Dir is the folder of the package's ebuilds, or "".
func (p *Package) Dir() string {
	e := p.Ebuild()
	if e == nil {
		return ""
	}
	if r := p.system.Session.Repos.Get(e.Repo); r != nil {
		return filepath.Join(r.Location, p.CP())
	}
	return filepath.Dir(e.Path)
}

// EbuildPath is the path of the package's ebuild, or "". In a repository that was
// shipped as a cache alone, it is where the ebuild would be.
func (p *Package) EbuildPath() string {
	e := p.Ebuild()
	switch {
	case e == nil:
		return ""
	case strings.HasSuffix(e.Path, ".ebuild"):
		return e.Path
	}
	return filepath.Join(p.Dir(), e.CPV.PF()+".ebuild")
}

// Value gives a variable of the package: as it is installed, else of its ebuild.
func (p *Package) Value(key string) string {
	if q := p.Installed(); q != nil {
		return p.installedValue(q, key)
	}
	if q := p.Ebuild(); q != nil {
		return ebuildValue(q, key)
	}
	return ""
}

// TreeValue gives a variable of the package's ebuild, else as it is installed.
func (p *Package) TreeValue(key string) string {
	if q := p.Ebuild(); q != nil {
		return ebuildValue(q, key)
	}
	return p.Value(key)
}

func ebuildValue(p *ebuild.Package, key string) string {
	switch key {
	case "repository":
		return p.Repo
	case "EAPI":
		return p.EAPIName
	}
	return p.Raw(key)
}

func (p *Package) installedValue(q *ebuild.Package, key string) string {
	switch key {
	case "repository":
		if q.Repo == ebuild.UnknownRepo {
			return ""
		}
		return q.Repo
	case "SLOT":
		if q.Raw(key) == "" {
			return "0"
		}
	}
	if value := q.Raw(key); value != "" {
		return value
	}
	if p.env == nil {
		p.env = readEnvironment(filepath.Join(q.Path, "environment.bz2"), func(name string) bool { return !recorded(name) })
	}
	return p.env[key]
}

// recorded says if installed packages have a file for a variable, so that it is empty
// if there is none.
func recorded(name string) bool {
	return slices.Contains([]string{
		"BDEPEND", "BUILD_TIME", "CHOST", "COUNTER", "DEPEND", "DESCRIPTION", "EAPI", "HOMEPAGE", "IDEPEND", "BUILD_ID",
		"IUSE", "KEYWORDS", "LICENSE", "PDEPEND", "PROPERTIES", "RDEPEND", "repository", "RESTRICT", "SLOT", "USE",
		"DEFINED_PHASES", "PROVIDES", "REQUIRES", "IUSE_EFFECTIVE", "INHERITED",
	}, name) || strings.HasPrefix(name, "NEEDED")
}

// Repo is the name of the repository that the package is of or came from.
func (p *Package) Repo() string { return p.Value("repository") }

// Slot is SLOT as written.
func (p *Package) Slot() string { return p.Value("SLOT") }

// Overlay says if the package's ebuild is in another than the main repository, and
// known if there is an ebuild at all.
func (p *Package) Overlay() (overlay, known bool) {
	e := p.Ebuild()
	if e == nil {
		return false, false
	}
	main := p.system.Session.Repos.Main()
	return main == nil || e.Repo != main.Name, true
}

// Location says where the package is: "IPO", with "-" in the places of what it is not:
// installed, in the main repository, in another.
func (p *Package) Location() string {
	out := []byte("---")
	if p.Installed() != nil {
		out[0] = 'I'
	}
	if overlay, known := p.Overlay(); known && overlay {
		out[2] = 'O'
	} else if known {
		out[1] = 'P'
	}
	return string(out)
}

// Masks gives the reasons why the ebuild is masked, in Portage's words. It reports
// false if there is no ebuild.
func (p *Package) Masks() ([]string, bool) {
	e := p.Ebuild()
	if e == nil {
		return nil, false
	}
	if !p.masksRead {
		verdict := p.system.Root.Judge.Verdict(e)
		verdict.Reasons = slices.DeleteFunc(slices.Clone(verdict.Reasons), func(r visibility.Reason) bool {
			return r.Kind == visibility.KindInvalid
		})
		p.masks, p.masksRead = verdict.Texts(), true
	}
	return p.masks, true
}

// MaskReason gives the comment and the file of the package.mask entry that masks the
// ebuild, or false.
func (p *Package) MaskReason() (comment []string, file string, ok bool) {
	e := p.Ebuild()
	if e == nil {
		return nil, "", false
	}
	r := p.system.Root.Judge.Verdict(e).Find(visibility.KindMask)
	if r == nil {
		return nil, "", false
	}
	return r.Comment, r.Pos.File, true
}

// Visible says if the ebuild may be chosen.
func (s *System) Visible(p *ebuild.Package) bool {
	return s.Root.Judge.Verdict(p).VisibleWithout(visibility.KindInvalid)
}

// Contents gives the files of the installed package in the order recorded.
func (p *Package) Contents() ([]vdb.Content, []error) {
	q := p.Installed()
	if q == nil {
		return nil, nil
	}
	return p.system.Root.Installed.Contents(q)
}

// RealPath is where a file of a package is now.
func (s *System) RealPath(path string) string { return filepath.Join(s.Root.Path, path) }
