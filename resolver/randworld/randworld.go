// Package randworld makes small random worlds for tests: ebuilds, installed
// packages, a world file and a request.
//
// A world is a function of its seed and size alone. The installed packages
// agree with each other: their run-time dependencies are met and none blocks
// another, so that a request starts from a sound state. The package knows no
// resolver and no reference; it writes texts in the words of package
// resolvertest and holds the same packages as sources in memory.
package randworld

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms"
	"github.com/tumpline/tumpline/ebuild"
)

// Repo is the name of the repository of all packages.
const Repo = "test_repo"

// A Size bounds what a world holds and says which features it uses.
// Probabilities are in percent.
type Size struct {
	Names    int  // names of packages; at least 1
	Versions int  // versions of one name at most
	Deps     int  // dependencies of one version at most
	Slots    int  // probability of a name with several slots
	Subslots int  // probability of a name whose versions have sub-slots
	Groups   int  // probability that a dependency is an any-of group
	Blockers int  // probability that a dependency is a blocker
	Flags    int  // probability of a package with USE flags, and of using them
	Built    int  // probability of a := operator on a dependency
	Required int  // probability of a REQUIRED_USE on a package with flags
	Testing  int  // probability of a version that is not stable
	Roots    int  // number of arguments at most
	Deep     int  // probability of the options -uD
	Acyclic  bool // packages only depend on names behind their own
}

// Small is the size of worlds that brute force can still answer.
func Small() Size {
	return Size{
		Names: 5, Versions: 3, Deps: 2, Slots: 25, Subslots: 25, Groups: 25, Blockers: 12, Flags: 35, Built: 20,
		Required: 15, Roots: 2, Deep: 40,
	}
}

// A Package is one ebuild or installed package.
type Package struct {
	CPV      string
	Metadata map[string]string
}

// A World is one random world with one request.
type World struct {
	Seed      uint64
	Ebuilds   []Package
	Installed []Package
	World     []string // lines of the world file
	Options   []string // of emerge: "--update", "--deep" or none
	Args      []string // atoms
}

// Text returns the world as a text world of package resolvertest. That form
// demands an expected line: "nothing" holds its place.
func (w *World) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# A random world (seed %d).\n", w.Seed)
	b.WriteString("-- repo --\n")
	writePackages(&b, w.Ebuilds)
	b.WriteString("-- installed --\n")
	writePackages(&b, w.Installed)
	b.WriteString("-- world --\n")
	for _, a := range w.World {
		b.WriteString(a + "\n")
	}
	fmt.Fprintf(&b, "-- emerge %s --\nnothing\n", strings.Join(append(slices.Clone(w.Options), w.Args...), " "))
	return b.String()
}

func writePackages(b *strings.Builder, list []Package) {
	for _, p := range list {
		b.WriteString(p.CPV)
		for _, key := range slices.Sorted(maps.Keys(p.Metadata)) {
			fmt.Fprintf(b, "  %s=%q", key, p.Metadata[key])
		}
		b.WriteString("\n")
	}
}

// A Source holds packages in memory; it is an ebuild.Source.
type Source struct {
	names []atoms.CP
	lists map[atoms.CP][]*ebuild.Package
}

// Packages returns the packages of a name, ascending.
func (s *Source) Packages(cp atoms.CP) ([]*ebuild.Package, error) { return s.lists[cp], nil }

// CPs returns the names of all packages, sorted.
func (s *Source) CPs() ([]atoms.CP, error) { return s.names, nil }

// All returns all packages by name and version.
func (s *Source) All() []*ebuild.Package {
	var all []*ebuild.Package
	for _, cp := range s.names {
		all = append(all, s.lists[cp]...)
	}
	return all
}

// EbuildSource returns the ebuilds as a source.
func (w *World) EbuildSource() *Source { return generated(w.Ebuilds, ebuild.OriginEbuild) }

// InstalledSource returns the installed packages as a source.
func (w *World) InstalledSource() *Source { return generated(w.Installed, ebuild.OriginInstalled) }

func generated(list []Package, origin ebuild.Origin) *Source {
	s, err := NewSource(list, origin)
	if err != nil {
		panic("internal error: generated name: " + err.Error())
	}
	return s
}

// NewSource holds packages of an origin. What their metadata does not say is
// EAPI 8, SLOT 0, KEYWORDS x86 and a COUNTER that rises. It is an error if a name
// is none.
func NewSource(list []Package, origin ebuild.Origin) (*Source, error) {
	s := &Source{lists: make(map[atoms.CP][]*ebuild.Package)}
	for i, p := range list {
		cpv, err := atoms.ParseCPV(p.CPV)
		if err != nil {
			return nil, err
		}
		m := ebuild.Map{"EAPI": "8", "SLOT": "0", "KEYWORDS": "x86", "COUNTER": fmt.Sprint(i + 1)}
		maps.Copy(m, p.Metadata)
		s.lists[cpv.CP] = append(s.lists[cpv.CP], ebuild.New(cpv, Repo, origin, m))
	}
	for _, l := range s.lists {
		slices.SortStableFunc(l, (*ebuild.Package).Compare)
	}
	s.names = slices.Sorted(maps.Keys(s.lists))
	return s, nil
}

// Lines reads packages from lines such as
//
//	cat/pkg-1 IUSE=+f RDEPEND=cat/a f? ( cat/b )
//
// A word of capital letters and "=" begins a value, which goes on to the next.
func Lines(lines []string) []Package {
	var out []Package
	for _, line := range lines {
		words := strings.Fields(line)
		p := Package{CPV: words[0], Metadata: make(map[string]string)}
		key := ""
		for _, w := range words[1:] {
			if k, v, ok := strings.Cut(w, "="); ok && k != "" && strings.ToUpper(k) == k && !strings.ContainsAny(k, "/<>~!:[") {
				key, w = k, v
				p.Metadata[key] = ""
			}
			p.Metadata[key] = strings.TrimSpace(p.Metadata[key] + " " + w)
		}
		out = append(out, p)
	}
	return out
}

// Generate makes the world of a seed.
func Generate(seed uint64, size Size) *World {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0x74756d706c696e65)), size: size, w: &World{Seed: seed}}
	g.plan()
	for _, n := range g.names {
		for i := range n.versions {
			g.ebuild(n, i)
		}
	}
	g.install()
	g.request()
	return g.w
}
