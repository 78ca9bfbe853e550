package ebuild

import (
	"cmp"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild/repos"
)

// UnknownRepo is the repository of a built package that names none; no atom can
// name it.
const UnknownRepo = "__unknown__"

// NoBuildID is the BuildID of packages without one.
const NoBuildID = -1

// A Package is one ebuild, binary package or installed package: an immutable
// value. Its lists are shared and must not be changed. Dependency trees are
// parsed on first use and kept; all methods are safe for concurrent use.
type Package struct {
	CPV    atoms.CPV
	Repo   string // name of its repository; UnknownRepo if a built package names none
	Origin Origin

	EAPI     *eapi.Features // nil if the EAPI is not supported
	EAPIName string         // "0" if none is set
	Slot     string         // "0" if SLOT is invalid
	Subslot  string         // equal to Slot if there is none
	Keywords []string       // in the order written
	IUSE     []IUSEFlag     // in the order written
	USE      []string       // flags enabled when it was built; nil for ebuilds

	BuildID int    // of a binary package; NoBuildID if none
	Size    int64  // bytes of a binary package; 0 unknown
	MTime   int64  // of the file or entry, seconds since 1970; 0 unknown
	Path    string // ebuild, cache entry, binary package or database entry; may be empty
	Remote  string // name of the binhost of a binary package; empty if it is here

	metadata Metadata
	pool     *Pool
	problems []error // found before the metadata could be looked at
	trees    trees
}

// An Input is everything that a package is made of.
type Input struct {
	CPV      atoms.CPV
	Repo     string
	Origin   Origin
	Metadata Metadata
	Path     string
	Remote   string
	Pool     *Pool   // may be nil
	Problems []error // reported first by Package.Invalid; for metadata that is missing or odd
}

// New makes a package. It never fails: what is wrong with the metadata is told
// by Package.Invalid.
func New(cpv atoms.CPV, repo string, origin Origin, m Metadata) *Package {
	return Make(Input{CPV: cpv, Repo: repo, Origin: origin, Metadata: m})
}

// Make makes a package of all its parts. It never fails.
func Make(in Input) *Package {
	if in.Metadata == nil {
		in.Metadata = noMetadata{}
	}
	m := in.Metadata
	p := &Package{
		CPV:      in.CPV,
		Repo:     in.Repo,
		Origin:   in.Origin,
		EAPIName: eapiName(m.Get("EAPI")),
		Keywords: in.Pool.parseKeywords(m.Get("KEYWORDS")),
		IUSE:     in.Pool.parseIUSE(m.Get("IUSE")),
		BuildID:  NoBuildID,
		Path:     in.Path,
		Remote:   in.Remote,
		metadata: m,
		pool:     in.Pool,
		problems: in.Problems,
	}
	if f, ok := eapi.Lookup(p.EAPIName); ok {
		p.EAPI = f
	}
	p.Slot, p.Subslot, _ = parseSlot(m.Get("SLOT"), p.features()) // Invalid tells
	p.MTime = parseInt(m.Get("_mtime_"), 0, 0)
	if in.Origin.Built() {
		p.fillBuilt()
	}
	return p
}

// As gives the package as one of another origin with the same metadata: an
// installed package as the binary package that could be made of it.
func (p *Package) As(o Origin) *Package {
	return Make(Input{CPV: p.CPV, Repo: p.Repo, Origin: o, Metadata: p.metadata, Pool: p.pool, Problems: p.problems})
}

// fillBuilt reads what only built packages record.
func (p *Package) fillBuilt() {
	m := p.metadata
	p.USE = strings.Fields(m.Get("USE"))
	p.BuildID = int(parseInt(m.Get("BUILD_ID"), NoBuildID, NoBuildID))
	p.Size = parseInt(m.Get("SIZE"), 0, 0)
	if p.Repo = repos.ValidName(p.Repo); p.Repo == "" {
		p.Repo = UnknownRepo
	}
}

// BuildTime is when a built package was built, in seconds since 1970: 0 unknown,
// -1 unreadable. Few requests ask, so that it is looked up each time.
func (p *Package) BuildTime() int64 { return p.builtNumber("BUILD_TIME", -1) }

// Counter tells the order in which installed packages were merged: 0 unknown.
func (p *Package) Counter() int64 { return p.builtNumber("COUNTER", 0) }

func (p *Package) builtNumber(key string, bad int64) int64 {
	if !p.Origin.Built() {
		return 0
	}
	return parseInt(p.metadata.Get(key), 0, bad)
}

// features is the EAPI of the package, or all features if it is not supported,
// as Portage has it.
func (p *Package) features() *eapi.Features {
	if p.EAPI != nil {
		return p.EAPI
	}
	return eapi.Permissive()
}

// CP is the qualified package name.
func (p *Package) CP() atoms.CP { return p.CPV.CP }

// Raw gives the raw metadata value of a key, or "".
func (p *Package) Raw(key string) string { return p.metadata.Get(key) }

// MayHaveBuiltSlots says if the recorded dependencies of a class can have atoms
// like cat/pkg:slot/sub=, without parsing them: if some "=" ends a word or stands
// before USE dependencies. Package moves, which make neither, are not applied.
func (p *Package) MayHaveBuiltSlots(class atoms.DepClass) bool {
	m := p.metadata
	if r, ok := m.(interface{ Recorded() Metadata }); ok {
		m = r.Recorded()
	}
	for text := m.Get(class.String()); ; {
		i := strings.IndexByte(text, '=')
		if i < 0 {
			return false
		}
		if text = text[i+1:]; text == "" || text[0] <= ' ' || text[0] == '[' {
			return true
		}
	}
}

// HasIUSE says whether IUSE names the flag. Flags that a profile adds to
// IUSE_EFFECTIVE are not known here.
func (p *Package) HasIUSE(flag string) bool {
	for _, f := range p.IUSE {
		if f.Name == flag {
			return true
		}
	}
	return false
}

// Candidate gives the package as atoms match it; flags may be nil.
func (p *Package) Candidate(flags atoms.FlagState) atoms.Candidate {
	return atoms.Candidate{CPV: p.CPV, Slot: p.Slot, Subslot: p.Subslot, Repo: p.Repo, BuildID: p.BuildID, Flags: flags}
}

// String gives "category/package-version:slot/subslot::repository".
func (p *Package) String() string {
	return p.CPV.String() + ":" + p.Slot + "/" + p.Subslot + "::" + p.Repo
}

// Compare orders packages by name, version, and for built ones by build time, as
// Portage orders them.
func (p *Package) Compare(q *Package) int {
	if c := p.CPV.Compare(q.CPV); c != 0 {
		return c
	}
	if p.Origin.Built() && q.Origin.Built() {
		return cmp.Compare(p.BuildTime(), q.BuildTime())
	}
	return 0
}
